//! 会员: finding members, everything about one of them (360°), and what of their coverages is used and left.
//!
//! Members are only read here: they come by 参保入会 and change by 变更管理. A member is known in a branch where their unit or
//! one of their coverages lies in it. A record that was merged into another one isn't found any more; its coverages and cases
//! show with the record that counts.
pub mod coverage;
mod http;
mod person;
mod store;
mod usage;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search))
        .routes(routes!(http::export))
        .routes(routes!(person::person))
        .routes(routes!(person::history))
        .routes(routes!(person::numbers))
        .routes(routes!(usage::usage))
}
