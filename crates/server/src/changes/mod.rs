//! 变更管理: nothing on record changes without somebody who asks and somebody else who approves.
//!
//! A change is asked for with its reason and papers; the records stay as they are. Who asked may not approve. The approval
//! asks everything again of the records as they are then (`domain::change::blockers`), with the rows locked, and puts the
//! change into effect in the same transaction. What was before is kept, so that a merge can be undone exactly.
mod apply;
mod ask;
mod decide;
mod duplicates;
mod export;
mod facts;
mod files;
mod http;
mod members;
mod store;
mod view;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use ask::{AskRequest, ask};
pub use decide::{DecisionRequest, decide};
pub use files::keep as keep_file;

use crate::{app::App, pictures};

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    let upload = OpenApiRouter::new().routes(routes!(files::upload)).layer(DefaultBodyLimit::max(pictures::max_form()));
    OpenApiRouter::new()
        .merge(upload)
        .routes(routes!(files::content))
        .routes(routes!(files::remove))
        .routes(routes!(members::find))
        .routes(routes!(members::record))
        .routes(routes!(duplicates::duplicates))
        .routes(routes!(http::search))
        .routes(routes!(export::export))
        .routes(routes!(ask::create))
        .routes(routes!(http::show))
        .routes(routes!(http::approve))
        .routes(routes!(http::refuse))
        .routes(routes!(http::withdraw))
}
