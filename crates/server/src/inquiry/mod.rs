//! 申领查询 (manual 1.3): closed cases that came from the unit side, found, looked at whole, and exported to Excel.
//! 信息查询: cases of all stages and coverages; 我的查询: searches that somebody keeps.
//!
//! 导出 writes ALL that was found, not only the page; finding nothing gives a file with the header.
mod cases;
mod coverages;
mod http;
mod saved;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search))
        .routes(routes!(http::export))
        .routes(routes!(cases::search))
        .routes(routes!(cases::export))
        .routes(routes!(coverages::search))
        .routes(routes!(coverages::export))
        .routes(routes!(saved::list, saved::add))
        .routes(routes!(saved::rename, saved::delete))
}
