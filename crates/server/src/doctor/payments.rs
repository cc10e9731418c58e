//! Each batch: it holds what its items say, another than who made it released it, and neither had a hand in its cases.
use std::collections::HashMap;

use huzhu_domain::payment::PaymentBatchState;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Examined, PART};
use crate::entity::{case, payment_batch, payment_item};

/// The batches, some at a time.
pub(super) async fn examine(db: &impl ConnectionTrait, out: &mut Examined) -> Result<(), DbErr> {
    use payment_batch::Column as C;
    let mut last = 0;
    loop {
        let batches = payment_batch::Entity::find().filter(C::Id.gt(last)).order_by_asc(C::Id).limit(PART);
        let batches = batches.all(db).await?;
        let Some(end) = batches.last() else { return Ok(()) };
        last = end.id;
        out.batches += batches.len() as u64;
        let ids = batches.iter().map(|b| b.id);
        let found = payment_item::Entity::find().filter(payment_item::Column::BatchId.is_in(ids)).all(db).await?;
        let cases = case::Entity::find().filter(case::Column::Id.is_in(found.iter().map(|i| i.case_id)));
        let cases: HashMap<i64, case::Model> = cases.all(db).await?.into_iter().map(|c| (c.id, c)).collect();
        let mut items: HashMap<i64, Vec<payment_item::Model>> = HashMap::new();
        for item in found {
            items.entry(item.batch_id).or_default().push(item);
        }
        for batch in batches {
            let items = items.remove(&batch.id).unwrap_or_default();
            look(&batch, &items, &cases, out);
        }
    }
}

fn look(
    batch: &payment_batch::Model,
    items: &[payment_item::Model],
    cases: &HashMap<i64, case::Model>,
    out: &mut Examined,
) {
    if batch.state.0 == PaymentBatchState::Cancelled {
        out.must(items.is_empty(), "batch", &batch.no, || "what was cancelled holds something".to_owned());
        return;
    }
    let sum: i64 = items.iter().map(|i| i.amount_fen).sum();
    let (count, told) = (items.len(), (batch.items, batch.sum_fen));
    let same = i32::try_from(count).is_ok_and(|count| (count, sum) == told);
    out.must(same, "batch", &batch.no, || format!("{count} items, {sum} fen; it says {told:?}"));
    let Some(by) = batch.released_by_id else { return };
    out.must(by != batch.made_by_id, "batch", &batch.no, || "made and released by one person".to_owned());
    for case in items.iter().filter_map(|i| cases.get(&i.case_id)) {
        let decided = [case.entered_by_id, case.reviewed_by_id, case.approved_by_id];
        let had = decided.contains(&Some(by)) || decided.contains(&Some(batch.made_by_id));
        out.must(!had, "batch", &batch.no, || format!("paid by who decided about {}", case.no));
    }
}
