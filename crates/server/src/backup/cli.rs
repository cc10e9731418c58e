//! `huzhu backup` and `huzhu restore`.
use std::path::Path;

use super::{BackupError, Manifest, Moved};
use crate::{
    installation,
    platform::{blob::Blobs, config::Config},
};

/// Takes a backup and says what is in it.
///
/// # Errors
/// See [`super::make()`].
pub async fn backup(config: &Config, to: &Path) -> Result<String, BackupError> {
    let db = installation::visit(config).await?;
    let made = super::make(&db, &Blobs::open(config)?, to).await;
    db.close().await?;
    Ok(told(&made?, &format!("{}; the key file {} is not in it", to.display(), config.key_file.display())))
}

/// Puts a backup back and says what was in it.
///
/// # Errors
/// See [`super::restore()`].
pub async fn restore(config: &Config, from: &Path) -> Result<String, BackupError> {
    Ok(told(&super::restore(config, from).await?, &from.display().to_string()))
}

/// Moves an installation and says what was moved.
///
/// # Errors
/// See [`super::transfer()`].
pub async fn transfer(from: &Config, to: &Config) -> Result<String, BackupError> {
    let Moved { tables, rows, files, files_there, file_bytes } = super::transfer(from, to).await?;
    Ok(format!(
        "{tables} tables, {rows} rows: each says the same in the new database\n{files} files copied, {files_there} there already ({file_bytes} bytes together)"
    ))
}

fn told(manifest: &Manifest, place: &str) -> String {
    let rows: u64 = manifest.tables.iter().map(|t| t.rows).sum();
    let Manifest { tables, files, file_bytes, at, .. } = manifest;
    format!("{} tables, {rows} rows, {} files ({file_bytes} bytes) of {at}: {place}", tables.len(), files.rows)
}
