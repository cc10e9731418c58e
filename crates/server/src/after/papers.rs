//! Papers of an appeal: added while it waits, by whoever may record one; none is taken away.
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use huzhu_domain::{
    appeal::{AppealState, MAX_PAPERS},
    case::Blocker,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::{appeal_view::AppealPaper, appeals};
use crate::{
    app::App,
    entity::{appeal, appeal_paper},
    pictures::{self, Picture, cut_off, file_name, must_be_there, receive, store_file},
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
    },
    records,
};

/// What is sent with a picture.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct AppealUpload {
    /// PNG or JPEG, at most 10 MB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// 上传: adds a picture to an appeal that waits.
#[utoipa::path(post, path = "/api/appeals/{id}/papers", tag = "after", operation_id = "upload_paper",
    params(("id" = i64, Path)), request_body(content = AppealUpload, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 201, body = AppealPaper), (status = "4XX", body = ProblemBody)))]
pub(super) async fn upload(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Path(id): Path<i64>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<AppealPaper>), Problem> {
    appeals::find(app.db.read(), &me, id).await?;
    let mut received = None;
    while let Some(field) = form.next_field().await.map_err(cut_off)? {
        if field.name() == Some("file") {
            received = Some((file_name(field.file_name()), receive(&app, field).await?));
        }
    }
    let (name, file) = received.ok_or_else(|| Problem::invalid_field("file", "required"))?;
    let picture = store_file(&app, file.path()).await?;
    Ok((StatusCode::CREATED, Json(keep(&app, &me, id, &name, &picture).await?)))
}

/// Adds a stored picture to an appeal that waits.
///
/// # Errors
/// 404 outside the branch, 422 where it is decided or has too many.
pub async fn keep(app: &App, me: &Me, id: i64, name: &str, picture: &Picture) -> Result<AppealPaper, Problem> {
    appeals::find(app.db.read(), me, id).await?;
    let tx = app.db.begin().await?;
    let row = appeal::Entity::find_by_id(id).lock_exclusive().one(&tx).await?.ok_or_else(Problem::not_found)?;
    if row.state.0 != AppealState::Open {
        return Err(Problem::refused(&[Blocker::AppealDecided {}]));
    }
    let have = appeal_paper::Entity::find().filter(appeal_paper::Column::AppealId.eq(id)).count(&tx).await?;
    if have >= MAX_PAPERS as u64 {
        return Err(Problem::invalid_field("file", "too_many"));
    }
    let new = appeal_paper::ActiveModel {
        appeal_id: Set(id),
        sha256: Set(picture.sha256.clone()),
        file_name: Set(name.to_owned()),
        content_type: Set(picture.content_type.to_owned()),
        size: Set(i64::try_from(picture.size).unwrap_or(i64::MAX)),
        uploaded_at: Set(clock::now()),
        uploaded_by_id: Set(me.id.0),
        ..Default::default()
    };
    let paper = appeal_paper::Entity::insert(new).exec_with_returning(&tx).await?;
    must_be_there(app, &picture.sha256).await?;
    let after = json!({ "sha256": picture.sha256 });
    records::note(&tx, appeals::object(id), Some(me.id.0), "paper", "", (&Value::Null, &after)).await?;
    tx.commit().await?;
    Ok(AppealPaper::of(paper))
}

/// A picture of an appeal of the caller's branch.
#[utoipa::path(get, path = "/api/appeals/papers/{id}/content", tag = "after", operation_id = "paper_content",
    params(("id" = i64, Path)), extensions(("x-right" = json!("inquire_cases"))),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn content(
    State(app): State<App>,
    me: Acting<can::InquireCases>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let row = appeal_paper::Entity::find_by_id(id).one(app.db.read()).await?.ok_or_else(Problem::not_found)?;
    appeals::find(app.db.read(), &me, row.appeal_id).await?;
    pictures::answer(&app, &row.sha256, row.content_type).await
}
