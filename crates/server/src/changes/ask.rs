//! 变更申请: a change is asked for; the records stay as they are.
use std::collections::HashSet;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{Datelike, NaiveDate};
use huzhu_domain::{
    case::{MAX_TEXT, is_account_no},
    change::{self as domain, Blocker, Change, ChangeState, MAX_DAYS, MAX_FILES, MAX_REASON, MemberData, PaperKind},
    enrolment::MAX_SHARES,
    id_number::{self, IdKind, MAX_ID_NUMBER},
    member::{MAX_NAME, is_phone},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{facts, store};
use crate::{
    app::App,
    audit,
    entity::{change, change_file, org},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::{self, Object},
};

/// A change that somebody asks for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// Whose record; at 合并 the one that stays.
    pub member_id: i64,
    /// What is to be.
    pub change: Change,
    /// Why.
    pub reason: String,
    /// Pictures that were uploaded for it.
    #[serde(default)]
    pub files: Vec<i64>,
}

/// The change that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Asked {
    /// Its id.
    pub id: i64,
    /// 变更号.
    pub no: String,
}

/// 变更申请: nothing is changed until somebody else approves.
#[utoipa::path(post, path = "/api/changes", tag = "changes", request_body = AskRequest,
    extensions(("x-right" = json!("request_changes"))),
    responses((status = 201, body = Asked), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::RequestChanges>,
    Json(asked): Json<AskRequest>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    Ok((StatusCode::CREATED, Json(ask(&app, &me, asked).await?)))
}

/// Asks for a change.
///
/// # Errors
/// 404 where the member lies outside the branch; 422 with wrong fields, or with everything that stands in the way.
pub async fn ask(app: &App, me: &Me, mut asked: AskRequest) -> Result<Asked, Problem> {
    check(&mut asked)?;
    let tx = app.db.begin().await?;
    let done = ask_in(app, &tx, me, &asked).await;
    audit::finish(&app.db, tx, me.id.0, ("change_ask", &asked.member_id.to_string()), done).await
}

async fn ask_in(app: &App, tx: &DatabaseTransaction, me: &Me, asked: &AskRequest) -> Result<Asked, Problem> {
    let change = &asked.change;
    // The member's row is held, so that of two who ask the same only one gets through.
    let ids: Vec<i64> = std::iter::once(asked.member_id).chain(change.other_id()).collect();
    store::lock_members(tx, &ids).await?;
    let records = facts::load(app, tx, me, change, asked.member_id, None).await?;
    let files = own_files(tx, me, &asked.files).await?;
    let mut reasons = domain::blockers(change, &records.facts);
    let papers: Vec<PaperKind> = files.iter().map(|f| f.kind.0).collect();
    reasons.extend(domain::missing_papers(change, &papers));
    if reasons.contains(&Blocker::IdNumberWrong {}) {
        return Err(Problem::invalid_field("id_number", "not_an_id_number"));
    }
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let unit = org::Entity::find_by_id(records.member.unit_id).one(tx).await?;
    let unit = unit.ok_or_else(|| Problem::internal("a member without a unit"))?;
    let office_id = unit.office_id.ok_or_else(|| Problem::internal("a unit without an office"))?;
    let office = org::Entity::find_by_id(office_id).one(tx).await?;
    let no = store::next_no(tx, &office.map(|o| o.code).unwrap_or_default()).await?;
    let row = change::ActiveModel {
        no: Set(no.clone()),
        kind: Set(Coded(change.kind())),
        member_id: Set(asked.member_id),
        other_member_id: Set(change.other_id()),
        unit_id: Set(unit.id),
        coverage_id: Set(change.coverage_id()),
        state: Set(Coded(ChangeState::Proposed)),
        version: Set(1),
        effective_on: Set(change.effective_on()),
        before: Set(serde_json::to_string(&records.before)?.into()),
        after: Set(serde_json::to_string(change)?.into()),
        reason: Set(asked.reason.clone()),
        asked_by_id: Set(me.id.0),
        asked_at: Set(clock::now()),
        ..Default::default()
    };
    let id = change::Entity::insert(row).exec(tx).await?.last_insert_id;
    if !files.is_empty() {
        change_file::Entity::update_many()
            .set(change_file::ActiveModel { change_id: Set(Some(id)), ..Default::default() })
            .filter(change_file::Column::Id.is_in(files.iter().map(|f| f.id)))
            .exec(tx)
            .await?;
    }
    let what = json!({ "kind": change.kind() });
    records::note(tx, Object { kind: "change", id }, Some(me.id.0), "ask", &asked.reason, (&(), &what)).await?;
    Ok(Asked { id, no })
}

/// The caller's uploads that belong to no change yet.
async fn own_files(tx: &DatabaseTransaction, me: &Me, ids: &[i64]) -> Result<Vec<change_file::Model>, Problem> {
    let found = change_file::Entity::find()
        .filter(change_file::Column::Id.is_in(ids.iter().copied()))
        .filter(change_file::Column::UploadedById.eq(me.id.0))
        .filter(change_file::Column::ChangeId.is_null())
        .all(tx)
        .await?;
    if found.len() == ids.iter().collect::<HashSet<_>>().len() {
        Ok(found)
    } else {
        Err(Problem::invalid_field("files", "unknown"))
    }
}

/// Normalises what was typed and names the fields that are wrong.
fn check(asked: &mut AskRequest) -> Result<(), Problem> {
    let mut issues = Vec::new();
    let mut wrong = |field: &str, problem: &str| issues.push((field.to_owned(), problem.to_owned()));
    asked.reason = asked.reason.trim().to_owned();
    if asked.reason.is_empty() {
        wrong("reason", "required");
    } else if asked.reason.chars().count() > MAX_REASON {
        wrong("reason", "too_long");
    }
    if asked.files.len() > MAX_FILES {
        wrong("files", "too_many");
    }
    match &mut asked.change {
        Change::MemberData(data) => check_member(data, &mut wrong),
        Change::CoverageAdd { from, to, shares, .. } | Change::CoverageReplace { from, to, shares, .. } => {
            check_period(*from, *to, &mut wrong);
            if !(1..=MAX_SHARES).contains(shares) {
                wrong("shares", "not_shares");
            }
        }
        Change::Transfer { from: day, .. } | Change::CoverageEnd { last_day: day, .. } => {
            check_day("from", *day, &mut wrong)
        }
        Change::BankAccount { account_no, bank_name } => {
            account_no.retain(|c| !c.is_whitespace() && c != '-');
            *bank_name = bank_name.trim().to_owned();
            if !is_account_no(account_no) {
                wrong("account_no", if account_no.is_empty() { "required" } else { "not_an_account" });
            }
            if bank_name.is_empty() || bank_name.chars().count() > MAX_TEXT {
                wrong("bank_name", if bank_name.is_empty() { "required" } else { "too_long" });
            }
        }
        Change::Merge { .. } | Change::Unmerge { .. } => {}
    }
    if issues.is_empty() { Ok(()) } else { Err(Problem::invalid(issues)) }
}

fn check_day(field: &str, day: NaiveDate, wrong: &mut impl FnMut(&str, &str)) {
    if !(1990..=2200).contains(&day.year()) {
        wrong(field, "not_a_day");
    }
}

fn check_period(from: NaiveDate, to: NaiveDate, wrong: &mut impl FnMut(&str, &str)) {
    check_day("from", from, wrong);
    check_day("to", to, wrong);
    if to < from {
        wrong("to", "before_start");
    } else if (to - from).num_days() >= MAX_DAYS {
        wrong("to", "too_large");
    }
}

fn check_member(data: &mut MemberData, wrong: &mut impl FnMut(&str, &str)) {
    data.name = data.name.trim().to_owned();
    data.phone = data.phone.trim().to_owned();
    data.id_number = id_number::normalise(&data.id_number);
    if data.name.is_empty() || data.name.chars().count() > MAX_NAME {
        wrong("name", if data.name.is_empty() { "required" } else { "too_long" });
    }
    if data.id_number.is_empty() || data.id_number.chars().count() > MAX_ID_NUMBER {
        wrong("id_number", if data.id_number.is_empty() { "required" } else { "too_long" });
    } else if data.id_kind == IdKind::ResidentId {
        let seen = id_number::inspect(&data.id_number);
        // A wrong number that is on record may stay; whether it is a new one is asked of the record.
        data.birth_date = seen.birth_date.or(data.birth_date);
        data.sex = seen.sex.or(data.sex);
    }
    if data.birth_date.is_some_and(|d| d > clock::today()) {
        wrong("birth_date", "in_future");
    }
    if !data.phone.is_empty() && !is_phone(&data.phone) {
        wrong("phone", "not_a_phone");
    }
}
