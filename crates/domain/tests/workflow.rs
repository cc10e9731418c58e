//! Random people ask for random acts, with random facts: whatever is granted keeps the workflow's promises.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]
#[path = "support/mod.rs"]
mod support;

use huzhu_domain::{
    case::{
        Action, Actor, CalculationState, Case, CaseSource, Closing, Correction, DenyReason, Facts, LedgerEffect,
        ReturnReason, ReturnTo, SecondReason, Stage, State, WithdrawReason, allowed_actions, apply, moves,
    },
    claim_type::ClaimType,
    ids::{CaseId, UserId},
    money::Fen,
    permission::Role,
};
use proptest::prelude::*;

/// Somebody of each role, and three who have more than one.
fn cast() -> Vec<Actor> {
    let of = |n: i64, roles: &[Role]| Actor::new(UserId(n), huzhu_domain::permission::rights_of(roles));
    vec![
        of(1, &[Role::UnitOperator]),
        of(2, &[Role::Handler]),
        of(3, &[Role::FirstReviewer]),
        of(4, &[Role::SecondReviewer]),
        of(5, &[Role::SecondReviewer]),
        of(6, &[Role::Cashier]),
        of(7, &[Role::Admin]),
        of(8, &[Role::Handler, Role::SecondReviewer, Role::Cashier]),
        of(9, &[Role::Handler, Role::SecondReviewer, Role::Cashier, Role::Admin]),
    ]
}

fn day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn action() -> impl Strategy<Value = Action> {
    let to = prop_oneof![Just(ReturnTo::ExpenseEntry), Just(ReturnTo::Materials)];
    prop_oneof![
        1 => Just(Action::EditMaterials),
        4 => Just(Action::ConfirmMaterials),
        1 => Just(Action::Delete),
        8 => Just(Action::Take),
        2 => Just(Action::Release),
        2 => (1..10_i64).prop_map(|n| Action::Assign { to: UserId(n) }),
        1 => Just(Action::SaveDraft),
        1 => Just(Action::Calculate),
        6 => Just(Action::Submit),
        8 => Just(Action::Approve),
        2 => to.prop_map(|to| Action::Return { to, reason: ReturnReason::Other }),
        1 => Just(Action::Deny { reason: DenyReason::Excluded }),
        1 => Just(Action::Withdraw { reason: WithdrawReason::MemberRequest }),
        4 => Just(Action::ConfirmPayment { paid_on: day() }),
    ]
}

/// One attempt: who (place in the cast), what, and what is known meanwhile.
#[derive(Clone, Debug)]
struct Attempt {
    who: usize,
    action: Action,
    benefit: i64,
    second: bool,
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let one = (0..9_usize, action(), 0..3_i64, any::<bool>());
    let one = one.prop_map(|(who, action, benefit, second)| Attempt { who, action, benefit: benefit * 100, second });
    prop::collection::vec(one, 1..120)
}

fn facts(attempt: &Attempt, cast: &[Actor]) -> Facts {
    let drawn = SecondReason::DrawnForSecond { draw: 1, share: 2 };
    let assignee = match attempt.action {
        Action::Assign { to } => cast.iter().find(|a| a.id == to).cloned(),
        _ => None,
    };
    Facts {
        calculation: CalculationState::Current(Fen(attempt.benefit)),
        second: if attempt.second { vec![drawn] } else { vec![] },
        assignee,
        today: Some(day()),
        ..Facts::default()
    }
}

/// Who brought a case to where it stands, in the order of the duties that must be different people's.
fn people(state: &State) -> Vec<UserId> {
    match *state {
        State::FirstReview { entered_by, holder, .. } => [Some(entered_by), holder].into_iter().flatten().collect(),
        State::SecondReview { entered_by, reviewed_by, holder, .. } => {
            [Some(entered_by), Some(reviewed_by), holder].into_iter().flatten().collect()
        }
        State::Payment { entered_by, reviewed_by, approved_by, .. }
        | State::Recovery { entered_by, reviewed_by, approved_by, .. } => {
            [Some(entered_by), reviewed_by, Some(approved_by)].into_iter().flatten().collect()
        }
        _ => vec![],
    }
}

fn all_different(people: &[UserId]) -> bool {
    (1..people.len()).all(|i| !people[..i].contains(&people[i]))
}

/// Whether the ledger must hold the benefit.
fn is_reserved(state: &State) -> bool {
    matches!(
        state,
        State::FirstReview { .. }
            | State::SecondReview { .. }
            | State::Payment { .. }
            | State::Closed(Closing::Paid { .. })
    )
}

proptest! {
    #![proptest_config(support::config())]

    #[test]
    fn whatever_is_granted_keeps_the_promises(attempts in attempts(), hospital in any::<bool>(), before in 0..5_i64) {
        let cast = cast();
        let claim_type = if hospital { ClaimType::DiseaseInpatient } else { ClaimType::CriticalIllness };
        let state = if hospital { State::Materials } else { State::ExpenseEntry { holder: None } };
        // Every other case corrects one that was granted something.
        let granted = Fen(before * 50);
        let correction = (before > 2).then_some(Correction { granted_before: granted, opened_by: UserId(4) });
        let mut at = Case { id: CaseId(1), claim_type, source: CaseSource::Unit, submissions: 0, correction, state };
        let mut reserved = 0_i32;
        for attempt in &attempts {
            let (actor, facts) = (&cast[attempt.who], facts(attempt, &cast));
            let kind = attempt.action.kind();
            let offered = allowed_actions(&at, actor, &facts).into_iter().find(|a| a.action == kind);
            let Ok(decision) = apply(&at, actor, &attempt.action, &facts) else { continue };
            prop_assert!(offered.is_some_and(|a| a.blockers.is_empty()), "{kind} is done only where it is offered");
            let (from, to) = (at.state.stage(), decision.case.state.stage());
            let named = moves::from(from).any(|m| m.action == kind && m.to.contains(&to) && actor.may(m.permission));
            prop_assert!(named, "{from} · {kind} · {to} is a row of the table");
            match decision.ledger {
                Some(LedgerEffect::Reserve) => reserved += 1,
                Some(LedgerEffect::Release) => reserved -= 1,
                Some(LedgerEffect::Adjust | LedgerEffect::Settle) | None => {}
            }
            if correction.is_none() {
                prop_assert_eq!(reserved, i32::from(is_reserved(&decision.case.state)), "{} after {}", to, kind);
            }
            let hands = people(&decision.case.state);
            prop_assert!(all_different(&hands), "{:?}", decision.case.state);
            prop_assert!(correction.is_none_or(|c| !hands.iter().skip(1).any(|who| *who == c.opened_by)), "who opened it");
            if from == Stage::Payment && to == Stage::Closed {
                prop_assert!(!people(&at.state).contains(&actor.id), "who entered or decided doesn't pay");
            }
            at = decision.case;
        }
        if !at.state.stage().is_end() {
            let facts = Facts { calculation: CalculationState::Current(Fen(1)), ..Facts::default() };
            let free = |who: &Actor| allowed_actions(&at, who, &facts).iter().any(|a| a.blockers.is_empty());
            prop_assert!(cast.iter().any(free), "a dead end: {:?}", at.state);
        }
    }
}
