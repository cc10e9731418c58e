//! 调整隶属: a branch is hung on another node, with its cases and its history. From then on only the new branch has
//! authority; nothing is left with the old one.
use huzhu_domain::org::{OrgAct, OrgKind};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, JoinType, PaginatorTrait, QueryFilter,
    QuerySelect, RelationDef, sea_query::Expr,
};
use serde_json::json;

use super::{
    node_acts::{allow, branch_columns, changed_meanwhile},
    nodes,
};
use crate::{
    app::App,
    audit,
    cases::store::{self as cases, Moved},
    entity::{org, role, user, user_own_role},
    platform::{auth::Me, error::Problem},
    records::{self, Noted},
};

/// Hangs a node of the caller's branch on another parent of it.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with all the reasons why not.
pub async fn move_node(
    app: &App,
    me: &Me,
    id: i64,
    (version, parent_id): (i64, i64),
    reason: &str,
) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = move_in(&tx, me, id, (version, parent_id), reason).await;
    audit::finish(&app.db, tx, me.id.0, ("org_move", &id.to_string()), done).await
}

async fn move_in(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    (version, parent_id): (i64, i64),
    reason: &str,
) -> Result<(), Problem> {
    let [node, parent]: [org::Model; 2] =
        nodes::hold(tx, me, &[id, parent_id]).await?.try_into().map_err(|_| Problem::not_found())?;
    if node.version != version {
        return Err(changed_meanwhile());
    }
    allow(tx, me, &node, OrgAct::Move).await?;
    if node.parent_id == Some(parent.id) {
        return Err(Problem::invalid_field("parent_id", "same_parent"));
    }
    if !node.kind.0.hangs_on(parent.kind.0) {
        return Err(Problem::invalid_field("parent_id", "wrong_parent"));
    }
    if !parent.active {
        return Err(Problem::invalid_field("parent_id", "inactive"));
    }
    let (office, agency) = branch_columns(&parent);
    let own_agency = if node.kind.0 == OrgKind::Agency { Some(node.id) } else { None };
    let after_agency = own_agency.or(agency.map(|a| a.0));
    let above = [Some(office.0), after_agency, Some(node.id)];
    refuse_left_behind(tx, &node, &above).await?;
    let moved = org::Entity::find().filter(nodes::branch_of(&node)).all(tx).await?;
    org::Entity::update_many()
        .set(org::ActiveModel { office_id: Set(Some(office.0)), agency_id: Set(after_agency), ..Default::default() })
        .col_expr(org::Column::Version, Expr::col(org::Column::Version).add(1))
        .filter(nodes::branch_of(&node))
        .exec(tx)
        .await?;
    org::Entity::update(org::ActiveModel { id: Set(node.id), parent_id: Set(Some(parent.id)), ..Default::default() })
        .exec(tx)
        .await?;
    let what = match node.kind.0 {
        OrgKind::Agency => Moved::Agency(huzhu_domain::ids::OrgId(node.id)),
        _ => Moved::Unit(huzhu_domain::ids::OrgId(node.id)),
    };
    cases::move_branch(tx, me, what, (office, after_agency.map(huzhu_domain::ids::OrgId)), reason).await?;
    note_all(tx, me, (&node, &parent), &moved, reason).await
}

/// Writes the move into the history of every node that moved.
async fn note_all(
    tx: &DatabaseTransaction,
    me: &Me,
    (node, parent): (&org::Model, &org::Model),
    moved: &[org::Model],
    reason: &str,
) -> Result<(), Problem> {
    let office_id = parent.office_id;
    let names = org::Entity::find()
        .filter(org::Column::Id.is_in([node.parent_id, node.office_id, office_id].into_iter().flatten()))
        .all(tx)
        .await?;
    let name = |id: Option<i64>| names.iter().find(|o| Some(o.id) == id).map(|o| o.name.clone());
    let events: Vec<Noted> = moved
        .iter()
        .map(|n| {
            let mut was = json!({ "office": name(n.office_id) });
            let mut is = json!({ "office": name(office_id) });
            if n.id == node.id {
                was["parent"] = json!(name(node.parent_id));
                is["parent"] = json!(parent.name);
            } else {
                was["agency_moved"] = json!(null);
                is["agency_moved"] = json!(node.name);
            }
            Noted { id: n.id, act: "move", before: was, after: is }
        })
        .collect();
    records::note_all(tx, "org", Some(me.id.0), reason, &events).await?;
    Ok(())
}

/// A role stays with the branch that made it; whoever has one of the old branch's must get another first, or the old
/// branch would go on deciding about their rights.
async fn refuse_left_behind(tx: &DatabaseTransaction, node: &org::Model, above: &[Option<i64>]) -> Result<(), Problem> {
    let to_user: RelationDef =
        user_own_role::Entity::belongs_to(user::Entity).from(user_own_role::Column::UserId).to(user::Column::Id).into();
    let to_org: RelationDef =
        user::Entity::belongs_to(org::Entity).from(user::Column::OrgId).to(org::Column::Id).into();
    let to_role: RelationDef =
        user_own_role::Entity::belongs_to(role::Entity).from(user_own_role::Column::RoleId).to(role::Column::Id).into();
    let stays: Vec<i64> =
        [node.office_id, node.agency_id].into_iter().flatten().filter(|id| !above.contains(&Some(*id))).collect();
    let n = user_own_role::Entity::find()
        .join(JoinType::InnerJoin, to_user)
        .join(JoinType::InnerJoin, to_org)
        .join(JoinType::InnerJoin, to_role)
        .filter(nodes::branch_of(node))
        .filter(role::Column::OrgId.is_in(stays))
        .count(tx)
        .await?;
    if n == 0 {
        return Ok(());
    }
    Err(Problem::refused(&[json!({ "code": "roles_left_behind", "args": { "n": n } })]))
}
