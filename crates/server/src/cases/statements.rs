//! The statements of cases, as rows.
use std::collections::HashMap;

use huzhu_domain::{ids::CaseId, money::Fen, statement::StatementDraft};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    entity::statement,
    platform::{coded::Coded, error::Problem},
};

/// Puts the statements of a case in the place of those before.
///
/// # Errors
/// When the database fails.
pub async fn replace_statements(
    tx: &impl ConnectionTrait,
    case_id: CaseId,
    statements: &[StatementDraft],
) -> Result<(), Problem> {
    statement::Entity::delete_many().filter(statement::Column::CaseId.eq(case_id.0)).exec(tx).await?;
    if statements.is_empty() {
        return Ok(());
    }
    let rows = (0..).zip(statements).map(|(position, s)| to_row(case_id, position, s));
    statement::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

fn to_row(case_id: CaseId, position: i32, s: &StatementDraft) -> statement::ActiveModel {
    let fen = |amount: Option<Fen>| Set(amount.map(|a| a.0));
    statement::ActiveModel {
        case_id: Set(case_id.0),
        position: Set(position),
        hospital: Set(s.hospital.clone()),
        hospital_level: Set(s.hospital_level.map(Coded)),
        insurance_type: Set(s.insurance_type.map(Coded)),
        admitted_on: Set(s.admitted_on),
        discharged_on: Set(s.discharged_on),
        total_fen: fen(s.total_fen),
        pooled_fund_paid_fen: fen(s.pooled_fund_paid_fen),
        other_paid_fen: fen(s.other_paid_fen),
        self_pay_fen: fen(s.self_pay_fen),
        deductible_fen: fen(s.deductible_fen),
        upfront_self_pay_fen: fen(s.upfront_self_pay_fen),
        out_of_scope_fen: fen(s.out_of_scope_fen),
        personal_account_paid_fen: fen(s.personal_account_paid_fen),
        cash_paid_fen: fen(s.cash_paid_fen),
        actual_paid_fen: fen(s.actual_paid_fen),
        non_local: Set(s.non_local),
        non_local_registered: Set(s.non_local_registered),
        invoice_no: Set(s.invoice_no.clone()),
        diagnosis: Set(s.diagnosis.clone()),
        department: Set(s.department.clone()),
    }
}

/// The statements of some cases, in their order, by case.
///
/// # Errors
/// When the database fails.
pub async fn statements(
    db: &impl ConnectionTrait,
    case_ids: Vec<i64>,
) -> Result<HashMap<i64, Vec<StatementDraft>>, Problem> {
    let rows = statement::Entity::find()
        .filter(statement::Column::CaseId.is_in(case_ids))
        .order_by_asc(statement::Column::CaseId)
        .order_by_asc(statement::Column::Position)
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<StatementDraft>> = HashMap::new();
    for row in rows {
        out.entry(row.case_id).or_default().push(from_row(row));
    }
    Ok(out)
}

fn from_row(s: statement::Model) -> StatementDraft {
    StatementDraft {
        days: None,
        hospital: s.hospital,
        hospital_level: s.hospital_level.map(|l| l.0),
        insurance_type: s.insurance_type.map(|t| t.0),
        admitted_on: s.admitted_on,
        discharged_on: s.discharged_on,
        total_fen: s.total_fen.map(Fen),
        pooled_fund_paid_fen: s.pooled_fund_paid_fen.map(Fen),
        other_paid_fen: s.other_paid_fen.map(Fen),
        self_pay_fen: s.self_pay_fen.map(Fen),
        deductible_fen: s.deductible_fen.map(Fen),
        upfront_self_pay_fen: s.upfront_self_pay_fen.map(Fen),
        out_of_scope_fen: s.out_of_scope_fen.map(Fen),
        personal_account_paid_fen: s.personal_account_paid_fen.map(Fen),
        cash_paid_fen: s.cash_paid_fen.map(Fen),
        actual_paid_fen: s.actual_paid_fen.map(Fen),
        non_local: s.non_local,
        non_local_registered: s.non_local_registered,
        invoice_no: s.invoice_no,
        diagnosis: s.diagnosis,
        department: s.department,
    }
}
