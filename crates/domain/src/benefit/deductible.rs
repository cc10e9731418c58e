//! 起付线: what must be borne before anything counts.
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Amount,
    condition::{Condition, Stay},
    fault::Faults,
};

code_enum! {
    /// Over what something is counted together.
    Scope {
        /// 每次住院: each statement for itself.
        Stay,
        /// 每次申领: the statements of one claim together.
        Claim,
        /// 保障期内: everything of the coverage period together.
        Period,
    }
}

code_enum! {
    /// What counts once a threshold is reached.
    Threshold {
        /// 超出部分: only what lies above it.
        Excess,
        /// 达到后全额: the whole amount.
        Whole,
    }
}

impl Threshold {
    pub(super) const fn excess() -> Self {
        Self::Excess
    }

    /// What of `sum` counts over a threshold.
    pub(super) fn counted(self, threshold: Decimal, sum: Decimal) -> Decimal {
        match self {
            Self::Excess => (sum - threshold).max(Decimal::ZERO),
            Self::Whole if sum >= threshold => sum,
            Self::Whole => Decimal::ZERO,
        }
    }
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deductible {
    /// How much.
    pub amount: Amount,
    /// Counted over what; a stay when it isn't said.
    #[serde(default = "stay")]
    pub per: Scope,
    /// What counts once it is reached; the excess when it isn't said.
    #[serde(default = "Threshold::excess")]
    pub counts: Threshold,
    /// Other amounts under a condition (医院等级, 第几次住院); the first that holds is taken. Only per stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<OtherDeductible>,
}

/// Another 起付线 under a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherDeductible {
    /// When.
    pub when: Condition,
    /// How much then.
    pub amount: Amount,
}

pub(super) const fn stay() -> Scope {
    Scope::Stay
}

impl Deductible {
    /// The amount for a stay.
    pub(super) fn amount_for(&self, stay: &Stay<'_>) -> Amount {
        self.other.iter().find(|o| o.when.holds(stay)).map_or(self.amount, |o| o.amount)
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.when(!self.other.is_empty() && self.per != Scope::Stay, "other", "deductible_other_per_stay");
        for (i, other) in self.other.iter().enumerate() {
            faults.within(format!("other.{i}.when"), |f| other.when.check(f));
        }
    }
}
