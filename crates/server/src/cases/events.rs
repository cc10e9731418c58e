//! The events of a case: what happened, by whom, when, chained by hash so that a change after the fact shows.
use chrono::{DateTime, Utc};
use huzhu_domain::{
    case::{ActionKind, Stage},
    ids::{CaseId, UserId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::{
    entity::case_event,
    platform::{clock, coded::Coded, error::Problem, secrets},
};

/// The event that begins every case.
pub const ACCEPTED: &str = "accept";

/// An event to be written.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// The case.
    pub case_id: CaseId,
    /// What happened: an [`ActionKind`] or [`ACCEPTED`].
    pub kind: &'a str,
    /// Who did it.
    pub actor: UserId,
    /// Where the case stood.
    pub from: Option<Stage>,
    /// Where it stands.
    pub to: Stage,
    /// The coded reason, where the act has one.
    pub reason_code: Option<String>,
    /// The reason in words.
    pub note: Option<String>,
    /// What else belongs to the act: amounts, kinds of material. No personal data.
    pub data: Value,
}

/// The name under which an act is logged.
#[must_use]
pub fn kind_of(action: ActionKind) -> &'static str {
    action.into()
}

/// Appends events, each to its case's chain. The caller holds the cases' rows in the same transaction.
///
/// # Errors
/// When the database can't be written.
pub async fn append(tx: &impl ConnectionTrait, event: NewEvent<'_>) -> Result<(), Problem> {
    let last = case_event::Entity::find()
        .filter(case_event::Column::CaseId.eq(event.case_id.0))
        .order_by_desc(case_event::Column::Seq)
        .limit(1)
        .one(tx)
        .await?;
    let (seq, previous_hash) = last.map_or((1, String::new()), |e| (e.seq + 1, e.hash));
    let row = row(event, seq, previous_hash);
    case_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The row of an event at its place in the chain.
#[must_use]
pub fn row(event: NewEvent<'_>, seq: i64, previous_hash: String) -> case_event::ActiveModel {
    let at = clock::now();
    let data = event.data.to_string();
    let hash = hash(&event, seq, at, &data, &previous_hash);
    case_event::ActiveModel {
        case_id: Set(event.case_id.0),
        seq: Set(seq),
        kind: Set(event.kind.to_owned()),
        actor_id: Set(event.actor.0),
        at: Set(at),
        from_stage: Set(event.from.map(Coded)),
        to_stage: Set(Coded(event.to)),
        reason_code: Set(event.reason_code),
        note: Set(event.note),
        data: Set(data),
        previous_hash: Set(previous_hash),
        hash: Set(hash),
        ..Default::default()
    }
}

/// Whether the events of one case, in their order, are chained as they were written.
#[must_use]
pub fn is_unbroken(events: &[case_event::Model]) -> bool {
    let mut previous = "";
    (1..).zip(events).all(|(seq, e)| {
        let event = NewEvent {
            case_id: CaseId(e.case_id),
            kind: &e.kind,
            actor: UserId(e.actor_id),
            from: e.from_stage.map(|s| s.0),
            to: e.to_stage.0,
            reason_code: e.reason_code.clone(),
            note: e.note.clone(),
            data: Value::Null,
        };
        let fits = e.seq == seq && e.previous_hash == previous && e.hash == hash(&event, seq, e.at, &e.data, previous);
        previous = &e.hash;
        fits
    })
}

fn hash(event: &NewEvent<'_>, seq: i64, at: DateTime<Utc>, data: &str, previous: &str) -> String {
    let from = event.from.map_or("", Into::into);
    let to: &str = event.to.into();
    let text = serde_json::json!([
        previous,
        event.case_id.0,
        seq,
        event.kind,
        event.actor.0,
        at.timestamp_millis(),
        from,
        to,
        event.reason_code,
        event.note,
        data
    ]);
    secrets::sha256(text.to_string())
}
