//! Records that go out to Excel and come in from it.
//!
//! A file is judged row by row and nothing kept; confirming sends it again with the digest of what was seen, is judged again,
//! and takes all good rows in one transaction or, where the records or the file aren't what was seen any more, none.
mod judge;
mod sheet;
mod upload;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

pub use judge::{AT_ONCE, Judgement, Stored, Written};
pub use sheet::{Col, Reader, Sheet};
pub use upload::{
    ImportDone, ImportForm, ImportPreview, ImportRow, Upload, body_limit, confirm, faulty, preview, receive,
};

use crate::{
    app::App,
    platform::{
        error::Problem,
        xlsx::{self, Column},
    },
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Entries as a file that can be imported.
///
/// # Errors
/// When the disk fails.
pub async fn write<S: Sheet>(app: &App, rows: Vec<S>) -> Result<std::fs::File, Problem> {
    let dir = app.config.data_dir.join("uploads");
    let columns: Vec<Column> = S::COLUMNS.iter().map(Col::column).collect();
    let written = tokio::task::spawn_blocking(move || {
        let mut sheet = xlsx::Sheet::new(S::NAME, &columns)?;
        for row in &rows {
            let cells: Vec<xlsx::Cell> = row.cells().into_iter().map(xlsx::Cell::Text).collect();
            sheet.push(&cells)?;
        }
        sheet.into_file(&dir)
    });
    written.await.map_err(Problem::internal)?
}

/// The file to fill in, with what `guide` says about it.
///
/// # Errors
/// When it can't be written.
pub fn template<S: Sheet>(guide: &[&str]) -> Result<Response, Problem> {
    template_of(S::NAME, S::COLUMNS, guide)
}

/// The file to fill in for columns that are no [`Sheet`].
///
/// # Errors
/// When it can't be written.
pub fn template_of(name: &str, columns: &[Col], guide: &[&str]) -> Result<Response, Problem> {
    let blanks: Vec<xlsx::Blank> = columns.iter().map(Col::blank).collect();
    let bytes = xlsx::template(name, &blanks, ("填写说明", guide)).map_err(Problem::internal)?;
    let headers =
        [(header::CONTENT_TYPE, XLSX), (header::CONTENT_DISPOSITION, "attachment; filename=\"template.xlsx\"")];
    Ok((headers, bytes).into_response())
}
