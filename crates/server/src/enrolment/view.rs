//! A batch as the screens show it.

use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    benefit::Plan,
    coverage::CoverageState,
    enrolment::{BatchAction, BatchState, allowed},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{act::batch_of, check::title, store};
use crate::{
    app::App,
    cases::rows::{self, Placed},
    entity::{coverage, enrolment, enrolment_row, org},
    platform::{
        auth::Me,
        coded::Coded,
        error::Problem,
        messages::{self, Locale, Notice},
    },
    records::{self, RecordEventView},
};

/// One batch of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchRow {
    /// The batch.
    pub id: i64,
    /// 批次号.
    pub no: String,
    /// 所属机构.
    pub org_name: String,
    /// 参保单位.
    pub unit_name: String,
    /// 保障活动名称.
    pub plan_name: String,
    /// Name of the version.
    pub plan_version: String,
    /// 起保日.
    pub period_from: NaiveDate,
    /// 终保日.
    pub period_to: NaiveDate,
    /// 状态.
    pub state: BatchState,
    /// Rows of the roster, as far as they are judged.
    pub rows: i64,
    /// Rows that can be enrolled.
    pub good: i64,
    /// 保障费用 of all of them, in fen.
    pub fee_fen: i64,
    /// Who made it; null for the program.
    pub created_by_name: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The day on which the fee arrived.
    pub paid_on: Option<NaiveDate>,
}

/// 参保率 of the unit under the plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Participation {
    /// Members covered in the period, with those of this batch.
    pub enrolled: u64,
    /// Staff of the unit; null where nobody has entered it.
    pub headcount: Option<i32>,
    /// What the plan asks for, as a percentage.
    pub wanted: String,
    /// Whether it is reached; null where the staff isn't known.
    pub reached: Option<bool>,
}

/// What may be done, with what keeps it from happening.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchActionView {
    /// The action.
    pub action: BatchAction,
    /// Empty where it can be done.
    pub blockers: Vec<Notice>,
}

/// A batch whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchView {
    #[serde(flatten)]
    row: BatchRow,
    /// For the next act.
    version: i64,
    unit_id: i64,
    plan_version_id: i64,
    /// Name of the file.
    file_name: String,
    /// Good rows with a remark.
    warned: i64,
    /// Good rows that are 续保.
    renewed: i64,
    /// Good rows of people who aren't on record yet.
    new_members: i64,
    /// 保障费用 of one 份, in fen.
    fee_of_share_fen: i64,
    /// Why the file can't be read.
    fault: Option<Notice>,
    /// Where the plan asks for one.
    participation: Option<Participation>,
    /// Who confirmed it.
    confirmed_by_name: Option<String>,
    confirmed_at: Option<DateTime<Utc>>,
    allowed_actions: Vec<BatchActionView>,
    /// What happened to it, newest first.
    history: Vec<RecordEventView>,
}

/// The rows of a list, with a handful of queries for all of them.
pub(super) async fn rows_of(app: &App, batches: Vec<enrolment::Model>) -> Result<Vec<BatchRow>, Problem> {
    let db = app.db.read();
    let plans = app.plans.get_all(db, batches.iter().map(|b| b.plan_version_id)).await?;
    let placed = rows::placed(&app.db, batches.iter().map(|b| b.unit_id)).await?;
    let users = rows::user_names(&app.db, batches.iter().filter_map(|b| b.created_by_id)).await?;
    let row = |b: enrolment::Model| {
        let Placed { unit_name, org_name } = placed.get(&b.unit_id).cloned().unwrap_or_default();
        let plan = plans.get(&b.plan_version_id);
        BatchRow {
            id: b.id,
            no: store::no(&b),
            org_name,
            unit_name,
            plan_name: plan.map(|p| p.name.clone()).unwrap_or_default(),
            plan_version: plan.map(|p| p.version.clone()).unwrap_or_default(),
            period_from: b.period_from,
            period_to: b.period_to,
            state: b.state.0,
            rows: b.rows_read,
            good: b.good,
            fee_fen: b.fee_fen,
            created_by_name: b.created_by_id.map(|id| rows::name(&users, id)),
            created_at: b.created_at,
            paid_on: b.paid_on,
        }
    };
    Ok(batches.into_iter().map(row).collect())
}

/// A batch whole, as the caller may see it.
pub(super) async fn view(app: &App, me: &Me, batch: enrolment::Model) -> Result<BatchView, Problem> {
    let db = app.db.read();
    let plan = app.plans.get(db, batch.plan_version_id).await?;
    let users = rows::user_names(&app.db, batch.confirmed_by_id).await?;
    let offered = allowed(&batch_of(&batch), me.id, &me.permissions);
    let offered = offered.into_iter().map(|(action, blockers)| BatchActionView {
        action,
        blockers: blockers.iter().map(|b| Notice::of(b, me.locale)).collect(),
    });
    let participation = participation(db, &plan, &batch).await?;
    Ok(BatchView {
        version: batch.version,
        unit_id: batch.unit_id,
        plan_version_id: batch.plan_version_id,
        file_name: batch.file_name.clone(),
        warned: batch.warned,
        renewed: batch.renewed,
        new_members: batch.new_members,
        fee_of_share_fen: plan.enrolment.fee_of(1).0,
        fault: batch
            .fault
            .as_deref()
            .and_then(|f| serde_json::from_str::<Value>(f).ok())
            .map(|f| Notice::of(&f, me.locale)),
        participation,
        confirmed_by_name: batch.confirmed_by_id.map(|id| rows::name(&users, id)),
        confirmed_at: batch.confirmed_at,
        allowed_actions: offered.collect(),
        history: records::history_view(&app.db, super::act::about(batch.id)).await?,
        row: rows_of(app, vec![batch]).await?.remove(0),
    })
}

async fn participation(
    db: &impl ConnectionTrait,
    plan: &Plan,
    batch: &enrolment::Model,
) -> Result<Option<Participation>, Problem> {
    use coverage::Column as C;
    let Some(wanted) = plan.enrolment.participation else { return Ok(None) };
    let unit = org::Entity::find_by_id(batch.unit_id).one(db).await?;
    let headcount = unit.and_then(|u| u.headcount);
    let covered = coverage::Entity::find()
        .filter(C::UnitId.eq(batch.unit_id))
        .filter(C::PlanVersionId.eq(batch.plan_version_id))
        .filter(C::State.ne(Coded(CoverageState::Void)))
        .filter(C::PeriodFrom.lte(batch.period_to))
        .filter(C::PeriodTo.gte(batch.period_from))
        .count(db)
        .await?;
    let waiting = matches!(batch.state.0, BatchState::Checking | BatchState::Checked);
    let enrolled = covered + if waiting { u64::try_from(batch.good).unwrap_or(0) } else { 0 };
    let reached = headcount.filter(|n| *n > 0).map(|n| wanted.is_reached_by(enrolled, u64::from(n.unsigned_abs())));
    Ok(Some(Participation { enrolled, headcount, wanted: wanted.percent(), reached }))
}

/// A problem of a row in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowProblem {
    /// The column's code.
    pub column: String,
    /// Whether the row can be enrolled all the same.
    pub warning: bool,
    /// What it is.
    #[serde(flatten)]
    pub notice: Notice,
}

/// One row of a roster with its verdict.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RosterRow {
    /// Number of the row in the file.
    pub id: i64,
    /// What stood there, a text for each column of the template.
    pub cells: Vec<String>,
    /// Whether it can be enrolled.
    pub good: bool,
    /// 续保.
    pub renewed: bool,
    /// Whether the person isn't on record yet.
    pub is_new: bool,
    /// Number of 份.
    pub shares: i32,
    /// 保障费用 in fen.
    pub fee_fen: i64,
    /// Errors and remarks.
    pub problems: Vec<RowProblem>,
}

/// A stored row in words.
pub(super) fn roster_row(row: enrolment_row::Model, locale: Locale) -> RosterRow {
    let problems: Vec<Value> = serde_json::from_str(&row.problems).unwrap_or_default();
    RosterRow {
        id: row.row_no,
        cells: serde_json::from_str(row.cells.as_str()).unwrap_or_default(),
        good: row.good,
        renewed: row.renewed,
        is_new: row.member_id.is_none(),
        shares: row.shares,
        fee_fen: row.fee_fen,
        problems: problems.iter().map(|p| problem(p, locale)).collect(),
    }
}

fn problem(stored: &Value, locale: Locale) -> RowProblem {
    RowProblem {
        column: stored["column"].as_str().unwrap_or_default().to_owned(),
        warning: stored["warning"].as_bool().unwrap_or_default(),
        notice: Notice::of(&stored["code"], locale),
    }
}

/// A problem as one sentence that names its column.
pub(super) fn sentence(problem: &RowProblem, locale: Locale) -> String {
    let column = match problem.column.parse() {
        Ok(field) if locale == Locale::ZhCn => title(field).to_owned(),
        _ => messages::word(locale, "roster", &Value::from(problem.column.as_str())),
    };
    format!("{column}：{}", problem.notice.message)
}
