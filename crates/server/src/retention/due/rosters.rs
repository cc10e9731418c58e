//! Rosters that came to an end: in force, sent back, given up or unreadable. Their term counts from the last thing that happened to them.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use huzhu_domain::{enrolment::BatchState, retention::Known};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Asked, Found, by};
use crate::{
    entity::{enrolment, record_event},
    platform::{clock, coded::Coded},
};

const ENDS: [Coded<BatchState>; 4] = [
    Coded(BatchState::InForce),
    Coded(BatchState::Returned),
    Coded(BatchState::Discarded),
    Coded(BatchState::Unreadable),
];

/// Ended rosters that weren't erased.
pub(super) async fn known(db: &impl ConnectionTrait, asked: Asked) -> Result<Found, DbErr> {
    use enrolment::Column as C;
    let mut found = enrolment::Entity::find()
        .filter(C::State.is_in(ENDS))
        .filter(C::ErasedOn.is_null())
        .filter(C::Id.gt(asked.after))
        .filter(C::CreatedAt.lt(clock::start_of(asked.until.succ_opt().unwrap_or(asked.until))))
        .order_by_asc(C::Id)
        .limit(asked.size);
    if asked.held {
        found = found.lock_exclusive();
    }
    let found = found.all(db).await?;
    use record_event::Column as E;
    let events = record_event::Entity::find()
        .filter(E::ObjectKind.eq("enrolment"))
        .filter(E::ObjectId.is_in(found.iter().map(|e| e.id)))
        .select_only()
        .columns([E::ObjectId, E::At]);
    let events: Vec<(i64, DateTime<Utc>)> = events.into_tuple().all(db).await?;
    let events: HashMap<i64, Vec<DateTime<Utc>>> = by(events);
    let last = found.last().map(|e| e.id);
    let known = |row: &enrolment::Model| {
        let happened = events.get(&row.id).into_iter().flatten().copied();
        let start = happened.chain(row.confirmed_at).chain([row.created_at]).max().map(clock::day_of);
        (vec![row.id], Known { start, held: Vec::new() })
    };
    Ok((found.iter().map(known).collect(), last))
}
