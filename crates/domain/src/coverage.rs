//! What a member's coverage (保障) allows on the day of an incident: the rows of 添加受理信息 (manual 1.1.1).
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{
    benefit::{EndsCover, Liability, Plan, UsageBook},
    claim_type::ClaimType,
    dates::Period,
    money::Fen,
};

code_enum! {
    /// Whether a coverage is in force.
    CoverageState {
        /// 待到账: enrolled, the fee hasn't arrived.
        Pending,
        /// 有效: in force for its period.
        Active,
        /// 作废: never came into force, or was ended whole.
        Void,
    }
}

/// A coverage that a member has under some version of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// 保障区间.
    pub period: Period,
    /// Whether it is in force; void ones are not handed in.
    pub state: CoverageState,
}

/// Whether a coverage from this day on is a renewal (连续参保): one in force under the same plan ends on the day before. One
/// that waits for its fee may never come into force, and does not count.
#[must_use]
pub fn renews(held: impl IntoIterator<Item = Held>, from: NaiveDate) -> bool {
    held.into_iter().any(|h| h.state == CoverageState::Active && h.period.to.succ_opt() == Some(from))
}

/// One member's coverage as far as eligibility looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Coverage {
    /// 保障区间.
    pub period: Period,
    /// Number of 份.
    pub shares: u32,
    /// Whether it follows the one before without a gap: no waiting period then.
    pub renewed: bool,
}

/// Why a claim can't be accepted. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Ineligible {
    /// 出险日期 lies in the future.
    IncidentInFuture {},
    /// 出险日期 isn't in the 保障区间.
    OutsideCoverage {
        /// First day of the coverage.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// 观察期.
    WaitingPeriod {
        /// How long it is.
        days: u32,
        /// Its last day.
        until: NaiveDate,
    },
    /// An earlier payout ended the cover for the period.
    CoverEnded {
        /// The liability that paid.
        liability: String,
    },
    /// A liability that excludes this one was paid in the period.
    ExcludedBy {
        /// Its name.
        liability: String,
    },
    /// The liability was paid as often as it is in a period.
    TimesUsedUp {
        /// How often that is.
        cap: u32,
    },
    /// The liability's money for the period is used up.
    AmountUsedUp {
        /// How much that is.
        cap: String,
    },
    /// The liability's days for the period are used up.
    DaysUsedUp {
        /// How many those are.
        cap: u32,
    },
    /// The liability's stays for the period are used up.
    StaysUsedUp {
        /// How many those are.
        cap: u32,
    },
    /// The liabilities of a group together are used up.
    GroupUsedUp {
        /// The group's name.
        group: String,
    },
    /// The fee of the enrolment hasn't arrived.
    FeePending {},
    /// The unit is deactivated.
    UnitInactive {},
    /// The same incident was claimed under this liability before.
    AlreadyClaimed {
        /// That case.
        case_no: String,
    },
}

/// A claim that somebody wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// Today in the society's time zone.
    pub today: NaiveDate,
    /// What is used in this coverage.
    pub usage: &'a UsageBook,
    /// Whether the coverage waits for its fee.
    pub fee_pending: bool,
    /// Whether the unit is deactivated.
    pub unit_inactive: bool,
    /// The case in which this incident was claimed before.
    pub claimed_in: Option<&'a str>,
}

/// What bars a claim altogether, whatever it would be worth: then its calculation is 0.
#[must_use]
pub fn barred(
    plan: &Plan,
    liability: &Liability,
    coverage: &Coverage,
    (claim_type, incident_date): (ClaimType, NaiveDate),
    usage: &UsageBook,
) -> Vec<Ineligible> {
    let mut out = Vec::new();
    let Period { from, to } = coverage.period;
    if !coverage.period.contains(incident_date) {
        out.push(Ineligible::OutsideCoverage { from, to });
    } else if let Some(rung) = liability.rung(coverage, claim_type, incident_date).filter(|r| r.pays_nothing()) {
        let until = from.checked_add_days(Days::new(u64::from(rung.to_day) - 1)).unwrap_or(to);
        out.push(Ineligible::WaitingPeriod { days: rung.to_day, until });
    }
    let name = |code: &str| plan.liability(code).map_or_else(|| code.to_owned(), |l| l.name.clone());
    if liability.ends_cover.is_some() && usage.of(&liability.code).amount > Fen::ZERO {
        out.push(Ineligible::CoverEnded { liability: liability.name.clone() });
    }
    for code in usage.paid_others(plan, &liability.code) {
        if plan.liability(code).is_some_and(|l| l.ends_cover == Some(EndsCover::Plan)) {
            out.push(Ineligible::CoverEnded { liability: name(code) });
        } else if plan.groups_of(&liability.code).any(|g| g.exclusive && g.liabilities.iter().any(|c| c == code)) {
            out.push(Ineligible::ExcludedBy { liability: name(code) });
        }
    }
    if let Some(cap) = liability.caps.times.filter(|cap| usage.of(&liability.code).times >= *cap) {
        out.push(Ineligible::TimesUsedUp { cap });
    }
    for group in plan.groups_of(&liability.code) {
        if group.caps.times.is_some_and(|cap| usage.of_group(group).times >= cap) {
            out.push(Ineligible::GroupUsedUp { group: group.name.clone() });
        }
    }
    out
}

/// Every reason why the claim can't be accepted; empty where it can.
#[must_use]
pub fn ineligible(plan: &Plan, liability: &Liability, coverage: &Coverage, wanted: &Wanted<'_>) -> Vec<Ineligible> {
    let mut out = Vec::new();
    if wanted.incident_date > wanted.today {
        out.push(Ineligible::IncidentInFuture {});
    }
    if wanted.fee_pending {
        out.push(Ineligible::FeePending {});
    }
    if wanted.unit_inactive {
        out.push(Ineligible::UnitInactive {});
    }
    out.extend(barred(plan, liability, coverage, (wanted.claim_type, wanted.incident_date), wanted.usage));
    let (caps, used) = (&liability.caps, wanted.usage.of(&liability.code));
    if let Some(cap) = caps.amount_for(coverage.shares).filter(|cap| used.amount >= *cap) {
        out.push(Ineligible::AmountUsedUp { cap: cap.to_string() });
    }
    if let Some(cap) = caps.days.filter(|cap| used.days >= *cap) {
        out.push(Ineligible::DaysUsedUp { cap });
    }
    if let Some(cap) = caps.stays.filter(|cap| used.stays >= *cap) {
        out.push(Ineligible::StaysUsedUp { cap });
    }
    for group in plan.groups_of(&liability.code) {
        let (caps, used) = (&group.caps, wanted.usage.of_group(group));
        let full = [
            caps.amount_for(coverage.shares).is_some_and(|cap| used.amount >= cap),
            caps.days.is_some_and(|cap| used.days >= cap && liability.benefit.pays_by_days()),
            caps.stays.is_some_and(|cap| used.stays >= cap && liability.needs_statements()),
        ];
        if full.contains(&true) {
            out.push(Ineligible::GroupUsedUp { group: group.name.clone() });
        }
    }
    if let Some(no) = wanted.claimed_in {
        out.push(Ineligible::AlreadyClaimed { case_no: no.to_owned() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benefit::Usage;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn reasons(claim_type: ClaimType, renewed: bool, incident: &str, usage: Usage) -> Vec<&'static str> {
        let plan = Plan::parse(include_str!("../../../plans/harbin-inpatient-2023.toml")).unwrap();
        let liability = plan.liability("inpatient_medical").unwrap();
        let period = Period::new(day("2023-01-31"), day("2023-12-31")).unwrap();
        let usage = UsageBook::from_iter([(liability.code.clone(), usage)]);
        let incident_date = day(incident);
        let wanted = Wanted {
            claim_type,
            incident_date,
            today: day("2023-12-01"),
            usage: &usage,
            fee_pending: false,
            unit_inactive: false,
            claimed_in: None,
        };
        let found = ineligible(&plan, liability, &Coverage { period, shares: 1, renewed }, &wanted);
        found.iter().map(Into::into).collect()
    }

    #[test]
    fn the_thirtieth_day_waits_and_the_thirty_first_is_free() {
        let disease = |incident| reasons(ClaimType::DiseaseInpatient, false, incident, Usage::default());
        assert_eq!(disease("2023-01-31"), ["waiting_period"]);
        assert_eq!(disease("2023-03-01"), ["waiting_period"], "day 30");
        assert!(disease("2023-03-02").is_empty(), "day 31");
    }

    #[test]
    fn accidents_and_renewals_never_wait() {
        assert!(reasons(ClaimType::AccidentInpatient, false, "2023-01-31", Usage::default()).is_empty());
        assert!(reasons(ClaimType::DiseaseInpatient, true, "2023-01-31", Usage::default()).is_empty());
    }

    #[test]
    fn first_and_last_day_of_the_coverage_count_and_tomorrow_does_not() {
        let accident = |incident| reasons(ClaimType::AccidentInpatient, false, incident, Usage::default());
        assert_eq!(accident("2023-01-30"), ["outside_coverage"]);
        assert!(accident("2023-12-01").is_empty());
        assert_eq!(accident("2023-12-02"), ["incident_in_future"]);
        assert_eq!(accident("2024-01-01"), ["incident_in_future", "outside_coverage"]);
    }

    #[test]
    fn what_is_used_up_is_named() {
        let used = |times, fen| Usage { times, amount: Fen(fen), ..Usage::default() };
        let disease = |usage| reasons(ClaimType::DiseaseInpatient, true, "2023-06-01", usage);
        assert!(disease(used(1, 799_999)).is_empty());
        assert_eq!(disease(used(1, 800_000)), ["amount_used_up"]);
        assert_eq!(disease(used(2, 800_000)), ["times_used_up", "amount_used_up"]);
    }
}
