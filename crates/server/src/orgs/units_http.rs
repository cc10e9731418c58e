//! Units out to Excel and in from it.
use axum::{
    Json,
    extract::{Multipart, State},
    response::Response,
};
use huzhu_domain::org::{OrgKind, UnitRow};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{nodes, nodes_http::OrgSearch, unit_rows};
use crate::{
    app::App,
    audit::{self, Entry},
    exchange::{self, ImportDone, ImportForm, ImportPreview},
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
        xlsx,
    },
};

const GUIDE: [&str; 4] = [
    "1. 带 * 的列必须填写；列的顺序可以改动，多余的列不会读取。",
    "2. 上传后先逐行检查，不会立即写入；有错误的行不会导入，可以下载标注了错误的文件，改好再传。",
    "3. 已有的单位按单位代码对应，没有代码的按统一社会信用代码对应：内容不同的会修改，相同的不变。空白的格子和文件里没有的单位保持原样。",
    "4. 调整隶属、停用和启用须说明原因，请在“机构维护”中办理。",
];

/// The routes that exchange units.
pub(super) fn routes() -> OpenApiRouter<App> {
    let taking = OpenApiRouter::new().routes(routes!(preview)).routes(routes!(confirm)).routes(routes!(faulty));
    let taking = taking.layer(exchange::body_limit());
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(template)).merge(taking)
}

/// 导出: every unit found, in the form in which it can be imported.
#[utoipa::path(post, path = "/api/units/export", tag = "organisation", operation_id = "export_units",
    request_body = OrgSearch, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn export(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Json(search): Json<OrgSearch>,
) -> Result<Response, Problem> {
    let db = app.db.read();
    let narrowed = nodes::Narrowed { kinds: vec![OrgKind::Unit], ..search.narrowed() };
    let (found, _) = nodes::page(db, &me, narrowed, (u64::from(xlsx::MAX_ROWS), 0)).await?;
    let file = exchange::write(&app, unit_rows::rows_of(db, found).await?).await?;
    audit::note(&app.db, Entry::done(Some(me.id.0), "export_units", "")).await?;
    Ok(xlsx::answer(file, &format!("units-{}.xlsx", clock::today().format("%Y%m%d"))))
}

/// The file to fill in.
#[utoipa::path(get, path = "/api/units/template", tag = "organisation", operation_id = "unit_template",
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn template(_me: Acting<can::ManageOrgs>) -> Result<Response, Problem> {
    exchange::template::<UnitRow>(&GUIDE)
}

/// Judges a file of units, row by row; nothing is kept.
#[utoipa::path(post, path = "/api/units/import", tag = "organisation", operation_id = "preview_units",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemBody)))]
async fn preview(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    form: Multipart,
) -> Result<Json<ImportPreview>, Problem> {
    let upload = exchange::receive(&app, form).await?;
    exchange::preview::<UnitRow>(&app, &me, &me, upload).await.map(Json)
}

/// Takes all good rows of a file of units, if it would do what was seen; else nothing.
#[utoipa::path(post, path = "/api/units/import/confirm", tag = "organisation", operation_id = "import_units",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = ImportDone), (status = "4XX", body = ProblemBody)))]
async fn confirm(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    form: Multipart,
) -> Result<Json<ImportDone>, Problem> {
    let upload = exchange::receive(&app, form).await?;
    exchange::confirm::<UnitRow>(&app, &me, &me, upload).await.map(Json)
}

/// The faulty rows of a file of units as Excel, with what is wrong.
#[utoipa::path(post, path = "/api/units/import/faulty", tag = "organisation", operation_id = "faulty_units",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
async fn faulty(State(app): State<App>, me: Acting<can::ManageOrgs>, form: Multipart) -> Result<Response, Problem> {
    let upload = exchange::receive(&app, form).await?;
    Ok(xlsx::answer(exchange::faulty::<UnitRow>(&app, &me, &me, upload).await?, "faulty-units.xlsx"))
}
