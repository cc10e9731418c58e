//! What the rules say of chains of cases, members and rosters: a bounded number at a time, in a fixed number of queries.
mod cases;
mod members;
mod rosters;

use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::retention::{Known, RetentionKind, Rule, Verdict, decide};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::erasure_hold;

/// Rows that are one thing to a rule, and what it says of them.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// The rows: a case with those that correct it, a member with the records that were merged into it, a roster.
    pub(super) ids: Vec<i64>,
    /// Whether they go.
    pub(super) verdict: Verdict,
}

/// Some of what there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) judged: Vec<Judged>,
    /// After which row the next part begins; None where there is none.
    pub(super) last: Option<i64>,
}

impl Part {
    /// The rows that go.
    pub(super) fn due(&self) -> Vec<i64> {
        let due = self.judged.iter().filter(|j| matches!(j.verdict, Verdict::Due(_)));
        let mut ids: Vec<i64> = due.flat_map(|j| j.ids.iter().copied()).collect();
        ids.sort_unstable();
        ids
    }

    fn of(found: Vec<(Vec<i64>, Known)>, last: Option<i64>, rule: &Rule, today: NaiveDate) -> Self {
        let judged = found.into_iter().map(|(ids, known)| Judged { ids, verdict: decide(&known, rule.keep, today) });
        Self { judged: judged.collect(), last }
    }
}

/// Looks at the next ones after a row.
pub(super) async fn part(
    db: &impl ConnectionTrait,
    rule: &Rule,
    after: i64,
    today: NaiveDate,
    size: u64,
) -> Result<Part, DbErr> {
    let asked = Asked { after, size, until: rule.keep.latest_start(today), held: false };
    found(db, rule, asked, today).await
}

/// The same with the rows held until the transaction ends, so that nobody opens, changes or covers anything of them meanwhile.
pub(super) async fn held(
    tx: &DatabaseTransaction,
    rule: &Rule,
    after: i64,
    today: NaiveDate,
    size: u64,
) -> Result<Part, DbErr> {
    let asked = Asked { after, size, until: rule.keep.latest_start(today), held: true };
    if rule.kind == RetentionKind::MemberRecords {
        // Taken before any row of a member or a coverage is held, as by whoever covers somebody.
        crate::members::coverage::turn(tx).await?;
    }
    found(tx, rule, asked, today).await
}

/// Which rows to look at.
#[derive(Clone, Copy)]
struct Asked {
    after: i64,
    size: u64,
    /// The latest day from which the term may count.
    until: NaiveDate,
    held: bool,
}

async fn found(db: &impl ConnectionTrait, rule: &Rule, asked: Asked, today: NaiveDate) -> Result<Part, DbErr> {
    let (found, last) = match rule.kind {
        RetentionKind::MemberRecords => members::known(db, asked).await?,
        RetentionKind::RosterRows => rosters::known(db, asked).await?,
        kind => cases::known(db, kind, asked).await?,
    };
    Ok(Part::of(found, last, rule, today))
}

/// Things with what is known of them, and after which row to go on.
type Found = (Vec<(Vec<i64>, Known)>, Option<i64>);

/// Which of some rows are held by somebody's word.
async fn on_hold(db: &impl ConnectionTrait, kind: &str, ids: &[i64]) -> Result<Vec<i64>, DbErr> {
    use erasure_hold::Column as C;
    let open = erasure_hold::Entity::find().select_only().column(C::ObjectId).filter(C::EndedAt.is_null());
    let open = open.filter(C::ObjectKind.eq(kind)).filter(C::ObjectId.is_in(ids.iter().copied()));
    open.into_tuple().all(db).await
}

/// Values by what they belong to.
fn by<T>(rows: impl IntoIterator<Item = (i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut out: HashMap<i64, Vec<T>> = HashMap::new();
    for (key, value) in rows {
        out.entry(key).or_default().push(value);
    }
    out
}
