//! `huzhu import`: rosters without a browser, by the same rules.
use std::{ops::ControlFlow, path::Path};

use chrono::NaiveDate;
use huzhu_domain::{
    dates::Period,
    enrolment::{BatchAction, BatchState},
    org::OrgKind,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::Value;

use super::{
    act::{self, Confirmation},
    check::{self, Judged, Sink, title},
    new::{NewBatch, create},
    store::{self, Keeper, Totals},
    work,
};
use crate::{
    app::App,
    entity::{org, plan_version},
    platform::{
        coded::Coded,
        error::Problem,
        messages::{Locale, Notice},
    },
};

pub use super::files::template_file;

/// A roster to be imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// Code of the unit.
    pub unit: String,
    /// Code of the plan; the version is the one in force on the first day.
    pub plan: String,
    /// 起保日.
    pub from: NaiveDate,
    /// 终保日.
    pub to: NaiveDate,
    /// Only judge; nothing is kept.
    pub dry_run: bool,
    /// Leave 到账确认 to finance; else the fee counts as arrived and the coverages are in force at once.
    pub fee_pending: bool,
}

/// What is wrong with a row.
#[derive(Debug, Serialize)]
pub struct ImportProblem {
    /// Number of the row in the file.
    pub row: u32,
    /// Heading of the column.
    pub column: &'static str,
    /// The field's code.
    pub field: &'static str,
    /// What it is.
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// What came of an import.
#[derive(Debug, Default, Serialize)]
pub struct Imported {
    /// Whether nothing was kept.
    pub dry_run: bool,
    /// Number of the batch; null in a dry run, or where nobody could be enrolled.
    pub batch: Option<String>,
    /// Where the batch stands.
    pub state: Option<BatchState>,
    /// Rows of the file.
    pub rows: i64,
    /// Rows that were enrolled (that would be, in a dry run).
    pub accepted: i64,
    /// Those of them that follow a coverage without a gap.
    pub renewed: i64,
    /// 保障费用 of the accepted rows, in fen.
    pub fee_fen: i64,
    /// What keeps rows from being enrolled.
    pub errors: Vec<ImportProblem>,
    /// What is worth a look.
    pub warnings: Vec<ImportProblem>,
}

/// Why a roster can't be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No unit of that code.
    #[error("there is no unit with code {0}")]
    NoUnit(String),
    /// No version in force.
    #[error("no published version of {plan} covers {from} in the unit's office")]
    NoVersion {
        /// The plan's code.
        plan: String,
        /// The first day.
        from: NaiveDate,
    },
    /// The days are in the wrong order, or too far apart.
    #[error("the period is impossible: it ends before it begins, or lasts longer than 3 years")]
    Period,
    /// The file can't be read.
    #[error("{code}: {message}")]
    Unreadable {
        /// Stable code.
        code: String,
        /// The sentence.
        message: String,
    },
    /// The database fails.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Something else was refused.
    #[error("refused: {0}")]
    Refused(&'static str),
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.code())
    }
}

/// Collects what is wrong, and hands the rows on where they are to be kept.
struct Collector<'a> {
    locale: Locale,
    totals: Totals,
    errors: Vec<ImportProblem>,
    warnings: Vec<ImportProblem>,
    keeper: Option<Keeper<'a>>,
}

impl Sink for Collector<'_> {
    async fn take(&mut self, rows: Vec<Judged>) -> Result<ControlFlow<()>, Problem> {
        self.totals.add(&rows);
        for judged in &rows {
            for problem in &judged.judgement.problems {
                let notice = Notice::of(&problem.code, self.locale);
                let told = ImportProblem {
                    row: judged.row.number,
                    column: title(problem.column),
                    field: problem.column.into(),
                    code: notice.code,
                    message: notice.message,
                };
                if problem.warning { self.warnings.push(told) } else { self.errors.push(told) }
            }
        }
        match &mut self.keeper {
            Some(keeper) => keeper.take(rows).await,
            None => Ok(ControlFlow::Continue(())),
        }
    }
}

/// Judges a roster and enrols its good rows, all of them in one transaction.
///
/// # Errors
/// See [`ImportError`]; rows that are wrong are no error.
pub async fn import(app: &App, asked: &Import, file: &Path, locale: Locale) -> Result<Imported, ImportError> {
    let db = app.db.read();
    let period = Period::new(asked.from, asked.to).ok_or(ImportError::Period)?;
    let unit = org::Entity::find()
        .filter(org::Column::Code.eq(&asked.unit))
        .filter(org::Column::Kind.eq(Coded(OrgKind::Unit)))
        .one(db)
        .await?
        .ok_or_else(|| ImportError::NoUnit(asked.unit.clone()))?;
    let version = plan_version::Entity::find()
        .filter(plan_version::Column::OfficeId.eq(unit.office_id))
        .filter(plan_version::Column::Code.eq(&asked.plan))
        .filter(plan_version::Column::EffectiveFrom.lte(asked.from))
        .filter(plan_version::Column::EffectiveTo.gte(asked.from))
        .one(db)
        .await?
        .ok_or_else(|| ImportError::NoVersion { plan: asked.plan.clone(), from: asked.from })?;
    let plan = app.plans.get(db, version.id).await?;
    let context = store::context_of(db, unit.id, plan, period).await?;
    let batch = if asked.dry_run {
        None
    } else {
        let new =
            NewBatch { unit_id: unit.id, plan_version_id: version.id, period_from: asked.from, period_to: asked.to };
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let made = create(app, None, new, &name, file).await?;
        Some(store::take_lease(app, made.id).await?.ok_or(ImportError::Refused("batch_stale"))?)
    };
    let keeper = batch.as_ref().map(|b| Keeper::new(app, b));
    let (totals, errors, warnings) = (Totals::default(), Vec::new(), Vec::new());
    let mut collector = Collector { locale, totals, errors, warnings, keeper };
    let read = check::judge_file(db, &context, file.to_owned(), &mut collector).await?;
    let Collector { totals, errors, warnings, keeper, .. } = collector;
    if let Some((batch, keeper)) = batch.as_ref().zip(keeper) {
        work::finish(app, batch, keeper, read.clone()).await?;
    }
    if let Err(fault) = read {
        let notice = Notice::of(&fault, locale);
        return Err(ImportError::Unreadable { code: notice.code, message: notice.message });
    }
    if totals.rows == 0 {
        let notice = Notice::of(&serde_json::json!({ "code": "roster_empty", "args": {} }), locale);
        return Err(ImportError::Unreadable { code: notice.code, message: notice.message });
    }
    let mut out = Imported {
        dry_run: asked.dry_run,
        rows: totals.rows,
        accepted: totals.good,
        renewed: totals.renewed,
        fee_fen: totals.fee_fen,
        errors,
        warnings,
        ..Imported::default()
    };
    if let Some(batch) = batch {
        let state = put_into_force(app, batch.id, &totals, asked.fee_pending).await?;
        out.batch = Some(store::no(&batch));
        out.state = Some(state);
    }
    Ok(out)
}

/// Confirms the good rows of a judged batch; where there are none it is given up.
async fn put_into_force(app: &App, id: i64, totals: &Totals, fee_pending: bool) -> Result<BatchState, ImportError> {
    let detail = Confirmation { note: "huzhu import".to_owned(), ..Confirmation::default() };
    let current = crate::entity::enrolment::Entity::find_by_id(id).one(app.db.read()).await?;
    let version = current.map_or(0, |b| b.version);
    let first = if totals.good == 0 { BatchAction::Discard } else { BatchAction::Confirm };
    let mut batch = act::act(app, None, id, first, version, &detail).await?;
    if batch.state.0 == BatchState::Confirmed && !fee_pending {
        batch = act::act(app, None, id, BatchAction::ConfirmFee, batch.version, &detail).await?;
    }
    Ok(batch.state.0)
}

/// The result as JSON.
///
/// # Errors
/// Never in practice.
pub fn printed(imported: &Imported) -> Result<String, serde_json::Error> {
    serde_json::to_value(imported).and_then(|v: Value| serde_json::to_string_pretty(&v))
}
