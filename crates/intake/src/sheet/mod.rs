//! Excel files in: whatever an office sends is read row by row, with bounded memory, and nothing in it is ever run.
//!
//! A file is looked at before it is parsed: how large it is, how large it unpacks, whether a password is on it. The heading
//! may stand below merged titles, columns in any order among dozens; hidden sheets don't count.
mod csv_file;
mod xls;

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use calamine::{DataRef, ExcelDateTime, Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::NaiveDate;
use huzhu_domain::cells::Cell;
use serde::Serialize;

/// The largest file, in bytes.
pub const MAX_BYTES: u64 = 40 * 1024 * 1024;
/// What all parts may unpack to, in bytes.
const MAX_UNPACKED: u64 = 300 * 1024 * 1024;
/// What the table of texts may unpack to: it is held in memory.
const MAX_TEXTS: u64 = 64 * 1024 * 1024;
/// Where a part says how many texts it has.
const BEGINNING: u64 = 64 * 1024;
/// Parts of a file.
const MAX_PARTS: usize = 2_000;
/// Rows in which the heading is looked for.
const HEADING_WITHIN: u32 = 30;
/// Cells of one row that are kept: lists have dozens of columns, a made-up file millions.
const MAX_CELLS: usize = 1_000;
/// The longest text of a cell that is kept, in characters.
const MAX_CELL: usize = 500;

/// A column that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// The field's code.
    pub field: &'static str,
    /// What the column may be called; the first is the proper name.
    pub names: &'a [&'a str],
    /// Whether the file is of no use without it.
    pub required: bool,
}

/// A row that isn't blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowIn {
    /// Its number as Excel shows it.
    pub number: u32,
    /// A cell for each wanted column, in the order of the headings.
    pub cells: Vec<Cell>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Name of the sheet.
    pub sheet: String,
    /// Number of the row with the headings, as Excel shows it.
    pub heading_row: u32,
    /// Which of the wanted columns there are.
    pub present: Vec<bool>,
}

/// Why a file can't be read. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum IntakeFault {
    /// No byte in it.
    FileEmpty {},
    /// Neither .xlsx nor .xls by its content.
    FileNotExcel {},
    /// Neither Excel nor a text with separators.
    FileNotTable {},
    /// A password is on it.
    FileLocked {},
    /// Too large.
    FileTooLarge {
        /// The most, in MB.
        max: u64,
    },
    /// Unpacks to far more than a list of people can be.
    FileUnpacksTooLarge {},
    /// Cut off, or broken in another way.
    FileBroken {},
    /// No visible sheet has a row with the headings.
    HeadingMissing {
        /// The columns that weren't found where the most were.
        columns: Vec<String>,
    },
    /// Two columns have the same heading.
    HeadingTwice {
        /// That heading.
        column: String,
    },
    /// Judging it was begun several times, and each time the program went down.
    FileGivenUp {},
    /// Too many rows.
    FileTooManyRows {
        /// The most.
        max: u32,
    },
}

/// Reads the rows below the heading of the first visible sheet that has all required columns. `on_row` may stop it.
/// Blocks: call it off the async threads.
///
/// # Errors
/// See [`IntakeFault`].
pub fn read(
    path: &Path,
    headings: &[Heading<'_>],
    max_rows: u32,
    on_row: impl FnMut(RowIn) -> ControlFlow<()>,
) -> Result<Taken, IntakeFault> {
    let mut file = File::open(path).map_err(|_| IntakeFault::FileBroken {})?;
    let size = file.metadata().map_err(|_| IntakeFault::FileBroken {})?.len();
    if size > MAX_BYTES {
        return Err(IntakeFault::FileTooLarge { max: MAX_BYTES / 1024 / 1024 });
    }
    let mut start = [0; 8];
    let got = file.read(&mut start).map_err(|_| IntakeFault::FileBroken {})?;
    file.rewind().map_err(|_| IntakeFault::FileBroken {})?;
    let reading = || match &start[..got] {
        [] => Err(IntakeFault::FileEmpty {}),
        [b'P', b'K', ..] => {
            weigh(&file)?;
            read_xlsx(file, headings, max_rows, on_row)
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => xls::read(file, size, headings, max_rows, on_row),
        _ => Err(IntakeFault::FileNotExcel {}),
    };
    // The parser trusts offsets that a malformed file makes up, and panics.
    catch_unwind(AssertUnwindSafe(reading)).unwrap_or(Err(IntakeFault::FileBroken {}))
}

/// As [`read`], for what may also be a .csv.
///
/// # Errors
/// See [`IntakeFault`].
pub fn read_table(
    path: &Path,
    headings: &[Heading<'_>],
    max_rows: u32,
    mut on_row: impl FnMut(RowIn) -> ControlFlow<()>,
) -> Result<Taken, IntakeFault> {
    match read(path, headings, max_rows, &mut on_row) {
        Err(IntakeFault::FileNotExcel {}) => csv_file::read(path, headings, max_rows, on_row),
        done => done,
    }
}

/// Unpacks every part, counting: what a file says about itself isn't believed.
fn weigh(file: &File) -> Result<(), IntakeFault> {
    let broken = |_| IntakeFault::FileBroken {};
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|_| IntakeFault::FileBroken {})?;
    if zip.len() > MAX_PARTS {
        return Err(IntakeFault::FileUnpacksTooLarge {});
    }
    let mut left = MAX_UNPACKED;
    let mut is_workbook = false;
    for i in 0..zip.len() {
        let part = zip.by_index(i).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(_) | zip::result::ZipError::InvalidPassword => {
                IntakeFault::FileLocked {}
            }
            _ => IntakeFault::FileBroken {},
        })?;
        let name = part.name().map_err(|_| IntakeFault::FileBroken {})?.to_ascii_lowercase();
        is_workbook |= name.starts_with("xl/workbook");
        let most = if name.ends_with("sharedstrings.xml") { left.min(MAX_TEXTS) } else { left };
        let mut part = part.take(most + 1);
        let mut start = Vec::new();
        part.by_ref().take(BEGINNING).read_to_end(&mut start).map_err(broken)?;
        if name.ends_with("sharedstrings.xml") && claims_too_many(&start) {
            return Err(IntakeFault::FileUnpacksTooLarge {});
        }
        let unpacked = start.len() as u64 + std::io::copy(&mut part, &mut std::io::sink()).map_err(broken)?;
        if unpacked > most {
            return Err(IntakeFault::FileUnpacksTooLarge {});
        }
        left -= unpacked;
    }
    if is_workbook { Ok(()) } else { Err(IntakeFault::FileNotExcel {}) }
}

/// Whether a list of shared texts says of itself that it holds more than fit into the file: the parser would make room for them.
fn claims_too_many(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let counts = text.split("ount").skip(1).filter_map(|after| {
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let digits: String = value.chars().skip(1).take_while(char::is_ascii_digit).collect();
        // More digits than a number has are too many, too.
        Some(digits.parse::<u64>().unwrap_or(u64::MAX)).filter(|_| !digits.is_empty())
    });
    counts.max().is_some_and(|n| n > MAX_TEXTS / 8)
}

/// A heading as it is compared: no blanks, stars or remarks in brackets.
#[must_use]
pub fn bare(text: &str) -> String {
    let name = text.split(['(', '（', '【', '[']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊' | ':' | '：')).collect()
}

/// Finds the heading and hands on what is below it.
struct Sifter<'a, F> {
    headings: &'a [Heading<'a>],
    max_rows: u32,
    on_row: F,
    /// For each wanted column where it stands, once the heading is found.
    places: Option<Vec<Option<u32>>>,
    /// The columns that were missing in the row that had the most.
    missing: Vec<String>,
    heading_row: u32,
    rows: u32,
    row: Vec<(u32, Cell)>,
    number: u32,
}

/// Whether a sheet goes on.
type Sifted = Result<ControlFlow<()>, IntakeFault>;

impl<'a, F: FnMut(RowIn) -> ControlFlow<()>> Sifter<'a, F> {
    fn new(headings: &'a [Heading<'a>], max_rows: u32, on_row: F) -> Self {
        let missing = headings.iter().filter(|h| h.required).map(|h| h.names[0].to_owned()).collect();
        let (heading_row, rows, number) = (0, 0, 0);
        Self { headings, max_rows, on_row, places: None, missing, heading_row, rows, row: Vec::new(), number }
    }

    fn cell(&mut self, (row, column): (u32, u32), cell: Cell) -> Sifted {
        // A row that stands twice would be told apart by nothing.
        if row + 1 < self.number {
            return Err(IntakeFault::FileBroken {});
        }
        if row + 1 != self.number {
            let done = self.end_of_row()?;
            self.number = row + 1;
            if done.is_break() {
                return Ok(done);
            }
        }
        // Once the heading is found, only the columns that are wanted.
        let wanted = self.places.as_ref().is_none_or(|places| places.contains(&Some(column)));
        if wanted && cell != Cell::Empty && self.row.len() < MAX_CELLS {
            self.row.push((column, cell));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end_of_row(&mut self) -> Sifted {
        let row = std::mem::take(&mut self.row);
        let Some(places) = &self.places else {
            return if self.number > HEADING_WITHIN { Ok(ControlFlow::Break(())) } else { self.look_for_heading(&row) };
        };
        let at = |place: &Option<u32>| {
            let cell = place.and_then(|p| row.iter().find(|(column, _)| *column == p));
            cell.map_or(Cell::Empty, |(_, cell)| cell.clone())
        };
        let cells: Vec<Cell> = places.iter().map(at).collect();
        if cells.iter().all(Cell::is_blank) {
            return Ok(ControlFlow::Continue(()));
        }
        self.rows += 1;
        if self.rows > self.max_rows {
            return Err(IntakeFault::FileTooManyRows { max: self.max_rows });
        }
        Ok((self.on_row)(RowIn { number: self.number, cells }))
    }

    fn look_for_heading(&mut self, row: &[(u32, Cell)]) -> Sifted {
        let names: Vec<(u32, String)> = row.iter().map(|(column, cell)| (*column, bare(&cell.shown()))).collect();
        let mut places = Vec::new();
        for heading in self.headings {
            let mut found = names.iter().filter(|(_, name)| heading.names.contains(&name.as_str())).map(|(c, _)| *c);
            let place = found.next();
            if place.is_some() && found.next().is_some() {
                return Err(IntakeFault::HeadingTwice { column: heading.names[0].to_owned() });
            }
            places.push(place);
        }
        let lacking = self.headings.iter().zip(&places).filter(|(h, place)| h.required && place.is_none());
        let lacking: Vec<String> = lacking.map(|(h, _)| h.names[0].to_owned()).collect();
        if lacking.is_empty() {
            self.places = Some(places);
            self.heading_row = self.number;
        } else if lacking.len() < self.missing.len() {
            self.missing = lacking;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What was taken where the heading was found; `going` says that the last row has not been handed on.
    fn end_of_sheet(&mut self, sheet: &str, going: bool) -> Result<Option<Taken>, IntakeFault> {
        if going {
            let _last_row = self.end_of_row()?;
        }
        self.row.clear();
        Ok(self.taken(sheet))
    }

    fn taken(&self, sheet: &str) -> Option<Taken> {
        let places = self.places.as_ref()?;
        let present = places.iter().map(Option::is_some).collect();
        Some(Taken { sheet: sheet.to_owned(), heading_row: self.heading_row, present })
    }
}

fn visible(sheets: &[Sheet]) -> Vec<String> {
    let shown = |s: &&Sheet| s.visible == SheetVisible::Visible && s.typ == SheetType::WorkSheet;
    sheets.iter().filter(shown).map(|s| s.name.clone()).collect()
}

fn read_xlsx(
    file: File,
    headings: &[Heading<'_>],
    max_rows: u32,
    on_row: impl FnMut(RowIn) -> ControlFlow<()>,
) -> Result<Taken, IntakeFault> {
    let broken = |error: XlsxError| match error {
        XlsxError::Password => IntakeFault::FileLocked {},
        _ => IntakeFault::FileBroken {},
    };
    let mut book = Xlsx::new(BufReader::new(file)).map_err(broken)?;
    let mut sifter = Sifter::new(headings, max_rows, on_row);
    for name in visible(book.sheets_metadata()) {
        let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
        sifter.number = 0;
        let mut going = true;
        while going {
            let Some(cell) = cells.next_cell_with_formula_metadata().map_err(broken)? else { break };
            let read = match (cell.value, cell.formula) {
                (DataRef::Empty, Some(_)) => Cell::NoValue,
                (value, _) => cell_of(value),
            };
            going = sifter.cell(cell.pos, read)?.is_continue();
        }
        if let Some(taken) = sifter.end_of_sheet(&name, going)? {
            return Ok(taken);
        }
    }
    Err(IntakeFault::HeadingMissing { columns: sifter.missing })
}

fn cell_of(value: DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(n) => number(&n.to_string()),
        DataRef::Float(n) => number(&n.to_string()),
        DataRef::String(text) => text_cell(&text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(b) => Cell::Text(b.to_string()),
        DataRef::DateTime(at) => day_cell(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text_cell(&text),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}

fn text_cell(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.chars().take(MAX_CELL).collect()) }
}

fn day_cell(at: ExcelDateTime) -> Cell {
    match at.as_datetime() {
        // A time of day alone falls on Excel's first day.
        Some(instant) if instant.date() > NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() => {
            Cell::Day(instant.date())
        }
        _ => number(&at.as_f64().to_string()),
    }
}

/// Excel keeps 15 digits; what is longer has lost the rest.
fn number(written: &str) -> Cell {
    let digits = written.trim_start_matches('-').split('.').next().unwrap_or_default().len();
    if digits > 15 { Cell::LostDigits(written.to_owned()) } else { Cell::Number(written.to_owned()) }
}

#[cfg(test)]
mod tests;
