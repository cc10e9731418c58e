//! Where a case stands (案件状态), and what is known for certain at each place.
use chrono::NaiveDate;

use super::{
    action::{DenyReason, WithdrawReason},
    recovery::WriteOffReason,
};
use crate::{claim_type::ClaimType, ids::UserId, money::Fen};

code_enum! {
    /// The place of a case in the workflow, as it is shown (案件状态).
    Stage {
        /// 材料上传: pictures of the papers are wanted.
        Materials,
        /// 费用录入: payee, incident and statements are wanted.
        ExpenseEntry,
        /// 申领初审: a reviewer decides.
        FirstReview,
        /// 申领复审: another reviewer decides once more.
        SecondReview,
        /// 待支付: approved, the money has still to go out.
        Payment,
        /// 追回: a correction found that too much was paid, the money has still to come back.
        Recovery,
        /// 结案: see [`Outcome`].
        Closed,
        /// 已删除: deleted before its first submit; kept in the log only.
        Deleted,
    }
}

impl Stage {
    /// Where a newly accepted claim begins (manual 1.1.1, 5): hospital claims at 材料上传, every other at 费用录入.
    #[must_use]
    pub const fn first(claim_type: ClaimType) -> Self {
        if claim_type.is_hospital() { Self::Materials } else { Self::ExpenseEntry }
    }

    /// Whether nothing more can happen to the case.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Closed | Self::Deleted)
    }
}

code_enum! {
    /// How a closed case ended.
    Outcome {
        /// 已给付.
        Paid,
        /// 不予给付.
        Denied,
        /// 撤案.
        Withdrawn,
        /// 已更正: a correction that comes to what was granted before; no money moves.
        Corrected,
        /// 已追回: what a correction claimed back has come back.
        Recovered,
        /// 已核销: the rest of what a correction claimed back is given up.
        WrittenOff,
    }
}

code_enum! {
    /// Who brought the case in (案件来源).
    CaseSource {
        /// 单位端: a 单位操作员.
        Unit,
        /// 机构端: a handler of an office or agency.
        Office,
    }
}

/// The end of a case and who brought it about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The benefit was paid.
    Paid {
        /// The day the money left, as finance confirms it.
        paid_on: NaiveDate,
        /// The cashier.
        by: UserId,
    },
    /// The claim was refused for a coded reason.
    Denied {
        /// Why.
        reason: DenyReason,
        /// The reviewer.
        by: UserId,
    },
    /// The claim was taken back.
    Withdrawn {
        /// Why.
        reason: WithdrawReason,
        /// Who recorded it.
        by: UserId,
    },
    /// A correction confirmed what was granted before.
    Corrected {
        /// Who approved it.
        by: UserId,
    },
    /// All that a correction claimed back has come back.
    Recovered {
        /// Who confirmed the last receipt.
        by: UserId,
    },
    /// What hasn't come back is given up.
    WrittenOff {
        /// Why.
        reason: WriteOffReason,
        /// Who agreed.
        by: UserId,
    },
}

impl Closing {
    /// The outcome that is shown.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Paid { .. } => Outcome::Paid,
            Self::Denied { .. } => Outcome::Denied,
            Self::Withdrawn { .. } => Outcome::Withdrawn,
            Self::Corrected { .. } => Outcome::Corrected,
            Self::Recovered { .. } => Outcome::Recovered,
            Self::WrittenOff { .. } => Outcome::WrittenOff,
        }
    }
}

/// The state of a case with the evidence that belongs to it: a case in review cannot lack who entered it,
/// a case to be paid cannot lack who approved it and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 材料上传.
    Materials,
    /// 费用录入, held (处理中) by at most one operator.
    ExpenseEntry {
        /// Who holds the case; nobody while it is 待处理.
        holder: Option<UserId>,
    },
    /// 申领初审, held by at most one reviewer.
    FirstReview {
        /// Who submitted it; that person may not review it.
        entered_by: UserId,
        /// What was submitted: the 互助金额, of a correction the difference to what was granted before.
        benefit: Fen,
        /// Who holds the case; nobody while it is 待处理.
        holder: Option<UserId>,
    },
    /// 申领复审, held by at most one reviewer.
    SecondReview {
        /// Who submitted it; that person may not review it.
        entered_by: UserId,
        /// Who approved it at 申领初审; that person may not review it again.
        reviewed_by: UserId,
        /// The 互助金额 that was submitted.
        benefit: Fen,
        /// Who holds the case; nobody while it is 待处理.
        holder: Option<UserId>,
    },
    /// 待支付.
    Payment {
        /// Who submitted it.
        entered_by: UserId,
        /// Who approved it at 申领初审, where another did so at 申领复审.
        reviewed_by: Option<UserId>,
        /// Who approved it last.
        approved_by: UserId,
        /// What is to be paid.
        benefit: Fen,
    },
    /// 追回.
    Recovery {
        /// Who submitted the correction.
        entered_by: UserId,
        /// Who approved it at 申领初审, where another decided at 申领复审.
        reviewed_by: Option<UserId>,
        /// Who decided it last.
        approved_by: UserId,
        /// The difference to what was granted before: negative, what is to come back.
        benefit: Fen,
    },
    /// 结案.
    Closed(Closing),
    /// 已删除.
    Deleted,
}

impl State {
    /// The stage that is shown for the state.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Materials => Stage::Materials,
            Self::ExpenseEntry { .. } => Stage::ExpenseEntry,
            Self::FirstReview { .. } => Stage::FirstReview,
            Self::SecondReview { .. } => Stage::SecondReview,
            Self::Payment { .. } => Stage::Payment,
            Self::Recovery { .. } => Stage::Recovery,
            Self::Closed(_) => Stage::Closed,
            Self::Deleted => Stage::Deleted,
        }
    }

    /// 互助金额 as it was submitted, or cut since; None before.
    #[must_use]
    pub const fn benefit(&self) -> Option<Fen> {
        match self {
            Self::FirstReview { benefit, .. }
            | Self::SecondReview { benefit, .. }
            | Self::Payment { benefit, .. }
            | Self::Recovery { benefit, .. } => Some(*benefit),
            _ => None,
        }
    }

    /// The same state in somebody's hands, or in nobody's; None where nobody takes cases.
    #[must_use]
    pub const fn held_by(self, holder: Option<UserId>) -> Option<Self> {
        Some(match self {
            Self::ExpenseEntry { .. } => Self::ExpenseEntry { holder },
            Self::FirstReview { entered_by, benefit, .. } => Self::FirstReview { entered_by, benefit, holder },
            Self::SecondReview { entered_by, reviewed_by, benefit, .. } => {
                Self::SecondReview { entered_by, reviewed_by, benefit, holder }
            }
            _ => return None,
        })
    }

    /// The same state with another 互助金额; None where it isn't under review.
    #[must_use]
    pub const fn of_benefit(self, benefit: Fen) -> Option<Self> {
        Some(match self {
            Self::FirstReview { entered_by, holder, .. } => Self::FirstReview { entered_by, benefit, holder },
            Self::SecondReview { entered_by, reviewed_by, holder, .. } => {
                Self::SecondReview { entered_by, reviewed_by, benefit, holder }
            }
            _ => return None,
        })
    }

    /// Who works on the case at the moment (处理中).
    #[must_use]
    pub const fn holder(&self) -> Option<UserId> {
        match self {
            Self::ExpenseEntry { holder } | Self::FirstReview { holder, .. } | Self::SecondReview { holder, .. } => {
                *holder
            }
            _ => None,
        }
    }
}
