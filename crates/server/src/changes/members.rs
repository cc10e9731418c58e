//! Choosing the member that a change is about.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    change::{ChangeState, MemberData},
    coverage::CoverageState,
    id_number::IdKind,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{facts, store};
use crate::{
    app::App,
    cases::{accounts, rows},
    entity::{change, member, member_account, org, plan_version},
    platform::{
        auth::{Acting, can},
        coded::Coded,
        error::{Problem, ProblemBody},
    },
};

/// Members that are shown to choose from.
const MAX_FOUND: u64 = 20;

/// Whom one looks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberQuery {
    /// 证件号码, name or 案件号.
    text: String,
}

/// A member to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberOption {
    /// The record.
    pub id: i64,
    /// 姓名.
    pub name: String,
    /// 证件类型.
    pub id_kind: IdKind,
    /// 证件号码.
    pub id_number: String,
    /// 出生日期.
    pub birth_date: Option<NaiveDate>,
    /// 参保单位.
    pub unit_name: String,
}

/// Members of the caller's branch by ID number (also that of a record that was merged), name or 案件号.
#[utoipa::path(post, path = "/api/members/find", tag = "changes", request_body = MemberQuery,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Vec<MemberOption>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(query): Json<MemberQuery>,
) -> Result<Json<Vec<MemberOption>>, Problem> {
    let Some(text) = rows::text(Some(&query.text)) else { return Err(Problem::invalid_field("text", "required")) };
    let found = member::Entity::find()
        .join(JoinType::InnerJoin, store::to_unit())
        .filter(me.sees_org())
        .filter(member::Column::Id.in_subquery(store::members_about(text)))
        .filter(member::Column::MergedIntoId.is_null())
        .filter(member::Column::ErasedOn.is_null())
        .order_by_asc(member::Column::Id)
        .limit(MAX_FOUND)
        .all(app.db.read())
        .await?;
    let units = rows::org_names(&app.db, found.iter().map(|m| m.unit_id)).await?;
    let option = |m: member::Model| MemberOption {
        unit_name: rows::name(&units, m.unit_id),
        id: m.id,
        name: m.name,
        id_kind: m.id_kind.0,
        id_number: m.id_number.into_string(),
        birth_date: m.birth_date,
    };
    Ok(Json(found.into_iter().map(option).collect()))
}

/// A coverage to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageOption {
    id: i64,
    plan_name: String,
    period_from: NaiveDate,
    period_to: NaiveDate,
    shares: i32,
    state: CoverageState,
    unit_name: String,
}

/// A bank account on record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountOption {
    id: i64,
    account_no: String,
    bank_name: String,
    holder_name: String,
}

/// A plan that a coverage can be added under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct PlanOption {
    code: String,
    name: String,
}

/// A record that was merged into the member's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergedRecord {
    id: i64,
    name: String,
    id_number: String,
}

/// What is on record of a member, as far as a change can be about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberRecord {
    id: i64,
    data: MemberData,
    unit_id: i64,
    unit_name: String,
    coverages: Vec<CoverageOption>,
    accounts: Vec<AccountOption>,
    plans: Vec<PlanOption>,
    merged: Vec<MergedRecord>,
    /// 变更号 of changes that wait for their decision.
    open: Vec<String>,
}

/// What is on record of a member.
#[utoipa::path(get, path = "/api/changes/members/{id}", tag = "changes", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = MemberRecord), (status = "4XX", body = ProblemBody)))]
pub(super) async fn record(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(id): Path<i64>,
) -> Result<Json<MemberRecord>, Problem> {
    let db = app.db.read();
    let row = store::member(db, &me, id).await?;
    let covered = facts::covered(db, &[id]).await?;
    let merged = member::Entity::find().filter(member::Column::MergedIntoId.eq(id)).all(db).await?;
    let accounts = accounts::of(db, id).await?;
    let office = org::Entity::find_by_id(row.unit_id).one(db).await?.and_then(|u| u.office_id).unwrap_or_default();
    let versions: Vec<(String, String)> = plan_version::Entity::find()
        .filter(plan_version::Column::OfficeId.eq(office))
        .select_only()
        .columns([plan_version::Column::Code, plan_version::Column::Name])
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let mut plans: Vec<PlanOption> = versions.into_iter().map(|(code, name)| PlanOption { code, name }).collect();
    plans.sort();
    plans.dedup_by(|a, b| a.code == b.code);
    let about = Condition::any().add(change::Column::MemberId.eq(id)).add(change::Column::OtherMemberId.eq(id));
    let open: Vec<String> = store::visible(&me)
        .filter(change::Column::State.eq(Coded(ChangeState::Proposed)))
        .filter(about)
        .select_only()
        .column(change::Column::No)
        .into_tuple()
        .all(db)
        .await?;
    let units = rows::org_names(&app.db, covered.iter().map(|c| c.unit_id).chain([row.unit_id])).await?;
    let coverage = |c: facts::Covered| CoverageOption {
        id: c.id,
        plan_name: c.plan_name,
        period_from: c.period_from,
        period_to: c.period_to,
        shares: c.shares,
        state: c.state.0,
        unit_name: rows::name(&units, c.unit_id),
    };
    let account = |a: member_account::Model| AccountOption {
        id: a.id,
        account_no: a.account_no.into_string(),
        bank_name: a.bank_name,
        holder_name: a.holder_name,
    };
    Ok(Json(MemberRecord {
        id,
        data: store::data_of(&row),
        unit_id: row.unit_id,
        unit_name: rows::name(&units, row.unit_id),
        coverages: covered.into_iter().map(coverage).collect(),
        accounts: accounts.into_iter().map(account).collect(),
        plans,
        merged: merged
            .into_iter()
            .map(|m| MergedRecord { id: m.id, name: m.name, id_number: m.id_number.into_string() })
            .collect(),
        open,
    }))
}
