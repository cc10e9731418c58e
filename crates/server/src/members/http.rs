//! The usage ledger by member × coverage × liability × group.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{ledger, rows, view::UsageView},
    entity::{coverage, member, org},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
    },
};

/// Coverages of one member that are shown.
const MAX_COVERAGES: u64 = 100;

/// A coverage with what is used of it.
#[derive(Serialize, ToSchema)]
pub struct CoverageUsage {
    coverage_id: i64,
    plan_version_id: i64,
    plan_name: String,
    plan_version: String,
    unit_name: String,
    period_from: NaiveDate,
    period_to: NaiveDate,
    shares: i32,
    renewed: bool,
    /// By liability, then by group.
    usage: Vec<UsageView>,
}

/// What of a member's coverages is used.
#[derive(Serialize, ToSchema)]
pub struct MemberUsage {
    member_id: i64,
    name: String,
    /// Newest first.
    coverages: Vec<CoverageUsage>,
}

/// What is used and left of a member's coverages, cases on their way included.
#[utoipa::path(get, path = "/api/members/{id}/usage", tag = "members", params(("id" = i64, Path)),
    responses((status = 200, body = MemberUsage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn usage(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<MemberUsage>, Problem> {
    let db = app.db.read();
    let member = member::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let to_unit: RelationDef =
        coverage::Entity::belongs_to(org::Entity).from(coverage::Column::UnitId).to(org::Column::Id).into();
    let found = coverage::Entity::find()
        .join(JoinType::InnerJoin, to_unit)
        .filter(me.sees_org())
        .filter(coverage::Column::MemberId.eq(id))
        .order_by_desc(coverage::Column::PeriodFrom)
        .limit(MAX_COVERAGES)
        .all(db)
        .await?;
    // Somebody of whom no coverage lies in the branch is not known there.
    if found.is_empty() {
        return Err(Problem::not_found());
    }
    let used = ledger::used(db, found.iter().map(|c| c.id).collect()).await?;
    let plans = app.plans.get_all(db, found.iter().map(|c| c.plan_version_id)).await?;
    let units = rows::org_names(&app.db, found.iter().map(|c| c.unit_id)).await?;
    let mut coverages = Vec::new();
    for c in found {
        let Some(plan) = plans.get(&c.plan_version_id) else { continue };
        let book = used.get(&c.id).cloned().unwrap_or_default();
        let shares = u32::try_from(c.shares).unwrap_or(1);
        let own = plan.liabilities.iter();
        let own = own.map(|l| UsageView::new(&l.name, false, book.of(&l.code), &l.caps, shares));
        let groups = plan.groups.iter().map(|g| UsageView::new(&g.name, true, book.of_group(g), &g.caps, shares));
        coverages.push(CoverageUsage {
            usage: own.chain(groups).collect(),
            coverage_id: c.id,
            plan_version_id: c.plan_version_id,
            plan_name: plan.name.clone(),
            plan_version: plan.version.clone(),
            unit_name: rows::name(&units, c.unit_id),
            period_from: c.period_from,
            period_to: c.period_to,
            shares: c.shares,
            renewed: c.renewed,
        });
    }
    Ok(Json(MemberUsage { member_id: id, name: member.name, coverages }))
}
