//! Who may do what with a batch, and what of a case is to be paid.
use chrono::NaiveDate;
use serde::Serialize;
use strum::IntoStaticStr;

use super::{CorrectionState, MAX_CASES, PaymentAction, PaymentBatchState, PaymentItemState};
use crate::{case::Actor, ids::UserId, money::Fen, permission::Permission};

/// Why something about a payment is refused. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Blocker {
    /// The actor lacks the right.
    NoRight {},
    /// The batch stands where this can't be done.
    BatchState {
        /// Where it stands.
        payment_batch_state: PaymentBatchState,
    },
    /// Who made a batch may not release it.
    MadeByYou {},
    /// Nothing is in it.
    BatchEmpty {},
    /// More cases than a batch can hold.
    BatchFull {
        /// The most.
        max: usize,
    },
    /// Who entered or reviewed a case may not pay it.
    HandInCase {
        /// The case.
        case_no: String,
    },
    /// The case doesn't wait for payment (any more).
    NotToBePaid {
        /// The case.
        case_no: String,
    },
    /// It is in a batch that isn't settled.
    InOpenBatch {
        /// The case.
        case_no: String,
        /// That batch.
        batch_no: String,
    },
    /// What came back of it waits for its account.
    AwaitsAccount {
        /// The case.
        case_no: String,
    },
    /// It belongs to another office than the batch.
    OtherOffice {
        /// The case.
        case_no: String,
    },
    /// What is in the batch of a case isn't what is to be paid of it.
    AmountsDiffer {
        /// The case.
        case_no: String,
    },
    /// Money can't have arrived tomorrow.
    PaidOnImpossible {},
    /// Nor before it left.
    PaidBeforeRelease {
        /// The day of the release.
        day: NaiveDate,
    },
    /// The bank's answer about the item is known already, and is another.
    ItemSettled {
        /// The item.
        reference: String,
    },
    /// Nothing to correct: it didn't come back, or is settled.
    NotBounced {},
    /// A correction waits for its decision.
    AccountCorrectionOpen {},
    /// None waits.
    CorrectionNone {},
    /// Who asked for a correction may not decide about it.
    CorrectionByYou {},
    /// Another account wants a picture of its card or paper.
    PictureMissing {},
}

/// A case as far as its payment looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    /// 案件号.
    pub no: String,
    /// Whether it stands at 待支付.
    pub to_be_paid: bool,
    /// Whether it belongs to the batch's office.
    pub same_office: bool,
    /// Who entered, reviewed and approved it.
    pub hands: Vec<UserId>,
    /// The batch that isn't settled and holds it.
    pub open_in: Option<String>,
    /// What each payee is to get.
    pub shares: Vec<Share>,
}

/// What one payee of a case is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The payee's place in the case, from 0.
    pub position: i32,
    /// The part of the benefit.
    pub amount: Fen,
    /// Where the last item of it stands; None where there was none.
    pub last: Option<PaymentItemState>,
}

/// The shares that the next batch is to pay: those that were in none, and those that came back and were repaired. A share of
/// nothing is none.
pub fn due(shares: &[Share]) -> impl Iterator<Item = &Share> {
    shares.iter().filter(|s| s.amount > Fen::ZERO && matches!(s.last, None | Some(PaymentItemState::Repaired)))
}

/// Whether all of a benefit has arrived.
#[must_use]
pub fn is_paid(shares: &[Share]) -> bool {
    shares.iter().all(|s| s.amount == Fen::ZERO || s.last == Some(PaymentItemState::Paid))
}

/// Why somebody may neither make, release nor settle a batch with the case: they entered, reviewed or approved it.
#[must_use]
pub fn hand_blocker(case_no: &str, hands: &[UserId], who: UserId) -> Option<Blocker> {
    hands.contains(&who).then(|| Blocker::HandInCase { case_no: case_no.to_owned() })
}

/// Why a case can't be put into a batch by somebody; empty where it can.
#[must_use]
pub fn put_blockers(case: &CaseFact, actor: &Actor) -> Vec<Blocker> {
    let case_no = || case.no.clone();
    let mut out = Vec::new();
    if !case.to_be_paid {
        return vec![Blocker::NotToBePaid { case_no: case_no() }];
    }
    if !case.same_office {
        out.push(Blocker::OtherOffice { case_no: case_no() });
    }
    out.extend(hand_blocker(&case.no, &case.hands, actor.id));
    match &case.open_in {
        Some(batch_no) => out.push(Blocker::InOpenBatch { case_no: case_no(), batch_no: batch_no.clone() }),
        None if due(&case.shares).next().is_none() => out.push(Blocker::AwaitsAccount { case_no: case_no() }),
        None => {}
    }
    out
}

/// A batch as a decision looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchFact {
    /// Where it stands.
    pub state: PaymentBatchState,
    /// Who made it.
    pub made_by: UserId,
    /// Cases in it.
    pub cases: usize,
}

/// Why somebody can't do something with a batch; empty where they can.
#[must_use]
pub fn act_blockers(action: PaymentAction, batch: BatchFact, actor: &Actor) -> Vec<Blocker> {
    use PaymentAction as A;
    use PaymentBatchState as S;
    if !actor.may(Permission::ConfirmPayments) {
        return vec![Blocker::NoRight {}];
    }
    let fits = match action {
        A::Change | A::Cancel | A::Release => batch.state == S::Draft,
        A::Settle => batch.state == S::Released,
        A::File => matches!(batch.state, S::Released | S::Settled),
    };
    if !fits {
        return vec![Blocker::BatchState { payment_batch_state: batch.state }];
    }
    let mut out = Vec::new();
    if batch.cases > MAX_CASES {
        out.push(Blocker::BatchFull { max: MAX_CASES });
    }
    if action == A::Release {
        if batch.cases == 0 {
            out.push(Blocker::BatchEmpty {});
        }
        if batch.made_by == actor.id {
            out.push(Blocker::MadeByYou {});
        }
    }
    out
}

/// Why money that was released on a day can't have arrived on another.
#[must_use]
pub fn day_blocker(paid_on: NaiveDate, released_on: NaiveDate, today: NaiveDate) -> Option<Blocker> {
    if paid_on > today {
        return Some(Blocker::PaidOnImpossible {});
    }
    (paid_on < released_on).then_some(Blocker::PaidBeforeRelease { day: released_on })
}

/// The correction of what came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrectionFact {
    /// Where the item stands.
    pub item: PaymentItemState,
    /// The last correction that was asked for: where it stands, and by whom.
    pub last: Option<(CorrectionState, UserId)>,
}

/// Why somebody can't ask for a correction (`deciding` false), or decide about one.
#[must_use]
pub fn correction_blockers(fact: CorrectionFact, deciding: bool, actor: UserId) -> Vec<Blocker> {
    if fact.item != PaymentItemState::Bounced {
        return vec![Blocker::NotBounced {}];
    }
    let open = fact.last.filter(|(state, _)| *state == CorrectionState::Proposed);
    match (deciding, open) {
        (false, Some(_)) => vec![Blocker::AccountCorrectionOpen {}],
        (true, None) => vec![Blocker::CorrectionNone {}],
        (true, Some((_, by))) if by == actor => vec![Blocker::CorrectionByYou {}],
        _ => Vec::new(),
    }
}
