//! Civil days: coverage periods, stays. No instants here.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Days from `from` to `to`, both inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// A period; None where it would end before it begins.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// Whether the day lies inside; first and last day do.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Whether the two have a day in common.
    #[must_use]
    pub fn overlaps(&self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// Whether every day of the other is a day of this one.
    #[must_use]
    pub fn covers(&self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Which day of the period it is, from 1; None before the first.
    #[must_use]
    pub fn ordinal(&self, day: NaiveDate) -> Option<u32> {
        u32::try_from((day - self.from).num_days() + 1).ok().filter(|n| *n > 0)
    }
}

/// 住院天数: discharge − admission; a stay of one day counts 1 (benefits: days of a stay). 0 where it ends before it begins.
#[must_use]
pub fn days_of_stay(admitted_on: NaiveDate, discharged_on: NaiveDate) -> u32 {
    match (discharged_on - admitted_on).num_days() {
        0 => 1,
        days => u32::try_from(days).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn first_and_last_day_count() {
        let period = Period::new(day("2023-01-31"), day("2023-12-31")).unwrap();
        assert!(!period.contains(day("2023-01-30")));
        assert!(period.contains(day("2023-01-31")));
        assert!(period.contains(day("2023-12-31")));
        assert!(!period.contains(day("2024-01-01")));
        assert_eq!(period.ordinal(day("2023-01-31")), Some(1));
        assert_eq!(period.ordinal(day("2023-01-30")), None);
    }

    #[test]
    fn two_periods_overlap_by_a_day_and_one_covers_what_lies_inside() {
        let period = |from, to| Period::new(day(from), day(to)).unwrap();
        let year = period("2023-01-01", "2023-12-31");
        for (from, to, overlaps, covers) in [
            ("2022-01-01", "2022-12-31", false, false),
            ("2022-01-01", "2023-01-01", true, false),
            ("2023-01-01", "2023-12-31", true, true),
            ("2023-12-31", "2023-12-31", true, true),
            ("2023-12-31", "2024-01-01", true, false),
            ("2024-01-01", "2024-12-31", false, false),
        ] {
            let other = period(from, to);
            assert_eq!((year.overlaps(other), other.overlaps(year)), (overlaps, overlaps), "{from}");
            assert_eq!(year.covers(other), covers, "{from}");
        }
    }

    #[test]
    fn a_stay_counts_its_nights_and_at_least_one() {
        assert_eq!(days_of_stay(day("2023-10-04"), day("2023-10-04")), 1);
        assert_eq!(days_of_stay(day("2023-10-04"), day("2023-10-05")), 1);
        assert_eq!(days_of_stay(day("2023-10-04"), day("2023-10-11")), 7);
        assert_eq!(days_of_stay(day("2023-10-05"), day("2023-10-04")), 0);
    }
}
