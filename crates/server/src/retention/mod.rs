//! 保管期限与清除: `huzhu retention`. Personal data goes when a rule of the installation's own file says that its time is over, and
//! never otherwise (decision 0026).
//!
//! - A rule is about a kind of data (`domain::retention`); what is due is found here ([`due`], [`plain`]), whether it goes says the
//!   domain, what goes of it stands in a table ([`fields`]).
//! - Names, numbers, words and pictures go; rows, days, amounts, states and who worked on something stay, so that sums, ledgers and logs
//!   come out as before.
//! - Without `--carry-out` nothing is written. With it, some rows at a time go in one transaction with their entry in 日志; their files are
//!   removed after it ([`files`]). A run that was killed is finished by the next one.
pub mod cli;
mod due;
mod erase;
mod fields;
pub mod files;
mod holds;
mod plain;
mod report;

use chrono::NaiveDate;
use huzhu_domain::retention::{RetentionKind, Rule, Rules, Verdict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

pub use report::{Report, Told};

use crate::{
    audit::{self, Entry, tombstones::ERASE},
    entity::{audit_entry, erasure},
    platform::{blob::Blobs, clock, db::Db},
};

/// What 日志 calls a first run with other rules than the last.
const RULES: &str = "retention_rules";
/// Cases with their corrections, members or rosters that are looked at at a time.
const LOOKED_AT: u64 = 500;
/// As many that are erased in one transaction.
const ERASED_AT_ONCE: u64 = 100;

/// Why nothing, or not everything, was done.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The database.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The store of files.
    #[error("picture store: {0}")]
    Blobs(#[from] opendal::Error),
}

/// Whether a kind is rows that simply go, rather than rows that are emptied.
const fn is_plain(kind: RetentionKind) -> bool {
    use RetentionKind as K;
    matches!(kind, K::SavedSearches | K::Messages | K::RepeatedAnswers | K::Sessions | K::SignInFailures)
}

/// Looks at what would go today, and changes nothing.
///
/// # Errors
/// When the database or the store can't be read.
pub async fn look(db: &Db, blobs: &Blobs, rules: &Rules) -> Result<Report, RetentionError> {
    let today = clock::today();
    let tx = db.snapshot().await?;
    let mut report = Report { today, carried_out: false, rules: Vec::new(), pending_files: 0, forgotten: true };
    for rule in rules.iter() {
        let mut told = Told::of(rule, today);
        if is_plain(rule.kind) {
            told.plain(plain::count(&tx, rule.kind, told.until).await?);
        } else {
            let (mut after, mut seen) = (0, std::collections::HashSet::new());
            loop {
                let part = due::part(&tx, rule, after, today, LOOKED_AT).await?;
                told.judged(&part.judged);
                let ids = part.due();
                for (sha256, size) in files::named(&tx, rule.kind, &ids).await? {
                    let size = if size == 0 { blobs.size(&sha256).await? } else { size };
                    if seen.insert(sha256) {
                        told.file(size);
                    }
                }
                let Some(last) = part.last else { break };
                after = last;
            }
        }
        report.rules.push(told);
    }
    report.pending_files = files::pending(&tx).await?;
    tx.rollback().await?;
    Ok(report)
}

/// Erases what is due today. What a run of before left to be removed goes first.
///
/// # Errors
/// When the database or the store can't be written; what was erased until then stays erased.
pub async fn carry_out(db: &Db, blobs: &Blobs, rules: &Rules) -> Result<Report, RetentionError> {
    let today = clock::today();
    note_rules(db, rules).await?;
    files::remove(db, blobs).await?;
    let mut report = Report { today, carried_out: true, rules: Vec::new(), pending_files: 0, forgotten: true };
    for rule in rules.iter() {
        let told = erase(db, blobs, rule, today).await?;
        report.rules.push(told);
    }
    report.pending_files = files::pending(db.read()).await?;
    report.forgotten = db.forget().await?;
    Ok(report)
}

async fn erase(db: &Db, blobs: &Blobs, rule: &Rule, today: NaiveDate) -> Result<Told, RetentionError> {
    let mut told = Told::of(rule, today);
    let mut after = 0;
    loop {
        let tx = db.begin().await?;
        if is_plain(rule.kind) {
            let gone = plain::delete(&tx, rule.kind, told.until).await?;
            if gone.records == 0 {
                tx.rollback().await?;
                return Ok(told);
            }
            let id = erasure_of(&tx, rule.kind, gone.records).await?;
            audit::commit(tx, &[entry(rule, id, &json!({}), gone.records)]).await?;
            told.plain(gone);
            continue;
        }
        let part = due::held(&tx, rule, after, today, ERASED_AT_ONCE).await?;
        let ids = part.due();
        if ids.is_empty() {
            tx.rollback().await?;
        } else {
            let records = part.judged.iter().filter(|j| matches!(j.verdict, Verdict::Due(_))).count() as u64;
            let id = erasure_of(&tx, rule.kind, records).await?;
            let sizes = files::give_up(&tx, rule.kind, &ids, id).await?;
            let mut detail = erase::erase(&tx, rule.kind, &ids, id, today).await?;
            detail["rows"] = json!(ids);
            audit::commit(tx, &[entry(rule, id, &detail, records)]).await?;
            let removed = files::remove(db, blobs).await?;
            told.removed(sizes.len() as u64, removed);
        }
        told.judged(&part.judged);
        let Some(last) = part.last else { return Ok(told) };
        after = last;
    }
}

async fn erasure_of(tx: &DatabaseTransaction, kind: RetentionKind, records: u64) -> Result<i64, DbErr> {
    let row = erasure::ActiveModel {
        kind: Set(kind.to_string()),
        at: Set(clock::now()),
        records: Set(i64::try_from(records).unwrap_or(i64::MAX)),
        ..Default::default()
    };
    Ok(erasure::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// What 日志 says of a batch: which rule, how many, which rows, and what their tombstones come to.
fn entry(rule: &Rule, id: i64, detail: &Value, records: u64) -> Entry<'static> {
    let mut detail = detail.clone();
    detail["kind"] = json!(rule.kind);
    detail["keep"] = json!(rule.keep);
    detail["basis"] = json!(rule.basis);
    detail["records"] = json!(records);
    Entry::done(None, ERASE, id).telling(detail)
}

/// Writes the rules into 日志 where they aren't those of the run before: who reads it knows what was in force at each erasure.
async fn note_rules(db: &Db, rules: &Rules) -> Result<(), DbErr> {
    use audit_entry::Column as C;
    let last = audit_entry::Entity::find().filter(C::Act.eq(RULES)).order_by_desc(C::Id).one(db.read()).await?;
    let last = last.and_then(|e| serde_json::from_str::<Value>(&e.detail).ok()).map(|mut d| d["rules"].take());
    let now = json!(rules);
    if last.as_ref() == Some(&now) {
        return Ok(());
    }
    audit::note(db, Entry::done(None, RULES, "").telling(json!({ "before": last, "rules": now }))).await
}
