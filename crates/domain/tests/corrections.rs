//! 更正 and 追回: tables of who may do what, and what must hold of every chain of corrections.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use chrono::NaiveDate;
use huzhu_domain::{
    benefit::{Usage, UsageChange},
    case::{
        Action, ActionKind, Actor, Blocker, CalculationState, Case, CaseSource, Closing, Correction, DenyReason, Facts,
        LedgerEffect, OpenFacts, Outcome, Recovery, Stage, State, Tail, Verdict, Waiting, WriteOffReason, apply,
        blockers, difference, open_blockers,
    },
    claim_type::ClaimType,
    ids::{CaseId, UserId},
    money::Fen,
    permission::{Permission, Role},
};
use proptest::prelude::*;

const ENTERER: UserId = UserId(1);
const REVIEWER: UserId = UserId(2);
const CASHIER: UserId = UserId(3);
const OPENER: UserId = UserId(4);
const OTHER_CASHIER: UserId = UserId(5);

fn actor(id: UserId, role: Role) -> Actor {
    Actor::new(id, role.permissions().to_vec())
}

fn correcting(granted_before: i64, state: State) -> Case {
    let correction = Some(Correction { granted_before: Fen(granted_before), opened_by: OPENER });
    let (claim_type, source) = (ClaimType::DiseaseInpatient, CaseSource::Unit);
    Case { id: CaseId(9), claim_type, source, submissions: 1, correction, state }
}

fn today() -> NaiveDate {
    "2026-11-24".parse().unwrap()
}

fn facts() -> Facts {
    Facts { today: Some(today()), calculation: CalculationState::Current(Fen(0)), ..Facts::default() }
}

fn in_review(benefit: i64) -> State {
    State::FirstReview { entered_by: ENTERER, benefit: Fen(benefit), holder: Some(REVIEWER) }
}

fn owed(fen: i64) -> State {
    State::Recovery { entered_by: ENTERER, reviewed_by: None, approved_by: REVIEWER, benefit: Fen(-fen) }
}

fn codes(reasons: &[Blocker]) -> Vec<&'static str> {
    reasons.iter().map(Blocker::code).collect()
}

#[test]
fn the_difference_decides_where_an_approved_correction_goes() {
    let reviewer = actor(REVIEWER, Role::FirstReviewer);
    let cases =
        [(1, Stage::Payment, None), (-1, Stage::Recovery, None), (0, Stage::Closed, Some(LedgerEffect::Settle))];
    for (benefit, to, ledger) in cases {
        let done = apply(&correcting(500, in_review(benefit)), &reviewer, &Action::Approve, &facts()).unwrap();
        assert_eq!((done.case.state.stage(), done.ledger), (to, ledger), "{benefit}");
    }
    let same = apply(&correcting(500, in_review(0)), &reviewer, &Action::Approve, &facts()).unwrap();
    assert_eq!(same.case.state, State::Closed(Closing::Corrected { by: REVIEWER }));
}

#[test]
fn a_correction_that_is_denied_claims_back_what_was_granted() {
    let deny = Action::Deny { reason: DenyReason::Excluded };
    let reviewer = actor(REVIEWER, Role::FirstReviewer);
    let back = apply(&correcting(500, in_review(100)), &reviewer, &deny, &facts()).unwrap();
    assert_eq!((back.case.state, back.ledger), (owed(500), Some(LedgerEffect::Release)));
    let nothing = apply(&correcting(0, in_review(100)), &reviewer, &deny, &facts()).unwrap();
    assert_eq!(nothing.case.state.stage(), Stage::Closed);
}

#[test]
fn a_correction_may_come_to_nothing_or_less_and_isn_t_deleted() {
    let enterer = actor(ENTERER, Role::Handler);
    let held = correcting(500, State::ExpenseEntry { holder: Some(ENTERER) });
    for fen in [-500, 0, 7] {
        let facts = Facts { calculation: CalculationState::Current(Fen(fen)), ..facts() };
        let done = apply(&held, &enterer, &Action::Submit, &facts).unwrap();
        assert_eq!(done.case.state, State::FirstReview { entered_by: ENTERER, benefit: Fen(fen), holder: None });
    }
    let fresh = Case { submissions: 0, ..held };
    assert_eq!(codes(&blockers(&fresh, &enterer, ActionKind::Delete, &facts())), ["correction_stays"]);
}

#[test]
fn who_opened_a_correction_does_not_review_it() {
    let opener = actor(OPENER, Role::SecondReviewer);
    let pooled = State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: None };
    assert_eq!(codes(&blockers(&correcting(0, pooled), &opener, ActionKind::Take, &facts())), ["opened_by_you"]);
    let second = State::SecondReview { entered_by: ENTERER, reviewed_by: REVIEWER, benefit: Fen(1), holder: None };
    assert_eq!(codes(&blockers(&correcting(0, second), &opener, ActionKind::Take, &facts())), ["opened_by_you"]);
    let plain = Case { correction: None, ..correcting(0, pooled) };
    assert_eq!(blockers(&plain, &opener, ActionKind::Take, &facts()), []);
}

fn waiting(entry: i64, by: UserId, amount: i64, write_off: Option<WriteOffReason>) -> Waiting {
    Waiting { entry, by, amount: Fen(amount), write_off }
}

fn with(received: i64, waiting: Vec<Waiting>) -> Facts {
    Facts { recovery: Recovery { received: Fen(received), waiting }, ..facts() }
}

#[test]
fn receipts_are_bounded_and_confirmed_by_a_second_person() {
    let (cashier, other) = (actor(CASHIER, Role::Cashier), actor(OTHER_CASHIER, Role::Cashier));
    let case = correcting(500, owed(300));
    let record = |amount: i64, day: &str, facts: &Facts| {
        let act = Action::RecordReceipt { amount: Fen(amount), received_on: day.parse().unwrap() };
        apply(&case, &cashier, &act, facts).map(|d| d.case.state).map_err(|reasons| codes(&reasons))
    };
    let some = with(100, vec![waiting(1, CASHIER, 50, None)]);
    assert_eq!(record(150, "2026-11-24", &some), Ok(owed(300)));
    assert_eq!(record(151, "2026-11-24", &some), Err(vec!["receipt_too_much"]));
    assert_eq!(record(0, "2026-11-25", &some), Err(vec!["receipt_empty", "received_on_impossible"]));
    assert_eq!(record(i64::MIN, "2026-11-24", &some), Err(vec!["receipt_empty"]));

    let decide = |who: &Actor, entry, accepted, facts: &Facts| {
        let act = Action::DecideReceipt(Verdict { entry, accepted });
        apply(&case, who, &act, facts).map(|d| (d.case.state, d.ledger)).map_err(|reasons| codes(&reasons))
    };
    assert_eq!(decide(&cashier, 1, true, &some), Err(vec!["recorded_by_you"]));
    assert_eq!(decide(&cashier, 1, false, &some), Ok((owed(300), None)), "one's own mistake can be taken back");
    assert_eq!(decide(&other, 2, true, &some), Err(vec!["nothing_waits"]));
    assert_eq!(decide(&other, 1, true, &some), Ok((owed(300), None)));
    let last = with(250, vec![waiting(1, CASHIER, 50, None)]);
    let recovered = State::Closed(Closing::Recovered { by: OTHER_CASHIER });
    assert_eq!(decide(&other, 1, true, &last), Ok((recovered, Some(LedgerEffect::Settle))));
    assert_eq!(decide(&other, 1, true, &with(300, Vec::new())), Err(vec!["nothing_waits"]));
}

#[test]
fn a_write_off_waits_for_receipts_and_takes_a_second_person() {
    let cashier = actor(CASHIER, Role::Cashier);
    let both = Actor::new(CASHIER, vec![Permission::ConfirmPayments, Permission::SecondReview]);
    let senior = actor(REVIEWER, Role::SecondReviewer);
    let case = correcting(500, owed(300));
    let ask = Action::AskWriteOff { reason: WriteOffReason::Unreachable };
    let told = |facts: &Facts| apply(&case, &cashier, &ask, facts).map(|_| ()).map_err(|reasons| codes(&reasons));
    assert_eq!(told(&with(100, Vec::new())), Ok(()));
    assert_eq!(told(&with(0, vec![waiting(1, CASHIER, 50, None)])), Err(vec!["receipt_waits"]));
    let open = with(100, vec![waiting(2, CASHIER, 200, Some(WriteOffReason::Unreachable))]);
    assert_eq!(told(&open), Err(vec!["write_off_waits"]));
    let receipt = Action::RecordReceipt { amount: Fen(1), received_on: today() };
    assert_eq!(codes(&apply(&case, &cashier, &receipt, &open).unwrap_err())[0], "write_off_waits");
    let decide = Action::DecideWriteOff(Verdict { entry: 2, accepted: true });
    assert_eq!(codes(&apply(&case, &both, &decide, &open).unwrap_err()), ["recorded_by_you"]);
    let closed = Closing::WrittenOff { reason: WriteOffReason::Unreachable, by: REVIEWER };
    assert_eq!(apply(&case, &senior, &decide, &open).unwrap().case.state, State::Closed(closed));
    let refused = Action::DecideWriteOff(Verdict { entry: 2, accepted: false });
    assert_eq!(apply(&case, &senior, &refused, &open).unwrap().case.state, owed(300));
    // A receipt's verdict never lets a write-off through.
    let crossed = Action::DecideReceipt(Verdict { entry: 2, accepted: true });
    assert_eq!(codes(&apply(&case, &cashier, &crossed, &open).unwrap_err()), ["nothing_waits"]);
}

#[test]
fn what_can_be_corrected_and_appealed_against() {
    let paid = OpenFacts {
        stage: Some(Stage::Closed),
        outcome: Some(Outcome::Paid),
        tail: Some(Tail { is_this: true, no: "CL1".into() }),
        ..OpenFacts::default()
    };
    let denied = OpenFacts { outcome: Some(Outcome::Denied), ..paid.clone() };
    let tail = Some(Tail { is_this: false, no: "CL2".into() });
    let table: [(OpenFacts, &[&str], &[&str]); 8] = [
        (paid.clone(), &[], &[]),
        (denied.clone(), &["appeal_first"], &[]),
        (OpenFacts { appeal_allowed: true, appeal_decided: true, ..denied.clone() }, &[], &["appeal_decided"]),
        (OpenFacts { appeal_open: true, ..paid.clone() }, &["appeal_open"], &["appeal_open"]),
        (OpenFacts { open_no: Some("CL3".into()), ..paid.clone() }, &["correction_open"], &["correction_open"]),
        (OpenFacts { tail, ..paid.clone() }, &["corrected_already"], &["corrected_already"]),
        (OpenFacts { outcome: Some(Outcome::Withdrawn), ..paid.clone() }, &["withdrawn_claim"], &["withdrawn_claim"]),
        (OpenFacts { stage: Some(Stage::Payment), ..paid }, &["wrong_stage"], &["wrong_stage"]),
    ];
    for (facts, correct, appeal) in table {
        assert_eq!(codes(&open_blockers(&facts)), correct, "{facts:?}");
        assert_eq!(codes(&facts.appeal_blockers()), appeal, "{facts:?}");
    }
}

/// What one correction of a chain comes to.
#[derive(Clone, Debug)]
enum Way {
    Approved(Usage),
    Denied,
    Withdrawn(Usage),
}

fn usage() -> impl Strategy<Value = Usage> {
    (0_i64..2_000_000, 0_u32..40, 0_u32..4, 0_i64..3_000_000).prop_map(|(fen, days, stays, base)| Usage {
        times: u32::from(fen > 0),
        stays,
        amount: Fen(fen),
        days,
        base: Fen(base),
    })
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        6 => usage().prop_map(Way::Approved),
        1 => Just(Way::Denied),
        1 => usage().prop_map(Way::Withdrawn),
    ]
}

/// The ledger of a chain: what all its entries come to.
#[derive(Clone, Copy, Default)]
struct Ledger(UsageChange);

impl Ledger {
    fn add(&mut self, c: UsageChange) {
        let l = self.0;
        self.0 = UsageChange {
            times: l.times + c.times,
            stays: l.stays + c.stays,
            amount: l.amount + c.amount,
            days: l.days + c.days,
            base: l.base + c.base,
        };
    }

    fn usage(self) -> Usage {
        let n = |n: i64| u32::try_from(n).unwrap();
        let l = self.0;
        Usage { times: n(l.times), stays: n(l.stays), amount: l.amount, days: n(l.days), base: l.base }
    }
}

proptest! {
    /// However a chain goes: what was paid less what came back is what was granted last, and the ledger says the same.
    #[test]
    fn a_chain_comes_to_what_was_granted_last(first in usage(), ways in prop::collection::vec(way(), 0..8)) {
        let (mut paid, mut back) = (first.amount, Fen::ZERO);
        let mut granted = first;
        let mut ledger = Ledger::default();
        ledger.add(UsageChange::between(Usage::default(), first));
        let (enterer, reviewer) = (actor(ENTERER, Role::Handler), actor(REVIEWER, Role::FirstReviewer));
        let cashiers = [actor(CASHIER, Role::Cashier), actor(OTHER_CASHIER, Role::Cashier)];
        for way in ways {
            let before = ledger.usage();
            let entering = correcting(granted.amount.0, State::ExpenseEntry { holder: Some(ENTERER) });
            let (Way::Approved(now) | Way::Withdrawn(now)) = way.clone() else {
                // Denied: nothing is granted any more.
                let done = apply(&correcting(granted.amount.0, in_review(0)), &reviewer, &Action::Deny { reason: DenyReason::Other }, &facts()).unwrap();
                if granted.amount > Fen::ZERO {
                    prop_assert_eq!(done.case.state, owed(granted.amount.0));
                    back += granted.amount;
                    ledger.add(UsageChange::between(ledger.usage(), Usage::default()));
                    granted = Usage::default();
                } else {
                    prop_assert_eq!((done.case.state.stage(), done.ledger), (Stage::Closed, Some(LedgerEffect::Settle)));
                    ledger.add(UsageChange::between(ledger.usage(), Usage::default()));
                    granted = Usage::default();
                }
                continue;
            };
            let benefit = difference(entering.correction, now.amount);
            let computed = Facts { calculation: CalculationState::Current(benefit), ..facts() };
            let submitted = apply(&entering, &enterer, &Action::Submit, &computed).unwrap();
            let reserve = UsageChange::between(before, now).taken();
            let mut reserved = ledger;
            reserved.add(reserve);
            // While it is decided the ledger never says less than either.
            prop_assert!(reserved.usage().amount >= before.amount.max(now.amount));
            prop_assert!(reserved.usage().times <= 1, "times aren't counted twice");
            if matches!(way, Way::Withdrawn(_)) {
                continue;
            }
            let taken = apply(&submitted.case, &reviewer, &Action::Take, &computed).unwrap();
            let mut at = apply(&taken.case, &reviewer, &Action::Approve, &computed).unwrap();
            if let State::Payment { benefit, .. } = at.case.state {
                at = apply(&at.case, &cashiers[0], &Action::ConfirmPayment { paid_on: today() }, &facts()).unwrap();
                paid += benefit;
            } else if let State::Recovery { benefit, .. } = at.case.state {
                // In two parts where it can be halved.
                let parts = [Fen(-benefit.0 / 2), Fen(-benefit.0 - -benefit.0 / 2)];
                let mut received = 0;
                for amount in parts.into_iter().filter(|p| *p > Fen::ZERO) {
                    let known = with(received, Vec::new());
                    let act = Action::RecordReceipt { amount, received_on: today() };
                    let recorded = apply(&at.case, &cashiers[0], &act, &known).unwrap();
                    let known = with(received, vec![waiting(7, CASHIER, amount.0, None)]);
                    let act = Action::DecideReceipt(Verdict { entry: 7, accepted: true });
                    at = apply(&recorded.case, &cashiers[1], &act, &known).unwrap();
                    received += amount.0;
                    back += amount;
                }
            }
            prop_assert_eq!((at.case.state.stage(), at.ledger), (Stage::Closed, Some(LedgerEffect::Settle)));
            ledger = reserved;
            ledger.add(UsageChange::between(reserved.usage(), now));
            granted = now;
        }
        prop_assert_eq!(paid - back, granted.amount);
        prop_assert_eq!(ledger.usage(), granted);
    }
}
