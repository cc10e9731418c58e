//! The work pool of 申领受理, the query of 添加受理信息, 确认受理 and 案件删除.
use std::collections::HashSet;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use chrono::NaiveDate;
use huzhu_domain::{
    calendar::Pace,
    case::{Action, Stage},
    claim_type::{ClaimCategory, ClaimType},
    id_number::{self, IdKind, MAX_ID_NUMBER},
    ids::CaseId,
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    accept::{self, AcceptRow, Accepted},
    store,
};
use crate::{
    app::App,
    cases::{
        self, Act, deadlines,
        http::Seen,
        rows::{self, CaseRow, RowOrder},
        suspect::{self, Looked},
    },
    entity::case,
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        messages::{Locale, Notice},
        paging::{Page, Paging},
    },
};

/// The longest `Idempotency-Key`.
const MAX_KEY: usize = 100;

/// The search form of 申领受理 (manual 1.1).
#[derive(Deserialize, ToSchema)]
pub struct AcceptanceSearch {
    /// 证件号码, or name.
    id_number: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// 案件号.
    case_no: Option<String>,
    /// 申领类型.
    claim_type: Option<ClaimType>,
    /// 案件状态.
    stage: Option<Stage>,
    /// 受理日期, from.
    accepted_from: Option<NaiveDate>,
    /// 受理日期, to.
    accepted_to: Option<NaiveDate>,
    /// How they keep to the limit of their stage.
    pace: Option<Pace>,
    /// Newest acceptance first where absent.
    order: Option<RowOrder>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The 工作池 of 申领受理.
#[utoipa::path(post, path = "/api/acceptance/search", tag = "acceptance", request_body = AcceptanceSearch,
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Json(search): Json<AcceptanceSearch>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    let mut select =
        rows::visible_about(&me, search.id_number.as_deref()).filter(case::Column::Stage.ne(Coded(Stage::Deleted)));
    if let Some(unit) = search.unit_id {
        select = select.filter(case::Column::UnitId.eq(unit));
    }
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(claim_type) = search.claim_type {
        select = select.filter(case::Column::ClaimType.eq(Coded(claim_type)));
    }
    if let Some(stage) = search.stage {
        select = select.filter(case::Column::Stage.eq(Coded(stage)));
    }
    select = rows::of_org(app.db.read(), select, search.org_id).await?;
    select = rows::between(select, case::Column::AcceptedOn, search.accepted_from, search.accepted_to);
    let select = deadlines::narrowed(app.db.read(), select, search.pace).await?;
    let order = search.order.unwrap_or_default();
    rows::page_in(&app.db, &me, select, order, Paging { page: search.page, size: search.size }).await.map(Json)
}

/// The query of 添加受理信息.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibilityQuery {
    /// 证件类型.
    id_kind: IdKind,
    /// 证件号码.
    id_number: String,
    /// 出险日期.
    incident_date: NaiveDate,
    /// 申领类型; all when absent.
    category: Option<ClaimCategory>,
}

/// One claim that could be made, or why it couldn't.
#[derive(Serialize, ToSchema)]
pub struct EligibilityRow {
    coverage_id: i64,
    liability_code: String,
    claim_type: ClaimType,
    member_name: String,
    id_kind: IdKind,
    id_number: String,
    plan_name: String,
    liability_name: String,
    coverage_from: NaiveDate,
    coverage_to: NaiveDate,
    org_name: String,
    unit_name: String,
    /// Whether it can be accepted.
    allowed: bool,
    /// Why not.
    reasons: Vec<Notice>,
    /// What looks like the same claim made before: 确认受理 wants a reason then.
    suspicions: Vec<Notice>,
}

/// What a member's coverages allow on a day.
#[derive(Serialize, ToSchema)]
pub struct Eligibility {
    /// Remarks about the number: a wrong check digit, a number that stands twice.
    notices: Vec<Notice>,
    rows: Vec<EligibilityRow>,
}

/// 查询 of 添加受理信息: which claims the coverages of an ID number allow on a day.
#[utoipa::path(post, path = "/api/acceptance/eligibility", tag = "acceptance", request_body = EligibilityQuery,
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 200, body = Eligibility), (status = "4XX", body = ProblemBody)))]
pub(super) async fn eligibility(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Json(query): Json<EligibilityQuery>,
) -> Result<Json<Eligibility>, Problem> {
    let number = id_number::normalise(&query.id_number);
    if number.is_empty() || number.chars().count() > MAX_ID_NUMBER {
        return Err(Problem::invalid_field("id_number", if number.is_empty() { "required" } else { "too_long" }));
    }
    if query.incident_date > clock::today() {
        return Err(Problem::invalid_field("incident_date", "in_future"));
    }
    let db = app.db.read();
    let covered = store::by_id_number(db, &me, query.id_kind, &number).await?;
    let ids: Vec<i64> = covered.iter().map(|c| c.id).collect();
    let before = store::Before::load(db, ids).await?;
    let plans = app.plans.get_all(db, covered.iter().map(|c| c.plan_version_id)).await?;
    let orgs = rows::org_names(&app.db, covered.iter().map(store::Covered::org_id)).await?;
    let mut out = Vec::new();
    for cover in &covered {
        let Some(plan) = plans.get(&cover.plan_version_id) else { continue };
        for liability in &plan.liabilities {
            let wanted_type = |t: &&ClaimType| query.category.is_none_or(|c| t.category() == c);
            for claim_type in liability.claim_types.iter().filter(wanted_type).copied() {
                let reasons = before.reasons(cover, plan, liability, claim_type, query.incident_date);
                out.push(EligibilityRow {
                    coverage_id: cover.id,
                    liability_code: liability.code.clone(),
                    claim_type,
                    member_name: cover.member_name.clone(),
                    id_kind: cover.id_kind.0,
                    id_number: cover.id_number.as_str().to_owned(),
                    plan_name: plan.name.clone(),
                    liability_name: liability.name.clone(),
                    coverage_from: cover.period_from,
                    coverage_to: cover.period_to,
                    org_name: rows::name(&orgs, cover.org_id()),
                    unit_name: cover.unit_name.clone(),
                    allowed: reasons.is_empty(),
                    reasons: reasons.iter().map(|r| Notice::of(r, me.locale)).collect(),
                    suspicions: Vec::new(),
                });
            }
        }
    }
    suspect_rows(db, &me, query.incident_date, &covered, &mut out, me.locale).await?;
    out.sort_by_key(|r| !r.allowed);
    Ok(Json(Eligibility { notices: notices(&query, &number, &covered, me.locale), rows: out }))
}

/// Says of the claims that could be accepted which look like one that was made before.
async fn suspect_rows(
    db: &impl sea_orm::ConnectionTrait,
    me: &Me,
    incident_date: NaiveDate,
    covered: &[store::Covered],
    rows: &mut [EligibilityRow],
    locale: Locale,
) -> Result<(), Problem> {
    let looked = |row: &&mut EligibilityRow| Looked {
        id_number: covered.iter().find(|c| c.id == row.coverage_id).map(|c| c.id_number.clone()).unwrap_or_default(),
        claim_type: row.claim_type,
        incident_date,
        stay: None,
        invoice_no: String::new(),
    };
    let mut open: Vec<&mut EligibilityRow> = rows.iter_mut().filter(|r| r.allowed).collect();
    let claims: Vec<Looked> = open.iter().map(looked).collect();
    for (row, found) in open.iter_mut().zip(suspect::of(db, me, &claims).await?) {
        row.suspicions = found.iter().map(|s| Notice::of(s, locale)).collect();
    }
    Ok(())
}

fn notices(query: &EligibilityQuery, number: &str, covered: &[store::Covered], locale: Locale) -> Vec<Notice> {
    let resident = query.id_kind == IdKind::ResidentId;
    let fault = resident.then(|| id_number::inspect(number).fault).flatten();
    let mut out: Vec<Notice> = fault.iter().map(|f| Notice::of(f, locale)).collect();
    let people: HashSet<i64> = covered.iter().map(|c| c.member_id).collect();
    if people.len() > 1 {
        out.push(Notice::of(&json!({ "code": "id_number_twice", "args": { "count": people.len() } }), locale));
    }
    out
}

/// 确认受理.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// At most 50.
    rows: Vec<AcceptRow>,
}

/// 确认受理: makes a case of every row, all of them or none.
#[utoipa::path(post, path = "/api/acceptance/cases", tag = "acceptance", request_body = AcceptRequest,
    params(("Idempotency-Key" = String, Header, description = "The same for a repeated request")),
    extensions(("x-right" = json!("accept_claims"))),
    responses((status = 201, body = Accepted), (status = "4XX", body = ProblemBody)))]
pub(super) async fn accept(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    headers: HeaderMap,
    Json(asked): Json<AcceptRequest>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Problem::invalid_field("Idempotency-Key", "required"));
    }
    Ok((StatusCode::CREATED, Json(accept::accept(&app, &me, key, &asked.rows).await?)))
}

/// 案件删除: only before the first 申领提交; the case stays in the log.
#[utoipa::path(post, path = "/api/cases/{id}/delete", tag = "acceptance", params(("id" = i64, Path)),
    extensions(("x-right" = json!("accept_claims"))), request_body = Seen,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn delete(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<StatusCode, Problem> {
    cases::perform(&app, &me, CaseId(id), Act::new(Action::Delete, seen.version)).await?;
    Ok(StatusCode::NO_CONTENT)
}
