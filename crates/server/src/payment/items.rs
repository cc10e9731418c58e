//! The items of a batch, page by page, and those of a case.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    money::Fen,
    payment::{BounceReason, PaymentItemState},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    cases::rows,
    entity::{case, payment_item},
    platform::{
        auth::{Acting, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
        seal,
    },
};

/// One share of a case in a batch.
#[derive(Serialize, ToSchema)]
pub struct PaymentItemRow {
    pub(super) id: i64,
    /// 付款编号; null in a draft.
    pub(super) reference: Option<String>,
    pub(super) batch_id: i64,
    pub(super) batch_no: String,
    pub(super) case_id: i64,
    pub(super) case_no: String,
    pub(super) payee_name: String,
    pub(super) account_no: String,
    pub(super) bank_name: String,
    pub(super) amount_fen: Fen,
    pub(super) state: PaymentItemState,
    pub(super) paid_on: Option<NaiveDate>,
    pub(super) bounce_reason: Option<BounceReason>,
    pub(super) bounce_words: String,
    /// Whether it pays again what came back.
    pub(super) again: bool,
}

/// Items as a list shows them: two queries more, however many there are.
pub(super) async fn item_rows(app: &App, found: Vec<payment_item::Model>) -> Result<Vec<PaymentItemRow>, Problem> {
    let db = app.db.read();
    let cases = store::case_nos(db, &found).await?;
    let batches = store::batch_nos(db, found.iter().map(|i| i.batch_id).collect()).await?;
    let row = |i: payment_item::Model| PaymentItemRow {
        case_no: cases.get(&i.case_id).cloned().unwrap_or_default(),
        batch_no: batches.get(&i.batch_id).cloned().unwrap_or_default(),
        again: i.replaces_id.is_some(),
        id: i.id,
        reference: i.reference,
        batch_id: i.batch_id,
        case_id: i.case_id,
        payee_name: i.payee_name,
        account_no: i.account_no.into_string(),
        bank_name: i.bank_name,
        amount_fen: Fen(i.amount_fen),
        state: i.state.0,
        paid_on: i.paid_on,
        bounce_reason: i.bounce_reason.map(|r| r.0),
        bounce_words: i.bounce_words,
    };
    Ok(found.into_iter().map(row).collect())
}

/// Which items of a batch are wanted.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct PaymentItemSearch {
    /// One of these states; all where empty.
    states: Vec<PaymentItemState>,
    /// 付款编号, 案件号, 户名 or 账号.
    text: Option<String>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The items of a batch.
#[utoipa::path(post, path = "/api/payment-batches/{id}/items", tag = "payment_items", params(("id" = i64, Path)),
    request_body = PaymentItemSearch, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = Page<PaymentItemRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(search): Json<PaymentItemSearch>,
) -> Result<Json<Page<PaymentItemRow>>, Problem> {
    use payment_item::Column as C;
    let batch = store::find(app.db.read(), &me, id).await?;
    let paging = Paging { page: search.page, size: search.size };
    let mut select = payment_item::Entity::find().filter(C::BatchId.eq(batch.id));
    if !search.states.is_empty() {
        select = select.filter(C::State.is_in(search.states.into_iter().map(Coded)));
    }
    if let Some(text) = rows::text(search.text.as_deref()) {
        let numbered = case::Entity::find().select_only().column(case::Column::Id);
        let numbered = numbered.filter(case::Column::No.eq(text.to_uppercase())).into_query();
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        select = select.filter(
            Condition::any()
                .add(C::Reference.eq(text.to_uppercase()))
                .add(C::PayeeName.eq(text))
                .add(seal::is(C::AccountNo, digits))
                .add(C::CaseId.in_subquery(numbered)),
        );
    }
    let total = select.clone().count(app.db.read()).await?;
    let found = select.order_by_asc(C::Id).limit(paging.size()).offset(paging.offset()).all(app.db.read()).await?;
    Ok(Json(paging.answer(item_rows(&app, found).await?, total)))
}
