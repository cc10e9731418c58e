//! 观察期: the days at the beginning of a coverage that pay nothing, or less. Counted from the first day of the coverage,
//! the last day is still inside; waived on gap-free renewal, never for accidents.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Liability, Rate, fault::Faults};
use crate::{claim_type::ClaimType, coverage::Coverage};

/// A rung of the ladder: up to a day of the coverage nothing is paid, or a sum, or a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitingRung {
    /// The last day of the coverage that it holds for, from 1.
    pub to_day: u32,
    /// A sum in the place of the benefit (慰问金), for one 份.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// A part of the benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

impl WaitingRung {
    /// Whether nothing at all is paid.
    #[must_use]
    pub const fn pays_nothing(&self) -> bool {
        self.amount.is_none() && self.rate.is_none()
    }
}

impl Liability {
    /// The ladder, the plain `waiting_days` being one rung of it.
    #[must_use]
    pub fn rungs(&self) -> Vec<WaitingRung> {
        let plain =
            (self.waiting_days > 0).then_some(WaitingRung { to_day: self.waiting_days, amount: None, rate: None });
        plain.into_iter().chain(self.waiting.iter().cloned()).collect()
    }

    /// The rung that the day of an incident falls on; None where the full benefit is paid.
    #[must_use]
    pub fn rung(&self, coverage: &Coverage, claim_type: ClaimType, incident: chrono::NaiveDate) -> Option<WaitingRung> {
        if coverage.renewed || claim_type.is_accident() || (self.waiting_days == 0 && self.waiting.is_empty()) {
            return None;
        }
        let day = coverage.period.ordinal(incident)?;
        self.rungs().into_iter().find(|rung| day <= rung.to_day)
    }

    pub(super) fn check_waiting(&self, faults: &mut Faults) {
        faults.when(self.waiting_days > 0 && !self.waiting.is_empty(), "waiting", "waiting_twice");
        faults.when(self.waiting_days > 3660, "waiting_days", "too_many_days");
        for (i, rung) in self.waiting.iter().enumerate() {
            faults.within(format!("waiting.{i}"), |f| {
                let before = i.checked_sub(1).and_then(|b| self.waiting.get(b)).map_or(0, |b| b.to_day);
                f.when(rung.to_day <= before, "to_day", "waiting_ascending");
                f.when(rung.to_day > 3660, "to_day", "too_many_days");
                f.when(rung.amount.is_some() && rung.rate.is_some(), "", "waiting_effect");
            });
        }
    }
}
