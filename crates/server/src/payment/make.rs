//! 建立批次, 调整案件, 取消: what a draft holds.
use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use huzhu_domain::{
    case::Stage,
    money::Fen,
    payment::{self as domain, Blocker, MAX_CASES, PaymentAction, PaymentBatchState, PaymentItemState, Total},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    search::{self, PaymentSearch},
    store::{self, ToPay},
};
use crate::{
    app::App,
    audit,
    entity::{case, payment_batch, payment_item},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::{self, Object},
};

/// Everything that a search found, as the caller saw it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllFound {
    search: PaymentSearch,
    /// How many cases were seen.
    count: u64,
    /// Their sum in fen.
    sum_fen: i64,
}

/// 建立批次: of chosen cases, or of everything that a search found.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBatch {
    /// Chosen cases.
    #[serde(default)]
    pub cases: Vec<i64>,
    /// Instead: all that were found, if they are still what was seen.
    #[serde(default)]
    pub all: Option<AllFound>,
}

/// Makes a draft of approved cases.
///
/// # Errors
/// 404 for a case outside the branch, 409 where the search finds something else by now, 422 with every reason.
pub async fn make(app: &App, me: &Me, asked: NewBatch) -> Result<i64, Problem> {
    let tx = app.db.begin().await?;
    let done = make_in(&tx, me, &asked).await;
    audit::finish(&app.db, tx, me.id.0, ("payment_batch_make", ""), done).await
}

async fn make_in(tx: &DatabaseTransaction, me: &Me, asked: &NewBatch) -> Result<i64, Problem> {
    let ids = match &asked.all {
        Some(all) => found(tx, me, &all.search).await?,
        None => distinct(&asked.cases),
    };
    let Some(first) = ids.first() else { return Err(Problem::invalid_field("cases", "required")) };
    if ids.len() > MAX_CASES {
        return Err(Problem::refused(&[Blocker::BatchFull { max: MAX_CASES }]));
    }
    let office_id = case::Entity::find_by_id(*first).filter(me.sees_case()).one(tx).await?;
    let office_id = office_id.ok_or_else(Problem::not_found)?.office_id;
    let no = store::next_no(tx, office_id).await?;
    let agency = matches!(me.branch(), huzhu_domain::org::Branch::Agency(_)).then_some(me.org_id.0);
    let row = payment_batch::ActiveModel {
        no: Set(no),
        office_id: Set(office_id),
        agency_id: Set(agency),
        state: Set(Coded(PaymentBatchState::Draft)),
        version: Set(1),
        cases: Set(0),
        items: Set(0),
        sum_fen: Set(0),
        made_by_id: Set(me.id.0),
        made_at: Set(clock::now()),
        ..Default::default()
    };
    let batch = payment_batch::Entity::insert(row).exec_with_returning(tx).await?;
    put(tx, me, &batch, &ids).await?;
    let total = recount(tx, batch.id).await?;
    if let Some(all) = &asked.all
        && (ids.len() as u64, total.items.sum_fen.0) != (all.count, all.sum_fen)
    {
        return Err(Problem::new(StatusCode::CONFLICT, "payment_selection_changed"));
    }
    let row = total.row();
    payment_batch::Entity::update_many().set(row).filter(payment_batch::Column::Id.eq(batch.id)).exec(tx).await?;
    note(tx, me, batch.id, "make", &total.told()).await?;
    Ok(batch.id)
}

/// The oldest cases that a search finds, one more than fit.
async fn found(tx: &DatabaseTransaction, me: &Me, search: &PaymentSearch) -> Result<Vec<i64>, Problem> {
    let ids: Vec<i64> = search::narrowed(tx, me, search)
        .await?
        .order_by_asc(case::Column::StageSince)
        .order_by_asc(case::Column::Id)
        .limit(MAX_CASES as u64 + 1)
        .select_only()
        .column(case::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(distinct(&ids))
}

fn distinct(ids: &[i64]) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Puts cases into a draft: an item for each share that is due, with the account that holds now.
async fn put(tx: &DatabaseTransaction, me: &Me, batch: &payment_batch::Model, ids: &[i64]) -> Result<(), Problem> {
    let rows = store::lock_cases(tx, me, ids).await?;
    let cases = store::to_pay(tx, rows).await?;
    let batches = cases.iter().flat_map(|c| c.last.values()).map(|i| i.batch_id).collect();
    let batches: HashMap<i64, String> = store::batch_nos(tx, batches).await?;
    let actor = me.actor();
    let facts = cases.iter().map(|c| c.fact(batch.office_id, &batches));
    let reasons: Vec<Blocker> = facts.flat_map(|f| domain::put_blockers(&f, &actor)).collect();
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let again: Vec<i64> = cases.iter().flat_map(repaired).map(|i| i.id).collect();
    let accounts = store::approved_accounts(tx, again.clone()).await?;
    let items: Vec<payment_item::ActiveModel> = cases
        .iter()
        .flat_map(|case| domain::due(&case.shares).map(move |share| (case, share)))
        .map(|(case, share)| {
            let payee = usize::try_from(share.position).ok().and_then(|i| case.payees.get(i));
            let before = case.last.get(&share.position);
            let account = before.and_then(|i| accounts.get(&i.id));
            let of = |old: fn(&huzhu_domain::case::Payee) -> &String, new: Option<&String>| {
                Set(new.or_else(|| payee.map(old)).cloned().unwrap_or_default())
            };
            payment_item::ActiveModel {
                batch_id: Set(batch.id),
                case_id: Set(case.row.id),
                position: Set(share.position),
                amount_fen: Set(share.amount.0),
                payee_name: of(|p| &p.name, account.map(|a| &a.payee_name)),
                account_no: match account {
                    Some(account) => Set(account.account_no.clone()),
                    None => Set(payee.map(|p| p.account_no.as_str().into()).unwrap_or_default()),
                },
                bank_name: of(|p| &p.bank_name, account.map(|a| &a.bank_name)),
                replaces_id: Set(before.map(|i| i.id)),
                state: Set(Coded(PaymentItemState::Draft)),
                ..Default::default()
            }
        })
        .collect();
    for part in items.chunks(store::AT_ONCE) {
        payment_item::Entity::insert_many(part.to_vec()).exec_without_returning(tx).await?;
    }
    store::set_state(tx, again, PaymentItemState::Replaced).await
}

/// The items of a case that came back and may be paid again.
fn repaired(case: &ToPay) -> impl Iterator<Item = &payment_item::Model> {
    case.last.values().filter(|i| i.state.0 == PaymentItemState::Repaired)
}

/// Takes cases out of a draft; what came back of them may be paid by another.
async fn take_out(tx: &DatabaseTransaction, batch_id: i64, cases: Option<&[i64]>) -> Result<(), Problem> {
    use payment_item::Column as C;
    let mut of = C::BatchId.eq(batch_id).and(C::State.eq(Coded(PaymentItemState::Draft)));
    if let Some(cases) = cases {
        of = of.and(C::CaseId.is_in(cases.iter().copied()));
    }
    let items = payment_item::Entity::find().filter(of.clone()).all(tx).await?;
    payment_item::Entity::delete_many().filter(of).exec(tx).await?;
    store::set_state(tx, items.iter().filter_map(|i| i.replaces_id).collect(), PaymentItemState::Repaired).await
}

/// What a batch holds.
pub(super) struct Counted {
    pub(super) cases: usize,
    pub(super) items: Total,
}

impl Counted {
    fn row(&self) -> payment_batch::ActiveModel {
        payment_batch::ActiveModel {
            cases: Set(i32::try_from(self.cases).unwrap_or(i32::MAX)),
            items: Set(i32::try_from(self.items.count).unwrap_or(i32::MAX)),
            sum_fen: Set(self.items.sum_fen.0),
            ..Default::default()
        }
    }

    pub(super) fn told(&self) -> serde_json::Value {
        json!({ "cases": self.cases, "items": self.items.count, "sum_fen": self.items.sum_fen })
    }
}

/// Counts what a batch holds.
pub(super) async fn recount(tx: &DatabaseTransaction, batch_id: i64) -> Result<Counted, Problem> {
    let items = store::items_of(tx, batch_id).await?;
    let cases = items.iter().map(|i| i.case_id).collect::<HashSet<_>>().len();
    Ok(Counted { cases, items: Total::of(items.iter().map(|i| Fen(i.amount_fen))) })
}

/// Cases that go into a draft, and that come out of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeRequest {
    /// The version of the batch that the caller saw.
    version: i64,
    /// Cases to put in.
    #[serde(default)]
    add: Vec<i64>,
    /// Cases to take out.
    #[serde(default)]
    remove: Vec<i64>,
}

/// 调整案件 of a draft.
pub(super) async fn change_in(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    asked: &ChangeRequest,
) -> Result<(), Problem> {
    let batch = allowed(tx, me, id, asked.version, PaymentAction::Change).await?;
    if asked.remove.len() > MAX_CASES || asked.add.len() > MAX_CASES {
        return Err(Problem::refused(&[Blocker::BatchFull { max: MAX_CASES }]));
    }
    take_out(tx, id, Some(&asked.remove)).await?;
    let add = distinct(&asked.add);
    if !add.is_empty() {
        put(tx, me, &batch, &add).await?;
    }
    let total = recount(tx, id).await?;
    if total.cases > MAX_CASES {
        return Err(Problem::refused(&[Blocker::BatchFull { max: MAX_CASES }]));
    }
    store::save(tx, &batch, PaymentBatchState::Draft, total.row()).await?;
    note(tx, me, id, "change", &total.told()).await
}

/// 取消批次: its cases wait for another one. What it would have paid stays in its totals.
pub(super) async fn cancel_in(tx: &DatabaseTransaction, me: &Me, id: i64, version: i64) -> Result<(), Problem> {
    let batch = allowed(tx, me, id, version, PaymentAction::Cancel).await?;
    take_out(tx, id, None).await?;
    store::save(tx, &batch, PaymentBatchState::Cancelled, payment_batch::ActiveModel::default()).await?;
    note(tx, me, id, "cancel", &json!({})).await
}

/// The batch, held, where the caller may do that with it as they saw it.
pub(super) async fn allowed(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    version: i64,
    action: PaymentAction,
) -> Result<payment_batch::Model, Problem> {
    let batch = store::lock(tx, me, id).await?;
    let reasons = domain::act_blockers(action, store::fact(&batch), &me.actor());
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    store::fresh(&batch, version)?;
    Ok(batch)
}

/// Writes what happened to a batch.
pub(super) async fn note(
    tx: &DatabaseTransaction,
    me: &Me,
    id: i64,
    act: &str,
    what: &serde_json::Value,
) -> Result<(), Problem> {
    Ok(records::note(tx, Object { kind: "payment_batch", id }, Some(me.id.0), act, "", (&(), what)).await?)
}

/// Case numbers of a batch that somebody entered, reviewed or approved; a few of them will do.
pub(super) async fn hands_in(
    db: &impl sea_orm::ConnectionTrait,
    me: &Me,
    batch_id: i64,
) -> Result<Vec<Blocker>, Problem> {
    use case::Column as C;
    let of = payment_item::Entity::find()
        .select_only()
        .column(payment_item::Column::CaseId)
        .filter(payment_item::Column::BatchId.eq(batch_id));
    let nos: Vec<String> = case::Entity::find()
        .filter(C::Id.in_subquery(sea_orm::QueryTrait::into_query(of)))
        .filter(C::Stage.eq(Coded(Stage::Payment)))
        .filter(
            sea_orm::Condition::any()
                .add(C::EnteredById.eq(me.id.0))
                .add(C::ReviewedById.eq(me.id.0))
                .add(C::ApprovedById.eq(me.id.0)),
        )
        .order_by_asc(C::Id)
        .limit(5)
        .select_only()
        .column(C::No)
        .into_tuple()
        .all(db)
        .await?;
    Ok(nos.into_iter().map(|case_no| Blocker::HandInCase { case_no }).collect())
}
