//! 公告 and 通知: what a branch is told, and what concerns one person.
//!
//! A 公告 belongs to a node of the organisation; everybody whose own node lies in its branch reads it between its first and
//! its last day. It is published at once, never edited or deleted, but withdrawn. How many are unread is counted from the
//! read marks, so that publishing writes one row, however many read it. A 通知 is a row for one person, written by the act
//! that it tells of (`crate::notify`).
mod manage;
mod messages;
mod read;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use manage::{NewNotice, publish};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read::list, manage::add))
        .routes(routes!(read::show))
        .routes(routes!(read::mark))
        .routes(routes!(read::mark_all))
        .routes(routes!(manage::search))
        .routes(routes!(manage::withdraw))
        .routes(routes!(messages::list))
        .routes(routes!(messages::mark))
        .routes(routes!(messages::mark_all))
        .routes(routes!(messages::counts))
}
