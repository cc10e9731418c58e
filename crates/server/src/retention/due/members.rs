//! Members with the records that were merged into them. Their term counts from the last day of their last coverage, the end of their last
//! case, or the decision about their last change, whichever is latest.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    change::ChangeState,
    coverage::CoverageState,
    enrolment::BatchState,
    retention::{Holding, Known},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{Asked, Found, by, cases::ended_on, on_hold};
use crate::{
    entity::{case, change, coverage, enrolment, enrolment_row, member},
    platform::{clock, coded::Coded},
};

/// Members that no coverage covers after the day.
pub(super) async fn known(db: &impl ConnectionTrait, asked: Asked) -> Result<Found, DbErr> {
    use member::Column as C;
    let later = coverage::Entity::find()
        .filter(Expr::col((coverage::Entity, coverage::Column::MemberId)).equals((member::Entity, C::Id)))
        .filter(coverage::Column::State.ne(Coded(CoverageState::Void)))
        .filter(coverage::Column::PeriodTo.gt(asked.until))
        .select_only()
        .column(coverage::Column::Id)
        .into_query();
    let mut found = member::Entity::find()
        .filter(C::MergedIntoId.is_null())
        .filter(C::ErasedOn.is_null())
        .filter(C::Id.gt(asked.after))
        .filter(Expr::exists(later).not())
        .order_by_asc(C::Id)
        .limit(asked.size);
    if asked.held {
        found = found.lock_exclusive();
    }
    let ids: Vec<i64> = found.all(db).await?.into_iter().map(|m| m.id).collect();
    let merged = member::Entity::find().filter(C::MergedIntoId.is_in(ids.iter().copied())).select_only();
    let merged: Vec<(Option<i64>, i64)> = merged.columns([C::MergedIntoId, C::Id]).into_tuple().all(db).await?;
    let mut merged = by(merged.into_iter().filter_map(|(into, id)| into.map(|into| (into, id))));
    let people: Vec<Vec<i64>> =
        ids.iter().map(|id| std::iter::once(*id).chain(merged.remove(id).unwrap_or_default()).collect()).collect();
    let all: Vec<i64> = people.iter().flatten().copied().collect();
    let beside = Beside::load(db, &all, asked.held).await?;
    let last = ids.last().copied();
    Ok((
        people
            .into_iter()
            .map(|ids| {
                let known = beside.of(&ids);
                (ids, known)
            })
            .collect(),
        last,
    ))
}

struct Beside {
    covered: HashMap<i64, Vec<NaiveDate>>,
    cases: HashMap<i64, Vec<case::Model>>,
    changes: HashMap<i64, Vec<Option<DateTime<Utc>>>>,
    enrolling: HashSet<i64>,
    held: HashSet<i64>,
}

impl Beside {
    async fn load(db: &impl ConnectionTrait, ids: &[i64], held: bool) -> Result<Self, DbErr> {
        let of = |column: coverage::Column| column.is_in(ids.iter().copied());
        if held {
            // Whoever accepts a claim waits for the same rows.
            let rows = coverage::Entity::find().filter(of(coverage::Column::MemberId));
            rows.order_by_asc(coverage::Column::Id).lock_exclusive().all(db).await?;
        }
        let covered = coverage::Entity::find()
            .filter(of(coverage::Column::MemberId))
            .filter(coverage::Column::State.ne(Coded(CoverageState::Void)))
            .select_only()
            .columns([coverage::Column::MemberId, coverage::Column::PeriodTo]);
        let covered: Vec<(i64, NaiveDate)> = covered.into_tuple().all(db).await?;
        let cases = case::Entity::find().filter(case::Column::MemberId.is_in(ids.iter().copied())).all(db).await?;
        use change::Column as C;
        let about = Condition::any()
            .add(C::MemberId.is_in(ids.iter().copied()))
            .add(C::OtherMemberId.is_in(ids.iter().copied()));
        let changes = change::Entity::find().filter(about).all(db).await?;
        let changes = changes.into_iter().flat_map(|row| {
            let at = row.decided_at.filter(|_| row.state.0 != ChangeState::Proposed);
            std::iter::once(row.member_id).chain(row.other_member_id).map(move |id| (id, at))
        });
        let open = enrolment::Entity::find().filter(enrolment::Column::State.is_in(BatchState::OPEN.map(Coded)));
        let open = open.select_only().column(enrolment::Column::Id).into_query();
        let enrolling: Vec<i64> = enrolment_row::Entity::find()
            .filter(enrolment_row::Column::MemberId.is_in(ids.iter().copied()))
            .filter(enrolment_row::Column::EnrolmentId.in_subquery(open))
            .select_only()
            .column(enrolment_row::Column::MemberId)
            .into_tuple()
            .all(db)
            .await?;
        Ok(Self {
            enrolling: enrolling.into_iter().collect(),
            covered: by(covered),
            cases: by(cases.into_iter().map(|c| (c.member_id, c))),
            changes: by(changes),
            held: on_hold(db, "member", ids).await?.into_iter().collect(),
        })
    }

    fn of(&self, ids: &[i64]) -> Known {
        let covered = ids.iter().filter_map(|id| self.covered.get(id)).flatten().copied();
        let cases: Vec<Option<NaiveDate>> =
            ids.iter().filter_map(|id| self.cases.get(id)).flatten().map(ended_on).collect();
        let changes: Vec<_> = ids.iter().filter_map(|id| self.changes.get(id)).flatten().copied().collect();
        let reasons = [
            (Holding::Hold, ids.iter().any(|id| self.held.contains(id))),
            (Holding::CaseOpen, cases.contains(&None)),
            (Holding::RosterOpen, ids.iter().any(|id| self.enrolling.contains(id))),
            (Holding::ChangeOpen, changes.contains(&None)),
        ];
        let held = reasons.into_iter().filter(|(_, is)| *is).map(|(reason, _)| reason).collect();
        let days = covered.chain(cases.iter().flatten().copied());
        Known { start: days.chain(changes.into_iter().flatten().map(clock::day_of)).max(), held }
    }
}
