//! The usage ledger by member × coverage × liability × group.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::coverage::CoverageState;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    cases::{ledger, rows, view::UsageView},
    entity::{coverage, org},
    platform::{
        auth::{Acting, Me, can},
        error::{Problem, ProblemBody},
    },
};

/// Coverages of one member that are shown.
const MAX_COVERAGES: u64 = 100;

/// A coverage with what is used of it.
#[derive(Serialize, ToSchema)]
pub struct CoverageUsage {
    coverage_id: i64,
    /// The record that it stands under: another one's where that was merged into this member.
    member_id: i64,
    /// Whether it is in force for its period.
    state: CoverageState,
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
    let member = store::find(&app, &me, id).await?;
    let coverages = of_members(&app, &me, &store::same_person(&app, &member).await?).await?;
    Ok(Json(MemberUsage { member_id: id, name: member.name, coverages }))
}

/// The coverages of records that are one person's, as far as they lie in the caller's branch, newest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn of_members(app: &App, me: &Me, members: &[i64]) -> Result<Vec<CoverageUsage>, Problem> {
    let db = app.db.read();
    let to_unit: RelationDef =
        coverage::Entity::belongs_to(org::Entity).from(coverage::Column::UnitId).to(org::Column::Id).into();
    let found = coverage::Entity::find()
        .join(JoinType::InnerJoin, to_unit)
        .filter(me.sees_org())
        .filter(coverage::Column::MemberId.is_in(members.iter().copied()))
        .order_by_desc(coverage::Column::PeriodFrom)
        .order_by_desc(coverage::Column::Id)
        .limit(MAX_COVERAGES)
        .all(db)
        .await?;
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
            member_id: c.member_id,
            state: c.state.0,
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
    Ok(coverages)
}
