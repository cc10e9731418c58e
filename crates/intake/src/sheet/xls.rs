//! The old .xls: the parser reads it whole, each sheet as a full rectangle, so how large that is gets counted before.
use std::{
    collections::HashSet,
    fs::File,
    io::{Cursor, Read, Seek, Write},
    ops::ControlFlow,
};

use calamine::{Data, Reader, Xls, XlsError};
use huzhu_domain::cells::Cell;

use super::{Heading, IntakeFault, RowIn, Sifter, Taken, day_cell, number, text_cell, visible};

/// The largest file, in bytes.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Columns of a sheet in this format.
const MAX_COLUMNS: u16 = 256;
/// Fields of all sheets together, blank ones included: each takes memory.
const MAX_FIELDS: u64 = 4_000_000;

/// As [`super::read`] for this format.
pub(super) fn read(
    mut file: File,
    size: u64,
    headings: &[Heading<'_>],
    max_rows: u32,
    on_row: impl FnMut(RowIn) -> ControlFlow<()>,
) -> Result<Taken, IntakeFault> {
    if size > MAX_BYTES {
        return Err(IntakeFault::FileTooLarge { max: MAX_BYTES / 1024 / 1024 });
    }
    if is_locked_package(&mut file) {
        return Err(IntakeFault::FileLocked {});
    }
    let (name, records) = workbook(&file)?;
    weigh(&records)?;
    let mut book: Xls<_> = Xls::new(alone(name, &records)?).map_err(|error| match error {
        XlsError::Password => IntakeFault::FileLocked {},
        _ => IntakeFault::FileBroken {},
    })?;
    let mut sifter = Sifter::new(headings, max_rows, on_row);
    for name in visible(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(|_| IntakeFault::FileBroken {})?;
        let (top, left) = range.start().unwrap_or_default();
        sifter.number = 0;
        let mut going = true;
        for (row, column, value) in range.cells() {
            let at = (top + u32::try_from(row).unwrap_or(0), left + u32::try_from(column).unwrap_or(0));
            going = sifter.cell(at, cell_of(value))?.is_continue();
            if !going {
                break;
            }
        }
        if let Some(taken) = sifter.end_of_sheet(&name, going)? {
            return Ok(taken);
        }
    }
    Err(IntakeFault::HeadingMissing { columns: sifter.missing })
}

/// An .xlsx with a password is an old container around `EncryptedPackage`.
fn is_locked_package(file: &mut File) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bytes = Vec::new();
    let read = file.read_to_end(&mut bytes).is_ok() && file.rewind().is_ok();
    read && bytes.windows(name.len()).any(|w| w == name)
}

/// The name and the content of the stream with the sheets.
fn workbook(file: &File) -> Result<(&'static str, Vec<u8>), IntakeFault> {
    let broken = |_| IntakeFault::FileBroken {};
    let mut container = cfb::CompoundFile::open(file).map_err(broken)?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| container.is_stream(name));
    let name = name.ok_or(IntakeFault::FileNotExcel {})?;
    let mut records = Vec::new();
    let stream = container.open_stream(name).map_err(broken)?;
    stream.take(MAX_BYTES).read_to_end(&mut records).map_err(broken)?;
    Ok((name, records))
}

/// A container with nothing but that stream: what is parsed is what was weighed, whatever else the file calls by this name.
fn alone(name: &str, records: &[u8]) -> Result<Cursor<Vec<u8>>, IntakeFault> {
    let broken = |_| IntakeFault::FileBroken {};
    let mut container =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).map_err(broken)?;
    container.create_stream(name).and_then(|mut stream| stream.write_all(records)).map_err(broken)?;
    let mut whole = container.into_inner();
    whole.set_position(0);
    Ok(whole)
}

/// The rectangle that the cells of a sheet span.
#[derive(Default)]
struct Span {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Span {
    fn take(&mut self, row: u16, first: u16, last: u16) {
        let (low, high) = self.rows.unwrap_or((row, row));
        self.rows = Some((low.min(row), high.max(row)));
        let (low, high) = self.columns.unwrap_or((first, last));
        self.columns = Some((low.min(first), high.max(last)));
    }

    fn fields(&self) -> u64 {
        let width = |side: Option<(u16, u16)>| side.map_or(0, |(low, high)| u64::from(high - low) + 1);
        width(self.rows) * width(self.columns)
    }
}

/// Counts the fields of all sheets by the records of their cells (MS-XLS 2.3.1), reading nothing else. Sheets must begin where
/// a sheet begins: from a place between records the parser would read other records than these.
fn weigh(mut rest: &[u8]) -> Result<(), IntakeFault> {
    let whole = rest.len();
    let (mut span, mut fields, mut depth) = (Span::default(), 0, 0_u32);
    let (mut sheets, mut begins, mut formula) = (HashSet::new(), HashSet::new(), (0, 0));
    while let Some((&[a, b, c, d], after)) = rest.split_first_chunk() {
        let [kind, length] = [[a, b], [c, d]].map(u16::from_le_bytes);
        let Some((content, after)) = after.split_at_checked(usize::from(length)) else { break };
        let at = whole - rest.len();
        rest = after;
        match kind {
            // A chart inside a sheet doesn't end the sheet.
            BEGIN => {
                if depth == 0 {
                    begins.insert(at);
                    formula = (0, 0);
                }
                depth += 1;
            }
            END => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    fields += std::mem::take(&mut span).fields();
                }
            }
            // Two sheets at one place would be parsed twice.
            SHEET => {
                let place = content.first_chunk().ok_or(IntakeFault::FileBroken {})?;
                if !sheets.insert(u32::from_le_bytes(*place) as usize) {
                    return Err(IntakeFault::FileBroken {});
                }
            }
            DIMENSIONS => fields = fields.saturating_add(claimed(content)),
            // The text of the formula before it; of the first field where there is none.
            TEXT => span.take(formula.0, formula.1, formula.1),
            kind if CELLS.contains(&kind) || SPANS.contains(&kind) => {
                let [a, b, c, d, .., y, z] = content[..] else { return Err(IntakeFault::FileBroken {}) };
                let [row, first, end] = [[a, b], [c, d], [y, z]].map(u16::from_le_bytes);
                let last = if SPANS.contains(&kind) { end } else { first };
                if first.max(last) >= MAX_COLUMNS {
                    return Err(IntakeFault::FileBroken {});
                }
                span.take(row, first.min(last), first.max(last));
                if kind == FORMULA {
                    formula = (row, first);
                }
            }
            _ => {}
        }
        if fields.saturating_add(span.fields()) > MAX_FIELDS {
            return Err(IntakeFault::FileUnpacksTooLarge {});
        }
    }
    if sheets.is_subset(&begins) { Ok(()) } else { Err(IntakeFault::FileBroken {}) }
}

/// The fields that a sheet says of itself it has: the parser makes room for them.
fn claimed(content: &[u8]) -> u64 {
    let at = |i: usize, width: usize| {
        let bytes = content.get(i..i + width).unwrap_or_default();
        bytes.iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b))
    };
    let (first_row, last_row, first, last) = match content.len() {
        10 => (at(0, 2), at(2, 2), at(4, 2), at(6, 2)),
        _ => (at(0, 4), at(4, 4), at(8, 2), at(10, 2)),
    };
    // As the parser reads it: an impossible first column is none.
    let first = if first > 0xff || last < first { 0 } else { first };
    last_row.saturating_sub(first_row).max(1).saturating_mul(last.saturating_sub(first).max(1))
}

/// The beginning of a sheet, or of a chart inside it.
const BEGIN: u16 = 0x0809;
/// The end of either.
const END: u16 = 0x000a;
/// Where a sheet lies.
const SHEET: u16 = 0x0085;
/// How large a sheet is, as it says itself.
const DIMENSIONS: u16 = 0x0200;
/// A cell with a formula.
const FORMULA: u16 = 0x0006;
/// What the formula before it comes to, where that is a text.
const TEXT: u16 = 0x0207;
/// A cell each: FORMULA, BLANK, NUMBER, LABEL, BOOLERR, RSTRING, LABELSST, RK.
const CELLS: [u16; 8] = [FORMULA, 0x0201, 0x0203, 0x0204, 0x0205, 0x00d6, 0x00fd, 0x027e];
/// Cells side by side, with the last column at their end: MULRK, MULBLANK.
const SPANS: [u16; 2] = [0x00bd, 0x00be];

fn cell_of(value: &Data) -> Cell {
    match value {
        Data::Int(n) => number(&n.to_string()),
        Data::Float(n) => number(&n.to_string()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text),
        Data::Bool(b) => Cell::Text(b.to_string()),
        Data::DateTime(at) => day_cell(*at),
        Data::Error(error) => Cell::Error(error.to_string()),
        _ => Cell::Empty,
    }
}
