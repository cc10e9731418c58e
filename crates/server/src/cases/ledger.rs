//! The usage ledger: what of a coverage's liability is used. Reserved at 申领提交, released on return, denial or
//! withdrawal, settled at 结案. Rows are only ever added; what is used is their sum.
use std::collections::HashMap;

use huzhu_domain::{
    benefit::{Usage, UsageBook, UsageChange},
    case::LedgerEffect,
    money::Fen,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{chain, file::CaseFile};
use crate::{
    entity::{case, coverage, usage_entry},
    platform::{clock, error::Problem},
};

/// Usage by coverage.
pub type Used = HashMap<i64, UsageBook>;

#[derive(FromQueryResult)]
struct SumRow {
    coverage_id: i64,
    liability_code: String,
    times: i64,
    stays: i64,
    amount_fen: i64,
    days: i64,
    base_fen: i64,
}

fn sum(column: usage_entry::Column) -> SimpleExpr {
    Expr::col((usage_entry::Entity, column)).sum().cast_as("BIGINT")
}

async fn sums(db: &impl ConnectionTrait, select: Select<usage_entry::Entity>) -> Result<Used, Problem> {
    use usage_entry::Column as C;
    let rows = select
        .select_only()
        .columns([C::CoverageId, C::LiabilityCode])
        .column_as(sum(C::Times), "times")
        .column_as(sum(C::AmountFen), "amount_fen")
        .column_as(sum(C::Days), "days")
        .column_as(sum(C::Stays), "stays")
        .column_as(sum(C::BaseFen), "base_fen")
        .group_by(C::CoverageId)
        .group_by(C::LiabilityCode)
        .into_model::<SumRow>()
        .all(db)
        .await?;
    let count = |n: i64| u32::try_from(n).unwrap_or_default();
    let mut out = Used::new();
    for r in rows {
        let usage = Usage {
            times: count(r.times),
            stays: count(r.stays),
            amount: Fen(r.amount_fen),
            days: count(r.days),
            base: Fen(r.base_fen),
        };
        out.entry(r.coverage_id).or_default().reserve(&r.liability_code, usage);
    }
    Ok(out)
}

/// What is used of the coverages' liabilities.
///
/// # Errors
/// When the database fails.
pub async fn used(db: &impl ConnectionTrait, coverage_ids: Vec<i64>) -> Result<Used, Problem> {
    sums(db, usage_entry::Entity::find().filter(usage_entry::Column::CoverageId.is_in(coverage_ids))).await
}

/// What some cases use of a coverage.
///
/// # Errors
/// When the database fails.
pub async fn used_by(db: &impl ConnectionTrait, coverage_id: i64, case_ids: Vec<i64>) -> Result<UsageBook, Problem> {
    let select = usage_entry::Entity::find()
        .filter(usage_entry::Column::CoverageId.eq(coverage_id))
        .filter(usage_entry::Column::CaseId.is_in(case_ids));
    Ok(sums(db, select).await?.remove(&coverage_id).unwrap_or_default())
}

/// What other cases use of a case's coverage; of a correction, what cases outside its chain do.
///
/// # Errors
/// When the database fails.
pub async fn used_by_others(db: &impl ConnectionTrait, row: &case::Model) -> Result<UsageBook, Problem> {
    if row.corrects_id.is_some() {
        return chain::used_beside(db, row, false).await;
    }
    let select = usage_entry::Entity::find()
        .filter(usage_entry::Column::CoverageId.eq(row.coverage_id))
        .filter(usage_entry::Column::CaseId.ne(row.id));
    Ok(sums(db, select).await?.remove(&row.coverage_id).unwrap_or_default())
}

/// The last reserve of each case of some coverages: the order in which the cases use them.
///
/// # Errors
/// When the database fails.
pub async fn last_reserves(db: &impl ConnectionTrait, coverage_ids: Vec<i64>) -> Result<HashMap<i64, i64>, Problem> {
    use usage_entry::Column as C;
    let rows: Vec<(i64, i64)> = usage_entry::Entity::find()
        .filter(C::CoverageId.is_in(coverage_ids))
        .filter(C::Kind.eq("reserve"))
        .select_only()
        .column(C::CaseId)
        .column_as(C::Id.max(), "last")
        .group_by(C::CaseId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What is used of a case's coverage by the cases that were submitted before it and still count; what other cases use where
/// it wasn't submitted.
///
/// # Errors
/// When the database fails.
pub async fn used_before(db: &impl ConnectionTrait, row: &case::Model) -> Result<UsageBook, Problem> {
    if row.corrects_id.is_some() {
        return chain::used_beside(db, row, true).await;
    }
    let reserves = last_reserves(db, vec![row.coverage_id]).await?;
    let Some(own) = reserves.get(&row.id) else { return used_by_others(db, row).await };
    let before = reserves.iter().filter(|(_, id)| *id < own).map(|(case, _)| *case);
    used_by(db, row.coverage_id, before.collect()).await
}

/// Holds the ledger of the case's coverage until the transaction ends, so that two cases can't reserve the same money.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, row: &case::Model) -> Result<(), Problem> {
    coverage::Entity::find_by_id(row.coverage_id).lock_exclusive().one(tx).await?;
    Ok(())
}

/// Writes what a move does to the ledger.
///
/// # Errors
/// When the database fails, or a reserve can't be computed.
pub async fn write(
    tx: &impl ConnectionTrait,
    row: &case::Model,
    effect: LedgerEffect,
    file: Option<&CaseFile>,
) -> Result<(), Problem> {
    let corrects = row.corrects_id.is_some();
    let (kind, change) = match effect {
        LedgerEffect::Reserve => {
            let file = file.ok_or_else(|| Problem::internal("a reserve without the case's file"))?;
            let now = file.calculate().map_err(Problem::invalid)?.usage;
            let plain = UsageChange::between(Usage::default(), now);
            ("reserve", if corrects { chain::reserve(tx, row, now).await? } else { plain })
        }
        LedgerEffect::Adjust => {
            let file = file.ok_or_else(|| Problem::internal("a reserve without the case's file"))?;
            let had = used_by(tx, row.coverage_id, vec![row.id]).await?.of(&row.liability_code);
            ("adjust", UsageChange::between(had, file.calculate().map_err(Problem::invalid)?.usage))
        }
        LedgerEffect::Release => {
            let own = used_by(tx, row.coverage_id, vec![row.id]).await?.of(&row.liability_code);
            ("release", UsageChange::between(own, Usage::default()))
        }
        LedgerEffect::Settle if corrects => ("settle", chain::settle(tx, row).await?),
        LedgerEffect::Settle => ("settle", UsageChange::default()),
    };
    let entry = usage_entry::ActiveModel {
        case_id: Set(row.id),
        coverage_id: Set(row.coverage_id),
        liability_code: Set(row.liability_code.clone()),
        kind: Set(kind.to_owned()),
        amount_fen: Set(change.amount.0),
        base_fen: Set(change.base.0),
        days: Set(change.days),
        stays: Set(change.stays),
        times: Set(change.times),
        at: Set(clock::now()),
        ..Default::default()
    };
    usage_entry::Entity::insert(entry).exec_without_returning(tx).await?;
    Ok(())
}
