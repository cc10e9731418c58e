//! 参保入会 of 100,000 people on SQLite: how many rows a second with all checks, how much memory, against floors of the same
//! run. `make bench`; `HUZHU_BENCH_ROWS=10000 make bench` for a quick look.
#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    clippy::print_stdout,
    reason = "a measurement, not the product"
)]

use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

use huzhu::{
    app::App,
    demo,
    enrolment::cli::{self, Import},
    entity::{coverage, member},
    platform::{
        config::Settings,
        intake::{self, Heading},
        messages::Locale,
        secrets,
    },
};
use huzhu_domain::{
    coverage::CoverageState,
    enrolment::COLUMNS,
    id_number::{self, IdKind},
};
use rust_xlsxwriter::Workbook;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// Rows a second, all checks included.
const TARGET_RATE: f64 = 5_000.0;
/// Peak memory of the process, in MB.
const TARGET_MEMORY: f64 = 300.0;

fn main() {
    let rows: u32 = std::env::var("HUZHU_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roster.xlsx");
    write_roster(&file, rows);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(dir.path(), &file, rows));
}

/// A made-up number with the right check digit; `n` tells people apart.
fn number(n: u32) -> String {
    let day = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(u64::from(n % 9_000));
    id_number::with_check_digit(&format!("{:06}{}{:03}", n / 9_000, day.format("%Y%m%d"), n % 997)).unwrap()
}

fn write_roster(path: &Path, rows: u32) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    for (column, title) in (0_u16..).zip(COLUMNS.iter().map(|c| c.names[0])) {
        sheet.write(0, column, title).unwrap();
    }
    for n in 0..rows {
        // Every fiftieth row is wrong in some way.
        let id = if n % 50 == 49 { format!("{}0", &number(n)[..17]) } else { number(n) };
        let phone = format!("139{n:08}");
        for (column, cell) in [(0_u16, format!("参保职工{n}")), (2, id), (5, phone), (6, "在职".to_owned())] {
            sheet.write(n + 1, column, cell).unwrap();
        }
    }
    book.save(path).unwrap();
}

async fn measure(dir: &Path, file: &Path, rows: u32) {
    let settings = Settings { data_dir: Some(dir.join("data")), ..Settings::default() };
    let app = App::start(settings.resolve(true).unwrap()).await.unwrap();
    let hash = secrets::hash_password("bench".to_owned()).await.unwrap();
    let tx = app.db.begin().await.unwrap();
    demo::lay(&tx, &hash, Some(1)).await.unwrap();
    tx.commit().await.unwrap();

    let reading = read_alone(file);
    let inserting = insert_alone(&app, rows).await;
    let floor = reading + inserting;

    let asked = |dry_run| Import {
        unit: "23010001".to_owned(),
        plan: "harbin-inpatient".to_owned(),
        from: "2026-07-01".parse().unwrap(),
        to: "2026-12-31".parse().unwrap(),
        dry_run,
        fee_pending: false,
    };
    forget_peak();
    let started = Instant::now();
    let judged = cli::import(&app, &asked(true), file, Locale::ZhCn).await.unwrap();
    let checking = started.elapsed();
    let started = Instant::now();
    let imported = cli::import(&app, &asked(false), file, Locale::ZhCn).await.unwrap();
    let whole = started.elapsed();
    let memory = peak_mb();

    assert_eq!(judged.accepted, imported.accepted);
    let active = coverage::Entity::find()
        .filter(coverage::Column::State.eq(huzhu::platform::coded::Coded(CoverageState::Active)))
        .filter(coverage::Column::EnrolmentId.is_not_null())
        .count(app.db.read())
        .await
        .unwrap();
    assert_eq!(i64::try_from(active).unwrap(), imported.accepted, "every accepted row is in force");

    println!(
        "roster of {rows} rows, {} of them wrong, SQLite with synchronous=FULL",
        rows as usize - usize::try_from(active).unwrap()
    );
    println!("{:<44} {:>12} {:>12} {:>7} {:>12}", "what", "value", "floor", "ratio", "target");
    line("read the file alone, s", reading.as_secs_f64(), None, "", true);
    line("insert members and coverages alone, s", inserting.as_secs_f64(), None, "", true);
    line("check every row (dry run), s", checking.as_secs_f64(), Some(reading.as_secs_f64()), "", true);
    line("check, keep verdicts, enrol, s", whole.as_secs_f64(), Some(floor.as_secs_f64()), "", true);
    let rate = f64::from(rows) / whole.as_secs_f64();
    line("rows a second, all of it", rate, None, "≥ 5000", rate >= TARGET_RATE);
    line("peak memory of the process, MB", memory, None, "≤ 300", memory <= TARGET_MEMORY);
}

fn line(what: &str, value: f64, floor: Option<f64>, target: &str, ok: bool) {
    let ratio = floor.map_or(String::new(), |f| format!("{:.1} ×", value / f));
    let floor = floor.map_or(String::new(), |f| format!("{f:.2}"));
    let verdict = if target.is_empty() {
        ""
    } else if ok {
        "ok"
    } else {
        "short"
    };
    println!("{what:<44} {value:>12.2} {floor:>12} {ratio:>7} {target:>8} {verdict}");
}

/// The floor of reading: every cell is looked at, nothing is made of it.
fn read_alone(file: &Path) -> Duration {
    let headings: Vec<Heading> =
        COLUMNS.iter().map(|c| Heading { field: c.field.into(), names: c.names, required: c.required }).collect();
    let started = Instant::now();
    let mut cells = 0;
    intake::read(file, &headings, u32::MAX, |row| {
        cells += row.cells.len();
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(cells > 0);
    started.elapsed()
}

/// The floor of keeping: the same members and coverages, bare, in one transaction that is rolled back.
async fn insert_alone(app: &App, rows: u32) -> Duration {
    let some = coverage::Entity::find().one(app.db.read()).await.unwrap().unwrap();
    let started = Instant::now();
    let tx = app.db.begin().await.unwrap();
    for chunk in (0..rows).collect::<Vec<_>>().chunks(1_000) {
        let people = chunk.iter().map(|n| member::ActiveModel {
            unit_id: Set(some.unit_id),
            name: Set(format!("参保职工{n}")),
            id_kind: Set(huzhu::platform::coded::Coded(IdKind::ResidentId)),
            id_number: Set(number(*n).into()),
            phone: Set(format!("139{n:08}").into()),
            ..Default::default()
        });
        member::Entity::insert_many(people).exec_without_returning(&tx).await.unwrap();
        let covers = chunk.iter().map(|_| coverage::ActiveModel {
            member_id: Set(some.member_id),
            unit_id: Set(some.unit_id),
            plan_version_id: Set(some.plan_version_id),
            period_from: Set(some.period_from),
            period_to: Set(some.period_to),
            shares: Set(1),
            renewed: Set(false),
            ..Default::default()
        });
        coverage::Entity::insert_many(covers).exec_without_returning(&tx).await.unwrap();
    }
    let took = started.elapsed();
    tx.rollback().await.unwrap();
    took
}

/// Peak memory begins anew.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
}
