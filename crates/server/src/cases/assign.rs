//! 转派: who a case may be assigned to.
use std::collections::{BTreeSet, HashMap};

use huzhu_domain::{
    case::{Actor, Case, may_take},
    ids::UserId,
    org::OrgKind,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::Evidence;
use crate::{
    entity::{absence, case, org, user},
    platform::{auth, clock, coded::Coded, error::Problem},
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

/// Somebody with the node that they belong to.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Colleague {
    /// The user.
    pub id: i64,
    /// The name that is shown.
    pub name: String,
    org_id: i64,
    org_kind: Coded<OrgKind>,
    /// The node's name.
    pub org_name: String,
}

impl Colleague {
    fn sees(&self, row: &case::Model) -> bool {
        self.org_kind.0 == OrgKind::Society || nodes_of(row).contains(&self.org_id)
    }
}

/// The nodes whose people see the case, besides the society's.
fn nodes_of(row: &case::Model) -> Vec<i64> {
    [Some(row.office_id), row.agency_id, Some(row.unit_id)].into_iter().flatten().collect()
}

/// Somebody who could take some of several cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fitting {
    id: i64,
    name: String,
    /// The node that they belong to.
    org_name: String,
    /// How many cases lie in their hands.
    in_hand: u64,
    /// How many of the cases they could take, those in their own hands left out.
    fits: u64,
}

/// Who isn't away today.
fn here() -> Condition {
    let away = absence::Entity::find()
        .filter(auth::absences_on(clock::today()))
        .select_only()
        .column(absence::Column::UserId)
        .into_query();
    Condition::all().add(user::Column::Id.not_in_subquery(away))
}

/// Active people of the society and of some nodes, as far as `who` has them.
///
/// # Errors
/// When the database fails.
pub async fn colleagues(
    db: &impl ConnectionTrait,
    nodes: Vec<i64>,
    who: Condition,
) -> Result<Vec<(Colleague, Actor)>, Problem> {
    let to_org: RelationDef =
        user::Entity::belongs_to(org::Entity).from(user::Column::OrgId).to(org::Column::Id).into();
    let branch = Condition::any().add(org::Column::Kind.eq(Coded(OrgKind::Society))).add(org::Column::Id.is_in(nodes));
    let select = user::Entity::find()
        .join(JoinType::InnerJoin, to_org)
        .filter(branch)
        .filter(org::Column::Active.eq(true))
        .filter(user::Column::Active.eq(true))
        .filter(who);
    let found = select
        .order_by_asc(user::Column::Name)
        .order_by_asc(user::Column::Id)
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .column_as(org::Column::Id, "org_id")
        .column_as(org::Column::Kind, "org_kind")
        .column_as(org::Column::Name, "org_name")
        .into_model::<Colleague>()
        .all(db)
        .await?;
    let mut rights = auth::rights_of(db, found.iter().map(|c| c.id).collect()).await?;
    let actor = |c: Colleague| {
        let actor = rights.remove(&c.id).unwrap_or_default().actor(UserId(c.id));
        (c, actor)
    };
    Ok(found.into_iter().map(actor).collect())
}

/// Somebody of the case's branch, as the rules look at them.
pub(super) async fn actor(db: &impl ConnectionTrait, row: &case::Model, id: UserId) -> Result<Option<Actor>, Problem> {
    Ok(colleagues(db, nodes_of(row), here().add(user::Column::Id.eq(id.0))).await?.pop().map(|(_, actor)| actor))
}

/// Everybody whose branch has the case, as the rules look at them.
pub(super) async fn everybody(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<Actor>, Problem> {
    let found = colleagues(db, nodes_of(row), Condition::all()).await?;
    Ok(found.into_iter().map(|(_, actor)| actor).collect())
}

/// Everybody who could take the case, but who has it or is away.
///
/// # Errors
/// When the database fails.
pub async fn assignees(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<Assignee>, Problem> {
    let case = Evidence::from(row).case()?;
    let fit = colleagues(db, nodes_of(row), here()).await?.into_iter();
    let fit: Vec<Colleague> =
        fit.filter(|(c, a)| Some(c.id) != row.holder_id && may_take(&case, a)).map(|(c, _)| c).collect();
    let in_hand = in_hand(db, fit.iter().map(|c| c.id).collect()).await?;
    let of = |id: i64| in_hand.get(&id).copied().unwrap_or(0);
    let assignee = |c: Colleague| Assignee { in_hand: of(c.id), id: c.id, name: c.name, org_name: c.org_name };
    Ok(fit.into_iter().map(assignee).collect())
}

/// How many cases lie in somebody's hands.
async fn in_hand(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, u64>, Problem> {
    let found: Vec<(i64, i64)> = case::Entity::find()
        .filter(case::Column::HolderId.is_in(ids))
        .select_only()
        .column(case::Column::HolderId)
        .column_as(case::Column::Id.count(), "n")
        .group_by(case::Column::HolderId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(id, n)| (id, u64::try_from(n).unwrap_or(0))).collect())
}

/// Everybody who could take at least one of some cases, those who could take most first: a handful of queries, however
/// many cases there are.
///
/// # Errors
/// When the database fails.
pub async fn fitting(db: &impl ConnectionTrait, cases: &[case::Model]) -> Result<Vec<Fitting>, Problem> {
    let nodes: BTreeSet<i64> = cases.iter().flat_map(nodes_of).collect();
    let mut read = Vec::new();
    for row in cases {
        read.push((row, Evidence::from(row).case()?));
    }
    let fits = |(c, a): (Colleague, Actor)| {
        let can =
            |(row, case): &&(&case::Model, Case)| c.sees(row) && row.holder_id != Some(c.id) && may_take(case, &a);
        let fits = read.iter().filter(can).count() as u64;
        (fits > 0).then_some(Fitting { id: c.id, name: c.name, org_name: c.org_name, in_hand: 0, fits })
    };
    let found = colleagues(db, nodes.into_iter().collect(), here()).await?;
    let mut people: Vec<Fitting> = found.into_iter().filter_map(fits).collect();
    let in_hand = in_hand(db, people.iter().map(|p| p.id).collect()).await?;
    for one in &mut people {
        one.in_hand = in_hand.get(&one.id).copied().unwrap_or(0);
    }
    people.sort_by_key(|p| (std::cmp::Reverse(p.fits), p.in_hand));
    Ok(people)
}
