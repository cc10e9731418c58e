//! 用户: the list, one of them, and what can be done to them.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use huzhu_domain::permission::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account_list::{self, UserState},
    accounts::{self, UserAct, UserForm},
    history::{self, AdminEvent},
    rights,
    session::BranchView,
};
use crate::{
    app::App,
    cases::rows,
    entity::{org, user},
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::{Page, Paging},
    },
};

/// The search form of users.
#[derive(Deserialize, ToSchema)]
pub struct UserSearch {
    /// Part of the name or the sign-in name.
    text: Option<String>,
    /// Of this branch.
    org_id: Option<i64>,
    /// With this built-in role.
    role: Option<Role>,
    /// With this role of a branch.
    own_role_id: Option<i64>,
    /// Whether they can sign in.
    state: Option<UserState>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// A role of a branch that somebody has.
#[derive(Serialize, ToSchema)]
pub struct GivenRole {
    id: i64,
    name: String,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub struct UserRow {
    id: i64,
    /// For the next act on it.
    version: i64,
    username: String,
    name: String,
    org: BranchView,
    roles: Vec<Role>,
    own_roles: Vec<GivenRole>,
    active: bool,
    /// Whether too many wrong passwords were tried a moment ago.
    locked: bool,
    /// Whether the first password waits to be changed.
    must_change_password: bool,
    /// Whether an authenticator is asked for at the sign-in.
    second_factor: bool,
    /// Whether they are bound to somebody at the identity provider.
    sign_on: bool,
    /// Null where nobody ever signed in by it, since this is written down.
    last_sign_in_at: Option<DateTime<Utc>>,
    /// Whether it is the caller.
    is_you: bool,
    /// Why the caller can't disable, reset or give roles to them.
    blockers: Vec<Notice>,
}

async fn listed(app: &App, me: &Me, found: Vec<user::Model>) -> Result<Vec<UserRow>, Problem> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let db = app.db.read();
    let mut held = rights::held(db, found.iter().map(|u| u.id).collect()).await?;
    let own_ids: Vec<i64> = held.values().flat_map(|h| h.own.clone()).collect();
    let own = rights::own_roles(db, rights::with_ids(&own_ids)).await?;
    let places = org::Entity::find().filter(org::Column::Id.is_in(found.iter().map(|u| u.org_id))).all(db).await?;
    let locked = account_list::locked_names(db, found.iter().map(|u| u.username.clone()).collect()).await?;
    let row = |u: user::Model| {
        let held = held.remove(&u.id).unwrap_or_default();
        let place = places.iter().find(|o| o.id == u.org_id)?;
        let blockers = accounts::blockers(me, u.id, &rights::of(&held, &own));
        let given = own.iter().filter(|r| held.own.contains(&r.row.id));
        Some(UserRow {
            org: BranchView { id: place.id, name: place.name.clone(), kind: place.kind.0 },
            own_roles: given.map(|r| GivenRole { id: r.row.id, name: r.row.name.clone() }).collect(),
            roles: held.roles,
            locked: locked.contains(&u.username),
            blockers: blockers.iter().map(|b| Notice::of(b, me.locale)).collect(),
            is_you: u.id == me.id.0,
            id: u.id,
            version: u.version,
            username: u.username,
            name: u.name,
            active: u.active,
            must_change_password: u.must_change_password,
            second_factor: !u.totp_secret.is_empty(),
            sign_on: !u.sign_on.is_empty(),
            last_sign_in_at: u.last_sign_in_at,
        })
    };
    Ok(found.into_iter().filter_map(row).collect())
}

/// The users of one's branch.
#[utoipa::path(post, path = "/api/users/search", tag = "users", request_body = UserSearch,
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = Page<UserRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search_users(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Json(search): Json<UserSearch>,
) -> Result<Json<Page<UserRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let narrowed = account_list::Narrowed {
        text: rows::text(search.text.as_deref()),
        org_id: search.org_id,
        role: search.role,
        own_role_id: search.own_role_id,
        state: search.state,
    };
    let (found, total) = account_list::page(app.db.read(), &me, narrowed, (paging.size(), paging.offset())).await?;
    Ok(Json(paging.answer(listed(&app, &me, found).await?, total)))
}

/// A user, whole.
#[derive(Serialize, ToSchema)]
pub struct UserDetail {
    /// What the list says of them.
    #[serde(flatten)]
    row: UserRow,
    /// Newest first.
    history: Vec<AdminEvent>,
}

async fn view(app: &App, me: &Me, id: i64) -> Result<UserDetail, Problem> {
    let found = account_list::find(app.db.read(), me, id).await?;
    let row = listed(app, me, vec![found]).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(UserDetail { row, history: history::of(&app.db, accounts::object(id)).await? })
}

/// A user of one's branch.
#[utoipa::path(get, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn user_view(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
) -> Result<Json<UserDetail>, Problem> {
    view(&app, &me, id).await.map(Json)
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
pub struct UserToMake {
    /// 3 to 32 of a–z, 0–9, `.`, `_`, `-`; never changed once given.
    username: String,
    /// What is kept about them.
    #[serde(flatten)]
    form: UserForm,
}

/// A first password: shown once, and to be changed at the first sign-in.
#[derive(Serialize, ToSchema)]
pub struct FirstPassword {
    id: i64,
    username: String,
    first_password: String,
}

/// Makes a user.
#[utoipa::path(post, path = "/api/users", tag = "users", request_body = UserToMake,
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 201, body = FirstPassword), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create_user(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Json(new): Json<UserToMake>,
) -> Result<(StatusCode, Json<FirstPassword>), Problem> {
    let username = new.username.trim().to_owned();
    let (id, first_password) = accounts::create(&app, &me, &username, &new.form).await?;
    Ok((StatusCode::CREATED, Json(FirstPassword { id, username, first_password })))
}

/// What is kept about a user, as it shall be.
#[derive(Deserialize, ToSchema)]
pub struct UserEdit {
    /// The version that the caller saw.
    version: i64,
    /// What is kept about them.
    #[serde(flatten)]
    form: UserForm,
}

/// Changes name, place and roles.
#[utoipa::path(put, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)), request_body = UserEdit,
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn edit_user(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(edit): Json<UserEdit>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::edit(&app, &me, id, edit.version, &edit.form).await?;
    view(&app, &me, id).await.map(Json)
}

/// The version of a record that the caller saw.
#[derive(Deserialize, ToSchema)]
pub struct SeenVersion {
    version: i64,
}

/// 停用: ends their sessions.
#[utoipa::path(post, path = "/api/users/{id}/disable", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn disable_user(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::act(&app, &me, id, seen.version, UserAct::Disable).await?;
    view(&app, &me, id).await.map(Json)
}

/// 启用.
#[utoipa::path(post, path = "/api/users/{id}/enable", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn enable_user(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::act(&app, &me, id, seen.version, UserAct::Enable).await?;
    view(&app, &me, id).await.map(Json)
}

/// 解锁: the wrong passwords are forgotten.
#[utoipa::path(post, path = "/api/users/{id}/unlock", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn unlock_user(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::act(&app, &me, id, seen.version, UserAct::Unlock).await?;
    view(&app, &me, id).await.map(Json)
}

/// 重置密码: a new first password; ends their sessions.
#[utoipa::path(post, path = "/api/users/{id}/reset-password", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = FirstPassword), (status = "4XX", body = ProblemBody)))]
pub(super) async fn reset_password(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<FirstPassword>, Problem> {
    let first_password = accounts::act(&app, &me, id, seen.version, UserAct::ResetPassword).await?.unwrap_or_default();
    let username = account_list::find(app.db.read(), &me, id).await?.username;
    Ok(Json(FirstPassword { id, username, first_password }))
}

/// 重置二次验证: takes the authenticator off, for somebody who lost it; ends their sessions.
#[utoipa::path(post, path = "/api/users/{id}/reset-second-factor", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn reset_second_factor(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::act(&app, &me, id, seen.version, UserAct::ResetSecondFactor).await?;
    view(&app, &me, id).await.map(Json)
}

/// 解除单点登录绑定: for an account that was made anew at the identity provider; ends their sessions.
#[utoipa::path(post, path = "/api/users/{id}/forget-sign-on", tag = "users", params(("id" = i64, Path)),
    request_body = SeenVersion, extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = UserDetail), (status = "4XX", body = ProblemBody)))]
pub(super) async fn forget_sign_on(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(seen): Json<SeenVersion>,
) -> Result<Json<UserDetail>, Problem> {
    accounts::act(&app, &me, id, seen.version, UserAct::ForgetSignOn).await?;
    view(&app, &me, id).await.map(Json)
}
