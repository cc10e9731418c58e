//! What a run found or did, without a word of whose it was.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use huzhu_domain::retention::{Holding, RetentionKind, Rule, Term, Verdict};
use serde::Serialize;

use super::{due::Judged, plain::Gone};

/// All rules of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The day of which it is.
    pub today: NaiveDate,
    /// Whether anything was erased, or only looked at.
    pub carried_out: bool,
    /// In the order of the file.
    pub rules: Vec<Told>,
    /// Files that are still to be removed: another run does it.
    pub pending_files: u64,
    /// Whether the file of the database was written anew (SQLite), so that nothing of before can be read in it.
    pub forgotten: bool,
}

/// What there is to be told of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Of what.
    pub kind: RetentionKind,
    /// How long it is kept.
    pub keep: Term,
    /// What began to count on this day or before is due.
    pub until: NaiveDate,
    /// How many go: chains of cases, members, rosters, or rows.
    pub records: u64,
    /// The earliest day from which one of them counts.
    pub oldest: Option<NaiveDate>,
    /// The latest.
    pub newest: Option<NaiveDate>,
    /// Files that they name; what something else names too stays in the store.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// How many of what is due are held back, by every reason.
    pub held: BTreeMap<Holding, u64>,
}

impl Told {
    pub(super) fn of(rule: &Rule, today: NaiveDate) -> Self {
        Self {
            kind: rule.kind,
            keep: rule.keep,
            until: rule.keep.latest_start(today),
            records: 0,
            oldest: None,
            newest: None,
            files: 0,
            file_bytes: 0,
            held: BTreeMap::new(),
        }
    }

    fn starts(&mut self, first: Option<NaiveDate>, last: Option<NaiveDate>) {
        self.oldest = self.oldest.into_iter().chain(first).min();
        self.newest = self.newest.into_iter().chain(last).max();
    }

    pub(super) fn judged(&mut self, judged: &[Judged]) {
        for one in judged {
            match &one.verdict {
                Verdict::Due(start) => {
                    self.records += 1;
                    self.starts(Some(*start), Some(*start));
                }
                Verdict::NotYet => {}
                Verdict::Held(reasons) => {
                    for reason in reasons {
                        *self.held.entry(*reason).or_default() += 1;
                    }
                }
            }
        }
    }

    pub(super) fn plain(&mut self, gone: Gone) {
        self.records += gone.records;
        self.starts(gone.oldest, gone.newest);
    }

    pub(super) const fn file(&mut self, bytes: u64) {
        self.files += 1;
        self.file_bytes += bytes;
    }

    pub(super) const fn removed(&mut self, files: u64, bytes: u64) {
        self.files += files;
        self.file_bytes += bytes;
    }
}
