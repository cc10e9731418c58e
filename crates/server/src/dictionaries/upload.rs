//! A dictionary from Excel.
use axum::{
    Json,
    extract::{Multipart, Path, State},
    response::Response,
};
use huzhu_domain::dictionary::{BankRow, Hospital, IllnessClass};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::transfer::Dictionary;
use crate::{
    app::App,
    exchange::{self, ImportDone, ImportForm, ImportPreview},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        xlsx,
    },
};

/// The routes that take a file.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(preview))
        .routes(routes!(confirm))
        .routes(routes!(faulty))
        .layer(exchange::body_limit())
}

/// Judges a file, row by row; nothing is kept.
#[utoipa::path(post, path = "/api/dictionaries/{dictionary}/import", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemBody)))]
async fn preview(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(dictionary): Path<Dictionary>,
    form: Multipart,
) -> Result<Json<ImportPreview>, Problem> {
    let upload = exchange::receive(&app, form).await?;
    match dictionary {
        Dictionary::Hospitals => exchange::preview::<Hospital>(&app, &me, &(), upload).await,
        Dictionary::Banks => exchange::preview::<BankRow>(&app, &me, &(), upload).await,
        Dictionary::IllnessClasses => exchange::preview::<IllnessClass>(&app, &me, &(), upload).await,
    }
    .map(Json)
}

/// Takes all good rows of a file, if it would do what was seen; else nothing.
#[utoipa::path(post, path = "/api/dictionaries/{dictionary}/import/confirm", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = ImportDone), (status = "4XX", body = ProblemBody)))]
async fn confirm(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(dictionary): Path<Dictionary>,
    form: Multipart,
) -> Result<Json<ImportDone>, Problem> {
    let upload = exchange::receive(&app, form).await?;
    match dictionary {
        Dictionary::Hospitals => exchange::confirm::<Hospital>(&app, &me, &(), upload).await,
        Dictionary::Banks => exchange::confirm::<BankRow>(&app, &me, &(), upload).await,
        Dictionary::IllnessClasses => exchange::confirm::<IllnessClass>(&app, &me, &(), upload).await,
    }
    .map(Json)
}

/// The faulty rows of a file as Excel, with what is wrong.
#[utoipa::path(post, path = "/api/dictionaries/{dictionary}/import/faulty", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn faulty(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(dictionary): Path<Dictionary>,
    form: Multipart,
) -> Result<Response, Problem> {
    let upload = exchange::receive(&app, form).await?;
    let file = match dictionary {
        Dictionary::Hospitals => exchange::faulty::<Hospital>(&app, &me, &(), upload).await,
        Dictionary::Banks => exchange::faulty::<BankRow>(&app, &me, &(), upload).await,
        Dictionary::IllnessClasses => exchange::faulty::<IllnessClass>(&app, &me, &(), upload).await,
    }?;
    Ok(xlsx::answer(file, "faulty-rows.xlsx"))
}
