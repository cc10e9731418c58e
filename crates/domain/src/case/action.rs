//! What can be done to a case, with what each act must bring along.
use chrono::NaiveDate;

use super::{
    cut::Cut,
    recovery::{Verdict, WriteOffReason},
};
use crate::{
    ids::{ReductionId, UserId},
    money::Fen,
};

code_enum! {
    /// The name of an act on a case: what the table of moves, the buttons and the log call it.
    ActionKind {
        /// Add, replace or remove a picture (上传, 证件拍照).
        EditMaterials,
        /// 确定 on the page of materials: all required papers are there.
        ConfirmMaterials,
        /// 案件删除.
        Delete,
        /// 获取: take the case out of the pool.
        Take,
        /// 释放: put it back.
        Release,
        /// 转派: put it into somebody's hands.
        Assign,
        /// 保存: keep a draft of the expense entry.
        SaveDraft,
        /// 申领计算: compute the 互助金额.
        Calculate,
        /// 申领提交.
        Submit,
        /// 核减: take an amount off a statement.
        Reduce,
        /// 撤销核减.
        Unreduce,
        /// Say whether what a warning tells of is acceptable.
        AnswerWarning,
        /// 通过.
        Approve,
        /// 退回.
        Return,
        /// 不予给付.
        Deny,
        /// 撤案.
        Withdraw,
        /// 确认支付.
        ConfirmPayment,
        /// 登记回款: money that came back to the society.
        RecordReceipt,
        /// 确认到账 of such money, or not.
        DecideReceipt,
        /// 申请核销: give up what hasn't come back.
        AskWriteOff,
        /// 核销, or not.
        DecideWriteOff,
    }
}

code_enum! {
    /// Where a returned case goes.
    ReturnTo {
        /// 费用录入, to who entered it.
        ExpenseEntry,
        /// 材料上传, for papers that are missing or illegible.
        Materials,
    }
}

code_enum! {
    /// Why a case is returned (退回原因).
    ReturnReason {
        /// 材料缺失.
        MaterialsMissing,
        /// 材料不清晰.
        MaterialsIllegible,
        /// 金额与单据不符.
        AmountsMismatch,
        /// 出险人与单据不符.
        PersonMismatch,
        /// 领款人信息有误.
        PayeeWrong,
        /// 其他: the note says it.
        Other,
    }
}

code_enum! {
    /// Why a claim is denied (不予给付原因).
    DenyReason {
        /// 出险日不在保障区间.
        NotCovered,
        /// 观察期内.
        WaitingPeriod,
        /// 保障责任已终止.
        CoverEnded,
        /// 次数已用完.
        TimesUsedUp,
        /// 额度已用完.
        AmountUsedUp,
        /// 票据重复.
        DuplicateInvoice,
        /// 住院时间重叠.
        OverlappingStay,
        /// 不属于保障范围.
        OutOfScope,
        /// 超过申领期限.
        PastDeadline,
        /// 责任免除.
        Excluded,
        /// 其他: the note says it.
        Other,
    }
}

code_enum! {
    /// Why a claim is withdrawn (撤案原因).
    WithdrawReason {
        /// 申请人要求.
        MemberRequest,
        /// 受理有误.
        AcceptedInError,
        /// 其他: the note says it.
        Other,
    }
}

/// An act with what it must bring along. Money never comes from outside: 申领提交 uses what was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// See [`ActionKind::EditMaterials`].
    EditMaterials,
    /// See [`ActionKind::ConfirmMaterials`].
    ConfirmMaterials,
    /// See [`ActionKind::Delete`].
    Delete,
    /// See [`ActionKind::Take`].
    Take,
    /// See [`ActionKind::Release`].
    Release,
    /// See [`ActionKind::Assign`].
    Assign {
        /// Into whose hands.
        to: UserId,
    },
    /// See [`ActionKind::SaveDraft`].
    SaveDraft,
    /// See [`ActionKind::Calculate`].
    Calculate,
    /// See [`ActionKind::Submit`].
    Submit,
    /// See [`ActionKind::Reduce`].
    Reduce {
        /// What is taken off.
        cut: Cut,
    },
    /// See [`ActionKind::Unreduce`].
    Unreduce {
        /// Which cut doesn't stand any more.
        id: ReductionId,
    },
    /// See [`ActionKind::AnswerWarning`].
    AnswerWarning {
        /// The warning's code.
        code: String,
        /// Which statement it is about, from 1; None for the case.
        statement: Option<usize>,
        /// Whether it is acceptable.
        accepted: bool,
    },
    /// See [`ActionKind::Approve`].
    Approve,
    /// See [`ActionKind::Return`].
    Return {
        /// Where the case goes.
        to: ReturnTo,
        /// Why.
        reason: ReturnReason,
    },
    /// See [`ActionKind::Deny`].
    Deny {
        /// Why.
        reason: DenyReason,
    },
    /// See [`ActionKind::Withdraw`].
    Withdraw {
        /// Why.
        reason: WithdrawReason,
    },
    /// See [`ActionKind::ConfirmPayment`].
    ConfirmPayment {
        /// The day the money left.
        paid_on: NaiveDate,
    },
    /// See [`ActionKind::RecordReceipt`].
    RecordReceipt {
        /// How much came.
        amount: Fen,
        /// The day it came.
        received_on: NaiveDate,
    },
    /// See [`ActionKind::DecideReceipt`].
    DecideReceipt(Verdict),
    /// See [`ActionKind::AskWriteOff`].
    AskWriteOff {
        /// Why.
        reason: WriteOffReason,
    },
    /// See [`ActionKind::DecideWriteOff`].
    DecideWriteOff(Verdict),
}

impl Action {
    /// The act's name.
    #[must_use]
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::EditMaterials => ActionKind::EditMaterials,
            Self::ConfirmMaterials => ActionKind::ConfirmMaterials,
            Self::Delete => ActionKind::Delete,
            Self::Take => ActionKind::Take,
            Self::Release => ActionKind::Release,
            Self::Assign { .. } => ActionKind::Assign,
            Self::SaveDraft => ActionKind::SaveDraft,
            Self::Calculate => ActionKind::Calculate,
            Self::Submit => ActionKind::Submit,
            Self::Reduce { .. } => ActionKind::Reduce,
            Self::Unreduce { .. } => ActionKind::Unreduce,
            Self::AnswerWarning { .. } => ActionKind::AnswerWarning,
            Self::Approve => ActionKind::Approve,
            Self::Return { .. } => ActionKind::Return,
            Self::Deny { .. } => ActionKind::Deny,
            Self::Withdraw { .. } => ActionKind::Withdraw,
            Self::ConfirmPayment { .. } => ActionKind::ConfirmPayment,
            Self::RecordReceipt { .. } => ActionKind::RecordReceipt,
            Self::DecideReceipt(_) => ActionKind::DecideReceipt,
            Self::AskWriteOff { .. } => ActionKind::AskWriteOff,
            Self::DecideWriteOff(_) => ActionKind::DecideWriteOff,
        }
    }

    /// The coded reason that the act carries, as the log keeps it.
    #[must_use]
    pub fn reason_code(&self) -> Option<&'static str> {
        match self {
            Self::Reduce { cut } => Some(cut.reason.into()),
            Self::Return { reason, .. } => Some(reason.into()),
            Self::Deny { reason } => Some(reason.into()),
            Self::Withdraw { reason } => Some(reason.into()),
            Self::AskWriteOff { reason } => Some(reason.into()),
            _ => None,
        }
    }
}
