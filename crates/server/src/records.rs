//! The history of records that aren't cases: organisation, users, roles, members, dictionaries, enrolments, changes.
//!
//! Whoever writes such a record calls [`note`] in the same transaction.
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::Value;

use crate::{entity::record_event, platform::clock};

/// Events of one record that are shown.
const MAX_EVENTS: u64 = 200;

/// Which record: its kind and its id.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// `org`, `user`, `role`, `member`, `hospital`, `bank`, `illness_class`, `enrolment`, `change`, `notice`; `case` in messages only.
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
    let text = |value: &Value| value.to_string();
    let row = record_event::ActiveModel {
        object_kind: Set(object.kind.to_owned()),
        object_id: Set(object.id),
        act: Set(act.to_owned()),
        actor_id: Set(actor_id),
        at: Set(clock::now()),
        reason: Set(reason.to_owned()),
        before: Set(text(&serde_json::to_value(before).unwrap_or_default())),
        after: Set(text(&serde_json::to_value(after).unwrap_or_default())),
        ..Default::default()
    };
    record_event::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// Rows of one insert.
const BATCH: usize = 500;

/// Writes the same act on many records, with what each was and is.
///
/// # Errors
/// When the database can't be written.
pub async fn note_all(
    tx: &impl ConnectionTrait,
    objects: &[(Object, Value, Value)],
    actor_id: Option<i64>,
    act: &str,
    reason: &str,
) -> Result<(), DbErr> {
    let at = clock::now();
    for some in objects.chunks(BATCH) {
        let rows = some.iter().map(|(object, before, after)| record_event::ActiveModel {
            object_kind: Set(object.kind.to_owned()),
            object_id: Set(object.id),
            act: Set(act.to_owned()),
            actor_id: Set(actor_id),
            at: Set(at),
            reason: Set(reason.to_owned()),
            before: Set(before.to_string()),
            after: Set(after.to_string()),
            ..Default::default()
        });
        record_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What happened to a record, newest first. Whether the caller may see the record was asked before.
///
/// # Errors
/// When the database can't be read.
pub async fn history(db: &impl ConnectionTrait, object: Object) -> Result<Vec<record_event::Model>, DbErr> {
    record_event::Entity::find()
        .filter(record_event::Column::ObjectKind.eq(object.kind))
        .filter(record_event::Column::ObjectId.eq(object.id))
        .order_by_desc(record_event::Column::Id)
        .limit(MAX_EVENTS)
        .all(db)
        .await
}
