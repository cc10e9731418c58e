//! Anchors: what the logs came to at a moment, signed, in a file that is to be kept elsewhere. Whoever has the database and cuts
//! the end off a chain leaves nothing that shows it; the anchor does.
use std::{
    io::Write,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{HEAD, verify::Verified};
use crate::{
    app::App,
    cases::events::Break,
    entity::{audit_entry, audit_head, case_event, record_event},
    platform::{
        clock,
        db::Db,
        keys::{self, Purpose},
    },
};

/// What is younger isn't anchored yet: a transaction that began before may still write a lower row.
pub const SETTLED: Duration = Duration::minutes(10);
/// Rows that are looked at at a time.
const PART: u64 = 5_000;

/// Why anchors can't be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The folder or a file in it.
    #[error("anchors {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] DbErr),
}

/// Rows of a table that an anchor covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// After the row with this id …
    after: i64,
    /// … up to this one.
    to: i64,
    /// How many.
    rows: u64,
    /// SHA-256 of their ids and signatures.
    digest: String,
}

/// What the logs came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Anchor {
    /// When.
    at: DateTime<Utc>,
    /// The last entry of 日志 and its signature.
    audit: (i64, String),
    /// The events of cases since the anchor before.
    case_events: Stretch,
    /// The events of other records since the anchor before.
    record_events: Stretch,
    /// The signature of the anchor before.
    previous: String,
}

#[derive(Serialize, Deserialize)]
struct Signed {
    #[serde(flatten)]
    anchor: Anchor,
    signature: String,
}

impl Signed {
    fn is_true(&self) -> bool {
        keys::has_signed(Purpose::Anchor, text(&self.anchor), &self.signature)
    }
}

fn text(anchor: &Anchor) -> String {
    serde_json::to_string(anchor).unwrap_or_default()
}

/// Makes today's anchor if it isn't there; answers with its file. What is younger than `settled` is left to the next one.
///
/// # Errors
/// When the database can't be read or the file can't be written.
pub async fn make(db: &Db, folder: &Path, settled: Duration) -> Result<PathBuf, AnchorError> {
    let at_file = |path: &Path| {
        let path = path.to_owned();
        move |e| AnchorError::File(path, e)
    };
    std::fs::create_dir_all(folder).map_err(at_file(folder))?;
    let path = folder.join(format!("{}.json", clock::today()));
    if path.exists() {
        return Ok(path);
    }
    let before = files(folder)?.pop().and_then(|path| read(&path));
    let tx = db.snapshot().await?;
    let head = audit_head::Entity::find_by_id(HEAD).one(&tx).await?;
    let until = clock::now() - settled;
    let (case_from, record_from) =
        before.as_ref().map_or((0, 0), |b| (b.anchor.case_events.to, b.anchor.record_events.to));
    let case_to = {
        use case_event::Column as C;
        settled_end::<case_event::Entity>(&tx, (C::Id, C::At), case_from, until).await?
    };
    let record_to = {
        use record_event::Column as C;
        settled_end::<record_event::Entity>(&tx, (C::Id, C::At), record_from, until).await?
    };
    let anchor = Anchor {
        at: clock::now(),
        audit: head.map(|h| (h.seq, h.hash)).unwrap_or_default(),
        case_events: case_events(&tx, case_from, case_to).await?,
        record_events: record_events(&tx, record_from, record_to).await?,
        previous: before.map(|b| b.signature).unwrap_or_default(),
    };
    tx.rollback().await?;
    let signed = Signed { signature: keys::sign(Purpose::Anchor, text(&anchor)), anchor };
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, &signed)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        // Another process may have been quicker: its anchor says the same.
        match file.persist_noclobber(&path) {
            Err(e) if e.error.kind() != std::io::ErrorKind::AlreadyExists => Err(e.error),
            _ => Ok(()),
        }
    };
    write().map_err(at_file(&path))?;
    Ok(path)
}

/// Makes an anchor a day while the server runs.
pub async fn watch(app: App) {
    let folder = folder(&app.config.data_dir);
    let mut hour = tokio::time::interval(std::time::Duration::from_secs(3600));
    loop {
        hour.tick().await;
        if let Err(error) = make(&app.db, &folder, SETTLED).await {
            tracing::error!(%error, "no anchor could be made");
        }
    }
}

/// Where anchors lie.
#[must_use]
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("anchors")
}

/// In the order in which they were made.
fn files(folder: &Path) -> Result<Vec<PathBuf>, AnchorError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        files.sort();
        Ok(files)
    };
    list().map_err(|e| AnchorError::File(folder.to_owned(), e))
}

fn read(path: &Path) -> Option<Signed> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// Looks whether the logs still come to what the anchors say.
pub(super) async fn verify(db: &impl ConnectionTrait, folder: &Path, out: &mut Verified) -> Result<(), AnchorError> {
    let mut previous = None;
    for path in files(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        out.anchors += 1;
        let Some(signed) = read(&path).filter(Signed::is_true) else {
            out.find("anchors", &name, Break::Changed);
            continue;
        };
        let Signed { anchor, signature } = signed;
        // The first ones may be kept elsewhere by now.
        if previous.as_ref().is_some_and(|p| *p != anchor.previous) {
            out.find("anchors", format!("before {name}"), Break::Removed);
        }
        previous = Some(signature);
        let (seq, hash) = &anchor.audit;
        let entry = audit_entry::Entity::find().filter(audit_entry::Column::Seq.eq(*seq)).one(db).await?;
        if *seq > 0 && entry.is_none_or(|e| e.hash != *hash) {
            out.find("audit_log", format!("{seq} ({name})"), Break::Removed);
        }
        let is = case_events(db, anchor.case_events.after, anchor.case_events.to).await?;
        compare(out, "case_events", &name, &anchor.case_events, &is);
        let is = record_events(db, anchor.record_events.after, anchor.record_events.to).await?;
        compare(out, "record_events", &name, &anchor.record_events, &is);
    }
    Ok(())
}

fn compare(out: &mut Verified, log: &'static str, name: &str, was: &Stretch, is: &Stretch) {
    let fault = match is.rows.cmp(&was.rows) {
        std::cmp::Ordering::Less => Break::Removed,
        std::cmp::Ordering::Greater => Break::Added,
        std::cmp::Ordering::Equal if is == was => return,
        std::cmp::Ordering::Equal => Break::Changed,
    };
    out.find(log, format!("rows {} to {} ({name})", was.after + 1, was.to), fault);
}

async fn case_events(db: &impl ConnectionTrait, after: i64, to: i64) -> Result<Stretch, DbErr> {
    use case_event::Column as C;
    stretch::<case_event::Entity>(db, (C::Id, C::Hash), after, to).await
}

async fn record_events(db: &impl ConnectionTrait, after: i64, to: i64) -> Result<Stretch, DbErr> {
    use record_event::Column as C;
    stretch::<record_event::Entity>(db, (C::Id, C::Hash), after, to).await
}

async fn stretch<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (id, hash): (E::Column, E::Column),
    after: i64,
    to: i64,
) -> Result<Stretch, DbErr> {
    let (mut digest, mut rows, mut last) = (Sha256::new(), 0, after);
    loop {
        let part = E::find().select_only().columns([id, hash]).filter(id.gt(last)).filter(id.lte(to));
        let found: Vec<(i64, String)> = part.order_by_asc(id).limit(PART).into_tuple().all(db).await?;
        let Some((end, _)) = found.last() else { break };
        last = *end;
        rows += found.len() as u64;
        for (id, hash) in found {
            digest.update(format!("{id} {hash}\n"));
        }
    }
    Ok(Stretch { after, to, rows, digest: hex::encode(digest.finalize()) })
}

/// The last row of a table that is settled, if there is one after `from`.
async fn settled_end<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (id, at): (E::Column, E::Column),
    from: i64,
    until: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let end = E::find().select_only().column_as(id.max(), "id").filter(at.lte(until)).filter(id.gt(from));
    Ok(end.into_tuple::<Option<i64>>().one(db).await?.flatten().unwrap_or(from))
}
