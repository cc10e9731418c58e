use std::io::Write;

use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use super::*;

const HEADINGS: [Heading<'static>; 3] = [
    Heading { field: "name", names: &["姓名", "职工姓名"], required: true },
    Heading { field: "id_number", names: &["证件号码", "身份证号码"], required: true },
    Heading { field: "birth", names: &["出生日期"], required: false },
];

fn look(bytes: &[u8]) -> Result<(Taken, Vec<RowIn>), IntakeFault> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut rows = Vec::new();
    let taken = read(file.path(), &HEADINGS, 5, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((taken, rows))
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[test]
fn the_heading_may_stand_below_merged_titles_and_in_any_order() {
    let mut book = Workbook::new();
    let hidden = book.add_worksheet();
    hidden.set_hidden(true).write(0, 0, "姓名").unwrap().write(0, 1, "证件号码").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_active(true).merge_range(0, 0, 0, 59, "二〇二七年度参保职工名册", &Format::new()).unwrap();
    sheet.merge_range(1, 0, 1, 1, "个人信息", &Format::new()).unwrap();
    sheet.write(2, 57, "*身份证号码（18位）").unwrap().write(2, 3, " 姓 名").unwrap();
    sheet.write(3, 57, "230102198503120016").unwrap().write(3, 3, "王“强”😀").unwrap();
    sheet.write(5, 3, "李四").unwrap().write(5, 0, "备注").unwrap();
    sheet.write(7, 0, "只有备注的行不算").unwrap();
    let (taken, rows) = look(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!((taken.heading_row, taken.present), (3, vec![true, true, false]));
    let first = RowIn { number: 4, cells: vec![text("王“强”😀"), text("230102198503120016"), Cell::Empty] };
    let second = RowIn { number: 6, cells: vec![text("李四"), Cell::Empty, Cell::Empty] };
    assert_eq!(rows, [first, second]);
}

#[test]
fn numbers_days_and_formulas_are_told_apart() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (column, title) in (0_u16..).zip(["姓名", "证件号码", "出生日期"]) {
        sheet.write(0, column, title).unwrap();
    }
    sheet.write(1, 0, "甲").unwrap().write(1, 1, 1.426_251_966_071_962e17).unwrap();
    sheet.write_with_format(1, 2, 31_242, &day).unwrap();
    sheet.write(2, 0, Formula::new("A2&\"乙\"").set_result("甲乙")).unwrap();
    sheet.write(2, 1, 13_900_000_000_u64).unwrap();
    let rows = look(&book.save_to_buffer().unwrap()).unwrap().1;
    assert_eq!(rows[0].cells[1], Cell::LostDigits("142625196607196200".into()));
    assert_eq!(rows[0].cells[2], Cell::Day(NaiveDate::from_ymd_opt(1985, 7, 14).unwrap()));
    assert_eq!(rows[1].cells[0], text("甲乙"), "the value that Excel left");
    assert_eq!(rows[1].cells[1], Cell::Number("13900000000".into()));
}

#[test]
fn what_is_no_list_is_refused_with_its_reason() {
    assert_eq!(look(b"").unwrap_err(), IntakeFault::FileEmpty {});
    assert_eq!(look("姓名,证件号码\n".as_bytes()).unwrap_err(), IntakeFault::FileNotExcel {});
    assert_eq!(look(b"PK\x03\x04 cut off").unwrap_err(), IntakeFault::FileBroken {});
    let mut old = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    old.extend([0; 600]);
    assert_eq!(look(&old).unwrap_err(), IntakeFault::FileBroken {});
    old.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(look(&old).unwrap_err(), IntakeFault::FileLocked {});

    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "姓名").unwrap().write(0, 1, "电话").unwrap();
    let lacking = book.save_to_buffer().unwrap();
    assert_eq!(look(&lacking).unwrap_err(), IntakeFault::HeadingMissing { columns: vec!["证件号码".into()] });
    assert_eq!(look(&lacking[..lacking.len() / 2]).unwrap_err(), IntakeFault::FileBroken {});

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0_u16..).zip(["姓名", "证件号码", "身份证号码"]) {
        sheet.write(0, column, title).unwrap();
    }
    let twice = look(&book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(twice, IntakeFault::HeadingTwice { column: "证件号码".into() });
}

#[test]
fn rows_beyond_the_limit_are_refused() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "姓名").unwrap().write(0, 1, "证件号码").unwrap();
    for row in 1..=6 {
        sheet.write(row, 0, "甲").unwrap();
    }
    assert_eq!(look(&book.save_to_buffer().unwrap()).unwrap_err(), IntakeFault::FileTooManyRows { max: 5 });
}

#[test]
fn rows_out_of_their_order_are_no_list() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..3 {
        sheet.write(row, 0, ["姓名", "甲", "乙"][row as usize]).unwrap().write(row, 1, "证件号码").unwrap();
    }
    let unpacked = with_part(&book.save_to_buffer().unwrap(), "xl/worksheets/sheet1.xml", |xml| {
        xml.replace("\"A3\"", "\"A1\"").replace("\"B3\"", "\"B1\"").replace("<row r=\"3\"", "<row r=\"1\"")
    });
    assert_eq!(look(&unpacked).unwrap_err(), IntakeFault::FileBroken {});
}

/// The file with one of its parts changed.
fn with_part(file: &[u8], name: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..parts.len() {
        let mut part = parts.by_index(i).unwrap();
        let part_name = part.name().unwrap().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).unwrap();
        let text = if part_name == name { change(text) } else { text };
        out.start_file(part_name, SimpleFileOptions::default()).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn a_file_that_unpacks_to_gigabytes_is_refused_before_it_is_parsed() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for part in ["xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        zip.start_file(part, SimpleFileOptions::default()).unwrap();
        let zeros = vec![b' '; 1024 * 1024];
        for _ in 0..160 {
            zip.write_all(&zeros).unwrap();
        }
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 2 * 1024 * 1024, "{}", bomb.len());
    assert_eq!(look(&bomb).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});
}

/// A record of the old format: its code, its length, its content.
fn record(code: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    [code.to_le_bytes().as_slice(), length.to_le_bytes().as_slice(), content].concat()
}

/// An .xls with one sheet of these texts by row and column.
fn xls_at(cells: &[(u16, u16, &str)]) -> Vec<u8> {
    xls_file(cells, None)
}

/// An .xls with one sheet of these texts, two a row; `sheet_at` is where the sheet is said to begin.
fn xls(rows: &[[&str; 2]], sheet_at: Option<u32>) -> Vec<u8> {
    let cells = (0_u16..).zip(rows).flat_map(|(row, [a, b])| [(row, 0, *a), (row, 1, *b)]);
    xls_file(&cells.collect::<Vec<_>>(), sheet_at)
}

fn xls_file(cells: &[(u16, u16, &str)], sheet_at: Option<u32>) -> Vec<u8> {
    xls_with(&xls_cells(cells), sheet_at, 1)
}

/// The beginning of a part: 5 of the book, 16 of a sheet, 32 of a chart.
fn begin(kind: u16) -> Vec<u8> {
    record(0x0809, &[0x0600_u16, kind, 0, 0, 0, 0, 0, 0].map(u16::to_le_bytes).concat())
}

fn xls_cells(cells: &[(u16, u16, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (row, column, text) in cells {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(text.encode_utf16().count()).unwrap();
        let at = [*row, *column, 0, length].map(u16::to_le_bytes).concat();
        out.extend(record(0x0204, &[at.as_slice(), &[1], &wide].concat()));
    }
    out
}

/// An .xls with these records in its sheet, which is named so many times.
fn xls_with(records: &[u8], sheet_at: Option<u32>, named: usize) -> Vec<u8> {
    let sheet = |at: u32| record(0x0085, &[at.to_le_bytes().as_slice(), &[0, 0, 2, 0], b"S1"].concat());
    let head_length = begin(5).len() + named * sheet(0).len() + record(0x000a, &[]).len();
    let at = sheet_at.unwrap_or(u32::try_from(head_length).unwrap());
    let mut book = [begin(5), sheet(at).repeat(named), record(0x000a, &[]), begin(16)].concat();
    book.extend(records);
    book.extend(record(0x000a, &[]));
    // Small streams live elsewhere in the container; Excel's are never small.
    book.resize(book.len().max(4_096), 0);
    let mut container =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, std::io::Cursor::new(Vec::new())).unwrap();
    container.create_stream("/Workbook").unwrap().write_all(&book).unwrap();
    container.into_inner().into_inner()
}

#[test]
fn the_old_format_is_read_like_the_new_one() {
    let (taken, rows) = look(&xls(&[["姓名", "身份证号码"], ["王强", "230102198503120016"]], None)).unwrap();
    assert_eq!((taken.sheet.as_str(), taken.heading_row), ("S1", 1));
    assert_eq!(rows, [RowIn { number: 2, cells: vec![text("王强"), text("230102198503120016"), Cell::Empty] }]);
}

#[test]
fn a_far_corner_of_the_old_format_is_refused_before_it_takes_the_memory_of_all_between() {
    assert_eq!(look(&xls_at(&[(0, 0, "姓名"), (65_535, 255, "无")])).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});
    let impossible = look(&xls_at(&[(0, 0, "姓名"), (1, 256, "无")])).unwrap_err();
    assert_eq!(impossible, IntakeFault::FileBroken {}, "that format has 256 columns");
    let wide = [(0, 0, "姓名"), (0, 59, "证件号码"), (9_999, 0, "王强"), (9_999, 59, "E1")];
    let (_, rows) = look(&xls_at(&wide)).unwrap();
    assert_eq!(rows, [RowIn { number: 10_000, cells: vec![text("王强"), text("E1"), Cell::Empty] }]);
}

#[test]
fn a_row_of_a_million_cells_is_only_as_long_as_what_is_wanted() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "姓名").unwrap().write(0, 16_383, "证件号码").unwrap();
    for column in 1..16_383 {
        sheet.write(0, column, "备注").unwrap().write(1, column, "无").unwrap();
    }
    sheet.write(1, 0, "甲").unwrap().write(1, 16_383, "E1").unwrap();
    let far = look(&book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(far, IntakeFault::HeadingMissing { columns: vec!["证件号码".into()] }, "a list isn't that wide");
}

#[test]
fn a_malformed_file_that_makes_the_parser_panic_is_only_broken() {
    let lying = xls(&[["姓名", "身份证号码"]], Some(4_000_000));
    assert_eq!(look(&lying).unwrap_err(), IntakeFault::FileBroken {});
}

#[test]
fn what_a_file_claims_about_its_size_is_not_believed() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<workbook/>").unwrap();
    zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(br#"<sst count="1" uniqueCount = "10000000000"><si><t>x</t></si></sst>"#).unwrap();
    let many_texts = zip.finish().unwrap().into_inner();
    assert_eq!(look(&many_texts).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});

    let rows = [0_u32, 4_000_000_000].map(u32::to_le_bytes).concat();
    let columns = [0_u16, 200, 0].map(u16::to_le_bytes).concat();
    let huge = xls_with(&record(0x0200, &[rows, columns].concat()), None, 1);
    assert_eq!(look(&huge).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});
}

#[test]
fn a_sheet_that_counts_twice_or_goes_on_behind_a_chart_is_weighed_whole() {
    let list = xls_cells(&[(0, 0, "姓名"), (0, 1, "证件号码")]);
    assert_eq!(look(&xls_with(&list, None, 2)).unwrap_err(), IntakeFault::FileBroken {});
    let chart = [begin(32), record(0x000a, &[])].concat();
    let far = xls_cells(&[(65_535, 255, "无")]);
    let split = xls_with(&[list, chart, far].concat(), None, 1);
    assert_eq!(look(&split).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});
}

#[test]
fn a_sheet_that_is_said_to_begin_inside_a_record_is_refused_before_it_is_parsed() {
    // Read from there, the record's content is a sheet of 16 million fields.
    let far = [begin(16), xls_cells(&[(0, 0, "姓名"), (65_535, 255, "无")]), record(0x000a, &[])].concat();
    let inside = begin(5).len() + record(0x0085, &[0; 10]).len() + record(0x000a, &[]).len() + begin(16).len() + 4;
    let lying = xls_with(&record(0x0999, &far), u32::try_from(inside).ok(), 1);
    assert_eq!(look(&lying).unwrap_err(), IntakeFault::FileBroken {});
}

#[test]
fn the_text_of_a_formula_that_is_not_there_takes_the_first_field() {
    let far = [xls_cells(&[(65_535, 255, "无")]), record(0x0207, &[1, 0, 0, b'x'])].concat();
    assert_eq!(look(&xls_with(&far, None, 1)).unwrap_err(), IntakeFault::FileUnpacksTooLarge {});
}

#[test]
fn of_two_books_in_one_container_the_one_that_was_weighed_is_read() {
    let list = xls(&[["姓名", "证件号码"], ["王强", "E1"]], None);
    let mut container = cfb::CompoundFile::open(std::io::Cursor::new(list)).unwrap();
    container.create_storage("/A").unwrap();
    container.create_stream("/A/Workbook").unwrap().write_all(&[0xff; 5_000]).unwrap();
    let (_, rows) = look(&container.into_inner().into_inner()).unwrap();
    assert_eq!(rows.len(), 1);
}
