//! 工作日历 and 时效: which days are working days, and whether a case has stayed too long at its stage.
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::case::Stage;

code_enum! {
    /// What the society's calendar says of a day.
    DayKind {
        /// 上班: a working day, also where it falls on a weekend (调休).
        Working,
        /// 放假.
        Off,
    }
}

code_enum! {
    /// How a case keeps to the time limit of its stage. The order is the order in which cases want to be looked at.
    Pace {
        /// 已超时: it has stayed longer than the limit.
        Late,
        /// 即将到期: at most [`NEARLY`] working day is left.
        NearlyDue,
        /// 正常.
        InTime,
        /// 计时暂停: it waits for the member, not for us.
        Stopped,
    }
}

/// The longest time limit, in working days.
pub const MAX_LIMIT: u32 = 250;

/// So many working days before its end a limit is nearly reached.
pub const NEARLY: u32 = 1;

/// The days that aren't what their weekday says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<NaiveDate, DayKind>);

impl FromIterator<(NaiveDate, DayKind)> for Calendar {
    fn from_iter<I: IntoIterator<Item = (NaiveDate, DayKind)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

const fn is_weekday(day: Weekday) -> bool {
    !matches!(day, Weekday::Sat | Weekday::Sun)
}

impl Calendar {
    /// Whether people work on the day.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        self.0.get(&day).map_or_else(|| is_weekday(day.weekday()), |kind| *kind == DayKind::Working)
    }

    /// The working days after `after` up to and with `until`; 0 where there is no day between.
    #[must_use]
    pub fn working_days(&self, after: NaiveDate, until: NaiveDate) -> u32 {
        if until <= after {
            return 0;
        }
        let days = (until - after).num_days();
        let rest = until.iter_days().rev().take(usize::try_from(days % 7).unwrap_or_default());
        let weekdays = days / 7 * 5 + rest.filter(|d| is_weekday(d.weekday())).map(|_| 1).sum::<i64>();
        let changed = self.0.range(after..=until).filter(|(day, _)| **day > after);
        let change = changed.map(|(day, kind)| match (is_weekday(day.weekday()), kind) {
            (true, DayKind::Off) => -1,
            (false, DayKind::Working) => 1,
            _ => 0,
        });
        u32::try_from(weekdays + change.sum::<i64>()).unwrap_or_default()
    }

    /// The `n`-th working day after a day; the day itself for 0.
    #[must_use]
    pub fn nth_after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        let mut after = day.iter_days().skip(1).filter(|d| self.is_working(*d));
        n.checked_sub(1).map_or(day, |n| after.nth(n as usize).unwrap_or(NaiveDate::MAX))
    }

    /// The earliest day since which no more than `n` working days have passed by `today`: what began before it is older.
    #[must_use]
    pub fn no_older_than(&self, n: u32, today: NaiveDate) -> NaiveDate {
        let (mut day, mut passed) = (today, 0);
        loop {
            passed += u32::from(self.is_working(day));
            match day.pred_opt() {
                Some(before) if passed <= n => day = before,
                _ => return day,
            }
        }
    }
}

/// The time limit of a stage where neither office nor society says another, in working days; None where nobody waits.
#[must_use]
pub const fn default_limit(stage: Stage) -> Option<u32> {
    match stage {
        Stage::Materials | Stage::FirstReview | Stage::Payment => Some(5),
        Stage::ExpenseEntry | Stage::SecondReview => Some(3),
        // The member pays it back.
        Stage::Recovery => Some(20),
        Stage::Closed | Stage::Deleted => None,
    }
}

/// How a case that has waited so many working days keeps to a limit, while its clock runs.
#[must_use]
pub const fn pace(waited: u32, limit: u32) -> Pace {
    if waited > limit {
        Pace::Late
    } else if waited + NEARLY >= limit {
        Pace::NearlyDue
    } else {
        Pace::InTime
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 国庆 2026: Thursday the 1st to Wednesday the 7th off, Saturday the 10th worked.
    fn october() -> Calendar {
        let off = (1..=7).map(|d| (NaiveDate::from_ymd_opt(2026, 10, d).unwrap(), DayKind::Off));
        off.chain([(day("2026-10-10"), DayKind::Working)]).collect()
    }

    #[test]
    fn holidays_are_off_and_worked_weekends_are_not() {
        let calendar = october();
        for (text, working) in [
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
        ] {
            assert_eq!(calendar.is_working(day(text)), working, "{text}");
        }
        assert_eq!(calendar.working_days(day("2026-09-30"), day("2026-10-11")), 3);
        assert_eq!(calendar.working_days(day("2026-10-11"), day("2026-09-30")), 0);
        assert_eq!(calendar.nth_after(day("2026-09-30"), 1), day("2026-10-08"));
        assert_eq!(calendar.nth_after(day("2026-09-30"), 3), day("2026-10-10"));
        assert_eq!(calendar.nth_after(day("2026-10-03"), 0), day("2026-10-03"));
    }

    #[test]
    fn a_limit_ends_with_its_last_working_day() {
        let calendar = october();
        for (today, expected) in [
            ("2026-09-30", Pace::InTime),
            ("2026-10-07", Pace::InTime),
            ("2026-10-08", Pace::InTime),
            ("2026-10-09", Pace::NearlyDue),
            ("2026-10-10", Pace::NearlyDue),
            // Nobody works on the Sunday, so nobody is late on it.
            ("2026-10-11", Pace::NearlyDue),
            ("2026-10-12", Pace::Late),
        ] {
            let waited = calendar.working_days(day("2026-09-30"), day(today));
            assert_eq!(pace(waited, 3), expected, "{today}");
        }
    }

    #[test]
    fn every_stage_at_which_somebody_waits_has_a_limit() {
        use strum::IntoEnumIterator;
        for stage in Stage::iter() {
            assert_eq!(default_limit(stage).is_none(), stage.is_end(), "{stage}");
        }
    }

    prop_compose! {
        fn some_day()(n in 0_i64..2_000) -> NaiveDate {
            day("2023-01-01") + chrono::Duration::days(n)
        }
    }

    proptest! {
        #[test]
        fn counting_is_what_looking_at_each_day_comes_to(
            days in prop::collection::btree_map(some_day(), prop_oneof![Just(DayKind::Working), Just(DayKind::Off)], 0..60),
            from in some_day(),
            length in 0_i64..900,
            limit in 1_u32..40,
        ) {
            let calendar: Calendar = days.into_iter().collect();
            let until = from + chrono::Duration::days(length);
            let one_by_one = from.iter_days().skip(1).take_while(|d| *d <= until).filter(|d| calendar.is_working(*d)).count();
            let waited = calendar.working_days(from, until);
            prop_assert_eq!(waited as usize, one_by_one);
            let due = calendar.nth_after(from, limit);
            prop_assert_eq!(calendar.working_days(from, due), limit);
            prop_assert!(calendar.is_working(due));
            // The cut-off by which lists find late cases says the same as the count of each.
            prop_assert_eq!(from < calendar.no_older_than(limit, until), pace(waited, limit) == Pace::Late);
        }
    }
}
