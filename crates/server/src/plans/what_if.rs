//! 测算: closed cases of a period replayed under another text. It reads and computes; it writes nothing.
use std::collections::HashMap;

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    benefit::{self, Claim, Plan, UsageBook},
    case::{Injury, Outcome},
    claim_type::ClaimType,
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{Statement, StatementDraft},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{check::FaultView, versions};
use crate::{
    app::App,
    audit::{self, Entry},
    cases::{ledger, store},
    entity::{case, coverage, plan_version},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        messages,
        xlsx::{self, Cell, Column, Sheet},
    },
};

/// Closed cases that one replay takes.
const MAX_CASES: u64 = 50_000;
/// Coverages that are read at a time.
const BATCH: usize = 500;
/// Changed cases that the answer lists; the export has them all.
const MAX_LISTED: usize = 200;
/// Where the bands of the chart end, in fen.
const BANDS: [i64; 6] = [0, 50_000, 100_000, 300_000, 500_000, 1_000_000];

/// What is replayed, and under which text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIfRequest {
    /// 办事处.
    office_id: i64,
    /// The text; its code says which plan's cases are replayed.
    source: String,
    /// First day of 结案.
    from: NaiveDate,
    /// Last day of 结案.
    to: NaiveDate,
}

/// A case that would have been paid otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhatIfRow {
    id: i64,
    no: String,
    claim_type: ClaimType,
    liability_name: String,
    closed_on: NaiveDate,
    /// What was paid, in fen.
    before_fen: Fen,
    /// What would have been.
    after_fen: Fen,
}

/// Cases by what they are paid.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct WhatIfBand {
    /// More than this, in fen.
    from_fen: i64,
    /// At most this; null where there is no end.
    to_fen: Option<i64>,
    before_cases: u32,
    before_fen: i64,
    after_cases: u32,
    after_fen: i64,
}

/// What a replay came to.
#[derive(Serialize, ToSchema)]
pub struct WhatIf {
    /// What is wrong with the text; nothing was replayed then.
    faults: Vec<FaultView>,
    cases: u32,
    changed: u32,
    before_fen: Fen,
    after_fen: Fen,
    bands: Vec<WhatIfBand>,
    /// The cases that change most, at most 200.
    rows: Vec<WhatIfRow>,
}

/// 测算: replays the closed cases of a period under a text.
#[utoipa::path(post, path = "/api/plans/what-if", tag = "plans", request_body = WhatIfRequest,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, body = WhatIf), (status = "4XX", body = ProblemBody)))]
pub(super) async fn what_if(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(asked): Json<WhatIfRequest>,
) -> Result<Json<WhatIf>, Problem> {
    let plan = match Plan::parse(&asked.source) {
        Ok(plan) => plan,
        Err(faults) => {
            return Ok(Json(WhatIf {
                faults: faults.iter().map(|f| FaultView::new(f, me.locale)).collect(),
                cases: 0,
                changed: 0,
                before_fen: Fen::ZERO,
                after_fen: Fen::ZERO,
                bands: Vec::new(),
                rows: Vec::new(),
            }));
        }
    };
    let replayed = replay(&app, &me, &asked, &plan).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let changed = changed(&replayed);
    Ok(Json(WhatIf {
        faults: Vec::new(),
        cases: count(replayed.len()),
        changed: count(changed.len()),
        before_fen: replayed.iter().map(|r| r.before_fen).sum(),
        after_fen: replayed.iter().map(|r| r.after_fen).sum(),
        bands: bands(&replayed),
        rows: changed.into_iter().take(MAX_LISTED).cloned().collect(),
    }))
}

const COLUMNS: [Column; 7] = [
    Column { title: "案件号", width: 24 },
    Column { title: "申领类型", width: 16 },
    Column { title: "互助金类型", width: 20 },
    Column { title: "结案日期", width: 12 },
    Column { title: "原互助金额（元）", width: 18 },
    Column { title: "测算金额（元）", width: 18 },
    Column { title: "差额（元）", width: 16 },
];

/// 导出: every case that changes, as an Excel file.
#[utoipa::path(post, path = "/api/plans/what-if/export", tag = "plans", request_body = WhatIfRequest,
    extensions(("x-right" = json!("manage_plans"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ManagePlans>,
    Json(asked): Json<WhatIfRequest>,
) -> Result<Response, Problem> {
    let plan = Plan::parse(&asked.source).map_err(|_| Problem::invalid_field("source", "faulty"))?;
    let replayed = replay(&app, &me, &asked, &plan).await?;
    let locale = me.locale;
    let rows: Vec<WhatIfRow> = changed(&replayed).into_iter().cloned().collect();
    let dir = app.config.data_dir.join("uploads");
    let file = tokio::task::spawn_blocking(move || {
        let mut sheet = Sheet::new("测算", &COLUMNS)?;
        for row in rows {
            let claim_type: &str = row.claim_type.into();
            let cells = [
                Cell::Text(row.no),
                Cell::Text(messages::word(locale, "claim_type", &json!(claim_type))),
                Cell::Text(row.liability_name),
                Cell::Day(row.closed_on),
                Cell::Money(row.before_fen.0),
                Cell::Money(row.after_fen.0),
                Cell::Money((row.after_fen - row.before_fen).0),
            ];
            sheet.push(&cells)?;
        }
        sheet.into_file(&dir)
    })
    .await
    .map_err(Problem::internal)??;
    audit::note(&app.db, Entry::done(Some(me.id.0), "export_what_if", "")).await?;
    Ok(xlsx::answer(file, "what-if.xlsx"))
}

/// Those that change, most first.
fn changed(replayed: &[WhatIfRow]) -> Vec<&WhatIfRow> {
    let mut changed: Vec<&WhatIfRow> = replayed.iter().filter(|r| r.before_fen != r.after_fen).collect();
    changed.sort_by_key(|r| (std::cmp::Reverse((r.after_fen - r.before_fen).abs()), r.id));
    changed
}

fn bands(replayed: &[WhatIfRow]) -> Vec<WhatIfBand> {
    let ends = BANDS.into_iter().map(Some).chain([None]);
    let mut out: Vec<WhatIfBand> = Vec::new();
    for end in ends {
        let from = out.last().and_then(|b: &WhatIfBand| b.to_fen).unwrap_or(-1);
        out.push(WhatIfBand { from_fen: from.max(0), to_fen: end, ..WhatIfBand::default() });
    }
    let band_of = |fen: Fen| BANDS.iter().position(|end| fen.0 <= *end).unwrap_or(BANDS.len());
    for row in replayed {
        let before = &mut out[band_of(row.before_fen)];
        before.before_cases += 1;
        before.before_fen += row.before_fen.0;
        let after = &mut out[band_of(row.after_fen)];
        after.after_cases += 1;
        after.after_fen += row.after_fen.0;
    }
    out
}

/// A paid case as a replay needs it.
#[derive(Debug, FromQueryResult)]
struct Paid {
    id: i64,
    no: String,
    coverage_id: i64,
    claim_type: Coded<ClaimType>,
    liability_code: String,
    liability_name: String,
    incident_date: NaiveDate,
    incident_class: Option<String>,
    incident_injuries: String,
    benefit_fen: Option<i64>,
    closed_at: Option<DateTime<Utc>>,
    period_from: NaiveDate,
    period_to: NaiveDate,
    shares: i32,
    renewed: bool,
}

/// The paid cases of the plan in the office that were closed before `until`.
fn paid(version_ids: Vec<i64>, until: DateTime<Utc>) -> Select<case::Entity> {
    case::Entity::find()
        .filter(case::Column::PlanVersionId.is_in(version_ids))
        .filter(case::Column::Outcome.eq(Coded(Outcome::Paid)))
        .filter(case::Column::CorrectsId.is_null())
        .filter(case::Column::ClosedAt.lt(until))
}

async fn replay(app: &App, me: &Me, asked: &WhatIfRequest, plan: &Plan) -> Result<Vec<WhatIfRow>, Problem> {
    let db = app.db.read();
    if asked.to < asked.from {
        return Err(Problem::invalid_field("to", "before_start"));
    }
    let own = versions::office_of(db, me).await?;
    if own.is_some_and(|own| own != asked.office_id) {
        return Err(Problem::invalid_field("office_id", "unknown"));
    }
    let versions: Vec<i64> = plan_version::Entity::find()
        .filter(plan_version::Column::OfficeId.eq(asked.office_id))
        .filter(plan_version::Column::Code.eq(&plan.code))
        .select_only()
        .column(plan_version::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let from = clock::start_of(asked.from);
    let until = clock::start_of(asked.to.succ_opt().unwrap_or(asked.to));
    let of_period = paid(versions.clone(), until).filter(case::Column::ClosedAt.gte(from));
    if of_period.clone().count(db).await? > MAX_CASES {
        return Err(Problem::refused(&[json!({ "code": "what_if_too_many", "args": { "max": MAX_CASES } })]));
    }
    let coverages: Vec<i64> = of_period
        .select_only()
        .column(case::Column::CoverageId)
        .distinct()
        .order_by(case::Column::CoverageId, Order::Asc)
        .into_tuple()
        .all(db)
        .await?;
    let mut out = Vec::new();
    for batch in coverages.chunks(BATCH) {
        let found = of_coverages(app, paid(versions.clone(), until), batch.to_vec()).await?;
        let mut statements = store::statements(db, found.iter().map(|p| p.id).collect()).await?;
        let mut books: HashMap<i64, UsageBook> = HashMap::new();
        for case in found {
            let entered = statements.remove(&case.id).unwrap_or_default();
            let book = books.entry(case.coverage_id).or_default();
            let row = recompute(plan, case, &entered, book);
            out.extend(row.filter(|(at, _)| *at >= from).map(|(_, row)| row));
        }
    }
    Ok(out)
}

/// The cases of some coverages in the order in which they used them.
async fn of_coverages(app: &App, select: Select<case::Entity>, coverages: Vec<i64>) -> Result<Vec<Paid>, Problem> {
    use case::Column as C;
    let to_coverage: RelationDef =
        case::Entity::belongs_to(coverage::Entity).from(C::CoverageId).to(coverage::Column::Id).into();
    let mut found = select
        .join(JoinType::InnerJoin, to_coverage)
        .filter(C::CoverageId.is_in(coverages.iter().copied()))
        .select_only()
        .columns([C::Id, C::No, C::CoverageId, C::ClaimType, C::LiabilityCode, C::LiabilityName, C::IncidentDate])
        .columns([C::IncidentClass, C::IncidentInjuries, C::BenefitFen, C::ClosedAt])
        .columns([coverage::Column::PeriodFrom, coverage::Column::PeriodTo])
        .columns([coverage::Column::Shares, coverage::Column::Renewed])
        .into_model::<Paid>()
        .all(app.db.read())
        .await?;
    let reserved = ledger::last_reserves(app.db.read(), coverages).await?;
    found.sort_by_key(|p| (p.coverage_id, reserved.get(&p.id).copied(), p.id));
    Ok(found)
}

/// What a case would have been paid; it uses the book as it would have.
fn recompute(
    plan: &Plan,
    case: Paid,
    entered: &[StatementDraft],
    book: &mut UsageBook,
) -> Option<(DateTime<Utc>, WhatIfRow)> {
    let complete = entered.iter().enumerate().filter_map(|(i, s)| s.parse(i, NaiveDate::MAX).ok());
    let statements: Vec<Statement> = complete.collect();
    let injuries: Vec<Injury> = serde_json::from_str(&case.incident_injuries).unwrap_or_default();
    let grades: Vec<u32> = injuries.iter().map(|i| i.grade).collect();
    let after_fen = plan.liability(&case.liability_code).map_or(Fen::ZERO, |liability| {
        let claim = Claim {
            claim_type: case.claim_type.0,
            incident_date: case.incident_date,
            coverage: Coverage {
                period: Period { from: case.period_from, to: case.period_to },
                shares: u32::try_from(case.shares).unwrap_or(1),
                renewed: case.renewed,
            },
            statements: &statements,
            class_code: case.incident_class.as_deref(),
            grades: &grades,
            usage: book,
        };
        let calculation = benefit::calculate(plan, liability, &claim);
        if calculation.amount > Fen::ZERO {
            book.reserve(&case.liability_code, calculation.usage);
        }
        calculation.amount
    });
    let closed_at = case.closed_at?;
    let row = WhatIfRow {
        id: case.id,
        no: case.no,
        claim_type: case.claim_type.0,
        liability_name: case.liability_name,
        closed_on: clock::day_of(closed_at),
        before_fen: Fen(case.benefit_fen?),
        after_fen,
    };
    Some((closed_at, row))
}
