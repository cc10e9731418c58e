//! 申诉: somebody doesn't accept how a case ended. Another senior reviewer decides; an appeal that is allowed opens a
//! correction (更正), the case itself stays as it ended.
use chrono::{Days, NaiveDate};

use crate::{case::Blocker, ids::UserId};

code_enum! {
    /// Where an appeal stands (申诉状态).
    AppealState {
        /// 待处理.
        Open,
        /// 维持: the case stays as it ended.
        Upheld,
        /// 支持: the case is corrected.
        Allowed,
        /// 已撤回 by who appealed.
        Withdrawn,
    }
}

/// The most papers of an appeal.
pub const MAX_PAPERS: usize = 20;

/// The last day on which an appeal is in time: `limit` calendar days after the day of closing.
#[must_use]
pub fn last_day(closed_on: NaiveDate, limit: u32) -> NaiveDate {
    closed_on.checked_add_days(Days::new(u64::from(limit))).unwrap_or(NaiveDate::MAX)
}

/// What keeps somebody with the right from deciding an appeal: whoever recorded it, or worked on one of the cases of the
/// chain before they closed.
#[must_use]
pub fn decide_blockers(me: UserId, recorded_by: UserId, hands: &[UserId]) -> Vec<Blocker> {
    let mut out = Vec::new();
    if recorded_by == me {
        out.push(Blocker::AppealRecordedByYou {});
    }
    if hands.contains(&me) {
        out.push(Blocker::HadAHandInIt {});
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appeal_is_in_time_up_to_the_last_calendar_day() {
        let closed = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        assert_eq!(last_day(closed, 60), NaiveDate::from_ymd_opt(2026, 12, 31).unwrap());
        assert_eq!(last_day(NaiveDate::MAX, 60), NaiveDate::MAX);
    }

    #[test]
    fn an_appeal_is_decided_by_somebody_new_to_the_case() {
        let codes = |me| decide_blockers(UserId(me), UserId(1), &[UserId(2), UserId(3)]);
        assert_eq!(codes(1), [Blocker::AppealRecordedByYou {}]);
        assert_eq!(codes(3), [Blocker::HadAHandInIt {}]);
        assert_eq!(codes(4), []);
    }
}
