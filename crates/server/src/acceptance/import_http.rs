//! 批量受理 over HTTP.
use axum::{
    Json,
    extract::{Multipart, State},
    http::StatusCode,
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{accept::Accepted, import, line};
use crate::{
    app::App,
    exchange::{self, ImportForm, ImportPreview},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        xlsx,
    },
};

const GUIDE: [&str; 5] = [
    "1. 带 * 的列必须填写；列的顺序可以改动，多余的列不会读取。每个文件最多 2000 行。",
    "2. 上传后先逐行检查，不会立即受理；有错误的行不会受理，可以下载标注了错误的文件，改好再传。",
    "3. 同一人有几项保障符合时，在“保障活动”中填写保障活动或互助金类型的名称。",
    "4. 与已有案件的出险时间、住院时间或票据号码相同的行会被暂缓；核实不是重复申领的，在“重复说明”中写明原因后再传。",
    "5. 医院以后的各列可以不填；填写的内容带入费用录入，录入时仍可修改。",
];

/// The routes that take a file of claims.
pub(super) fn routes() -> OpenApiRouter<App> {
    let taking = OpenApiRouter::new().routes(routes!(preview)).routes(routes!(confirm)).routes(routes!(faulty));
    OpenApiRouter::new().routes(routes!(template)).merge(taking.layer(exchange::body_limit()))
}

/// The file to fill in.
#[utoipa::path(get, path = "/api/acceptance/template", tag = "acceptance",
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn template(_me: Acting<can::AcceptClaims>) -> Result<Response, Problem> {
    exchange::template_of("批量受理", &line::COLUMNS, &GUIDE)
}

/// Judges a file of claims, row by row; nothing is kept.
#[utoipa::path(post, path = "/api/acceptance/import", tag = "acceptance",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemBody)))]
async fn preview(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    form: Multipart,
) -> Result<Json<ImportPreview>, Problem> {
    let upload = exchange::receive(&app, form).await?;
    import::preview(&app, &me, upload).await.map(Json)
}

/// Accepts all good rows of a file of claims, if it would do what was seen; else nothing. The digest of what was seen is
/// the key of the request: sent again, it gets the first answer.
#[utoipa::path(post, path = "/api/acceptance/import/confirm", tag = "acceptance",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 201, body = Accepted), (status = "4XX", body = ProblemBody)))]
async fn confirm(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    form: Multipart,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let upload = exchange::receive(&app, form).await?;
    Ok((StatusCode::CREATED, Json(import::confirm(&app, &me, upload).await?)))
}

/// The faulty rows of a file of claims as Excel, with what is wrong.
#[utoipa::path(post, path = "/api/acceptance/import/faulty", tag = "acceptance",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn faulty(State(app): State<App>, me: Acting<can::AcceptClaims>, form: Multipart) -> Result<Response, Problem> {
    let upload = exchange::receive(&app, form).await?;
    Ok(xlsx::answer(import::faulty(&app, &me, upload).await?, "faulty-claims.xlsx"))
}
