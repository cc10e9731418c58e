//! Showing and removing pictures, what is typed off them, and 确定.
use std::collections::BTreeMap;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use huzhu_domain::{
    case::{Action, ActionKind, MAX_TEXT},
    ids::CaseId,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    cases::{
        self, Act,
        http::Seen,
        supplements,
        view::{self, CaseView},
    },
    pictures::{self, headers},
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
    },
};

/// A picture.
#[utoipa::path(get, path = "/api/cases/{id}/materials/{file_id}/content", tag = "materials",
    params(("id" = i64, Path), ("file_id" = i64, Path)),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn content(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, file_id)): Path<(i64, i64)>,
) -> Result<Response, Problem> {
    let row = store::find(&app, &me, CaseId(id), file_id).await?;
    pictures::answer(&app, &row.sha256, row.content_type).await
}

/// A picture's thumbnail, upright.
#[utoipa::path(get, path = "/api/cases/{id}/materials/{file_id}/thumbnail", tag = "materials",
    params(("id" = i64, Path), ("file_id" = i64, Path)),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn thumbnail(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, file_id)): Path<(i64, i64)>,
) -> Result<Response, Problem> {
    let row = store::find(&app, &me, CaseId(id), file_id).await?;
    let body = Body::from(app.blobs.thumbnail(&row.sha256).await?);
    Ok((headers("image/jpeg".to_owned()), body).into_response())
}

/// Takes a picture off a case.
#[utoipa::path(delete, path = "/api/cases/{id}/materials/{file_id}", tag = "materials",
    params(("id" = i64, Path), ("file_id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn remove(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, file_id)): Path<(i64, i64)>,
) -> Result<StatusCode, Problem> {
    let id = CaseId(id);
    let row = store::find(&app, &me, id, file_id).await?;
    let tx = app.db.begin().await?;
    let act = store::editing(json!({ "removed": row.kind, "sha256": row.sha256 }));
    let done = match cases::act_in(&tx, &app, &me, id, act).await {
        Ok(_) => store::delete(&tx, id, file_id).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => tx.commit().await?,
        Err(problem) => {
            drop(tx);
            return Err(cases::refused(&app, &me, id, ActionKind::EditMaterials, problem).await);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What is typed off a paper.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialFields {
    /// By code: `account_no`, `bank_name`.
    fields: BTreeMap<String, String>,
}

/// Keeps what is typed off a paper: 银行账号 and 银行名称 of a bank card.
#[utoipa::path(put, path = "/api/cases/{id}/material-fields/{kind}", tag = "materials",
    params(("id" = i64, Path), ("kind" = String, Path)), request_body = MaterialFields,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn set_fields(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, kind)): Path<(i64, String)>,
    Json(asked): Json<MaterialFields>,
) -> Result<Json<CaseView>, Problem> {
    let id = CaseId(id);
    keep_fields(&app, &me, id, &kind, asked.fields).await?;
    view::load(&app, &me, id).await.map(Json)
}

/// Keeps what is typed off a paper.
///
/// # Errors
/// 422 naming the fields that are wrong, and as for every act.
pub async fn keep_fields(
    app: &App,
    me: &Me,
    id: CaseId,
    kind: &str,
    fields: BTreeMap<String, String>,
) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    match set_fields_in(&tx, app, me, id, kind, &fields).await {
        Ok(()) => tx.commit().await?,
        Err(problem) => {
            drop(tx);
            return Err(cases::refused(app, me, id, ActionKind::EditMaterials, problem).await);
        }
    }
    Ok(())
}

async fn set_fields_in(
    tx: &sea_orm::DatabaseTransaction,
    app: &App,
    me: &Me,
    id: CaseId,
    kind: &str,
    given: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let row = cases::act_in(tx, app, me, id, store::editing(json!({ "fields_of": kind }))).await?.before;
    let rule = store::rule(tx, app, &row, kind).await?;
    let mut issues = Vec::new();
    let mut fields = Vec::new();
    for (code, value) in given {
        let value = match code.as_str() {
            "account_no" => value.chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
            _ => value.trim().to_owned(),
        };
        let wrong = if !rule.fields.contains(code) {
            Some("unknown")
        } else if value.chars().count() > MAX_TEXT {
            Some("too_long")
        } else if code == "account_no" && !value.is_empty() && !huzhu_domain::case::is_account_no(&value) {
            Some("not_an_account")
        } else {
            None
        };
        issues.extend(wrong.map(|problem| (code.clone(), problem.to_owned())));
        fields.push((code.clone(), value));
    }
    if !issues.is_empty() {
        return Err(Problem::invalid(issues));
    }
    store::replace_fields(tx, id, kind, &fields).await
}

/// An answer in words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplementAnswer {
    /// At most 200 characters; blank to take it back.
    answer: String,
}

/// Answers in words what was asked for (补正).
#[utoipa::path(put, path = "/api/cases/{id}/supplements/{item_id}", tag = "materials",
    params(("id" = i64, Path), ("item_id" = i64, Path)), request_body = SupplementAnswer,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn answer_supplement(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path((id, item)): Path<(i64, i64)>,
    Json(asked): Json<SupplementAnswer>,
) -> Result<Json<CaseView>, Problem> {
    let id = CaseId(id);
    let words = asked.answer.trim().to_owned();
    let tx = app.db.begin().await?;
    let done = match cases::act_in(&tx, &app, &me, id, store::editing(json!({ "answered": item }))).await {
        Ok(_) if words.chars().count() > supplements::MAX_WORDS => Err(Problem::invalid_field("answer", "too_long")),
        Ok(acted) => supplements::answer(&tx, &me, &acted.before, item, words).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => tx.commit().await?,
        Err(problem) => {
            drop(tx);
            return Err(cases::refused(&app, &me, id, ActionKind::EditMaterials, problem).await);
        }
    }
    view::load(&app, &me, id).await.map(Json)
}

/// 确定: all required papers are there; the case goes on to 费用录入.
#[utoipa::path(post, path = "/api/cases/{id}/confirm-materials", tag = "materials", params(("id" = i64, Path)),
    extensions(("x-right" = json!("upload_materials"))), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn confirm(
    State(app): State<App>,
    me: Acting<can::UploadMaterials>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    cases::act(&app, &me, CaseId(id), Act::new(Action::ConfirmMaterials, seen.version)).await.map(Json)
}
