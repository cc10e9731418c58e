//! 日志: administrative acts, sign-ins, exports, refused attempts. What happens to a case is in the case's own events.
//!
//! Entries are chained and signed: `huzhu audit verify` finds what was changed, taken out or added. The head of the chain is a
//! row that every writer locks; so that nobody waits for a lock while holding it, an entry is the last that a transaction
//! writes, by [`commit`]. A refused attempt is written in a transaction of its own, since the one that was refused is rolled back.
pub mod anchor;
pub mod cli;
mod http;
pub mod tombstones;
pub mod verify;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, QuerySelect};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    entity::{audit_entry, audit_head},
    platform::{
        clock,
        db::Db,
        error::Problem,
        keys::{self, Purpose},
    },
};

/// The routes of 日志查询.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::search))
}

/// The result of what was done.
pub const DONE: &str = "done";

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    user_id: Option<i64>,
    act: &'a str,
    object: String,
    result: String,
    detail: Value,
}

impl<'a> Entry<'a> {
    /// Somebody (None: the program) did something to `object`, which names a row by its id, never a person.
    #[must_use]
    pub fn done(user_id: Option<i64>, act: &'a str, object: impl ToString) -> Self {
        Self { user_id, act, object: object.to_string(), result: DONE.to_owned(), detail: json!({}) }
    }

    /// The same with another result.
    #[must_use]
    pub fn resulting(mut self, result: impl Into<String>) -> Self {
        self.result = result.into();
        self
    }

    /// The same with what else is worth knowing. No personal data.
    #[must_use]
    pub fn telling(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Writes an entry in a transaction of its own.
///
/// # Errors
/// When the database can't be written.
pub async fn note(db: &Db, entry: Entry<'_>) -> Result<(), DbErr> {
    commit(db.begin().await?, &[entry]).await
}

/// Ends a transaction with entries about what it did.
///
/// # Errors
/// When the database can't be written.
pub async fn commit(tx: DatabaseTransaction, entries: &[Entry<'_>]) -> Result<(), DbErr> {
    append(&tx, entries).await?;
    tx.commit().await
}

/// Writes that an act was refused, with the codes of all the reasons.
///
/// # Errors
/// When the database can't be written.
pub async fn refused(db: &Db, user_id: i64, act: &str, object: &str, problem: &Problem) -> Result<(), DbErr> {
    let codes: Vec<&str> = std::iter::once(problem.code()).chain(problem.blocker_codes()).collect();
    note(db, Entry::done(Some(user_id), act, object).resulting(codes.join(" "))).await
}

/// Ends a transaction: what was `done` is kept and logged; a refusal is rolled back and logged.
///
/// # Errors
/// The refusal itself; when the database can't be written.
pub async fn finish<T>(
    db: &Db,
    tx: DatabaseTransaction,
    user_id: i64,
    (act, object): (&str, &str),
    done: Result<T, Problem>,
) -> Result<T, Problem> {
    finish_with(db, tx, user_id, (act, object), done, &[Entry::done(Some(user_id), act, object)]).await
}

/// As [`finish`], with these `entries` (maybe none: a case's events say what was done to it) where it is kept.
///
/// # Errors
/// As [`finish`].
pub async fn finish_with<T>(
    db: &Db,
    tx: DatabaseTransaction,
    user_id: i64,
    (act, object): (&str, &str),
    done: Result<T, Problem>,
    entries: &[Entry<'_>],
) -> Result<T, Problem> {
    match done {
        Ok(done) => {
            commit(tx, entries).await?;
            Ok(done)
        }
        Err(problem) => {
            drop(tx);
            refused(db, user_id, act, object, &problem).await?;
            Err(problem)
        }
    }
}

/// The one row of the head.
const HEAD: i64 = 1;

async fn append(tx: &DatabaseTransaction, entries: &[Entry<'_>]) -> Result<(), DbErr> {
    if entries.is_empty() {
        return Ok(());
    }
    let head = audit_head::Entity::find_by_id(HEAD).lock_exclusive().one(tx).await?;
    let audit_head::Model { mut seq, mut hash, .. } =
        head.ok_or_else(|| DbErr::RecordNotFound("the head of the log".to_owned()))?;
    let at = clock::now();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let detail = entry.detail.to_string();
        hash = keys::sign(Purpose::Log, signed_text(entry, seq, at, &detail, &hash));
        rows.push(audit_entry::ActiveModel {
            seq: Set(Some(seq)),
            at: Set(at),
            user_id: Set(entry.user_id),
            act: Set(entry.act.to_owned()),
            object: Set(entry.object.clone()),
            result: Set(entry.result.clone()),
            detail: Set(detail),
            hash: Set(hash.clone()),
            ..Default::default()
        });
    }
    audit_entry::Entity::insert_many(rows).exec_without_returning(tx).await?;
    let row = audit_head::ActiveModel { id: Set(HEAD), seq: Set(seq), hash: Set(hash) };
    audit_head::Entity::update(row).exec(tx).await?;
    Ok(())
}

fn signed_text(entry: &Entry<'_>, seq: i64, at: DateTime<Utc>, detail: &str, previous: &str) -> String {
    let Entry { user_id, act, object, result, .. } = entry;
    json!(["audit_log", previous, seq, at.timestamp_millis(), user_id, act, object, result, detail]).to_string()
}
