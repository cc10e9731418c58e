//! 封顶: the most that is paid, in money, days and number of times; per stay, per claim, per coverage period, and for
//! liabilities that share one cap or exclude each other.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Plan, fault::Faults};
use crate::money::Fen;

/// 封顶 of a coverage period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// How many claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many stays; later ones pay nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<u32>,
    /// How much, for one 份.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Whether `amount` is for all 份 together (不论份数), not for each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_shares: bool,
    /// How many paid days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Caps {
    /// The cap in money for that many 份.
    #[must_use]
    pub fn amount_for(&self, shares: u32) -> Option<Fen> {
        self.amount.map(|a| if self.any_shares { a.0 } else { a.0.times(shares) })
    }

    /// Whether nothing is capped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn check(&self, days: bool, stays: bool, faults: &mut Faults) {
        faults.when(self.days.is_some() && !days, "days", "caps_days");
        faults.when(self.stays.is_some() && !stays, "stays", "caps_stays");
        let zero = [
            self.times == Some(0),
            self.stays == Some(0),
            self.days == Some(0),
            self.amount == Some(Amount(Fen::ZERO)),
        ];
        faults.when(zero.contains(&true), "", "cap_zero");
    }
}

/// 封顶 of one stay, or of one claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A payout above 0 and below this is lifted to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Amount>,
    /// How much, for one 份.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// How many paid days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl Limits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn check(&self, days: bool, faults: &mut Faults) {
        faults.when(self.days.is_some() && !days, "days", "caps_days");
        faults.when(self.minimum.zip(self.amount).is_some_and(|(min, max)| min > max), "minimum", "minimum_above_cap");
        let zero = [self.days == Some(0), self.amount == Some(Amount(Fen::ZERO))];
        faults.when(zero.contains(&true), "", "cap_zero");
    }
}

code_enum! {
    /// What a payout ends for the rest of the coverage period.
    EndsCover {
        /// The liability that paid.
        Liability,
        /// Every liability of the plan.
        Plan,
    }
}

/// Liabilities that share one cap, or exclude each other (伤残 × 身故).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Stable code.
    pub code: String,
    /// The name on the screen: 意外伤害.
    pub name: String,
    /// The clause that says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// Codes of its liabilities, at least two.
    pub liabilities: Vec<String>,
    /// Whether one that paid bars the others for the period.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// 封顶 of all of them together.
    #[serde(default, skip_serializing_if = "Caps::is_empty")]
    pub caps: Caps,
}

impl Group {
    pub(super) fn check(&self, plan: &Plan, faults: &mut Faults) {
        let known = |code: &String| plan.liability(code).is_some();
        for code in self.liabilities.iter().filter(|code| !known(code)) {
            faults.add("liabilities", "group_unknown", &[("name", code)]);
        }
        faults.when(self.liabilities.len() < 2, "liabilities", "group_of_one");
        let twice = self.liabilities.iter().enumerate().any(|(i, code)| self.liabilities[..i].contains(code));
        faults.when(twice, "liabilities", "code_twice");
        faults.when(!self.exclusive && self.caps.is_empty(), "", "group_idle");
        let days = self.liabilities.iter().filter_map(|c| plan.liability(c)).any(|l| l.benefit.pays_by_days());
        let stays = self.liabilities.iter().filter_map(|c| plan.liability(c)).any(|l| l.needs_statements());
        faults.within("caps", |f| self.caps.check(days, stays, f));
    }
}
