//! 备份与恢复: everything of an installation in one folder, taken while it works, and put back into an empty one.
//!
//! The folder is the same whatever the database is: a row is a line of JSON, so that what was taken from SQLite can be put into
//! PostgreSQL and the other way round. It holds the tables as they were at one moment, and then the pictures: they are never
//! changed, so that all of that moment are there. The manifest says how much there is of what, with digests. The keys are not in
//! it: they are to be kept elsewhere.
pub mod cli;
mod files;
mod make;
mod restore;
mod tables;
mod transfer;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use make::make;
pub use restore::restore;
pub use transfer::{Moved, transfer};

use crate::{app::StartError, platform::keys::KeyError};

/// The form of the folder that this program writes and reads.
const FORM: u32 = 1;
const MANIFEST: &str = "manifest.json";

/// What is in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the folder.
    pub form: u32,
    /// The program that wrote it.
    pub version: String,
    /// The moment of which the tables are.
    pub at: DateTime<Utc>,
    /// Which database it was: `sqlite` or `postgres`.
    pub engine: String,
    /// The migrations that were done, in order.
    pub migrations: Vec<String>,
    /// Names and marks of the keys that the rows were written with.
    pub keys: Vec<(String, String)>,
    /// The tables.
    pub tables: Vec<Part>,
    /// The list of pictures and other files; each is a line of it.
    pub files: Part,
    /// Bytes of the files together.
    pub file_bytes: u64,
}

/// A compressed file of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The table.
    pub name: String,
    /// Lines.
    pub rows: u64,
    /// SHA-256 of the compressed file.
    pub sha256: String,
}

impl Part {
    fn path(&self, folder: &Path) -> PathBuf {
        folder.join("tables").join(format!("{}.jsonl.gz", self.name))
    }
}

/// One file as the list of files tells of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FileLine {
    key: String,
    size: u64,
    sha256: String,
}

/// Why a backup can't be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// The folder to write into is there already.
    #[error("{0} is there already; name a folder that isn't")]
    Taken(PathBuf),
    /// What is in the folder isn't what the manifest says.
    #[error("{0} isn't what the manifest says: the backup is damaged")]
    Damaged(PathBuf),
    /// The manifest isn't one.
    #[error("{0} isn't a manifest: {1}")]
    Manifest(PathBuf, serde_json::Error),
    /// A newer program wrote it.
    #[error("the backup was written by huzhu {0}, which is newer than this one")]
    Newer(String),
    /// The place to restore to isn't empty.
    #[error("the database holds data already ({0}); a backup is only put into an empty one")]
    NotEmpty(String),
    /// A table came to other rows than the manifest says.
    #[error("table {0}: {1} rows of {2}")]
    Rows(String, u64, u64),
    /// A table says something else in the new database.
    #[error("table {0} came to something else in the new database; nothing was moved")]
    Differs(String),
    /// The key file isn't the installation's.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The place can't be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The store of pictures.
    #[error("picture store: {0}")]
    Blobs(#[from] opendal::Error),
}

impl BackupError {
    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |e| Self::File(path, e)
    }
}
