//! The list of published versions, one of them, and trying a text.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    benefit::{Example, Fault, MAX_PLAN_BYTES, Plan},
    money::Fen,
    statement::Warning,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    check::{FaultView, PlanCheck},
    versions,
};
use crate::{
    app::App,
    cases::{rows, view::TraceStepView},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        messages::{Locale, Notice},
        paging::{Page, Paging},
    },
};

/// The search form of 保障活动.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSearch {
    /// 办事处.
    office_id: Option<i64>,
    /// A year in which the version is in force.
    year: Option<i32>,
    /// Part of the name or code.
    text: Option<String>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// A published version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanVersionRow {
    id: i64,
    code: String,
    version: String,
    name: String,
    office_id: i64,
    office_name: String,
    effective_from: NaiveDate,
    effective_to: NaiveDate,
    published_at: DateTime<Utc>,
    /// Who proposed it; null where the program brought it along.
    proposed_by_name: Option<String>,
    /// Who published it.
    published_by_name: Option<String>,
}

async fn version_rows(app: &App, found: &[crate::entity::plan_version::Model]) -> Result<Vec<PlanVersionRow>, Problem> {
    let (mut offices, mut people) = (Vec::new(), Vec::new());
    for v in found {
        offices.push(v.office_id);
        people.extend(v.proposed_by_id.into_iter().chain(v.published_by_id));
    }
    let orgs = rows::org_names(&app.db, offices).await?;
    let users = rows::user_names(&app.db, people).await?;
    let row = |v: &crate::entity::plan_version::Model| PlanVersionRow {
        id: v.id,
        code: v.code.clone(),
        version: v.version.clone(),
        name: v.name.clone(),
        office_id: v.office_id,
        office_name: rows::name(&orgs, v.office_id),
        effective_from: v.effective_from,
        effective_to: v.effective_to,
        published_at: v.published_at,
        proposed_by_name: v.proposed_by_id.map(|id| rows::name(&users, id)),
        published_by_name: v.published_by_id.map(|id| rows::name(&users, id)),
    };
    Ok(found.iter().map(row).collect())
}

/// The published versions of one's office.
#[utoipa::path(post, path = "/api/plans/versions/search", tag = "plans", request_body = PlanSearch,
    responses((status = 200, body = Page<PlanVersionRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search_versions(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(search): Json<PlanSearch>,
) -> Result<Json<Page<PlanVersionRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let own = versions::office_of(app.db.read(), &me).await?;
    let text = rows::text(search.text.as_deref());
    let narrowed = versions::Narrowed { office_id: search.office_id, year: search.year, text };
    let (found, total) = versions::page(app.db.read(), own, narrowed, (paging.size(), paging.offset())).await?;
    Ok(Json(paging.answer(version_rows(&app, &found).await?, total)))
}

/// A published version, whole.
#[derive(Serialize, ToSchema)]
pub struct PlanVersionView {
    version: PlanVersionRow,
    /// Its text.
    source: String,
    check: PlanCheck,
}

/// A published version: text, words, drawing, examples.
#[utoipa::path(get, path = "/api/plans/versions/{id}", tag = "plans", params(("id" = i64, Path)),
    responses((status = 200, body = PlanVersionView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show_version(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<PlanVersionView>, Problem> {
    let found = versions::find(app.db.read(), &me, id).await?;
    let check = PlanCheck::of(&app, found.source.clone(), me.locale).await?;
    let mut row = version_rows(&app, std::slice::from_ref(&found)).await?;
    let version = row.pop().ok_or_else(Problem::not_found)?;
    Ok(Json(PlanVersionView { version, source: found.source, check }))
}

/// A plan's text.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanText {
    /// TOML, as in `plans/*.toml`.
    source: String,
}

/// Looks at a text: faults, examples, words, drawing. Keeps nothing.
#[utoipa::path(post, path = "/api/plans/check", tag = "plans", request_body = PlanText,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = PlanCheck), (status = "4XX", body = ProblemBody)))]
pub(super) async fn check(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(asked): Json<PlanText>,
) -> Result<Json<PlanCheck>, Problem> {
    PlanCheck::of(&app, asked.source, me.locale).await.map(Json)
}

/// A plan as its form says it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanForm {
    plan: Plan,
}

/// The text that a form says. Faults in it are told by checking the text.
#[utoipa::path(post, path = "/api/plans/text", tag = "plans", request_body = PlanForm,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = PlanText), (status = "4XX", body = ProblemBody)))]
pub(super) async fn write(
    _me: Acting<can::ManagePlans>,
    Json(form): Json<PlanForm>,
) -> Result<Json<PlanText>, Problem> {
    let source = form.plan.to_text().map_err(|_| Problem::invalid_field("source", "faulty"))?;
    Ok(Json(PlanText { source }))
}

/// A trial calculation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialRequest {
    /// The text that it is computed by.
    source: String,
    /// Code of the liability.
    liability: String,
    /// The facts.
    facts: Example,
}

/// What a trial came to.
#[derive(Serialize, ToSchema)]
pub struct TrialView {
    /// 互助金额 in fen; null where text or facts have faults.
    amount_fen: Option<Fen>,
    /// The amount in 大写.
    amount_words: String,
    trace: Vec<TraceStepView>,
    /// What is wrong with the text or the facts.
    faults: Vec<FaultView>,
    /// Past the 申领期限 and the like.
    warnings: Vec<Notice>,
}

/// 试算: what facts come to under a text, with the trace. Keeps nothing.
#[utoipa::path(post, path = "/api/plans/trial", tag = "plans", request_body = TrialRequest,
    responses((status = 200, body = TrialView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn trial(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(asked): Json<TrialRequest>,
) -> Result<Json<TrialView>, Problem> {
    if asked.source.len() > MAX_PLAN_BYTES {
        return Err(Problem::invalid_field("source", "too_long"));
    }
    let _turn = app.calculators.acquire().await.map_err(Problem::internal)?;
    let locale = me.locale;
    tokio::task::spawn_blocking(move || try_out(&asked, locale)).await.map_err(Problem::internal)?.map(Json)
}

fn try_out(asked: &TrialRequest, locale: Locale) -> Result<TrialView, Problem> {
    let faulty = |faults: Vec<Fault>| TrialView {
        amount_fen: None,
        amount_words: String::new(),
        trace: Vec::new(),
        faults: faults.iter().map(|f| FaultView::new(f, locale)).collect(),
        warnings: Vec::new(),
    };
    let plan = match Plan::parse(&asked.source) {
        Ok(plan) => plan,
        Err(faults) => return Ok(faulty(faults)),
    };
    let liability = plan.liability(&asked.liability).ok_or_else(|| Problem::invalid_field("liability", "unknown"))?;
    let calculation = match asked.facts.calculate(&plan, liability) {
        Ok(calculation) => calculation,
        Err(faults) => return Ok(faulty(faults)),
    };
    let late = asked.facts.late_since(&plan, liability).map(|until| Warning::PastDeadline { until });
    Ok(TrialView {
        amount_fen: Some(calculation.amount),
        amount_words: calculation.amount.in_words(),
        trace: calculation.trace.into_iter().map(|s| TraceStepView::new(s, locale)).collect(),
        faults: Vec::new(),
        warnings: late.iter().map(|w| Notice::of(w, locale)).collect(),
    })
}
