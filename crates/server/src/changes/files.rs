//! Papers of a change: uploaded before it is asked for, then part of it.
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::Duration;
use huzhu_domain::change::{MAX_FILES, PaperKind};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter};

use super::{store, view::ChangeFile};
use crate::{
    app::App,
    entity::change_file,
    pictures::{self, Picture, cut_off, file_name, must_be_there, receive, store_file},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
};

/// How long an upload waits for its change.
const WAITS: Duration = Duration::days(1);
/// Uploads of one person that wait, over all pages that are open.
const MAX_WAITING: u64 = 5 * MAX_FILES as u64;

/// What is sent with a picture.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct ChangeUpload {
    /// What it shows.
    kind: PaperKind,
    /// PNG or JPEG, at most 10 MB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// 上传: a picture that waits for the change to be asked for.
#[utoipa::path(post, path = "/api/changes/files", tag = "changes",
    request_body(content = ChangeUpload, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("request_changes"))),
    responses((status = 201, body = ChangeFile), (status = "4XX", body = ProblemBody)))]
pub(super) async fn upload(
    State(app): State<App>,
    me: Acting<can::RequestChanges>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<ChangeFile>), Problem> {
    let (mut kind, mut received) = (None, None);
    while let Some(field) = form.next_field().await.map_err(cut_off)? {
        match field.name().unwrap_or_default() {
            "kind" => kind = field.text().await.map_err(cut_off)?.parse::<PaperKind>().ok(),
            "file" => received = Some((file_name(field.file_name()), receive(&app, field).await?)),
            _ => {}
        }
    }
    let kind = kind.ok_or_else(|| Problem::invalid_field("kind", "unknown"))?;
    let (name, file) = received.ok_or_else(|| Problem::invalid_field("file", "required"))?;
    let picture = store_file(&app, file.path()).await?;
    let row = keep(&app, &me, kind, &name, &picture).await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// Keeps a stored picture for a change that is about to be asked for. What waits too long is forgotten.
///
/// # Errors
/// 422 where too many wait.
pub async fn keep(app: &App, me: &Me, kind: PaperKind, name: &str, picture: &Picture) -> Result<ChangeFile, Problem> {
    use change_file::Column as C;
    let tx = app.db.begin().await?;
    let own = C::UploadedById.eq(me.id.0).and(C::ChangeId.is_null());
    let forgotten = change_file::Entity::delete_many().filter(own.clone());
    forgotten.filter(C::UploadedAt.lt(clock::now() - WAITS)).exec(&tx).await?;
    if change_file::Entity::find().filter(own).count(&tx).await? >= MAX_WAITING {
        return Err(Problem::invalid_field("file", "too_many"));
    }
    let row = change_file::ActiveModel {
        kind: Set(Coded(kind)),
        sha256: Set(picture.sha256.clone()),
        file_name: Set(name.to_owned()),
        content_type: Set(picture.content_type.to_owned()),
        size: Set(i64::try_from(picture.size).unwrap_or(i64::MAX)),
        uploaded_at: Set(clock::now()),
        uploaded_by_id: Set(me.id.0),
        ..Default::default()
    };
    let row = change_file::Entity::insert(row).exec_with_returning(&tx).await?;
    must_be_there(app, &row.sha256).await?;
    tx.commit().await?;
    Ok(ChangeFile::of(row))
}

/// A picture that the caller may see: of a change of the branch, or an own one that waits.
async fn visible(app: &App, me: &Me, id: i64) -> Result<change_file::Model, Problem> {
    let row = change_file::Entity::find_by_id(id).one(app.db.read()).await?.ok_or_else(Problem::not_found)?;
    match row.change_id {
        Some(change_id) => store::find(app.db.read(), me, change_id).await.map(|_| row),
        None if row.uploaded_by_id == me.id.0 => Ok(row),
        None => Err(Problem::not_found()),
    }
}

/// A picture of a change.
#[utoipa::path(get, path = "/api/changes/files/{id}/content", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn content(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let row = visible(&app, &me, id).await?;
    pictures::answer(&app, &row.sha256, row.content_type).await
}

/// Takes away an own picture that waits. The papers of a change that was asked for stay.
#[utoipa::path(delete, path = "/api/changes/files/{id}", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("request_changes"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn remove(
    State(app): State<App>,
    me: Acting<can::RequestChanges>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let done = change_file::Entity::delete_many()
        .filter(change_file::Column::Id.eq(id))
        .filter(change_file::Column::UploadedById.eq(me.id.0))
        .filter(change_file::Column::ChangeId.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    if done.rows_affected == 1 { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
