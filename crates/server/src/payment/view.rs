//! A batch as its page shows it: what is in it, what became of it, whether every total agrees, what may be done next.
use chrono::{DateTime, Utc};
use huzhu_domain::{
    money::Fen,
    payment::{self as domain, Blocker, PaymentAction, PaymentBatchState, PaymentItemState, Total},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{make, store};
use crate::{
    app::App,
    cases::rows,
    entity::{payment_batch, payment_item},
    platform::{auth::Me, coded::Coded, error::Problem, messages::Notice},
    records::{self, Object, RecordEventView},
};

/// One batch of a list.
#[derive(Serialize, ToSchema)]
pub struct PaymentBatchRow {
    pub(super) id: i64,
    pub(super) no: String,
    pub(super) office_name: String,
    pub(super) state: PaymentBatchState,
    pub(super) cases: i32,
    pub(super) items: i32,
    pub(super) sum_fen: Fen,
    /// Items that came back, with their sum.
    pub(super) bounced: Total,
    pub(super) made_by_name: String,
    pub(super) made_at: DateTime<Utc>,
    pub(super) released_by_name: Option<String>,
    pub(super) released_at: Option<DateTime<Utc>>,
    pub(super) settled_at: Option<DateTime<Utc>>,
}

/// What a batch comes to, each counted from another place.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct PaymentTotals {
    /// What the batch was fixed at.
    pub batch: Total,
    /// Its items.
    pub items: Total,
    /// Of them: awaited.
    pub open: Total,
    /// Of them: arrived.
    pub paid: Total,
    /// Of them: came back.
    pub bounced: Total,
    /// Whether they agree to the fen.
    pub agree: bool,
}

/// What may be done with a batch, and why not yet.
#[derive(Serialize, ToSchema)]
pub struct AllowedPaymentAction {
    action: PaymentAction,
    blockers: Vec<Notice>,
}

/// A batch.
#[derive(Serialize, ToSchema)]
pub struct PaymentBatchView {
    #[serde(flatten)]
    row: PaymentBatchRow,
    office_id: i64,
    version: i64,
    totals: PaymentTotals,
    allowed_actions: Vec<AllowedPaymentAction>,
    history: Vec<RecordEventView>,
}

#[derive(FromQueryResult)]
struct Counted {
    batch_id: i64,
    state: Coded<PaymentItemState>,
    count: i64,
    sum: i64,
}

async fn counted(app: &App, ids: Vec<i64>) -> Result<Vec<Counted>, Problem> {
    use payment_item::Column as C;
    Ok(payment_item::Entity::find()
        .filter(C::BatchId.is_in(ids))
        .select_only()
        .columns([C::BatchId, C::State])
        .column_as(C::Id.count(), "count")
        .column_as(Expr::col((payment_item::Entity, C::AmountFen)).sum().cast_as("BIGINT"), "sum")
        .group_by(C::BatchId)
        .group_by(C::State)
        .into_model()
        .all(app.db.read())
        .await?)
}

fn total<'a>(counted: impl Iterator<Item = &'a Counted>) -> Total {
    counted.fold(Total::default(), |t, c| Total {
        count: t.count + u64::try_from(c.count).unwrap_or_default(),
        sum_fen: t.sum_fen + Fen(c.sum),
    })
}

const fn came_back(state: PaymentItemState) -> bool {
    matches!(state, PaymentItemState::Bounced | PaymentItemState::Repaired | PaymentItemState::Replaced)
}

/// Batches as a list shows them: three queries more, however many there are.
pub(super) async fn batch_rows(app: &App, found: Vec<payment_batch::Model>) -> Result<Vec<PaymentBatchRow>, Problem> {
    let counted = counted(app, found.iter().map(|b| b.id).collect()).await?;
    let nodes: Vec<i64> = found.iter().map(|b| b.agency_id.unwrap_or(b.office_id)).collect();
    let orgs = rows::org_names(&app.db, nodes).await?;
    let people: Vec<i64> = found.iter().flat_map(|b| [Some(b.made_by_id), b.released_by_id]).flatten().collect();
    let users = rows::user_names(&app.db, people).await?;
    let row = |b: payment_batch::Model| PaymentBatchRow {
        bounced: total(counted.iter().filter(|c| c.batch_id == b.id && came_back(c.state.0))),
        office_name: rows::name(&orgs, b.agency_id.unwrap_or(b.office_id)),
        made_by_name: rows::name(&users, b.made_by_id),
        released_by_name: b.released_by_id.map(|id| rows::name(&users, id)),
        id: b.id,
        no: b.no,
        state: b.state.0,
        cases: b.cases,
        items: b.items,
        sum_fen: Fen(b.sum_fen),
        made_at: b.made_at,
        released_at: b.released_at,
        settled_at: b.settled_at,
    };
    Ok(found.into_iter().map(row).collect())
}

/// What a batch comes to.
pub(super) async fn totals(app: &App, batch: &payment_batch::Model) -> Result<PaymentTotals, Problem> {
    let counted = counted(app, vec![batch.id]).await?;
    let of = |wanted: fn(PaymentItemState) -> bool| total(counted.iter().filter(|c| wanted(c.state.0)));
    let fixed = Total { count: u64::try_from(batch.items).unwrap_or_default(), sum_fen: Fen(batch.sum_fen) };
    let items = of(|_| true);
    let cancelled = batch.state.0 == PaymentBatchState::Cancelled;
    Ok(PaymentTotals {
        batch: fixed,
        items,
        open: of(|s| matches!(s, PaymentItemState::Draft | PaymentItemState::Sent)),
        paid: of(|s| s == PaymentItemState::Paid),
        bounced: of(came_back),
        agree: cancelled || items == fixed,
    })
}

const ACTIONS: [PaymentAction; 5] = {
    use PaymentAction::{Cancel, Change, File, Release, Settle};
    [Change, Cancel, Release, File, Settle]
};

/// A batch of the caller's branch.
pub(super) async fn load(app: &App, me: &Me, id: i64) -> Result<PaymentBatchView, Problem> {
    let batch = store::find(app.db.read(), me, id).await?;
    let totals = totals(app, &batch).await?;
    let hands = make::hands_in(app.db.read(), me, id).await?;
    let (fact, actor) = (store::fact(&batch), me.actor());
    let action = |action: PaymentAction| {
        let mut blockers = domain::act_blockers(action, fact, &actor);
        let out_of_place = |b: &Blocker| matches!(b, Blocker::BatchState { .. } | Blocker::NoRight {});
        if blockers.iter().any(out_of_place) {
            return None;
        }
        if matches!(action, PaymentAction::Release | PaymentAction::Settle) {
            blockers.extend(hands.iter().cloned());
        }
        let blockers = blockers.iter().map(|b| Notice::of(b, me.locale)).collect();
        Some(AllowedPaymentAction { action, blockers })
    };
    let allowed_actions = ACTIONS.into_iter().filter_map(action).collect();
    let history = records::history_view(&app.db, Object { kind: "payment_batch", id }).await?;
    let (office_id, version) = (batch.office_id, batch.version);
    let row = batch_rows(app, vec![batch]).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(PaymentBatchView { row, office_id, version, totals, allowed_actions, history })
}
