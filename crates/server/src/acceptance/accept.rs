//! 确认受理: a list of claims becomes cases, all of them or none.
use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::{
    case::{CaseSource, MAX_TEXT, Payee, Stage, Suspicion},
    claim_type::ClaimType,
    dates::Period,
    ids::CaseNo,
    statement::StatementDraft,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::store::{self, Covered};
use crate::{
    app::App,
    audit::{self, Entry},
    cases::{
        events::{self, NewEvent, Signed},
        file::WarningReason,
        store as cases_store,
        suspect::{self, Looked},
    },
    entity::{case, idempotency_key, org},
    platform::{auth::Me, clock, coded::Coded, error::Problem, secrets},
};

/// Claims that one list can hold.
const MAX_ROWS: usize = 50;

/// How long the first answer to a key is kept.
const KEPT: chrono::Duration = chrono::Duration::days(7);

/// One claim to be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRow {
    /// The coverage that it falls under.
    pub coverage_id: i64,
    /// 互助金类型.
    pub liability_code: String,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// Why it is another claim than the one that it looks like; wanted where one is suspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_reason: Option<String>,
}

/// A claim to be accepted, with what is known of its expenses already.
pub(super) struct NewClaim {
    pub(super) row: AcceptRow,
    pub(super) statement: Option<StatementDraft>,
    pub(super) payee: Option<Payee>,
}

impl AcceptRow {
    fn same_incident(&self, other: &Self) -> bool {
        let of = |r: &Self| (r.coverage_id, r.claim_type, r.incident_date);
        of(self) == of(other) && self.liability_code == other.liability_code
    }
}

/// A case that was made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AcceptedCase {
    /// Its id.
    pub id: i64,
    /// 案件号.
    pub no: String,
    /// Where it begins.
    pub stage: Stage,
    /// 姓名.
    pub member_name: String,
    /// 申领类型.
    pub claim_type: ClaimType,
}

/// What was accepted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// The cases, in the order of the list.
    pub cases: Vec<AcceptedCase>,
}

/// Accepts a list of claims; a `key` that was seen before gets the first answer.
///
/// # Errors
/// 422 with the reason per row, 409 where the key was used for another list.
pub async fn accept(app: &App, me: &Me, key: &str, rows: &[AcceptRow]) -> Result<Accepted, Problem> {
    check(rows)?;
    let claims: Vec<NewClaim> =
        rows.iter().map(|row| NewClaim { row: row.clone(), statement: None, payee: None }).collect();
    let request_hash = &secrets::sha256(serde_json::to_string(rows)?);
    take(app, me, Asked { key, request_hash, logged_as: None }, &claims).await
}

/// How a list came.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// By which it is known again.
    pub(super) key: &'a str,
    pub(super) request_hash: &'a str,
    /// The act that the log is told of, besides the events of the cases.
    pub(super) logged_as: Option<&'a str>,
}

/// Accepts claims, all of them or none; a key that was seen before with this hash gets the first answer.
///
/// # Errors
/// See [`accept`].
pub(super) async fn take(app: &App, me: &Me, asked: Asked<'_>, claims: &[NewClaim]) -> Result<Accepted, Problem> {
    let rows: Vec<&AcceptRow> = claims.iter().map(|c| &c.row).collect();
    let ids: Vec<i64> = rows.iter().map(|r| r.coverage_id).collect();
    let covered = store::by_ids(app.db.read(), me, &ids).await?;
    let covered: HashMap<i64, Covered> = covered.into_iter().map(|c| (c.id, c)).collect();
    if let Some(i) = rows.iter().position(|r| !covered.contains_key(&r.coverage_id)) {
        return Err(Problem::invalid_field(&format!("rows.{i}.coverage_id"), "unknown"));
    }
    let nos = case_nos(app, &rows, &covered).await?;
    let tx = app.db.begin().await?;
    let done = match answered(&tx, me, asked.key, asked.request_hash).await {
        Ok(Some(first)) => return Ok(first),
        Ok(None) => accept_in(&tx, app, me, asked.key, claims, &covered, nos).await,
        Err(problem) => Err(problem),
    };
    let entry = asked.logged_as.map(|act| Entry::done(Some(me.id.0), act, ""));
    audit::finish_with(&app.db, tx, me.id.0, (events::ACCEPTED, ""), done, entry.as_slice()).await
}

async fn accept_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    key: &str,
    claims: &[NewClaim],
    covered: &HashMap<i64, Covered>,
    nos: Vec<CaseNo>,
) -> Result<Accepted, Problem> {
    let accepted = insert_all(tx, app, me, claims, covered, nos).await?;
    let answer = idempotency_key::ActiveModel {
        user_id: Set(me.id.0),
        key: Set(key.to_owned()),
        answer: Set(serde_json::to_string(&accepted)?),
        ..Default::default()
    };
    idempotency_key::Entity::update(answer).exec(tx).await?;
    Ok(accepted)
}

fn check(rows: &[AcceptRow]) -> Result<(), Problem> {
    if rows.is_empty() || rows.len() > MAX_ROWS {
        return Err(Problem::invalid_field("rows", if rows.is_empty() { "required" } else { "too_many" }));
    }
    match (1..rows.len()).find(|i| rows[..*i].iter().any(|r| r.same_incident(&rows[*i]))) {
        Some(i) => Err(Problem::invalid_field(&format!("rows.{i}.coverage_id"), "twice")),
        None => Ok(()),
    }
}

/// Numbers for the list, in its order. Taken before the transaction: allotting is one of its own.
async fn case_nos(app: &App, rows: &[&AcceptRow], covered: &HashMap<i64, Covered>) -> Result<Vec<CaseNo>, Problem> {
    let office = |r: &AcceptRow| covered.get(&r.coverage_id).and_then(|c| c.office_id).unwrap_or_default();
    let mut wanted: HashMap<i64, usize> = HashMap::new();
    for row in rows {
        *wanted.entry(office(row)).or_default() += 1;
    }
    let mut taken: HashMap<i64, std::vec::IntoIter<CaseNo>> = HashMap::new();
    for (id, count) in wanted {
        let office = org::Entity::find_by_id(id).one(app.db.read()).await?;
        let code = office.ok_or_else(|| Problem::internal("a unit without an office"))?.code;
        let nos = app.case_nos.take(&app.db, &code, clock::today(), count).await?;
        taken.insert(id, nos.into_iter());
    }
    let next = |row: &&AcceptRow| taken.get_mut(&office(row)).and_then(Iterator::next);
    rows.iter().map(next).collect::<Option<_>>().ok_or_else(|| Problem::internal("too few case numbers"))
}

/// Marks the key as used; where it was before, the answer it got.
async fn answered(
    tx: &DatabaseTransaction,
    me: &Me,
    key: &str,
    request_hash: &str,
) -> Result<Option<Accepted>, Problem> {
    use idempotency_key::Column as C;
    let row = idempotency_key::ActiveModel {
        user_id: Set(me.id.0),
        key: Set(key.to_owned()),
        request_hash: Set(request_hash.to_owned()),
        answer: Set(String::new()),
        created_at: Set(clock::now()),
    };
    idempotency_key::Entity::delete_many()
        .filter(C::UserId.eq(me.id.0))
        .filter(C::CreatedAt.lt(clock::now() - KEPT))
        .exec(tx)
        .await?;
    let once = OnConflict::columns([C::UserId, C::Key]).do_nothing().to_owned();
    if idempotency_key::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await? > 0 {
        return Ok(None);
    }
    let seen = idempotency_key::Entity::find_by_id((me.id.0, key.to_owned())).one(tx).await?;
    let seen = seen.ok_or_else(|| Problem::internal("idempotency key vanished"))?;
    if seen.request_hash != request_hash {
        return Err(Problem::new(axum::http::StatusCode::CONFLICT, "idempotency_key_reused"));
    }
    Ok(Some(serde_json::from_str(&seen.answer)?))
}

/// What a key was answered before, if it was.
///
/// # Errors
/// When the database fails.
pub(super) async fn first_answer(app: &App, me: &Me, key: &str) -> Result<Option<Accepted>, Problem> {
    let seen = idempotency_key::Entity::find_by_id((me.id.0, key.to_owned())).one(app.db.read()).await?;
    seen.map(|row| serde_json::from_str(&row.answer).map_err(Into::into)).transpose()
}

async fn insert_all(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    claims: &[NewClaim],
    covered: &HashMap<i64, Covered>,
    nos: Vec<CaseNo>,
) -> Result<Accepted, Problem> {
    let ids: Vec<i64> = covered.keys().copied().collect();
    store::hold_units(tx, covered.values()).await?;
    store::lock(tx, ids.clone()).await?;
    // Read again with the rows held: a change may have taken effect since the list was looked at.
    let held = store::by_ids(tx, me, &ids).await?;
    let covered: HashMap<i64, Covered> = held.into_iter().map(|c| (c.id, c)).collect();
    let before = store::Before::load(tx, ids).await?;
    let plans = app.plans.get_all(tx, covered.values().map(|c| c.plan_version_id)).await?;
    let suspected = suspected(tx, me, claims, &covered).await?;
    let (mut cases, mut told) = (Vec::with_capacity(claims.len()), Vec::with_capacity(claims.len()));
    for (i, ((claim, suspicions), no)) in claims.iter().zip(suspected).zip(nos).enumerate() {
        let row = &claim.row;
        let unknown = |field: &str| Problem::invalid_field(&format!("rows.{i}.{field}"), "unknown");
        let cover = covered.get(&row.coverage_id).ok_or_else(|| unknown("coverage_id"))?;
        let plan = plans.get(&cover.plan_version_id).ok_or_else(|| unknown("coverage_id"))?;
        let liability = plan.liability(&row.liability_code).ok_or_else(|| unknown("liability_code"))?;
        if !liability.claim_types.contains(&row.claim_type) {
            return Err(unknown("claim_type"));
        }
        let reasons = before.reasons(cover, plan, liability, row.claim_type, row.incident_date);
        if !reasons.is_empty() {
            return Err(Problem::refused(&reasons));
        }
        let explained = explanation(row, i)?;
        if !suspicions.is_empty() && explained.is_none() {
            return Err(Problem::refused(&suspicions));
        }
        let explained = explained.filter(|_| !suspicions.is_empty());
        let event = insert(tx, me, claim, (cover, &liability.name), no.clone(), (&suspicions, explained)).await?;
        cases.push(AcceptedCase {
            id: event.case_id.0,
            no: no.to_string(),
            stage: Stage::first(row.claim_type),
            member_name: cover.member_name.clone(),
            claim_type: row.claim_type,
        });
        told.push(event);
    }
    events::write(tx, told).await?;
    Ok(Accepted { cases })
}

/// Inserts a case; the event that begins it is to be written.
async fn insert(
    tx: &DatabaseTransaction,
    me: &Me,
    claim: &NewClaim,
    (cover, liability_name): (&Covered, &str),
    no: CaseNo,
    (suspicions, explained): (&[Suspicion], Option<&str>),
) -> Result<Signed, Problem> {
    let row = &claim.row;
    let stage = Stage::first(row.claim_type);
    let source: CaseSource = me.source();
    let new = cases_store::NewCase {
        no,
        stage,
        accepted_by: me.id,
        row: case::ActiveModel {
            source: Set(Coded(source)),
            office_id: Set(cover.office_id.unwrap_or_default()),
            agency_id: Set(cover.agency_id),
            unit_id: Set(cover.unit_id),
            member_id: Set(cover.member_id),
            coverage_id: Set(cover.id),
            plan_version_id: Set(cover.plan_version_id),
            claim_type: Set(Coded(row.claim_type)),
            liability_code: Set(row.liability_code.clone()),
            liability_name: Set(liability_name.to_owned()),
            incident_date: Set(row.incident_date),
            warning_reasons: Set(serde_json::to_string(&answers(suspicions, explained))?),
            ..Default::default()
        },
    };
    let id = cases_store::insert(tx, new).await?;
    cases_store::replace_statements(tx, id, claim.statement.as_slice()).await?;
    cases_store::replace_payees(tx, id, claim.payee.as_slice()).await?;
    let event = NewEvent {
        case_id: id,
        kind: events::ACCEPTED,
        actor: me.id,
        from: None,
        to: stage,
        reason_code: None,
        note: explained.map(str::to_owned),
        data: json!({ "claim_type": row.claim_type, "liability": row.liability_code, "suspected": suspicions }),
    };
    let event = Signed::after((0, ""), event);
    cases_store::chain_event(tx, &event).await?;
    Ok(event)
}

/// What looks like each of some claims.
async fn suspected(
    tx: &DatabaseTransaction,
    me: &Me,
    claims: &[NewClaim],
    covered: &HashMap<i64, Covered>,
) -> Result<Vec<Vec<Suspicion>>, Problem> {
    let looked = |claim: &NewClaim| {
        let id_number = covered.get(&claim.row.coverage_id).map(|c| c.id_number.clone()).unwrap_or_default();
        let statement = claim.statement.as_ref();
        let stay = statement.and_then(|s| s.admitted_on.zip(s.discharged_on));
        Looked {
            id_number,
            claim_type: claim.row.claim_type,
            incident_date: claim.row.incident_date,
            stay: stay.and_then(|(from, to)| Period::new(from, to)),
            invoice_no: statement.map(|s| s.invoice_no.clone()).unwrap_or_default(),
        }
    };
    suspect::of(tx, me, &claims.iter().map(looked).collect::<Vec<_>>()).await
}

/// The word of explanation that came with a row.
fn explanation(row: &AcceptRow, index: usize) -> Result<Option<&str>, Problem> {
    let given = row.duplicate_reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
    match given {
        Some(reason) if reason.chars().count() > MAX_TEXT => {
            Err(Problem::invalid_field(&format!("rows.{index}.duplicate_reason"), "too_long"))
        }
        given => Ok(given),
    }
}

/// The explanation as the answer to the warnings that the case carries from its acceptance on.
fn answers(suspicions: &[Suspicion], explained: Option<&str>) -> Vec<WarningReason> {
    let answer = |suspicion: &Suspicion| WarningReason {
        code: suspicion.warning().to_owned(),
        // About the incident, or about the statement that came along.
        statement: (suspicion.warning() != "incident_seen").then_some(1),
        reason: explained.unwrap_or_default().to_owned(),
    };
    suspicions.iter().map(answer).collect()
}
