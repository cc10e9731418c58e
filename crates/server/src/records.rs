//! The history of records that aren't cases: organisation, users, roles, members, dictionaries, enrolments, changes.
//!
//! Whoever writes such a record calls [`note`] in the same transaction.
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    audit::tombstones,
    cases::rows,
    entity::record_event,
    platform::{
        clock,
        db::Db,
        error::Problem,
        keys::{self, Purpose},
        seal,
    },
};

/// Events of one record that are shown.
const MAX_EVENTS: u64 = 200;

/// Which record: its kind and its id.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// `org`, `user`, `role`, `member`, `hospital`, `bank`, `illness_class`, `enrolment`, `change`, `notice`, `calendar`
    /// (its id the year), `time_limits` (its id the node), `absence`.
    pub kind: &'static str,
    /// The row.
    pub id: i64,
}

/// Writes what happened together with the change itself. `before` and `after` are what was and is, null where there is none.
///
/// # Errors
/// When the database can't be written.
pub async fn note(
    tx: &impl ConnectionTrait,
    object: Object,
    actor_id: Option<i64>,
    act: &str,
    reason: &str,
    (before, after): (&impl Serialize, &impl Serialize),
) -> Result<(), DbErr> {
    let text = |value: Value| value.to_string();
    let event = record_event::Model {
        id: 0,
        object_kind: object.kind.to_owned(),
        object_id: object.id,
        act: act.to_owned(),
        actor_id,
        at: clock::now(),
        reason: reason.to_owned(),
        before: text(serde_json::to_value(before).unwrap_or_default()),
        after: text(serde_json::to_value(after).unwrap_or_default()),
        hash: String::new(),
        erasure_id: None,
        tombstone: String::new(),
    };
    record_event::Entity::insert(signed(event)).exec_without_returning(tx).await.map(|_| ())
}

/// A row to be inserted, signed: who has nothing but the database can neither write nor change one. What was and is holds personal
/// data, so it is sealed; a row that can't be opened is one that was changed, which `Sealed` would make a failure of.
fn signed(event: record_event::Model) -> record_event::ActiveModel {
    let hash = keys::sign(Purpose::Log, signed_text(&event));
    let (before, after) = (Set(keys::seal(&event.before)), Set(keys::seal(&event.after)));
    record_event::ActiveModel { id: NotSet, hash: Set(hash), before, after, ..event.into_active_model().reset_all() }
}

/// A row as it was before it was sealed.
fn opened(row: &record_event::Model) -> Option<record_event::Model> {
    Some(record_event::Model { before: keys::unseal(&row.before)?, after: keys::unseal(&row.after)?, ..row.clone() })
}

fn signed_text(e: &record_event::Model) -> String {
    let at = e.at.timestamp_millis();
    json!(["record_event", e.object_kind, e.object_id, e.act, e.actor_id, at, e.reason, e.before, e.after]).to_string()
}

/// Whether an event is what was written.
#[must_use]
pub fn is_true(event: &record_event::Model) -> bool {
    if tombstones::is_record_event(event) {
        return tombstones::is_true_record_event(event);
    }
    opened(event).is_some_and(|clear| keys::has_signed(Purpose::Log, signed_text(&clear), &event.hash))
}

/// Rows that one statement of [`note_all`] writes.
const NOTES_AT_ONCE: usize = 500;

/// What happened to one of many records.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The row.
    pub id: i64,
    /// What happened.
    pub act: &'static str,
    /// What was; null where there was nothing.
    pub before: Value,
    /// What is.
    pub after: Value,
}

/// As [`note`], for many records of one kind in few statements.
///
/// # Errors
/// When the database can't be written.
pub async fn note_all(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    actor_id: Option<i64>,
    reason: &str,
    noted: &[Noted],
) -> Result<(), DbErr> {
    let at = clock::now();
    for part in noted.chunks(NOTES_AT_ONCE) {
        let rows = part.iter().map(|n| {
            signed(record_event::Model {
                id: 0,
                object_kind: kind.to_owned(),
                object_id: n.id,
                act: n.act.to_owned(),
                actor_id,
                at,
                reason: reason.to_owned(),
                before: n.before.to_string(),
                after: n.after.to_string(),
                hash: String::new(),
                erasure_id: None,
                tombstone: String::new(),
            })
        });
        record_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What happened to a record, as its page shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordEventView {
    /// What happened: `create`, `update`, `import` …
    pub act: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; empty where the program did.
    pub actor_name: String,
    /// Why.
    pub reason: String,
    /// What was, field by field; null where there was nothing.
    pub before: Value,
    /// What is.
    pub after: Value,
    /// Whether what was, what is and why were erased when their time was over (保管期限与清除).
    pub erased: bool,
}

/// [`history`] with the names of who did it.
///
/// # Errors
/// When the database can't be read.
pub async fn history_view(db: &Db, object: Object) -> Result<Vec<RecordEventView>, Problem> {
    let events = history(db.read(), object).await?;
    let names = rows::user_names(db, events.iter().filter_map(|e| e.actor_id)).await?;
    let value = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let view = |e: record_event::Model| RecordEventView {
        actor_name: e.actor_id.map(|id| rows::name(&names, id)).unwrap_or_default(),
        before: value(&e.before),
        after: value(&e.after),
        erased: tombstones::is_record_event(&e),
        act: e.act,
        at: e.at,
        reason: e.reason,
    };
    Ok(events.into_iter().map(view).collect())
}

/// What happened to a record, newest first. Whether the caller may see the record was asked before.
///
/// # Errors
/// When the database can't be read.
pub async fn history(db: &impl ConnectionTrait, object: Object) -> Result<Vec<record_event::Model>, DbErr> {
    let rows = record_event::Entity::find()
        .filter(record_event::Column::ObjectKind.eq(object.kind))
        .filter(record_event::Column::ObjectId.eq(object.id))
        .order_by_desc(record_event::Column::Id)
        .limit(MAX_EVENTS)
        .all(db)
        .await?;
    rows.iter().map(|row| opened(row).ok_or_else(seal::unreadable)).collect()
}
