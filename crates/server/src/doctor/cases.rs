//! Each case: its state and its log tell the same, whoever paid is none of those who decided, what was paid is what was approved,
//! and the ledger holds what its chain of corrections was granted.
use std::collections::HashMap;

use huzhu_domain::{
    case::{Outcome, Stage},
    payment::PaymentItemState,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Examined, PART};
use crate::entity::{case, case_event, payment, payment_item, usage_entry};

/// The chains of cases, some at a time.
pub(super) async fn examine(db: &impl ConnectionTrait, out: &mut Examined) -> Result<(), DbErr> {
    use case::Column as C;
    let mut last = 0;
    loop {
        let first = case::Entity::find().filter(C::ChainId.is_null()).filter(C::Id.gt(last)).order_by_asc(C::Id);
        let first = first.limit(PART).all(db).await?;
        let Some(end) = first.last() else { return Ok(()) };
        last = end.id;
        let roots: Vec<i64> = first.iter().map(|c| c.id).collect();
        let corrections = case::Entity::find().filter(C::ChainId.is_in(roots)).order_by_asc(C::Id).all(db).await?;
        let cases: Vec<case::Model> = first.into_iter().chain(corrections).collect();
        let ids: Vec<i64> = cases.iter().map(|c| c.id).collect();
        out.cases += cases.len() as u64;
        let mut beside = Beside::load(db, &ids).await?;
        let mut chains: HashMap<i64, Vec<case::Model>> = HashMap::new();
        for case in cases {
            beside.look(&case, out);
            chains.entry(case.chain_id.unwrap_or(case.id)).or_default().push(case);
        }
        for chain in chains.into_values() {
            ledger(&chain, &beside.used, out);
        }
    }
}

/// What hangs on some cases.
struct Beside {
    logs: HashMap<i64, Vec<case_event::Model>>,
    used: HashMap<i64, (i64, i64)>,
    payments: HashMap<i64, Vec<payment::Model>>,
    items: HashMap<i64, Vec<payment_item::Model>>,
}

impl Beside {
    async fn load(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Self, DbErr> {
        let mut logs: HashMap<i64, Vec<case_event::Model>> = HashMap::new();
        let events = case_event::Entity::find().filter(case_event::Column::CaseId.is_in(ids.iter().copied()));
        for event in events.order_by_asc(case_event::Column::Seq).all(db).await? {
            logs.entry(event.case_id).or_default().push(event);
        }
        let mut used: HashMap<i64, (i64, i64)> = HashMap::new();
        let entries = usage_entry::Entity::find().filter(usage_entry::Column::CaseId.is_in(ids.iter().copied()));
        for entry in entries.all(db).await? {
            let of = used.entry(entry.case_id).or_default();
            *of = (of.0 + entry.times, of.1 + entry.amount_fen);
        }
        let mut payments: HashMap<i64, Vec<payment::Model>> = HashMap::new();
        let found = payment::Entity::find().filter(payment::Column::CaseId.is_in(ids.iter().copied()));
        for payment in found.all(db).await? {
            payments.entry(payment.case_id).or_default().push(payment);
        }
        let mut items: HashMap<i64, Vec<payment_item::Model>> = HashMap::new();
        let found = payment_item::Entity::find().filter(payment_item::Column::CaseId.is_in(ids.iter().copied()));
        for item in found.all(db).await? {
            items.entry(item.case_id).or_default().push(item);
        }
        Ok(Self { logs, used, payments, items })
    }

    fn look(&mut self, case: &case::Model, out: &mut Examined) {
        let payments = self.payments.remove(&case.id).unwrap_or_default();
        state(case, &self.logs.remove(&case.id).unwrap_or_default(), out);
        people(case, out);
        money(case, &payments, out);
        shares(case, &self.items.remove(&case.id).unwrap_or_default(), &payments, out);
    }
}

/// The last event ends where the case stands, and each begins where the one before it ended.
fn state(case: &case::Model, log: &[case_event::Model], out: &mut Examined) {
    let last = log.iter().rfind(|e| e.kind != "edit_materials").map(|e| e.to_stage);
    let told = || format!("stage {}, the log ends at {last:?}", case.stage.0);
    out.must(last == Some(case.stage), "state", &case.no, told);
    let leaps = log.windows(2).filter(|two| two[1].from_stage != Some(two[0].to_stage)).count();
    out.must(leaps == 0, "state", &case.no, || format!("{leaps} events don't begin where the one before ended"));
}

/// Whoever entered, reviewed, approved and closed a case that is paid are all different.
fn people(case: &case::Model, out: &mut Examined) {
    if case.stage.0 != Stage::Payment && case.outcome.as_ref().is_none_or(|o| o.0 != Outcome::Paid) {
        return;
    }
    let payer = case.closed_by_id.filter(|_| case.stage.0 == Stage::Closed);
    let mut people: Vec<i64> =
        [case.entered_by_id, case.reviewed_by_id, case.approved_by_id, payer].into_iter().flatten().collect();
    let count = people.len();
    people.sort_unstable();
    people.dedup();
    out.must(people.len() == count, "people", &case.no, || "one of them did two things".to_owned());
}

/// What was paid of a case is its benefit, or nothing.
fn money(case: &case::Model, payments: &[payment::Model], out: &mut Examined) {
    let closed = case.outcome.as_ref().is_some_and(|o| o.0 == Outcome::Paid);
    let sum: i64 = payments.iter().map(|p| p.amount_fen).sum();
    let due = if closed { case.benefit_fen.unwrap_or_default() } else { 0 };
    // Of two payees' shares one may have arrived while the other is awaited; with the last one the case closes.
    let partly = case.stage.0 == Stage::Payment && (0..case.benefit_fen.unwrap_or_default()).contains(&sum);
    out.must(sum == due || partly, "money", &case.no, || format!("{sum} fen paid of {due}"));
}

/// A share is out once at most and in one batch at a time; what arrived of it is what was paid.
fn shares(case: &case::Model, items: &[payment_item::Model], payments: &[payment::Model], out: &mut Examined) {
    use PaymentItemState as S;
    let mut shares: HashMap<i32, Vec<&payment_item::Model>> = HashMap::new();
    for item in items {
        shares.entry(item.position).or_default().push(item);
    }
    let mut arrived: HashMap<i32, i64> = HashMap::new();
    for payment in payments {
        *arrived.entry(payment.position).or_default() += payment.amount_fen;
    }
    for (position, items) in shares {
        let count = |states: &[S]| items.iter().filter(|i| states.contains(&i.state.0)).count();
        let place = || format!("{} share {position}", case.no);
        let sent = count(&[S::Sent, S::Paid, S::Bounced, S::Repaired]);
        out.must(sent <= 1, "share", place(), || format!("out {sent} times"));
        let held = count(&[S::Draft, S::Sent, S::Paid, S::Bounced]);
        out.must(held <= 1, "share", place(), || format!("in {held} batches"));
        let paid: i64 = items.iter().filter(|i| i.state.0 == S::Paid).map(|i| i.amount_fen).sum();
        let came = arrived.remove(&position).unwrap_or_default();
        out.must(paid == came, "share", place(), || format!("{paid} fen of its items, {came} fen of its payments"));
    }
    out.must(arrived.is_empty(), "share", &case.no, || "paid without a batch".to_owned());
}

/// A case that was submitted and not given up sets aside what it was computed at; what corrects it brings the chain to what is
/// granted in the end, once. While a correction is on its way both count what is more.
fn ledger(chain: &[case::Model], used: &HashMap<i64, (i64, i64)>, out: &mut Examined) {
    let under_way = |c: &&case::Model| matches!(c.stage.0, Stage::FirstReview | Stage::SecondReview | Stage::Payment);
    let sums = chain.iter().filter_map(|c| used.get(&c.id));
    let (times, amount) = sums.fold((0, 0), |sum, u| (sum.0 + u.0, sum.1 + u.1));
    let granted: i64 = chain.iter().filter(|c| c.stage.0 == Stage::Closed).filter_map(|c| c.benefit_fen).sum();
    let Some(first) = chain.first() else { return };
    let told = || format!("{times} times, {amount} fen used; {granted} fen granted");
    if chain.len() > 1 && chain.iter().any(|c| !c.stage.0.is_end()) {
        out.must(times <= 1 && amount >= granted, "ledger", &first.no, told);
        return;
    }
    let aside: i64 = chain.iter().filter(under_way).filter_map(|c| c.benefit_fen).sum();
    let due = (i64::from(granted + aside > 0), granted + aside);
    out.must((times, amount) == due, "ledger", &first.no, || format!("{}; {aside} fen set aside", told()));
}
