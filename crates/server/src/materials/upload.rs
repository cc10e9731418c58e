//! 上传 of a picture to a case.
use axum::{
    Json,
    extract::{Multipart, Path, State},
    http::StatusCode,
};
use huzhu_domain::{
    case::{self as domain, ActionKind, Facts},
    ids::CaseId,
};

use super::store;
use crate::{
    app::App,
    cases::{self, state::Evidence, store as cases_store, view::MaterialFile},
    pictures::{cut_off, file_name, receive, remember, store_file},
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
    },
};

/// What is sent with a picture.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct UploadForm {
    /// The kind of paper.
    kind: String,
    /// The picture in whose place it comes.
    replaces: Option<i64>,
    /// PNG or JPEG, at most 10 MB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// 上传: adds a picture to a case.
#[utoipa::path(post, path = "/api/cases/{id}/materials", tag = "materials", params(("id" = i64, Path)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = MaterialFile), (status = "4XX", body = ProblemBody)))]
pub(super) async fn upload(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<MaterialFile>), Problem> {
    let id = CaseId(id);
    if let Err(problem) = refuse_early(&app, &me, id).await {
        return Err(cases::refused(&app, &me, id, ActionKind::EditMaterials, problem).await);
    }
    let (mut kind, mut replaces, mut received) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(cut_off)? {
        match field.name().unwrap_or_default() {
            "kind" => kind = Some(field.text().await.map_err(cut_off)?),
            "replaces" => replaces = field.text().await.map_err(cut_off)?.parse().ok(),
            "file" => received = Some((file_name(field.file_name()), receive(&app, field).await?)),
            _ => {}
        }
    }
    let kind = kind.ok_or_else(|| Problem::invalid_field("kind", "required"))?;
    let (name, file) = received.ok_or_else(|| Problem::invalid_field("file", "required"))?;
    let picture = remember(&app, store_file(&app, file.path()).await?).await?;
    let model = store::add(&app, &me, id, &kind, &name, &picture, replaces).await?;
    Ok((StatusCode::CREATED, Json(MaterialFile::new(model, me.name.clone()))))
}

/// Says no before megabytes have come: whoever may not touch the papers now hears it at once.
async fn refuse_early(app: &App, me: &Me, id: CaseId) -> Result<(), Problem> {
    let row = cases_store::find(app.db.read(), me, id).await?;
    let case = Evidence::from(&row).case()?;
    let reasons = domain::blockers(&case, &me.actor(), ActionKind::EditMaterials, &Facts::default());
    if reasons.contains(&domain::Blocker::NoRight {}) {
        return Err(Problem::forbidden());
    }
    let held = |b: &domain::Blocker| matches!(b, domain::Blocker::HeldByOther { .. });
    if reasons.is_empty() || reasons.iter().any(held) { Ok(()) } else { Err(Problem::refused(&reasons)) }
}
