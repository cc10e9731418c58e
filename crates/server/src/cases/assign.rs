//! 转派: who a case may be assigned to.
use std::collections::HashMap;

use huzhu_domain::{
    case::{Actor, may_take},
    ids::UserId,
    org::OrgKind,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::Evidence;
use crate::{
    entity::{case, org, user},
    platform::{auth, coded::Coded, error::Problem},
};

/// Somebody who could take a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Assignee {
    id: i64,
    name: String,
    /// The node that they belong to.
    org_name: String,
    /// How many cases lie in their hands.
    in_hand: u64,
}

#[derive(FromQueryResult)]
struct Colleague {
    id: i64,
    name: String,
    org_name: String,
}

/// Active people whose branch has the case; of those `only` where it is given.
async fn colleagues(
    db: &impl ConnectionTrait,
    row: &case::Model,
    only: Option<UserId>,
) -> Result<Vec<(Colleague, Actor)>, Problem> {
    let to_org: RelationDef =
        user::Entity::belongs_to(org::Entity).from(user::Column::OrgId).to(org::Column::Id).into();
    let nodes = [Some(row.office_id), row.agency_id, Some(row.unit_id)].into_iter().flatten();
    let branch = Condition::any().add(org::Column::Kind.eq(Coded(OrgKind::Society))).add(org::Column::Id.is_in(nodes));
    let mut select = user::Entity::find()
        .join(JoinType::InnerJoin, to_org)
        .filter(branch)
        .filter(org::Column::Active.eq(true))
        .filter(user::Column::Active.eq(true));
    if let Some(UserId(id)) = only {
        select = select.filter(user::Column::Id.eq(id));
    }
    let found = select
        .order_by_asc(user::Column::Name)
        .order_by_asc(user::Column::Id)
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .column_as(org::Column::Name, "org_name")
        .into_model::<Colleague>()
        .all(db)
        .await?;
    let mut rights = auth::rights_of(db, found.iter().map(|c| c.id).collect()).await?;
    let actor = |c: Colleague| {
        let (_, permissions) = rights.remove(&c.id).unwrap_or_default();
        let actor = Actor { id: UserId(c.id), permissions };
        (c, actor)
    };
    Ok(found.into_iter().map(actor).collect())
}

/// Somebody of the case's branch, as the rules look at them.
pub(super) async fn actor(db: &impl ConnectionTrait, row: &case::Model, id: UserId) -> Result<Option<Actor>, Problem> {
    Ok(colleagues(db, row, Some(id)).await?.pop().map(|(_, actor)| actor))
}

/// Everybody who could take the case, but who has it.
///
/// # Errors
/// When the database fails.
pub async fn assignees(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<Assignee>, Problem> {
    let case = Evidence::from(row).case()?;
    let fit = colleagues(db, row, None).await?.into_iter();
    let fit: Vec<Colleague> =
        fit.filter(|(c, a)| Some(c.id) != row.holder_id && may_take(&case, a)).map(|(c, _)| c).collect();
    let in_hand: HashMap<i64, i64> = case::Entity::find()
        .filter(case::Column::HolderId.is_in(fit.iter().map(|c| c.id)))
        .select_only()
        .column(case::Column::HolderId)
        .column_as(case::Column::Id.count(), "n")
        .group_by(case::Column::HolderId)
        .into_tuple::<(i64, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let of = |id: i64| in_hand.get(&id).and_then(|n| u64::try_from(*n).ok()).unwrap_or(0);
    let assignee = |c: Colleague| Assignee { in_hand: of(c.id), id: c.id, name: c.name, org_name: c.org_name };
    Ok(fit.into_iter().map(assignee).collect())
}
