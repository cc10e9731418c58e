//! The events of a case: what happened, by whom, when. Each is signed together with the one before it, and the case's row names the
//! last one, so that an event that was changed, taken out or added after the fact shows.
use chrono::{DateTime, Utc};
use huzhu_domain::{
    case::{ActionKind, Stage},
    ids::{CaseId, UserId},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::Value;

use super::store;
use crate::{
    audit::tombstones,
    entity::case_event,
    platform::{
        clock,
        coded::Coded,
        error::Problem,
        keys::{self, Purpose},
    },
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

/// An event with its place in its case's chain: the case's row is to name it as the last, and then it is to be written.
#[derive(Clone, Debug)]
#[must_use]
pub struct Signed {
    /// The case.
    pub case_id: CaseId,
    /// Its place, from 1.
    pub seq: i64,
    /// Its signature.
    pub hash: String,
    row: case_event::ActiveModel,
}

impl Signed {
    /// Signs an event that follows `last`: place and signature of the case's last event, 0 and nothing where there is none.
    pub fn after((last, previous_hash): (i64, &str), event: NewEvent<'_>) -> Self {
        let (seq, at, data) = (last + 1, clock::now(), event.data.to_string());
        let hash = keys::sign(Purpose::Log, signed_text(&event, seq, at, &data, previous_hash));
        let row = case_event::ActiveModel {
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
            previous_hash: Set(previous_hash.to_owned()),
            hash: Set(hash.clone()),
            ..Default::default()
        };
        Self { case_id: event.case_id, seq, hash, row }
    }
}

/// Writes events whose cases name them already.
///
/// # Errors
/// When the database can't be written.
pub async fn write(tx: &impl ConnectionTrait, events: impl IntoIterator<Item = Signed>) -> Result<(), Problem> {
    case_event::Entity::insert_many(events.into_iter().map(|e| e.row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Appends an event to its case's chain. The caller holds the case's row in the same transaction.
///
/// # Errors
/// When the database can't be written.
pub async fn append(tx: &impl ConnectionTrait, event: NewEvent<'_>) -> Result<(), Problem> {
    let (last, previous_hash) = store::last_event(tx, event.case_id).await?;
    let signed = Signed::after((last, &previous_hash), event);
    store::chain_event(tx, &signed).await?;
    write(tx, [signed]).await
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The row is not what was written.
    Changed,
    /// There was a row here, and maybe more after it.
    Removed,
    /// Nobody who has the keys wrote the row.
    Added,
}

/// What is wrong with the events of one case, in their order, given the `head` that the case's row names: at which place of the
/// chain, and what.
#[must_use]
pub fn breaks(events: &[case_event::Model], head: (i64, &str)) -> Vec<(i64, Break)> {
    let mut out = Vec::new();
    let (mut last, mut previous) = (0, "");
    for e in events {
        if e.seq > head.0 || e.seq <= last {
            out.push((e.seq, Break::Added));
            continue;
        }
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
        let gap = e.seq != last + 1;
        if gap {
            out.push((last + 1, Break::Removed));
        }
        let true_to_itself = if tombstones::is_case_event(e) {
            tombstones::is_true_case_event(e)
        } else {
            let text = signed_text(&event, e.seq, e.at, &e.data, &e.previous_hash);
            keys::has_signed(Purpose::Log, text, &e.hash)
        };
        // After a gap the row before can't be asked; where it was changed, it is the one that is named.
        if !true_to_itself || (!gap && e.previous_hash != previous) {
            out.push((e.seq, Break::Changed));
        }
        (last, previous) = (e.seq, &e.hash);
    }
    if last < head.0 {
        out.push((last + 1, Break::Removed));
    } else if previous != head.1 && out.is_empty() {
        out.push((last, Break::Changed));
    }
    out
}

fn signed_text(event: &NewEvent<'_>, seq: i64, at: DateTime<Utc>, data: &str, previous: &str) -> String {
    let from = event.from.map_or("", Into::into);
    let to: &str = event.to.into();
    let text = serde_json::json!([
        "case_event",
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
    text.to_string()
}
