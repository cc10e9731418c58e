//! What must hold of all cases at any moment: state and log tell the same, the ledger holds what is granted, whoever paid is
//! none of those who decided.
use std::collections::HashMap;

use huzhu::{
    cases::events,
    entity::{case, case_event, payment, payment_batch, payment_item, usage_entry},
    platform::db::Db,
};
use huzhu_domain::{
    case::{Outcome, Stage},
    payment::{PaymentBatchState, PaymentItemState},
};
use sea_orm::{EntityTrait, QueryOrder};

/// Asserts it of every case of a database.
pub async fn check(db: &Db) {
    let cases = case::Entity::find().all(db.read()).await.unwrap();
    let mut logs: HashMap<i64, Vec<case_event::Model>> = HashMap::new();
    for event in case_event::Entity::find().order_by_asc(case_event::Column::Seq).all(db.read()).await.unwrap() {
        logs.entry(event.case_id).or_default().push(event);
    }
    let mut used: HashMap<i64, (i64, i64)> = HashMap::new();
    for entry in usage_entry::Entity::find().all(db.read()).await.unwrap() {
        let of = used.entry(entry.case_id).or_default();
        *of = (of.0 + entry.times, of.1 + entry.amount_fen);
    }
    let mut paid: HashMap<i64, Vec<payment::Model>> = HashMap::new();
    for payment in payment::Entity::find().all(db.read()).await.unwrap() {
        paid.entry(payment.case_id).or_default().push(payment);
    }
    let mut chains: HashMap<i64, Vec<case::Model>> = HashMap::new();
    for case in cases {
        log_agrees(&case, &logs.remove(&case.id).unwrap_or_default());
        people_agree(&case);
        money_agrees(&case, &paid.remove(&case.id).unwrap_or_default());
        chains.entry(case.chain_id.unwrap_or(case.id)).or_default().push(case);
    }
    for chain in chains.into_values() {
        let used = chain.iter().filter_map(|c| used.get(&c.id)).fold((0, 0), |sum, u| (sum.0 + u.0, sum.1 + u.1));
        ledger_agrees(&chain, used);
    }
    assert!(paid.is_empty(), "payments without a case");
    batches_agree(db).await;
}

/// Batches hold what their items say; each was released by another than who made it, none of them with a hand in its cases; a
/// share of a case is out once at most, and what arrived of it is what was paid.
async fn batches_agree(db: &Db) {
    use PaymentItemState as S;
    let cases: HashMap<i64, case::Model> =
        case::Entity::find().all(db.read()).await.unwrap().into_iter().map(|c| (c.id, c)).collect();
    let mut batches: HashMap<i64, Vec<payment_item::Model>> = HashMap::new();
    let mut shares: HashMap<(i64, i32), Vec<payment_item::Model>> = HashMap::new();
    for item in payment_item::Entity::find().all(db.read()).await.unwrap() {
        batches.entry(item.batch_id).or_default().push(item.clone());
        shares.entry((item.case_id, item.position)).or_default().push(item);
    }
    for batch in payment_batch::Entity::find().all(db.read()).await.unwrap() {
        let items = batches.remove(&batch.id).unwrap_or_default();
        if batch.state.0 == PaymentBatchState::Cancelled {
            assert_eq!(items.len(), 0, "{}: what was cancelled holds nothing", batch.no);
            continue;
        }
        let sum: i64 = items.iter().map(|i| i.amount_fen).sum();
        let count = i32::try_from(items.len()).unwrap();
        assert_eq!((count, sum), (batch.items, batch.sum_fen), "{}: items and totals", batch.no);
        let Some(by) = batch.released_by_id else { continue };
        assert_ne!(by, batch.made_by_id, "{}: two people", batch.no);
        for case in items.iter().map(|i| &cases[&i.case_id]) {
            let decided = [case.entered_by_id, case.reviewed_by_id, case.approved_by_id];
            assert!(!decided.contains(&Some(by)) && !decided.contains(&Some(batch.made_by_id)), "{}", batch.no);
        }
    }
    assert!(batches.is_empty(), "items without a batch");
    let mut arrived: HashMap<(i64, i32), i64> = HashMap::new();
    for payment in payment::Entity::find().all(db.read()).await.unwrap() {
        *arrived.entry((payment.case_id, payment.position)).or_default() += payment.amount_fen;
    }
    for (share, items) in shares {
        let count = |states: &[S]| items.iter().filter(|i| states.contains(&i.state.0)).count();
        assert!(count(&[S::Sent, S::Paid, S::Bounced, S::Repaired]) <= 1, "case {share:?}: out once");
        assert!(count(&[S::Draft, S::Sent, S::Paid, S::Bounced]) <= 1, "case {share:?}: in one batch");
        let paid: i64 = items.iter().filter(|i| i.state.0 == S::Paid).map(|i| i.amount_fen).sum();
        assert_eq!(paid, arrived.remove(&share).unwrap_or_default(), "case {share:?}: what arrived was paid");
    }
    assert!(arrived.is_empty(), "paid without a batch: {arrived:?}");
}

fn log_agrees(case: &case::Model, log: &[case_event::Model]) {
    assert!(events::is_unbroken(log), "case {}: the chain of events", case.no);
    let last = log.iter().rfind(|e| e.kind != "edit_materials").unwrap();
    assert_eq!(last.to_stage, case.stage, "case {}: state and log tell the same", case.no);
    let leaps = log.windows(2).filter(|two| two[1].from_stage != Some(two[0].to_stage)).count();
    assert_eq!(leaps, 0, "case {}: every event begins where the one before ended", case.no);
}

/// A case that was submitted and not given up sets aside what it was computed at; what corrects it brings the chain to what
/// is granted in the end, once. While a correction is on its way both count what is more.
fn ledger_agrees(chain: &[case::Model], (times, amount): (i64, i64)) {
    let under_way = |c: &&case::Model| matches!(c.stage.0, Stage::FirstReview | Stage::SecondReview | Stage::Payment);
    let closed = chain.iter().filter(|c| c.stage.0 == Stage::Closed).filter_map(|c| c.benefit_fen);
    let granted: i64 = closed.sum();
    let no = &chain[0].no;
    if chain.len() > 1 && chain.iter().any(|c| !c.stage.0.is_end()) {
        assert!(times <= 1 && amount >= granted, "case {no}: the ledger while it is corrected: {times} × {amount}");
        return;
    }
    let aside: i64 = chain.iter().filter(under_way).filter_map(|c| c.benefit_fen).sum();
    assert_eq!((times, amount), (i64::from(granted + aside > 0), granted + aside), "case {no}: the ledger");
}

/// No payment without three people: who entered, who approved, who paid; and a fourth where two approved.
fn people_agree(case: &case::Model) {
    if !matches!(case.stage.0, Stage::Payment) && case.outcome.as_ref().is_none_or(|o| o.0 != Outcome::Paid) {
        return;
    }
    let payer = if case.stage.0 == Stage::Closed { case.closed_by_id } else { None };
    let mut people: Vec<i64> =
        [case.entered_by_id, case.reviewed_by_id, case.approved_by_id, payer].into_iter().flatten().collect();
    let count = people.len();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), count, "case {}: one of them did two things", case.no);
}

/// What was paid is what was approved.
fn money_agrees(case: &case::Model, payments: &[payment::Model]) {
    let sum: i64 = payments.iter().map(|p| p.amount_fen).sum();
    let closed = case.outcome.as_ref().is_some_and(|o| o.0 == Outcome::Paid);
    assert_eq!(sum, if closed { case.benefit_fen.unwrap() } else { 0 }, "case {}: what was paid", case.no);
}
