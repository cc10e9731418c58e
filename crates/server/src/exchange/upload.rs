//! A file as it comes in: judged row by row, then taken whole.
use std::sync::Arc;

use axum::{
    extract::{DefaultBodyLimit, Multipart},
    http::StatusCode,
};
use huzhu_domain::{
    cells::Cell,
    dictionary::{Fault, Judged, RowState},
};
use serde::Serialize;
use serde_json::{Map, json};
use tempfile::NamedTempFile;
use utoipa::ToSchema;

use super::{
    judge::{self, Judgement, Stored},
    sheet::{Col, Sheet},
};
use crate::{
    app::App,
    audit::{self, Entry},
    platform::{
        auth::Me,
        error::{FieldProblem, Problem},
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

/// How much a route that takes a file reads.
pub fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(usize::try_from(MAX_BYTES).unwrap_or(usize::MAX).saturating_add(FORM_BYTES))
}

/// What is sent for an import.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub struct ImportForm {
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
    pub(crate) row: u32,
    pub(crate) state: RowState,
    /// As they stand in the file where the row is faulty, else as they would be kept; in the order of the columns.
    pub(crate) values: Vec<String>,
    /// What is there, in the same order; empty where nothing is.
    pub(crate) before: Vec<String>,
    /// Why the row can't be taken, by column.
    pub(crate) faults: Vec<FieldProblem>,
}

/// What a file would do.
#[derive(Serialize, ToSchema)]
pub struct ImportPreview {
    /// For confirming exactly this.
    pub(crate) digest: String,
    /// The columns' names.
    pub(crate) columns: Vec<String>,
    /// Rows that make an entry.
    pub(crate) new: usize,
    /// Rows that change an entry.
    pub(crate) changed: usize,
    /// Rows that say what is there already.
    pub(crate) unchanged: usize,
    /// Rows that can't be taken.
    pub(crate) faulty: usize,
    /// The first 200: faulty ones first, then what changes, then what is new.
    pub(crate) rows: Vec<ImportRow>,
}

/// What was imported.
#[derive(Serialize, ToSchema)]
pub struct ImportDone {
    new: usize,
    changed: usize,
}

/// The code for a file that is too large.
const TOO_LARGE: &str = "roster_too_large";

/// What was sent.
pub struct Upload {
    file: NamedTempFile,
    digest: String,
}

impl Upload {
    /// Where the file lies, as long as this lives.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.file.path()
    }

    /// The judgement that was seen; empty where none was sent.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Takes what was sent.
///
/// # Errors
/// 413 where the file is too large, 422 where there is none, when it was cut off.
pub async fn receive(app: &App, mut form: Multipart) -> Result<Upload, Problem> {
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
    /// A file's rows take memory: as long as they are looked at, not everybody looks at theirs.
    turn: tokio::sync::OwnedSemaphorePermit,
}

async fn read<S: Sheet>(app: &App, upload: Upload) -> Result<Read<S>, Problem> {
    let turn = Arc::clone(&app.calculators).acquire_owned().await.map_err(Problem::internal)?;
    let reading = tokio::task::spawn_blocking(move || {
        let headings: Vec<intake::Heading> = S::COLUMNS.iter().map(Col::heading).collect();
        let (mut raw, mut rows) = (Vec::new(), Vec::new());
        let taken = intake::read(upload.file.path(), &headings, MAX_ROWS, |row| {
            raw.push((row.number, row.cells.iter().map(Cell::shown).collect()));
            rows.push(S::read(&row.cells));
            std::ops::ControlFlow::Continue(())
        })?;
        Ok::<_, intake::IntakeFault>(Read { raw, rows, present: taken.present, turn })
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

/// What a file would do; nothing is kept.
///
/// # Errors
/// 422 where the file can't be read; when the database fails.
pub async fn preview<S: Stored>(
    app: &App,
    me: &Me,
    scope: &S::Scope,
    upload: Upload,
) -> Result<ImportPreview, Problem> {
    let Read { raw, rows, present, turn: _turn } = read::<S>(app, upload).await?;
    let judgement = judge::judge(app.db.read(), scope, rows, &present).await?;
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

/// Takes all good rows of a file in one transaction, if it would do what was seen.
///
/// # Errors
/// 409 where it would do something else by now; as [`preview`].
pub async fn confirm<S: Stored>(app: &App, me: &Me, scope: &S::Scope, upload: Upload) -> Result<ImportDone, Problem> {
    let digest = upload.digest.clone();
    let Read { rows, present, turn: _turn, .. } = read::<S>(app, upload).await?;
    let tx = app.db.begin().await?;
    let entries: Vec<S> = rows.iter().map(|(entry, _)| entry.clone()).collect();
    S::hold(&tx, scope, &entries).await?;
    drop(entries);
    let judgement = judge::judge(&tx, scope, rows, &present).await?;
    if digest_of(&judgement) != digest {
        return Err(Problem::new(StatusCode::CONFLICT, "import_stale"));
    }
    let written = judgement.written();
    let noted = S::write(&tx, scope, &written).await?;
    records::note_all(&tx, S::OBJECT, Some(me.id.0), "", &noted).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "import_records", S::OBJECT)]).await?;
    Ok(ImportDone { new: judgement.count(RowState::New), changed: judgement.count(RowState::Changed) })
}

/// The faulty rows of a file as Excel, with what is wrong.
///
/// # Errors
/// As [`preview`].
pub async fn faulty<S: Stored>(app: &App, me: &Me, scope: &S::Scope, upload: Upload) -> Result<std::fs::File, Problem> {
    let Read { raw, rows, present, turn: _turn } = read::<S>(app, upload).await?;
    let judgement = judge::judge(app.db.read(), scope, rows, &present).await?;
    let mut columns: Vec<Column> = S::COLUMNS.iter().map(Col::column).collect();
    columns.extend([Column { title: "原行号", width: 10 }, Column { title: "问题", width: 60 }]);
    let mut sheet = xlsx::Sheet::new(S::NAME, &columns)?;
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
        sheet.push(&row)?;
    }
    sheet.into_file(&app.config.data_dir.join("uploads"))
}
