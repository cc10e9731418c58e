//! A dictionary from Excel: judged row by row, then taken whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use huzhu_domain::{
    cells::Cell,
    dictionary::{BankRow, Fault, Hospital, IllnessClass, Judged, RowState},
};
use serde::Serialize;
use serde_json::{Map, json};
use tempfile::NamedTempFile;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    import::{self, Judgement, Stored},
    sheets::{Col, Sheet},
    transfer::Dictionary,
};
use crate::{
    app::App,
    audit,
    platform::{
        auth::{Acting, Me, can},
        error::{FieldProblem, Problem, ProblemBody},
        intake::{self, MAX_BYTES},
        messages, secrets, upload as files,
        xlsx::{self, Column},
    },
    records,
};

/// Rows of a file.
const MAX_ROWS: u32 = 20_000;
/// Rows of a judgement that are shown; all faulty ones come back as a file.
const MAX_SHOWN: usize = 200;
/// Bytes of the form besides the file.
const FORM_BYTES: usize = 64 * 1024;

/// The routes that take a file.
pub(super) fn routes() -> OpenApiRouter<App> {
    let limit = DefaultBodyLimit::max(usize::try_from(MAX_BYTES).unwrap_or(usize::MAX).saturating_add(FORM_BYTES));
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(confirm)).routes(routes!(faulty)).layer(limit)
}

/// What is sent for an import.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct ImportForm {
    /// The judgement that was seen; for confirming.
    digest: Option<String>,
    /// .xlsx or .xls.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// A row of a file, judged.
#[derive(Serialize, ToSchema)]
pub struct ImportRow {
    /// Its number as Excel shows it.
    row: u32,
    state: RowState,
    /// As they stand in the file where the row is faulty, else as they would be kept; in the order of the columns.
    values: Vec<String>,
    /// What is there, in the same order; empty where nothing is.
    before: Vec<String>,
    /// Why the row can't be taken, by column.
    faults: Vec<FieldProblem>,
}

/// What a file would do.
#[derive(Serialize, ToSchema)]
pub struct ImportPreview {
    /// For confirming exactly this.
    digest: String,
    /// The columns' names.
    columns: Vec<String>,
    /// Rows that make an entry.
    new: usize,
    /// Rows that change an entry.
    changed: usize,
    /// Rows that say what is there already.
    unchanged: usize,
    /// Rows that can't be taken.
    faulty: usize,
    /// The first 200: faulty ones first, then what changes, then what is new.
    rows: Vec<ImportRow>,
}

/// What was imported.
#[derive(Serialize, ToSchema)]
pub struct ImportDone {
    new: usize,
    changed: usize,
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
    let upload = receive(&app, form).await?;
    match dictionary {
        Dictionary::Hospitals => preview_of::<Hospital>(&app, &me, upload).await,
        Dictionary::Banks => preview_of::<BankRow>(&app, &me, upload).await,
        Dictionary::IllnessClasses => preview_of::<IllnessClass>(&app, &me, upload).await,
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
    let upload = receive(&app, form).await?;
    match dictionary {
        Dictionary::Hospitals => confirm_of::<Hospital>(&app, &me, upload).await,
        Dictionary::Banks => confirm_of::<BankRow>(&app, &me, upload).await,
        Dictionary::IllnessClasses => confirm_of::<IllnessClass>(&app, &me, upload).await,
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
    let upload = receive(&app, form).await?;
    let file = match dictionary {
        Dictionary::Hospitals => faulty_of::<Hospital>(&app, &me, upload).await,
        Dictionary::Banks => faulty_of::<BankRow>(&app, &me, upload).await,
        Dictionary::IllnessClasses => faulty_of::<IllnessClass>(&app, &me, upload).await,
    }?;
    Ok(xlsx::answer(file, "faulty-rows.xlsx"))
}

/// The code for a file that is too large.
const TOO_LARGE: &str = "roster_too_large";

/// What was sent.
struct Upload {
    file: NamedTempFile,
    digest: String,
}

async fn receive(app: &App, mut form: Multipart) -> Result<Upload, Problem> {
    let (mut file, mut digest) = (None, String::new());
    let dir = app.config.data_dir.join("uploads");
    while let Some(field) = form.next_field().await.map_err(files::cut_off(TOO_LARGE))? {
        match field.name().unwrap_or_default() {
            "digest" => digest = field.text().await.map_err(files::cut_off(TOO_LARGE))?,
            "file" => file = Some(files::receive(field, &dir, intake::MAX_BYTES, TOO_LARGE).await?),
            _ => {}
        }
    }
    let file = file.ok_or_else(|| Problem::invalid_field("file", "required"))?;
    Ok(Upload { file, digest })
}

/// A file as it was read.
struct Read<S> {
    /// Row numbers with the cells as they look.
    raw: Vec<(u32, Vec<String>)>,
    rows: Vec<(S, Vec<Fault>)>,
    present: Vec<bool>,
}

async fn read<S: Sheet>(app: &App, upload: Upload) -> Result<Read<S>, Problem> {
    let _turn = app.calculators.acquire().await.map_err(Problem::internal)?;
    let reading = tokio::task::spawn_blocking(move || {
        let headings: Vec<intake::Heading> = S::COLUMNS.iter().map(Col::heading).collect();
        let (mut raw, mut rows) = (Vec::new(), Vec::new());
        let taken = intake::read(upload.file.path(), &headings, MAX_ROWS, |row| {
            raw.push((row.number, row.cells.iter().map(Cell::shown).collect()));
            rows.push(S::read(&row.cells));
            std::ops::ControlFlow::Continue(())
        })?;
        Ok::<_, intake::IntakeFault>(Read { raw, rows, present: taken.present })
    });
    let read = reading.await.map_err(Problem::internal)?.map_err(|fault| Problem::refused(&[fault]))?;
    if read.rows.is_empty() { Err(Problem::refused(&["file_without_rows"])) } else { Ok(read) }
}

fn digest_of<S: Stored>(judgement: &Judgement<S>) -> String {
    secrets::sha256(judgement.as_text())
}

fn problems<S: Sheet>(faults: &[Fault], me: &Me) -> Vec<FieldProblem> {
    let told = |f: &Fault| {
        let name = S::COLUMNS.iter().find(|c| c.field == f.column).map_or(f.column, |c| c.names[0]);
        let args = Map::from_iter([("name".to_owned(), json!(name))]);
        let message = messages::sentence(me.locale, &format!("field_{}", f.code), &args);
        FieldProblem { field: f.column.to_owned(), code: f.code.to_owned(), message }
    };
    faults.iter().map(told).collect()
}

async fn preview_of<S: Stored>(app: &App, me: &Me, upload: Upload) -> Result<ImportPreview, Problem> {
    let Read { raw, rows, present } = read::<S>(app, upload).await?;
    let judgement = import::judge(app.db.read(), rows, &present).await?;
    let mut order: Vec<usize> = (0..raw.len()).filter(|i| judgement.rows[*i].state != RowState::Unchanged).collect();
    order.sort_by_key(|i| judgement.rows[*i].state);
    order.truncate(MAX_SHOWN);
    let row = |i: usize| {
        let Judged { entry, state, faults } = &judgement.rows[i];
        let (number, cells) = &raw[i];
        let faulty = *state == RowState::Faulty;
        ImportRow {
            row: *number,
            state: *state,
            values: if faulty { cells.clone() } else { entry.cells() },
            before: judgement.known.get(&entry.key()).map(Sheet::cells).unwrap_or_default(),
            faults: problems::<S>(faults, me),
        }
    };
    Ok(ImportPreview {
        digest: digest_of(&judgement),
        columns: S::COLUMNS.iter().map(|c| c.names[0].to_owned()).collect(),
        new: judgement.count(RowState::New),
        changed: judgement.count(RowState::Changed),
        unchanged: judgement.count(RowState::Unchanged),
        faulty: judgement.count(RowState::Faulty),
        rows: order.into_iter().map(row).collect(),
    })
}

async fn confirm_of<S: Stored>(app: &App, me: &Me, upload: Upload) -> Result<ImportDone, Problem> {
    let digest = upload.digest.clone();
    let Read { rows, present, .. } = read::<S>(app, upload).await?;
    let tx = app.db.begin().await?;
    let judgement = import::judge(&tx, rows, &present).await?;
    if digest_of(&judgement) != digest {
        return Err(Problem::new(StatusCode::CONFLICT, "import_stale"));
    }
    let written = judgement.written();
    let noted = S::write(&tx, &written).await?;
    records::note_all(&tx, S::OBJECT, Some(me.id.0), "", &noted).await?;
    audit::note_in(&tx, Some(me.id.0), "import_dictionary", S::OBJECT, "done").await?;
    tx.commit().await?;
    Ok(ImportDone { new: judgement.count(RowState::New), changed: judgement.count(RowState::Changed) })
}

async fn faulty_of<S: Stored>(app: &App, me: &Me, upload: Upload) -> Result<std::fs::File, Problem> {
    let Read { raw, rows, present } = read::<S>(app, upload).await?;
    let judgement = import::judge(app.db.read(), rows, &present).await?;
    let mut columns: Vec<Column> = S::COLUMNS.iter().map(Col::column).collect();
    columns.extend([Column { title: "原行号", width: 10 }, Column { title: "问题", width: 60 }]);
    let mut sheet = xlsx::Sheet::new(S::NAME, &columns).map_err(Problem::internal)?;
    for ((number, cells), judged) in raw.into_iter().zip(&judgement.rows) {
        if judged.state != RowState::Faulty {
            continue;
        }
        let wrong = |field: &str| judged.faults.iter().any(|f| f.column == field);
        let mut row: Vec<xlsx::Cell> = Vec::new();
        for (column, text) in S::COLUMNS.iter().zip(cells) {
            row.push(if wrong(column.field) { xlsx::Cell::Wrong(text) } else { xlsx::Cell::Text(text) });
        }
        let told: Vec<String> = problems::<S>(&judged.faults, me).into_iter().map(|p| p.message).collect();
        row.extend([xlsx::Cell::Count(number.into()), xlsx::Cell::Text(told.join("；"))]);
        sheet.push(&row).map_err(Problem::internal)?;
    }
    sheet.into_file(&app.config.data_dir.join("uploads"))
}
