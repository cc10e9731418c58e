//! 申领初审: a reviewer of the office takes a case out of the pool, sees everything read-only, and decides: 通过 to
//! 待支付, 退回 with a coded reason to 费用录入 or 材料上传, 不予给付 with a coded reason, or 撤案.
//!
//! Who entered a case may not review it.
mod http;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search))
        .routes(routes!(http::approve))
        .routes(routes!(http::return_case))
        .routes(routes!(http::deny))
        .routes(routes!(http::withdraw))
}
