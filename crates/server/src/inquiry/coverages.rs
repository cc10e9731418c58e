//! 保障查询: coverages of one's branch with what is used of each.
use std::collections::HashMap;

use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{case::Stage, coverage::CoverageState, ids::CaseNo, money::Fen, permission::Permission};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, JoinType, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef, Select, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    cases::rows,
    entity::{case, coverage, member, org, usage_entry},
    export::{self, BATCH, File, Row},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::Db,
        error::{Problem, ProblemBody},
        messages::Locale,
        paging::{self, Page, Paging},
        seal::Sealed,
        xlsx::{Cell, Column},
    },
};

/// The search form of 保障查询.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CoverageSearch {
    /// 证件号码, 姓名, or the 案件号 of a case under the coverage.
    text: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    /// With `org_id`: its own units' alone, without those of its agencies.
    direct: Option<bool>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// Code of the 保障活动.
    plan: Option<String>,
    /// 状态.
    state: Option<CoverageState>,
    /// A day on which it is in force.
    on: Option<NaiveDate>,
    /// 保障起期, from.
    begins_from: Option<NaiveDate>,
    /// 保障起期, to.
    begins_to: Option<NaiveDate>,
    /// 续保.
    renewed: Option<bool>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// A coverage that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageRow {
    /// The coverage.
    id: i64,
    /// The member.
    member_id: i64,
    /// 姓名.
    member_name: String,
    /// 证件号码.
    id_number: String,
    /// 所属机构.
    org_name: String,
    /// 参保单位.
    unit_name: String,
    /// 保障活动名称 and version.
    plan_name: String,
    /// First day.
    period_from: NaiveDate,
    /// Last day.
    period_to: NaiveDate,
    /// 份数.
    shares: i32,
    /// 续保.
    renewed: bool,
    /// 状态.
    state: CoverageState,
    /// What cases use of it in fen, those on their way included.
    used_fen: Fen,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    member_id: i64,
    member_name: String,
    id_number: Sealed,
    unit_id: i64,
    unit_name: String,
    office_id: Option<i64>,
    agency_id: Option<i64>,
    plan_version_id: i64,
    period_from: NaiveDate,
    period_to: NaiveDate,
    shares: i32,
    renewed: bool,
    state: Coded<CoverageState>,
}

fn narrowed(me: &Me, search: &CoverageSearch) -> Select<coverage::Entity> {
    use coverage::Column as C;
    let to_member: RelationDef =
        coverage::Entity::belongs_to(member::Entity).from(C::MemberId).to(member::Column::Id).into();
    let to_unit: RelationDef = coverage::Entity::belongs_to(org::Entity).from(C::UnitId).to(org::Column::Id).into();
    let about = rows::text(search.text.as_deref()).map(|text| match CaseNo::read(text) {
        Some(no) => {
            let of_case = case::Entity::find()
                .select_only()
                .column(case::Column::CoverageId)
                .filter(me.sees_case())
                .filter(case::Column::Stage.ne(Coded(Stage::Deleted)))
                .filter(case::Column::No.eq(no.as_str()));
            C::Id.in_subquery(of_case.into_query())
        }
        None => C::MemberId.in_subquery(rows::people(rows::named(text))),
    });
    let plan = rows::text(search.plan.as_deref()).map(|code| C::PlanVersionId.in_subquery(rows::versions_of(code)));
    // Void and pending coverages are in force on no day.
    let on = search.on.map(|day| {
        let active = C::State.eq(Coded(CoverageState::Active));
        Condition::all().add(active).add(C::PeriodFrom.lte(day)).add(C::PeriodTo.gte(day))
    });
    let of_org = |id| org::Column::OfficeId.eq(id).or(org::Column::AgencyId.eq(id));
    let direct = |id| org::Column::AgencyId.is_null().or(org::Column::AgencyId.eq(id));
    let all = Condition::all()
        .add(if about.is_some() { me.sees_org_found() } else { me.sees_org() })
        .add_option(about)
        .add_option(plan)
        .add_option(on)
        .add_option(search.org_id.map(of_org))
        .add_option(search.direct.filter(|d| *d).and(search.org_id).map(direct))
        .add_option(search.unit_id.map(|id| C::UnitId.eq(id)))
        .add_option(search.state.map(|s| C::State.eq(Coded(s))))
        .add_option(search.begins_from.map(|d| C::PeriodFrom.gte(d)))
        .add_option(search.begins_to.map(|d| C::PeriodFrom.lte(d)))
        .add_option(search.renewed.map(|r| C::Renewed.eq(r)));
    coverage::Entity::find().join(JoinType::InnerJoin, to_member).join(JoinType::InnerJoin, to_unit).filter(all)
}

/// What is used of coverages, in fen: one query, however many they are.
async fn used(db: &Db, ids: Vec<i64>) -> Result<HashMap<i64, i64>, Problem> {
    let sum = Expr::col((usage_entry::Entity, usage_entry::Column::AmountFen)).sum().cast_as("BIGINT");
    let sums: Vec<(i64, i64)> = usage_entry::Entity::find()
        .filter(usage_entry::Column::CoverageId.is_in(ids))
        .select_only()
        .column(usage_entry::Column::CoverageId)
        .column_as(sum, "used")
        .group_by(usage_entry::Column::CoverageId)
        .into_tuple()
        .all(db.replica())
        .await?;
    Ok(sums.into_iter().collect())
}

async fn rows_of(db: &Db, select: Select<coverage::Entity>) -> Result<Vec<CoverageRow>, Problem> {
    use coverage::Column as C;
    let found = select
        .select_only()
        .columns([C::Id, C::MemberId, C::UnitId, C::PlanVersionId, C::PeriodFrom, C::PeriodTo])
        .columns([C::Shares, C::Renewed, C::State])
        .column_as(member::Column::Name, "member_name")
        .column(member::Column::IdNumber)
        .column_as(org::Column::Name, "unit_name")
        .columns([org::Column::OfficeId, org::Column::AgencyId])
        .into_model::<Found>()
        .all(db.replica())
        .await?;
    let org_id = |f: &Found| f.agency_id.or(f.office_id).unwrap_or(f.unit_id);
    let nodes: Vec<i64> = found.iter().map(org_id).collect();
    let orgs = rows::org_names(db, nodes).await?;
    let versions: Vec<i64> = found.iter().map(|f| f.plan_version_id).collect();
    let plans = store::plan_names(db, versions).await?;
    let used = used(db, found.iter().map(|f| f.id).collect()).await?;
    let row = |f: Found| CoverageRow {
        org_name: rows::name(&orgs, org_id(&f)),
        plan_name: rows::name(&plans, f.plan_version_id),
        used_fen: Fen(used.get(&f.id).copied().unwrap_or_default()),
        id: f.id,
        member_id: f.member_id,
        member_name: f.member_name,
        id_number: f.id_number.into_string(),
        unit_name: f.unit_name,
        period_from: f.period_from,
        period_to: f.period_to,
        shares: f.shares,
        renewed: f.renewed,
        state: f.state.0,
    };
    Ok(found.into_iter().map(row).collect())
}

/// Coverages of one's branch, newest period first.
#[utoipa::path(post, path = "/api/inquiry/coverages/search", tag = "inquiry", operation_id = "coverages", request_body = CoverageSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<CoverageRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<CoverageSearch>,
) -> Result<Json<Page<CoverageRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&me, &search);
    let total = paging::count(app.db.replica(), select.clone()).await?;
    let newest = select.order_by(coverage::Column::PeriodFrom, Order::Desc).order_by(coverage::Column::Id, Order::Desc);
    let items = rows_of(&app.db, newest.limit(paging.size()).offset(paging.offset())).await?;
    Ok(Json(paging.answer(items, total)))
}

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_coverages",
    name: "coverages",
    sheet: "保障查询",
    columns: &COLUMNS,
};

const COLUMNS: [Column; 11] = [
    Column { title: "姓名", width: 12 },
    Column { title: "证件号码", width: 22 },
    Column { title: "所属机构", width: 18 },
    Column { title: "参保单位", width: 26 },
    Column { title: "保障活动", width: 34 },
    Column { title: "保障起期", width: 12 },
    Column { title: "保障止期", width: 12 },
    Column { title: "份数", width: 8 },
    Column { title: "续保", width: 8 },
    Column { title: "状态", width: 10 },
    Column { title: "本期已用（元）", width: 16 },
];

impl Row for CoverageRow {
    fn id(&self) -> i64 {
        self.id
    }
}

/// 导出: all the coverages found as an Excel file.
#[utoipa::path(post, path = "/api/inquiry/coverages/export", tag = "inquiry", operation_id = "export_coverages", request_body = CoverageSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<CoverageSearch>,
) -> Result<Response, Problem> {
    let next = |before: Option<i64>| {
        let mut select = narrowed(&me, &search);
        if let Some(id) = before {
            select = select.filter(coverage::Column::Id.lt(id));
        }
        rows_of(&app.db, select.order_by(coverage::Column::Id, Order::Desc).limit(BATCH))
    };
    export::answer(&app, &me, FILE, next, |row| cells(row, me.locale)).await
}

fn cells(row: &CoverageRow, locale: Locale) -> Vec<Cell> {
    vec![
        Cell::Text(row.member_name.clone()),
        Cell::Number(row.id_number.clone()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        Cell::Text(row.plan_name.clone()),
        Cell::Day(row.period_from),
        Cell::Day(row.period_to),
        Cell::Count(row.shares.into()),
        export::yes(locale, row.renewed),
        export::word(locale, "coverage_state", row.state.into()),
        Cell::Money(row.used_fen.0),
    ]
}
