//! Drafts of plan versions: what they say and where they stand is their last event; the domain decides what comes next.
use huzhu_domain::{
    benefit::{MAX_PLAN_BYTES, Plan},
    ids::UserId,
    plan_draft::{DraftBlocker, DraftEvent, DraftFacts, DraftState, blockers},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult,
    JoinType, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select, SqlErr,
    sea_query::Expr,
};

use super::versions::{self, Origin};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{org, plan_draft, plan_draft_event},
    platform::{auth::Me, clock, coded::Coded, db::containing, error::Problem},
};

/// Events of a draft that its history shows.
const MAX_HISTORY: u64 = 100;
/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// A draft with its last event.
pub(super) struct Draft {
    pub(super) row: plan_draft::Model,
    pub(super) last: plan_draft_event::Model,
}

impl Draft {
    pub(super) fn state(&self) -> DraftState {
        DraftState::after(self.last.kind.0)
    }

    fn proposed_by(&self) -> Option<UserId> {
        (self.last.kind.0 == DraftEvent::Propose).then_some(UserId(self.last.actor_id))
    }
}

/// A draft as a list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Listed {
    pub(super) draft_id: i64,
    pub(super) office_id: i64,
    pub(super) kind: Coded<DraftEvent>,
    pub(super) actor_id: i64,
    pub(super) at: chrono::DateTime<chrono::Utc>,
    pub(super) code: String,
    pub(super) version: String,
    pub(super) name: String,
}

fn newest() -> Select<plan_draft_event::Entity> {
    let to_draft: RelationDef = plan_draft_event::Entity::belongs_to(plan_draft::Entity)
        .from(plan_draft_event::Column::DraftId)
        .to(plan_draft::Column::Id)
        .into();
    let last = "plan_draft_events.seq = (SELECT max(e.seq) FROM plan_draft_events e \
                WHERE e.draft_id = plan_draft_events.draft_id)";
    plan_draft_event::Entity::find().join(JoinType::InnerJoin, to_draft).filter(Expr::cust(last))
}

/// One page of the drafts of an office (or of all), last touched first, and how many there are.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    own: Option<i64>,
    (office_id, text, open): (Option<i64>, Option<&str>, bool),
    (limit, offset): (u64, u64),
) -> Result<(Vec<Listed>, u64), Problem> {
    use plan_draft_event::Column as C;
    let mut select = newest();
    for office in own.into_iter().chain(office_id) {
        select = select.filter(plan_draft::Column::OfficeId.eq(office));
    }
    if let Some(text) = text {
        select =
            select.filter(Condition::any().add(C::Name.like(containing(text))).add(C::Code.like(containing(text))));
    }
    if open {
        let done = [DraftEvent::Publish, DraftEvent::Discard].map(Coded);
        select = select.filter(C::Kind.is_not_in(done));
    }
    let total = select.clone().count(db).await?;
    let found = select
        .order_by(C::At, Order::Desc)
        .order_by(C::Id, Order::Desc)
        .limit(limit)
        .offset(offset)
        .select_only()
        .columns([C::DraftId, C::Kind, C::ActorId, C::At, C::Code, C::Version, C::Name])
        .column(plan_draft::Column::OfficeId)
        .into_model::<Listed>()
        .all(db)
        .await?;
    Ok((found, total))
}

/// A draft of the caller's office.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<Draft, Problem> {
    let own = versions::office_of(db, me).await?;
    let row = plan_draft::Entity::find_by_id(id).one(db).await?;
    let row = row.filter(|r| own.is_none_or(|office| office == r.office_id)).ok_or_else(Problem::not_found)?;
    let last = plan_draft_event::Entity::find()
        .filter(plan_draft_event::Column::DraftId.eq(id))
        .order_by_desc(plan_draft_event::Column::Seq)
        .one(db)
        .await?;
    Ok(Draft { row, last: last.ok_or_else(Problem::not_found)? })
}

/// What happened to a draft, newest first.
pub(super) async fn history(db: &impl ConnectionTrait, id: i64) -> Result<Vec<plan_draft_event::Model>, Problem> {
    let events = plan_draft_event::Entity::find()
        .filter(plan_draft_event::Column::DraftId.eq(id))
        .order_by_desc(plan_draft_event::Column::Seq)
        .limit(MAX_HISTORY);
    Ok(events.all(db).await?)
}

/// What the caller has the right to do to a draft now, with what still keeps it from happening.
pub(super) async fn allowed(
    db: &impl ConnectionTrait,
    me: &Me,
    draft: &Draft,
) -> Result<Vec<(DraftEvent, Vec<DraftBlocker>)>, Problem> {
    let plan = Plan::parse(&draft.last.source);
    let published = match &plan {
        Ok(plan) => versions::siblings(db, draft.row.office_id, &plan.code).await?,
        Err(_) => Vec::new(),
    };
    let plan = plan.as_ref().map_err(Vec::len);
    let facts = DraftFacts { proposed_by: draft.proposed_by(), plan, published: &published };
    let actor = me.actor();
    let steps: Vec<DraftEvent> = draft.state().steps(&actor).collect();
    let why = |event| blockers(draft.state(), event, &actor, &facts).unwrap_or_default();
    Ok(steps.into_iter().map(|event| (event, why(event))).collect())
}

fn check_source(source: &str) -> Result<(), Problem> {
    if source.trim().is_empty() {
        return Err(Problem::invalid_field("source", "required"));
    }
    // PostgreSQL keeps no such character, and no plan needs one.
    if source.contains('\0') {
        return Err(Problem::invalid_field("source", "unknown"));
    }
    if source.len() > MAX_PLAN_BYTES {
        return Err(Problem::invalid_field("source", "too_long"));
    }
    Ok(())
}

/// Begins a draft in an office of the caller's branch.
///
/// # Errors
/// 422 where there is no such office, or no text.
pub async fn create(app: &App, me: &Me, office_id: i64, source: String) -> Result<i64, Problem> {
    check_source(&source)?;
    let tx = app.db.begin().await?;
    let own = versions::office_of(&tx, me).await?;
    let office = org::Entity::find_by_id(office_id).one(&tx).await?;
    let known = office.is_some_and(|o| o.kind.0 == huzhu_domain::org::OrgKind::Office);
    if !known || own.is_some_and(|own| own != office_id) {
        return Err(Problem::invalid_field("office_id", "unknown"));
    }
    let row = plan_draft::ActiveModel {
        office_id: Set(office_id),
        created_by_id: Set(me.id.0),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let id = plan_draft::Entity::insert(row).exec(&tx).await?.last_insert_id;
    append(&tx, me, id, 1, DraftEvent::Save, String::new(), source).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "plan_new", id)]).await?;
    Ok(id)
}

async fn append(
    tx: &DatabaseTransaction,
    me: &Me,
    draft_id: i64,
    seq: i64,
    kind: DraftEvent,
    note: String,
    source: String,
) -> Result<(), Problem> {
    let plan = Plan::parse(&source).ok();
    let text = |of: fn(&Plan) -> &String| plan.as_ref().map(of).cloned().unwrap_or_default();
    let event = plan_draft_event::ActiveModel {
        draft_id: Set(draft_id),
        seq: Set(seq),
        kind: Set(Coded(kind)),
        actor_id: Set(me.id.0),
        at: Set(clock::now()),
        note: Set(note),
        code: Set(text(|p| &p.code)),
        version: Set(text(|p| &p.version)),
        name: Set(text(|p| &p.name)),
        source: Set(source),
        ..Default::default()
    };
    let done = plan_draft_event::Entity::insert(event).exec_without_returning(tx).await;
    match done {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Err(stale()),
        Err(error) => Err(error.into()),
    }
}

fn stale() -> Problem {
    Problem::new(axum::http::StatusCode::CONFLICT, "draft_stale")
}

/// Something to be done to a draft.
pub(super) struct Asked {
    /// The last event that the caller saw.
    pub(super) seq: i64,
    pub(super) event: DraftEvent,
    pub(super) note: Option<String>,
    /// The new text, at 保存.
    pub(super) source: Option<String>,
}

/// Does something to a draft: one transaction; a refusal is logged in its own.
///
/// # Errors
/// 404 outside the branch, 403 without the right, 409 when somebody was quicker, 422 with all the reasons why not.
pub(super) async fn act(app: &App, me: &Me, id: i64, asked: Asked) -> Result<(), Problem> {
    let event = asked.event;
    let tx = app.db.begin().await?;
    let done = act_in(&tx, me, id, asked).await;
    audit::finish(&app.db, tx, me.id.0, (act_name(event), &id.to_string()), done).await
}

const fn act_name(event: DraftEvent) -> &'static str {
    match event {
        DraftEvent::Save => "plan_save",
        DraftEvent::Propose => "plan_propose",
        DraftEvent::Return => "plan_return",
        DraftEvent::Publish => "plan_publish",
        DraftEvent::Discard => "plan_discard",
    }
}

async fn act_in(tx: &DatabaseTransaction, me: &Me, id: i64, asked: Asked) -> Result<(), Problem> {
    let note = asked.note.map(|n| n.trim().to_owned()).unwrap_or_default();
    if note.chars().count() > MAX_NOTE {
        return Err(Problem::invalid_field("note", "too_long"));
    }
    // Two publications of one office must see each other, and each other's dates: its row is the lock, taken before the
    // draft is read.
    let office_id = find(tx, me, id).await?.row.office_id;
    org::Entity::find_by_id(office_id).lock_exclusive().one(tx).await?;
    let draft = find(tx, me, id).await?;
    let source = asked.source.unwrap_or_else(|| draft.last.source.clone());
    check_source(&source)?;
    let plan = Plan::parse(&source);
    let published = match &plan {
        Ok(plan) => versions::siblings(tx, draft.row.office_id, &plan.code).await?,
        Err(_) => Vec::new(),
    };
    let proposed_by = draft.proposed_by();
    let facts = DraftFacts { proposed_by, plan: plan.as_ref().map_err(Vec::len), published: &published };
    let reasons = blockers(draft.state(), asked.event, &me.actor(), &facts);
    let reasons = reasons.ok_or_else(Problem::forbidden)?;
    if draft.last.seq != asked.seq {
        return Err(stale());
    }
    if !reasons.is_empty() {
        return Err(Problem::refused(&reasons));
    }
    if asked.event == DraftEvent::Return && note.is_empty() {
        return Err(Problem::invalid_field("note", "required"));
    }
    if let (Ok(plan), DraftEvent::Publish) = (&plan, asked.event) {
        let origin =
            Origin { draft_id: Some(id), proposed_by_id: proposed_by.map(|u| u.0), published_by_id: Some(me.id.0) };
        versions::insert(tx, draft.row.office_id, plan, &source, origin).await?;
    }
    append(tx, me, id, draft.last.seq + 1, asked.event, note, source).await
}
