//! 保障活动 and their versions: what the society promises, as dated data (`plans/*.toml`, docs/adding-a-plan.md).
//!
//! A version is written as a draft (草稿), proposed (提请发布) and published (发布) by a second person, only when its text has
//! no fault, every liability has examples that come out to the fen, and its dates follow on those of the plan's other
//! versions in the office without overlap or gap. Published versions are inserted, never changed; a case is computed by
//! the version of its coverage for ever. Everybody sees the published versions of their office; drafts are for who may
//! write them. What-if replays closed cases under a text and writes nothing.
mod check;
pub mod cli;
mod draft_http;
mod drafts;
mod examples;
mod http;
mod versions;
mod what_if;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use drafts::create as begin_draft;
pub use versions::{PlanVersions, publish};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search_versions))
        .routes(routes!(http::show_version))
        .routes(routes!(http::check))
        .routes(routes!(http::write))
        .routes(routes!(http::trial))
        .routes(routes!(draft_http::search_drafts))
        .routes(routes!(draft_http::create_draft))
        .routes(routes!(draft_http::show_draft, draft_http::save_draft))
        .routes(routes!(draft_http::propose))
        .routes(routes!(draft_http::send_back))
        .routes(routes!(draft_http::publish_draft))
        .routes(routes!(draft_http::discard))
        .routes(routes!(examples::from_case))
        .routes(routes!(what_if::what_if))
        .routes(routes!(what_if::export))
}
