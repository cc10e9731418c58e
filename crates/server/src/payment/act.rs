//! 放行: the second person lets a batch out.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use huzhu_domain::{
    case::Stage,
    ids::CaseId,
    money::Fen,
    payment::{self as domain, Blocker, PaymentAction, PaymentBatchState, PaymentItemState},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::{make, store};
use crate::{
    app::App,
    audit,
    cases::events::{self, NewEvent},
    entity::{payment_batch, payment_item},
    notify,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::Object,
};

/// The event of a case whose payment was let out.
const RELEASED: &str = "payment_released";

/// Releases a batch in a transaction of its own; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with every reason.
pub async fn release(app: &App, me: &Me, id: i64, version: i64) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let done = release_in(&tx, me, id, version).await;
    audit::finish(&app.db, tx, me.id.0, ("payment_batch_release", &id.to_string()), done).await
}

async fn release_in(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64) -> Result<(), Problem> {
    let batch = make::allowed(tx, me, id, version, PaymentAction::Release).await?;
    let items = store::items_of(tx, id).await?;
    let mut by_case: HashMap<i64, Vec<&payment_item::Model>> = HashMap::new();
    for item in &items {
        by_case.entry(item.case_id).or_default().push(item);
    }
    let mut ids: Vec<i64> = by_case.keys().copied().collect();
    ids.sort_unstable();
    let cases = store::to_pay(tx, store::lock_cases(tx, me, &ids).await?).await?;
    let actor = me.actor();
    let mut reasons: Vec<Blocker> = Vec::new();
    for case in &cases {
        let fact = case.fact(batch.office_id, &HashMap::new());
        // In a draft it is, and it is this one.
        reasons.extend(
            domain::put_blockers(&domain::CaseFact { open_in: None, ..fact.clone() }, &actor)
                .into_iter()
                .filter(|b| !matches!(b, Blocker::AwaitsAccount { .. })),
        );
        if by_case.get(&case.row.id).is_none_or(|items| !items.iter().all(|item| is_due(case, item))) {
            reasons.push(Blocker::AmountsDiffer { case_no: fact.no });
        }
    }
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let at = clock::now();
    for (ordinal, item) in (1..).zip(&items) {
        let row = payment_item::ActiveModel {
            state: Set(Coded(PaymentItemState::Sent)),
            reference: Set(Some(format!("{}-{ordinal:04}", batch.no))),
            ..Default::default()
        };
        payment_item::Entity::update_many().set(row).filter(payment_item::Column::Id.eq(item.id)).exec(tx).await?;
    }
    for case in &cases {
        let sum: i64 = by_case.get(&case.row.id).into_iter().flatten().map(|i| i.amount_fen).sum();
        let event = NewEvent {
            case_id: CaseId(case.row.id),
            kind: RELEASED,
            actor: me.id,
            from: Some(Stage::Payment),
            to: Stage::Payment,
            reason_code: None,
            note: Some(batch.no.clone()),
            data: json!({ "batch_id": batch.id, "amount_fen": sum }),
        };
        events::append(tx, event).await?;
    }
    store::save(tx, &batch, PaymentBatchState::Released, released(me, at)).await?;
    make::note(tx, me, id, "release", &make::recount(tx, id).await?.told()).await?;
    let about = Object { kind: "payment_batch", id };
    notify::tell(tx, [batch.made_by_id], "payment_batch_released", &json!({ "no": batch.no }), about).await?;
    Ok(())
}

fn released(me: &Me, at: DateTime<Utc>) -> payment_batch::ActiveModel {
    payment_batch::ActiveModel { released_by_id: Set(Some(me.id.0)), released_at: Set(Some(at)), ..Default::default() }
}

/// Whether an item of a draft pays exactly its share of the benefit.
fn is_due(case: &store::ToPay, item: &payment_item::Model) -> bool {
    let share = case.shares.iter().find(|s| s.position == item.position);
    share.is_some_and(|s| s.amount == Fen(item.amount_fen) && s.last == Some(PaymentItemState::Draft))
}
