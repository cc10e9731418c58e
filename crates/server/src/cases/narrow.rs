//! What the search forms have in common: each narrows a selection of cases, or of what hangs on a member.
use chrono::NaiveDate;
use huzhu_domain::{ids::CaseNo, org::OrgKind};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, RelationDef, Select,
    prelude::Expr,
    sea_query::{SelectStatement, UnionType},
};

use crate::{
    entity::{case, member, org, plan_version},
    platform::{auth::Me, clock, coded::Coded, error::Problem, seal},
};

/// From a case to whom it is about.
#[must_use]
pub fn to_member() -> RelationDef {
    case::Entity::belongs_to(member::Entity).from(case::Column::MemberId).to(member::Column::Id).into()
}

/// Cases of the caller's branch, to be narrowed by a search.
#[must_use]
pub fn visible(me: &Me) -> Select<case::Entity> {
    case::Entity::find().filter(me.sees_case())
}

/// A search text that may be an ID number (also that of a record that was merged), a name or a 案件号: cases that it means.
#[must_use]
pub fn about(text: &str) -> Expr {
    match CaseNo::read(text) {
        Some(no) => case::Column::No.eq(no.as_str()),
        None => case::Column::MemberId.in_subquery(people(named(text))),
    }
}

/// Records of members whom a text names by ID number or name.
#[must_use]
pub fn named(text: &str) -> Condition {
    let text = text.trim();
    let id_number = huzhu_domain::id_number::normalise(text);
    Condition::any().add(seal::is(member::Column::IdNumber, id_number)).add(member::Column::Name.eq(text))
}

/// The ids of members whose record is meant, or whose record one was merged into that is meant. Two questions in one: each finds its
/// rows by an index, an OR over both would look at everybody.
#[must_use]
pub fn people(named: Condition) -> SelectStatement {
    let own = member::Entity::find().select_only().column(member::Column::Id).filter(named.clone());
    let merged = member::Entity::find()
        .select_only()
        .column(member::Column::MergedIntoId)
        .filter(named)
        .filter(member::Column::MergedIntoId.is_not_null());
    own.into_query().union(UnionType::Distinct, merged.into_query()).to_owned()
}

/// Cases of the caller's branch that a search box for 证件号码, 姓名 or 案件号 means; all of the branch where it is blank.
#[must_use]
pub fn visible_about(me: &Me, typed: Option<&str>) -> Select<case::Entity> {
    match text(typed) {
        Some(text) => case::Entity::find().filter(me.sees_case_found()).filter(about(text)),
        None => visible(me),
    }
}

/// Cases that aren't at an end. In so many words, as the indexes of open cases have it: few are open of all that there ever were.
#[must_use]
pub fn open() -> Expr {
    Expr::cust(r#""cases"."stage" NOT IN ('closed', 'deleted')"#)
}

/// Rare cases that are found one by one rather than on a walk through a branch.
const RARE: u64 = 5_000;

/// The cases for which something holds that has an index of its own, where they are few: they are found by it. Where they are many, the
/// walk in the order of the page soon has enough of them, and sorting them all would take longer.
///
/// # Errors
/// When the database fails.
pub async fn rare(db: &impl ConnectionTrait, holds: Condition) -> Result<Option<Vec<i64>>, Problem> {
    let some = case::Entity::find().filter(holds).select_only().column(case::Column::Id).limit(RARE + 1);
    let ids: Vec<i64> = some.into_tuple().all(db).await?;
    Ok((ids.len() as u64 <= RARE).then_some(ids))
}

/// What was typed into a search field; None where it is blank.
#[must_use]
pub fn text(typed: Option<&str>) -> Option<&str> {
    typed.map(str::trim).filter(|t| !t.is_empty())
}

/// Narrows a selection to days from–to, both included and each optional. Where a list is in the order of the moment, so is the question:
/// the index of the order finds where it begins.
#[must_use]
pub fn between(
    mut select: Select<case::Entity>,
    column: case::Column,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Select<case::Entity> {
    let moment = match column {
        case::Column::AcceptedOn => Some(case::Column::AcceptedAt),
        case::Column::ClosedOn => Some(case::Column::ClosedAt),
        _ => None,
    };
    if let Some(moment) = moment {
        let begin = from.map(|day| moment.gte(clock::start_of(day)));
        let end = to.and_then(|day| day.succ_opt()).map(|after| moment.lt(clock::start_of(after)));
        return select.filter(Condition::all().add_option(begin).add_option(end));
    }
    if let Some(from) = from {
        select = select.filter(column.gte(from));
    }
    if let Some(to) = to {
        select = select.filter(column.lte(to));
    }
    select
}

/// Narrows a selection to an office or agency. Which of both it is, is asked first: an OR over both would find no order in an index.
///
/// # Errors
/// When the database fails.
pub async fn of_org(
    db: &impl ConnectionTrait,
    select: Select<case::Entity>,
    org_id: Option<i64>,
) -> Result<Select<case::Entity>, Problem> {
    let Some(id) = org_id else { return Ok(select) };
    let kind: Option<Coded<OrgKind>> =
        org::Entity::find_by_id(id).select_only().column(org::Column::Kind).into_tuple().one(db).await?;
    let office = kind.is_some_and(|kind| kind.0 == OrgKind::Office);
    Ok(select.filter(if office { case::Column::OfficeId.eq(id) } else { case::Column::AgencyId.eq(id) }))
}

/// The versions of a 保障活动, by its code.
#[must_use]
pub fn versions_of(code: &str) -> SelectStatement {
    use plan_version::Column as C;
    plan_version::Entity::find().select_only().column(C::Id).filter(C::Code.eq(code)).into_query()
}
