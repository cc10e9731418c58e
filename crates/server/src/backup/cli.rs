//! `huzhu backup` and `huzhu restore`.
use std::path::Path;

use super::{BackupError, Manifest};
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

fn told(manifest: &Manifest, place: &str) -> String {
    let rows: u64 = manifest.tables.iter().map(|t| t.rows).sum();
    let Manifest { tables, files, file_bytes, at, .. } = manifest;
    format!("{} tables, {rows} rows, {} files ({file_bytes} bytes) of {at}: {place}", tables.len(), files.rows)
}
