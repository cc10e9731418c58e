//! 日志: administrative acts and refused attempts. What happens to a case is in the case's own events.
//!
//! A refused attempt is written in a transaction of its own, since the one that was refused is rolled back.
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};

use crate::{
    entity::audit_entry,
    platform::{clock, db::Db, error::Problem},
};

/// Writes an entry in a transaction of its own. `object` names a row by its id, never a person.
///
/// # Errors
/// When the database can't be written.
pub async fn note(db: &Db, user_id: Option<i64>, act: &str, object: &str, result: &str) -> Result<(), DbErr> {
    let tx = db.begin().await?;
    note_in(&tx, user_id, act, object, result).await?;
    tx.commit().await
}

/// Writes an entry together with what it is about.
///
/// # Errors
/// When the database can't be written.
pub async fn note_in(
    tx: &impl ConnectionTrait,
    user_id: Option<i64>,
    act: &str,
    object: &str,
    result: &str,
) -> Result<(), DbErr> {
    let row = audit_entry::ActiveModel {
        at: Set(clock::now()),
        user_id: Set(user_id),
        act: Set(act.to_owned()),
        object: Set(object.to_owned()),
        result: Set(result.to_owned()),
        ..Default::default()
    };
    audit_entry::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// Writes that an act was refused, with the codes of all the reasons.
///
/// # Errors
/// When the database can't be written.
pub async fn refused(db: &Db, user_id: i64, act: &str, object: &str, problem: &Problem) -> Result<(), DbErr> {
    let codes: Vec<&str> = std::iter::once(problem.code()).chain(problem.blocker_codes()).collect();
    note(db, Some(user_id), act, object, &codes.join(" ")).await
}

/// Ends a transaction: what was `done` is kept; a refusal is rolled back and logged.
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
    match done {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(problem) => {
            drop(tx);
            refused(db, user_id, act, object, &problem).await?;
            Err(problem)
        }
    }
}
