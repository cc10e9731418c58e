//! The queries of 变更管理.
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    change::{Change, ChangeKind, ChangeState, MemberData},
    coverage::CoverageState,
    ids::CaseNo,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
    prelude::Expr,
    sea_query::{LockType, OnConflict, SelectStatement},
};
use serde::{Deserialize, Serialize};

use super::http::{ChangeRow, ChangeSearch};
use crate::{
    cases::rows,
    entity::{case, change, change_number, member, org},
    platform::{auth::Me, clock, coded::Coded, db::Db, error::Problem, seal::Sealed},
};

/// What was on record when a change was asked for, as far as the change is about it, and what went over at a merge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Before {
    pub(super) member: Option<MemberData>,
    pub(super) other: Option<MemberData>,
    pub(super) unit_id: Option<i64>,
    pub(super) coverage: Option<CoverageData>,
    pub(super) moved: Moved,
}

impl Before {
    /// Whether the records say the same; what goes over is counted only when it goes.
    pub(super) fn holds(&self, now: &Self) -> bool {
        (&self.member, &self.other, self.unit_id, &self.coverage)
            == (&now.member, &now.other, now.unit_id, &now.coverage)
    }
}

/// The rows that a change took over to another owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) coverages: Vec<i64>,
    pub(super) cases: Vec<i64>,
    /// Coverages that became superfluous, with the state that they had.
    #[serde(default)]
    pub(super) doubled: Vec<(i64, CoverageState)>,
    /// Records that had been merged into the one that goes.
    pub(super) followers: Vec<i64>,
}

/// A coverage as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CoverageData {
    pub(super) plan: String,
    pub(super) plan_name: String,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) shares: i32,
}

/// A member's data as they are on record.
pub(super) fn data_of(row: &member::Model) -> MemberData {
    MemberData {
        name: row.name.clone(),
        id_kind: row.id_kind.0,
        id_number: row.id_number.as_str().to_owned(),
        birth_date: row.birth_date,
        sex: row.sex.map(|s| s.0),
        phone: row.phone.as_str().to_owned(),
        employment: row.employment.0,
    }
}

pub(super) fn before_of(row: &change::Model) -> Result<Before, Problem> {
    Ok(serde_json::from_str(row.before.as_str())?)
}

pub(super) fn after_of(row: &change::Model) -> Result<Change, Problem> {
    Ok(serde_json::from_str(row.after.as_str())?)
}

/// From a member to the unit.
pub(super) fn to_unit() -> RelationDef {
    member::Entity::belongs_to(org::Entity).from(member::Column::UnitId).to(org::Column::Id).into()
}

/// A member of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn member(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<member::Model, Problem> {
    let found =
        member::Entity::find_by_id(id).join(JoinType::InnerJoin, to_unit()).filter(me.sees_org()).one(db).await?;
    found.ok_or_else(Problem::not_found)
}

/// Holds members' rows until the transaction ends, always in the same order.
///
/// # Errors
/// 409 where one of them was erased: nothing of it can be changed any more.
pub(super) async fn lock_members(tx: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<member::Model>, Problem> {
    let found = member::Entity::find()
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(member::Column::Id)
        // Who only refers to a member, as an acceptance does, isn't kept waiting.
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    if found.iter().any(|m| m.erased_on.is_some()) {
        return Err(Problem::new(StatusCode::CONFLICT, "member_erased"));
    }
    Ok(found)
}

/// Changes of the caller's branch.
pub(super) fn visible(me: &Me) -> Select<change::Entity> {
    // Where the unit lies now: a unit that was moved takes its changes along.
    let to_unit: RelationDef =
        change::Entity::belongs_to(org::Entity).from(change::Column::UnitId).to(org::Column::Id).into();
    change::Entity::find().join(JoinType::InnerJoin, to_unit).filter(me.sees_org())
}

/// A change of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<change::Model, Problem> {
    visible(me).filter(change::Column::Id.eq(id)).one(db).await?.ok_or_else(Problem::not_found)
}

/// The same, its row locked until the transaction ends.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn lock(tx: &impl ConnectionTrait, me: &Me, id: i64) -> Result<change::Model, Problem> {
    // Of the join with the unit only the change itself is to be held.
    find(tx, me, id).await?;
    change::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or_else(Problem::not_found)
}

/// 变更号 of a change that waits for its decision and is about the same thing.
pub(super) async fn open(
    db: &impl ConnectionTrait,
    change: &Change,
    member_id: i64,
    except: Option<i64>,
) -> Result<Option<String>, Problem> {
    use change::Column as C;
    let about = match (change.coverage_id(), change.other_id()) {
        (Some(coverage), _) => Condition::any().add(C::CoverageId.eq(coverage)),
        (None, Some(other)) => {
            Condition::all().add(C::Kind.is_in([Coded(ChangeKind::Merge), Coded(ChangeKind::Unmerge)])).add(
                Condition::any()
                    .add(C::MemberId.is_in([member_id, other]))
                    .add(C::OtherMemberId.is_in([member_id, other])),
            )
        }
        (None, None) => Condition::all().add(C::MemberId.eq(member_id)).add(C::Kind.eq(Coded(change.kind()))),
    };
    let found = change::Entity::find()
        .filter(C::State.eq(Coded(ChangeState::Proposed)))
        .filter(C::Id.ne(except.unwrap_or_default()))
        .filter(about)
        .one(db)
        .await?;
    Ok(found.map(|c| c.no))
}

/// The merge that brought a record in by itself, as it was approved last.
pub(super) async fn merge_of(
    db: &impl ConnectionTrait,
    member_id: i64,
    other_id: i64,
) -> Result<Option<Moved>, Problem> {
    use change::Column as C;
    let found = change::Entity::find()
        .filter(C::OtherMemberId.eq(other_id))
        .filter(C::MemberId.eq(member_id))
        .filter(C::Kind.eq(Coded(ChangeKind::Merge)))
        .filter(C::State.eq(Coded(ChangeState::Approved)))
        .order_by_desc(C::Id)
        .one(db)
        .await?;
    found.map(|row| before_of(&row).map(|b| b.moved)).transpose()
}

/// The next 变更号 of an office.
pub(super) async fn next_no(tx: &impl ConnectionTrait, office_code: &str) -> Result<String, Problem> {
    use change_number::Column as C;
    let day = clock::today();
    let row = change_number::ActiveModel { office_code: Set(office_code.to_owned()), day: Set(day), next: Set(2) };
    let more = Expr::col((change_number::Entity, C::Next)).add(1);
    let again = OnConflict::columns([C::OfficeCode, C::Day]).value(C::Next, more).to_owned();
    change_number::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    let found = change_number::Entity::find_by_id((office_code.to_owned(), day)).one(tx).await?;
    let next = found.ok_or_else(|| Problem::internal("change number vanished"))?.next;
    Ok(format!("BG{office_code}{}{:05}", day.format("%Y%m%d"), next - 1))
}

/// Members that a text may mean: an ID number (also that of a record that was merged), a name or a 案件号.
pub(super) fn members_about(text: &str) -> SelectStatement {
    match CaseNo::read(text) {
        Some(no) => case::Entity::find()
            .select_only()
            .column(case::Column::MemberId)
            .filter(case::Column::No.eq(no.as_str()))
            .into_query(),
        None => rows::people(rows::named(text)),
    }
}

/// The changes that a search means, in the caller's branch.
pub(super) fn narrowed(me: &Me, search: &ChangeSearch) -> Select<change::Entity> {
    use change::Column as C;
    let mut select = visible(me);
    if let Some(text) = rows::text(search.text.as_deref()) {
        let about = Condition::any()
            .add(C::No.eq(text.to_uppercase()))
            .add(C::MemberId.in_subquery(members_about(text)))
            .add(C::OtherMemberId.in_subquery(members_about(text)));
        select = select.filter(about);
    }
    if let Some(kind) = search.kind {
        select = select.filter(C::Kind.eq(Coded(kind)));
    }
    if let Some(state) = search.state {
        select = select.filter(C::State.eq(Coded(state)));
    }
    if let Some(id) = search.org_id {
        select = select.filter(org::Column::OfficeId.eq(id).or(org::Column::AgencyId.eq(id)));
    }
    if let Some(unit) = search.unit_id {
        select = select.filter(C::UnitId.eq(unit));
    }
    if let Some(member) = search.member_id {
        select = select.filter(Condition::any().add(C::MemberId.eq(member)).add(C::OtherMemberId.eq(member)));
    }
    if let Some(from) = search.from {
        select = select.filter(C::AskedAt.gte(clock::start_of(from)));
    }
    if let Some(after) = search.to.and_then(|to| to.succ_opt()) {
        select = select.filter(C::AskedAt.lt(clock::start_of(after)));
    }
    select
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    kind: Coded<ChangeKind>,
    state: Coded<ChangeState>,
    version: i64,
    unit_id: i64,
    unit_name: String,
    office_id: Option<i64>,
    agency_id: Option<i64>,
    effective_on: Option<NaiveDate>,
    asked_by_id: i64,
    asked_at: DateTime<Utc>,
    decided_by_id: Option<i64>,
    decided_at: Option<DateTime<Utc>>,
    member_name: String,
    id_number: Sealed,
}

/// The rows of a bounded selection, newest first: two queries more for the names.
pub(super) async fn rows_of(db: &Db, select: Select<change::Entity>) -> Result<Vec<ChangeRow>, Problem> {
    use change::Column as C;
    let to_member: RelationDef =
        change::Entity::belongs_to(member::Entity).from(C::MemberId).to(member::Column::Id).into();
    let found = select
        .join(JoinType::InnerJoin, to_member)
        .order_by_desc(C::Id)
        .select_only()
        .columns([C::Id, C::No, C::Kind, C::State, C::Version, C::UnitId, C::EffectiveOn])
        .columns([C::AskedById, C::AskedAt, C::DecidedById, C::DecidedAt])
        .column_as(org::Column::Name, "unit_name")
        .columns([org::Column::OfficeId, org::Column::AgencyId])
        .column_as(member::Column::Name, "member_name")
        .column_as(member::Column::IdNumber, "id_number")
        .into_model::<Found>()
        .all(db.read())
        .await?;
    let above = |f: &Found| f.agency_id.or(f.office_id).unwrap_or(f.unit_id);
    let orgs = rows::org_names(db, found.iter().map(above)).await?;
    let user_ids = found.iter().flat_map(|f| std::iter::once(f.asked_by_id).chain(f.decided_by_id));
    let users = rows::user_names(db, user_ids).await?;
    let row = |f: Found| ChangeRow {
        org_name: rows::name(&orgs, above(&f)),
        id: f.id,
        no: f.no,
        kind: f.kind.0,
        state: f.state.0,
        version: f.version,
        member_name: f.member_name,
        id_number: f.id_number.into_string(),
        unit_name: f.unit_name,
        effective_on: f.effective_on,
        asked_by_name: rows::name(&users, f.asked_by_id),
        asked_at: f.asked_at,
        decided_by_name: f.decided_by_id.map(|id| rows::name(&users, id)),
        decided_at: f.decided_at,
    };
    Ok(found.into_iter().map(row).collect())
}
