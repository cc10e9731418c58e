//! What a member's coverage (保障) allows on the day of an incident: the rows of 添加受理信息 (manual 1.1.1).
use chrono::{Days, NaiveDate};
use serde::Serialize;
use strum::IntoStaticStr;

use crate::{
    benefit::{Liability, Usage},
    claim_type::ClaimType,
    dates::Period,
};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
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
    /// The same incident was claimed under this liability before.
    AlreadyClaimed {
        /// That case.
        case_no: String,
    },
}

/// The last day of the 观察期, where one counts for this claim (benefits.md: counted from the start of the coverage,
/// its last day still inside; waived on gap-free renewal; never for accidents).
#[must_use]
pub fn waiting_until(liability: &Liability, coverage: &Coverage, claim_type: ClaimType) -> Option<NaiveDate> {
    let exempt = coverage.renewed || claim_type.is_accident() || liability.waiting_days == 0;
    let last = || coverage.period.from.checked_add_days(Days::new(u64::from(liability.waiting_days) - 1));
    if exempt { None } else { last() }
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
    /// What is used of the liability in this coverage.
    pub usage: Usage,
    /// The case in which this incident was claimed before.
    pub claimed_in: Option<&'a str>,
}

/// Every reason why the claim can't be accepted; empty where it can.
#[must_use]
pub fn ineligible(liability: &Liability, coverage: &Coverage, wanted: &Wanted<'_>) -> Vec<Ineligible> {
    let mut out = Vec::new();
    if wanted.incident_date > wanted.today {
        out.push(Ineligible::IncidentInFuture {});
    }
    let Period { from, to } = coverage.period;
    if !coverage.period.contains(wanted.incident_date) {
        out.push(Ineligible::OutsideCoverage { from, to });
    } else if let Some(until) = waiting_until(liability, coverage, wanted.claim_type)
        && wanted.incident_date <= until
    {
        out.push(Ineligible::WaitingPeriod { days: liability.waiting_days, until });
    }
    let caps = &liability.caps;
    if let Some(cap) = caps.times.filter(|cap| wanted.usage.times >= *cap) {
        out.push(Ineligible::TimesUsedUp { cap });
    }
    if let Some(cap) = caps.amount_for(coverage.shares).filter(|cap| wanted.usage.amount >= *cap) {
        out.push(Ineligible::AmountUsedUp { cap: cap.to_string() });
    }
    if let Some(cap) = caps.days.filter(|cap| wanted.usage.days >= *cap) {
        out.push(Ineligible::DaysUsedUp { cap });
    }
    if let Some(no) = wanted.claimed_in {
        out.push(Ineligible::AlreadyClaimed { case_no: no.to_owned() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{benefit::Plan, money::Fen};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn reasons(claim_type: ClaimType, renewed: bool, incident: &str, usage: Usage) -> Vec<&'static str> {
        let plan = Plan::parse(include_str!("../../../plans/harbin-inpatient-2023.toml")).unwrap();
        let liability = plan.liability("inpatient_medical").unwrap();
        let period = Period::new(day("2023-01-31"), day("2023-12-31")).unwrap();
        let wanted =
            Wanted { claim_type, incident_date: day(incident), today: day("2023-12-01"), usage, claimed_in: None };
        let found = ineligible(liability, &Coverage { period, shares: 1, renewed }, &wanted);
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
        let used = |times, fen| Usage { times, amount: Fen(fen), days: 0 };
        let disease = |usage| reasons(ClaimType::DiseaseInpatient, true, "2023-06-01", usage);
        assert!(disease(used(1, 799_999)).is_empty());
        assert_eq!(disease(used(1, 800_000)), ["amount_used_up"]);
        assert_eq!(disease(used(2, 800_000)), ["times_used_up", "amount_used_up"]);
    }
}
