//! The pool of 追回.
use std::collections::HashMap;

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{Outcome, Stage},
    money::Fen,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationDef, Select,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{recovery::RECEIPT, rows},
    entity::{case, member, recovery_entry, recovery_verdict},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{self, Paging},
    },
};

/// Which of them are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryTab {
    /// 追回中.
    #[default]
    Open,
    /// 已结案.
    Closed,
}

/// The search form of 追回.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RecoverySearch {
    tab: RecoveryTab,
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

/// A correction that claims back.
#[derive(Serialize, ToSchema)]
pub struct RecoveryRow {
    id: i64,
    no: String,
    member_name: String,
    org_name: String,
    unit_name: String,
    stage: Stage,
    outcome: Option<Outcome>,
    /// Since when it claims back, or the day it was closed.
    since: NaiveDate,
    /// What is to come back, in fen.
    owed_fen: Fen,
    /// What has come back and was confirmed.
    received_fen: Fen,
    /// Receipts and write-offs that wait for a second person.
    waiting: i64,
}

/// A page of them, with the sum of all pages.
#[derive(Serialize, ToSchema)]
pub struct RecoveryPage {
    items: Vec<RecoveryRow>,
    total: u64,
    page: u64,
    size: u64,
    /// Sum of what is to come back of everything found, in fen.
    owed_fen: i64,
    /// 追回中 in the branch, whatever was searched for.
    open: u64,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    member_name: String,
    stage: Coded<Stage>,
    outcome: Option<Coded<Outcome>>,
    stage_since: DateTime<Utc>,
    benefit_fen: Option<i64>,
}

fn at(me: &Me, tab: RecoveryTab, text: Option<&str>) -> Select<case::Entity> {
    let wanted = match tab {
        RecoveryTab::Open => case::Column::Stage.eq(Coded(Stage::Recovery)),
        // As it stands in the index of them, which a value that is told beside the statement wouldn't find.
        RecoveryTab::Closed => Expr::cust(r#""cases"."outcome" IN ('recovered', 'written_off')"#),
    };
    rows::visible_about(me, text).filter(wanted)
}

/// Corrections that claim back, oldest first, or that did, newest first.
#[utoipa::path(post, path = "/api/recoveries/search", tag = "after", operation_id = "search_recoveries",
    request_body = RecoverySearch, extensions(("x-right" = json!("inquire_cases"))),
    responses((status = 200, body = RecoveryPage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireCases>,
    Json(search): Json<RecoverySearch>,
) -> Result<Json<RecoveryPage>, Problem> {
    let db = app.db.read();
    let paging = Paging { page: search.page, size: search.size };
    let open = at(&me, RecoveryTab::Open, None).count(db).await?;
    let mut select = rows::of_org(db, at(&me, search.tab, search.text.as_deref()), search.org_id).await?;
    if let Some(unit) = search.unit_id {
        select = select.filter(case::Column::UnitId.eq(unit));
    }
    let sum = Expr::col((case::Entity, case::Column::BenefitFen)).sum().cast_as("BIGINT");
    let owed: Option<Option<i64>> = select.clone().select_only().column_as(sum, "sum").into_tuple().one(db).await?;
    let total = paging::count(db, select.clone()).await?;
    let ordered = match search.tab {
        RecoveryTab::Open => select.order_by_asc(case::Column::StageSince),
        RecoveryTab::Closed => select.order_by_desc(case::Column::StageSince),
    };
    let found = ordered
        .join(JoinType::InnerJoin, rows::to_member())
        .order_by_asc(case::Column::Id)
        .limit(paging.size())
        .offset(paging.offset())
        .select_only()
        .columns([case::Column::Id, case::Column::No, case::Column::OfficeId, case::Column::AgencyId])
        .columns([case::Column::UnitId, case::Column::Stage, case::Column::Outcome, case::Column::StageSince])
        .column(case::Column::BenefitFen)
        .column_as(member::Column::Name, "member_name")
        .into_model::<Found>()
        .all(db)
        .await?;
    let nodes: Vec<i64> = found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)]).collect();
    let orgs = rows::org_names(&app.db, nodes).await?;
    let sums = sums(db, found.iter().map(|f| f.id).collect()).await?;
    let row = |f: Found| {
        let (received, waiting) = sums.get(&f.id).copied().unwrap_or_default();
        RecoveryRow {
            id: f.id,
            no: f.no,
            member_name: f.member_name,
            org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
            unit_name: rows::name(&orgs, f.unit_id),
            stage: f.stage.0,
            outcome: f.outcome.map(|o| o.0),
            since: clock::day_of(f.stage_since),
            owed_fen: Fen(-f.benefit_fen.unwrap_or_default()),
            received_fen: Fen(received),
            waiting,
        }
    };
    let items = found.into_iter().map(row).collect();
    let owed_fen = -owed.flatten().unwrap_or_default();
    Ok(Json(RecoveryPage { items, total, page: paging.page(), size: paging.size(), owed_fen, open }))
}

/// What has come back and how many entries wait, by case.
async fn sums(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, (i64, i64)>, Problem> {
    use recovery_entry::Column as C;
    let to_verdict: RelationDef = recovery_entry::Entity::belongs_to(recovery_verdict::Entity)
        .from(C::Id)
        .to(recovery_verdict::Column::EntryId)
        .into();
    let joined = recovery_entry::Entity::find()
        .join(JoinType::LeftJoin, to_verdict)
        .filter(C::CaseId.is_in(ids))
        .select_only()
        .column(C::CaseId)
        .group_by(C::CaseId);
    let accepted = Condition::all().add(C::Kind.eq(RECEIPT)).add(recovery_verdict::Column::Accepted.eq(true));
    let amount = Expr::col((recovery_entry::Entity, C::AmountFen)).sum().cast_as("BIGINT");
    let received: Vec<(i64, i64)> =
        joined.clone().filter(accepted).column_as(amount, "sum").into_tuple().all(db).await?;
    let waiting: Vec<(i64, i64)> = joined
        .filter(recovery_verdict::Column::EntryId.is_null())
        .column_as(C::Id.count(), "n")
        .into_tuple()
        .all(db)
        .await?;
    let mut out: HashMap<i64, (i64, i64)> = HashMap::new();
    for (id, fen) in received {
        out.entry(id).or_default().0 = fen;
    }
    for (id, n) in waiting {
        out.entry(id).or_default().1 = n;
    }
    Ok(out)
}
