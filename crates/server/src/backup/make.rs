//! Taking a backup.
use std::path::Path;

use sea_orm::{EntityTrait, QueryOrder};

use super::{BackupError, FORM, FileLine, MANIFEST, Manifest, Part, files, files::Lines, tables};
use crate::{
    entity::key_mark,
    platform::{blob::Blobs, clock, db::Db},
};

/// Writes everything into a folder that isn't there yet. It has its name once it is whole.
///
/// # Errors
/// When something can't be read or written, or the folder is there.
pub async fn make(db: &Db, blobs: &Blobs, folder: &Path) -> Result<Manifest, BackupError> {
    if folder.exists() {
        return Err(BackupError::Taken(folder.to_owned()));
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let partial = folder.with_file_name(format!("{name}.partial"));
    if partial.exists() {
        std::fs::remove_dir_all(&partial).map_err(BackupError::at(&partial))?;
    }
    let within = partial.join("tables");
    std::fs::create_dir_all(&within).map_err(BackupError::at(&within))?;
    let mut manifest = of_tables(db, &partial).await?;
    (manifest.files, manifest.file_bytes) = of_files(blobs, &partial).await?;
    let path = partial.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| BackupError::Manifest(path.clone(), e))?;
    let write = || -> std::io::Result<()> {
        std::fs::write(&path, text)?;
        std::fs::File::open(&path)?.sync_all()?;
        std::fs::rename(&partial, folder)
    };
    write().map_err(BackupError::at(&path))?;
    Ok(manifest)
}

async fn of_tables(db: &Db, folder: &Path) -> Result<Manifest, BackupError> {
    let tx = db.snapshot().await?;
    tables::take_time(&tx).await?;
    // The first read makes the moment.
    let migrations = tables::migrations(&tx).await?;
    let at = clock::now();
    let keys = key_mark::Entity::find().order_by_asc(key_mark::Column::Name).all(&tx).await?;
    let mut parts = Vec::new();
    for table in tables::names(&tx).await? {
        let mut lines = Lines::create(folder, &table)?;
        tables::dump(&tx, &table, &mut lines).await?;
        parts.push(lines.finish()?);
    }
    tx.rollback().await?;
    Ok(Manifest {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at,
        engine: db.engine().to_owned(),
        migrations,
        keys: keys.into_iter().map(|k| (k.name, k.mark)).collect(),
        tables: parts,
        files: Part { name: String::new(), rows: 0, sha256: String::new() },
        file_bytes: 0,
    })
}

/// Copies the files, and lists them with their digests.
async fn of_files(blobs: &Blobs, folder: &Path) -> Result<(Part, u64), BackupError> {
    let mut lines = Lines::create(folder, "files")?;
    let (mut keys, mut bytes) = (blobs.keys().await?, 0);
    while let Some(key) = keys.next().await? {
        let path = folder.join("files").join(&key);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(BackupError::at(parent))?;
        }
        let size = blobs.copy_out(&key, &path).await?.map_err(BackupError::at(&path))?;
        bytes += size;
        let line = FileLine { sha256: files::digest(&path)?, size, key };
        lines.push(&serde_json::to_string(&line).unwrap_or_default())?;
    }
    Ok((lines.finish()?, bytes))
}
