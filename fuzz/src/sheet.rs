//! A list that an office sends: .xlsx, .xls or .csv.
use std::{
    io::{Cursor, Write},
    ops::ControlFlow,
};

use huzhu_domain::{
    cells::Cell,
    enrolment::{self, COLUMNS},
    id_number::MAX_ID_NUMBER,
};
use huzhu_intake::sheet::{Heading, IntakeFault, RowIn, Taken, read_table};
use zip::write::SimpleFileOptions;

/// The most rows that are read.
const MAX_ROWS: u32 = 60;
/// Rows of a sheet in Excel.
const EXCEL_ROWS: u32 = 1_048_576;
/// The longest text of a cell, in characters.
const MAX_CELL: usize = 500;

/// # Panics
/// Where something doesn't hold.
pub fn holds(bytes: &[u8]) {
    // Looked at afterwards: what panics while a file is read is taken for the file's fault.
    let mut rows = Vec::new();
    let taken = read(bytes, &mut rows);
    assert!(rows.len() <= MAX_ROWS as usize);
    assert!(rows.is_sorted_by(|a, b| a.number < b.number), "rows out of order");
    rows.iter().for_each(row_holds);
    match taken {
        Ok(taken) => {
            assert!((1..EXCEL_ROWS).contains(&taken.heading_row));
            assert_eq!(taken.present.len(), COLUMNS.len());
            assert!(COLUMNS.iter().zip(&taken.present).all(|(c, there)| *there || !c.required));
        }
        Err(fault) => {
            assert!(fault != IntakeFault::FileTooManyRows { max: MAX_ROWS } || rows.len() == MAX_ROWS as usize);
            assert!(serde_json::to_value(&fault).is_ok_and(|v| v["code"].is_string()), "{fault:?}");
        }
    }
}

/// Reads a file; or, from `XLSX` and a line break before the parts of one (the sheet, the texts, the formats, the book, by NUL), or
/// `XLS` and a line break before the records of one, that: so that a change reaches the reader, not a checksum.
///
/// # Errors
/// Why it can't be read.
///
/// # Panics
/// Where there is no disk.
pub fn read(bytes: &[u8], rows: &mut Vec<RowIn>) -> Result<Taken, IntakeFault> {
    let file = if let Some(parts) = bytes.strip_prefix(b"XLSX\n") {
        xlsx(parts)
    } else if let Some(records) = bytes.strip_prefix(b"XLS\n") {
        xls(records)
    } else {
        bytes.to_vec()
    };
    let headings: Vec<Heading<'_>> =
        COLUMNS.iter().map(|c| Heading { field: c.field.into(), names: c.names, required: c.required }).collect();
    let on_disk = tempfile::NamedTempFile::new().and_then(|mut f| f.write_all(&file).map(|()| f)).expect("a disk");
    read_table(on_disk.path(), &headings, MAX_ROWS, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
}

fn row_holds(row: &RowIn) {
    assert!(row.number <= EXCEL_ROWS, "row {}", row.number);
    assert_eq!(row.cells.len(), COLUMNS.len());
    assert!(row.cells.iter().any(|c| !c.is_blank()));
    for cell in &row.cells {
        assert!(cell.shown().chars().count() <= MAX_CELL);
        assert!(cell.text(20).is_ok_and(|t| t.chars().count() <= 20) || cell.text(20).is_err());
        let (_amount, _whole) = (cell.amount(), cell.whole(1, 10));
        assert!(!matches!(cell, Cell::Text(text) if text.is_empty()), "an empty cell is empty");
    }
    let mut problems = Vec::new();
    let person = enrolment::read(&row.cells, &mut problems);
    assert!(person.id_number.chars().count() <= MAX_ID_NUMBER);
    assert!(!person.name.is_empty() && !person.id_number.is_empty() || !problems.is_empty());
}

fn xlsx(parts: &[u8]) -> Vec<u8> {
    const ROOT: &[u8] = br#"<Relationships><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &[u8] = br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>"#;
    const RELATIONS: &[u8] = br#"<Relationships><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
    let mut given = parts.split(|b| *b == 0);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, usual) in [
        ("xl/worksheets/sheet1.xml", &b""[..]),
        ("xl/sharedStrings.xml", b""),
        ("xl/styles.xml", b""),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("_rels/.rels", ROOT),
    ] {
        let part = given.next().unwrap_or(usual);
        if !part.is_empty() {
            zip.start_file(name, stored).and_then(|()| Ok(zip.write_all(part)?)).expect("memory");
        }
    }
    zip.finish().expect("memory").into_inner()
}

fn xls(records: &[u8]) -> Vec<u8> {
    /// Shorter streams lie elsewhere in the container; Excel's are never short.
    const SHORT: usize = 4096;
    let mut book = records.to_vec();
    book.resize(book.len().max(SHORT), 0);
    let mut container =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).expect("memory");
    container.create_stream("/Workbook").and_then(|mut stream| stream.write_all(&book)).expect("memory");
    container.into_inner().into_inner()
}
