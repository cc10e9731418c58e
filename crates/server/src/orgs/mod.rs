//! 机构 · 单位 · 用户: the organisation, who works in it, and their sessions.
//!
//! Everybody belongs to one node of the tree and sees that node's branch. After [`session::MAX_FAILURES`] wrong
//! passwords in a row a name is locked for a while, whether or not there is such a user.
mod http;
pub mod session;
pub mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::about))
        .routes(routes!(session::sign_in, session::who_am_i, session::sign_out))
        .routes(routes!(session::change_password))
        .routes(routes!(http::org_options))
        .routes(routes!(http::unit_options))
}
