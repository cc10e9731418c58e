//! What a file would do to the entries that are there, and doing it.
use std::{collections::HashMap, future::Future};

use huzhu_domain::dictionary::{self, Fault, RowState};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::sheet::Sheet;
use crate::{platform::error::Problem, records::Noted};

/// Rows that one statement reads or writes.
pub const AT_ONCE: usize = 500;

/// An entry to be written, with what was there.
pub struct Written<E> {
    /// What shall be.
    pub entry: E,
    /// What is there.
    pub before: Option<E>,
}

/// Entries that are read and written in chunks.
pub trait Stored: Sheet {
    /// What limits them besides the file: whose branch, say.
    type Scope: Sync;

    /// Which kind of record its history is under.
    const OBJECT: &'static str;

    /// Holds what the rows are about until the transaction ends, so that what is judged is what is written.
    fn hold(
        tx: &sea_orm::DatabaseTransaction,
        scope: &Self::Scope,
        rows: &[Self],
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        let _ = (tx, scope, rows);
        async { Ok(()) }
    }

    /// The entries that rows of a file are about, by key.
    fn known<C: ConnectionTrait>(
        db: &C,
        scope: &Self::Scope,
        rows: &[Self],
    ) -> impl Future<Output = Result<HashMap<String, Self>, Problem>> + Send;

    /// What the rows say against each other, against what is `known`, and against what is there beyond that.
    fn conflicts<C: ConnectionTrait>(
        db: &C,
        scope: &Self::Scope,
        rows: &[Self],
        known: &HashMap<String, Self>,
    ) -> impl Future<Output = Result<Vec<Vec<Fault>>, Problem>> + Send {
        let _ = (db, scope, known);
        let none = vec![Vec::new(); rows.len()];
        async { Ok(none) }
    }

    /// Writes entries, and says what happened to which row.
    fn write<C: ConnectionTrait>(
        tx: &C,
        scope: &Self::Scope,
        rows: &[Written<Self>],
    ) -> impl Future<Output = Result<Vec<Noted>, Problem>> + Send;
}

/// The judged rows with what is there for those that change something.
pub struct Judgement<E> {
    /// In the order of the file.
    pub rows: Vec<dictionary::Judged<E>>,
    /// By key.
    pub known: HashMap<String, E>,
}

impl<E: Stored> Judgement<E> {
    /// How many rows have a state.
    pub fn count(&self, state: RowState) -> usize {
        self.rows.iter().filter(|r| r.state == state).count()
    }

    /// What would be done, as one text: two judgements with the same one do the same.
    pub fn as_text(&self) -> String {
        let row = |r: &dictionary::Judged<E>| json!([r.state, r.entry, self.known.get(&r.entry.key())]);
        self.rows.iter().map(row).map(|v| v.to_string()).collect::<Vec<_>>().join("\n")
    }

    /// The rows that would be written.
    pub fn written(&self) -> Vec<Written<E>> {
        let good = self.rows.iter().filter(|r| matches!(r.state, RowState::New | RowState::Changed));
        good.map(|r| Written { entry: r.entry.clone(), before: self.known.get(&r.entry.key()).cloned() }).collect()
    }
}

/// Judges what was read.
///
/// # Errors
/// When the database fails.
pub async fn judge<E: Stored, C: ConnectionTrait>(
    db: &C,
    scope: &E::Scope,
    mut read: Vec<(E, Vec<Fault>)>,
    present: &[bool],
) -> Result<Judgement<E>, Problem> {
    let mut entries: Vec<E> = read.iter().map(|(entry, _)| entry.clone()).collect();
    let known = E::known(db, scope, &entries).await?;
    for (entry, _) in &mut read {
        entry.complete(&known, present);
    }
    entries.clear();
    entries.extend(read.iter().map(|(entry, _)| entry.clone()));
    for ((_, faults), more) in read.iter_mut().zip(E::conflicts(db, scope, &entries, &known).await?) {
        faults.extend(more);
    }
    Ok(Judgement { rows: dictionary::judge(read, &known), known })
}
