//! Why an act is not possible (yet). Every reason has a stable code; the sentence for it is in the locale files.
use serde::Serialize;
use strum::IntoStaticStr;

use super::Stage;
use crate::money::Fen;

/// A reason why an act is refused, with what its sentence needs. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Blocker {
    /// The case stands where this can't be done.
    WrongStage {
        /// Where it stands.
        stage: Stage,
    },
    /// The actor lacks the right.
    NoRight {},
    /// Somebody else works on the case.
    HeldByOther {
        /// That person's name.
        name: String,
    },
    /// The case lies in the pool: 获取 comes first.
    NotTaken {},
    /// The person that the case is assigned to couldn't take it: lacks the right or the branch, or had a hand in it before.
    AssigneeUnfit {},
    /// The case is in that person's hands already.
    AssigneeHasIt {},
    /// The case is in the actor's hands already.
    AlreadyTaken {},
    /// Who entered a case may not review it.
    EnteredByYou {},
    /// Who approved a case at 申领初审 may not review it again.
    ReviewedByYou {},
    /// 申领复审 is wanted, and whoever could do it entered, opened or reviews the case, or may not grant as much: nobody would be
    /// left.
    NoSecondReviewer {},
    /// The benefit is above what the actor may grant alone (审批限额).
    AboveYourLimit {
        /// The limit.
        limit_fen: Fen,
    },
    /// Who approved a case may not pay it.
    ApprovedByYou {},
    /// A case that was submitted once can't be deleted, only withdrawn.
    AlreadySubmitted {},
    /// A required paper is missing.
    MaterialMissing {
        /// The material's name.
        name: String,
        /// How many are wanted.
        needed: u32,
        /// How many there are.
        have: u32,
    },
    /// A paper's extra field (银行账号 …) is empty.
    MaterialFieldMissing {
        /// The material's name.
        name: String,
        /// The field's code.
        field: String,
    },
    /// A required field of the expense entry is empty or wrong.
    FieldWrong {
        /// JSON path of the field in the draft, `statements.0.total_fen`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// 结算单信息 is wanted and there is none.
    StatementMissing {},
    /// A warning has still to be answered with a reason.
    WarningUnanswered {
        /// The warning's code.
        warning: String,
        /// Which statement it is about, from 1.
        statement: usize,
    },
    /// The same for a warning about the case.
    CaseWarningUnanswered {
        /// The warning's code.
        warning: String,
    },
    /// The reviewer hasn't said whether a warning is acceptable.
    WarningOpen {
        /// The warning's code.
        warning: String,
        /// Which statement it is about, from 1.
        statement: usize,
    },
    /// The same for a warning about the case.
    CaseWarningOpen {
        /// The warning's code.
        warning: String,
    },
    /// The reviewer said that it isn't: then the case is returned or denied.
    WarningNotAccepted {
        /// The warning's code.
        warning: String,
    },
    /// There is no such warning (any more).
    WarningGone {},
    /// What was asked for (补正) has neither come nor been answered.
    SupplementOpen {
        /// What is missing.
        name: String,
    },
    /// More is cut than the statement has of it.
    CutTooMuch {
        /// What can be cut.
        most_fen: Fen,
    },
    /// A correction is entered anew, not cut.
    CutOfCorrection {},
    /// There is no such statement, or the cut doesn't stand (any more).
    CutUnknown {},
    /// Nothing would be left of the benefit: that is a denial.
    CutToZero {},
    /// 申领计算 has not been done.
    NotCalculated {},
    /// Something changed since 申领计算.
    CalculationStale {},
    /// An earlier case of the coverage was released since: another amount would come out now.
    UsageChanged {},
    /// 互助金额 is 0 (manual 1.2.2).
    BenefitZero {},
    /// The day of payment lies in the future, or before the approval.
    PaidOnImpossible {},
    /// Who opened a correction may not review it.
    OpenedByYou {},
    /// A correction can't be deleted, only withdrawn.
    CorrectionStays {},
    /// A claim that was withdrawn has nothing to correct or to appeal against.
    WithdrawnClaim {},
    /// What it was decided by was erased when its time was over (保管期限与清除).
    CaseErased {},
    /// A denied claim is corrected once an appeal against it is allowed.
    AppealFirst {},
    /// An appeal against the case waits for its decision.
    AppealOpen {},
    /// A correction of the case is on its way.
    CorrectionOpen {
        /// Its 案件号.
        no: String,
    },
    /// The case was corrected: the last case of the chain is the one to look at.
    CorrectedAlready {
        /// Its 案件号.
        no: String,
    },
    /// An appeal against the case was decided.
    AppealDecided {},
    /// Who recorded an appeal doesn't decide it.
    AppealRecordedByYou {},
    /// Who worked on a case doesn't decide the appeal against it.
    HadAHandInIt {},
    /// More than what is still to come back.
    ReceiptTooMuch {
        /// What is still to come back, receipts that wait left out.
        left_fen: Fen,
    },
    /// A receipt of nothing, or less.
    ReceiptEmpty {},
    /// A receipt is dated in the future.
    ReceivedOnImpossible {},
    /// A receipt waits to be confirmed.
    ReceiptWaits {},
    /// A write-off waits for its decision.
    WriteOffWaits {},
    /// There is no such receipt or write-off that waits.
    NothingWaits {},
    /// Who recorded a receipt, or asked for a write-off, doesn't confirm it.
    RecordedByYou {},
}

impl Blocker {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}
