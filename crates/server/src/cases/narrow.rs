//! What the search forms have in common: each narrows a selection of cases, or of what hangs on a member.
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef,
    Select, sea_query::SelectStatement,
};

use crate::{
    entity::{case, member, plan_version},
    platform::{auth::Me, seal},
};

/// From a case to whom it is about.
#[must_use]
pub fn to_member() -> RelationDef {
    case::Entity::belongs_to(member::Entity).from(case::Column::MemberId).to(member::Column::Id).into()
}

/// Cases of the caller's branch, with the member joined, to be narrowed by a search.
#[must_use]
pub fn visible(me: &Me) -> Select<case::Entity> {
    case::Entity::find().join(JoinType::InnerJoin, to_member()).filter(me.sees_case())
}

/// A search text that may be an ID number (also that of a record that was merged), a name or a 案件号.
#[must_use]
pub fn about(text: &str) -> Condition {
    about_member(text).add(case::Column::No.eq(text.trim().to_uppercase()))
}

/// The part of [`about`] that the record of a member answers, for lists of something else than cases.
#[must_use]
pub fn about_member(text: &str) -> Condition {
    let text = text.trim();
    let id_number = huzhu_domain::id_number::normalise(text);
    or_merged(Condition::any().add(seal::is(member::Column::IdNumber, id_number)).add(member::Column::Name.eq(text)))
}

/// Members that a condition names, or whose record one was merged into that it names.
#[must_use]
pub fn or_merged(named: Condition) -> Condition {
    let merged = member::Entity::find()
        .select_only()
        .column(member::Column::MergedIntoId)
        .filter(named.clone())
        .filter(member::Column::MergedIntoId.is_not_null())
        .into_query();
    Condition::any().add(named).add(member::Column::Id.in_subquery(merged))
}

/// Narrows a selection to what a search box for 证件号码, 姓名 or 案件号 holds; a blank one narrows nothing.
#[must_use]
pub fn of_text(select: Select<case::Entity>, typed: Option<&str>) -> Select<case::Entity> {
    match text(typed) {
        Some(text) => select.filter(about(text)),
        None => select,
    }
}

/// What was typed into a search field; None where it is blank.
#[must_use]
pub fn text(typed: Option<&str>) -> Option<&str> {
    typed.map(str::trim).filter(|t| !t.is_empty())
}

/// Narrows a selection to days from–to, both included and each optional.
#[must_use]
pub fn between(
    mut select: Select<case::Entity>,
    column: case::Column,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Select<case::Entity> {
    if let Some(from) = from {
        select = select.filter(column.gte(from));
    }
    if let Some(to) = to {
        select = select.filter(column.lte(to));
    }
    select
}

/// Narrows a selection to an office or agency.
#[must_use]
pub fn of_org(select: Select<case::Entity>, org_id: Option<i64>) -> Select<case::Entity> {
    match org_id {
        Some(id) => select.filter(case::Column::OfficeId.eq(id).or(case::Column::AgencyId.eq(id))),
        None => select,
    }
}

/// The versions of a 保障活动, by its code.
#[must_use]
pub fn versions_of(code: &str) -> SelectStatement {
    use plan_version::Column as C;
    plan_version::Entity::find().select_only().column(C::Id).filter(C::Code.eq(code)).into_query()
}
