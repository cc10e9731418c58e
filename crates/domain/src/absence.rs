//! 请假代理: while somebody is away, a colleague takes the cases in their hands. Nothing is done in the other's name: the stand-in
//! takes a case and acts as themselves, so that whoever entered or reviewed it is still not who decides next.
use chrono::NaiveDate;

use crate::{case::Actor, permission::Permission};

/// The longest absence, in days.
const MAX_DAYS: i64 = 366;

/// The rights by which cases lie in somebody's hands, or wait for them.
const TAKEN_OVER: [Permission; 4] =
    [Permission::EnterExpenses, Permission::FirstReview, Permission::SecondReview, Permission::ConfirmPayments];

/// Whether somebody with a view of the same cases could do what the absent person does with them. For who does nothing with cases
/// nobody stands in.
#[must_use]
pub fn fits(absent: &Actor, who: &Actor) -> bool {
    let mut theirs = TAKEN_OVER.iter().filter(|right| absent.may(**right)).peekable();
    who.id != absent.id && theirs.peek().is_some() && theirs.all(|right| who.may(*right))
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
    /// Whether the absent person stands in for somebody on some of the days.
    pub stands_in: bool,
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
        } else if self.stands_in {
            out.push(("from", "absence_of_stand_in"));
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
    fn a_stand_in_has_every_right_by_which_cases_wait_for_who_is_away() {
        let of = |id: i64, role: Role| Actor::new(UserId(id), role.permissions().to_vec());
        let (first, second) = (of(1, Role::FirstReviewer), of(2, Role::SecondReviewer));
        let (cashier, other) = (of(3, Role::Cashier), of(4, Role::Cashier));
        let reads = Actor::new(UserId(5), vec![Permission::InquireCases]);
        for (absent, who, fit) in [
            (&first, &second, true),
            (&second, &first, false),
            (&cashier, &other, true),
            (&cashier, &cashier, false),
            (&cashier, &second, false),
            (&first, &cashier, false),
            (&reads, &second, false),
        ] {
            assert_eq!(fits(absent, who), fit, "{} for {}", who.id, absent.id);
        }
    }

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
            stands_in: false,
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
            (Asked { stands_in: true, ..good.clone() }, ("from", "absence_of_stand_in")),
            (Asked { stand_in: None, ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in: Some(&me), ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in: Some(&cashier), ..good.clone() }, ("stand_in_id", "stand_in_unfit")),
            (Asked { stand_in_away: true, ..good.clone() }, ("stand_in_id", "stand_in_away")),
        ] {
            assert_eq!(wrong.faults(today), [fault]);
        }
    }
}
