//! The state of a case to and from its columns. A row that lacks the evidence for its stage can't be read as a case.
use chrono::NaiveDate;
use huzhu_domain::{
    case::{Case, CaseSource, Closing, Correction, Outcome, Stage, State},
    claim_type::ClaimType,
    ids::{CaseId, UserId},
    money::Fen,
};

use crate::platform::error::Problem;

/// The columns that a state is read from.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// Column of the same name, as all below.
    pub id: i64,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 案件来源.
    pub source: CaseSource,
    /// Who accepted it; of a correction, who opened it.
    pub accepted_by_id: i64,
    /// What its chain granted before, of a correction.
    pub granted_before_fen: Option<i64>,
    /// How often submitted.
    pub submissions: i32,
    /// 案件状态.
    pub stage: Stage,
    /// Who works on it.
    pub holder_id: Option<i64>,
    /// Who submitted it last.
    pub entered_by_id: Option<i64>,
    /// Who approved it at 申领初审, where 申领复审 follows.
    pub reviewed_by_id: Option<i64>,
    /// Who approved it.
    pub approved_by_id: Option<i64>,
    /// 互助金额 in fen.
    pub benefit_fen: Option<i64>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why, where it was denied or withdrawn.
    pub close_reason: Option<&'a str>,
    /// Who ended it.
    pub closed_by_id: Option<i64>,
    /// The day the money left.
    pub paid_on: Option<NaiveDate>,
}

impl Evidence<'_> {
    /// The case that the columns tell of.
    ///
    /// # Errors
    /// When the evidence for the stage is missing: somebody else wrote the row.
    pub fn case(&self) -> Result<Case, Problem> {
        let state = self
            .state()
            .ok_or_else(|| Problem::internal(format!("case {} lacks the evidence for its stage", self.id)))?;
        Ok(Case {
            id: CaseId(self.id),
            claim_type: self.claim_type,
            source: self.source,
            submissions: u32::try_from(self.submissions).unwrap_or_default(),
            correction: self.correction(),
            state,
        })
    }

    /// What the case corrects.
    pub(super) fn correction(&self) -> Option<Correction> {
        let granted_before = self.granted_before_fen.map(Fen)?;
        Some(Correction { granted_before, opened_by: UserId(self.accepted_by_id) })
    }

    fn state(&self) -> Option<State> {
        let holder = self.holder_id.map(UserId);
        let entered_by = self.entered_by_id.map(UserId);
        let benefit = self.benefit_fen.map(Fen);
        Some(match self.stage {
            Stage::Materials => State::Materials,
            Stage::ExpenseEntry => State::ExpenseEntry { holder },
            Stage::FirstReview => State::FirstReview { entered_by: entered_by?, benefit: benefit?, holder },
            Stage::SecondReview => State::SecondReview {
                entered_by: entered_by?,
                reviewed_by: self.reviewed_by_id.map(UserId)?,
                benefit: benefit?,
                holder,
            },
            Stage::Payment => State::Payment {
                entered_by: entered_by?,
                reviewed_by: self.reviewed_by_id.map(UserId),
                approved_by: self.approved_by_id.map(UserId)?,
                benefit: benefit?,
            },
            Stage::Recovery => State::Recovery {
                entered_by: entered_by?,
                reviewed_by: self.reviewed_by_id.map(UserId),
                approved_by: self.approved_by_id.map(UserId)?,
                benefit: benefit?,
            },
            Stage::Closed => State::Closed(self.closing()?),
            Stage::Deleted => State::Deleted,
        })
    }

    fn closing(&self) -> Option<Closing> {
        let by = self.closed_by_id.map(UserId)?;
        Some(match self.outcome? {
            Outcome::Paid => Closing::Paid { paid_on: self.paid_on?, by },
            Outcome::Denied => Closing::Denied { reason: self.close_reason?.parse().ok()?, by },
            Outcome::Corrected => Closing::Corrected { by },
            Outcome::Recovered => Closing::Recovered { by },
            Outcome::WrittenOff => Closing::WrittenOff { reason: self.close_reason?.parse().ok()?, by },
            Outcome::Withdrawn => Closing::Withdrawn { reason: self.close_reason?.parse().ok()?, by },
        })
    }
}

impl<'a> From<&'a crate::entity::case::Model> for Evidence<'a> {
    fn from(row: &'a crate::entity::case::Model) -> Self {
        Self {
            id: row.id,
            claim_type: row.claim_type.0,
            source: row.source.0,
            accepted_by_id: row.accepted_by_id,
            granted_before_fen: row.granted_before_fen,
            submissions: row.submissions,
            stage: row.stage.0,
            holder_id: row.holder_id,
            entered_by_id: row.entered_by_id,
            reviewed_by_id: row.reviewed_by_id,
            approved_by_id: row.approved_by_id,
            benefit_fen: row.benefit_fen,
            outcome: row.outcome.map(|o| o.0),
            close_reason: row.close_reason.as_deref(),
            closed_by_id: row.closed_by_id,
            paid_on: row.paid_on,
        }
    }
}
