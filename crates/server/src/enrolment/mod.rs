//! 参保入会 · 信息采集: a batch enrols a unit's people under a plan version for a period.
//!
//! A roster is uploaded and stored; every row is judged (`check`) and kept with its verdict, in the background, by
//! whichever server holds the lease (`work`). Who made the batch looks at the verdicts, takes the faulty rows back as an
//! Excel file, and confirms the good ones: members and coverages come into being in one transaction, the coverages waiting
//! for their fee. 到账确认 by somebody else puts them into force; a batch that is sent back or given up leaves them void.
mod act;
mod check;
pub mod cli;
mod files;
mod http;
mod new;
mod store;
mod view;
mod work;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use act::{Confirmation, act};
pub use new::{NewBatch, create};
pub use work::{run, watch};

use crate::{app::App, platform::intake};

/// The most rows of one roster.
pub const MAX_ROWS: u32 = 200_000;
/// What a multipart body carries besides the file.
const ENVELOPE: usize = 64 * 1024;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    let upload = OpenApiRouter::new()
        .routes(routes!(new::upload))
        .layer(DefaultBodyLimit::max(usize::try_from(intake::MAX_BYTES).unwrap_or(usize::MAX) + ENVELOPE));
    OpenApiRouter::new()
        .merge(upload)
        .routes(routes!(files::template))
        .routes(routes!(new::plans))
        .routes(routes!(http::search))
        .routes(routes!(files::export))
        .routes(routes!(http::get))
        .routes(routes!(http::rows))
        .routes(routes!(files::faulty))
        .routes(routes!(http::recheck))
        .routes(routes!(http::confirm))
        .routes(routes!(http::discard))
        .routes(routes!(http::confirm_fee))
        .routes(routes!(http::return_batch))
}
