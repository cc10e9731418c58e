//! Moving an installation to another database and another store, as when it outgrows its SQLite file: everything, or nothing.
use std::path::Path;

use futures::TryStreamExt;
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    BackupError, files, restore,
    tables::{self, Filler},
};
use crate::{
    installation,
    platform::{blob::Blobs, config::Config, db::Db},
};

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Tables, of which each row came out as it went in.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Files that were copied now.
    pub files: u64,
    /// Files that a move that was broken off had copied.
    pub files_there: u64,
    /// Bytes of the files together.
    pub file_bytes: u64,
}

/// Moves everything to the place that `to` names: the files first, each of which stays when this is broken off, then all rows in one
/// transaction, which is committed when every table of the new database says the same as the old one's. Nobody can write into the
/// old one meanwhile; it is left as it was.
///
/// # Errors
/// When the new place isn't empty, the keys aren't the installation's, or a table or file came to something else.
pub async fn transfer(from: &Config, to: &Config) -> Result<Moved, BackupError> {
    if from.database_url == to.database_url {
        return Err(BackupError::NotEmpty("it is the one to be moved".to_owned()));
    }
    let source = installation::visit(from).await?;
    let target = Db::connect(&to.database_url).await?;
    let done = between(&source, from, &target, to).await;
    source.close().await?;
    target.close().await?;
    done
}

async fn between(source: &Db, from: &Config, target: &Db, to: &Config) -> Result<Moved, BackupError> {
    restore::make_ready(target, &source.migrations_done().await?, env!("CARGO_PKG_VERSION")).await?;
    let still = source.begin().await?;
    tables::keep_still(&still).await?;
    let mut moved = copy_files(from, to).await?;
    let tx = target.begin().await?;
    tables::take_time(&tx).await?;
    let filler = Filler::begin(&tx).await?;
    for table in tables::names(&still).await? {
        let (there, rows) = copy_rows(&still, &tx, &filler, &table).await?;
        let here = said_by(&tx, &table).await?;
        if there != here {
            return Err(BackupError::Differs(table));
        }
        moved.tables += 1;
        moved.rows += rows;
    }
    filler.end(&tx).await?;
    tx.commit().await?;
    still.rollback().await?;
    Ok(moved)
}

/// Copies the rows of a table, and says what they are and how many.
async fn copy_rows(
    from: &DatabaseTransaction,
    to: &DatabaseTransaction,
    filler: &Filler,
    table: &str,
) -> Result<(Said, u64), BackupError> {
    let (mut filling, mut said) = (filler.table(to, table).await?, Said::default());
    let mut rows = tables::rows(from, table).await?;
    while let Some(row) = rows.try_next().await? {
        let line: String = row.try_get_by_index(0)?;
        said.add(&line)?;
        filling.push(line).await?;
    }
    Ok((said, filling.end().await?))
}

/// What a table says, in whichever order and dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    rows: u64,
    /// The sum of the rows' digests.
    sum: u128,
}

impl Said {
    fn add(&mut self, line: &str) -> Result<(), BackupError> {
        let row: Value = serde_json::from_str(line).map_err(|e| BackupError::Manifest("a row".into(), e))?;
        let digest = Sha256::digest(plain(row).to_string());
        let half = digest.first_chunk::<16>().copied().unwrap_or_default();
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
        Ok(())
    }
}

async fn said_by(tx: &DatabaseTransaction, table: &str) -> Result<Said, BackupError> {
    let mut said = Said::default();
    let mut rows = tables::rows(tx, table).await?;
    while let Some(row) = rows.try_next().await? {
        said.add(&row.try_get_by_index::<String>(0)?)?;
    }
    Ok(said)
}

/// A row without what the engines write differently: one has no truth values but 0 and 1, and instants have two forms.
fn plain(value: Value) -> Value {
    match value {
        Value::Bool(b) => Value::from(u8::from(b)),
        Value::String(text) => match text.parse::<chrono::DateTime<chrono::Utc>>() {
            Ok(instant) => Value::from(instant.timestamp_millis()),
            Err(_) => Value::from(text),
        },
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, plain(field))).collect(),
        other => other,
    }
}

/// Copies what isn't there yet; a file is known by its name, which is the digest of its content, and by its size.
async fn copy_files(from: &Config, to: &Config) -> Result<Moved, BackupError> {
    let mut moved = Moved::default();
    if from.blob_url == to.blob_url && (from.blob_url.is_some() || from.data_dir == to.data_dir) {
        return Ok(moved);
    }
    let scratch = tempfile::tempdir_in(&from.data_dir).map_err(BackupError::at(&from.data_dir))?;
    let path = scratch.path().join("file");
    let (source, target) = (Blobs::open(from)?, Blobs::open(to)?);
    let mut keys = source.keys().await?;
    while let Some(key) = keys.next().await? {
        let size = source.size_under(&key).await?;
        moved.file_bytes += size.unwrap_or_default();
        if size.is_some() && target.size_under(&key).await? == size {
            moved.files_there += 1;
            continue;
        }
        source.copy_out(&key, &path).await?.map_err(BackupError::at(&path))?;
        let sent = files::digest(&path)?;
        target.copy_in(&key, &path).await?.map_err(BackupError::at(&path))?;
        target.copy_out(&key, &path).await?.map_err(BackupError::at(&path))?;
        if files::digest(&path)? != sent {
            return Err(BackupError::Damaged(Path::new(&key).to_owned()));
        }
        moved.files += 1;
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&str]) -> Said {
        let mut said = Said::default();
        for line in lines {
            said.add(line).unwrap();
        }
        said
    }

    #[test]
    fn rows_say_the_same_in_either_dialect_and_order_and_something_else_where_a_letter_differs() {
        let sqlite =
            [r#"{"id":1,"active":1,"at":"2026-11-27T09:00:00.120+00:00"}"#, r#"{"id":2,"active":0,"at":null}"#];
        let postgres =
            [r#"{"at":null,"id":2,"active":false}"#, r#"{"active":true,"id":1,"at":"2026-11-27T17:00:00.12+08:00"}"#];
        assert_eq!(said(&sqlite), said(&postgres));
        assert_ne!(said(&sqlite), said(&sqlite[..1]));
        assert_ne!(said(&[r#"{"id":1,"name":"a"}"#]), said(&[r#"{"id":1,"name":"b"}"#]));
        assert_ne!(said(&[r#"{"id":1,"name":"a"}"#]), said(&[r#"{"id":1,"name":"a"}"#, r#"{"id":1,"name":"a"}"#]));
    }
}
