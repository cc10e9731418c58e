//! An appeal whole.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    appeal::{self as rules, AppealState},
    case::{DenyReason, Outcome, Relation},
    ids::UserId,
    money::Fen,
    permission::Permission,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::appeals;
use crate::{
    app::App,
    cases::rows,
    entity::{appeal_paper, case, member},
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
        messages::Notice,
    },
};

/// A picture that belongs to an appeal.
#[derive(Serialize, ToSchema)]
pub struct AppealPaper {
    id: i64,
    file_name: String,
    /// Whether it was erased when its time was over (保管期限与清除): there is no content any more.
    erased: bool,
    size: i64,
    uploaded_at: DateTime<Utc>,
    url: String,
}

impl AppealPaper {
    pub(super) fn of(row: appeal_paper::Model) -> Self {
        let url = format!("/api/appeals/papers/{}/content", row.id);
        let erased = row.sha256.is_empty();
        Self { id: row.id, erased, file_name: row.file_name, size: row.size, uploaded_at: row.uploaded_at, url }
    }
}

/// An appeal whole.
#[derive(Serialize, ToSchema)]
pub struct AppealView {
    id: i64,
    version: i64,
    state: AppealState,
    case_id: i64,
    case_no: String,
    member_name: String,
    /// How the case ended.
    outcome: Option<Outcome>,
    /// Why, where it was denied.
    deny_reason: Option<DenyReason>,
    closed_on: Option<NaiveDate>,
    /// What the case granted, in fen.
    benefit_fen: Option<Fen>,
    appellant_name: String,
    appellant_relation: Relation,
    appellant_phone: String,
    appealed_on: NaiveDate,
    /// The last day on which it was in time.
    until: Option<NaiveDate>,
    grounds: String,
    /// Empty where it came in time.
    late_reason: String,
    recorded_by_name: String,
    recorded_at: DateTime<Utc>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decision_note: String,
    correction_id: Option<i64>,
    correction_no: Option<String>,
    papers: Vec<AppealPaper>,
    /// What keeps the caller from deciding it; null where it isn't theirs to decide.
    decide: Option<Vec<Notice>>,
    /// Whether the caller may add papers to it, or take it back.
    may_keep: bool,
}

/// An appeal of the caller's branch.
#[utoipa::path(get, path = "/api/appeals/{id}", tag = "after", operation_id = "show_appeal", params(("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_cases"))),
    responses((status = 200, body = AppealView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::InquireCases>,
    Path(id): Path<i64>,
) -> Result<Json<AppealView>, Problem> {
    load(&app, &me, id).await.map(Json)
}

pub(super) async fn load(app: &App, me: &Me, id: i64) -> Result<AppealView, Problem> {
    let db = app.db.read();
    let (row, of) = appeals::find(db, me, id).await?;
    let person = member::Entity::find_by_id(of.member_id).one(db).await?;
    let correction = match row.correction_id {
        Some(id) => case::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let papers = appeal_paper::Entity::find().filter(appeal_paper::Column::AppealId.eq(id));
    let papers = papers.order_by_asc(appeal_paper::Column::Id).all(db).await?;
    let users = rows::user_names(&app.db, [Some(row.recorded_by_id), row.decided_by_id].into_iter().flatten()).await?;
    let open = row.state.0 == AppealState::Open;
    let decide = if open && me.may(Permission::SecondReview) {
        let hands = appeals::hands(db, &of).await?;
        let reasons = rules::decide_blockers(me.id, UserId(row.recorded_by_id), &hands);
        Some(reasons.iter().map(|b| Notice::of(b, me.locale)).collect())
    } else {
        None
    };
    let closed_on = of.closed_at.map(clock::day_of);
    Ok(AppealView {
        id,
        version: row.version,
        state: row.state.0,
        case_id: of.id,
        case_no: of.no,
        member_name: person.map(|m| m.name).unwrap_or_default(),
        outcome: of.outcome.map(|o| o.0),
        deny_reason: of.close_reason.as_deref().and_then(|code| code.parse().ok()),
        closed_on,
        benefit_fen: of.benefit_fen.map(Fen),
        appellant_name: row.appellant_name,
        appellant_relation: row.appellant_relation.0,
        appellant_phone: row.appellant_phone.into_string(),
        appealed_on: row.appealed_on,
        until: closed_on.map(|day| rules::last_day(day, app.config.appeal_days)),
        grounds: row.grounds,
        late_reason: row.late_reason,
        recorded_by_name: rows::name(&users, row.recorded_by_id),
        recorded_at: row.recorded_at,
        decided_by_name: row.decided_by_id.map(|id| rows::name(&users, id)),
        decided_at: row.decided_at,
        decision_note: row.decision_note,
        correction_id: row.correction_id,
        correction_no: correction.map(|c| c.no),
        papers: papers.into_iter().map(AppealPaper::of).collect(),
        decide,
        may_keep: open && me.may(Permission::AcceptClaims),
    })
}
