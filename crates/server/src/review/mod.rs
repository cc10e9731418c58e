//! 申领初审 and 申领复审: a reviewer of the office takes a case out of the pool, sees everything read-only, and decides: 通过,
//! 退回 with a coded reason to 费用录入 or 材料上传, 不予给付 with a coded reason, or 撤案.
//!
//! Before that the reviewer says of each warning whether it is acceptable, and may cut amounts of a statement (核减): the benefit is
//! computed anew at once, what is reserved goes down with it, the statement stays as it was submitted. A cut that leaves nothing is a
//! denial. A case that goes back to 材料上传 with a list of what is missing (补正) waits for the member with its clock stopped.
//!
//! An approved case is paid, or goes to 申领复审 first: where its benefit reaches the branch's limit, where a warning about a
//! second payment or a late claim was answered, and where it is drawn (decision 0011). Who entered a case may not review it,
//! who approved it at 申领初审 may not approve it again, and neither of the two may pay it.
mod http;
mod judging;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::search))
        .routes(routes!(http::search_second))
        .routes(routes!(http::approve))
        .routes(routes!(http::return_case))
        .routes(routes!(http::deny))
        .routes(routes!(http::withdraw))
        .routes(routes!(judging::reduce))
        .routes(routes!(judging::unreduce))
        .routes(routes!(judging::answer_warning))
        .routes(routes!(judging::others))
}
