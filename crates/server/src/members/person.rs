//! Everything about one member (360°).
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    id_number::{IdKind, Sex},
    member::Employment,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    store,
    usage::{self, CoverageUsage},
};
use crate::{
    app::App,
    cases::{
        rows::{self, CaseRow},
        whole::{self, NumbersAsked, WholeNumber},
    },
    entity::{case, member, org},
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
    },
    records::{self, Object, RecordEventView},
};

/// Cases that the page shows; the rest is found by 申领查询.
const MAX_CASES: u64 = 20;

/// Another record of the same person.
#[derive(Serialize, ToSchema)]
pub struct MergedRecord {
    id: i64,
    name: String,
    id_number: String,
}

/// A member, whole. Bank accounts and changes have routes of their own (变更管理).
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    id: i64,
    /// For a change of it.
    version: i64,
    name: String,
    id_kind: IdKind,
    id_number: String,
    sex: Option<Sex>,
    birth_date: Option<NaiveDate>,
    phone: String,
    employment: Employment,
    unit_id: i64,
    /// From 办事处 down to the unit.
    unit_path: Vec<String>,
    /// Whether covered today.
    covered: bool,
    /// The record that counts instead of this one; null where this one does.
    merged_into_id: Option<i64>,
    /// The records that were merged into this one.
    merged: Vec<MergedRecord>,
    /// In one's branch, newest first, with what is used and left.
    coverages: Vec<CoverageUsage>,
    /// In one's branch, newest first, at most 20.
    cases: Vec<CaseRow>,
    /// How many cases there are in one's branch.
    case_count: u64,
}

/// Everything about a member.
#[utoipa::path(get, path = "/api/members/{id}", tag = "members", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = MemberView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn person(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
) -> Result<Json<MemberView>, Problem> {
    let m = store::find(&app, &me, id).await?;
    let merged = store::merged(&app, id).await?;
    let ids: Vec<i64> = std::iter::once(id).chain(merged.iter().map(|m| m.id)).collect();
    let coverages = usage::of_members(&app, &me, &ids).await?;
    let about = rows::visible(&me).filter(case::Column::MemberId.is_in(ids));
    let case_count = about.clone().count(app.db.read()).await?;
    let newest = about.order_by_desc(case::Column::AcceptedAt).order_by_desc(case::Column::Id).limit(MAX_CASES);
    let cases = rows::rows(&app.db, &me, newest).await?;
    let covered = store::covered_among(&app.db, vec![id], clock::today()).await?.contains(&id);
    let same = |m: member::Model| MergedRecord { id: m.id, name: m.name, id_number: m.id_number.into_string() };
    Ok(Json(MemberView {
        id,
        version: m.version,
        name: m.name,
        id_kind: m.id_kind.0,
        id_number: m.id_number.into_string(),
        sex: m.sex.map(|s| s.0),
        birth_date: m.birth_date,
        phone: m.phone.into_string(),
        employment: m.employment.0,
        unit_id: m.unit_id,
        unit_path: path_of(&app, m.unit_id).await?,
        covered,
        merged_into_id: m.merged_into_id,
        merged: merged.into_iter().map(same).collect(),
        coverages,
        cases,
        case_count,
    }))
}

/// What happened to a member's record, newest first.
#[utoipa::path(get, path = "/api/members/{id}/history", tag = "members", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = [RecordEventView]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn history(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
) -> Result<Json<Vec<RecordEventView>>, Problem> {
    store::find(&app, &me, id).await?;
    records::history_view(&app.db, Object { kind: "member", id }).await.map(Json)
}

/// A member's numbers, whole. Who asked for them and why is logged.
#[utoipa::path(post, path = "/api/members/{id}/numbers", tag = "members", params(("id" = i64, Path)), request_body = NumbersAsked,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = [WholeNumber]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn numbers(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
    Json(asked): Json<NumbersAsked>,
) -> Result<Json<Vec<WholeNumber>>, Problem> {
    let member = store::find(&app, &me, id).await?;
    let numbers = whole::of_member(app.db.read(), &member).await?;
    whole::logged(&app, &me, &format!("member {id}"), &asked, numbers).await
}

/// The names from 办事处 down to a unit.
async fn path_of(app: &App, unit_id: i64) -> Result<Vec<String>, Problem> {
    let Some(unit) = org::Entity::find_by_id(unit_id).one(app.db.read()).await? else { return Ok(Vec::new()) };
    let above = [unit.office_id, unit.agency_id].into_iter().flatten().filter(|id| *id != unit.id);
    let names = rows::org_names(&app.db, above.clone()).await?;
    Ok(above.map(|id| rows::name(&names, id)).chain([unit.name]).collect())
}
