//! Excel files out: rows are written to disk as they come, so memory doesn't grow with them.
use std::{fs::File, path::Path};

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Note, Workbook, Worksheet, XlsxError};
use tokio_util::io::ReaderStream;

use super::error::Problem;

/// Rows that one sheet can hold besides its header (Excel's limit).
pub const MAX_ROWS: u32 = 1_048_575;

/// A column: its heading and its width in characters.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// Width in characters.
    pub width: u16,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text, also for numbers that aren't quantities: ID numbers, case numbers.
    Text(String),
    /// An ID number, telephone number or bank account: hidden from those who don't see it whole.
    Number(String),
    /// A whole number.
    Count(i64),
    /// Money in fen, shown in yuan.
    Money(i64),
    /// A day.
    Day(NaiveDate),
    /// Text that somebody must correct: it stands out.
    Wrong(String),
    /// Nothing.
    Empty,
}

/// A sheet that is written row by row, with a frozen header and a filter.
pub struct Sheet {
    workbook: Workbook,
    columns: u16,
    next: u32,
    money: Format,
    day: Format,
    wrong: Format,
}

impl Sheet {
    /// Begins a sheet.
    ///
    /// # Errors
    /// When a heading or the sheet's name is impossible, or the temporary file can't be made.
    pub fn new(name: &str, columns: &[Column]) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let header = Format::new().set_bold().set_align(FormatAlign::Center);
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (i, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(i, f64::from(column.width))?.write_with_format(0, i, column.title, &header)?;
        }
        Ok(Self {
            workbook,
            columns: u16::try_from(columns.len()).unwrap_or(u16::MAX),
            next: 1,
            money: Format::new().set_num_format("#,##0.00"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            wrong: Format::new().set_background_color(0x00fb_e3e0).set_font_color(0x00c0_392b),
        })
    }

    fn sheet(&mut self) -> Result<&mut Worksheet, XlsxError> {
        self.workbook.worksheet_from_index(0)
    }

    /// Writes the next row.
    ///
    /// # Errors
    /// When the sheet is full or the temporary file can't be written.
    pub fn push(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let (row, money, day, wrong) = (self.next, self.money.clone(), self.day.clone(), self.wrong.clone());
        let sheet = self.sheet()?;
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) | Cell::Number(text) => sheet.write_string(row, column, text)?,
                Cell::Count(n) => sheet.write_number(row, column, as_number(*n))?,
                Cell::Money(fen) => sheet.write_number_with_format(row, column, yuan(*fen), &money)?,
                Cell::Day(date) => sheet.write_datetime_with_format(row, column, date, &day)?,
                Cell::Wrong(text) => sheet.write_string_with_format(row, column, text, &wrong)?,
                Cell::Empty => sheet,
            };
        }
        self.next += 1;
        Ok(())
    }

    /// Ends the sheet and writes it to a file in `dir` that has no name any more when this returns: nothing is left behind
    /// when the client goes away.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn into_file(mut self, dir: &Path) -> Result<File, Problem> {
        let (last, columns) = (self.next - 1, self.columns);
        let file = tempfile::Builder::new().suffix(".xlsx").tempfile_in(dir)?;
        self.sheet().and_then(|s| s.autofilter(0, 0, last, columns - 1).map(|_| ()))?;
        self.workbook.save(file.path())?;
        Ok(file.reopen()?)
    }
}

/// A small table as a file: headings where there are any, then the rows; columns as wide as what is in them.
///
/// # Errors
/// When a heading is longer than Excel allows.
pub fn table(name: &str, headings: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    let head = Format::new().set_bold().set_align(FormatAlign::Center);
    for (column, title) in (0_u16..).zip(headings) {
        sheet.write_string_with_format(0, column, *title, &head)?;
    }
    let (text, money, day) = (
        Format::new().set_num_format("@"),
        Format::new().set_num_format("0.00"),
        Format::new().set_num_format("yyyy-mm-dd"),
    );
    for (row, cells) in (u32::from(!headings.is_empty())..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(written) | Cell::Number(written) | Cell::Wrong(written) => {
                    sheet.write_string_with_format(row, column, written, &text)?
                }
                Cell::Count(n) => sheet.write_number(row, column, as_number(*n))?,
                Cell::Money(fen) => sheet.write_number_with_format(row, column, yuan(*fen), &money)?,
                Cell::Day(date) => sheet.write_datetime_with_format(row, column, date, &day)?,
                Cell::Empty => &mut *sheet,
            };
        }
    }
    sheet.autofit();
    book.save_to_buffer()
}

/// The answer that a browser saves as `name`, streamed.
#[must_use]
pub fn answer(file: File, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let file = tokio::fs::File::from_std(file);
    (headers, Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024))).into_response()
}

/// Excel keeps every number as a double; amounts below 2^53 fen are exact in it to the cent that is shown.
#[allow(clippy::cast_precision_loss, reason = "a spreadsheet cell is a double")]
const fn as_number(n: i64) -> f64 {
    n as f64
}

#[allow(clippy::float_arithmetic, reason = "a spreadsheet cell is a double; no rule computes with it")]
fn yuan(fen: i64) -> f64 {
    as_number(fen) / 100.0
}

/// A column of a file that is to be filled in.
#[derive(Clone, Copy, Debug)]
pub struct Blank<'a> {
    /// The heading; a `*` goes before it where it must be filled in.
    pub title: &'static str,
    /// Whether it must be filled in.
    pub required: bool,
    /// Width in characters.
    pub width: u16,
    /// What a hovering clerk reads.
    pub note: &'a str,
    /// The words that may be chosen; empty where anything may be typed.
    pub choices: &'a [&'a str],
}

/// Rows of a template that are prepared: text format and drop-downs.
const PREPARED_ROWS: u32 = 2_000;

/// A file to be filled in: headings with notes, drop-downs, every cell text (so that no digit is lost), and a second sheet
/// that says how.
///
/// # Errors
/// When a heading or a note is longer than Excel allows.
pub fn template(name: &str, columns: &[Blank<'_>], guide: (&str, &[&str])) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let head = Format::new().set_bold().set_align(FormatAlign::Center).set_background_color(0x00e8_eef9);
    let must = head.clone().set_font_color(0x00c0_392b);
    let sheet = book.add_worksheet();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?.set_row_height(0, 24)?;
    for (i, column) in (0_u16..).zip(columns) {
        let title = if column.required { format!("*{}", column.title) } else { column.title.to_owned() };
        sheet.set_column_width(i, f64::from(column.width))?.set_column_format(i, &text)?;
        sheet.write_with_format(0, i, title, if column.required { &must } else { &head })?;
        if !column.note.is_empty() {
            sheet.insert_note(0, i, &Note::new(column.note).set_width(260).set_height(110))?;
        }
        if !column.choices.is_empty() {
            let list = DataValidation::new().allow_list_strings(column.choices)?;
            sheet.add_data_validation(1, i, PREPARED_ROWS, i, &list)?;
        }
    }
    let sheet = book.add_worksheet();
    sheet.set_name(guide.0)?.set_column_width(0, 90)?;
    let wrapped = Format::new().set_text_wrap();
    for (row, line) in (0_u32..).zip(guide.1) {
        sheet.write_with_format(row, 0, *line, &wrapped)?;
    }
    book.save_to_buffer()
}
