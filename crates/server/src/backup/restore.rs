//! Putting a backup back into an empty place.
use std::path::Path;

use super::{
    BackupError, FORM, FileLine, MANIFEST, Manifest,
    files::{self, Reading},
    tables::{self, Filler},
};
use crate::{
    installation,
    platform::{blob::Blobs, config::Config, db::Db, keys::Ring},
};

/// Puts a backup into the place that the settings name, after it was found whole; the files first, then all rows in one
/// transaction: what was broken off can be begun anew.
///
/// # Errors
/// When the backup is damaged or a newer program's, the place isn't empty, or the key file isn't the installation's.
pub async fn restore(config: &Config, folder: &Path) -> Result<Manifest, BackupError> {
    let manifest = whole(folder)?;
    let ring = Ring::read(&config.key_file)?;
    ring.must_know(manifest.keys.iter().map(|(name, mark)| (name.as_str(), mark.as_str())))?;
    std::fs::create_dir_all(&config.data_dir).map_err(BackupError::at(&config.data_dir))?;
    let db = Db::connect(&config.database_url).await?;
    let done = into(&db, config, folder, &manifest).await;
    db.close().await?;
    done?;
    // Whatever the backup's program didn't know yet.
    installation::open(config).await?.close().await?;
    Ok(manifest)
}

async fn into(db: &Db, config: &Config, folder: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    make_ready(db, &manifest.migrations, &manifest.version).await?;
    put_files(&Blobs::open(config)?, folder, manifest).await?;
    let tx = db.begin().await?;
    tables::take_time(&tx).await?;
    let filler = Filler::begin(&tx).await?;
    for part in &manifest.tables {
        let mut filling = filler.table(&tx, &part.name).await?;
        let mut reading = Reading::open(folder, part)?;
        while let Some(line) = reading.next()? {
            filling.push(line).await?;
        }
        let rows = filling.end().await?;
        if rows != part.rows {
            return Err(BackupError::Rows(part.name.clone(), rows, part.rows));
        }
    }
    filler.end(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an empty database the schema of the rows that are to come.
///
/// # Errors
/// When it isn't empty, or the rows are a newer program's.
pub(super) async fn make_ready(db: &Db, migrations: &[String], version: &str) -> Result<(), BackupError> {
    if !Db::knows(migrations) {
        return Err(BackupError::Newer(version.to_owned()));
    }
    let already = db.migrations_done().await?;
    // A part of them: somebody's restore was broken off.
    if !migrations.starts_with(&already) {
        return Err(BackupError::NotEmpty("its schema is another's".to_owned()));
    }
    db.migrate_to(migrations.len()).await?;
    // What the migrations write themselves is nobody's data.
    for table in ["orgs", "users", "members", "cases", "audit_log", "key_marks"] {
        if tables::count(db.read(), table).await? > 0 {
            return Err(BackupError::NotEmpty(table.to_owned()));
        }
    }
    Ok(())
}

/// The manifest of a backup of which every part is what it says.
fn whole(folder: &Path) -> Result<Manifest, BackupError> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(BackupError::at(&path))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|e| BackupError::Manifest(path, e))?;
    if manifest.form > FORM {
        return Err(BackupError::Newer(manifest.version));
    }
    for part in manifest.tables.iter().chain([&manifest.files]) {
        let path = part.path(folder);
        if files::digest(&path)? != part.sha256 {
            return Err(BackupError::Damaged(path));
        }
    }
    Ok(manifest)
}

async fn put_files(blobs: &Blobs, folder: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let mut reading = Reading::open(folder, &manifest.files)?;
    while let Some(line) = reading.next()? {
        let line: FileLine =
            serde_json::from_str(&line).map_err(|e| BackupError::Manifest(manifest.files.path(folder), e))?;
        let path = folder.join("files").join(&line.key);
        if line.key.split('/').any(|step| step == "..") {
            return Err(BackupError::Damaged(path));
        }
        if files::digest(&path)? != line.sha256 {
            return Err(BackupError::Damaged(path));
        }
        blobs.copy_in(&line.key, &path).await?.map_err(BackupError::at(&path))?;
    }
    Ok(())
}
