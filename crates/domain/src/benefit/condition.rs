//! When a part of a rule applies (档次, 异地, 第几次住院 …), and what it then does to the rate.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Factor, Rate, fault::Faults};
use crate::{
    claim_type::ClaimType,
    statement::{HospitalLevel, InsuranceType, Statement},
};

/// What must hold of a stay. Everything that is said must hold; a list holds where one of it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// 申领类型 is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_types: Vec<ClaimType>,
    /// 医院等级 is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hospital_levels: Vec<HospitalLevel>,
    /// 医保类型 is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insurance_types: Vec<InsuranceType>,
    /// Whether the stay was 异地就医.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_local: Option<bool>,
    /// Whether the stay was 异地就医 that was registered (备案), or was not. Never holds for a local stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_local_registered: Option<bool>,
    /// The first stay of the coverage period that it holds for, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_from: Option<u32>,
    /// The last such stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_to: Option<u32>,
    /// Whether the coverage follows the one before without a gap (连续参保).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<bool>,
}

/// What a condition looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay<'a> {
    pub(super) claim_type: ClaimType,
    pub(super) statement: &'a Statement,
    /// Which stay of the coverage period it is, from 1.
    pub(super) ordinal: u32,
    pub(super) renewed: bool,
}

impl Condition {
    pub(super) fn holds(&self, stay: &Stay<'_>) -> bool {
        let among = |found: bool, empty: bool| empty || found;
        let statement = stay.statement;
        among(self.claim_types.contains(&stay.claim_type), self.claim_types.is_empty())
            && among(self.hospital_levels.contains(&statement.hospital_level), self.hospital_levels.is_empty())
            && among(self.insurance_types.contains(&statement.insurance_type), self.insurance_types.is_empty())
            && self.non_local.is_none_or(|wanted| wanted == statement.non_local)
            && self
                .non_local_registered
                .is_none_or(|wanted| statement.non_local && wanted == statement.non_local_registered)
            && self.stay_from.is_none_or(|from| stay.ordinal >= from)
            && self.stay_to.is_none_or(|to| stay.ordinal <= to)
            && self.renewed.is_none_or(|wanted| wanted == stay.renewed)
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.when(*self == Self::default(), "", "condition_empty");
        let local = self.non_local == Some(false) && self.non_local_registered.is_some();
        faults.when(local, "non_local_registered", "condition_local");
        faults.when(self.stay_from == Some(0) || self.stay_to == Some(0), "", "stay_from_one");
        faults.when(self.stay_from.zip(self.stay_to).is_some_and(|(from, to)| from > to), "stay_to", "stay_order");
    }
}

/// A change of the rate under a condition. Of `rate`, `points`, `factor` and `per_day` exactly one is said; where several
/// modifiers hold, each works on what the one before left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    /// When.
    pub when: Condition,
    /// This rate in the place of the bands'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Percentage points more or less: `"-0.10"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Factor>,
    /// Times this: `"0.9"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    /// This sum a day in the place of the rule's (daily allowance only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Amount>,
    /// The clause that says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
}

impl Modifier {
    /// `daily`: whether it stands in a daily allowance, which has no rate.
    pub(super) fn check(&self, daily: bool, faults: &mut Faults) {
        faults.within("when", |f| self.when.check(f));
        let effects = [self.rate.is_some(), self.points.is_some(), self.factor.is_some(), self.per_day.is_some()];
        faults.when(effects.iter().filter(|e| **e).count() != 1, "", "modifier_effect");
        faults.when(self.points.is_some_and(|p| p.0.abs() > rust_decimal::Decimal::ONE), "points", "points_range");
        faults.when(self.factor.is_some_and(|f| f.0.is_sign_negative()), "factor", "factor_negative");
        if daily {
            faults.when(self.rate.is_some() || self.points.is_some(), "", "modifier_no_rate");
        } else {
            faults.when(self.per_day.is_some(), "per_day", "modifier_no_days");
        }
    }
}
