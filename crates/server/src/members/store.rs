//! The queries of 会员.
use std::collections::HashSet;

use chrono::NaiveDate;
use huzhu_domain::{coverage::CoverageState, id_number};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef, Select,
    sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr},
};

use super::http::MemberSearch;
use crate::{
    app::App,
    cases::rows,
    entity::{case, coverage, member, org},
    platform::{
        auth::Me,
        coded::Coded,
        db::Db,
        error::Problem,
        seal::{self, Sealed},
    },
};

/// Records that stand for one person, at most.
const MAX_MERGED: u64 = 20;

fn to_unit() -> RelationDef {
    coverage::Entity::belongs_to(org::Entity).from(coverage::Column::UnitId).to(org::Column::Id).into()
}

fn to_coverage() -> RelationDef {
    member::Entity::belongs_to(coverage::Entity).from(member::Column::Id).to(coverage::Column::MemberId).into()
}

/// Ids of the members that other records were merged into, by what is true of those records' coverages.
fn merged_having(of_coverage: Condition) -> SelectStatement {
    member::Entity::find()
        .join(JoinType::InnerJoin, to_coverage())
        .join(JoinType::InnerJoin, to_unit())
        .filter(member::Column::MergedIntoId.is_not_null())
        .filter(of_coverage)
        .select_only()
        .column(member::Column::MergedIntoId)
        .into_query()
}

/// The members that are known in the caller's branch: their unit lies in it, or a coverage that is or was in force. One that
/// waits for its fee makes nobody known: whoever confirms a roster would see the records of everybody on it.
pub(super) fn known(me: &Me) -> Condition {
    if me.sees_org().is_empty() {
        return Condition::all();
    }
    let units = org::Entity::find().filter(me.sees_org()).select_only().column(org::Column::Id).into_query();
    let covered = coverage::Entity::find()
        .filter(coverage::Column::UnitId.in_subquery(units.clone()))
        .filter(paid())
        .select_only()
        .column(coverage::Column::MemberId)
        .into_query();
    Condition::any()
        .add(member::Column::UnitId.in_subquery(units))
        .add(member::Column::Id.in_subquery(covered))
        .add(member::Column::Id.in_subquery(merged_having(me.sees_org().add(paid()))))
}

/// A member that is known in the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(app: &App, me: &Me, id: i64) -> Result<member::Model, Problem> {
    let found = member::Entity::find_by_id(id).filter(known(me)).one(app.db.read()).await?;
    found.ok_or_else(Problem::not_found)
}

/// The records that were merged into a member.
pub(super) async fn merged(app: &App, id: i64) -> Result<Vec<member::Model>, Problem> {
    let select = member::Entity::find().filter(member::Column::MergedIntoId.eq(id)).limit(MAX_MERGED);
    Ok(select.all(app.db.read()).await?)
}

/// The ids of all records that are this person's: its own, and those that were merged into it.
pub(super) async fn same_person(app: &App, member: &member::Model) -> Result<Vec<i64>, Problem> {
    let others = merged(app, member.id).await?;
    Ok(std::iter::once(member.id).chain(others.into_iter().map(|m| m.id)).collect())
}

/// Neither waiting for its fee nor void.
fn paid() -> SimpleExpr {
    coverage::Column::State.eq(Coded(CoverageState::Active))
}

/// In force on a day.
fn in_force(day: NaiveDate) -> Condition {
    Condition::all().add(paid()).add(coverage::Column::PeriodFrom.lte(day)).add(coverage::Column::PeriodTo.gte(day))
}

fn covered_on(day: NaiveDate) -> Condition {
    let own = coverage::Entity::find()
        .filter(Expr::col((coverage::Entity, coverage::Column::MemberId)).equals((member::Entity, member::Column::Id)))
        .filter(in_force(day))
        .select_only()
        .column(coverage::Column::Id)
        .into_query();
    Condition::any().add(Expr::exists(own)).add(member::Column::Id.in_subquery(merged_having(in_force(day))))
}

/// The members that a search means.
pub(super) fn narrowed(me: &Me, search: &MemberSearch, today: NaiveDate) -> Select<member::Entity> {
    use member::Column as C;
    let mut select =
        member::Entity::find().filter(C::MergedIntoId.is_null()).filter(C::ErasedOn.is_null()).filter(known(me));
    if let Some(text) = rows::text(search.text.as_deref()) {
        select = select.filter(about(me, text));
    }
    if let Some(id) = search.unit_id {
        select = select.filter(C::UnitId.eq(id));
    }
    if let Some(id) = search.org_id {
        let below = org::Column::OfficeId.eq(id).or(org::Column::AgencyId.eq(id)).or(org::Column::Id.eq(id));
        let units = org::Entity::find().filter(below).select_only().column(org::Column::Id).into_query();
        select = select.filter(C::UnitId.in_subquery(units));
    }
    if let Some(employment) = search.employment {
        select = select.filter(C::Employment.eq(Coded(employment)));
    }
    let day = search.covered_on.unwrap_or(today);
    match search.covered {
        Some(true) => select.filter(covered_on(day)),
        Some(false) => select.filter(covered_on(day).not()),
        None => select,
    }
}

/// A search text that may be an ID number (an old one too), a name, a phone number or a 案件号.
fn about(me: &Me, text: &str) -> Condition {
    use member::Column as C;
    let number = Sealed::from(id_number::normalise(text));
    let by_old_number = member::Entity::find()
        .filter(seal::is(C::IdNumber, &number))
        .filter(C::MergedIntoId.is_not_null())
        .select_only()
        .column(C::MergedIntoId)
        .into_query();
    let by_case = case::Entity::find()
        .filter(me.sees_case())
        .filter(case::Column::No.eq(text.to_uppercase()))
        .select_only()
        .column(case::Column::MemberId)
        .into_query();
    Condition::any()
        .add(seal::is(C::IdNumber, &number))
        .add(C::Name.eq(text))
        .add(seal::is(C::Phone, text))
        .add(C::Id.in_subquery(by_old_number))
        .add(C::Id.in_subquery(by_case))
}

/// Which of some members are covered on a day, by a coverage of their own or of a record that was merged into theirs.
pub(super) async fn covered_among(db: &Db, ids: Vec<i64>, day: NaiveDate) -> Result<HashSet<i64>, Problem> {
    let found: Vec<i64> = coverage::Entity::find()
        .filter(coverage::Column::MemberId.is_in(ids.iter().copied()))
        .filter(in_force(day))
        .select_only()
        .column(coverage::Column::MemberId)
        .into_tuple()
        .all(db.read())
        .await?;
    let by_merged: Vec<Option<i64>> = member::Entity::find()
        .join(JoinType::InnerJoin, to_coverage())
        .filter(member::Column::MergedIntoId.is_in(ids))
        .filter(in_force(day))
        .select_only()
        .column(member::Column::MergedIntoId)
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(found.into_iter().chain(by_merged.into_iter().flatten()).collect())
}
