//! 登记结果: what the bank says became of each item, once. A case whose shares have all arrived is closed by the spine.
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use huzhu_domain::{
    case::{Action, Stage},
    ids::CaseId,
    money::Fen,
    payment::{
        self as domain, Blocker, BounceReason, ItemOutcome, MAX_WORDS, PaymentAction, PaymentBatchState,
        PaymentItemState, Total,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{make, store};
use crate::{
    app::App,
    audit,
    cases::{
        self, Act,
        events::{self, NewEvent},
    },
    entity::{payment, payment_batch, payment_item},
    notify,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::Object,
};

/// The event of a case of which something came back.
const BOUNCED: &str = "payment_bounced";

/// What became of an item.
pub(super) struct News {
    pub(super) item: payment_item::Model,
    pub(super) outcome: ItemOutcome,
}

/// What was registered.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Settled {
    /// Items that arrived.
    pub paid: Total,
    /// Items that came back.
    pub bounced: Total,
}

impl Settled {
    pub(super) fn of(news: &[News]) -> Self {
        let paid = |n: &&News| matches!(n.outcome, ItemOutcome::Paid { .. });
        let amount = |n: &News| Fen(n.item.amount_fen);
        Self {
            paid: Total::of(news.iter().filter(paid).map(amount)),
            bounced: Total::of(news.iter().filter(|n| !paid(n)).map(amount)),
        }
    }
}

/// Registers news of a batch that the caller holds: items, payments, the cases that are paid, the batch.
pub(super) async fn settle_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    batch: &payment_batch::Model,
    news: &[News],
) -> Result<Settled, Problem> {
    let mut ids: Vec<i64> = news.iter().map(|n| n.item.case_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = store::lock_cases(tx, me, &ids).await?;
    let reasons: Vec<Blocker> =
        rows.iter().filter_map(|r| domain::hand_blocker(&r.no, &store::hands(r), me.id)).collect();
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    for one in news {
        write(tx, me, one).await?;
    }
    pay(tx, me, batch, news).await?;
    let nos: HashMap<i64, &crate::entity::case::Model> = rows.iter().map(|r| (r.id, r)).collect();
    for one in news {
        if let ItemOutcome::Bounced { reason, words } = &one.outcome
            && let Some(case) = nos.get(&one.item.case_id)
        {
            bounced(tx, me, batch, case, &one.item, *reason, words).await?;
        }
    }
    for case in store::to_pay(tx, rows).await? {
        if domain::is_paid(&case.shares) {
            let paid_on = case.last.values().filter_map(|i| i.paid_on).max();
            let paid_on = paid_on.ok_or_else(|| Problem::internal("a paid case without a day"))?;
            let mut act = Act::new(Action::ConfirmPayment { paid_on }, 0);
            act.version = None;
            act.data = json!({ "batch_id": batch.id, "batch_no": batch.no });
            cases::act_in(tx, app, me, CaseId(case.row.id), act).await?;
        }
    }
    let open = payment_item::Entity::find()
        .filter(payment_item::Column::BatchId.eq(batch.id))
        .filter(payment_item::Column::State.eq(Coded(PaymentItemState::Sent)))
        .count(tx)
        .await?;
    let (state, settled_at) =
        if open == 0 { (PaymentBatchState::Settled, Some(clock::now())) } else { (PaymentBatchState::Released, None) };
    let row = payment_batch::ActiveModel { settled_at: Set(settled_at), ..Default::default() };
    store::save(tx, batch, state, row).await?;
    Ok(Settled::of(news))
}

async fn write(tx: &DatabaseTransaction, me: &Me, news: &News) -> Result<(), Problem> {
    use payment_item::Column as C;
    let mut row = payment_item::ActiveModel {
        settled_by_id: Set(Some(me.id.0)),
        settled_at: Set(Some(clock::now())),
        ..Default::default()
    };
    match &news.outcome {
        ItemOutcome::Paid { on } => {
            row.state = Set(Coded(PaymentItemState::Paid));
            row.paid_on = Set(Some(*on));
        }
        ItemOutcome::Bounced { reason, words } => {
            row.state = Set(Coded(PaymentItemState::Bounced));
            row.bounce_reason = Set(Some(Coded(*reason)));
            row.bounce_words = Set(words.clone());
        }
    }
    let still = C::Id.eq(news.item.id).and(C::State.eq(Coded(PaymentItemState::Sent)));
    let done = payment_item::Entity::update_many().set(row).filter(still).exec(tx).await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::internal("an item was settled meanwhile")) }
}

/// The money that left, a row an item.
async fn pay(tx: &DatabaseTransaction, me: &Me, batch: &payment_batch::Model, news: &[News]) -> Result<(), Problem> {
    let row = |n: &News| match n.outcome {
        ItemOutcome::Paid { on } => Some(payment::ActiveModel {
            case_id: Set(n.item.case_id),
            position: Set(n.item.position),
            amount_fen: Set(n.item.amount_fen),
            payee_name: Set(n.item.payee_name.clone()),
            account_no: Set(n.item.account_no.clone()),
            bank_name: Set(n.item.bank_name.clone()),
            paid_on: Set(on),
            note: Set(n.item.reference.clone().unwrap_or_else(|| batch.no.clone())),
            confirmed_at: Set(clock::now()),
            confirmed_by_id: Set(me.id.0),
            ..Default::default()
        }),
        ItemOutcome::Bounced { .. } => None,
    };
    let rows: Vec<payment::ActiveModel> = news.iter().filter_map(row).collect();
    for part in rows.chunks(store::AT_ONCE) {
        payment::Entity::insert_many(part.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes 退票 into the case's history, and tells who entered it, and who made and released the batch.
async fn bounced(
    tx: &DatabaseTransaction,
    me: &Me,
    batch: &payment_batch::Model,
    case: &crate::entity::case::Model,
    item: &payment_item::Model,
    reason: BounceReason,
    words: &str,
) -> Result<(), Problem> {
    let event = NewEvent {
        case_id: CaseId(case.id),
        kind: BOUNCED,
        actor: me.id,
        from: Some(Stage::Payment),
        to: Stage::Payment,
        reason_code: Some(reason.to_string()),
        note: Some(words.to_owned()).filter(|w| !w.is_empty()),
        data: json!({ "batch_id": batch.id, "item_id": item.id, "amount_fen": item.amount_fen }),
    };
    events::append(tx, event).await?;
    let to = [case.entered_by_id, Some(batch.made_by_id), batch.released_by_id];
    let to: HashSet<i64> = to.into_iter().flatten().filter(|id| *id != me.id.0).collect();
    let about = Object { kind: "case", id: case.id };
    notify::tell(tx, to, "payment_bounced", &json!({ "no": case.no, "batch_no": batch.no }), about).await?;
    Ok(())
}

/// One item that came back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BouncedItem {
    /// The item.
    pub id: i64,
    /// Why.
    pub reason: BounceReason,
    /// In the bank's words.
    #[serde(default)]
    pub words: String,
}

/// 登记结果 by hand.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleRequest {
    /// The version of the batch that the caller saw.
    pub version: i64,
    /// Items that arrived.
    #[serde(default)]
    pub paid: Vec<i64>,
    /// All items that are open and not named as bounced arrived.
    #[serde(default)]
    pub all_others: bool,
    /// The day on which they did.
    #[serde(default)]
    pub paid_on: Option<NaiveDate>,
    /// Items that came back.
    #[serde(default)]
    pub bounced: Vec<BouncedItem>,
}

/// Registers results by hand in a transaction of its own; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 409 where somebody was quicker, 422 with every reason; nothing is registered then.
pub async fn by_hand(app: &App, me: &Me, id: i64, asked: &SettleRequest) -> Result<Settled, Problem> {
    let tx = app.db.begin().await?;
    let done = by_hand_in(&tx, app, me, id, asked).await;
    audit::finish(&app.db, tx, me.id.0, ("payment_batch_settle", &id.to_string()), done).await
}

async fn by_hand_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    id: i64,
    asked: &SettleRequest,
) -> Result<Settled, Problem> {
    let batch = make::allowed(tx, me, id, asked.version, PaymentAction::Settle).await?;
    let items = store::items_of(tx, id).await?;
    let mut outcomes: HashMap<i64, ItemOutcome> = HashMap::new();
    for one in &asked.bounced {
        let words: String = one.words.trim().chars().filter(|c| !c.is_control()).collect();
        if words.chars().count() > MAX_WORDS {
            return Err(Problem::invalid_field("words", "too_long"));
        }
        outcomes.insert(one.id, ItemOutcome::Bounced { reason: one.reason, words });
    }
    let open = items.iter().filter(|i| i.state.0 == PaymentItemState::Sent).map(|i| i.id);
    let others: Vec<i64> =
        if asked.all_others { open.filter(|i| !outcomes.contains_key(i)).collect() } else { Vec::new() };
    let paid: HashSet<i64> = asked.paid.iter().copied().chain(others).collect();
    if !paid.is_empty() {
        let on = asked.paid_on.ok_or_else(|| Problem::invalid_field("paid_on", "required"))?;
        let released_on = batch.released_at.map(clock::day_of).unwrap_or_default();
        if let Some(reason) = domain::day_blocker(on, released_on, clock::today()) {
            return Err(Problem::refused(&[reason]));
        }
        for item in paid {
            if outcomes.insert(item, ItemOutcome::Paid { on }).is_some() {
                return Err(Problem::invalid_field("items", "twice"));
            }
        }
    }
    if outcomes.is_empty() {
        return Err(Problem::invalid_field("items", "required"));
    }
    let mut news = Vec::new();
    for item in items {
        let Some(outcome) = outcomes.remove(&item.id) else { continue };
        if item.state.0 != PaymentItemState::Sent {
            let reference = item.reference.unwrap_or_default();
            return Err(Problem::refused(&[Blocker::ItemSettled { reference }]));
        }
        news.push(News { item, outcome });
    }
    if !outcomes.is_empty() {
        return Err(Problem::invalid_field("items", "unknown"));
    }
    let done = settle_in(tx, app, me, &batch, &news).await?;
    make::note(tx, me, id, "settle", &json!({ "paid": done.paid, "bounced": done.bounced })).await?;
    Ok(done)
}
