//! The history of a node, a user or a role as its page shows it.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    cases::rows,
    platform::{db::Db, error::Problem},
    records::{self, Object},
};

/// One field that changed.
#[derive(Serialize, ToSchema)]
pub struct AdminChange {
    /// Its name.
    field: String,
    /// What it was; null where it wasn't.
    before: Value,
    /// What it is since.
    after: Value,
}

/// Something that happened to a node, a user or a role.
#[derive(Serialize, ToSchema)]
pub struct AdminEvent {
    /// What was done.
    act: String,
    /// When.
    at: DateTime<Utc>,
    /// By whom; empty where the program itself did it.
    actor_name: String,
    /// Why, where a reason was given.
    reason: String,
    /// What changed by it.
    changes: Vec<AdminChange>,
}

/// The fields that differ between two flat objects, as the objects before and after.
pub(super) fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (Some(was), Some(is)) = (before.as_object(), after.as_object()) else { return (before.clone(), after.clone()) };
    let changed = |key: &&String| was.get(*key) != is.get(*key);
    let pick = |of: &Map<String, Value>| {
        Value::Object(of.iter().filter(|(k, _)| changed(k)).map(|(k, v)| (k.clone(), v.clone())).collect())
    };
    (pick(was), pick(is))
}

/// The history, newest first.
pub(super) async fn of(db: &Db, object: Object) -> Result<Vec<AdminEvent>, Problem> {
    let events = records::history(db.read(), object).await?;
    let names = rows::user_names(db, events.iter().filter_map(|e| e.actor_id)).await?;
    let event = |e: crate::entity::record_event::Model| {
        let parse = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let (before, after) = (parse(&e.before), parse(&e.after));
        let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let of = |map: &Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or_default();
        let change = |f: &String| AdminChange { field: f.clone(), before: of(&before, f), after: of(&after, f) };
        AdminEvent {
            changes: fields.into_iter().map(change).collect(),
            act: e.act,
            at: e.at,
            actor_name: e.actor_id.map(|id| rows::name(&names, id)).unwrap_or_default(),
            reason: e.reason,
        }
    };
    Ok(events.into_iter().map(event).collect())
}
