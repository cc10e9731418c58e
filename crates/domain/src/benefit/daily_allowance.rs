//! 住院津贴: a fixed sum for every paid day of a stay: days → 免给付天数 → 天数封顶 → sum a day → modifiers.
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Modifier, Scope, Step, Threshold, calculate::Sheet, condition::Stay, deductible, fault::Faults};
use crate::money::{Fen, MAX_AMOUNT};

/// A sum a day up to a day of the stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayTier {
    /// The last day of the stay that it holds for, from 1; the last tier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_day: Option<u32>,
    /// A day.
    pub per_day: Amount,
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DailyAllowance {
    /// A day; or `tiers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Amount>,
    /// Sums that differ by the day of the stay; or `per_day`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<DayTier>,
    /// 免给付天数: days at the beginning that are not paid.
    #[serde(default)]
    pub waived_days: u32,
    /// Over what those are counted; each stay when it isn't said.
    #[serde(default = "deductible::stay")]
    pub waived_per: Scope,
    /// What is paid once more days than those are reached: the days above them, or all.
    #[serde(default = "Threshold::excess")]
    pub waived_counts: Threshold,
    /// Changes of the sum, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
}

impl DailyAllowance {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.when(self.per_day.is_some() != self.tiers.is_empty(), "per_day", "per_day_or_tiers");
        let mut reached = 0;
        for (i, tier) in self.tiers.iter().enumerate() {
            let last = i + 1 == self.tiers.len();
            faults.when(last == tier.to_day.is_some(), &format!("tiers.{i}"), "tiers_last_open");
            faults.when(tier.to_day.is_some_and(|to| to <= reached), &format!("tiers.{i}.to_day"), "tiers_ascending");
            reached = tier.to_day.unwrap_or(reached);
        }
        faults.when(self.waived_days > 3660, "waived_days", "too_many_days");
        for (i, modifier) in self.modifiers.iter().enumerate() {
            faults.within(format!("modifiers.{i}"), |f| modifier.check(true, f));
        }
    }

    /// What one statement is paid before limits in money, in yuan.
    pub(super) fn of_one(&self, stay: &Stay<'_>, sheet: &mut Sheet<'_>) -> Decimal {
        let days = sheet.base_override.and_then(|d| u32::try_from(d).ok()).unwrap_or_else(|| stay.statement.days());
        let before = match self.waived_per {
            Scope::Stay => 0,
            Scope::Claim => sheet.accumulated.stay_days,
            Scope::Period => {
                sheet.accumulated.kept += Decimal::from(days);
                let used = sheet.used();
                self.days_before(used.base, used.days).saturating_add(sheet.accumulated.stay_days)
            }
        };
        let counted = |sum: u32| match self.waived_counts {
            Threshold::Excess => sum.saturating_sub(self.waived_days),
            Threshold::Whole if sum > self.waived_days || self.waived_days == 0 => sum,
            Threshold::Whole => 0,
        };
        let due = counted(before.saturating_add(days)).saturating_sub(counted(before));
        // Of a threshold that is reached now, days of earlier stays may become due, too: they are paid as first days.
        let (own, earlier) = (due.min(days), due.saturating_sub(days));
        let first = days - own + 1;
        sheet.accumulated.stay_days = sheet.accumulated.stay_days.saturating_add(days);
        let sum =
            |amounts: &[(u32, Amount)]| amounts.iter().map(|(n, a)| Decimal::from(*n) * a.yuan()).sum::<Decimal>();
        let spread = |paid: u32| {
            let own = self.by_tier(first, paid.min(own));
            own.into_iter().chain(self.by_tier(1, paid.saturating_sub(days).min(earlier))).collect::<Vec<_>>()
        };
        let worth = |paid: u32| sum(&spread(paid));
        sheet.note(Step::Days { days, waived: days - own, earlier, paid: due }, worth(due));
        let paid = sheet.limit_days(due, worth);
        let mut amounts = spread(paid);
        for (n, per_day) in &amounts {
            sheet.pay(Step::Allowance { days: *n, per_day: per_day.0 }, Decimal::from(*n) * per_day.yuan(), "");
        }
        let mut total = sum(&amounts);
        for modifier in self.modifiers.iter().filter(|m| m.when.holds(stay)) {
            total = match (modifier.per_day, modifier.factor) {
                (Some(other), _) => {
                    amounts.iter_mut().for_each(|(_, a)| *a = other);
                    sum(&amounts)
                }
                (_, Some(factor)) => (total * factor.0).min(MAX_AMOUNT.to_yuan()),
                _ => total,
            };
            sheet.modified(modifier, total);
        }
        total
    }

    /// The days of earlier stays as the ledger counts them; at least what those that were paid tell: nothing was paid
    /// before the threshold was passed.
    fn days_before(&self, counted: Fen, paid: u32) -> u32 {
        let least = match (paid, self.waived_counts) {
            (0, _) => 0,
            (_, Threshold::Excess) => paid.saturating_add(self.waived_days),
            (_, Threshold::Whole) => paid.max(self.waived_days.saturating_add(1)),
        };
        counted.to_yuan().to_u32().unwrap_or(u32::MAX).max(least)
    }

    /// Paid days by their sum, `count` of them from the day `first` of the stay.
    fn by_tier(&self, first: u32, count: u32) -> Vec<(u32, Amount)> {
        if let Some(per_day) = self.per_day {
            return if count > 0 { vec![(count, per_day)] } else { Vec::new() };
        }
        let (mut start, mut out) = (1_u32, Vec::new());
        let after = first.saturating_add(count);
        for tier in &self.tiers {
            let end = tier.to_day.map_or(after, |to| to.saturating_add(1).min(after));
            let days = end.saturating_sub(start.max(first));
            if days > 0 {
                out.push((days, tier.per_day));
            }
            start = tier.to_day.map_or(start, |to| to.saturating_add(1));
        }
        out
    }

    /// The largest sum a day, for drawing.
    #[must_use]
    pub fn highest(&self) -> Fen {
        let tiers = self.tiers.iter().map(|t| t.per_day.0);
        tiers.chain(self.per_day.map(|p| p.0)).max().unwrap_or_default()
    }
}
