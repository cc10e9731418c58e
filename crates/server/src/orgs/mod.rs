//! 机构 · 单位 · 用户 · 角色: the organisation, who works in it, what they may do, and their sessions.
//!
//! A node has one parent and a code that is given once. Moving it takes the branch and its cases along, and authority
//! with them; deactivating it wants nothing on its way, and shuts its users out. An administrator acts in the own branch
//! only, never on themself or on what they sit on, and gives no right that isn't theirs to give (decision 0007).
//!
//! Everybody belongs to one node of the tree and sees that node's branch. After [`failures::MAX_FAILURES`] wrong
//! passwords in a row a name is locked for a while, whether or not there is such a user.
mod account_list;
mod accounts;
mod failures;
mod fields;
mod history;
mod http;
mod moving;
mod node_acts;
mod nodes;
mod nodes_http;
mod rights;
mod roles;
mod roles_http;
mod second_factor;
pub mod session;
mod sessions;
mod sign_on;
mod unit_import;
mod unit_rows;
mod units_http;
pub mod users;
mod users_http;

pub use accounts::{UserForm, edit as edit_user};
pub use node_acts::edit as edit_node;
pub use roles::{RoleForm, create as create_role};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::about))
        .routes(routes!(session::sign_in, session::who_am_i, session::sign_out))
        .routes(routes!(session::change_password))
        .routes(routes!(sign_on::begin))
        .routes(routes!(sign_on::back))
        .routes(routes!(second_factor::new, second_factor::set))
        .routes(routes!(second_factor::remove))
        .routes(routes!(sessions::sign_ins))
        .routes(routes!(sessions::sign_out_one))
        .routes(routes!(http::org_options))
        .routes(routes!(http::unit_options))
        .routes(routes!(nodes_http::search_orgs))
        .routes(routes!(nodes_http::root))
        .routes(routes!(nodes_http::org_view, nodes_http::edit_org))
        .routes(routes!(nodes_http::next_code))
        .routes(routes!(nodes_http::create_org))
        .routes(routes!(nodes_http::move_org))
        .routes(routes!(nodes_http::deactivate_org))
        .routes(routes!(nodes_http::activate_org))
        .routes(routes!(nodes_http::delete_org))
        .merge(units_http::routes())
        .routes(routes!(users_http::search_users))
        .routes(routes!(users_http::create_user))
        .routes(routes!(users_http::user_view, users_http::edit_user))
        .routes(routes!(users_http::disable_user))
        .routes(routes!(users_http::enable_user))
        .routes(routes!(users_http::unlock_user))
        .routes(routes!(users_http::reset_password))
        .routes(routes!(users_http::reset_second_factor))
        .routes(routes!(users_http::forget_sign_on))
        .routes(routes!(roles_http::roles_view, roles_http::create_role))
        .routes(routes!(roles_http::edit_role))
}
