//! The rules of 支付 as tables, and what holds whatever is made, released, answered and repaired in whatever order.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::{
    case::Actor,
    cells::Cell,
    ids::UserId,
    money::Fen,
    payment::{
        AmountUnit, BatchFact, Blocker, BounceReason, CaseFact, CorrectionFact, CorrectionState, FileLayout,
        FileValues, ItemFact, ItemOutcome, PaymentAction, PaymentBatchState, PaymentItemState, ResultFault, ResultRow,
        Share, act_blockers, cells, correction_blockers, due, guarded, is_paid, judge, outcome_of, put_blockers,
        reason_of,
    },
    permission::Permission,
};
use proptest::prelude::*;

fn actor(id: i64) -> Actor {
    Actor::new(UserId(id), vec![Permission::ConfirmPayments])
}

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, d).unwrap()
}

fn codes(blockers: &[Blocker]) -> Vec<&'static str> {
    blockers.iter().map(Into::into).collect()
}

#[test]
fn what_may_be_done_with_a_batch_where_it_stands() {
    use PaymentAction as A;
    use PaymentBatchState as S;
    let none: &[&str] = &[];
    let state: &[&str] = &["batch_state"];
    let table: [(S, [&[&str]; 5]); 4] = [
        (S::Draft, [none, none, none, state, state]),
        (S::Released, [state, state, state, none, none]),
        (S::Settled, [state, state, state, none, state]),
        (S::Cancelled, [state, state, state, state, state]),
    ];
    for (stands, wanted) in table {
        let fact = BatchFact { state: stands, made_by: UserId(1), cases: 1 };
        for (action, wanted) in [A::Change, A::Cancel, A::Release, A::File, A::Settle].into_iter().zip(wanted) {
            assert_eq!(codes(&act_blockers(action, fact, &actor(2))), wanted, "{stands} {action}");
        }
    }
    let own = BatchFact { state: S::Draft, made_by: UserId(2), cases: 0 };
    assert_eq!(codes(&act_blockers(A::Release, own, &actor(2))), ["batch_empty", "made_by_you"]);
    let nobody = Actor::new(UserId(3), vec![]);
    assert_eq!(codes(&act_blockers(A::Release, own, &nobody)), ["no_right"]);
}

#[test]
fn which_case_goes_into_a_batch() {
    let share = |amount, last| Share { position: 0, amount: Fen(amount), last };
    let case = |shares: Vec<Share>| CaseFact {
        no: "CL1".into(),
        to_be_paid: true,
        same_office: true,
        hands: vec![UserId(7)],
        open_in: None,
        shares,
    };
    let fresh = case(vec![share(100, None)]);
    assert_eq!(codes(&put_blockers(&fresh, &actor(1))), Vec::<&str>::new());
    assert_eq!(codes(&put_blockers(&fresh, &actor(7))), ["hand_in_case"]);
    let elsewhere = CaseFact { same_office: false, open_in: Some("FK1".into()), ..fresh.clone() };
    assert_eq!(codes(&put_blockers(&elsewhere, &actor(1))), ["other_office", "in_open_batch"]);
    let done = CaseFact { to_be_paid: false, ..elsewhere };
    assert_eq!(codes(&put_blockers(&done, &actor(7))), ["not_to_be_paid"]);
    let bounced = case(vec![share(50, Some(PaymentItemState::Paid)), share(50, Some(PaymentItemState::Bounced))]);
    assert_eq!(codes(&put_blockers(&bounced, &actor(1))), ["awaits_account"]);
    let nothing = [share(0, None), share(1, Some(PaymentItemState::Paid))];
    assert!(is_paid(&nothing) && due(&nothing).next().is_none(), "a share of nothing is none");
}

#[test]
fn a_correction_takes_two_people_and_is_decided_once() {
    use CorrectionState as C;
    let of = |item, last: Option<(C, i64)>| CorrectionFact { item, last: last.map(|(s, by)| (s, UserId(by))) };
    let back = PaymentItemState::Bounced;
    let table = [
        (of(back, None), false, vec![]),
        (of(back, None), true, vec!["correction_none"]),
        (of(back, Some((C::Proposed, 1))), false, vec!["account_correction_open"]),
        (of(back, Some((C::Proposed, 1))), true, vec!["correction_by_you"]),
        (of(back, Some((C::Proposed, 2))), true, vec![]),
        (of(back, Some((C::Refused, 2))), false, vec![]),
        (of(back, Some((C::Refused, 2))), true, vec!["correction_none"]),
        (of(PaymentItemState::Repaired, Some((C::Approved, 2))), false, vec!["not_bounced"]),
        (of(PaymentItemState::Paid, None), false, vec!["not_bounced"]),
    ];
    for (fact, deciding, wanted) in table {
        assert_eq!(codes(&correction_blockers(fact, deciding, UserId(1))), wanted, "{fact:?}");
    }
}

#[test]
fn a_row_of_the_banks_answer_is_read_as_a_clerk_would() {
    let text = |t: &str| Cell::Text(t.into());
    let none = Cell::Empty;
    assert_eq!(outcome_of(&text("交易成功"), &text("20261124"), &none, None), Ok(ItemOutcome::Paid { on: day(24) }));
    assert_eq!(outcome_of(&text("已付"), &none, &none, Some(day(3))), Ok(ItemOutcome::Paid { on: day(3) }));
    assert_eq!(outcome_of(&text("成功"), &none, &none, None), Err(ResultFault::DayUnreadable {}));
    assert_eq!(outcome_of(&text("处理中"), &none, &none, Some(day(3))), Err(ResultFault::OutcomeUnknown {}));
    let words = [
        ("收款户名不符", BounceReason::NameMismatch),
        ("账户已销户", BounceReason::AccountClosed),
        ("账号状态异常", BounceReason::AccountFrozen),
        ("收款账号不存在", BounceReason::AccountWrong),
        ("开户行有误", BounceReason::BankWrong),
        ("超过单笔限额", BounceReason::LimitExceeded),
        ("系统超时", BounceReason::BankFailure),
        ("", BounceReason::Other),
    ];
    for (said, reason) in words {
        assert_eq!(reason_of(said), reason, "{said}");
    }
    let amounts = [
        (text("¥3,283.00"), AmountUnit::Yuan, Ok(Fen(328_300))),
        (Cell::Number("3283.1".into()), AmountUnit::Yuan, Ok(Fen(328_310))),
        (Cell::Number("328300".into()), AmountUnit::Fen, Ok(Fen(328_300))),
        (text("-1"), AmountUnit::Fen, Err(ResultFault::AmountUnreadable {})),
        (text("3283.001"), AmountUnit::Yuan, Err(ResultFault::AmountUnreadable {})),
        (Cell::Empty, AmountUnit::Yuan, Err(ResultFault::AmountUnreadable {})),
        (Cell::LostDigits("1".into()), AmountUnit::Fen, Err(ResultFault::AmountUnreadable {})),
    ];
    for (cell, unit, fen) in amounts {
        assert_eq!(ResultRow::amount_of(&cell, unit), fen, "{cell:?}");
    }
}

#[test]
fn nothing_in_a_file_is_a_formula() {
    for (text, safe) in
        [("=1+1", "'=1+1"), ("+86", "'+86"), ("-", "'-"), ("@x", "'@x"), ("＝x", "'＝x"), ("冯", "冯"), ("", "")]
    {
        assert_eq!(guarded(text), safe);
    }
    let layout = FileLayout::default();
    assert_eq!(layout.faults(), []);
    let row = FileValues {
        sequence: 1,
        reference: "R",
        payee_name: "甲",
        account_no: "62220000",
        bank_name: "银行",
        amount: Fen(5),
        case_no: "CL1",
    };
    assert_eq!(cells(&layout, &row), ["1", "R", "甲", "62220000", "银行", "0.05", "互助金"]);
}

/// One case with its shares, each with what happened to it, oldest first.
struct Model {
    shares: Vec<Share>,
    open: bool,
    paid: Fen,
}

proptest! {
    #[test]
    fn whatever_happens_money_is_paid_once_and_what_is_paid_and_open_comes_to_the_benefit(
        benefits in prop::collection::vec((1_i64..10_000_000, prop::collection::vec(1_u32..10_000, 1..5)), 1..6),
        steps in prop::collection::vec((0_usize..4, any::<prop::sample::Index>(), any::<bool>()), 0..80),
    ) {
        let mut cases: Vec<Model> = benefits.iter().map(|(fen, shares)| Model {
            shares: (0..).zip(Fen(*fen).split(shares)).map(|(position, amount)| Share { position, amount, last: None }).collect(),
            open: false,
            paid: Fen::ZERO,
        }).collect();
        for (step, which, arrived) in steps {
            let at = which.index(cases.len());
            let case = &mut cases[at];
            let fact = CaseFact {
                no: String::new(), to_be_paid: !is_paid(&case.shares), same_office: true, hands: vec![],
                open_in: case.open.then(String::new), shares: case.shares.clone(),
            };
            match step {
                // Into a batch that is released at once.
                0 if put_blockers(&fact, &actor(1)).is_empty() => {
                    let positions: Vec<i32> = due(&case.shares).map(|s| s.position).collect();
                    prop_assert!(!case.open && !positions.is_empty());
                    for share in case.shares.iter_mut().filter(|s| positions.contains(&s.position)) {
                        share.last = Some(PaymentItemState::Sent);
                    }
                    case.open = true;
                }
                // The bank's answer about one of its items, by a file that names it twice now and then.
                1 => {
                    let Some(place) = case.shares.iter().position(|s| s.last == Some(PaymentItemState::Sent)) else { continue };
                    let items: Vec<ItemFact> = case.shares.iter().map(|s| ItemFact {
                        reference: s.position.to_string(), amount: s.amount,
                        state: s.last.unwrap_or(PaymentItemState::Draft), paid_on: Some(day(2)),
                    }).collect();
                    let outcome = if arrived { ItemOutcome::Paid { on: day(2) } }
                        else { ItemOutcome::Bounced { reason: BounceReason::Other, words: String::new() } };
                    let row = ResultRow {
                        number: 1, reference: place.to_string(), amount: Ok(items[place].amount), outcome: Ok(outcome),
                    };
                    let twice = judge(&items, &[row.clone(), row.clone()], day(1), day(3));
                    prop_assert!(twice.iter().all(|v| v.news.is_none() && !v.faults.is_empty()));
                    let wrong = ResultRow { amount: Ok(items[place].amount + Fen(1)), ..row.clone() };
                    prop_assert!(judge(&items, &[wrong], day(1), day(3))[0].news.is_none());
                    let verdict = &judge(&items, &[row], day(1), day(3))[0];
                    prop_assert!(verdict.news.is_some());
                    case.shares[place].last = Some(if arrived { PaymentItemState::Paid } else { PaymentItemState::Bounced });
                    if arrived { case.paid += case.shares[place].amount; }
                    case.open = case.shares.iter().any(|s| s.last == Some(PaymentItemState::Sent));
                }
                // A second person agrees to the account.
                2 => for share in &mut case.shares {
                    if share.last == Some(PaymentItemState::Bounced) { share.last = Some(PaymentItemState::Repaired); }
                },
                _ => {}
            }
        }
        for (case, (benefit, _)) in cases.iter().zip(&benefits) {
            let left: Fen = case.shares.iter().filter(|s| s.last != Some(PaymentItemState::Paid)).map(|s| s.amount).sum();
            prop_assert_eq!(case.paid + left, Fen(*benefit), "paid and still to be paid come to what was approved");
            prop_assert_eq!(is_paid(&case.shares), left == Fen::ZERO);
            let places: HashMap<i32, ()> = case.shares.iter().map(|s| (s.position, ())).collect();
            prop_assert_eq!(places.len(), case.shares.len());
        }
    }
}
