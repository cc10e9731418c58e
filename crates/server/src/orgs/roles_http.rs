//! 角色: the built-in ones and those of a branch, as ticked rights.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::permission::{self, Permission, Role};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    rights::{self, OwnRole},
    roles::{self, RoleForm},
};
use crate::{
    app::App,
    cases::rows,
    entity::user_own_role,
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
        messages::Notice,
    },
};

/// A right, and whether the caller may give it.
#[derive(Serialize, ToSchema)]
pub struct RightView {
    permission: Permission,
    /// Whether it is one over the system itself.
    administrative: bool,
    may_give: bool,
}

/// A built-in role, which nobody changes.
#[derive(Serialize, ToSchema)]
pub struct BuiltInRole {
    role: Role,
    permissions: Vec<Permission>,
    /// Whether the caller may give it.
    may_give: bool,
}

/// A role of a branch.
#[derive(Serialize, ToSchema)]
pub struct OwnRoleView {
    id: i64,
    /// For the next act on it.
    version: i64,
    name: String,
    org_id: i64,
    org_name: String,
    active: bool,
    permissions: Vec<Permission>,
    /// 审批限额, in fen; null: no limit.
    approval_limit_fen: Option<i64>,
    /// How many have it.
    holders: u64,
    /// Whether the caller may give it.
    may_give: bool,
    /// Why the caller can't change it.
    blockers: Vec<Notice>,
}

/// All roles that the caller sees.
#[derive(Serialize, ToSchema)]
pub struct RolesView {
    rights: Vec<RightView>,
    built_in: Vec<BuiltInRole>,
    own: Vec<OwnRoleView>,
}

async fn view(app: &App, me: &Me) -> Result<RolesView, Problem> {
    let db = app.db.read();
    let may = |p: Permission| permission::may_give(&me.permissions, p);
    let found = rights::own_roles(db, rights::visible(db, me).await?).await?;
    let counts: Vec<(i64, i64)> = user_own_role::Entity::find()
        .filter(user_own_role::Column::RoleId.is_in(found.iter().map(|r| r.row.id)))
        .select_only()
        .column(user_own_role::Column::RoleId)
        .column_as(user_own_role::Column::UserId.count(), "n")
        .group_by(user_own_role::Column::RoleId)
        .into_tuple()
        .all(db)
        .await?;
    let mine = rights::held(db, vec![me.id.0]).await?.remove(&me.id.0).unwrap_or_default();
    let orgs = rows::org_names(&app.db, found.iter().map(|r| r.row.org_id)).await?;
    let mut own = Vec::with_capacity(found.len());
    let below: Vec<i64> = below(app, me, &found).await?;
    for OwnRole { row, rights: ticked } in found {
        let mut blockers: Vec<serde_json::Value> =
            rights::beyond(me, "rights_beyond_you", &ticked).into_iter().collect();
        if mine.own.contains(&row.id) {
            blockers.push(serde_json::json!({ "code": "role_is_yours", "args": {} }));
        }
        if !below.contains(&row.org_id) {
            blockers.push(serde_json::json!({ "code": "role_from_above", "args": {} }));
        }
        own.push(OwnRoleView {
            id: row.id,
            version: row.version,
            org_name: rows::name(&orgs, row.org_id),
            org_id: row.org_id,
            name: row.name,
            active: row.active,
            approval_limit_fen: row.approval_limit_fen,
            holders: counts.iter().find(|c| c.0 == row.id).map_or(0, |c| u64::try_from(c.1).unwrap_or_default()),
            may_give: row.active && ticked.iter().all(|p| may(*p)),
            permissions: ticked,
            blockers: blockers.iter().map(|b| Notice::of(b, me.locale)).collect(),
        });
    }
    let built_in = |role: Role| BuiltInRole {
        role,
        permissions: role.permissions().to_vec(),
        may_give: role.permissions().iter().all(|p| may(*p)),
    };
    let right = |p: Permission| RightView { permission: p, administrative: p.is_administrative(), may_give: may(p) };
    Ok(RolesView {
        rights: Permission::iter().map(right).collect(),
        built_in: Role::iter().map(built_in).collect(),
        own,
    })
}

/// The nodes of some roles that lie in the caller's branch.
async fn below(app: &App, me: &Me, found: &[OwnRole]) -> Result<Vec<i64>, Problem> {
    use crate::entity::org;
    let ids = found.iter().map(|r| r.row.org_id);
    let rows = org::Entity::find().filter(me.sees_org()).filter(org::Column::Id.is_in(ids)).all(app.db.read()).await?;
    Ok(rows.into_iter().map(|o| o.id).collect())
}

/// The roles of one's branch and of those above, and the built-in ones.
#[utoipa::path(get, path = "/api/roles", tag = "users",
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = RolesView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn roles_view(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
) -> Result<Json<RolesView>, Problem> {
    view(&app, &me).await.map(Json)
}

/// A role to be made.
#[derive(Deserialize, ToSchema)]
pub struct RoleToMake {
    /// Whose role it is; one's own node when absent.
    org_id: Option<i64>,
    /// What it ticks.
    #[serde(flatten)]
    form: RoleForm,
}

/// Makes a role.
#[utoipa::path(post, path = "/api/roles", tag = "users", request_body = RoleToMake,
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 201, body = RolesView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create_role(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Json(new): Json<RoleToMake>,
) -> Result<(StatusCode, Json<RolesView>), Problem> {
    roles::create(&app, &me, new.org_id.unwrap_or(me.org_id.0), &new.form).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &me).await?)))
}

/// What a role shall tick.
#[derive(Deserialize, ToSchema)]
pub struct RoleEdit {
    /// The version that the caller saw.
    version: i64,
    /// What it ticks.
    #[serde(flatten)]
    form: RoleForm,
}

/// Changes a role for everybody who has it.
#[utoipa::path(put, path = "/api/roles/{id}", tag = "users", params(("id" = i64, Path)), request_body = RoleEdit,
    extensions(("x-right" = json!("manage_users"))),
    responses((status = 200, body = RolesView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn edit_role(
    State(app): State<App>,
    me: Acting<can::ManageUsers>,
    Path(id): Path<i64>,
    Json(edit): Json<RoleEdit>,
) -> Result<Json<RolesView>, Problem> {
    roles::edit(&app, &me, id, edit.version, &edit.form).await?;
    view(&app, &me).await.map(Json)
}
