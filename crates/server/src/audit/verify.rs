//! Looks whether the logs are what was written: the events of the cases, the entries of 日志, the history of other records, and
//! the anchors that were taken of them. `huzhu audit verify`.
use std::{collections::HashMap, path::Path};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::{
    Entry, HEAD, anchor, signed_text,
    tombstones::{self, Graveyard},
};
use crate::{
    cases::events::{self, Break},
    entity::{audit_entry, audit_head, case, case_event, record_event},
    platform::{
        db::Db,
        keys::{self, Purpose},
    },
    records,
};

/// Rows that are looked at at a time.
const PART: u64 = 1_000;
/// Findings that are told one by one; the others are counted.
const MAX_TOLD: usize = 1_000;

/// Something that isn't what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `case_events`, `audit_log`, `record_events` or `anchors`.
    pub log: &'static str,
    /// Where: the case and the place in its chain, the place in 日志, the row, or the anchor's file.
    pub place: String,
    /// `changed`, `removed` or `added`.
    pub fault: &'static str,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Cases.
    pub cases: u64,
    /// Their events.
    pub case_events: u64,
    /// Entries of 日志.
    pub audit_entries: u64,
    /// Events of other records.
    pub record_events: u64,
    /// Anchors.
    pub anchors: u64,
    /// How much isn't what was written.
    pub faults: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
}

impl Verified {
    pub(super) fn find(&mut self, log: &'static str, place: impl ToString, fault: Break) {
        self.faults += 1;
        if self.findings.len() < MAX_TOLD {
            let fault = match fault {
                Break::Changed => "changed",
                Break::Removed => "removed",
                Break::Added => "added",
            };
            self.findings.push(Finding { log, place: place.to_string(), fault });
        }
    }
}

/// Looks at everything, as it is at one moment: the server may go on working. `anchors` is the folder where they lie.
///
/// # Errors
/// When the database or the folder can't be read.
pub async fn verify(db: &Db, anchors: &Path) -> Result<Verified, anchor::AnchorError> {
    let mut out = Verified::default();
    let tx = db.snapshot().await?;
    look(&tx, anchors, &mut out).await?;
    tx.rollback().await?;
    Ok(out)
}

/// As [`verify`], by a connection at hand.
///
/// # Errors
/// As [`verify`].
pub async fn look(db: &impl ConnectionTrait, anchors: &Path, out: &mut Verified) -> Result<(), anchor::AnchorError> {
    let mut graves = Graveyard::default();
    cases(db, out, &mut graves).await?;
    entries(db, out, &mut graves).await?;
    histories(db, out, &mut graves).await?;
    graves.compare(out);
    anchor::verify(db, anchors, out).await
}

#[derive(sea_orm::FromQueryResult)]
struct Head {
    id: i64,
    no: String,
    event_seq: i64,
    event_hash: String,
}

async fn cases(db: &impl ConnectionTrait, out: &mut Verified, graves: &mut Graveyard) -> Result<(), DbErr> {
    use case::Column as C;
    let mut last = 0;
    loop {
        let heads: Vec<Head> = case::Entity::find()
            .select_only()
            .columns([C::Id, C::No, C::EventSeq, C::EventHash])
            .filter(C::Id.gt(last))
            .order_by_asc(C::Id)
            .limit(PART)
            .into_model()
            .all(db)
            .await?;
        let end = heads.last().map_or(i64::MAX, |h| h.id);
        let found = case_event::Entity::find()
            .filter(case_event::Column::CaseId.gt(last))
            .filter(case_event::Column::CaseId.lte(end))
            .order_by_asc(case_event::Column::CaseId)
            .order_by_asc(case_event::Column::Seq)
            .all(db)
            .await?;
        out.case_events += found.len() as u64;
        let mut logs: HashMap<i64, Vec<case_event::Model>> = HashMap::new();
        for event in found {
            if tombstones::is_case_event(&event) {
                graves.see("case_events", event.erasure_id, &event.tombstone);
            }
            logs.entry(event.case_id).or_default().push(event);
        }
        for head in &heads {
            out.cases += 1;
            let log = logs.remove(&head.id).unwrap_or_default();
            // A case without a single event was never accepted by anybody.
            if head.event_seq == 0 && log.is_empty() {
                out.find("case_events", &head.no, Break::Removed);
            }
            for (seq, fault) in events::breaks(&log, (head.event_seq, &head.event_hash)) {
                out.find("case_events", format!("{} {seq}", head.no), fault);
            }
        }
        for (case, log) in logs {
            for event in log {
                out.find("case_events", format!("case {case} {}", event.seq), Break::Added);
            }
        }
        if end == i64::MAX {
            return Ok(());
        }
        last = end;
    }
}

async fn entries(db: &impl ConnectionTrait, out: &mut Verified, graves: &mut Graveyard) -> Result<(), DbErr> {
    use audit_entry::Column as C;
    for row in audit_entry::Entity::find().filter(C::Seq.is_null()).order_by_asc(C::Id).all(db).await? {
        out.find("audit_log", format!("row {}", row.id), Break::Added);
    }
    let head = audit_head::Entity::find_by_id(HEAD).one(db).await?;
    let head = head.unwrap_or(audit_head::Model { id: HEAD, seq: 0, hash: String::new() });
    let (mut last, mut previous) = (0, String::new());
    loop {
        let part = audit_entry::Entity::find().filter(C::Seq.gt(last)).order_by_asc(C::Seq).limit(PART).all(db).await?;
        if part.is_empty() {
            break;
        }
        for row in part {
            out.audit_entries += 1;
            let seq = row.seq.unwrap_or_default();
            if seq > head.seq {
                out.find("audit_log", seq, Break::Added);
                last = seq;
                continue;
            }
            let gap = seq != last + 1;
            if gap {
                out.find("audit_log", last + 1, Break::Removed);
            }
            // The row before isn't there to be asked after a gap; a row that was changed is named itself, not the one after it.
            if !gap && !is_true(&row, seq, &previous) {
                out.find("audit_log", seq, Break::Changed);
            } else if row.act == tombstones::ERASE {
                graves.name(&row.object, &row.detail);
            }
            (last, previous) = (seq, row.hash);
        }
    }
    if last < head.seq {
        out.find("audit_log", last + 1, Break::Removed);
    } else if last == head.seq && previous != head.hash {
        out.find("audit_log", last, Break::Changed);
    }
    Ok(())
}

fn is_true(row: &audit_entry::Model, seq: i64, previous: &str) -> bool {
    let entry = Entry::done(row.user_id, &row.act, &row.object).resulting(&row.result);
    keys::has_signed(Purpose::Log, signed_text(&entry, seq, row.at, &row.detail, previous), &row.hash)
}

async fn histories(db: &impl ConnectionTrait, out: &mut Verified, graves: &mut Graveyard) -> Result<(), DbErr> {
    use record_event::Column as C;
    let mut last = 0;
    loop {
        let part = record_event::Entity::find().filter(C::Id.gt(last)).order_by_asc(C::Id).limit(PART).all(db).await?;
        let Some(end) = part.last() else { break };
        last = end.id;
        for event in part {
            out.record_events += 1;
            if tombstones::is_record_event(&event) {
                graves.see("record_events", event.erasure_id, &event.tombstone);
            }
            if !records::is_true(&event) {
                out.find("record_events", event.id, Break::Changed);
            }
        }
    }
    // A signature covers the instant: the same one twice is a copy.
    let copied = record_event::Entity::find().select_only().column_as(C::Id.max(), "id").group_by(C::Hash);
    let copied: Vec<i64> = copied.having(ExprTrait::gt(C::Id.count(), 1)).into_tuple().all(db).await?;
    for id in copied {
        out.find("record_events", id, Break::Added);
    }
    Ok(())
}
