//! 住院津贴: a fixed sum for every paid day of a stay.
use serde::Deserialize;

use super::{Amount, Step, calculate::Tracer};
use crate::{money::Fen, statement::Statement};

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DailyAllowance {
    /// A day.
    pub per_day: Amount,
    /// Days at the beginning of each stay that are not paid.
    #[serde(default)]
    pub waived_days: u32,
}

impl DailyAllowance {
    /// The paid days of all stays before any cap, and their steps.
    pub(super) fn days(&self, statements: &[Statement], tracer: &mut Tracer<'_>) -> u32 {
        let mut sum = 0_u32;
        for (number, statement) in (1..).zip(statements) {
            let days = statement.days();
            let paid = days.saturating_sub(self.waived_days);
            let amount = self.per_day.0.times(paid);
            tracer.about(number, Step::Days { days, waived: days.min(self.waived_days), paid }, amount.to_decimal());
            sum = sum.saturating_add(paid);
        }
        sum
    }

    /// What the days are worth, and the step.
    pub(super) fn gross(&self, days: u32, tracer: &mut Tracer<'_>) -> Fen {
        let amount = self.per_day.0.times(days);
        tracer.step(Step::Allowance { days, per_day: self.per_day.0 }, amount.to_decimal());
        amount
    }
}
