//! The pools of 申领初审 and 申领复审, and the decisions.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    calendar::Pace,
    case::{Action, DenyReason, ReturnReason, ReturnTo, Stage, WithdrawReason},
    claim_type::ClaimType,
    ids::CaseId,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{
        self, Act, deadlines,
        rows::{self, CaseRow, RowOrder},
        supplements::{Asked, MissingItem},
        view::CaseView,
    },
    entity::{case, case_event},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// Which reviews are wanted.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewTab {
    /// 待处理.
    Pending,
    /// 处理中.
    Mine,
    /// 已处理: what the caller decided.
    Done,
}

/// The search form of 申领初审.
#[derive(Deserialize, ToSchema)]
pub struct ReviewSearch {
    tab: ReviewTab,
    /// 案件号.
    case_no: Option<String>,
    /// 证件号码 or name.
    id_number: Option<String>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// 申领类型.
    claim_type: Option<ClaimType>,
    /// 受理日期, from.
    accepted_from: Option<NaiveDate>,
    /// 受理日期, to.
    accepted_to: Option<NaiveDate>,
    /// How they keep to the limit of their stage.
    pace: Option<Pace>,
    /// Newest acceptance first where absent.
    order: Option<RowOrder>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The pool of 申领初审.
#[utoipa::path(post, path = "/api/reviews/search", tag = "review", request_body = ReviewSearch,
    extensions(("x-right" = json!("first_review"))),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::FirstReview>,
    Json(search): Json<ReviewSearch>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    pool(&app, &me, Stage::FirstReview, search).await.map(Json)
}

/// The pool of 申领复审.
#[utoipa::path(post, path = "/api/second-reviews/search", tag = "review", operation_id = "search_second",
    request_body = ReviewSearch, extensions(("x-right" = json!("second_review"))),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search_second(
    State(app): State<App>,
    me: Acting<can::SecondReview>,
    Json(search): Json<ReviewSearch>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    pool(&app, &me, Stage::SecondReview, search).await.map(Json)
}

async fn pool(app: &App, me: &Me, stage: Stage, search: ReviewSearch) -> Result<Page<CaseRow>, Problem> {
    let at_review = Condition::all().add(rows::open()).add(case::Column::Stage.eq(Coded(stage)));
    let mut select = rows::visible_about(me, search.id_number.as_deref());
    select = match search.tab {
        ReviewTab::Pending => select.filter(at_review).filter(case::Column::HolderId.is_null()),
        ReviewTab::Mine => select.filter(at_review).filter(case::Column::HolderId.eq(me.id.0)),
        ReviewTab::Done => {
            let decided = case_event::Entity::find()
                .select_only()
                .column(case_event::Column::CaseId)
                .filter(case_event::Column::ActorId.eq(me.id.0))
                .filter(case_event::Column::FromStage.eq(Coded(stage)))
                .filter(case_event::Column::Kind.is_in(["approve", "return", "deny"]));
            select.filter(case::Column::Id.in_subquery(decided.into_query()))
        }
    };
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(unit) = search.unit_id {
        select = select.filter(case::Column::UnitId.eq(unit));
    }
    if let Some(claim_type) = search.claim_type {
        select = select.filter(case::Column::ClaimType.eq(Coded(claim_type)));
    }
    select = rows::between(select, case::Column::AcceptedOn, search.accepted_from, search.accepted_to);
    let select = deadlines::narrowed(app.db.read(), select, search.pace).await?;
    let order = search.order.unwrap_or_default();
    rows::page_in(&app.db, me, select, order, Paging { page: search.page, size: search.size }).await
}

/// 通过.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    version: i64,
    note: Option<String>,
}

/// 通过: the case goes on to 申领复审 where the rules ask for it, else to 待支付.
#[utoipa::path(post, path = "/api/cases/{id}/approve", tag = "review", params(("id" = i64, Path)), request_body = Approval,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn approve(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Approval>,
) -> Result<Json<CaseView>, Problem> {
    let act = Act::new(Action::Approve, asked.version).because(asked.note);
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// 退回.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Returning {
    version: i64,
    to: ReturnTo,
    reason: ReturnReason,
    /// What is to be mended, in words.
    note: String,
    /// What is missing (补正), where the case goes back to 材料上传: its clock is stopped until the clerk confirms the papers again.
    #[serde(default)]
    missing: Vec<MissingItem>,
    /// Until when it is wanted.
    supplement_until: Option<NaiveDate>,
}

/// 退回: the case goes back to be mended.
#[utoipa::path(post, path = "/api/cases/{id}/return", tag = "review", params(("id" = i64, Path)), request_body = Returning,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn return_case(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Returning>,
) -> Result<Json<CaseView>, Problem> {
    if asked.to != ReturnTo::Materials && !(asked.missing.is_empty() && asked.supplement_until.is_none()) {
        return Err(Problem::invalid_field("missing", "only_of_papers"));
    }
    let action = Action::Return { to: asked.to, reason: asked.reason };
    let act = Act::new(action, asked.version).because(Some(asked.note));
    let act = Act { asked: Some(Asked { items: asked.missing, due_on: asked.supplement_until }), ..act };
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// 不予给付.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    version: i64,
    reason: DenyReason,
    /// Why, in words.
    note: String,
}

/// 不予给付: the case is closed without a payment.
#[utoipa::path(post, path = "/api/cases/{id}/deny", tag = "review", params(("id" = i64, Path)), request_body = Denial,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn deny(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Denial>,
) -> Result<Json<CaseView>, Problem> {
    let act = Act::new(Action::Deny { reason: asked.reason }, asked.version).because(Some(asked.note));
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// 撤案.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    version: i64,
    reason: WithdrawReason,
    note: Option<String>,
}

/// 撤案: the claim is taken back; by whoever works on it.
#[utoipa::path(post, path = "/api/cases/{id}/withdraw", tag = "review", params(("id" = i64, Path)),
    request_body = Withdrawal,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Withdrawal>,
) -> Result<Json<CaseView>, Problem> {
    let act = Act::new(Action::Withdraw { reason: asked.reason }, asked.version).because(asked.note);
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}
