//! What a reviewer does before deciding: 核减, answers to warnings, a look at the person's other cases.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::{
    case::{Action, Cut, CutPart, CutReason, Stage},
    ids::{CaseId, ReductionId},
    money::Fen,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{
        self, Act,
        http::Seen,
        rows::{self, CaseRow},
        store,
        view::CaseView,
    },
    entity::case,
    platform::{
        auth::{Acting, can},
        coded::Coded,
        error::{Problem, ProblemBody},
    },
};

/// Other cases of a person that are shown.
const MAX_OTHERS: u64 = 50;

/// 核减.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    version: i64,
    /// Which statement, from 1.
    statement: usize,
    part: CutPart,
    /// How much is taken off, in fen, above 0.
    amount_fen: Fen,
    reason: CutReason,
    /// Why, in words; needed where the reason is `other`. No personal data.
    note: Option<String>,
}

/// 核减: takes an amount off a statement; the benefit is computed anew.
#[utoipa::path(post, path = "/api/cases/{id}/reduce", tag = "review", params(("id" = i64, Path)),
    request_body = Reduction,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn reduce(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Reduction>,
) -> Result<Json<CaseView>, Problem> {
    let Some(statement) = asked.statement.checked_sub(1) else {
        return Err(Problem::invalid_field("statement", "unknown"));
    };
    let cut = Cut { statement, part: asked.part, amount: asked.amount_fen, reason: asked.reason };
    let act = Act::new(Action::Reduce { cut }, asked.version).because(asked.note);
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// 撤销核减: the cut doesn't count any more; it stays in the history.
#[utoipa::path(post, path = "/api/cases/{id}/reductions/{reduction_id}/withdraw", tag = "review",
    params(("id" = i64, Path), ("reduction_id" = i64, Path)), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn unreduce(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, reduction)): Path<(i64, i64)>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    let act = Act::new(Action::Unreduce { id: ReductionId(reduction) }, seen.version);
    cases::act(&app, &me, CaseId(id), act).await.map(Json)
}

/// What a reviewer says to a warning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    version: i64,
    /// The warning's code.
    code: String,
    /// Which statement it is about, from 1; null for the case.
    statement: Option<usize>,
    /// Whether it is acceptable; what isn't keeps the case from being approved.
    accepted: bool,
    /// In words.
    note: Option<String>,
}

/// Says whether what a warning tells of is acceptable.
#[utoipa::path(post, path = "/api/cases/{id}/answer-warning", tag = "review", params(("id" = i64, Path)),
    request_body = Judgement,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn answer_warning(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Judgement>,
) -> Result<Json<CaseView>, Problem> {
    let Judgement { version, code, statement, accepted, note } = asked;
    let data = json!({ "warning": code, "statement": statement, "accepted": accepted });
    let act = Act::new(Action::AnswerWarning { code, statement, accepted }, version).because(note);
    cases::act(&app, &me, CaseId(id), Act { data, ..act }).await.map(Json)
}

/// The person's other cases in the caller's branch, newest first: at most 50.
#[utoipa::path(get, path = "/api/cases/{id}/others", tag = "review", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn others(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<Vec<CaseRow>>, Problem> {
    let own = store::find(app.db.read(), &me, CaseId(id)).await?;
    let select = rows::visible(&me)
        .filter(case::Column::MemberId.eq(own.member_id))
        .filter(case::Column::Id.ne(id))
        .filter(case::Column::Stage.ne(Coded(Stage::Deleted)))
        .order_by_desc(case::Column::AcceptedAt)
        .order_by_desc(case::Column::Id)
        .limit(MAX_OTHERS);
    rows::rows(&app.db, &me, select).await.map(Json)
}
