//! 追回: what has come back of a correction's claim, and what waits for a second person.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{Blocker, ReceiptWay, Recovery, Stage, Waiting, WriteOffReason},
    ids::UserId,
    money::Fen,
    permission::Permission,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::rows::{self, Names};
use crate::{
    entity::{case, recovery_entry, recovery_verdict},
    platform::{auth::Me, error::Problem, messages::Notice},
};

/// The entries of a case at 追回, or of one that was, each with the verdict on it.
pub(super) struct Entries(Vec<(recovery_entry::Model, Option<recovery_verdict::Model>)>);

/// The `kind` of a receipt.
pub const RECEIPT: &str = "receipt";
/// The `kind` of a write-off.
pub const WRITE_OFF: &str = "write_off";

/// An entry of 追回: a receipt or a write-off.
#[derive(Serialize, ToSchema)]
pub struct RecoveryEntry {
    id: i64,
    /// `receipt` or `write_off`.
    kind: String,
    /// In fen.
    amount_fen: Fen,
    received_on: Option<NaiveDate>,
    way: Option<ReceiptWay>,
    /// 凭证号.
    reference: String,
    /// 核销原因.
    reason: Option<WriteOffReason>,
    note: String,
    recorded_at: DateTime<Utc>,
    recorded_by_name: String,
    /// Whether a second person let it count; null while it waits.
    accepted: Option<bool>,
    decided_at: Option<DateTime<Utc>>,
    decided_by_name: Option<String>,
    decision_note: Option<String>,
    /// What keeps the caller from confirming it; null where it isn't theirs to decide.
    confirm: Option<Vec<Notice>>,
}

/// 追回 of a case.
#[derive(Serialize, ToSchema)]
pub struct RecoveryView {
    /// What is to come back, in fen.
    owed_fen: Fen,
    /// What has come back and was confirmed.
    received_fen: Fen,
    /// What was given up.
    written_off_fen: Fen,
    /// What is still to come back, receipts that wait left out.
    left_fen: Fen,
    /// In the order of their recording.
    entries: Vec<RecoveryEntry>,
}

impl Entries {
    pub(super) async fn load(db: &impl ConnectionTrait, row: &case::Model) -> Result<Self, Problem> {
        if row.corrects_id.is_none() {
            return Ok(Self(Vec::new()));
        }
        let entries = recovery_entry::Entity::find()
            .filter(recovery_entry::Column::CaseId.eq(row.id))
            .order_by_asc(recovery_entry::Column::Id)
            .all(db)
            .await?;
        let ids = entries.iter().map(|e| e.id);
        let verdicts = recovery_verdict::Entity::find().filter(recovery_verdict::Column::EntryId.is_in(ids));
        let mut verdicts: HashMap<i64, recovery_verdict::Model> =
            verdicts.all(db).await?.into_iter().map(|v| (v.entry_id, v)).collect();
        let entries = entries.into_iter().map(|e| (verdicts.remove(&e.id), e)).map(|(v, e)| (e, v));
        Ok(Self(entries.collect()))
    }

    fn counted(&self, kind: &str) -> Fen {
        let counts = |(e, v): &&(recovery_entry::Model, Option<recovery_verdict::Model>)| {
            e.kind == kind && v.as_ref().is_some_and(|v| v.accepted)
        };
        self.0.iter().filter(counts).map(|(e, _)| Fen(e.amount_fen)).sum()
    }

    pub(super) fn facts(&self) -> Recovery {
        let waiting = self.0.iter().filter(|(_, v)| v.is_none()).map(|(e, _)| Waiting {
            entry: e.id,
            by: UserId(e.recorded_by_id),
            amount: Fen(e.amount_fen),
            write_off: e.reason.map(|r| r.0),
        });
        Recovery { received: self.counted(RECEIPT), waiting: waiting.collect() }
    }

    /// Whom the entries name.
    pub(super) fn people(&self) -> Vec<i64> {
        self.0.iter().flat_map(|(e, v)| [Some(e.recorded_by_id), v.as_ref().map(|v| v.by_id)]).flatten().collect()
    }

    /// As the page shows them; None of a case that claims nothing back.
    pub(super) fn view(self, me: &Me, row: &case::Model, users: &Names) -> Option<RecoveryView> {
        let owed = Fen(-row.benefit_fen.filter(|fen| *fen < 0)?);
        // While it is decided the difference is only proposed.
        if !matches!(row.stage.0, Stage::Recovery | Stage::Closed) {
            return None;
        }
        let (received, written_off) = (self.counted(RECEIPT), self.counted(WRITE_OFF));
        let facts = self.facts();
        let open = row.stage.0 == Stage::Recovery;
        let entry = |(e, v): (recovery_entry::Model, Option<recovery_verdict::Model>)| {
            let right = if e.kind == RECEIPT { Permission::ConfirmPayments } else { Permission::SecondReview };
            let own = (e.recorded_by_id == me.id.0).then(|| Notice::of(&Blocker::RecordedByYou {}, me.locale));
            RecoveryEntry {
                confirm: (open && v.is_none() && me.may(right)).then(|| own.into_iter().collect()),
                id: e.id,
                kind: e.kind,
                amount_fen: Fen(e.amount_fen),
                received_on: e.received_on,
                way: e.way.map(|w| w.0),
                reference: e.reference,
                reason: e.reason.map(|r| r.0),
                note: e.note,
                recorded_at: e.recorded_at,
                recorded_by_name: rows::name(users, e.recorded_by_id),
                accepted: v.as_ref().map(|v| v.accepted),
                decided_at: v.as_ref().map(|v| v.at),
                decided_by_name: v.as_ref().map(|v| rows::name(users, v.by_id)),
                decision_note: v.map(|v| v.note),
            }
        };
        Some(RecoveryView {
            owed_fen: owed,
            received_fen: received,
            written_off_fen: written_off,
            left_fen: if open { facts.left(owed) } else { Fen::ZERO },
            entries: self.0.into_iter().map(entry).collect(),
        })
    }
}

/// What the rules need to know of a case at 追回; nothing of any other.
///
/// # Errors
/// When the database fails.
pub async fn facts(db: &impl ConnectionTrait, row: &case::Model) -> Result<Recovery, Problem> {
    match row.stage.0 {
        Stage::Recovery => Ok(Entries::load(db, row).await?.facts()),
        _ => Ok(Recovery::default()),
    }
}
