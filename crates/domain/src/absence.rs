//! 请假代理: while somebody is away, a colleague takes the cases in their hands. Nothing is done in the other's name: the stand-in
//! takes a case and acts as themselves, so that whoever entered or reviewed it is still not who decides next.
use chrono::NaiveDate;

use crate::{case::Actor, permission::Permission};

/// The longest absence, in days.
const MAX_DAYS: i64 = 366;

/// The rights by which cases lie in somebody's hands.
const HOLDING: [Permission; 3] = [Permission::EnterExpenses, Permission::FirstReview, Permission::SecondReview];

/// Whether somebody with a view of the same cases could take what lies in the absent person's hands.
#[must_use]
pub fn fits(absent: &Actor, who: &Actor) -> bool {
    who.id != absent.id && HOLDING.iter().all(|right| !absent.may(*right) || who.may(*right))
}

/// An absence that somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Who is away.
    pub absent: &'a Actor,
    /// Who stands in; None where there is no such person with a view of the same cases.
    pub stand_in: Option<&'a Actor>,
    /// Whether the absent person is away on some of the days already.
    pub overlaps: bool,
    /// Whether the stand-in is away on some of the days themselves.
    pub stand_in_away: bool,
}

impl Asked<'_> {
    /// What is wrong with it: field and code, all at once.
    #[must_use]
    pub fn faults(&self, today: NaiveDate) -> Vec<(&'static str, &'static str)> {
        let mut out = Vec::new();
        if self.to < self.from || (self.to - self.from).num_days() >= MAX_DAYS {
            out.push(("to", "absence_impossible"));
        } else if self.to < today {
            out.push(("to", "absence_over"));
        }
        if self.overlaps {
            out.push(("from", "absence_twice"));
        }
        if !self.stand_in.is_some_and(|who| fits(self.absent, who)) {
            out.push(("stand_in_id", "stand_in_unfit"));
        } else if self.stand_in_away {
            out.push(("stand_in_id", "stand_in_away"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::UserId, permission::Role};

    #[test]
    fn an_absence_names_everything_that_is_wrong_with_it() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |id: i64, role: Role| Actor::new(UserId(id), role.permissions().to_vec());
        let (me, senior, cashier) = (of(1, Role::FirstReviewer), of(2, Role::SecondReviewer), of(3, Role::Cashier));
        let asked = |from: &str, to: &str| Asked {
            from: day(from),
            to: day(to),
            absent: &me,
            stand_in: Some(&senior),
            overlaps: false,
            stand_in_away: false,
        };
        let today = day("2026-11-26");
        let good = asked("2026-11-20", "2026-11-26");
        assert_eq!(good.faults(today), []);
        for (wrong, fault) in [
            (asked("2026-11-27", "2026-11-26"), ("to", "absence_impossible")),
            (asked("2026-11-27", "2027-11-28"), ("to", "absence_impossible")),
            (asked("2026-11-20", "2026-11-25"), ("to", "absence_over")),
            (Asked { overlaps: true, ..good.clone() }, ("from", "absence_twice")),
            (Asked { stand_in: None, ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in: Some(&me), ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in: Some(&cashier), ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in_away: true, ..good.clone() }, ("stand_in_id", "stand_in_away")),
        ] {
            assert_eq!(wrong.faults(today), [fault]);
        }
    }
}
