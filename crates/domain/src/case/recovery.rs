//! 追回: money that a correction found to be too much comes back, receipt by receipt, each confirmed by a second person; what
//! can't be got back is written off, by a second person too.
use chrono::NaiveDate;

use super::{Action, ActionKind, Blocker, Closing, State};
use crate::{ids::UserId, money::Fen};

code_enum! {
    /// How money came back (回款方式).
    ReceiptWay {
        /// 银行转账.
        BankTransfer,
        /// 现金.
        Cash,
        /// 单位代扣.
        ThroughUnit,
        /// 其他: the note says it.
        Other,
    }
}

code_enum! {
    /// Why what hasn't come back is given up (核销原因).
    WriteOffReason {
        /// 死亡无遗产.
        NoEstate,
        /// 无法联系.
        Unreachable,
        /// 无力偿还.
        Insolvent,
        /// 追偿成本过高.
        CostExceeds,
        /// 超过追偿时效.
        TimeBarred,
        /// 其他: the note says it.
        Other,
    }
}

/// A second person's yes or no to a receipt or a write-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The entry of 追回 that it is about.
    pub entry: i64,
    /// Whether it holds.
    pub accepted: bool,
}

/// A receipt or a write-off that waits for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The entry.
    pub entry: i64,
    /// Who recorded it, or asked for it.
    pub by: UserId,
    /// How much.
    pub amount: Fen,
    /// Why it is given up; None of a receipt.
    pub write_off: Option<WriteOffReason>,
}

/// What has come back of a claim, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Receipts that were confirmed.
    pub received: Fen,
    /// What waits for a second person.
    pub waiting: Vec<Waiting>,
}

impl Recovery {
    /// What is still to come back of `owed` when all that waits is confirmed.
    #[must_use]
    pub fn left(&self, owed: Fen) -> Fen {
        let waiting: i64 = self.waiting.iter().map(|w| w.amount.0).sum();
        owed - self.received - Fen(waiting)
    }

    fn receipts_wait(&self) -> bool {
        self.waiting.iter().any(|w| w.write_off.is_none())
    }

    fn write_off_waits(&self) -> bool {
        self.waiting.iter().any(|w| w.write_off.is_some())
    }

    /// What keeps anybody from the kind of act on a claim of `owed`.
    pub(super) fn blockers(&self, owed: Fen, action: ActionKind) -> Vec<Blocker> {
        let one = |wrong: bool, blocker: Blocker| wrong.then_some(blocker);
        let reasons = match action {
            // Where all of it is recorded there is nothing more to record before that is confirmed.
            ActionKind::RecordReceipt => [
                one(self.write_off_waits(), Blocker::WriteOffWaits {}),
                one(self.receipts_wait() && self.left(owed) <= Fen::ZERO, Blocker::ReceiptWaits {}),
            ],
            ActionKind::AskWriteOff => [
                one(self.receipts_wait(), Blocker::ReceiptWaits {}),
                one(self.write_off_waits(), Blocker::WriteOffWaits {}),
            ],
            ActionKind::DecideReceipt => [one(!self.receipts_wait(), Blocker::NothingWaits {}), None],
            ActionKind::DecideWriteOff => [one(!self.write_off_waits(), Blocker::NothingWaits {}), None],
            _ => [None, None],
        };
        reasons.into_iter().flatten().collect()
    }

    /// The entry that a verdict is about.
    fn judged(&self, action: &Action) -> Option<(&Waiting, bool)> {
        let (verdict, write_off) = match action {
            Action::DecideReceipt(verdict) => (verdict, false),
            Action::DecideWriteOff(verdict) => (verdict, true),
            _ => return None,
        };
        let found = self.waiting.iter().find(|w| w.entry == verdict.entry && w.write_off.is_some() == write_off);
        found.map(|w| (w, verdict.accepted))
    }

    /// What keeps this act from happening to a claim of `owed`.
    pub(super) fn refusals(&self, owed: Fen, me: UserId, action: &Action, today: Option<NaiveDate>) -> Vec<Blocker> {
        let mut out = Vec::new();
        match action {
            Action::RecordReceipt { amount, received_on } => {
                let left = self.left(owed);
                if *amount <= Fen::ZERO {
                    out.push(Blocker::ReceiptEmpty {});
                } else if *amount > left {
                    out.push(Blocker::ReceiptTooMuch { left_fen: left });
                }
                if today.is_some_and(|today| *received_on > today) {
                    out.push(Blocker::ReceivedOnImpossible {});
                }
            }
            Action::DecideReceipt(_) | Action::DecideWriteOff(_) => match self.judged(action) {
                None if self.blockers(owed, action.kind()).is_empty() => out.push(Blocker::NothingWaits {}),
                // Taking one's own entry back takes nobody else.
                Some((waiting, true)) if waiting.by == me => out.push(Blocker::RecordedByYou {}),
                _ => {}
            },
            _ => {}
        }
        out
    }

    /// The state after an act on a claim of `owed` that nothing keeps from happening; None where it doesn't belong to 追回.
    pub(super) fn after(&self, open: State, owed: Fen, me: UserId, action: &Action) -> Option<State> {
        Some(match action {
            Action::RecordReceipt { .. } | Action::AskWriteOff { .. } => open,
            Action::DecideReceipt(_) | Action::DecideWriteOff(_) => match self.judged(action)? {
                (_, false) => open,
                (Waiting { write_off: Some(reason), .. }, true) => {
                    State::Closed(Closing::WrittenOff { reason: *reason, by: me })
                }
                (waiting, true) if self.received + waiting.amount >= owed => {
                    State::Closed(Closing::Recovered { by: me })
                }
                _ => open,
            },
            _ => return None,
        })
    }
}
