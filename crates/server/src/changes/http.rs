//! 变更查询, 变更详情 and the decisions.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::change::{ChangeKind, ChangeState, Decision};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    decide::{self, DecisionRequest},
    store,
    view::{self, ChangeView},
};
use crate::{
    app::App,
    entity::change,
    platform::{
        auth::{Acting, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{self, Paging},
    },
};

/// The search form of 变更管理.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ChangeSearch {
    /// 变更号, 证件号码, name or 案件号.
    pub text: Option<String>,
    /// 变更类型.
    pub kind: Option<ChangeKind>,
    /// 状态.
    pub state: Option<ChangeState>,
    /// 所属机构.
    pub org_id: Option<i64>,
    /// 参保单位.
    pub unit_id: Option<i64>,
    /// Of one member.
    pub member_id: Option<i64>,
    /// 申请日期, from.
    pub from: Option<NaiveDate>,
    /// 申请日期, to.
    pub to: Option<NaiveDate>,
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
}

/// A change in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeRow {
    /// Its id.
    pub id: i64,
    /// 变更号.
    pub no: String,
    /// 变更类型.
    pub kind: ChangeKind,
    /// 状态.
    pub state: ChangeState,
    /// For the decision.
    pub version: i64,
    /// 姓名.
    pub member_name: String,
    /// 证件号码.
    pub id_number: String,
    /// 所属机构.
    pub org_name: String,
    /// 参保单位.
    pub unit_name: String,
    /// 生效日期; null where that is the day of the approval.
    pub effective_on: Option<NaiveDate>,
    /// 申请人.
    pub asked_by_name: String,
    /// 申请时间.
    pub asked_at: DateTime<Utc>,
    /// 审核人.
    pub decided_by_name: Option<String>,
    /// 审核时间.
    pub decided_at: Option<DateTime<Utc>>,
}

/// A page of changes, and how many of the branch wait for their decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangePage {
    /// The rows.
    pub items: Vec<ChangeRow>,
    /// How many rows there are on all pages.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Rows a page.
    pub size: u64,
    /// 待审核 in the branch, whatever was searched for.
    pub pending: u64,
}

/// Changes of the caller's branch.
#[utoipa::path(post, path = "/api/changes/search", tag = "changes", request_body = ChangeSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = ChangePage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<ChangeSearch>,
) -> Result<Json<ChangePage>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = store::narrowed(&me, &search);
    let total = paging::count(app.db.read(), select.clone()).await?;
    let items = store::rows_of(&app.db, select.limit(paging.size()).offset(paging.offset())).await?;
    let waiting = store::visible(&me).filter(change::Column::State.eq(Coded(ChangeState::Proposed)));
    let pending = waiting.count(app.db.read()).await?;
    Ok(Json(ChangePage { items, total, page: paging.page(), size: paging.size(), pending }))
}

/// A change whole.
#[utoipa::path(get, path = "/api/changes/{id}", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = ChangeView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
) -> Result<Json<ChangeView>, Problem> {
    view::load(&app, &me, id).await.map(Json)
}

/// 审核通过: the change takes effect.
#[utoipa::path(post, path = "/api/changes/{id}/approve", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("approve_changes"))), request_body = DecisionRequest,
    responses((status = 200, body = ChangeView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn approve(
    State(app): State<App>,
    me: Acting<can::ApproveChanges>,
    Path(id): Path<i64>,
    Json(asked): Json<DecisionRequest>,
) -> Result<Json<ChangeView>, Problem> {
    decide::decide(&app, &me, id, Decision::Approve, &asked).await?;
    view::load(&app, &me, id).await.map(Json)
}

/// 驳回: nothing changes.
#[utoipa::path(post, path = "/api/changes/{id}/refuse", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("approve_changes"))), request_body = DecisionRequest,
    responses((status = 200, body = ChangeView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn refuse(
    State(app): State<App>,
    me: Acting<can::ApproveChanges>,
    Path(id): Path<i64>,
    Json(asked): Json<DecisionRequest>,
) -> Result<Json<ChangeView>, Problem> {
    decide::decide(&app, &me, id, Decision::Refuse, &asked).await?;
    view::load(&app, &me, id).await.map(Json)
}

/// 撤回 by who asked.
#[utoipa::path(post, path = "/api/changes/{id}/withdraw", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("request_changes"))), request_body = DecisionRequest,
    responses((status = 200, body = ChangeView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    me: Acting<can::RequestChanges>,
    Path(id): Path<i64>,
    Json(asked): Json<DecisionRequest>,
) -> Result<Json<ChangeView>, Problem> {
    decide::decide(&app, &me, id, Decision::Withdraw, &asked).await?;
    view::load(&app, &me, id).await.map(Json)
}
