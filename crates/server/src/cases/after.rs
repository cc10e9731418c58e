//! What follows a closed case, for its page: the chain of corrections, the appeals, what comes back.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    appeal::{self as rules, AppealState},
    case::{Blocker, CorrectionReason, OpenFacts, Outcome, Relation, Stage, open_blockers},
    money::Fen,
    permission::Permission,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::TimelineEvent,
    chain,
    recovery::{self, RecoveryView},
    rows::{self, Names},
};
use crate::{
    app::App,
    entity::{appeal, case},
    platform::{auth::Me, clock, error::Problem, messages::Notice},
};

/// Appeals against one case that are shown.
const MAX_APPEALS: u64 = 20;

/// A case of a chain.
#[derive(Serialize, ToSchema)]
pub struct ChainCase {
    id: i64,
    no: String,
    stage: Stage,
    outcome: Option<Outcome>,
    /// What it paid, below zero claimed back, in fen; null while nothing is decided and where it paid nothing.
    benefit_fen: Option<Fen>,
    /// What the chain has granted with it; null while it isn't closed.
    granted_fen: Option<Fen>,
    /// Why it was opened; null of the first.
    reason: Option<CorrectionReason>,
    accepted_on: NaiveDate,
    closed_on: Option<NaiveDate>,
}

/// An appeal, as the case's page shows it.
#[derive(Serialize, ToSchema)]
pub struct CaseAppeal {
    id: i64,
    state: AppealState,
    appellant_name: String,
    appellant_relation: Relation,
    appealed_on: NaiveDate,
    grounds: String,
    recorded_by_name: String,
    recorded_at: DateTime<Utc>,
    decided_by_name: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    decision_note: String,
}

/// What the case corrects, and by how much.
#[derive(Serialize, ToSchema)]
pub struct CorrectionView {
    reason: CorrectionReason,
    /// Of the case that it corrects.
    corrects_id: i64,
    /// 案件号 of the case that it corrects.
    corrects_no: String,
    /// What the chain granted before, in fen.
    granted_before_fen: Fen,
    /// What was computed last.
    computed_fen: Option<Fen>,
    /// What it is to pay, below zero to claim back: as computed last, or as decided.
    difference_fen: Option<Fen>,
}

/// What follows a closed case.
#[derive(Serialize, ToSchema)]
pub struct AfterView {
    /// What the case corrects.
    correction: Option<CorrectionView>,
    /// The chain that the case belongs to, its first case first; empty where nothing corrects it and it corrects nothing.
    chain: Vec<ChainCase>,
    /// What the closed cases of the chain granted together, in fen.
    granted_fen: Fen,
    /// Newest last.
    appeals: Vec<CaseAppeal>,
    /// The last day on which an appeal is in time.
    appeal_until: Option<NaiveDate>,
    /// What keeps the caller from opening a correction; null where that isn't theirs to do here.
    correct: Option<Vec<Notice>>,
    /// What keeps the caller from recording an appeal; null where that isn't theirs to do here.
    appeal: Option<Vec<Notice>>,
    /// 追回 of this case.
    recovery: Option<RecoveryView>,
}

/// What follows a case, as it is stored.
pub(super) struct After {
    chain: Vec<case::Model>,
    appeals: Vec<appeal::Model>,
    /// The appeals that were allowed with the case.
    led_here: Vec<appeal::Model>,
    entries: recovery::Entries,
    /// Of a closed case.
    facts: Option<OpenFacts>,
}

impl After {
    pub(super) async fn load(db: &impl ConnectionTrait, row: &case::Model) -> Result<Self, Problem> {
        let chain = chain::cases_of(db, row).await?;
        let closed = row.stage.0 == Stage::Closed;
        let appeals = if closed { appeals(db, row).await? } else { Vec::new() };
        let led_here = led_here(db, row).await?;
        let entries = recovery::Entries::load(db, row).await?;
        let facts = if closed { Some(chain::facts(db, row, &chain).await?) } else { None };
        Ok(Self { chain, appeals, led_here, entries, facts })
    }

    /// Everybody who is named in it.
    pub(super) fn people(&self) -> Vec<i64> {
        let mut people = self.entries.people();
        let appeals = self.appeals.iter().chain(&self.led_here);
        people.extend(appeals.flat_map(|a| [Some(a.recorded_by_id), a.decided_by_id]).flatten());
        people.extend(self.chain.iter().flat_map(|c| [Some(c.accepted_by_id), c.closed_by_id]).flatten());
        people
    }

    /// As the page shows it, and what of it belongs into the history of the case.
    pub(super) fn view(self, app: &App, me: &Me, row: &case::Model, users: &Names) -> (AfterView, Vec<TimelineEvent>) {
        let Self { chain, appeals, led_here, entries, facts } = self;
        let notices = |reasons: Vec<Blocker>| reasons.iter().map(|b| Notice::of(b, me.locale)).collect::<Vec<_>>();
        let may = |right: Permission| facts.as_ref().filter(|_| me.may(right));
        let corrects = chain.iter().find(|c| Some(c.id) == row.corrects_id);
        let view = AfterView {
            correction: correction(row, corrects),
            granted_fen: Fen(chain::granted(&chain)),
            appeal_until: row.closed_at.map(|at| rules::last_day(clock::day_of(at), app.config.appeal_days)),
            correct: may(Permission::FirstReview).map(|f| notices(open_blockers(f))),
            appeal: may(Permission::AcceptClaims).map(|f| notices(f.appeal_blockers())),
            recovery: entries.view(me, row, users),
            appeals: appeals.iter().map(|a| appeal_view(a, users)).collect(),
            chain: chain_view(&chain),
        };
        let timeline = timeline(row, &chain, appeals.iter().chain(&led_here), users);
        (view, timeline)
    }
}

async fn appeals(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<appeal::Model>, Problem> {
    let of_case = appeal::Entity::find().filter(appeal::Column::CaseId.eq(row.id));
    Ok(of_case.order_by_asc(appeal::Column::Id).limit(MAX_APPEALS).all(db).await?)
}

/// The appeals that were allowed with this case.
async fn led_here(db: &impl ConnectionTrait, row: &case::Model) -> Result<Vec<appeal::Model>, Problem> {
    if row.corrects_id.is_none() {
        return Ok(Vec::new());
    }
    Ok(appeal::Entity::find().filter(appeal::Column::CorrectionId.eq(row.id)).all(db).await?)
}

fn correction(row: &case::Model, corrects: Option<&case::Model>) -> Option<CorrectionView> {
    let granted_before = row.granted_before_fen?;
    Some(CorrectionView {
        reason: row.correction_reason?.0,
        corrects_id: row.corrects_id?,
        corrects_no: corrects.map(|c| c.no.clone()).unwrap_or_default(),
        granted_before_fen: Fen(granted_before),
        computed_fen: row.calculated_fen.map(Fen),
        difference_fen: row.benefit_fen.or(row.calculated_fen.map(|fen| fen - granted_before)).map(Fen),
    })
}

fn chain_view(chain: &[case::Model]) -> Vec<ChainCase> {
    if chain.len() < 2 {
        return Vec::new();
    }
    let mut granted = 0;
    let view = |c: &case::Model| {
        let closed = c.stage.0 == Stage::Closed;
        if closed {
            granted += c.benefit_fen.unwrap_or_default();
        }
        ChainCase {
            id: c.id,
            no: c.no.clone(),
            stage: c.stage.0,
            outcome: c.outcome.map(|o| o.0),
            benefit_fen: c.benefit_fen.map(Fen),
            granted_fen: closed.then_some(Fen(granted)),
            reason: c.correction_reason.map(|r| r.0),
            accepted_on: c.accepted_on,
            closed_on: c.closed_at.map(clock::day_of),
        }
    };
    chain.iter().map(view).collect()
}

fn appeal_view(a: &appeal::Model, users: &Names) -> CaseAppeal {
    CaseAppeal {
        id: a.id,
        state: a.state.0,
        appellant_name: a.appellant_name.clone(),
        appellant_relation: a.appellant_relation.0,
        appealed_on: a.appealed_on,
        grounds: a.grounds.clone(),
        recorded_by_name: rows::name(users, a.recorded_by_id),
        recorded_at: a.recorded_at,
        decided_by_name: a.decided_by_id.map(|id| rows::name(users, id)),
        decided_at: a.decided_at,
        decision_note: a.decision_note.clone(),
    }
}

/// What happened around the case: its own chain of events stays as it is, so this is told beside it.
fn timeline<'a>(
    row: &case::Model,
    chain: &[case::Model],
    appeals: impl Iterator<Item = &'a appeal::Model>,
    users: &Names,
) -> Vec<TimelineEvent> {
    let mut out = Vec::new();
    let mut tell = |kind: &str, at: DateTime<Utc>, by: Option<i64>, note: String| {
        let seq = -1 - i64::try_from(out.len()).unwrap_or_default();
        out.push(TimelineEvent {
            remarks: Vec::new(),
            seq,
            kind: kind.to_owned(),
            at,
            actor_name: by.map(|id| rows::name(users, id)).unwrap_or_default(),
            from_stage: None,
            to_stage: row.stage.0,
            reason_code: None,
            assignee_name: None,
            second_review: Vec::new(),
            note: Some(note).filter(|n| !n.is_empty()),
        });
    };
    for a in appeals {
        tell("appeal_recorded", a.recorded_at, Some(a.recorded_by_id), a.grounds.clone());
        let decided = match a.state.0 {
            AppealState::Open => continue,
            AppealState::Upheld => "appeal_upheld",
            AppealState::Allowed => "appeal_allowed",
            AppealState::Withdrawn => "appeal_withdrawn",
        };
        if let Some(at) = a.decided_at {
            tell(decided, at, a.decided_by_id, a.decision_note.clone());
        }
    }
    for c in chain.iter().filter(|c| c.corrects_id == Some(row.id)) {
        tell("corrected_by", c.accepted_at, Some(c.accepted_by_id), c.no.clone());
        if let Some(at) = c.closed_at {
            tell("correction_closed", at, c.closed_by_id, c.no.clone());
        }
    }
    out
}
