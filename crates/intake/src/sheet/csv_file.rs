//! .csv: UTF-8 or GBK, comma, semicolon or tab.
use std::{fs, ops::ControlFlow, path::Path};

use super::{Heading, IntakeFault, RowIn, Sifter, Taken, text_cell};

/// The largest .csv, in bytes: it is decoded in memory.
const MAX_CSV: u64 = 20 * 1024 * 1024;
/// Bytes in which the separator is looked for.
const BEGINNING: usize = 4 * 1024;

/// Reads the rows below the heading; every cell is text.
pub(super) fn read(
    path: &Path,
    headings: &[Heading<'_>],
    max_rows: u32,
    on_row: impl FnMut(RowIn) -> ControlFlow<()>,
) -> Result<Taken, IntakeFault> {
    let broken = |_| IntakeFault::FileBroken {};
    if fs::metadata(path).map_err(broken)?.len() > MAX_CSV {
        return Err(IntakeFault::FileTooLarge { max: MAX_CSV / 1024 / 1024 });
    }
    let bytes = fs::read(path).map_err(broken)?;
    let text = decoded(&bytes).ok_or(IntakeFault::FileNotTable {})?;
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut sifter = Sifter::new(headings, max_rows, on_row);
    let mut going = true;
    for (number, row) in (0_u32..).zip(rows.records()) {
        let row = row.map_err(|_| IntakeFault::FileBroken {})?;
        for (column, cell) in (0_u32..).zip(&row) {
            // A tab or an apostrophe keeps Excel from taking digits for a quantity.
            let cell = text_cell(cell.trim().trim_start_matches('\''));
            going = sifter.cell((number, column), cell)?.is_continue();
            if !going {
                break;
            }
        }
        if !going {
            break;
        }
    }
    match sifter.end_of_sheet("", going)? {
        Some(taken) => Ok(taken),
        None => Err(IntakeFault::HeadingMissing { columns: sifter.missing }),
    }
}

/// The text of a file; None where it is none.
fn decoded(bytes: &[u8]) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let (text, _, lost) = encoding_rs::GB18030.decode(bytes);
    (!lost).then(|| text.into_owned())
}

/// Whatever of the usual signs stands most often at the beginning.
fn separator(text: &str) -> u8 {
    let beginning = &text.as_bytes()[..text.len().min(BEGINNING)];
    let count = |sign: &u8| beginning.iter().filter(|b| *b == sign).count();
    // Of equals the last wins, and a comma is the likeliest.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}
