//! The rows of a report, put together from the queries of each measure.
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use huzhu_domain::{
    case::{DenyReason, Outcome, Stage},
    claim_type::ClaimType,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    flow,
    http::FiguresSearch,
    key::{self, Dimension},
    ratio::{self, Cohort},
    stays,
};
use crate::{
    app::App,
    cases::rows,
    entity::{case, plan_version},
    platform::{auth::Me, error::Problem},
};

/// How many cases were denied for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonFigure {
    pub(super) reason: DenyReason,
    pub(super) cases: i64,
}

/// The time that closed cases spent at a stage.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StayFigure {
    /// Null for the whole way, from acceptance to closing.
    pub(super) stage: Option<Stage>,
    /// Closed cases that were there.
    pub(super) cases: i64,
    /// Seconds.
    pub(super) average_seconds: i64,
    /// Seconds that nine in ten cases kept to.
    pub(super) p90_seconds: i64,
}

/// One row of figures, and what its cases are found by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FigureRow {
    /// What tells it from the other rows; empty for the total.
    pub(super) key: String,
    /// The name of its node or plan; empty where the key says it.
    pub(super) name: String,
    /// First day.
    pub(super) from: NaiveDate,
    /// Last day.
    pub(super) to: NaiveDate,
    /// 所属机构.
    pub(super) org_id: Option<i64>,
    /// Only the node's own, without its agencies'.
    pub(super) direct: bool,
    /// 参保单位.
    pub(super) unit_id: Option<i64>,
    /// Code of the 保障活动.
    pub(super) plan: Option<String>,
    /// 申领类型.
    pub(super) claim_type: Option<ClaimType>,
    /// 受理.
    pub(super) received: i64,
    /// 首次提交.
    pub(super) submitted: i64,
    /// 退回 (first).
    pub(super) returned: i64,
    /// 结案: however it ended.
    pub(super) closed: i64,
    /// 已给付.
    pub(super) paid: i64,
    /// 给付金额 in fen.
    pub(super) paid_fen: i64,
    /// 不予给付.
    pub(super) denied: i64,
    /// 撤案.
    pub(super) withdrawn: i64,
    /// 已更正: corrections that came to what was granted before.
    pub(super) corrected: i64,
    /// 已追回.
    pub(super) recovered: i64,
    /// 已核销.
    pub(super) written_off: i64,
    /// What came back of the recovered and written-off ones, in fen.
    pub(super) recovered_fen: i64,
    /// The denied ones by reason.
    pub(super) reasons: Vec<ReasonFigure>,
    /// 办理时长 of the closed ones.
    pub(super) stays: Vec<StayFigure>,
    /// Coverages in force that begin in the range.
    pub(super) coverages: i64,
    /// Those of them whose plan version says no fee.
    pub(super) without_fee: i64,
    /// Their 保障费用 in fen.
    pub(super) fees_fen: i64,
    /// Cases under coverages that begin in the range, paid until now.
    pub(super) cohort_cases: i64,
    /// What was paid of them in fen.
    pub(super) cohort_fen: i64,
    /// 赔付率 in basis points; null where there are no fees, and by claim type.
    pub(super) ratio: Option<i64>,
}

/// Which measures are wanted besides the counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) stays: bool,
    pub(super) ratio: bool,
}

pub(super) const EVERYTHING: Parts = Parts { stays: true, ratio: true };

/// The rows by a dimension; without one, the total.
pub(super) async fn rows(
    app: &App,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
    parts: Parts,
) -> Result<Vec<FigureRow>, Problem> {
    use case::Column as C;
    let mut table = Table { search, by, rows: BTreeMap::new() };
    match by {
        None => _ = table.at(""),
        Some(by) if by.is_time() => {
            for (key, from, to) in key::periods(by, search.from, search.to) {
                let row = table.at(&key);
                (row.from, row.to) = (from, to);
            }
        }
        Some(_) => {}
    }
    for (key, n) in flow::count(&app.db, me, search, by, C::AcceptedOn).await? {
        table.at(&key).received = n;
    }
    for (key, n) in flow::count(&app.db, me, search, by, C::SubmittedOn).await? {
        table.at(&key).submitted = n;
    }
    for (key, n) in flow::count(&app.db, me, search, by, C::ReturnedOn).await? {
        table.at(&key).returned = n;
    }
    for ended in flow::ended(&app.db, me, search, by).await? {
        table.at(&ended.k).end(&ended);
    }
    for (key, fen) in flow::recovered(&app.db, me, search, by).await? {
        table.at(&key).recovered_fen = fen;
    }
    if parts.stays {
        for spent in stays::of(&app.db, me, search, by).await? {
            let stay = StayFigure {
                stage: spent.stage(),
                cases: spent.cases,
                average_seconds: spent.average,
                p90_seconds: spent.p90,
            };
            table.at(&spent.k).stays.push(stay);
        }
    }
    if parts.ratio && search.claim_type.is_none() && by != Some(Dimension::ClaimType) {
        for (key, cohort) in ratio::of(app, me, search, by).await? {
            table.at(&key).cover(&cohort);
        }
    }
    table.named(app).await
}

struct Table<'a> {
    search: &'a FiguresSearch,
    by: Option<Dimension>,
    rows: BTreeMap<String, FigureRow>,
}

impl Table<'_> {
    fn at(&mut self, key: &str) -> &mut FigureRow {
        self.rows.entry(key.to_owned()).or_insert_with(|| FigureRow::new(self.search, self.by, key))
    }

    /// Periods in their order, everything else by how many cases came.
    async fn named(self, app: &App) -> Result<Vec<FigureRow>, Problem> {
        let by = self.by;
        let mut rows: Vec<FigureRow> = self.rows.into_values().collect();
        match by {
            Some(Dimension::Office | Dimension::Agency | Dimension::Unit) => {
                let names = rows::org_names(&app.db, rows.iter().filter_map(|r| r.key.parse().ok())).await?;
                for row in &mut rows {
                    row.name = row.key.parse().map(|id| rows::name(&names, id)).unwrap_or_default();
                }
            }
            Some(Dimension::Plan) => {
                let names = plan_names(app, rows.iter().map(|r| r.key.clone()).collect()).await?;
                for row in &mut rows {
                    row.name = names.get(&row.key).cloned().unwrap_or_default();
                }
            }
            _ => {}
        }
        for row in &mut rows {
            row.stays.sort_by_key(|s| s.stage.map_or(usize::MAX, |s| s as usize));
            row.reasons.sort_by_key(|r| std::cmp::Reverse(r.cases));
        }
        if by.is_some_and(|by| !by.is_time()) {
            rows.sort_by(|a, b| b.received.cmp(&a.received).then_with(|| a.name.cmp(&b.name)));
        }
        Ok(rows)
    }
}

/// The name of each plan, as its newest version says it.
async fn plan_names(app: &App, codes: Vec<String>) -> Result<HashMap<String, String>, Problem> {
    use plan_version::Column as C;
    let found: Vec<(String, String)> = plan_version::Entity::find()
        .filter(C::Code.is_in(codes))
        .order_by_asc(C::EffectiveFrom)
        .order_by_asc(C::Id)
        .select_only()
        .columns([C::Code, C::Name])
        .into_tuple()
        .all(app.db.replica())
        .await?;
    Ok(found.into_iter().collect())
}

impl FigureRow {
    fn new(search: &FiguresSearch, by: Option<Dimension>, key: &str) -> Self {
        let id = key.parse().ok();
        let org = matches!(by, Some(Dimension::Office | Dimension::Agency));
        Self {
            key: key.to_owned(),
            name: String::new(),
            from: search.from,
            to: search.to,
            org_id: if org { id } else { search.org_id },
            direct: by == Some(Dimension::Agency),
            unit_id: if by == Some(Dimension::Unit) { id } else { search.unit_id },
            plan: if by == Some(Dimension::Plan) { Some(key.to_owned()) } else { search.plan.clone() },
            claim_type: if by == Some(Dimension::ClaimType) { key.parse().ok() } else { search.claim_type },
            received: 0,
            submitted: 0,
            returned: 0,
            closed: 0,
            paid: 0,
            paid_fen: 0,
            denied: 0,
            withdrawn: 0,
            corrected: 0,
            recovered: 0,
            written_off: 0,
            recovered_fen: 0,
            reasons: Vec::new(),
            stays: Vec::new(),
            coverages: 0,
            without_fee: 0,
            fees_fen: 0,
            cohort_cases: 0,
            cohort_fen: 0,
            ratio: None,
        }
    }

    fn end(&mut self, ended: &flow::Ended) {
        self.closed += ended.cases;
        match ended.outcome.0 {
            Outcome::Paid => {
                self.paid += ended.cases;
                self.paid_fen += ended.fen;
            }
            Outcome::Denied => {
                self.denied += ended.cases;
                if let Some(reason) = ended.close_reason.as_deref().and_then(|r| r.parse().ok()) {
                    self.reasons.push(ReasonFigure { reason, cases: ended.cases });
                }
            }
            Outcome::Withdrawn => self.withdrawn += ended.cases,
            Outcome::Corrected => self.corrected += ended.cases,
            Outcome::Recovered => self.recovered += ended.cases,
            Outcome::WrittenOff => self.written_off += ended.cases,
        }
    }

    fn cover(&mut self, cohort: &Cohort) {
        self.coverages = cohort.coverages;
        self.without_fee = cohort.without_fee;
        self.fees_fen = cohort.fees_fen;
        self.cohort_cases = cohort.cases;
        self.cohort_fen = cohort.paid_fen;
        self.ratio = cohort.ratio();
    }
}
