//! 申诉: recording, deciding, taking back.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use huzhu_domain::{
    appeal::{self as rules, AppealState},
    case::{ActionKind, Blocker, CorrectionReason, Relation},
    ids::{CaseId, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    appeal_view::{self, AppealView},
    corrections::{self, note},
};
use crate::{
    app::App,
    audit,
    cases::{
        chain::{self, Opening},
        events, store,
    },
    entity::{appeal, case, case_event},
    notify,
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::{self, Object},
};

/// The longest name or number.
const MAX_TEXT: usize = 100;
/// The longest grounds, in characters.
const MAX_GROUNDS: usize = 2000;

/// 申诉.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    /// 申诉人.
    pub appellant_name: String,
    /// 与出险人关系.
    pub appellant_relation: Relation,
    /// 联系电话.
    #[serde(default)]
    pub appellant_phone: String,
    /// The day on which the appeal came in.
    pub appealed_on: NaiveDate,
    /// 申诉理由.
    pub grounds: String,
    /// Why it comes late, where it does.
    #[serde(default)]
    pub late_reason: String,
}

/// A decision on an appeal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealDecision {
    /// The version that the caller saw.
    pub version: i64,
    /// Whether it is allowed (支持); else the case stays as it ended (维持).
    pub allowed: bool,
    /// What the member is told.
    pub note: String,
}

/// 撤回 of an appeal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealWithdrawal {
    version: i64,
    /// Why.
    note: String,
}

/// An appeal of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<(appeal::Model, case::Model), Problem> {
    let row = appeal::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let of = store::find(db, me, CaseId(row.case_id)).await?;
    Ok((row, of))
}

/// Holds an appeal and its case until the transaction ends.
async fn lock(tx: &DatabaseTransaction, me: &Me, id: i64) -> Result<(appeal::Model, case::Model), Problem> {
    let found = appeal::Entity::find_by_id(id).one(tx).await?.ok_or_else(Problem::not_found)?;
    // The case first, as whoever records an appeal or opens a correction does.
    let of = store::lock(tx, me, CaseId(found.case_id)).await?;
    let row = appeal::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or_else(Problem::not_found)?;
    Ok((row, of))
}

/// 申诉: records an appeal against how a case ended.
#[utoipa::path(post, path = "/api/cases/{id}/appeals", tag = "after", params(("id" = i64, Path)),
    extensions(("x-right" = json!("accept_claims"))), request_body = AppealRequest,
    responses((status = 201, body = AppealView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn record(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Path(id): Path<i64>,
    Json(asked): Json<AppealRequest>,
) -> Result<(StatusCode, Json<AppealView>), Problem> {
    let appeal_id = record_appeal(&app, &me, CaseId(id), asked).await?;
    Ok((StatusCode::CREATED, Json(appeal_view::load(&app, &me, appeal_id).await?)))
}

/// Records an appeal; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 422 with the fields that are wrong or all the reasons why not.
pub async fn record_appeal(app: &App, me: &Me, id: CaseId, asked: AppealRequest) -> Result<i64, Problem> {
    let tx = app.db.begin().await?;
    let done = record_in(&tx, app, me, id, asked).await;
    audit::finish(&app.db, tx, me.id.0, ("appeal", &id.to_string()), done).await
}

async fn record_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    id: CaseId,
    asked: AppealRequest,
) -> Result<i64, Problem> {
    let row = store::lock(tx, me, id).await?;
    let chain = chain::cases_of(tx, &row).await?;
    let reasons = chain::facts(tx, &row, &chain).await?.appeal_blockers();
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    let closed_on = clock::day_of(row.closed_at.ok_or_else(|| Problem::internal("a closed case without a day"))?);
    let until = rules::last_day(closed_on, app.config.appeal_days);
    check(&asked, closed_on, until)?;
    let late = asked.appealed_on > until;
    let new = appeal::ActiveModel {
        case_id: Set(row.id),
        state: Set(Coded(AppealState::Open)),
        version: Set(1),
        appellant_name: Set(asked.appellant_name.trim().to_owned()),
        appellant_relation: Set(Coded(asked.appellant_relation)),
        appellant_phone: Set(asked.appellant_phone.trim().into()),
        appealed_on: Set(asked.appealed_on),
        grounds: Set(asked.grounds.trim().to_owned()),
        late_reason: Set(if late { asked.late_reason.trim().to_owned() } else { String::new() }),
        recorded_by_id: Set(me.id.0),
        recorded_at: Set(clock::now()),
        ..Default::default()
    };
    let appeal_id = appeal::Entity::insert(new).exec(tx).await?.last_insert_id;
    let after = json!({ "case_id": row.id, "appealed_on": asked.appealed_on, "late": late });
    records::note(tx, object(appeal_id), Some(me.id.0), "record", "", (&Value::Null, &after)).await?;
    let told = corrections::workers(&row, me);
    notify::tell(tx, told, "appeal_recorded", &json!({ "no": row.no }), Object { kind: "case", id: row.id }).await?;
    Ok(appeal_id)
}

/// Everything that is wrong with what was typed.
fn check(asked: &AppealRequest, closed_on: NaiveDate, until: NaiveDate) -> Result<(), Problem> {
    let mut issues = Vec::new();
    let mut issue = |field: &str, problem: &str| issues.push((field.to_owned(), problem.to_owned()));
    let mut text = |field: &str, typed: &str, max: usize, required: bool| match typed.trim().chars().count() {
        0 if required => issue(field, "required"),
        n if n > max => issue(field, "too_long"),
        _ => {}
    };
    text("appellant_name", &asked.appellant_name, MAX_TEXT, true);
    text("appellant_phone", &asked.appellant_phone, MAX_TEXT, false);
    text("grounds", &asked.grounds, MAX_GROUNDS, true);
    text("late_reason", &asked.late_reason, MAX_GROUNDS, asked.appealed_on > until);
    if asked.appealed_on > clock::today() {
        issue("appealed_on", "in_future");
    } else if asked.appealed_on < closed_on {
        issue("appealed_on", "before_closing");
    }
    if issues.is_empty() { Ok(()) } else { Err(Problem::invalid(issues)) }
}

pub(super) const fn object(id: i64) -> Object {
    Object { kind: "appeal", id }
}

/// Everybody who worked on a chain of cases until it was decided: who opened, submitted, approved, returned or denied.
pub(super) async fn hands(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<UserId>, Problem> {
    let chain: Vec<i64> = chain::cases_of(db, row).await?.into_iter().map(|c| c.id).collect();
    let kinds = [ActionKind::Submit, ActionKind::Approve, ActionKind::Return, ActionKind::Deny].map(events::kind_of);
    let actors: Vec<i64> = case_event::Entity::find()
        .filter(case_event::Column::CaseId.is_in(chain))
        .filter(case_event::Column::Kind.is_in(kinds.into_iter().chain([chain::CORRECTS])))
        .select_only()
        .column(case_event::Column::ActorId)
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(actors.into_iter().map(UserId).collect())
}

/// 维持 or 支持; an appeal that is allowed opens the correction with it.
#[utoipa::path(post, path = "/api/appeals/{id}/decide", tag = "after", params(("id" = i64, Path)),
    extensions(("x-right" = json!("second_review"))), request_body = AppealDecision,
    responses((status = 200, body = AppealView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn decide(
    State(app): State<App>,
    me: Acting<can::SecondReview>,
    Path(id): Path<i64>,
    Json(asked): Json<AppealDecision>,
) -> Result<Json<AppealView>, Problem> {
    decide_appeal(&app, &me, id, asked).await?;
    appeal_view::load(&app, &me, id).await.map(Json)
}

/// Decides an appeal; a refusal is logged.
///
/// # Errors
/// 404 outside the branch, 409 where it isn't as the caller saw it, 422 with all the reasons why not.
pub async fn decide_appeal(app: &App, me: &Me, id: i64, asked: AppealDecision) -> Result<(), Problem> {
    let (_, of) = find(app.db.read(), me, id).await?;
    let no = if asked.allowed { Some(chain::next_no(app, &of).await?) } else { None };
    let note = note("note", &asked.note)?;
    let tx = app.db.begin().await?;
    let done = async {
        let (row, of) = lock(&tx, me, id).await?;
        open_as_seen(&row, asked.version)?;
        let reasons = rules::decide_blockers(me.id, UserId(row.recorded_by_id), &hands(&tx, &of).await?);
        if !reasons.is_empty() {
            return Err(Problem::refused(&reasons));
        }
        let correction = match no {
            Some(no) => {
                let opening =
                    Opening { reason: CorrectionReason::AppealAllowed, note: note.clone(), appeal_id: Some(id) };
                Some(corrections::open_for(&tx, me, &of, no, opening).await?.id)
            }
            None => None,
        };
        let state = if asked.allowed { AppealState::Allowed } else { AppealState::Upheld };
        end(&tx, me, &row, state, &note, correction).await?;
        let mut told = corrections::workers(&of, me);
        if !told.contains(&row.recorded_by_id) {
            told.push(row.recorded_by_id);
        }
        let kind = if asked.allowed { "appeal_allowed" } else { "appeal_upheld" };
        notify::tell(&tx, told, kind, &json!({ "no": of.no }), Object { kind: "case", id: of.id }).await?;
        Ok(())
    }
    .await;
    audit::finish(&app.db, tx, me.id.0, ("decide_appeal", &id.to_string()), done).await
}

/// 撤回: who appealed doesn't want a decision any more.
#[utoipa::path(post, path = "/api/appeals/{id}/withdraw", tag = "after", operation_id = "withdraw_appeal",
    params(("id" = i64, Path)), extensions(("x-right" = json!("accept_claims"))), request_body = AppealWithdrawal,
    responses((status = 200, body = AppealView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    me: Acting<can::AcceptClaims>,
    Path(id): Path<i64>,
    Json(asked): Json<AppealWithdrawal>,
) -> Result<Json<AppealView>, Problem> {
    find(app.db.read(), &me, id).await?;
    let note = note("note", &asked.note)?;
    let tx = app.db.begin().await?;
    let done = async {
        let (row, _) = lock(&tx, &me, id).await?;
        open_as_seen(&row, asked.version)?;
        end(&tx, &me, &row, AppealState::Withdrawn, &note, None).await
    }
    .await;
    audit::finish(&app.db, tx, me.id.0, ("withdraw_appeal", &id.to_string()), done).await?;
    appeal_view::load(&app, &me, id).await.map(Json)
}

fn open_as_seen(row: &appeal::Model, version: i64) -> Result<(), Problem> {
    if row.state.0 != AppealState::Open {
        return Err(Problem::refused(&[Blocker::AppealDecided {}]));
    }
    if row.version == version { Ok(()) } else { Err(Problem::stale_version()) }
}

async fn end(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &appeal::Model,
    state: AppealState,
    note: &str,
    correction: Option<i64>,
) -> Result<(), Problem> {
    let change = appeal::ActiveModel {
        state: Set(Coded(state)),
        version: Set(row.version + 1),
        decided_by_id: Set(Some(me.id.0)),
        decided_at: Set(Some(clock::now())),
        decision_note: Set(note.to_owned()),
        correction_id: Set(correction),
        ..Default::default()
    };
    appeal::Entity::update_many().set(change).filter(appeal::Column::Id.eq(row.id)).exec(tx).await?;
    let (before, after) = (json!({ "state": row.state.0 }), json!({ "state": state, "correction_id": correction }));
    records::note(tx, object(row.id), Some(me.id.0), state.into(), note, (&before, &after)).await?;
    Ok(())
}
