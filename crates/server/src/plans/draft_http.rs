//! Drafts of plan versions: the list, one of them, and what can be done to it.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use huzhu_domain::plan_draft::{DraftEvent, DraftState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    check::PlanCheck,
    drafts::{self, Asked},
    versions,
};
use crate::{
    app::App,
    cases::rows,
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::{Page, Paging},
    },
};

/// The search form of drafts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftSearch {
    /// 办事处.
    office_id: Option<i64>,
    /// Part of the name or code.
    text: Option<String>,
    /// Whether published and discarded ones are left out.
    open: Option<bool>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// A draft in a list.
#[derive(Serialize, ToSchema)]
pub struct PlanDraftRow {
    id: i64,
    state: DraftState,
    office_id: i64,
    office_name: String,
    /// Empty while the text has faults, as version and name.
    code: String,
    version: String,
    name: String,
    /// When something last happened to it.
    at: DateTime<Utc>,
    by_name: String,
}

/// The drafts of one's branch.
#[utoipa::path(post, path = "/api/plans/drafts/search", tag = "plans", request_body = DraftSearch,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = Page<PlanDraftRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search_drafts(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(search): Json<DraftSearch>,
) -> Result<Json<Page<PlanDraftRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let own = versions::office_of(app.db.read(), &me).await?;
    let narrowed = (search.office_id, rows::text(search.text.as_deref()), search.open.unwrap_or_default());
    let (found, total) = drafts::page(app.db.read(), own, narrowed, (paging.size(), paging.offset())).await?;
    let orgs = rows::org_names(&app.db, found.iter().map(|d| d.office_id)).await?;
    let users = rows::user_names(&app.db, found.iter().map(|d| d.actor_id)).await?;
    let row = |d: drafts::Listed| PlanDraftRow {
        id: d.draft_id,
        state: DraftState::after(d.kind.0),
        office_id: d.office_id,
        office_name: rows::name(&orgs, d.office_id),
        code: d.code,
        version: d.version,
        name: d.name,
        at: d.at,
        by_name: rows::name(&users, d.actor_id),
    };
    Ok(Json(paging.answer(found.into_iter().map(row).collect(), total)))
}

/// Something that happened to a draft.
#[derive(Serialize, ToSchema)]
pub struct DraftHistory {
    seq: i64,
    kind: DraftEvent,
    at: DateTime<Utc>,
    actor_name: String,
    note: String,
}

/// What the caller may do to a draft, with what still keeps it from happening.
#[derive(Serialize, ToSchema)]
pub struct DraftActionView {
    action: DraftEvent,
    blockers: Vec<Notice>,
}

/// A draft, whole.
#[derive(Serialize, ToSchema)]
pub struct PlanDraftView {
    id: i64,
    /// Its last event, for the next act.
    seq: i64,
    state: DraftState,
    office_id: i64,
    office_name: String,
    /// The version that it became; null before it was published.
    version_id: Option<i64>,
    /// Its text.
    source: String,
    check: PlanCheck,
    /// Newest first.
    history: Vec<DraftHistory>,
    allowed_actions: Vec<DraftActionView>,
}

async fn view(app: &App, me: &Me, id: i64) -> Result<PlanDraftView, Problem> {
    let db = app.db.read();
    let draft = drafts::find(db, me, id).await?;
    let events = drafts::history(db, id).await?;
    let orgs = rows::org_names(&app.db, [draft.row.office_id]).await?;
    let users = rows::user_names(&app.db, events.iter().map(|e| e.actor_id)).await?;
    let history = events.into_iter().map(|e| DraftHistory {
        seq: e.seq,
        kind: e.kind.0,
        at: e.at,
        actor_name: rows::name(&users, e.actor_id),
        note: e.note,
    });
    let allowed = drafts::allowed(db, me, &draft).await?;
    let allowed = allowed.into_iter().map(|(action, why)| DraftActionView {
        action,
        blockers: why.iter().map(|b| Notice::of(b, me.locale)).collect(),
    });
    Ok(PlanDraftView {
        id,
        seq: draft.last.seq,
        state: draft.state(),
        office_id: draft.row.office_id,
        office_name: rows::name(&orgs, draft.row.office_id),
        version_id: versions::of_draft(db, id).await?,
        check: PlanCheck::of(app, draft.last.source.clone(), me.locale).await?,
        source: draft.last.source.clone(),
        history: history.collect(),
        allowed_actions: allowed.collect(),
    })
}

/// A new draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// 办事处.
    office_id: i64,
    /// Its text; it may have faults.
    source: String,
}

/// Begins a draft.
#[utoipa::path(post, path = "/api/plans/drafts", tag = "plans", request_body = NewDraft,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 201, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create_draft(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(new): Json<NewDraft>,
) -> Result<(StatusCode, Json<PlanDraftView>), Problem> {
    let id = drafts::create(&app, &me, new.office_id, new.source).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &me, id).await?)))
}

/// A draft: text, words, drawing, examples, history, and what may be done next.
#[utoipa::path(get, path = "/api/plans/drafts/{id}", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show_draft(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Path(id): Path<i64>,
) -> Result<Json<PlanDraftView>, Problem> {
    view(&app, &me, id).await.map(Json)
}

/// A draft's new text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftText {
    /// The last event that the caller saw.
    seq: i64,
    /// May have faults.
    source: String,
}

/// 保存.
#[utoipa::path(put, path = "/api/plans/drafts/{id}", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_plans"))), request_body = DraftText,
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn save_draft(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Path(id): Path<i64>,
    Json(text): Json<DraftText>,
) -> Result<Json<PlanDraftView>, Problem> {
    let asked = Asked { seq: text.seq, event: DraftEvent::Save, note: None, source: Some(text.source) };
    drafts::act(&app, &me, id, asked).await?;
    view(&app, &me, id).await.map(Json)
}

/// What is done to a draft as it was seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftSeen {
    /// The last event that the caller saw.
    seq: i64,
    /// In words; wanted for 退回修改.
    note: Option<String>,
}

async fn act(app: &App, me: &Me, id: i64, event: DraftEvent, seen: DraftSeen) -> Result<Json<PlanDraftView>, Problem> {
    let asked = Asked { seq: seen.seq, event, note: seen.note, source: None };
    drafts::act(app, me, id, asked).await?;
    view(app, me, id).await.map(Json)
}

/// 提请发布.
#[utoipa::path(post, path = "/api/plans/drafts/{id}/propose", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_plans"))), request_body = DraftSeen,
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn propose(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Path(id): Path<i64>,
    Json(seen): Json<DraftSeen>,
) -> Result<Json<PlanDraftView>, Problem> {
    act(&app, &me, id, DraftEvent::Propose, seen).await
}

/// 退回修改: a proposed version goes back to be mended.
#[utoipa::path(post, path = "/api/plans/drafts/{id}/return", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("publish_plans"))), request_body = DraftSeen,
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn send_back(
    State(app): State<App>,
    me: Acting<can::PublishPlans>,
    Path(id): Path<i64>,
    Json(seen): Json<DraftSeen>,
) -> Result<Json<PlanDraftView>, Problem> {
    act(&app, &me, id, DraftEvent::Return, seen).await
}

/// 发布: puts into force what somebody else proposed.
#[utoipa::path(post, path = "/api/plans/drafts/{id}/publish", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("publish_plans"))), request_body = DraftSeen,
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn publish_draft(
    State(app): State<App>,
    me: Acting<can::PublishPlans>,
    Path(id): Path<i64>,
    Json(seen): Json<DraftSeen>,
) -> Result<Json<PlanDraftView>, Problem> {
    act(&app, &me, id, DraftEvent::Publish, seen).await
}

/// 作废: a draft that nobody wants any more; it stays in the log.
#[utoipa::path(post, path = "/api/plans/drafts/{id}/discard", tag = "plans", params(("id" = i64, Path)),
    extensions(("x-right" = json!("manage_plans"))), request_body = DraftSeen,
    responses((status = 200, body = PlanDraftView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn discard(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Path(id): Path<i64>,
    Json(seen): Json<DraftSeen>,
) -> Result<Json<PlanDraftView>, Problem> {
    act(&app, &me, id, DraftEvent::Discard, seen).await
}
