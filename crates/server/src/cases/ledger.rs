//! The usage ledger: what of a coverage's liability is used. Reserved at 申领提交, released on return, denial or
//! withdrawal, settled at 结案. Rows are only ever added; what is used is their sum.
use std::collections::HashMap;

use huzhu_domain::{benefit::Usage, case::LedgerEffect, money::Fen};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::file::CaseFile;
use crate::{
    entity::{case, coverage, usage_entry},
    platform::{clock, error::Problem},
};

/// Usage by coverage and liability.
pub type Used = HashMap<(i64, String), Usage>;

#[derive(FromQueryResult)]
struct SumRow {
    coverage_id: i64,
    liability_code: String,
    times: i64,
    amount_fen: i64,
    days: i64,
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
        .group_by(C::CoverageId)
        .group_by(C::LiabilityCode)
        .into_model::<SumRow>()
        .all(db)
        .await?;
    let usage = |r: &SumRow| Usage {
        times: u32::try_from(r.times).unwrap_or_default(),
        amount: Fen(r.amount_fen),
        days: u32::try_from(r.days).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(|r| ((r.coverage_id, r.liability_code.clone()), usage(&r))).collect())
}

/// What is used of the coverages' liabilities.
///
/// # Errors
/// When the database fails.
pub async fn used(db: &impl ConnectionTrait, coverage_ids: Vec<i64>) -> Result<Used, Problem> {
    sums(db, usage_entry::Entity::find().filter(usage_entry::Column::CoverageId.is_in(coverage_ids))).await
}

/// What other cases use of a case's liability.
///
/// # Errors
/// When the database fails.
pub async fn used_by_others(db: &impl ConnectionTrait, row: &case::Model) -> Result<Usage, Problem> {
    let select = usage_entry::Entity::find()
        .filter(usage_entry::Column::CoverageId.eq(row.coverage_id))
        .filter(usage_entry::Column::LiabilityCode.eq(&row.liability_code))
        .filter(usage_entry::Column::CaseId.ne(row.id));
    Ok(sums(db, select).await?.into_values().sum())
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
    let (kind, amount, days, times) = match effect {
        LedgerEffect::Reserve => {
            let file = file.ok_or_else(|| Problem::internal("a reserve without the case's file"))?;
            let calculation = file.calculate().map_err(Problem::invalid)?;
            ("reserve", calculation.amount.0, i64::from(calculation.days), 1)
        }
        LedgerEffect::Release => {
            let own = usage_entry::Entity::find().filter(usage_entry::Column::CaseId.eq(row.id));
            let own: Usage = sums(tx, own).await?.into_values().sum();
            ("release", -own.amount.0, -i64::from(own.days), -i64::from(own.times))
        }
        LedgerEffect::Settle => ("settle", 0, 0, 0),
    };
    let entry = usage_entry::ActiveModel {
        case_id: Set(row.id),
        coverage_id: Set(row.coverage_id),
        liability_code: Set(row.liability_code.clone()),
        kind: Set(kind.to_owned()),
        amount_fen: Set(amount),
        days: Set(days),
        times: Set(times),
        at: Set(clock::now()),
        ..Default::default()
    };
    usage_entry::Entity::insert(entry).exec_without_returning(tx).await?;
    Ok(())
}
