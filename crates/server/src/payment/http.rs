//! Batches: made, looked for, shown, changed, released, settled by hand.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use huzhu_domain::payment::PaymentBatchState;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    act,
    make::{self, ChangeRequest, NewBatch},
    settle::{self, SettleRequest},
    view::{self, PaymentBatchRow, PaymentBatchView},
};
use crate::{
    app::App,
    audit,
    cases::{due, rows},
    entity::payment_batch,
    platform::{
        auth::{Acting, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// 建立批次.
#[utoipa::path(post, path = "/api/payment-batches", tag = "payment_batches", request_body = NewBatch,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 201, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Json(asked): Json<NewBatch>,
) -> Result<(StatusCode, Json<PaymentBatchView>), Problem> {
    let id = make::make(&app, &me, asked).await?;
    Ok((StatusCode::CREATED, Json(view::load(&app, &me, id).await?)))
}

/// The search form of 付款批次.
#[derive(Deserialize, ToSchema)]
pub struct PaymentBatchSearch {
    /// 批次号.
    no: Option<String>,
    /// 办事处.
    office_id: Option<i64>,
    state: Option<PaymentBatchState>,
    /// Made on that day or later.
    from: Option<NaiveDate>,
    /// Made on that day or earlier.
    to: Option<NaiveDate>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// Batches, newest first.
#[utoipa::path(post, path = "/api/payment-batches/search", tag = "payment_batches", request_body = PaymentBatchSearch,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = Page<PaymentBatchRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Json(search): Json<PaymentBatchSearch>,
) -> Result<Json<Page<PaymentBatchRow>>, Problem> {
    use payment_batch::Column as C;
    let paging = Paging { page: search.page, size: search.size };
    let mut select = payment_batch::Entity::find().filter(due::sees_batch(&me));
    if let Some(no) = rows::text(search.no.as_deref()) {
        select = select.filter(C::No.eq(no.to_uppercase()));
    }
    if let Some(office) = search.office_id {
        select = select.filter(C::OfficeId.eq(office));
    }
    if let Some(state) = search.state {
        select = select.filter(C::State.eq(Coded(state)));
    }
    if let Some(from) = search.from {
        select = select.filter(C::MadeAt.gte(clock::start_of(from)));
    }
    if let Some(to) = search.to.and_then(|d| d.succ_opt()) {
        select = select.filter(C::MadeAt.lt(clock::start_of(to)));
    }
    let total = select.clone().count(app.db.read()).await?;
    let found = select.order_by_desc(C::Id).limit(paging.size()).offset(paging.offset()).all(app.db.read()).await?;
    Ok(Json(paging.answer(view::batch_rows(&app, found).await?, total)))
}

/// One batch.
#[utoipa::path(get, path = "/api/payment-batches/{id}", tag = "payment_batches", params(("id" = i64, Path)),
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
) -> Result<Json<PaymentBatchView>, Problem> {
    Ok(Json(view::load(&app, &me, id).await?))
}

/// 调整案件 of a draft.
#[utoipa::path(post, path = "/api/payment-batches/{id}/cases", tag = "payment_batches", params(("id" = i64, Path)),
    request_body = ChangeRequest, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn change(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(asked): Json<ChangeRequest>,
) -> Result<Json<PaymentBatchView>, Problem> {
    let tx = app.db.begin().await?;
    let done = make::change_in(&tx, &me, id, &asked).await;
    finish(&app, &me, id, "payment_batch_change", tx, done).await
}

/// The version of a batch that the caller saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchSeen {
    version: i64,
}

/// 取消批次.
#[utoipa::path(post, path = "/api/payment-batches/{id}/cancel", tag = "payment_batches", params(("id" = i64, Path)),
    request_body = BatchSeen, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn cancel(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(seen): Json<BatchSeen>,
) -> Result<Json<PaymentBatchView>, Problem> {
    let tx = app.db.begin().await?;
    let done = make::cancel_in(&tx, &me, id, seen.version).await;
    finish(&app, &me, id, "payment_batch_cancel", tx, done).await
}

async fn finish(
    app: &App,
    me: &crate::platform::auth::Me,
    id: i64,
    act: &str,
    tx: sea_orm::DatabaseTransaction,
    done: Result<(), Problem>,
) -> Result<Json<PaymentBatchView>, Problem> {
    audit::finish(&app.db, tx, me.id.0, (act, &id.to_string()), done).await?;
    Ok(Json(view::load(app, me, id).await?))
}

/// 放行, by a second person.
#[utoipa::path(post, path = "/api/payment-batches/{id}/release", tag = "payment_batches", params(("id" = i64, Path)),
    request_body = BatchSeen, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn release(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(seen): Json<BatchSeen>,
) -> Result<Json<PaymentBatchView>, Problem> {
    act::release(&app, &me, id, seen.version).await?;
    Ok(Json(view::load(&app, &me, id).await?))
}

/// 登记结果 by hand.
#[utoipa::path(post, path = "/api/payment-batches/{id}/settle", tag = "payment_batches", params(("id" = i64, Path)),
    request_body = SettleRequest, extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentBatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn settle(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Path(id): Path<i64>,
    Json(asked): Json<SettleRequest>,
) -> Result<Json<PaymentBatchView>, Problem> {
    settle::by_hand(&app, &me, id, &asked).await?;
    Ok(Json(view::load(&app, &me, id).await?))
}
