//! Thin handlers: parse, call, answer.
use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::NaiveDate;
use huzhu_domain::enrolment::{BatchAction, BatchState};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    act::{self, Confirmation},
    store,
    view::{self, BatchRow, BatchView, RosterRow},
    work,
};
use crate::{
    app::App,
    cases::rows::text,
    entity::{enrolment, enrolment_row, org},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// How long an answer waits for a check that is under way.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the state is looked at meanwhile, for checks of other processes.
const LOOK: Duration = Duration::from_millis(400);

/// Which batches are looked for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct BatchSearch {
    /// 批次号.
    pub no: Option<String>,
    /// Of this office or agency only.
    pub org_id: Option<i64>,
    /// 参保单位.
    pub unit_id: Option<i64>,
    /// 状态.
    pub state: Option<BatchState>,
    /// 起保日 from.
    pub from: Option<NaiveDate>,
    /// 起保日 to.
    pub to: Option<NaiveDate>,
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
}

/// The batches that a search means, in the caller's branch.
pub(super) fn narrowed(me: &Me, search: &BatchSearch) -> sea_orm::Select<enrolment::Entity> {
    use enrolment::Column as C;
    let mut select = store::visible(me);
    if let Some(no) = text(search.no.as_deref()) {
        select = select.filter(C::Id.eq(store::id_of_no(no).unwrap_or(0)));
    }
    if let Some(id) = search.org_id {
        let under = sea_orm::Condition::any().add(org::Column::OfficeId.eq(id)).add(org::Column::AgencyId.eq(id));
        select = select.filter(under);
    }
    if let Some(id) = search.unit_id {
        select = select.filter(C::UnitId.eq(id));
    }
    if let Some(state) = search.state {
        select = select.filter(C::State.eq(Coded(state)));
    }
    if let Some(from) = search.from {
        select = select.filter(C::PeriodFrom.gte(from));
    }
    if let Some(to) = search.to {
        select = select.filter(C::PeriodFrom.lte(to));
    }
    select
}

/// Batches of one's branch, newest first.
#[utoipa::path(post, path = "/api/enrolments/search", tag = "enrolment", request_body = BatchSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<BatchRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<BatchSearch>,
) -> Result<Json<Page<BatchRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&me, &search);
    let total = select.clone().count(app.db.read()).await?;
    let newest = select.order_by_desc(enrolment::Column::Id).limit(paging.size()).offset(paging.offset());
    let found = newest.all(app.db.read()).await?;
    Ok(Json(paging.answer(view::rows_of(&app, found).await?, total)))
}

/// How a batch is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// Waits up to twenty seconds while its rows are being judged.
    #[serde(default)]
    wait: bool,
}

/// A batch.
#[utoipa::path(get, path = "/api/enrolments/{id}", tag = "enrolment", params(("id" = i64, Path), BatchQuery),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn get(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
    Query(query): Query<BatchQuery>,
) -> Result<Json<BatchView>, Problem> {
    let started = tokio::time::Instant::now();
    loop {
        let done = app.checked.notified();
        let batch = store::find(app.db.read(), &me, id).await?;
        if !query.wait || batch.state.0 != BatchState::Checking || started.elapsed() > PATIENCE {
            return Ok(Json(view::view(&app, &me, batch).await?));
        }
        let _other_process = tokio::time::timeout(LOOK, done).await;
    }
}

/// Which rows of a roster.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowFilter {
    /// Every row.
    All,
    /// Those that can't be enrolled.
    Faulty,
    /// Those that can be, with a remark.
    Warned,
    /// Those that can be.
    Good,
}

/// Which rows of a batch are wanted.
#[derive(Deserialize, ToSchema)]
pub struct RowQuery {
    show: Option<RowFilter>,
    page: Option<u64>,
    size: Option<u64>,
}

/// Rows of a batch with their verdicts, in the file's order.
#[utoipa::path(post, path = "/api/enrolments/{id}/rows", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))), request_body = RowQuery,
    responses((status = 200, body = Page<RosterRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn rows(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
    Json(query): Json<RowQuery>,
) -> Result<Json<Page<RosterRow>>, Problem> {
    use enrolment_row::Column as R;
    let db = app.db.read();
    store::find(db, &me, id).await?;
    let mut select = enrolment_row::Entity::find().filter(R::EnrolmentId.eq(id));
    select = match query.show.unwrap_or(RowFilter::All) {
        RowFilter::All => select,
        RowFilter::Faulty => select.filter(R::Good.eq(false)),
        RowFilter::Warned => select.filter(R::Good.eq(true)).filter(R::Warned.eq(true)),
        RowFilter::Good => select.filter(R::Good.eq(true)),
    };
    let paging = Paging { page: query.page, size: query.size };
    let total = select.clone().count(db).await?;
    let found = select.order_by_asc(R::RowNo).limit(paging.size()).offset(paging.offset()).all(db).await?;
    let locale = me.locale;
    Ok(Json(paging.answer(found.into_iter().map(|r| view::roster_row(r, locale)).collect(), total)))
}

/// What goes with an act on a batch.
#[derive(Deserialize, ToSchema)]
pub struct BatchAct {
    version: i64,
    /// 到账日期; only for 到账确认.
    paid_on: Option<NaiveDate>,
    /// Why it is sent back; only for 退回.
    #[schema(max_length = 200)]
    note: Option<String>,
}

async fn done(app: App, me: &Me, id: i64, action: BatchAction, asked: BatchAct) -> Result<Json<BatchView>, Problem> {
    let note = asked.note.unwrap_or_default();
    if note.chars().count() > 200 {
        return Err(Problem::invalid_field("note", "too_long"));
    }
    let detail = Confirmation { paid_on: asked.paid_on, note };
    let batch = act::act(&app, Some(me), id, action, asked.version, &detail).await?;
    if batch.state.0 == BatchState::Checking {
        let worker = app.clone();
        tokio::spawn(async move { work::run(&worker, id).await });
    }
    Ok(Json(view::view(&app, me, batch).await?))
}

/// 重新检查.
#[utoipa::path(post, path = "/api/enrolments/{id}/recheck", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enrol_members"))), request_body = BatchAct,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn recheck(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    Path(id): Path<i64>,
    Json(asked): Json<BatchAct>,
) -> Result<Json<BatchView>, Problem> {
    done(app, &me, id, BatchAction::Recheck, asked).await
}

/// 确认: enrols the good rows, all of them or none.
#[utoipa::path(post, path = "/api/enrolments/{id}/confirm", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enrol_members"))), request_body = BatchAct,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn confirm(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    Path(id): Path<i64>,
    Json(asked): Json<BatchAct>,
) -> Result<Json<BatchView>, Problem> {
    done(app, &me, id, BatchAction::Confirm, asked).await
}

/// 作废.
#[utoipa::path(post, path = "/api/enrolments/{id}/discard", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enrol_members"))), request_body = BatchAct,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn discard(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    Path(id): Path<i64>,
    Json(asked): Json<BatchAct>,
) -> Result<Json<BatchView>, Problem> {
    done(app, &me, id, BatchAction::Discard, asked).await
}

/// 到账确认.
#[utoipa::path(post, path = "/api/enrolments/{id}/confirm-fee", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("confirm_fees"))), request_body = BatchAct,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn confirm_fee(
    State(app): State<App>,
    me: Acting<can::ConfirmFees>,
    Path(id): Path<i64>,
    Json(asked): Json<BatchAct>,
) -> Result<Json<BatchView>, Problem> {
    done(app, &me, id, BatchAction::ConfirmFee, asked).await
}

/// 退回.
#[utoipa::path(post, path = "/api/enrolments/{id}/return", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("confirm_fees"))), request_body = BatchAct,
    responses((status = 200, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn return_batch(
    State(app): State<App>,
    me: Acting<can::ConfirmFees>,
    Path(id): Path<i64>,
    Json(asked): Json<BatchAct>,
) -> Result<Json<BatchView>, Problem> {
    done(app, &me, id, BatchAction::Return, asked).await
}
