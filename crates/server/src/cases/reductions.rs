//! 核减: what a reviewer takes off a statement. The statement stays as it was submitted; what is computed from is it less the cuts
//! that stand. A cut belongs to one 申领提交: a case that is returned is entered anew without it.
use chrono::{DateTime, Utc};
use huzhu_domain::{
    benefit::Calculation,
    case::{Action, Blocker, CalculationState, Cut, CutPart, CutReason, Stage, less, room},
    money::Fen,
    statement::StatementDraft,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    file::CaseFile,
    ledger,
    rows::{self, Names},
};
use crate::{
    entity::reduction,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// Cuts that stand on one case at most.
const MAX_CUTS: usize = 50;

/// A cut, as the case's page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReductionView {
    id: i64,
    /// Which statement, from 1.
    statement: i32,
    part: CutPart,
    /// How much was taken off.
    amount_fen: Fen,
    reason: CutReason,
    note: String,
    /// The 互助金额 before.
    before_fen: Fen,
    /// The 互助金额 after.
    after_fen: Fen,
    made_by_name: String,
    made_at: DateTime<Utc>,
    /// Who took it back, where somebody did.
    withdrawn_by_name: Option<String>,
    /// Whether the benefit is computed with it.
    stands: bool,
}

/// All cuts of a case and what takes them back, in their order.
pub(super) async fn of(db: &impl ConnectionTrait, case_id: i64) -> Result<Vec<reduction::Model>, Problem> {
    use reduction::Column as C;
    Ok(reduction::Entity::find().filter(C::CaseId.eq(case_id)).order_by_asc(C::Id).all(db).await?)
}

fn cut_of(row: &reduction::Model) -> Cut {
    Cut {
        statement: usize::try_from(row.statement).unwrap_or(usize::MAX),
        part: row.part.0,
        amount: Fen(row.amount_fen),
        reason: row.reason.0,
    }
}

impl CaseFile {
    /// The cuts that the benefit is computed with.
    fn standing(&self) -> impl Iterator<Item = &reduction::Model> {
        let entered = matches!(self.row.stage.0, Stage::Materials | Stage::ExpenseEntry | Stage::Deleted);
        let back = |id: i64| self.reductions.iter().any(|r| r.withdraws_id == Some(id));
        let own = self.reductions.iter().filter(move |r| !entered && r.submission == self.row.submissions);
        own.filter(move |r| r.withdraws_id.is_none() && !back(r.id))
    }

    /// The statements less the cuts that stand.
    #[must_use]
    pub fn counted_statements(&self) -> Vec<StatementDraft> {
        let cuts: Vec<Cut> = self.standing().map(cut_of).collect();
        less(&self.statements, &cuts)
    }

    /// What was submitted, where it was cut since.
    #[must_use]
    pub fn submitted_benefit(&self) -> Option<Fen> {
        self.standing().next()?;
        let first = self.reductions.iter().find(|r| r.submission == self.row.submissions)?;
        Some(Fen(first.before_fen))
    }

    /// Every cut, the newest first.
    #[must_use]
    pub fn reduction_views(&self, users: &Names) -> Vec<ReductionView> {
        let standing: Vec<i64> = self.standing().map(|r| r.id).collect();
        let back = |id: i64| self.reductions.iter().find(|r| r.withdraws_id == Some(id));
        let view = |r: &reduction::Model| ReductionView {
            id: r.id,
            statement: r.statement + 1,
            part: r.part.0,
            amount_fen: Fen(r.amount_fen),
            reason: r.reason.0,
            note: r.note.clone(),
            before_fen: Fen(r.before_fen),
            after_fen: Fen(r.after_fen),
            made_by_name: rows::name(users, r.made_by_id),
            made_at: r.made_at,
            withdrawn_by_name: back(r.id).map(|b| rows::name(users, b.made_by_id)),
            stands: standing.contains(&r.id),
        };
        self.reductions.iter().rev().filter(|r| r.withdraws_id.is_none()).map(view).collect()
    }

    /// The cuts that the benefit is computed with, the oldest first.
    #[must_use]
    pub fn standing_views(&self, users: &Names) -> Vec<ReductionView> {
        self.reduction_views(users).into_iter().rev().filter(|r| r.stands).collect()
    }
}

/// A cut that is made or taken back: the row to be written, and the benefit as it is computed then.
pub(super) struct Cutting {
    row: reduction::Model,
    pub(super) calculation: Calculation,
}

impl Cutting {
    /// Tries what is asked on the file, which is left as it would be then.
    ///
    /// # Errors
    /// What keeps it from happening.
    pub(super) async fn try_on(
        db: &impl ConnectionTrait,
        file: &mut CaseFile,
        me: &Me,
        action: &Action,
    ) -> Result<Result<Self, Vec<Blocker>>, Problem> {
        let before = file.row.benefit_fen.unwrap_or_default();
        if file.row.corrects_id.is_some() {
            return Ok(Err(vec![Blocker::CutOfCorrection {}]));
        }
        if file.calculation_state() == CalculationState::Stale {
            return Ok(Err(vec![Blocker::UsageChanged {}]));
        }
        let (cut, withdraws_id) = match action {
            Action::Reduce { cut } => {
                let counted = file.counted_statements();
                let Some(statement) = counted.get(cut.statement) else { return Ok(Err(vec![Blocker::CutUnknown {}])) };
                let most = room(statement, cut.part);
                if cut.amount <= Fen::ZERO || cut.amount > most || file.standing().count() >= MAX_CUTS {
                    return Ok(Err(vec![Blocker::CutTooMuch { most_fen: most }]));
                }
                (*cut, None)
            }
            Action::Unreduce { id } => match file.standing().find(|r| r.id == id.0) {
                Some(row) => (cut_of(row), Some(row.id)),
                None => return Ok(Err(vec![Blocker::CutUnknown {}])),
            },
            _ => return Err(Problem::internal("no cut")),
        };
        let row = reduction::Model {
            id: 0,
            case_id: file.row.id,
            submission: file.row.submissions,
            statement: i32::try_from(cut.statement).unwrap_or(i32::MAX),
            part: Coded(cut.part),
            amount_fen: cut.amount.0,
            reason: Coded(cut.reason),
            note: String::new(),
            before_fen: before,
            after_fen: before,
            made_by_id: me.id.0,
            made_at: clock::now(),
            withdraws_id,
        };
        file.reductions.push(row.clone());
        let calculation = file.calculate().map_err(Problem::invalid)?;
        if calculation.amount <= Fen::ZERO {
            return Ok(Err(vec![Blocker::CutToZero {}]));
        }
        // What is given back may have been used since by a case that was submitted later.
        if withdraws_id.is_some() {
            let others = ledger::used_by_others(db, &file.row).await?;
            let usage = std::mem::replace(&mut file.usage, others);
            let now = file.calculate().map_err(Problem::invalid)?.amount;
            file.usage = usage;
            if now != calculation.amount {
                return Ok(Err(vec![Blocker::UsageChanged {}]));
            }
        }
        let row = reduction::Model { after_fen: calculation.amount.0, ..row };
        Ok(Ok(Self { row, calculation }))
    }

    /// Writes the row.
    pub(super) async fn write(&self, tx: &DatabaseTransaction, note: Option<&str>) -> Result<(), Problem> {
        let r = &self.row;
        let row = reduction::ActiveModel {
            case_id: Set(r.case_id),
            submission: Set(r.submission),
            statement: Set(r.statement),
            part: Set(r.part),
            amount_fen: Set(r.amount_fen),
            reason: Set(r.reason),
            note: Set(note.unwrap_or_default().to_owned()),
            before_fen: Set(r.before_fen),
            after_fen: Set(r.after_fen),
            made_by_id: Set(r.made_by_id),
            made_at: Set(r.made_at),
            withdraws_id: Set(r.withdraws_id),
            ..Default::default()
        };
        reduction::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }

    /// What the event keeps of it.
    pub(super) fn told(&self) -> Value {
        let r = &self.row;
        json!({ "cut": {
            "statement": r.statement + 1, "cut_part": r.part.0, "amount_fen": r.amount_fen,
            "before_fen": r.before_fen, "after_fen": r.after_fen,
        } })
    }
}
