//! Opening a correction.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::{
    case::CorrectionReason,
    ids::{CaseId, CaseNo},
};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    audit,
    cases::{
        chain::{self, Opening},
        store,
    },
    entity::case,
    notify,
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
    },
    records::Object,
};

/// The longest reason in words, in characters.
pub(super) const MAX_NOTE: usize = 500;

/// 更正.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    /// Why; 申诉支持 comes with an appeal only.
    pub reason: CorrectionReason,
    /// What is to be put right, in words.
    pub note: String,
}

/// The correction that was opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectionOpened {
    /// The correcting case.
    pub id: i64,
    /// Its 案件号.
    pub no: String,
}

/// A reason in words that must be there.
pub(super) fn note(field: &str, typed: &str) -> Result<String, Problem> {
    let note = typed.trim();
    match note.chars().count() {
        0 => Err(Problem::invalid_field(field, "required")),
        n if n > MAX_NOTE => Err(Problem::invalid_field(field, "too_long")),
        _ => Ok(note.to_owned()),
    }
}

/// 更正: opens the case that corrects a closed one.
#[utoipa::path(post, path = "/api/cases/{id}/corrections", tag = "after", params(("id" = i64, Path)),
    extensions(("x-right" = json!("first_review"))), request_body = CorrectionRequest,
    responses((status = 201, body = CorrectionOpened), (status = "4XX", body = ProblemBody)))]
pub(super) async fn open(
    State(app): State<App>,
    me: Acting<can::FirstReview>,
    Path(id): Path<i64>,
    Json(asked): Json<CorrectionRequest>,
) -> Result<(StatusCode, Json<CorrectionOpened>), Problem> {
    let opened = open_correction(&app, &me, CaseId(id), asked).await?;
    Ok((StatusCode::CREATED, Json(opened)))
}

/// Opens the case that corrects a closed one; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 422 with all the reasons why not.
pub async fn open_correction(
    app: &App,
    me: &Me,
    id: CaseId,
    asked: CorrectionRequest,
) -> Result<CorrectionOpened, Problem> {
    let note = note("note", &asked.note)?;
    if asked.reason == CorrectionReason::AppealAllowed {
        return Err(Problem::invalid_field("reason", "unknown"));
    }
    let no = chain::next_no(app, &store::find(app.db.read(), me, id).await?).await?;
    let tx = app.db.begin().await?;
    let opening = Opening { reason: asked.reason, note, appeal_id: None };
    let done = locked(&tx, me, id, no, opening).await;
    audit::finish_with(&app.db, tx, me.id.0, (chain::CORRECTS, &id.to_string()), done, &[]).await
}

async fn locked(
    tx: &DatabaseTransaction,
    me: &Me,
    id: CaseId,
    no: CaseNo,
    opening: Opening,
) -> Result<CorrectionOpened, Problem> {
    let row = store::lock(tx, me, id).await?;
    open_for(tx, me, &row, no, opening).await
}

/// Opens the correction of a case whose row is held, and tells who worked on the case.
pub(super) async fn open_for(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &case::Model,
    no: CaseNo,
    opening: Opening,
) -> Result<CorrectionOpened, Problem> {
    let opened = chain::open_in(tx, me, row, no.clone(), opening).await?;
    let args = json!({ "no": row.no, "correction_no": no.to_string() });
    notify::tell(tx, workers(row, me), "case_corrected", &args, Object { kind: "case", id: opened.0 }).await?;
    Ok(CorrectionOpened { id: opened.0, no: no.to_string() })
}

/// Who accepted and who entered a case, but the caller.
pub(super) fn workers(row: &case::Model, me: &Me) -> Vec<i64> {
    let mut out: Vec<i64> = [Some(row.accepted_by_id), row.entered_by_id].into_iter().flatten().collect();
    out.sort_unstable();
    out.dedup();
    out.retain(|id| *id != me.id.0);
    out
}
