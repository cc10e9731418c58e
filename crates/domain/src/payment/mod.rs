//! 支付: how money leaves. One person makes a batch (付款批次) of approved cases, a second one releases it, the bank's answer
//! settles its items one by one; what bounces (退票) is paid again by a later batch once a second person has approved
//! the account. A case is closed when every share of it is paid.
mod batch;
mod layout;
mod result;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use batch::{BatchFact, Blocker, CaseFact, CorrectionFact, Share, act_blockers, due, is_paid, put_blockers};
pub use batch::{correction_blockers, day_blocker, hand_blocker};
pub use layout::{
    AmountUnit, CsvEncoding, FileColumn, FileField, FileLayout, FileValues, LayoutFault, MAX_COLUMNS, ResultHeadings,
    amount_text, cells, guarded,
};
pub use result::{ItemFact, ResultFault, ResultRow, Verdict, judge, outcome_of, reason_of};

use crate::money::Fen;

/// Cases that one batch can hold.
pub const MAX_CASES: usize = 500;
/// The longest words of the bank about a 退票, in characters.
pub const MAX_WORDS: usize = 200;

code_enum! {
    /// Where a batch stands.
    PaymentBatchState {
        /// 草稿: cases may be put in and out.
        Draft,
        /// 已放行: the bank has it, or will.
        Released,
        /// 已结清: of every item it is known whether it arrived.
        Settled,
        /// 已取消.
        Cancelled,
    }
}

code_enum! {
    /// Where one payee's share in a batch stands.
    PaymentItemState {
        /// In a draft.
        Draft,
        /// Released; the bank's answer is awaited.
        Sent,
        /// 已付.
        Paid,
        /// 退票: it came back, and its account isn't settled yet.
        Bounced,
        /// It came back, and may be paid again.
        Repaired,
        /// It came back, and a later item pays it.
        Replaced,
    }
}

code_enum! {
    /// Why the bank sent money back.
    BounceReason {
        /// 账号有误.
        AccountWrong,
        /// 户名不符.
        NameMismatch,
        /// 已销户.
        AccountClosed,
        /// 账户冻结或状态异常.
        AccountFrozen,
        /// 开户行有误.
        BankWrong,
        /// 超过限额.
        LimitExceeded,
        /// 银行系统原因.
        BankFailure,
        /// 其他.
        Other,
    }
}

code_enum! {
    /// Where the correction of an account stands.
    CorrectionState {
        /// Asked for.
        Proposed,
        /// A second person agreed.
        Approved,
        /// A second person did not.
        Refused,
    }
}

code_enum! {
    /// What can be done with a batch.
    PaymentAction {
        /// 调整案件: put cases in or out.
        Change,
        /// 取消批次.
        Cancel,
        /// 放行.
        Release,
        /// 付款文件.
        File,
        /// 登记结果.
        Settle,
    }
}

/// What the bank says became of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemOutcome {
    /// It arrived.
    Paid {
        /// On that day.
        on: chrono::NaiveDate,
    },
    /// It came back.
    Bounced {
        /// Why, coded.
        reason: BounceReason,
        /// Why, in the bank's words.
        words: String,
    },
}

/// A number of things with their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Total {
    /// How many.
    pub count: u64,
    /// Their sum in fen.
    pub sum_fen: Fen,
}

impl Total {
    /// Of amounts.
    #[must_use]
    pub fn of(amounts: impl IntoIterator<Item = Fen>) -> Self {
        amounts.into_iter().fold(Self::default(), |t, fen| Self { count: t.count + 1, sum_fen: t.sum_fen + fen })
    }
}
