//! 申领查询 (manual 1.3): closed cases that came from the unit side, found, looked at whole, and exported to Excel.
//!
//! 导出 writes ALL the cases found, not only the page; finding nothing gives a file with the header.
mod http;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::search)).routes(routes!(http::export))
}
