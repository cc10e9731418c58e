//! Rows that go whole: kept searches, messages, answers to acceptances, sessions, counters of wrong passwords.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::retention::RetentionKind;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    entity::{idempotency_key, message, saved_search, session, sign_in_failure},
    platform::clock,
};

/// Rows that go in one transaction, but for those of the same instant.
const AT_ONCE: u64 = 1_000;

/// How many rows, and from when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gone {
    pub(super) records: u64,
    pub(super) oldest: Option<NaiveDate>,
    pub(super) newest: Option<NaiveDate>,
}

/// Does the same for the table of a kind and the column that its term counts from.
macro_rules! of_kind {
    ($kind:expr, $doing:ident, $db:expr, $until:expr) => {
        match $kind {
            RetentionKind::SavedSearches => {
                $doing::<saved_search::Entity>($db, saved_search::Column::SavedAt, $until).await
            }
            RetentionKind::Messages => $doing::<message::Entity>($db, message::Column::At, $until).await,
            RetentionKind::RepeatedAnswers => {
                $doing::<idempotency_key::Entity>($db, idempotency_key::Column::CreatedAt, $until).await
            }
            RetentionKind::Sessions => $doing::<session::Entity>($db, session::Column::ExpiresAt, $until).await,
            RetentionKind::SignInFailures => {
                $doing::<sign_in_failure::Entity>($db, sign_in_failure::Column::LastAt, $until).await
            }
            RetentionKind::CasePictures
            | RetentionKind::CaseRecords
            | RetentionKind::PaymentRecords
            | RetentionKind::MemberRecords
            | RetentionKind::RosterRows => Ok(Gone::default()),
        }
    };
}

/// What is due of a kind: what began on a day up to `until`.
pub(super) async fn count(db: &impl ConnectionTrait, kind: RetentionKind, until: NaiveDate) -> Result<Gone, DbErr> {
    of_kind!(kind, counted, db, end_of(until))
}

/// Deletes some of it, the oldest first; nothing is left once it answers with nothing.
pub(super) async fn delete(tx: &impl ConnectionTrait, kind: RetentionKind, until: NaiveDate) -> Result<Gone, DbErr> {
    of_kind!(kind, deleted, tx, end_of(until))
}

/// The first instant after a day.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    clock::start_of(day.succ_opt().unwrap_or(day))
}

async fn instant<E: EntityTrait>(
    db: &impl ConnectionTrait,
    at: E::Column,
    before: DateTime<Utc>,
    newest: bool,
    skipped: u64,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let rows = E::find().select_only().column(at).filter(at.lt(before)).limit(1).offset(skipped);
    let rows = if newest { rows.order_by_desc(at) } else { rows.order_by_asc(at) };
    rows.into_tuple().one(db).await
}

async fn counted<E>(db: &impl ConnectionTrait, at: E::Column, before: DateTime<Utc>) -> Result<Gone, DbErr>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    Ok(Gone {
        records: E::find().filter(at.lt(before)).count(db).await?,
        oldest: instant::<E>(db, at, before, false, 0).await?.map(clock::day_of),
        newest: instant::<E>(db, at, before, true, 0).await?.map(clock::day_of),
    })
}

async fn deleted<E: EntityTrait>(
    db: &impl ConnectionTrait,
    at: E::Column,
    before: DateTime<Utc>,
) -> Result<Gone, DbErr> {
    let Some(oldest) = instant::<E>(db, at, before, false, 0).await? else { return Ok(Gone::default()) };
    let last = match instant::<E>(db, at, before, false, AT_ONCE).await? {
        Some(last) => Some(last),
        None => instant::<E>(db, at, before, true, 0).await?,
    };
    let Some(last) = last else { return Ok(Gone::default()) };
    let done = E::delete_many().filter(at.lte(last)).exec(db).await?;
    let (oldest, newest) = (Some(clock::day_of(oldest)), Some(clock::day_of(last)));
    Ok(Gone { records: done.rows_affected, oldest, newest })
}
