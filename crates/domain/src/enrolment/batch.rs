//! The way of a batch (批次): checked → confirmed → its fee arrives → its coverages are in force.
use serde::Serialize;
use strum::{IntoEnumIterator, IntoStaticStr};

use crate::{coverage::CoverageState, ids::UserId, permission::Permission};

code_enum! {
    /// Where a batch stands.
    BatchState {
        /// 检查中: the rows are being judged.
        Checking,
        /// 待确认: every row is judged.
        Checked,
        /// 无法读取: the file is no roster.
        Unreadable,
        /// 待到账: confirmed; its coverages wait for the fee.
        Confirmed,
        /// 已生效: the fee arrived, the coverages are in force.
        InForce,
        /// 已退回: sent back by finance; its coverages are void.
        Returned,
        /// 已作废: given up by who made it.
        Discarded,
    }
}

code_enum! {
    /// What can be done with a batch.
    BatchAction {
        /// 重新检查: judge every row anew.
        Recheck,
        /// 确认: enrol the good rows.
        Confirm,
        /// 作废: give it up.
        Discard,
        /// 到账确认: the fee has arrived.
        ConfirmFee,
        /// 退回: the fee doesn't arrive; nothing comes into force.
        Return,
    }
}

/// What a decision needs to know of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Where it stands.
    pub state: BatchState,
    /// Rows that can be enrolled.
    pub good: u32,
    /// Who confirmed it; None for nobody yet, or for the program itself.
    pub confirmed_by: Option<UserId>,
    /// 保障费用 of all good rows, in fen.
    pub fee_fen: i64,
}

/// Why an action isn't possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum BatchBlocker {
    /// Not from where the batch stands.
    BatchWrongState {
        /// Where it stands.
        batch_state: BatchState,
    },
    /// There is no good row.
    NoGoodRow {},
    /// Who confirmed the batch may not confirm its fee.
    ConfirmedByYou {},
    /// Somebody of the roster has been enrolled elsewhere since the check: check again.
    RosterOutdated {
        /// How many rows.
        count: u64,
    },
    /// The unit is out of use.
    UnitInactive {},
    /// The unit was moved to another office since: the version isn't that office's.
    BatchUnitMoved {},
}

impl BatchState {
    /// Those in which something is still to be done.
    pub const OPEN: [Self; 3] = [Self::Checking, Self::Checked, Self::Confirmed];

    /// What its coverages are; None where it has none yet.
    #[must_use]
    pub const fn coverage_state(self) -> Option<CoverageState> {
        match self {
            Self::Checking | Self::Checked | Self::Unreadable => None,
            Self::Confirmed => Some(CoverageState::Pending),
            Self::InForce => Some(CoverageState::Active),
            Self::Returned | Self::Discarded => Some(CoverageState::Void),
        }
    }
}

impl BatchAction {
    /// The states that the action starts from.
    #[must_use]
    pub const fn from(self) -> &'static [BatchState] {
        use BatchState as S;
        match self {
            Self::Recheck | Self::Confirm => &[S::Checked],
            Self::Discard => &[S::Checking, S::Checked, S::Unreadable, S::Confirmed],
            Self::ConfirmFee | Self::Return => &[S::Confirmed],
        }
    }

    /// The right that it takes.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Recheck | Self::Confirm | Self::Discard => Permission::EnrolMembers,
            Self::ConfirmFee | Self::Return => Permission::ConfirmFees,
        }
    }
}

/// Where the action leads, or every reason why it can't be done by this person now.
///
/// # Errors
/// All reasons.
pub fn apply(batch: &Batch, action: BatchAction, by: UserId) -> Result<BatchState, Vec<BatchBlocker>> {
    let mut reasons = Vec::new();
    if !action.from().contains(&batch.state) {
        reasons.push(BatchBlocker::BatchWrongState { batch_state: batch.state });
    }
    if action == BatchAction::Confirm && batch.good == 0 {
        reasons.push(BatchBlocker::NoGoodRow {});
    }
    if action == BatchAction::ConfirmFee && batch.confirmed_by == Some(by) {
        reasons.push(BatchBlocker::ConfirmedByYou {});
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    Ok(match action {
        BatchAction::Recheck => BatchState::Checking,
        // Without a fee there is nothing to wait for.
        BatchAction::Confirm if batch.fee_fen == 0 => BatchState::InForce,
        BatchAction::Confirm => BatchState::Confirmed,
        BatchAction::Discard => BatchState::Discarded,
        BatchAction::ConfirmFee => BatchState::InForce,
        BatchAction::Return => BatchState::Returned,
    })
}

/// The actions that lead on from where the batch stands and that somebody has the right to, with what keeps them from it.
#[must_use]
pub fn allowed(batch: &Batch, by: UserId, rights: &[Permission]) -> Vec<(BatchAction, Vec<BatchBlocker>)> {
    BatchAction::iter()
        .filter(|a| a.from().contains(&batch.state) && rights.contains(&a.permission()))
        .map(|a| (a, apply(batch, a, by).err().unwrap_or_default()))
        .collect()
}
