//! 费用录入 (manual 1.2): 待处理 holds newly accepted cases, 获取 moves one to 处理中; there payee, incident and
//! statements are entered, 申领计算 computes the 互助金额, and 申领提交 sends the case to 申领初审.
//!
//! A draft may be incomplete; 申领提交 wants everything, and a benefit that is not 0. What the sums or dates of the
//! statements make doubtful is a warning that wants a reason, never a wall.
mod http;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use http::{DraftRequest, calculate_case, save_draft_of};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search))
        .routes(routes!(http::save_draft))
        .routes(routes!(http::calculate))
        .routes(routes!(http::submit))
        .routes(routes!(http::hospital_options))
}
