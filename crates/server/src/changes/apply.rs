//! What an approved change does to the records.
use huzhu_domain::{
    change::{Change, CoverageFact, MemberData, moving},
    coverage::{CoverageState, Held, renews},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    prelude::Expr,
};
use serde_json::json;

use super::facts::{self, Records};
use crate::{
    cases::store as cases_store,
    entity::{change, coverage, member, member_account, plan_version},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::{self, Object},
};

/// Puts a change into effect, whose blockers were asked, with the rows held.
///
/// # Errors
/// When the database fails.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &change::Model,
    change: &Change,
    records: &Records,
) -> Result<(), Problem> {
    let member_id = row.member_id;
    match change {
        Change::MemberData(data) => set_member(tx, member_id, data).await?,
        Change::Transfer { unit_id, from } => {
            let new = member::ActiveModel { unit_id: Set(*unit_id), ..Default::default() };
            update_members(tx, &[member_id], new).await?;
            let going = moving(*from, &records.facts).into_iter().map(|c| c.id).collect();
            let new = coverage::ActiveModel { unit_id: Set(*unit_id), ..Default::default() };
            update_coverages(tx, going, new).await?;
        }
        Change::CoverageAdd { from, to, shares, .. } => {
            let version = version(tx, change, records).await?;
            let row = coverage::ActiveModel {
                member_id: Set(member_id),
                unit_id: Set(records.member.unit_id),
                plan_version_id: Set(version.id),
                period_from: Set(*from),
                period_to: Set(*to),
                shares: Set(i32::try_from(*shares).unwrap_or(i32::MAX)),
                renewed: Set(renews(held(records, &version.code, None), *from)),
                ..Default::default()
            };
            coverage::Entity::insert(row).exec(tx).await?;
        }
        Change::CoverageReplace { coverage_id, from, to, shares } => {
            let mut new = coverage::ActiveModel {
                period_from: Set(*from),
                period_to: Set(*to),
                shares: Set(i32::try_from(*shares).unwrap_or(i32::MAX)),
                ..Default::default()
            };
            // Another first day may fall under another version, and may follow another coverage.
            if records.before.coverage.as_ref().is_some_and(|c| c.from != *from) {
                let version = version(tx, change, records).await?;
                new.plan_version_id = Set(version.id);
                new.renewed = Set(renews(held(records, &version.code, Some(*coverage_id)), *from));
            }
            update_coverages(tx, vec![*coverage_id], new).await?;
        }
        Change::CoverageEnd { coverage_id, last_day } => {
            let new = coverage::ActiveModel { period_to: Set(*last_day), ..Default::default() };
            update_coverages(tx, vec![*coverage_id], new).await?;
        }
        Change::BankAccount { account_no, bank_name } => {
            let account = member_account::ActiveModel {
                member_id: Set(member_id),
                account_no: Set(account_no.as_str().into()),
                bank_name: Set(bank_name.clone()),
                holder_name: Set(records.member.name.clone()),
                change_id: Set(row.id),
                added_at: Set(clock::now()),
                ..Default::default()
            };
            member_account::Entity::insert(account).exec_without_returning(tx).await?;
        }
        Change::Merge { other_id } => hand_over(tx, records, *other_id, member_id, Some(member_id)).await?,
        Change::Unmerge { other_id } => hand_over(tx, records, member_id, *other_id, None).await?,
    }
    log(tx, me, row, change, records).await
}

async fn version(tx: &DatabaseTransaction, change: &Change, records: &Records) -> Result<plan_version::Model, Problem> {
    let found = facts::version_on(tx, change, &records.member, &records.covered).await?;
    found.ok_or_else(|| Problem::internal("the plan version vanished"))
}

/// The member's other coverages of a plan, as far as they count.
fn held<'a>(records: &'a Records, plan: &'a str, except: Option<i64>) -> impl Iterator<Item = Held> + 'a {
    let others = records.facts.coverages.iter().filter(move |c| c.plan == plan && Some(c.id) != except);
    others.map(CoverageFact::held)
}

async fn set_member(tx: &DatabaseTransaction, id: i64, data: &MemberData) -> Result<(), Problem> {
    let new = member::ActiveModel {
        name: Set(data.name.clone()),
        id_kind: Set(Coded(data.id_kind)),
        id_number: Set(data.id_number.as_str().into()),
        birth_date: Set(data.birth_date),
        sex: Set(data.sex.map(Coded)),
        phone: Set(data.phone.as_str().into()),
        employment: Set(Coded(data.employment)),
        ..Default::default()
    };
    update_members(tx, &[id], new).await
}

async fn update_members(tx: &impl ConnectionTrait, ids: &[i64], new: member::ActiveModel) -> Result<(), Problem> {
    member::Entity::update_many()
        .set(new)
        .col_expr(member::Column::Version, Expr::col(member::Column::Version).add(1))
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn update_coverages(tx: &impl ConnectionTrait, ids: Vec<i64>, new: coverage::ActiveModel) -> Result<(), Problem> {
    coverage::Entity::update_many().set(new).filter(coverage::Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}

/// Gives what was gathered in `moved` to `to`, and the second record its place: merged into the first, or by itself again.
async fn hand_over(
    tx: &DatabaseTransaction,
    records: &Records,
    from: i64,
    to: i64,
    merged_into: Option<i64>,
) -> Result<(), Problem> {
    let moved = &records.before.moved;
    let other_id = records.other.as_ref().map(|o| o.id).unwrap_or_default();
    let owner = coverage::ActiveModel { member_id: Set(to), ..Default::default() };
    update_coverages(tx, moved.coverages.clone(), owner).await?;
    cases_store::hand_over(tx, &moved.cases, from, to).await?;
    for (id, was) in &moved.doubled {
        let state = if merged_into.is_some() { CoverageState::Void } else { *was };
        let new = coverage::ActiveModel { state: Set(Coded(state)), ..Default::default() };
        update_coverages(tx, vec![*id], new).await?;
    }
    let gone = member::ActiveModel { merged_into_id: Set(merged_into), ..Default::default() };
    update_members(tx, &[other_id], gone).await?;
    let followers = member::ActiveModel { merged_into_id: Set(Some(to)), ..Default::default() };
    // A record never leads to one that leads on: searches follow one step.
    update_members(tx, &moved.followers, followers).await
}

/// The history of every record that the change is about.
async fn log(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &change::Model,
    change: &Change,
    records: &Records,
) -> Result<(), Problem> {
    let kind: &str = row.kind.0.into();
    let after = json!({ "change_no": row.no, "after": change });
    let about: Vec<i64> = std::iter::once(row.member_id).chain(row.other_member_id).collect();
    for id in about {
        let object = Object { kind: "member", id };
        records::note(tx, object, Some(me.id.0), kind, &row.reason, (&records.before, &after)).await?;
    }
    Ok(())
}
