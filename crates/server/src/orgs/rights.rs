//! Which rights people have, and whether the caller may decide about them.
use std::collections::HashMap;

use huzhu_domain::permission::{self, Permission, Role};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use crate::{
    entity::{org, role, role_right, user_own_role, user_role},
    platform::{auth::Me, error::Problem},
};

/// The roles of one person: built-in ones and those of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) roles: Vec<Role>,
    pub(super) own: Vec<i64>,
}

/// A role of a branch with what it ticks.
#[derive(Clone, Debug)]
pub(super) struct OwnRole {
    pub(super) row: role::Model,
    pub(super) rights: Vec<Permission>,
}

/// The roles of some people: two queries, however many they are.
pub(super) async fn held(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, Held>, Problem> {
    let mut out: HashMap<i64, Held> = HashMap::new();
    let built_in = user_role::Entity::find()
        .filter(user_role::Column::UserId.is_in(ids.clone()))
        .order_by_asc(user_role::Column::Role);
    for row in built_in.all(db).await? {
        out.entry(row.user_id).or_default().roles.push(row.role.0);
    }
    let own = user_own_role::Entity::find()
        .filter(user_own_role::Column::UserId.is_in(ids))
        .order_by_asc(user_own_role::Column::RoleId);
    for row in own.all(db).await? {
        out.entry(row.user_id).or_default().own.push(row.role_id);
    }
    Ok(out)
}

/// Roles of branches with what they tick, by id.
pub(super) async fn own_roles(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<OwnRole>, Problem> {
    let found = role::Entity::find().filter(which).order_by_asc(role::Column::Name).order_by_asc(role::Column::Id);
    let found = found.limit(500).all(db).await?;
    let ticked = role_right::Entity::find().filter(role_right::Column::RoleId.is_in(found.iter().map(|r| r.id)));
    let mut rights: HashMap<i64, Vec<Permission>> = HashMap::new();
    for row in ticked.all(db).await? {
        rights.entry(row.role_id).or_default().push(row.permission.0);
    }
    let with = |row: role::Model| {
        let mut rights = rights.remove(&row.id).unwrap_or_default();
        rights.sort_unstable();
        OwnRole { row, rights }
    };
    Ok(found.into_iter().map(with).collect())
}

/// Roles with these ids.
pub(super) fn with_ids(ids: &[i64]) -> Condition {
    Condition::all().add(role::Column::Id.is_in(ids.iter().copied()))
}

/// Roles that the caller sees: of the own branch, and of the nodes above.
pub(super) async fn visible(db: &impl ConnectionTrait, me: &Me) -> Result<Condition, Problem> {
    let below = org::Entity::find().select_only().column(org::Column::Id).filter(me.sees_org()).into_query();
    let own = org::Entity::find_by_id(me.org_id.0).one(db).await?.ok_or_else(Problem::not_found)?;
    let above = above(db, &own).await?;
    Ok(Condition::any().add(role::Column::OrgId.in_subquery(below)).add(role::Column::OrgId.is_in(above)))
}

/// The nodes from the society down to a node, itself included: whose roles its users may have.
pub(super) async fn above(db: &impl ConnectionTrait, node: &org::Model) -> Result<Vec<i64>, Problem> {
    let society = org::Entity::find().filter(org::Column::ParentId.is_null()).one(db).await?;
    let ids = [society.map(|s| s.id), node.office_id, node.agency_id, Some(node.id)];
    Ok(ids.into_iter().flatten().collect())
}

/// The rights that roles come to, those of roles out of use too: whoever puts such a role back into use doesn't ask again.
pub(super) fn of(held: &Held, own: &[OwnRole]) -> Vec<Permission> {
    let given = own.iter().filter(|r| held.own.contains(&r.row.id));
    let ticked: Vec<Permission> = given.flat_map(|r| r.rights.clone()).collect();
    permission::all_rights(&held.roles, &ticked)
}

/// Why the caller can't decide about somebody with these rights, or give them; nothing where it can.
pub(super) fn beyond(me: &Me, code: &str, rights: &[Permission]) -> Option<serde_json::Value> {
    let beyond = permission::beyond(&me.permissions, rights);
    (!beyond.is_empty()).then(|| json!({ "code": code, "args": { "permissions": beyond } }))
}

/// Which duties these rights join though they must stay apart.
pub(super) fn joined(rights: &[Permission]) -> Option<serde_json::Value> {
    let joined = permission::joined_duties(rights);
    (!joined.is_empty()).then(|| json!({ "code": "duties_joined", "args": { "permissions": joined } }))
}

/// Nothing may stand in the way.
pub(super) fn none(reasons: &[serde_json::Value]) -> Result<(), Problem> {
    if reasons.is_empty() { Ok(()) } else { Err(Problem::refused(reasons)) }
}

/// Everybody who has a role.
pub(super) async fn holders(db: &impl ConnectionTrait, role_id: i64) -> Result<Vec<i64>, Problem> {
    let rows = user_own_role::Entity::find().filter(user_own_role::Column::RoleId.eq(role_id)).all(db).await?;
    Ok(rows.into_iter().map(|r| r.user_id).collect())
}
