//! 时效: how long cases have waited at their stages, by the calendar and the limits that are in force now.
//!
//! Nothing of it is kept with a case: a list that wants the late ones asks for what entered its stage before a cut-off
//! ([`Deadlines::at`]), so a change of the calendar or of a limit counts at once.
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    calendar::{self, Calendar, NEARLY, Pace},
    case::Stage,
    org::OrgKind,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef, Select,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    entity::{calendar_day, case, org, time_limit},
    platform::{clock, coded::Coded, error::Problem},
};

/// The stages that have a limit.
pub const STAGES: [Stage; 6] =
    [Stage::Materials, Stage::ExpenseEntry, Stage::FirstReview, Stage::SecondReview, Stage::Payment, Stage::Recovery];

/// How a case keeps to the limit of its stage.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PaceView {
    /// In time, nearly due, late, or stopped.
    pub pace: Pace,
    /// Working days since it came to its stage.
    pub waited: u32,
    /// Working days that it may stay.
    pub limit: u32,
    /// The last day on which it is in time; null while the clock is stopped.
    pub due_on: Option<NaiveDate>,
}

/// Narrows a selection of cases to those of a pace.
///
/// # Errors
/// When the database fails.
pub async fn narrowed(
    db: &impl ConnectionTrait,
    select: Select<case::Entity>,
    pace: Option<Pace>,
) -> Result<Select<case::Entity>, Problem> {
    let Some(pace) = pace else { return Ok(select) };
    Ok(select.filter(Deadlines::load(db).await?.at(pace)))
}

/// The calendar and every limit, as of a day.
#[derive(Clone, Debug)]
pub struct Deadlines {
    today: NaiveDate,
    calendar: Calendar,
    society: HashMap<Stage, u32>,
    offices: BTreeMap<i64, HashMap<Stage, u32>>,
}

impl Deadlines {
    /// As of today: two short queries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &impl ConnectionTrait) -> Result<Self, Problem> {
        Self::read(db, calendar_day::Entity::find()).await
    }

    /// As of today, for cases that have stood at their stages since then: days before the earliest don't count.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn since(db: &impl ConnectionTrait, all: impl Iterator<Item = DateTime<Utc>>) -> Result<Self, Problem> {
        let first = clock::day_of(all.min().unwrap_or_else(clock::now));
        Self::read(db, calendar_day::Entity::find().filter(calendar_day::Column::Day.gte(first))).await
    }

    async fn read(db: &impl ConnectionTrait, days: Select<calendar_day::Entity>) -> Result<Self, Problem> {
        let days = days.all(db).await?;
        let calendar = days.into_iter().map(|d| (d.day, d.kind.0)).collect();
        let to_org: RelationDef =
            time_limit::Entity::belongs_to(org::Entity).from(time_limit::Column::OrgId).to(org::Column::Id).into();
        let rows: Vec<(i64, Coded<OrgKind>, Coded<Stage>, i32)> = time_limit::Entity::find()
            .join(JoinType::InnerJoin, to_org)
            .select_only()
            .column(time_limit::Column::OrgId)
            .column(org::Column::Kind)
            .columns([time_limit::Column::Stage, time_limit::Column::Days])
            .into_tuple()
            .all(db)
            .await?;
        let mut out = Self { today: clock::today(), calendar, society: HashMap::new(), offices: BTreeMap::new() };
        for (org_id, kind, stage, days) in rows {
            let of = if kind.0 == OrgKind::Society { &mut out.society } else { out.offices.entry(org_id).or_default() };
            of.insert(stage.0, u32::try_from(days).unwrap_or(1));
        }
        Ok(out)
    }

    /// The calendar.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The limit that the society sets, or the program.
    #[must_use]
    pub fn common_limit(&self, stage: Stage) -> Option<u32> {
        self.society.get(&stage).copied().or_else(|| calendar::default_limit(stage))
    }

    /// The limit that an office sets for itself.
    #[must_use]
    pub fn own_limit(&self, office_id: i64, stage: Stage) -> Option<u32> {
        self.offices.get(&office_id)?.get(&stage).copied()
    }

    /// The limit that counts for an office's cases, in working days.
    #[must_use]
    pub fn limit(&self, office_id: i64, stage: Stage) -> Option<u32> {
        self.own_limit(office_id, stage).or_else(|| self.common_limit(stage))
    }

    /// How a case keeps to its limit; None where nothing more can happen to it.
    #[must_use]
    pub fn pace(&self, office_id: i64, stage: Stage, since: DateTime<Utc>, stopped: bool) -> Option<PaceView> {
        let limit = self.limit(office_id, stage)?;
        let entered = clock::day_of(since);
        let waited = self.calendar.working_days(entered, self.today);
        if stopped {
            return Some(PaceView { pace: Pace::Stopped, waited, limit, due_on: None });
        }
        let due_on = Some(self.calendar.nth_after(entered, limit));
        Some(PaceView { pace: calendar::pace(waited, limit), waited, limit, due_on })
    }

    /// [`Self::pace`] of a row.
    #[must_use]
    pub fn of(&self, row: &case::Model) -> Option<PaceView> {
        self.pace(row.office_id, row.stage.0, row.stage_since, row.clock_stopped)
    }

    /// The cases of a pace, for a query of cases; the index of stage and stage_since serves it.
    #[must_use]
    pub fn at(&self, pace: Pace) -> Condition {
        let nearly = |limit: u32| limit.checked_sub(NEARLY + 1);
        match pace {
            Pace::Stopped => Condition::all().add(case::Column::ClockStopped.eq(true)),
            Pace::Late => self.waited_more_than(&Some),
            Pace::NearlyDue => {
                Condition::all().add(self.waited_more_than(&nearly)).add(self.waited_more_than(&Some).not())
            }
            Pace::InTime => {
                let running = Condition::all().add(case::Column::Stage.is_in(STAGES.map(Coded)));
                running.add(case::Column::ClockStopped.eq(false)).add(self.waited_more_than(&nearly).not())
            }
        }
    }

    /// Cases whose clock runs and that have waited more working days than `most` makes of their limit; all of a stage where
    /// that is None.
    fn waited_more_than(&self, most: &impl Fn(u32) -> Option<u32>) -> Condition {
        let cut = |limit: Option<u32>| {
            let limit = limit.unwrap_or(calendar::MAX_LIMIT);
            let day = most(limit).map(|n| self.calendar.no_older_than(n, self.today));
            clock::start_of(day.unwrap_or_else(|| self.today + chrono::Days::new(1)))
        };
        let mut any = Condition::any();
        for stage in STAGES {
            let at = || Condition::all().add(case::Column::Stage.eq(Coded(stage)));
            let own: Vec<i64> =
                self.offices.iter().filter(|(_, limits)| limits.contains_key(&stage)).map(|(id, _)| *id).collect();
            let before = case::Column::StageSince.lt(cut(self.common_limit(stage)));
            let common = at().add(before);
            any = any.add(if own.is_empty() {
                common
            } else {
                common.add(case::Column::OfficeId.is_not_in(own.iter().copied()))
            });
            for id in own {
                let before = case::Column::StageSince.lt(cut(self.own_limit(id, stage)));
                any = any.add(at().add(case::Column::OfficeId.eq(id)).add(before));
            }
        }
        Condition::all().add(case::Column::ClockStopped.eq(false)).add(any)
    }
}
