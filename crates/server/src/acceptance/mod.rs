//! 申领受理 (manual 1.1): what a member's coverages allow on the day of an incident, and the acceptance of a list of
//! claims in one go. A hospital claim begins at 材料上传, every other at 费用录入.
//!
//! 确认受理 is one transaction and repeatable: a request whose `Idempotency-Key` was seen before gets the first answer,
//! so a double click accepts nothing twice. 批量受理 takes the claims of an Excel file by the same rules and the same way in.
//!
//! A claim that looks like one that was made before is held up until somebody says why it is another one; the reason stays
//! on the case for the reviewer.
mod accept;
mod http;
mod import;
mod import_http;
mod line;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use accept::{AcceptRow, accept};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(import_http::routes())
        .routes(routes!(http::search))
        .routes(routes!(http::eligibility))
        .routes(routes!(http::accept))
        .routes(routes!(http::delete))
}
