//! 获取, 释放, the counters, 待办事项 and 已办事项.
use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, Utc};
use huzhu_domain::{
    case::{Action, Stage},
    ids::{CaseId, UserId},
    permission::Permission,
};
use sea_orm::{Condition, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::store;
use crate::{
    app::App,
    cases::{
        self, Act,
        assign::{self, Assignee},
        deadlines::Deadlines,
        due,
        http::Seen,
        rows::{self, CaseRow, RowOrder},
        view::CaseView,
    },
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// How many cases lie where; null where the caller has no right to the pool.
#[derive(Serialize, ToSchema)]
pub struct PoolCounts {
    /// 材料上传.
    materials: Option<u64>,
    /// 费用录入, 待处理.
    expense_pending: Option<u64>,
    /// 费用录入, in the caller's hands.
    expense_mine: Option<u64>,
    /// 申领初审, 待处理.
    review_pending: Option<u64>,
    /// 申领初审, in the caller's hands.
    review_mine: Option<u64>,
    /// 申领复审, 待处理.
    second_pending: Option<u64>,
    /// 申领复审, in the caller's hands.
    second_mine: Option<u64>,
    /// 待支付: what the next batch may have.
    payment: Option<u64>,
    /// 付款批次 that somebody else made and nobody has released.
    batches_to_release: Option<u64>,
    /// 待办事项.
    todo: u64,
    /// Of those: past the limit of their stage.
    todo_late: u64,
    /// Of those: nearly at it.
    todo_nearly_due: u64,
    /// Of those: back from review.
    todo_returned: u64,
}

/// The live counters of the menus and tabs.
#[utoipa::path(get, path = "/api/pools/counts", tag = "pools",
    responses((status = 200, body = PoolCounts), (status = "4XX", body = ProblemBody)))]
pub(super) async fn counts(State(app): State<App>, me: Acting<can::Anything>) -> Result<Json<PoolCounts>, Problem> {
    let app = &app;
    let me: &Me = &me;
    let count = |right: Permission, of: Condition| async move {
        if me.may(right) { store::count(&app.db, me, of).await.map(Some) } else { Ok(None) }
    };
    let deadlines = &Deadlines::load(app.db.read()).await?;
    let todo = |part| async move { store::count(&app.db, me, store::part_of(me, deadlines, part)).await };
    let (entry, review, second) = (Stage::ExpenseEntry, Stage::FirstReview, Stage::SecondReview);
    Ok(Json(PoolCounts {
        materials: count(Permission::UploadMaterials, store::at(Stage::Materials)).await?,
        expense_pending: count(Permission::EnterExpenses, store::pending(entry)).await?,
        expense_mine: count(Permission::EnterExpenses, store::mine(me, entry)).await?,
        review_pending: count(Permission::FirstReview, store::pending(review)).await?,
        review_mine: count(Permission::FirstReview, store::mine(me, review)).await?,
        second_pending: count(Permission::SecondReview, store::pending(second)).await?,
        second_mine: count(Permission::SecondReview, store::mine(me, second)).await?,
        payment: count(Permission::ConfirmPayments, due::to_pay()).await?,
        batches_to_release: match me.may(Permission::ConfirmPayments) {
            true => Some(store::batches_to_release(&app.db, me).await?),
            false => None,
        },
        todo: todo(None).await?,
        todo_late: todo(Some(TodoPart::Late)).await?,
        todo_nearly_due: todo(Some(TodoPart::NearlyDue)).await?,
        todo_returned: todo(Some(TodoPart::Returned)).await?,
    }))
}

/// Cases that are taken at once.
const MAX_TAKEN: u64 = 20;

/// How many cases of which pool are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeNext {
    /// `expense_entry`, `first_review` or `second_review`.
    stage: Stage,
    /// From 1 to 20.
    count: u64,
}

/// The cases that were taken.
#[derive(Serialize, ToSchema)]
pub struct Taken {
    /// Oldest first; fewer than were wanted, or none, where the pool has no more for the caller.
    ids: Vec<i64>,
}

/// 获取 of the next ones: takes the oldest cases of a pool that the caller may take.
#[utoipa::path(post, path = "/api/pools/take", tag = "pools", operation_id = "take_next", request_body = TakeNext,
    responses((status = 200, body = Taken), (status = "4XX", body = ProblemBody)))]
pub(super) async fn take_next(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(asked): Json<TakeNext>,
) -> Result<Json<Taken>, Problem> {
    let right = match asked.stage {
        Stage::ExpenseEntry => Permission::EnterExpenses,
        Stage::FirstReview => Permission::FirstReview,
        Stage::SecondReview => Permission::SecondReview,
        _ => return Err(Problem::invalid_field("stage", "unknown")),
    };
    if !me.may(right) {
        return Err(Problem::forbidden());
    }
    if !(1..=MAX_TAKEN).contains(&asked.count) {
        return Err(Problem::invalid_field("count", "unknown"));
    }
    let mut ids = Vec::new();
    // More are looked at than are wanted: with some of them somebody else may be quicker.
    for (id, version) in store::oldest(&app.db, &me, asked.stage, asked.count + MAX_TAKEN).await? {
        if ids.len() as u64 == asked.count {
            break;
        }
        match cases::perform(&app, &me, CaseId(id), Act::new(Action::Take, version)).await {
            Ok(_) => ids.push(id),
            Err(problem) if problem.status().is_client_error() => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(Json(Taken { ids }))
}

/// 获取: takes a case out of the pool.
#[utoipa::path(post, path = "/api/cases/{id}/take", tag = "pools", params(("id" = i64, Path)), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn take(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    cases::act(&app, &me, CaseId(id), Act::new(Action::Take, seen.version)).await.map(Json)
}

/// 释放: puts a case back into the pool.
#[utoipa::path(post, path = "/api/cases/{id}/release", tag = "pools", params(("id" = i64, Path)), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn release(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    cases::act(&app, &me, CaseId(id), Act::new(Action::Release, seen.version)).await.map(Json)
}

/// Who a case may be assigned to: whoever could take it, with how much they have in hand.
#[utoipa::path(get, path = "/api/cases/{id}/assignees", tag = "pools", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = [Assignee]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn assignees(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<Vec<Assignee>>, Problem> {
    let row = cases::store::find(app.db.read(), &me, CaseId(id)).await?;
    if !me.may(Permission::ManagePool) {
        return Err(Problem::forbidden());
    }
    assign::assignees(app.db.read(), &row).await.map(Json)
}

/// 转派.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    version: i64,
    /// Into whose hands.
    user_id: i64,
    /// Why.
    note: Option<String>,
}

/// 转派: puts a case into somebody's hands, out of the pool or out of another's.
#[utoipa::path(post, path = "/api/cases/{id}/assign", tag = "pools", params(("id" = i64, Path)),
    request_body = Assignment,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn assign_case(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Assignment>,
) -> Result<Json<CaseView>, Problem> {
    let act = Act::new(Action::Assign { to: UserId(asked.user_id) }, asked.version).because(asked.note);
    let act = Act { data: json!({ "assignee_id": asked.user_id }), ..act };
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// A part of 待办事项.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TodoPart {
    /// Past the limit of its stage.
    Late,
    /// Nearly at it.
    NearlyDue,
    /// Back from review.
    Returned,
    /// In the caller's hands.
    Mine,
}

/// Which part and page of 待办事项.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TodoQuery {
    /// Everything where absent.
    #[param(inline)]
    part: Option<TodoPart>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page, at most 100; 20 when absent.
    size: Option<u64>,
}

/// 待办事项: what waits for the caller, what has waited longest first.
#[utoipa::path(get, path = "/api/todo", tag = "pools", params(TodoQuery),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn todo(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(asked): Query<TodoQuery>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    let deadlines = Deadlines::load(app.db.read()).await?;
    let select = rows::visible(&me).filter(store::part_of(&me, &deadlines, asked.part));
    let paging = Paging { page: asked.page, size: asked.size };
    rows::page_in(&app.db, &me, select, RowOrder::LongestWaiting, paging).await.map(Json)
}

/// A case that the caller had a hand in.
#[derive(Serialize, ToSchema)]
pub struct DoneRow {
    /// The case.
    #[serde(flatten)]
    case: CaseRow,
    /// When the caller did something to it last.
    acted_at: DateTime<Utc>,
    /// What it was.
    acted_kind: String,
}

/// 已办事项: the cases that the caller had a hand in, last touched first.
#[utoipa::path(get, path = "/api/done", tag = "pools", params(Paging),
    responses((status = 200, body = Page<DoneRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn done(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<DoneRow>>, Problem> {
    let touched = store::touched(&app.db, &me, paging).await?;
    let events = store::events(&app.db, touched.items.iter().map(|t| t.event_id)).await?;
    let cases = store::rows_of(&app.db, &me, touched.items.iter().map(|t| t.case_id)).await?;
    let row = |t: &store::LastAct| {
        let event = events.iter().find(|e| e.id == t.event_id)?;
        let case = cases.iter().find(|c| c.id == t.case_id)?.clone();
        Some(DoneRow { case, acted_at: event.at, acted_kind: event.kind.clone() })
    };
    let items = touched.items.iter().filter_map(row).collect();
    Ok(Json(Page { items, total: touched.total, page: touched.page, size: touched.size }))
}
