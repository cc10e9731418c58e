//! Tombstones: events whose words were erased when their time was over (保管期限与清除).
//!
//! What signs an event covers its words, so an event without them can't be proved by it. It is signed anew as it stands then, its old
//! signature included, from which its chain goes on; and the entry of 日志 about the erasure says how many such events there are and
//! what they come to. A tombstone that no entry names, one that is gone, and one in whose place the words stand again all show.
use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::verify::Verified;
use crate::{
    cases::events::Break,
    entity::{case_event, record_event},
    platform::keys::{self, Purpose},
};

/// What 日志 calls an erasure; the object is its id.
pub const ERASE: &str = "erase_records";

/// The logs that have tombstones.
const LOGS: [&str; 2] = ["case_events", "record_events"];

/// What signs an event of a case once its words are erased.
#[must_use]
pub fn of_case_event(e: &case_event::Model) -> String {
    keys::sign(Purpose::Log, case_event_text(e))
}

/// What signs an event of another record once its words are erased.
#[must_use]
pub fn of_record_event(e: &record_event::Model) -> String {
    keys::sign(Purpose::Log, record_event_text(e))
}

/// Whether an event of a case claims to be a tombstone.
#[must_use]
pub const fn is_case_event(e: &case_event::Model) -> bool {
    e.erasure_id.is_some() || !e.tombstone.is_empty()
}

/// Whether a tombstone is what was written.
#[must_use]
pub fn is_true_case_event(e: &case_event::Model) -> bool {
    keys::has_signed(Purpose::Log, case_event_text(e), &e.tombstone)
}

/// Whether an event of another record claims to be a tombstone.
#[must_use]
pub const fn is_record_event(e: &record_event::Model) -> bool {
    e.erasure_id.is_some() || !e.tombstone.is_empty()
}

/// Whether a tombstone is what was written.
#[must_use]
pub fn is_true_record_event(e: &record_event::Model) -> bool {
    keys::has_signed(Purpose::Log, record_event_text(e), &e.tombstone)
}

fn case_event_text(e: &case_event::Model) -> String {
    let (from, to) = (e.from_stage.map(|s| s.0), e.to_stage.0);
    let at = e.at.timestamp_millis();
    json!([
        "case_event tombstone",
        e.erasure_id,
        e.hash,
        e.previous_hash,
        e.case_id,
        e.seq,
        e.kind,
        e.actor_id,
        at,
        from,
        to,
        e.reason_code,
        e.note,
        e.data
    ])
    .to_string()
}

fn record_event_text(e: &record_event::Model) -> String {
    let at = e.at.timestamp_millis();
    json!([
        "record_event tombstone",
        e.erasure_id,
        e.hash,
        e.id,
        e.object_kind,
        e.object_id,
        e.act,
        e.actor_id,
        at,
        e.reason,
        e.before,
        e.after
    ])
    .to_string()
}

/// How many tombstones one erasure left in one log, and what they come to, in the order in which they are looked at.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    rows: u64,
    digest: Sha256,
}

impl Heap {
    /// One more.
    pub fn add(&mut self, tombstone: &str) {
        self.rows += 1;
        self.digest.update(format!("{tombstone}\n"));
    }

    /// As an entry of 日志 tells it.
    #[must_use]
    pub fn told(&self) -> Value {
        json!({ "rows": self.rows, "digest": hex::encode(self.digest.clone().finalize()) })
    }
}

/// The tombstones that were seen, and those that entries name, by erasure.
#[derive(Debug, Default)]
pub(super) struct Graveyard {
    seen: BTreeMap<(i64, &'static str), Heap>,
    named: BTreeMap<(i64, &'static str), Value>,
}

impl Graveyard {
    pub(super) fn see(&mut self, log: &'static str, erasure: Option<i64>, tombstone: &str) {
        self.seen.entry((erasure.unwrap_or_default(), log)).or_default().add(tombstone);
    }

    /// What a true entry of 日志 says of an erasure.
    pub(super) fn name(&mut self, object: &str, detail: &str) {
        let (Ok(id), Ok(detail)) = (object.parse(), serde_json::from_str::<Value>(detail)) else { return };
        for log in LOGS {
            if let Some(told) = detail.get(log).filter(|told| told["rows"] != 0) {
                self.named.insert((id, log), told.clone());
            }
        }
    }

    /// Finds whatever isn't both seen and named.
    pub(super) fn compare(mut self, out: &mut Verified) {
        for ((id, log), told) in self.named {
            let seen = self.seen.remove(&(id, log)).unwrap_or_default();
            if seen.told() == told {
                continue;
            }
            let fault = match seen.rows.cmp(&told["rows"].as_u64().unwrap_or_default()) {
                std::cmp::Ordering::Less => Break::Removed,
                std::cmp::Ordering::Equal => Break::Changed,
                std::cmp::Ordering::Greater => Break::Added,
            };
            out.find(log, format!("tombstones of erasure {id}"), fault);
        }
        for (id, log) in self.seen.into_keys() {
            out.find(log, format!("tombstones of erasure {id}"), Break::Added);
        }
    }
}
