//! 请假代理: who is away when, and who takes their cases meanwhile.
//!
//! What follows from it is elsewhere: a stand-in sees those cases among what waits for them (`pools`) and may take them
//! (`domain::case`); whoever is away is assigned none (`cases::assign`).
mod act;
mod http;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use act::make;

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::absences, http::make_absence))
        .routes(routes!(http::stand_ins))
        .routes(routes!(http::end_absence))
}
