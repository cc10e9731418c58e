//! 导出 of whatever a search found: read in batches, written row by row, streamed.
use axum::response::Response;
use huzhu_domain::permission::Permission;
use rust_xlsxwriter::XlsxError;
use serde_json::{Value, json};

use crate::{
    app::App,
    audit::{self, Entry},
    platform::{
        auth::Me,
        clock,
        error::Problem,
        mask,
        messages::{self, Locale},
        xlsx::{self, Cell, Column, MAX_ROWS, Sheet},
    },
};

/// Rows that an export reads at a time.
pub const BATCH: u64 = 2_000;

/// What the file is.
#[derive(Clone, Copy)]
pub struct File {
    /// The right to look at what is exported: who may not look may not take away either.
    pub right: Permission,
    /// What the log calls the export.
    pub act: &'static str,
    /// The beginning of the file's name.
    pub name: &'static str,
    /// The sheet's name.
    pub sheet: &'static str,
    /// The headings.
    pub columns: &'static [Column],
}

/// A row that has an id, by which the next batch is asked for.
pub trait Row: Send + 'static {
    /// The id.
    fn id(&self) -> i64;
}

/// Writes everything that `next` hands out, newest first, and answers with the file. `next` gets the last id that was
/// written and gives at most [`BATCH`] rows below it. The export is logged.
///
/// # Errors
/// 403 without the right to look; 422 where there are more rows than a file holds; when the database or the disk fails.
pub async fn answer<R: Row, N>(
    app: &App,
    me: &Me,
    file: File,
    next: impl Fn(Option<i64>) -> N + Send + Sync,
    cells: impl Fn(&R) -> Vec<Cell> + Send + Sync,
) -> Result<Response, Problem>
where
    N: Future<Output = Result<Vec<R>, Problem>> + Send,
{
    if !me.may(file.right) {
        return Err(Problem::forbidden());
    }
    let mut sheet = Sheet::new(file.sheet, file.columns)?;
    let mut before = None;
    let mut rows: u32 = 0;
    loop {
        let batch = next(before).await?;
        let Some(last) = batch.last() else { break };
        before = Some(last.id());
        rows = rows.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        if rows > MAX_ROWS {
            return Err(Problem::refused(&[json!({ "code": "too_many_rows", "args": { "max": MAX_ROWS } })]));
        }
        let full = batch.len() as u64 == BATCH;
        let shown = |cell| match cell {
            Cell::Number(number) if !me.sees_numbers() => Cell::Number(mask::hidden(&number)),
            cell => cell,
        };
        let written: Vec<Vec<Cell>> = batch.iter().map(|row| cells(row).into_iter().map(shown).collect()).collect();
        sheet = tokio::task::spawn_blocking(move || {
            for row in &written {
                sheet.push(row)?;
            }
            Ok::<_, XlsxError>(sheet)
        })
        .await
        .map_err(Problem::internal)??;
        if !full {
            break;
        }
    }
    let dir = app.config.data_dir.join("uploads");
    let written = tokio::task::spawn_blocking(move || sheet.into_file(&dir)).await.map_err(Problem::internal)??;
    audit::note(&app.db, Entry::done(Some(me.id.0), file.act, "").telling(json!({ "rows": rows }))).await?;
    Ok(xlsx::answer(written, &format!("{}-{}.xlsx", file.name, clock::today().format("%Y%m%d"))))
}

/// The cell of a code, in the reader's words.
#[must_use]
pub fn word(locale: Locale, name: &str, code: &str) -> Cell {
    Cell::Text(messages::word(locale, name, &Value::from(code)))
}

/// 是 or 否.
#[must_use]
pub fn yes(locale: Locale, is: bool) -> Cell {
    word(locale, "yes_no", if is { "yes" } else { "no" })
}
