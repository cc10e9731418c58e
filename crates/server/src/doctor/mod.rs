//! 体检: whether what must always hold does hold in a database and its store of files. `huzhu doctor`; the tests ask the same after
//! every random step and every kill.
mod cases;
mod files;
mod payments;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde::Serialize;

use crate::{
    audit::{
        anchor::AnchorError,
        verify::{self, Verified},
    },
    platform::{blob::Blobs, db::Db, seal},
};

/// Rows that are looked at at a time.
const PART: u64 = 500;
/// Complaints that are told one by one; the others are counted.
const MAX_TOLD: usize = 1_000;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where: a case, a batch, a file, a table.
    pub place: String,
    /// What: `integrity`, `foreign_key`, `state`, `people`, `ledger`, `money`, `batch`, `share`, `sealed` or `file_missing`.
    pub what: &'static str,
    /// What was expected and found.
    pub detail: String,
}

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Examined {
    /// Cases.
    pub cases: u64,
    /// Batches.
    pub batches: u64,
    /// Files that something names.
    pub files: u64,
    /// Files that nothing names: what was uploaded and not kept. Nothing is wrong with them.
    pub orphans: u64,
    /// How much is wrong.
    pub faults: u64,
    /// The first of it.
    pub complaints: Vec<Complaint>,
    /// The logs.
    pub logs: Verified,
}

impl Examined {
    fn complain(&mut self, what: &'static str, place: impl ToString, detail: impl ToString) {
        self.faults += 1;
        if self.complaints.len() < MAX_TOLD {
            self.complaints.push(Complaint { place: place.to_string(), what, detail: detail.to_string() });
        }
    }

    /// Complains unless something is so.
    fn must(&mut self, holds: bool, what: &'static str, place: impl ToString, detail: impl FnOnce() -> String) {
        if !holds {
            self.complain(what, place, detail());
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.faults == 0 && self.logs.faults == 0
    }
}

/// Looks at everything as it is at one moment; the server may go on working. The files are looked at afterwards.
///
/// # Errors
/// When the database, the anchors or the store of files can't be read.
pub async fn examine(db: &Db, blobs: Option<&Blobs>, anchors: &std::path::Path) -> Result<Examined, AnchorError> {
    let mut out = Examined::default();
    let tx = db.snapshot().await?;
    integrity(&tx, &mut out).await?;
    let unreadables = seal::unreadables(&tx).await?;
    for (column, count) in &unreadables {
        out.complain("sealed", column, format!("{count} texts can't be opened with these keys"));
    }
    // What stands in cases and payments can't be judged where it can't be read.
    if unreadables.is_empty() {
        cases::examine(&tx, &mut out).await?;
        payments::examine(&tx, &mut out).await?;
    }
    verify::look(&tx, anchors, &mut out.logs).await?;
    if let Some(blobs) = blobs {
        files::examine(&tx, blobs, &mut out).await?;
    }
    tx.rollback().await?;
    Ok(out)
}

/// What SQLite only looks at when it is asked; PostgreSQL checks by itself.
async fn integrity(db: &impl ConnectionTrait, out: &mut Examined) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let ask = async |sql: &str| db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    for row in ask("PRAGMA integrity_check").await? {
        let told: String = row.try_get_by_index(0)?;
        out.must(told == "ok", "integrity", "database", || told.clone());
    }
    for row in ask("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check").await? {
        let (table, id, parent): (String, Option<i64>, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        out.complain("foreign_key", table, format!("row {id:?} names none of {parent}"));
    }
    Ok(())
}
