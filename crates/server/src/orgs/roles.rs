//! Roles of a branch as ticked rights, beside the built-in ones.
use huzhu_domain::{money::MAX_AMOUNT, permission::Permission};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
    SqlErr, sea_query::LockType,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    fields::Faults,
    history::difference,
    node_acts::changed_meanwhile,
    nodes,
    rights::{self, OwnRole},
};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{org, role, role_right},
    platform::{auth::Me, coded::Coded, error::Problem},
    records::{self, Object},
};

/// What a role ticks.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RoleForm {
    /// Its name.
    pub name: String,
    /// The rights that it gives.
    pub permissions: Vec<Permission>,
    /// Whether it gives them now.
    pub active: bool,
    /// 审批限额: the largest benefit that who reviews by this role may grant alone, in fen; null: no limit.
    pub approval_limit_fen: Option<i64>,
}

const fn object(id: i64) -> Object {
    Object { kind: "role", id }
}

fn checked(form: &RoleForm) -> Result<(String, Vec<Permission>), Problem> {
    let mut faults = Faults::default();
    let name = faults.required("name", &form.name, 40);
    let mut permissions = form.permissions.clone();
    permissions.sort_unstable();
    permissions.dedup();
    if permissions.is_empty() {
        faults.add("permissions", "required");
    }
    let reviews = permissions.iter().any(|p| matches!(p, Permission::FirstReview | Permission::SecondReview));
    match form.approval_limit_fen {
        Some(_) if !reviews => faults.add("approval_limit_fen", "not_of_these_rights"),
        Some(n) if n < 0 => faults.add("approval_limit_fen", "negative"),
        Some(n) if n > MAX_AMOUNT.0 => faults.add("approval_limit_fen", "too_large"),
        _ => {}
    }
    faults.into_result().map(|()| (name, permissions))
}

fn taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field("name", "taken"),
        _ => error.into(),
    }
}

fn told(name: &str, active: bool, permissions: &[Permission], limit_fen: Option<i64>) -> Value {
    json!({ "name": name, "active": active, "permissions": permissions, "approval_limit_fen": limit_fen })
}

/// Makes a role of a node of the caller's branch and returns its id.
///
/// # Errors
/// 404 where the node isn't in the branch, 422 with all that keeps it from happening.
pub async fn create(app: &App, me: &Me, org_id: i64, form: &RoleForm) -> Result<i64, Problem> {
    let (name, permissions) = checked(form)?;
    let tx = app.db.begin().await?;
    let node = nodes::hold(&tx, me, &[org_id]).await?.remove(0);
    if !node.active {
        return Err(Problem::invalid_field("org_id", "inactive"));
    }
    let reasons = [rights::beyond(me, "rights_beyond_you", &permissions), rights::joined(&permissions)];
    rights::none(&reasons.into_iter().flatten().collect::<Vec<_>>())?;
    let row = role::ActiveModel {
        org_id: Set(org_id),
        name: Set(name.clone()),
        active: Set(form.active),
        approval_limit_fen: Set(form.approval_limit_fen),
        ..Default::default()
    };
    let id = role::Entity::insert(row).exec(&tx).await.map_err(taken)?.last_insert_id;
    tick(&tx, id, &permissions).await?;
    let after = told(&name, form.active, &permissions, form.approval_limit_fen);
    records::note(&tx, object(id), Some(me.id.0), "create", "", (&json!({}), &after)).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "role_create", id)]).await?;
    Ok(id)
}

async fn tick(tx: &DatabaseTransaction, id: i64, permissions: &[Permission]) -> Result<(), Problem> {
    role_right::Entity::delete_many().filter(role_right::Column::RoleId.eq(id)).exec(tx).await?;
    let rows = permissions.iter().map(|p| role_right::ActiveModel { role_id: Set(id), permission: Set(Coded(*p)) });
    role_right::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A role that the caller may change: of a node of the own branch.
fn changeable(me: &Me) -> Condition {
    use sea_orm::QueryTrait;
    let below = org::Entity::find().select_only().column(org::Column::Id).filter(me.sees_org()).into_query();
    Condition::all().add(role::Column::OrgId.in_subquery(below))
}

/// Changes what a role ticks, for everybody who has it.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with all that keeps it from happening.
pub async fn edit(app: &App, me: &Me, id: i64, version: i64, form: &RoleForm) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = edit_in(&tx, me, id, version, form).await;
    audit::finish(&app.db, tx, me.id.0, ("role_edit", &id.to_string()), done).await
}

async fn edit_in(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64, form: &RoleForm) -> Result<(), Problem> {
    let (name, permissions) = checked(form)?;
    role::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?;
    let found = rights::own_roles(tx, changeable(me).add(role::Column::Id.eq(id))).await?.pop();
    let before = found.ok_or_else(Problem::not_found)?;
    if before.row.version != version {
        return Err(changed_meanwhile());
    }
    let holders = rights::holders(tx, id).await?;
    let mut reasons = Vec::new();
    let mut touched = before.rights.clone();
    touched.extend(&permissions);
    if holders.contains(&me.id.0) {
        reasons.push(json!({ "code": "role_is_yours", "args": {} }));
    }
    reasons.extend(rights::beyond(me, "rights_beyond_you", &touched));
    reasons.extend(rights::joined(&permissions));
    if reasons.is_empty() && form.active {
        let after = OwnRole { row: role::Model { active: true, ..before.row.clone() }, rights: permissions.clone() };
        reasons.extend(joined_by(tx, holders, &before, after).await?);
    }
    rights::none(&reasons)?;
    let row = role::ActiveModel {
        id: Set(id),
        name: Set(name.clone()),
        active: Set(form.active),
        approval_limit_fen: Set(form.approval_limit_fen),
        version: Set(version + 1),
        ..Default::default()
    };
    role::Entity::update(row).exec(tx).await.map_err(taken)?;
    tick(tx, id, &permissions).await?;
    let was = told(&before.row.name, before.row.active, &before.rights, before.row.approval_limit_fen);
    let (was, is) = difference(&was, &told(&name, form.active, &permissions, form.approval_limit_fen));
    records::note(tx, object(id), Some(me.id.0), "edit", "", (&was, &is)).await?;
    Ok(())
}

/// Whether the change would join duties in the hands of somebody who has the role beside others.
async fn joined_by(
    tx: &DatabaseTransaction,
    holders: Vec<i64>,
    before: &OwnRole,
    after: OwnRole,
) -> Result<Option<Value>, Problem> {
    let gains = !before.row.active || after.rights.iter().any(|r| !before.rights.contains(r));
    if !gains || holders.is_empty() {
        return Ok(None);
    }
    let held = rights::held(tx, holders).await?;
    let mut ids: Vec<i64> = held.values().flat_map(|h| h.own.clone()).filter(|id| *id != after.row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut own = rights::own_roles(tx, rights::with_ids(&ids)).await?;
    own.push(after);
    let n = held.values().filter(|h| rights::joined(&rights::of(h, &own)).is_some()).count();
    Ok((n > 0).then(|| json!({ "code": "role_joins_duties", "args": { "n": n } })))
}
