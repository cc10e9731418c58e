//! 工作池: 获取 takes a case out of the pool, 释放 puts it back; 待办事项 and 已办事项.
//!
//! Of any number of operators who take the same case at once exactly one gets it; the others are told who has it.
mod board;
mod http;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::counts))
        .routes(routes!(http::take_next))
        .routes(routes!(http::take))
        .routes(routes!(http::release))
        .routes(routes!(http::assignees))
        .routes(routes!(http::assign_case))
        .routes(routes!(board::board))
        .routes(routes!(board::board_cases))
        .routes(routes!(board::board_assignees))
        .routes(routes!(board::board_assign))
        .routes(routes!(board::board_release))
        .routes(routes!(http::todo))
        .routes(routes!(http::done))
}
