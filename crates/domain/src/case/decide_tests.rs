use strum::IntoEnumIterator;

use super::*;
use crate::{
    case::{Cut, CutPart, CutReason, DenyReason, ReturnReason, Stage, WithdrawReason},
    permission::Role,
};

const ENTERER: UserId = UserId(1);
const REVIEWER: UserId = UserId(2);
const CASHIER: UserId = UserId(3);

fn actor(id: UserId, role: Role) -> Actor {
    Actor::new(id, role.permissions().to_vec())
}

fn case(state: State) -> Case {
    Case {
        id: CaseId(9),
        claim_type: ClaimType::DiseaseInpatient,
        source: CaseSource::Unit,
        submissions: 0,
        correction: None,
        state,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn complete() -> Facts {
    Facts { calculation: CalculationState::Current(Fen(328_300)), today: Some(day("2026-11-23")), ..Facts::default() }
}

fn codes(reasons: &[Blocker]) -> Vec<&'static str> {
    reasons.iter().map(Blocker::code).collect()
}

#[test]
fn the_main_road_leads_from_the_papers_to_the_payment() {
    let unit = actor(ENTERER, Role::UnitOperator);
    let review = actor(REVIEWER, Role::FirstReviewer);
    let cashier = actor(CASHIER, Role::Cashier);
    let steps = [
        (&unit, Action::ConfirmMaterials, Stage::ExpenseEntry),
        (&unit, Action::Take, Stage::ExpenseEntry),
        (&unit, Action::SaveDraft, Stage::ExpenseEntry),
        (&unit, Action::Calculate, Stage::ExpenseEntry),
        (&unit, Action::Submit, Stage::FirstReview),
        (&review, Action::Take, Stage::FirstReview),
        (&review, Action::Approve, Stage::Payment),
        (&cashier, Action::ConfirmPayment { paid_on: day("2026-11-23") }, Stage::Closed),
    ];
    let mut at = case(State::Materials);
    let mut ledger = Vec::new();
    for (who, action, to) in steps {
        let decision = apply(&at, who, &action, &complete()).unwrap();
        assert_eq!(decision.case.state.stage(), to, "{action:?}");
        ledger.extend(decision.ledger);
        at = decision.case;
    }
    assert_eq!(ledger, [LedgerEffect::Reserve, LedgerEffect::Settle]);
    assert_eq!(at.submissions, 1);
    assert_eq!(at.state, State::Closed(Closing::Paid { paid_on: day("2026-11-23"), by: CASHIER }));
}

#[test]
fn who_submits_something_unready_hears_every_reason_at_once() {
    let facts = Facts {
        materials: vec![Blocker::MaterialMissing { name: "身份证".into(), needed: 1, have: 0 }],
        entry: vec![Blocker::StatementMissing {}],
        ..complete()
    };
    let missing = Facts { calculation: CalculationState::Missing, ..facts };
    let at = case(State::ExpenseEntry { holder: Some(ENTERER) });
    let reasons = apply(&at, &actor(ENTERER, Role::Handler), &Action::Submit, &missing).unwrap_err();
    assert_eq!(codes(&reasons), ["material_missing", "statement_missing", "not_calculated"]);
}

#[test]
fn a_benefit_of_nothing_or_of_old_numbers_is_not_submitted() {
    let at = case(State::ExpenseEntry { holder: Some(ENTERER) });
    let with = |calculation| {
        let facts = Facts { calculation, ..complete() };
        codes(&apply(&at, &actor(ENTERER, Role::Handler), &Action::Submit, &facts).unwrap_err())
    };
    assert_eq!(with(CalculationState::Current(Fen::ZERO)), ["benefit_zero"]);
    assert_eq!(with(CalculationState::Stale), ["calculation_stale"]);
}

#[test]
fn only_the_holder_works_on_a_case_and_others_hear_who_that_is() {
    let at = case(State::ExpenseEntry { holder: Some(ENTERER) });
    let facts = Facts { holder_name: "李思远".into(), ..complete() };
    let other = actor(REVIEWER, Role::Handler);
    for action in [Action::Take, Action::SaveDraft, Action::Submit, Action::Delete] {
        let reasons = apply(&at, &other, &action, &facts).unwrap_err();
        assert_eq!(reasons[0], Blocker::HeldByOther { name: "李思远".into() }, "{action:?}");
    }
    let free = case(State::ExpenseEntry { holder: None });
    assert_eq!(codes(&apply(&free, &other, &Action::SaveDraft, &facts).unwrap_err()), ["not_taken"]);
    let own = apply(&at, &actor(ENTERER, Role::Handler), &Action::Take, &facts).unwrap_err();
    assert_eq!(codes(&own), ["already_taken"]);
}

#[test]
fn nobody_reviews_what_they_entered_or_pays_what_they_approved() {
    let both = Actor::new(ENTERER, vec![Permission::FirstReview, Permission::ConfirmPayments]);
    let review = case(State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: None });
    assert_eq!(codes(&apply(&review, &both, &Action::Take, &complete()).unwrap_err()), ["entered_by_you"]);
    let payment =
        case(State::Payment { entered_by: REVIEWER, reviewed_by: None, approved_by: ENTERER, benefit: Fen(1) });
    let paying = Action::ConfirmPayment { paid_on: day("2026-11-23") };
    assert_eq!(codes(&apply(&payment, &both, &paying, &complete()).unwrap_err()), ["approved_by_you"]);
}

#[test]
fn money_never_leaves_tomorrow() {
    let payment =
        case(State::Payment { entered_by: ENTERER, reviewed_by: None, approved_by: REVIEWER, benefit: Fen(1) });
    let paying = Action::ConfirmPayment { paid_on: day("2026-11-24") };
    let reasons = apply(&payment, &actor(CASHIER, Role::Cashier), &paying, &complete()).unwrap_err();
    assert_eq!(codes(&reasons), ["paid_on_impossible"]);
}

#[test]
fn a_returned_case_lies_in_the_hands_of_who_entered_it_and_gives_its_reserve_back() {
    let at = case(State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: Some(REVIEWER) });
    let act = |to| Action::Return { to, reason: ReturnReason::MaterialsMissing };
    let entry = apply(&at, &actor(REVIEWER, Role::FirstReviewer), &act(ReturnTo::ExpenseEntry), &complete()).unwrap();
    assert_eq!(entry.case.state, State::ExpenseEntry { holder: Some(ENTERER) });
    assert_eq!(entry.ledger, Some(LedgerEffect::Release));
    let papers = apply(&at, &actor(REVIEWER, Role::FirstReviewer), &act(ReturnTo::Materials), &complete()).unwrap();
    assert_eq!(papers.case.state, State::Materials);
}

#[test]
fn what_was_submitted_once_is_withdrawn_not_deleted() {
    let at = Case { submissions: 1, ..case(State::Materials) };
    let unit = actor(ENTERER, Role::UnitOperator);
    assert_eq!(codes(&apply(&at, &unit, &Action::Delete, &complete()).unwrap_err()), ["already_submitted"]);
    let withdrawn = apply(&at, &unit, &Action::Withdraw { reason: WithdrawReason::MemberRequest }, &complete());
    assert_eq!(withdrawn.unwrap().case.state.stage(), Stage::Closed);
    let fresh = apply(&case(State::Materials), &unit, &Action::Delete, &complete()).unwrap();
    assert_eq!(fresh.case.state, State::Deleted);
}

#[test]
fn a_denied_case_is_closed_with_its_reason() {
    let at = case(State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: Some(REVIEWER) });
    let act = Action::Deny { reason: DenyReason::WaitingPeriod };
    let decision = apply(&at, &actor(REVIEWER, Role::FirstReviewer), &act, &complete()).unwrap();
    assert_eq!(decision.case.state, State::Closed(Closing::Denied { reason: DenyReason::WaitingPeriod, by: REVIEWER }));
    assert_eq!(decision.ledger, Some(LedgerEffect::Release));
}

#[test]
fn a_supervisor_gives_back_what_somebody_else_holds() {
    let at = case(State::ExpenseEntry { holder: Some(ENTERER) });
    let decision = apply(&at, &actor(CASHIER, Role::Admin), &Action::Release, &complete()).unwrap();
    assert_eq!(decision.case.state, State::ExpenseEntry { holder: None });
}

/// Every stage × every act × every role: what the table doesn't name is refused.
#[test]
fn whatever_the_table_does_not_name_is_refused() {
    let states = [
        State::Materials,
        State::ExpenseEntry { holder: Some(ENTERER) },
        State::FirstReview { entered_by: REVIEWER, benefit: Fen(1), holder: Some(ENTERER) },
        State::Payment { entered_by: REVIEWER, reviewed_by: None, approved_by: REVIEWER, benefit: Fen(1) },
        State::Closed(Closing::Withdrawn { reason: WithdrawReason::Other, by: ENTERER }),
        State::Deleted,
    ];
    for state in states {
        for kind in ActionKind::iter() {
            for role in Role::iter() {
                let named =
                    moves::from(state.stage()).any(|m| m.action == kind && role.permissions().contains(&m.permission));
                let reasons = blockers(&case(state), &actor(ENTERER, role), kind, &complete());
                assert!(named || !reasons.is_empty(), "{role} may {kind} at {state:?} though the table is silent");
            }
        }
    }
}

const SECOND: UserId = UserId(4);

fn wanting_second() -> Facts {
    Facts { second: vec![SecondReason::AmountReachesLimit { limit_fen: Fen(300_000) }], ..complete() }
}

#[test]
fn a_case_that_wants_it_goes_through_another_reviewer_before_it_is_paid() {
    let first = actor(REVIEWER, Role::SecondReviewer);
    let second = actor(SECOND, Role::SecondReviewer);
    let cashier = actor(CASHIER, Role::Cashier);
    let review = State::FirstReview { entered_by: ENTERER, benefit: Fen(328_300), holder: Some(REVIEWER) };
    let at = apply(&case(review), &first, &Action::Approve, &wanting_second()).unwrap();
    assert_eq!(at.case.state.stage(), Stage::SecondReview);
    assert_eq!(at.ledger, None, "what is reserved stays so");
    assert_eq!(codes(&blockers(&at.case, &first, ActionKind::Take, &complete())), ["reviewed_by_you"]);
    let enterer = Actor { id: ENTERER, ..second.clone() };
    assert_eq!(codes(&blockers(&at.case, &enterer, ActionKind::Take, &complete())), ["entered_by_you"]);
    let lesser = actor(SECOND, Role::FirstReviewer);
    assert_eq!(codes(&blockers(&at.case, &lesser, ActionKind::Take, &complete())), ["no_right"]);

    let taken = apply(&at.case, &second, &Action::Take, &complete()).unwrap();
    let approved = apply(&taken.case, &second, &Action::Approve, &wanting_second()).unwrap();
    let payment =
        State::Payment { entered_by: ENTERER, reviewed_by: Some(REVIEWER), approved_by: SECOND, benefit: Fen(328_300) };
    assert_eq!(approved.case.state, payment);
    for who in [REVIEWER, SECOND] {
        let payer = Actor { id: who, ..cashier.clone() };
        let told = codes(&blockers(&approved.case, &payer, ActionKind::ConfirmPayment, &complete()));
        assert_eq!(told, ["approved_by_you"]);
    }
}

#[test]
fn a_second_review_returns_or_denies_and_gives_back_what_was_reserved() {
    let second = actor(SECOND, Role::SecondReviewer);
    let state =
        State::SecondReview { entered_by: ENTERER, reviewed_by: REVIEWER, benefit: Fen(1), holder: Some(SECOND) };
    let back = Action::Return { to: ReturnTo::ExpenseEntry, reason: ReturnReason::AmountsMismatch };
    let returned = apply(&case(state), &second, &back, &complete()).unwrap();
    assert_eq!(returned.case.state, State::ExpenseEntry { holder: Some(ENTERER) });
    assert_eq!(returned.ledger, Some(LedgerEffect::Release));
    let denied = apply(&case(state), &second, &Action::Deny { reason: DenyReason::Excluded }, &complete()).unwrap();
    assert_eq!((denied.case.state.stage(), denied.ledger), (Stage::Closed, Some(LedgerEffect::Release)));
}

#[test]
fn a_supervisor_puts_a_case_into_the_hands_of_whoever_could_take_it() {
    let supervisor = actor(UserId(9), Role::Admin);
    let state =
        State::SecondReview { entered_by: ENTERER, reviewed_by: REVIEWER, benefit: Fen(1), holder: Some(UserId(5)) };
    let told = |assignee: Option<Actor>, to: UserId| {
        let facts = Facts { assignee, ..complete() };
        apply(&case(state), &supervisor, &Action::Assign { to }, &facts).map_err(|reasons| codes(&reasons))
    };
    let second = |id: UserId| Some(actor(id, Role::SecondReviewer));
    let given = told(second(SECOND), SECOND).unwrap();
    assert_eq!(given.case.state.holder(), Some(SECOND), "out of somebody else's hands");
    assert_eq!(told(second(REVIEWER), REVIEWER).unwrap_err(), ["assignee_unfit"], "who reviewed first");
    assert_eq!(told(second(ENTERER), ENTERER).unwrap_err(), ["assignee_unfit"], "who entered");
    assert_eq!(told(Some(actor(SECOND, Role::Handler)), SECOND).unwrap_err(), ["assignee_unfit"], "no right");
    assert_eq!(told(None, SECOND).unwrap_err(), ["assignee_unfit"], "not of the branch");
    assert_eq!(told(second(SECOND), UserId(5)).unwrap_err(), ["assignee_has_it"]);
    let review = actor(REVIEWER, Role::SecondReviewer);
    let facts = Facts { assignee: second(SECOND), ..complete() };
    let refused = apply(&case(state), &review, &Action::Assign { to: SECOND }, &facts).unwrap_err();
    assert_eq!(codes(&refused), ["no_right"]);
}

#[test]
fn a_cut_changes_the_benefit_of_a_case_under_review_and_what_is_reserved() {
    let review = actor(REVIEWER, Role::FirstReviewer);
    let cut = Cut { statement: 0, part: CutPart::SelfPay, amount: Fen(1), reason: CutReason::Unrelated };
    let state = State::FirstReview { entered_by: ENTERER, benefit: Fen(500_000), holder: Some(REVIEWER) };
    let decision = apply(&case(state), &review, &Action::Reduce { cut }, &complete()).unwrap();
    let expected = State::FirstReview { entered_by: ENTERER, benefit: Fen(328_300), holder: Some(REVIEWER) };
    assert_eq!((decision.case.state, decision.ledger), (expected, Some(LedgerEffect::Adjust)));
    let zero = Facts { request: vec![Blocker::CutToZero {}], ..complete() };
    let refused = apply(&case(state), &review, &Action::Reduce { cut }, &zero).unwrap_err();
    assert_eq!(codes(&refused), ["cut_to_zero"]);
    let elsewhere = case(State::ExpenseEntry { holder: Some(REVIEWER) });
    assert_eq!(codes(&apply(&elsewhere, &review, &Action::Reduce { cut }, &complete()).unwrap_err()), ["wrong_stage"]);
}

#[test]
fn no_case_is_approved_over_a_warning_that_is_open() {
    let review = actor(REVIEWER, Role::FirstReviewer);
    let state = State::FirstReview { entered_by: ENTERER, benefit: Fen(500_000), holder: Some(REVIEWER) };
    let open = vec![Blocker::CaseWarningOpen { warning: "past_deadline".into() }];
    let facts = Facts { warnings: open, ..complete() };
    assert_eq!(codes(&apply(&case(state), &review, &Action::Approve, &facts).unwrap_err()), ["case_warning_open"]);
    let back = Action::Return { to: ReturnTo::Materials, reason: ReturnReason::MaterialsMissing };
    assert!(apply(&case(state), &review, &back, &facts).is_ok(), "it is returned all the same");
}

#[test]
fn a_case_goes_to_a_second_review_only_where_somebody_is_left_for_it() {
    let state = State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: Some(REVIEWER) };
    let me = actor(REVIEWER, Role::SecondReviewer);
    let with = |colleagues: Vec<Actor>| {
        let second = vec![SecondReason::DrawnForSecond { draw: 0, share: 1 }];
        let facts = Facts { second, colleagues: Some(colleagues), ..complete() };
        apply(&case(state), &me, &Action::Approve, &facts).map(|d| d.case.state.stage())
    };
    let alone = vec![me.clone(), actor(ENTERER, Role::SecondReviewer), actor(CASHIER, Role::Cashier)];
    assert_eq!(codes(&with(alone.clone()).unwrap_err()), ["no_second_reviewer"]);
    let two = alone.into_iter().chain([actor(UserId(9), Role::SecondReviewer)]).collect();
    assert_eq!(with(two), Ok(Stage::SecondReview));
}

#[test]
fn nobody_grants_more_than_their_limit_and_a_cut_may_bring_it_within() {
    let state = |benefit| State::SecondReview {
        entered_by: ENTERER,
        reviewed_by: REVIEWER,
        benefit: Fen(benefit),
        holder: Some(SECOND),
    };
    let limits = Limits { second_review: Some(Fen(300_000)), ..Limits::default() };
    let junior = Actor { limits, ..actor(SECOND, Role::SecondReviewer) };
    let above = case(state(300_001));
    assert_eq!(codes(&blockers(&above, &junior, ActionKind::Approve, &complete())), ["above_your_limit"]);
    assert!(!may_take(&above, &junior) && may_take(&above, &actor(SECOND, Role::SecondReviewer)));
    for act in [ActionKind::Release, ActionKind::Return, ActionKind::Deny, ActionKind::Reduce] {
        assert_eq!(blockers(&above, &junior, act, &complete()), [], "{act} grants nothing");
    }
    assert_eq!(blockers(&case(state(300_000)), &junior, ActionKind::Approve, &complete()), []);
    let correction = Some(Correction { granted_before: Fen(300_000), opened_by: CASHIER });
    let small = Case { correction, ..case(state(1)) };
    assert_eq!(codes(&blockers(&small, &junior, ActionKind::Approve, &complete())), ["above_your_limit"]);
}

#[test]
fn a_stand_in_takes_what_lies_in_the_absent_persons_hands_and_acts_as_themselves() {
    let held = case(State::FirstReview { entered_by: ENTERER, benefit: Fen(1), holder: Some(REVIEWER) });
    let stand_in = Actor { stands_in_for: vec![REVIEWER], ..actor(SECOND, Role::SecondReviewer) };
    let other = actor(SECOND, Role::SecondReviewer);
    assert_eq!(codes(&apply(&held, &other, &Action::Take, &complete()).unwrap_err()), ["held_by_other"]);
    assert_eq!(codes(&apply(&held, &stand_in, &Action::Approve, &complete()).unwrap_err()), ["held_by_other"]);
    let taken = apply(&held, &stand_in, &Action::Take, &complete()).unwrap();
    assert_eq!(taken.case.state.holder(), Some(SECOND));
    let enterer = Actor { id: ENTERER, ..stand_in };
    assert_eq!(codes(&apply(&held, &enterer, &Action::Take, &complete()).unwrap_err()), ["entered_by_you"]);
}
