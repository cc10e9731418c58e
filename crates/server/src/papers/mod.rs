//! 打印: the papers that a case leaves, as data for the print page. Which papers a case has, the domain says; what stands
//! on one, the server. Printing is logged: a paper carries personal data out of the system.
mod content;
mod http;
mod paper;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::print))
}
