//! 赔付率: what was paid of the coverages that begin in the range, and their fees.
use std::collections::HashMap;

use huzhu_domain::{case::Outcome, coverage::CoverageState};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef, sea_query::Expr};

use super::{
    flow,
    http::FiguresSearch,
    key::{self, Dimension},
};
use crate::{
    app::App,
    cases::rows,
    entity::{case, coverage, org},
    platform::{auth::Me, coded::Coded, error::Problem},
};

/// The coverages of one row, and what was paid of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cohort {
    pub(super) coverages: i64,
    pub(super) without_fee: i64,
    pub(super) fees_fen: i64,
    pub(super) cases: i64,
    pub(super) paid_fen: i64,
}

impl Cohort {
    /// Paid ÷ fees in basis points, half up; None where there are no fees.
    pub(super) fn ratio(&self) -> Option<i64> {
        let (paid, fees) = (i128::from(self.paid_fen), i128::from(self.fees_fen));
        (fees > 0).then(|| i64::try_from((paid * 20_000 + fees) / (fees * 2)).unwrap_or(i64::MAX))
    }
}

/// The coverages that begin in the range, by row.
pub(super) async fn of(
    app: &App,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
) -> Result<HashMap<String, Cohort>, Problem> {
    let mut out: HashMap<String, Cohort> = HashMap::new();
    let covered = coverages(app, me, search, by).await?;
    let plans = app.plans.get_all(app.db.read(), covered.iter().map(|c| c.1)).await?;
    for (key, version, coverages, shares) in covered {
        let fee = plans.get(&version).map_or(0, |p| p.enrolment.fee_of(1).0);
        let cohort = out.entry(key).or_default();
        cohort.coverages += coverages;
        cohort.fees_fen = cohort.fees_fen.saturating_add(fee.saturating_mul(shares));
        if fee == 0 {
            cohort.without_fee += coverages;
        }
    }
    for (key, cases, fen) in paid(app, me, search, by).await? {
        let cohort = out.entry(key).or_default();
        cohort.cases += cases;
        cohort.paid_fen += fen;
    }
    Ok(out)
}

/// Row, plan version, coverages, shares: as many rows as the report has, times the versions that were in force.
async fn coverages(
    app: &App,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
) -> Result<Vec<(String, i64, i64, i64)>, Problem> {
    use coverage::Column as C;
    let to_unit: RelationDef = coverage::Entity::belongs_to(org::Entity).from(C::UnitId).to(org::Column::Id).into();
    let plan = rows::text(search.plan.as_deref()).map(|code| C::PlanVersionId.in_subquery(rows::versions_of(code)));
    let of_org = |id| Condition::any().add(org::Column::OfficeId.eq(id)).add(org::Column::AgencyId.eq(id));
    let all = Condition::all()
        .add(me.sees_org())
        .add(C::State.eq(Coded(CoverageState::Active)))
        .add(C::PeriodFrom.gte(search.from))
        .add(C::PeriodFrom.lte(search.to))
        .add_option(search.org_id.map(of_org))
        .add_option(search.unit_id.map(|id| C::UnitId.eq(id)))
        .add_option(plan);
    let row = Expr::cust(key::of_coverage(by));
    let found = coverage::Entity::find()
        .join(JoinType::InnerJoin, to_unit)
        .filter(all)
        .select_only()
        .column_as(row.clone(), "k")
        .column(C::PlanVersionId)
        .column_as(C::Id.count(), "n")
        .column_as(Expr::cust(r#"CAST(SUM("coverages"."shares") AS BIGINT)"#), "shares")
        .group_by(row)
        .group_by(C::PlanVersionId)
        .into_tuple()
        .all(app.db.replica())
        .await?;
    Ok(found)
}

/// Row, paid cases under coverages that begin in the range, their sum in fen.
async fn paid(
    app: &App,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
) -> Result<Vec<(String, i64, i64)>, Problem> {
    use case::Column as C;
    let to_coverage: RelationDef =
        case::Entity::belongs_to(coverage::Entity).from(C::CoverageId).to(coverage::Column::Id).into();
    let row = Expr::cust(key::of_case(by, r#""coverages"."period_from""#));
    let found = flow::about(me, search)
        .join(JoinType::InnerJoin, to_coverage)
        .filter(C::Outcome.eq(Coded(Outcome::Paid)))
        .filter(coverage::Column::PeriodFrom.gte(search.from))
        .filter(coverage::Column::PeriodFrom.lte(search.to))
        .select_only()
        .column_as(row.clone(), "k")
        .column_as(C::Id.count(), "n")
        .column_as(Expr::cust(r#"CAST(COALESCE(SUM("cases"."benefit_fen"), 0) AS BIGINT)"#), "fen")
        .group_by(row)
        .into_tuple()
        .all(app.db.replica())
        .await?;
    Ok(found)
}
