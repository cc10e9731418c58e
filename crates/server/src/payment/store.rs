//! The queries of 支付, and the facts that its rules ask for.
use std::collections::HashMap;

use axum::http::StatusCode;
use chrono::{Datelike, NaiveDate};
use huzhu_domain::{
    case::{Payee, Stage},
    ids::UserId,
    money::Fen,
    payment::{BatchFact, CaseFact, CorrectionState, PaymentBatchState, PaymentItemState, Share},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    cases::{due, store},
    entity::{account_correction, case, org, payment_batch, payment_item, payment_number},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// Rows that one statement writes.
pub(super) const AT_ONCE: usize = 500;

/// A batch of the caller's branch, to be read.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<payment_batch::Model, Problem> {
    let row = payment_batch::Entity::find_by_id(id).filter(due::sees_batch(me)).one(db).await?;
    row.ok_or_else(Problem::not_found)
}

/// A batch of the caller's branch, held until the transaction ends.
pub(super) async fn lock(tx: &DatabaseTransaction, me: &Me, id: i64) -> Result<payment_batch::Model, Problem> {
    let row = payment_batch::Entity::find_by_id(id).filter(due::sees_batch(me)).lock_exclusive().one(tx).await?;
    row.ok_or_else(Problem::not_found)
}

/// Whether the caller saw the batch as it is.
pub(super) fn fresh(batch: &payment_batch::Model, seen: i64) -> Result<(), Problem> {
    if batch.version == seen { Ok(()) } else { Err(Problem::new(StatusCode::CONFLICT, "payment_batch_stale")) }
}

/// Cases of the caller's branch, held until the transaction ends, in the one order: by id.
pub(super) async fn lock_cases(tx: &DatabaseTransaction, me: &Me, ids: &[i64]) -> Result<Vec<case::Model>, Problem> {
    let found = store::of_branch(me)
        .filter(case::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(case::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    if found.len() == ids.len() { Ok(found) } else { Err(Problem::not_found()) }
}

/// The items of a batch, in the order in which they were put in.
///
/// # Errors
/// When the database fails.
pub async fn items_of(db: &impl ConnectionTrait, batch_id: i64) -> Result<Vec<payment_item::Model>, Problem> {
    let items = payment_item::Entity::find().filter(payment_item::Column::BatchId.eq(batch_id));
    Ok(items.order_by_asc(payment_item::Column::Id).all(db).await?)
}

/// All items of some cases, oldest first.
pub(super) async fn items_of_cases(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
) -> Result<Vec<payment_item::Model>, Problem> {
    let items = payment_item::Entity::find().filter(payment_item::Column::CaseId.is_in(ids));
    Ok(items.order_by_asc(payment_item::Column::Id).all(db).await?)
}

/// Who entered, reviewed and approved a case.
pub(super) fn hands(row: &case::Model) -> Vec<UserId> {
    [row.entered_by_id, row.reviewed_by_id, row.approved_by_id].into_iter().flatten().map(UserId).collect()
}

/// The numbers of the items' cases by id.
pub(super) async fn case_nos(
    db: &impl ConnectionTrait,
    items: &[payment_item::Model],
) -> Result<HashMap<i64, String>, Problem> {
    let found: Vec<(i64, String)> = case::Entity::find()
        .filter(case::Column::Id.is_in(items.iter().map(|i| i.case_id)))
        .select_only()
        .columns([case::Column::Id, case::Column::No])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// What is known of a case that is to be paid.
pub(super) struct ToPay {
    pub(super) row: case::Model,
    pub(super) payees: Vec<Payee>,
    /// What each payee is to get.
    pub(super) shares: Vec<Share>,
    /// The last item of each share.
    pub(super) last: HashMap<i32, payment_item::Model>,
}

impl ToPay {
    /// What the rules ask about the case, for a batch of an office.
    pub(super) fn fact(&self, office_id: i64, batches: &HashMap<i64, String>) -> CaseFact {
        let row = &self.row;
        let open =
            |item: &&payment_item::Model| matches!(item.state.0, PaymentItemState::Draft | PaymentItemState::Sent);
        let open_in = self.last.values().find(open).map(|i| batches.get(&i.batch_id).cloned().unwrap_or_default());
        CaseFact {
            no: row.no.clone(),
            to_be_paid: row.stage.0 == Stage::Payment,
            same_office: row.office_id == office_id,
            hands: hands(row),
            open_in,
            shares: self.shares.clone(),
        }
    }
}

/// The shares of some cases, and where each stands.
pub(super) async fn to_pay(db: &impl ConnectionTrait, rows: Vec<case::Model>) -> Result<Vec<ToPay>, Problem> {
    let ids: Vec<i64> = rows.iter().map(|r| r.id).collect();
    let mut payees = store::payees(db, ids.clone()).await?;
    let mut last: HashMap<i64, HashMap<i32, payment_item::Model>> = HashMap::new();
    for item in items_of_cases(db, ids).await? {
        last.entry(item.case_id).or_default().insert(item.position, item);
    }
    let of = |row: case::Model| {
        let payees = payees.remove(&row.id).unwrap_or_default();
        let last = last.remove(&row.id).unwrap_or_default();
        let parts = parts(&payees, Fen(row.benefit_fen.unwrap_or_default()));
        let share = |(position, amount): (i32, Fen)| Share {
            position,
            amount,
            last: last.get(&position).map(|i: &payment_item::Model| i.state.0),
        };
        let shares = (0..).zip(parts).map(share).collect();
        ToPay { row, payees, shares, last }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The parts of a benefit by the payees' shares.
pub(super) fn parts(payees: &[Payee], benefit: Fen) -> Vec<Fen> {
    benefit.split(&payees.iter().map(|p| p.share).collect::<Vec<u32>>())
}

/// The numbers of batches by id.
pub(super) async fn batch_nos(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, String>, Problem> {
    let found: Vec<(i64, String)> = payment_batch::Entity::find()
        .filter(payment_batch::Column::Id.is_in(ids))
        .select_only()
        .columns([payment_batch::Column::Id, payment_batch::Column::No])
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// The accounts that second persons approved, by the item that had come back.
pub(super) async fn approved_accounts(
    db: &impl ConnectionTrait,
    items: Vec<i64>,
) -> Result<HashMap<i64, account_correction::Model>, Problem> {
    let found = account_correction::Entity::find()
        .filter(account_correction::Column::ItemId.is_in(items))
        .filter(account_correction::Column::State.eq(Coded(CorrectionState::Approved)))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|c| (c.item_id, c)).collect())
}

/// The next number of an office's batches: `FK`, the office's code, the day, four digits.
pub(super) async fn next_no(tx: &DatabaseTransaction, office_id: i64) -> Result<String, Problem> {
    let office = org::Entity::find_by_id(office_id).one(tx).await?.ok_or_else(Problem::not_found)?;
    let day = clock::today();
    let first = payment_number::ActiveModel { office_code: Set(office.code.clone()), day: Set(day), next: Set(2) };
    let next = Expr::col((payment_number::Entity, payment_number::Column::Next)).add(1);
    let row = payment_number::Entity::insert(first)
        .on_conflict(
            OnConflict::columns([payment_number::Column::OfficeCode, payment_number::Column::Day])
                .value(payment_number::Column::Next, next)
                .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    Ok(no_of(&office.code, day, row.next - 1))
}

fn no_of(code: &str, day: NaiveDate, ordinal: i64) -> String {
    format!("FK{code}{:04}{:02}{:02}{ordinal:04}", day.year(), day.month(), day.day())
}

/// What the rules ask about a batch.
pub(super) fn fact(batch: &payment_batch::Model) -> BatchFact {
    BatchFact {
        state: batch.state.0,
        made_by: UserId(batch.made_by_id),
        cases: usize::try_from(batch.cases).unwrap_or_default(),
    }
}

/// Writes what changed about a batch; the caller holds it.
pub(super) async fn save(
    tx: &DatabaseTransaction,
    batch: &payment_batch::Model,
    state: PaymentBatchState,
    row: payment_batch::ActiveModel,
) -> Result<(), Problem> {
    let row = payment_batch::ActiveModel { state: Set(Coded(state)), version: Set(batch.version + 1), ..row };
    let done = payment_batch::Entity::update_many()
        .set(row)
        .filter(payment_batch::Column::Id.eq(batch.id))
        .filter(payment_batch::Column::Version.eq(batch.version))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::new(StatusCode::CONFLICT, "payment_batch_stale")) }
}

/// Gives items another state.
pub(super) async fn set_state(tx: &DatabaseTransaction, ids: Vec<i64>, state: PaymentItemState) -> Result<(), Problem> {
    payment_item::Entity::update_many()
        .set(payment_item::ActiveModel { state: Set(Coded(state)), ..Default::default() })
        .filter(payment_item::Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}
