//! 批量受理: a file of claims is judged row by row by the rules of 添加受理信息, and its good rows are accepted in one
//! transaction or not at all.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use huzhu_domain::{
    benefit::Plan,
    cells::Cell,
    dictionary::{Fault, RowState},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{
    accept::{self, AcceptRow, Accepted, Asked, NewClaim},
    line::{self, COLUMNS, Line},
    store::{self, Covered},
};
use crate::{
    app::App,
    cases::suspect::{self, Looked},
    exchange::{Col, ImportPreview, ImportRow, Upload},
    platform::{
        auth::Me,
        clock,
        error::{FieldProblem, Problem},
        intake,
        messages::Notice,
        secrets,
        xlsx::{self, Column},
    },
};

/// Rows of a file: a unit's claims of a year.
pub(super) const MAX_ROWS: u32 = 2_000;
/// Rows of a judgement that are shown; all faulty ones come back as a file.
const MAX_SHOWN: usize = 200;
/// ID numbers that one statement looks for.
const AT_ONCE: usize = 500;

/// A row of the file, judged.
struct Judged {
    number: u32,
    /// The cells as they look.
    raw: Vec<String>,
    line: Line,
    /// What is wrong, by column: a code with its arguments.
    faults: Vec<(&'static str, Value)>,
    claim: Option<(AcceptRow, Covered)>,
}

fn of_column(fault: &Fault) -> (&'static str, Value) {
    (fault.column, json!({ "code": format!("field_{}", fault.code), "args": { "name": title(fault.column) } }))
}

fn title(column: &str) -> &'static str {
    COLUMNS.iter().find(|c| c.field == column).map_or("", |c| c.names[0])
}

/// A file as it was read, and the turn in which it may be looked at: its rows take memory.
struct Read {
    rows: Vec<Judged>,
    _turn: tokio::sync::OwnedSemaphorePermit,
}

async fn read(app: &App, upload: &Upload) -> Result<Read, Problem> {
    let turn = Arc::clone(&app.calculators).acquire_owned().await.map_err(Problem::internal)?;
    let path = upload.path().to_owned();
    let today = clock::today();
    let reading = tokio::task::spawn_blocking(move || {
        let headings: Vec<intake::Heading> = COLUMNS.iter().map(Col::heading).collect();
        let mut rows = Vec::new();
        intake::read(&path, &headings, MAX_ROWS, |row| {
            let (line, faults) = line::read(&row.cells, today);
            rows.push(Judged {
                number: row.number,
                raw: row.cells.iter().map(Cell::shown).collect(),
                line,
                faults: faults.iter().map(of_column).collect(),
                claim: None,
            });
            std::ops::ControlFlow::Continue(())
        })?;
        Ok::<_, intake::IntakeFault>(rows)
    });
    let rows = reading.await.map_err(Problem::internal)?.map_err(|fault| Problem::refused(&[fault]))?;
    if rows.is_empty() { Err(Problem::refused(&["file_without_rows"])) } else { Ok(Read { rows, _turn: turn }) }
}

/// The coverages of the people that rows name, by their ID number as it was written.
async fn coverages(
    db: &impl ConnectionTrait,
    me: &Me,
    rows: &[Judged],
) -> Result<HashMap<String, Vec<Covered>>, Problem> {
    let named: HashSet<&str> = rows.iter().map(|r| r.line.id_number.as_str()).filter(|n| !n.is_empty()).collect();
    let mut out: HashMap<String, Vec<Covered>> = HashMap::new();
    for part in named.iter().copied().collect::<Vec<_>>().chunks(AT_ONCE) {
        for cover in store::by_numbers(db, me, part).await? {
            out.entry(cover.id_number.as_str().to_owned()).or_default().push(cover);
        }
    }
    // A number that isn't anybody's any more may be that of a record that was merged into another: few are.
    let rest: Vec<&str> = named.iter().copied().filter(|n| !out.contains_key(*n)).collect();
    let mut merged = HashSet::new();
    for part in rest.chunks(AT_ONCE) {
        merged.extend(store::merged_numbers(db, part).await?);
    }
    for row in rows {
        if merged.remove(&row.line.id_number) {
            let found = store::by_id_number(db, me, row.line.id_kind, &row.line.id_number).await?;
            out.insert(row.line.id_number.clone(), found);
        }
    }
    Ok(out)
}

async fn judge(db: &impl ConnectionTrait, app: &App, me: &Me, rows: &mut [Judged]) -> Result<(), Problem> {
    let covered = coverages(db, me, rows).await?;
    let all = || covered.values().flatten();
    let before = store::Before::load(db, all().map(|c| c.id).collect()).await?;
    let plans = app.plans.get_all(db, all().map(|c| c.plan_version_id)).await?;
    let (mut seen, mut papers) = (HashSet::new(), HashSet::new());
    for row in rows.iter_mut() {
        let own = covered.get(&row.line.id_number).map(Vec::as_slice).unwrap_or_default();
        if !row.faults.is_empty() {
            continue;
        }
        match choose(&row.line, own, &before, &plans) {
            Ok((claim, cover)) => {
                if !seen.insert((
                    claim.coverage_id,
                    claim.liability_code.clone(),
                    claim.claim_type,
                    claim.incident_date,
                )) {
                    row.faults.push(of_column(&Fault { column: "id_number", code: "twice_in_file" }));
                }
                let paper = row.line.invoice_no();
                if !paper.is_empty() && !papers.insert(paper.to_owned()) {
                    row.faults.push(of_column(&Fault { column: "invoice_no", code: "twice_in_file" }));
                }
                row.claim = Some((claim, cover));
            }
            Err(found) => row.faults.extend(found),
        }
    }
    hold_up(db, me, rows).await
}

/// Holds up what looks like a claim that was made before and has no word of explanation.
async fn hold_up(db: &impl ConnectionTrait, me: &Me, rows: &mut [Judged]) -> Result<(), Problem> {
    let good = |r: &Judged| r.faults.is_empty() && r.claim.is_some();
    let looked: Vec<Looked> =
        rows.iter().filter(|r| good(r)).filter_map(|r| Some(looked(&r.line, &r.claim.as_ref()?.1))).collect();
    let mut found = suspect::of(db, me, &looked).await?.into_iter();
    for row in rows.iter_mut().filter(|r| r.faults.is_empty() && r.claim.is_some()) {
        let suspicions = found.next().unwrap_or_default();
        if row.line.duplicate_reason.is_empty() {
            row.faults.extend(suspicions.iter().map(|s| ("duplicate_reason", json!(s))));
        }
    }
    Ok(())
}

fn looked(line: &Line, cover: &Covered) -> Looked {
    Looked {
        id_number: cover.id_number.clone(),
        claim_type: line.claim_type.unwrap_or(huzhu_domain::claim_type::ClaimType::DiseaseInpatient),
        incident_date: line.incident_date.unwrap_or_default(),
        stay: line.stay(),
        invoice_no: line.invoice_no().to_owned(),
    }
}

/// The one claim that a row can mean, or why there is none.
fn choose(
    line: &Line,
    covered: &[Covered],
    before: &store::Before,
    plans: &HashMap<i64, Arc<Plan>>,
) -> Result<(AcceptRow, Covered), Vec<(&'static str, Value)>> {
    let coded = |code: &str| json!({ "code": code, "args": {} });
    let (Some(claim_type), Some(incident_date)) = (line.claim_type, line.incident_date) else { return Err(Vec::new()) };
    let of_kind: Vec<&Covered> = covered.iter().filter(|c| c.id_kind.0 == line.id_kind).collect();
    if of_kind.is_empty() {
        return Err(vec![("id_number", coded("claim_nobody"))]);
    }
    let named: Vec<&Covered> = of_kind.into_iter().filter(|c| c.member_name == line.name).collect();
    if named.is_empty() {
        return Err(vec![("name", coded("claim_name_differs"))]);
    }
    let mut possible = Vec::new();
    let mut reasons = Vec::new();
    for cover in named {
        let Some(plan) = plans.get(&cover.plan_version_id) else { continue };
        for liability in plan.liabilities.iter().filter(|l| l.claim_types.contains(&claim_type)) {
            if !line.plan.is_empty()
                && ![&plan.name, &plan.code, &liability.name, &liability.code].contains(&&line.plan)
            {
                continue;
            }
            let why_not = before.reasons(cover, plan, liability, claim_type, incident_date);
            if why_not.is_empty() {
                possible.push((cover, plan.name.as_str(), liability));
            } else {
                // Of several coverages that don't fit, the one of the day says the most.
                let of_day = (cover.period_from..=cover.period_to).contains(&incident_date);
                reasons.push((!of_day, why_not));
            }
        }
    }
    match possible.as_slice() {
        [(cover, _, liability)] => {
            let row = AcceptRow {
                coverage_id: cover.id,
                liability_code: liability.code.clone(),
                claim_type,
                incident_date,
                duplicate_reason: Some(line.duplicate_reason.clone()).filter(|r| !r.is_empty()),
            };
            Ok((row, (*cover).clone()))
        }
        [] => {
            reasons.sort_by_key(|(other_day, _)| *other_day);
            let Some((_, why_not)) = reasons.into_iter().next() else {
                let column = if line.plan.is_empty() { "claim_type" } else { "plan" };
                return Err(vec![(column, coded("claim_not_covered"))]);
            };
            Err(why_not.iter().map(|r| ("incident_date", json!(r))).collect())
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, plan, l)| format!("{plan}（{}）", l.name)).collect();
            Err(vec![("plan", json!({ "code": "claim_several", "args": { "plans": names } }))])
        }
    }
}

/// What would be done, as a digest: two judgements with the same one do the same.
fn digest(nonce: &str, rows: &[Judged]) -> String {
    let row = |r: &Judged| json!([r.number, r.raw, r.faults, r.claim.as_ref().map(|(claim, _)| claim)]).to_string();
    let text: Vec<String> = rows.iter().map(row).collect();
    format!("{nonce}.{}", secrets::sha256(text.join("\n")))
}

fn problems(me: &Me, row: &Judged) -> Vec<FieldProblem> {
    let told = |(column, coded): &(&'static str, Value)| {
        let Notice { code, message, .. } = Notice::of(coded, me.locale);
        FieldProblem { field: (*column).to_owned(), code, message }
    };
    row.faults.iter().map(told).collect()
}

/// What a file would do; nothing is kept.
///
/// # Errors
/// 422 where the file can't be read; when the database fails.
pub(super) async fn preview(app: &App, me: &Me, upload: Upload) -> Result<ImportPreview, Problem> {
    let Read { mut rows, _turn } = read(app, &upload).await?;
    judge(app.db.read(), app, me, &mut rows).await?;
    // Not to be used twice: the same file may be right again after its cases were deleted.
    let nonce: String = secrets::session_token().chars().take(16).collect();
    let digest = digest(&nonce, &rows);
    let faulty = rows.iter().filter(|r| !r.faults.is_empty()).count();
    let (wrong, good): (Vec<&Judged>, Vec<&Judged>) = rows.iter().partition(|r| !r.faults.is_empty());
    let shown = wrong.into_iter().chain(good).take(MAX_SHOWN);
    let row = |r: &Judged| ImportRow {
        row: r.number,
        state: if r.faults.is_empty() { RowState::New } else { RowState::Faulty },
        values: r.raw.clone(),
        before: Vec::new(),
        faults: problems(me, r),
    };
    Ok(ImportPreview {
        digest,
        columns: COLUMNS.iter().map(|c| c.names[0].to_owned()).collect(),
        new: rows.len() - faulty,
        changed: 0,
        unchanged: 0,
        faulty,
        rows: shown.map(row).collect(),
    })
}

/// Accepts all good rows of a file in one transaction, if it would do what was seen. Sent again, it gets the first answer.
///
/// # Errors
/// 409 where it would do something else by now; as [`preview`].
pub(super) async fn confirm(app: &App, me: &Me, upload: Upload) -> Result<Accepted, Problem> {
    let stale = || Problem::new(axum::http::StatusCode::CONFLICT, "import_stale");
    let seen = upload.digest().to_owned();
    let Some((nonce, _)) = seen.split_once('.').filter(|(nonce, _)| nonce.len() == 16) else { return Err(stale()) };
    if let Some(first) = accept::first_answer(app, me, &seen).await? {
        return Ok(first);
    }
    let Read { mut rows, _turn } = read(app, &upload).await?;
    judge(app.db.read(), app, me, &mut rows).await?;
    if digest(nonce, &rows) != seen {
        // Whoever clicked twice comes here when the first click has just done it.
        return accept::first_answer(app, me, &seen).await?.ok_or_else(stale);
    }
    let good = rows.into_iter().filter(|r| r.faults.is_empty());
    let claim = |r: Judged| {
        let (row, cover) = r.claim?;
        Some(NewClaim { payee: r.line.payee(&cover.member_name), statement: r.line.statement, row })
    };
    let claims: Vec<NewClaim> = good.filter_map(claim).collect();
    if claims.is_empty() {
        return Err(Problem::invalid_field("rows", "required"));
    }
    accept::take(app, me, Asked { key: &seen, request_hash: &seen, logged_as: Some("import_claims") }, &claims).await
}

/// The faulty rows of a file as Excel, with what is wrong.
///
/// # Errors
/// As [`preview`].
pub(super) async fn faulty(app: &App, me: &Me, upload: Upload) -> Result<std::fs::File, Problem> {
    let Read { mut rows, _turn } = read(app, &upload).await?;
    judge(app.db.read(), app, me, &mut rows).await?;
    let mut columns: Vec<Column> = COLUMNS.iter().map(Col::column).collect();
    columns.extend([Column { title: "原行号", width: 10 }, Column { title: "问题", width: 60 }]);
    let mut sheet = xlsx::Sheet::new("批量受理", &columns)?;
    for row in rows.iter().filter(|r| !r.faults.is_empty()) {
        let wrong = |field: &str| row.faults.iter().any(|(column, _)| *column == field);
        let cell = |(column, text): (&Col, &String)| match wrong(column.field) {
            true => xlsx::Cell::Wrong(text.clone()),
            false => xlsx::Cell::Text(text.clone()),
        };
        let mut cells: Vec<xlsx::Cell> = COLUMNS.iter().zip(&row.raw).map(cell).collect();
        let told: Vec<String> = problems(me, row).into_iter().map(|p| p.message).collect();
        cells.extend([xlsx::Cell::Count(row.number.into()), xlsx::Cell::Text(told.join("；"))]);
        sheet.push(&cells)?;
    }
    sheet.into_file(&app.config.data_dir.join("uploads"))
}
