//! 会员: what of a member's coverages is used and left. (Records and their changes come with 信息维护.)
pub mod coverage;
mod http;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::usage))
}
