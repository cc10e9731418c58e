//! 统计概览 and 统计报表.
use axum::{Json, extract::State};
use chrono::NaiveDate;
use huzhu_domain::{case::Stage, claim_type::ClaimType, org::OrgKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    flow,
    key::Dimension,
    report::{self, EVERYTHING, FigureRow, Parts},
};
use crate::{
    app::App,
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
    },
};

/// The longest range of a report, in days: ten years and a bit.
const MAX_DAYS: i64 = 3_700;
/// The longest range of a report by day.
const MAX_DAYS_BY_DAY: i64 = 400;
/// Rows that a report shows; its export has them all.
const MAX_ROWS: usize = 500;

/// What is counted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct FiguresSearch {
    /// First day, of the society.
    pub(super) from: NaiveDate,
    /// Last day.
    pub(super) to: NaiveDate,
    /// 所属机构: an office or agency.
    #[serde(default)]
    pub(super) org_id: Option<i64>,
    /// 参保单位.
    #[serde(default)]
    pub(super) unit_id: Option<i64>,
    /// Code of the 保障活动.
    #[serde(default)]
    pub(super) plan: Option<String>,
    /// 申领类型.
    #[serde(default)]
    pub(super) claim_type: Option<ClaimType>,
}

impl FiguresSearch {
    fn checked(&self, by: Dimension) -> Result<(), Problem> {
        let days = (self.to - self.from).num_days();
        if days < 0 {
            return Err(Problem::invalid_field("to", "before_start"));
        }
        let max = if by == Dimension::Day { MAX_DAYS_BY_DAY } else { MAX_DAYS };
        if days >= max { Err(Problem::invalid_field("to", "range_too_long")) } else { Ok(()) }
    }
}

/// A report that is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ReportSearch {
    /// What is counted.
    #[serde(flatten)]
    pub(super) search: FiguresSearch,
    /// What the rows are.
    pub(super) by: Dimension,
}

/// A report.
#[derive(Serialize, ToSchema)]
pub struct Report {
    /// Periods in order; everything else by how many cases came.
    rows: Vec<FigureRow>,
    /// How many rows there are; more than are shown where there are very many.
    total_rows: usize,
    /// All rows together.
    total: FigureRow,
}

/// All rows of a report, and their total.
pub(super) async fn whole(app: &App, me: &Me, asked: &ReportSearch) -> Result<(Vec<FigureRow>, FigureRow), Problem> {
    asked.search.checked(asked.by)?;
    let rows = report::rows(app, me, &asked.search, Some(asked.by), EVERYTHING).await?;
    Ok((rows, total(app, me, &asked.search).await?))
}

async fn total(app: &App, me: &Me, search: &FiguresSearch) -> Result<FigureRow, Problem> {
    let mut rows = report::rows(app, me, search, None, EVERYTHING).await?;
    rows.pop().ok_or_else(|| Problem::internal("a total is one row"))
}

/// Figures by a dimension.
#[utoipa::path(post, path = "/api/figures/report", tag = "figures", request_body = ReportSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Report), (status = "4XX", body = ProblemBody)))]
pub(super) async fn report(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(asked): Json<ReportSearch>,
) -> Result<Json<Report>, Problem> {
    let (mut rows, total) = whole(&app, &me, &asked).await?;
    let total_rows = rows.len();
    rows.truncate(MAX_ROWS);
    Ok(Json(Report { rows, total_rows, total }))
}

/// A class of age.
#[derive(Serialize, ToSchema)]
pub struct AgeClass {
    /// Days since acceptance, at least.
    from_days: u64,
    /// Days since acceptance, at most; null for the last class.
    to_days: Option<u64>,
    /// First day of acceptance; null for the last class.
    accepted_from: Option<NaiveDate>,
    /// Last day of acceptance.
    accepted_to: NaiveDate,
}

/// The open cases of a stage.
#[derive(Serialize, ToSchema)]
pub struct AgeRow {
    stage: Stage,
    /// How many, in the order of the classes.
    counts: Vec<i64>,
}

/// 统计概览.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    /// Everything in the range.
    total: FigureRow,
    /// By month; counts only.
    months: Vec<FigureRow>,
    /// By 保障活动, without the time that cases took.
    plans: Vec<FigureRow>,
    /// By the level below the caller's or the chosen node, without the time that cases took.
    orgs: Vec<FigureRow>,
    /// What the rows of `orgs` are.
    orgs_by: Dimension,
    /// 在办账龄: the classes.
    classes: Vec<AgeClass>,
    /// 在办账龄 now, whatever the range.
    ageing: Vec<AgeRow>,
}

/// Figures at a glance.
#[utoipa::path(post, path = "/api/figures/overview", tag = "figures", request_body = FiguresSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Overview), (status = "4XX", body = ProblemBody)))]
pub(super) async fn overview(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<FiguresSearch>,
) -> Result<Json<Overview>, Problem> {
    search.checked(Dimension::Month)?;
    let (counts, paid) = (Parts { stays: false, ratio: false }, Parts { stays: false, ratio: true });
    let orgs_by = match me.org_kind {
        OrgKind::Society if search.org_id.is_none() => Dimension::Office,
        OrgKind::Society | OrgKind::Office => Dimension::Agency,
        OrgKind::Agency | OrgKind::Unit => Dimension::Unit,
    };
    let mut orgs = report::rows(&app, &me, &search, Some(orgs_by), paid).await?;
    orgs.truncate(SHOWN_ORGS);
    let today = clock::today();
    let class = |(i, (accepted_from, accepted_to)): (usize, (Option<NaiveDate>, NaiveDate))| AgeClass {
        from_days: flow::AGES.get(i).copied().unwrap_or_default(),
        to_days: flow::AGES.get(i + 1).map(|next| next - 1),
        accepted_from,
        accepted_to,
    };
    let ageing = flow::ageing(&app.db, &me, &search, today).await?.into_iter();
    Ok(Json(Overview {
        total: total(&app, &me, &search).await?,
        months: report::rows(&app, &me, &search, Some(Dimension::Month), counts).await?,
        plans: report::rows(&app, &me, &search, Some(Dimension::Plan), paid).await?,
        orgs,
        orgs_by,
        classes: flow::classes(today).into_iter().enumerate().map(class).collect(),
        ageing: ageing.map(|(stage, counts)| AgeRow { stage, counts: counts.to_vec() }).collect(),
    }))
}

/// Nodes that the overview shows.
const SHOWN_ORGS: usize = 12;
