//! The pool of appeals.
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    appeal::AppealState,
    case::{Outcome, Relation},
    claim_type::ClaimType,
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::rows,
    entity::{appeal, case, member},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::Paging,
    },
};

/// Which appeals are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppealTab {
    /// 待处理.
    #[default]
    Open,
    /// 已处理.
    Decided,
}

/// The search form of 申诉.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AppealSearch {
    tab: AppealTab,
    /// 案件号, 证件号码 or 姓名 of the 出险人.
    text: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// An appeal in a list.
#[derive(Serialize, ToSchema)]
pub struct AppealRow {
    id: i64,
    state: AppealState,
    case_id: i64,
    case_no: String,
    member_name: String,
    claim_type: ClaimType,
    outcome: Option<Outcome>,
    org_name: String,
    unit_name: String,
    appellant_name: String,
    appellant_relation: Relation,
    appealed_on: NaiveDate,
    late: bool,
    recorded_by_name: String,
    recorded_at: DateTime<Utc>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
}

/// A page of appeals, and how many of the branch wait.
#[derive(Serialize, ToSchema)]
pub struct AppealPage {
    items: Vec<AppealRow>,
    total: u64,
    page: u64,
    size: u64,
    /// 待处理 in the branch, whatever was searched for.
    open: u64,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    state: Coded<AppealState>,
    case_id: i64,
    appellant_name: String,
    appellant_relation: Coded<Relation>,
    appealed_on: NaiveDate,
    late_reason: String,
    recorded_by_id: i64,
    recorded_at: DateTime<Utc>,
    decided_by_id: Option<i64>,
    decided_at: Option<DateTime<Utc>>,
    no: String,
    claim_type: Coded<ClaimType>,
    outcome: Option<Coded<Outcome>>,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    member_name: String,
}

fn visible(me: &Me) -> Select<appeal::Entity> {
    let to_case: RelationDef =
        appeal::Entity::belongs_to(case::Entity).from(appeal::Column::CaseId).to(case::Column::Id).into();
    appeal::Entity::find()
        .join(JoinType::InnerJoin, to_case)
        .join(JoinType::InnerJoin, rows::to_member())
        .filter(me.sees_case())
}

fn narrowed(me: &Me, search: &AppealSearch) -> Select<appeal::Entity> {
    let state = appeal::Column::State;
    let open = Coded(AppealState::Open);
    let mut select = match search.tab {
        AppealTab::Open => visible(me).filter(state.eq(open)).order_by_asc(appeal::Column::Id),
        AppealTab::Decided => visible(me).filter(state.ne(open)).order_by_desc(appeal::Column::Id),
    };
    if let Some(text) = rows::text(search.text.as_deref()) {
        select = select.filter(rows::about(text));
    }
    if let Some(id) = search.org_id {
        select = select
            .filter(sea_orm::Condition::any().add(case::Column::OfficeId.eq(id)).add(case::Column::AgencyId.eq(id)));
    }
    if let Some(unit) = search.unit_id {
        select = select.filter(case::Column::UnitId.eq(unit));
    }
    select
}

/// Appeals of the caller's branch: those that wait, oldest first, or those decided, newest first.
#[utoipa::path(post, path = "/api/appeals/search", tag = "after", operation_id = "search_appeals",
    request_body = AppealSearch, extensions(("x-right" = json!("inquire_cases"))),
    responses((status = 200, body = AppealPage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireCases>,
    Json(search): Json<AppealSearch>,
) -> Result<Json<AppealPage>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&me, &search);
    let total = select.clone().count(app.db.read()).await?;
    let open = visible(&me).filter(appeal::Column::State.eq(Coded(AppealState::Open))).count(app.db.read()).await?;
    let found = select
        .limit(paging.size())
        .offset(paging.offset())
        .column_as(case::Column::No, "no")
        .column_as(case::Column::ClaimType, "claim_type")
        .column_as(case::Column::Outcome, "outcome")
        .column_as(case::Column::OfficeId, "office_id")
        .column_as(case::Column::AgencyId, "agency_id")
        .column_as(case::Column::UnitId, "unit_id")
        .column_as(member::Column::Name, "member_name")
        .into_model::<Found>()
        .all(app.db.read())
        .await?;
    let nodes: Vec<i64> = found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)]).collect();
    let orgs = rows::org_names(&app.db, nodes).await?;
    let people: Vec<i64> = found.iter().flat_map(|f| [Some(f.recorded_by_id), f.decided_by_id]).flatten().collect();
    let users = rows::user_names(&app.db, people).await?;
    let row = |f: Found| AppealRow {
        id: f.id,
        state: f.state.0,
        case_id: f.case_id,
        case_no: f.no,
        member_name: f.member_name,
        claim_type: f.claim_type.0,
        outcome: f.outcome.map(|o| o.0),
        org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
        unit_name: rows::name(&orgs, f.unit_id),
        appellant_name: f.appellant_name,
        appellant_relation: f.appellant_relation.0,
        appealed_on: f.appealed_on,
        late: !f.late_reason.is_empty(),
        recorded_by_name: rows::name(&users, f.recorded_by_id),
        recorded_at: f.recorded_at,
        decided_by_name: f.decided_by_id.map(|id| rows::name(&users, id)),
        decided_at: f.decided_at,
    };
    let items = found.into_iter().map(row).collect();
    Ok(Json(AppealPage { items, total, page: paging.page(), size: paging.size(), open }))
}
