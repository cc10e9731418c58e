//! Who may be enrolled under a plan version, and what it costs: the section `[enrolment]` of a plan file.
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::ToSchema;

use crate::{
    benefit::{Amount, Rate},
    member::Employment,
    money::Fen,
};

/// The most 份 that a version can allow.
pub const MAX_SHARES: u32 = 99;

/// What a version asks of who is enrolled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnrolmentTerms {
    /// 保障费用 of one 份 for the whole period, in yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<Amount>,
    /// The youngest age, in full years on the first day of the coverage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u32>,
    /// The oldest age, in full years on the first day of the coverage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The most 份 of one member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_shares: Option<u32>,
    /// Whether 退休 members may be enrolled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// 参保率: the part of a unit's staff that should be enrolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participation: Option<Rate>,
}

/// Why somebody can't be covered under a version. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Objection {
    /// Below the age of the terms.
    TooYoung {
        /// Age on the first day.
        age: u32,
        /// The youngest.
        min: u32,
    },
    /// Above the age of the terms.
    TooOld {
        /// Age on the first day.
        age: u32,
        /// The oldest.
        max: u32,
    },
    /// 退休.
    RetiredNotAllowed {},
    /// More 份 than the terms allow.
    TooManyShares {
        /// The most.
        max: u32,
    },
}

impl EnrolmentTerms {
    /// Everything in somebody's data that these terms don't allow for a coverage from a day on.
    #[must_use]
    pub fn objections(
        &self,
        birth_date: Option<NaiveDate>,
        employment: Employment,
        shares: u32,
        from: NaiveDate,
    ) -> Vec<Objection> {
        let age = birth_date.map(|birth| age_on(birth, from));
        let young = age.zip(self.min_age).filter(|(age, min)| age < min);
        let old = age.zip(self.max_age).filter(|(age, max)| age > max);
        let retired = employment == Employment::Retired && !self.retired;
        [
            young.map(|(age, min)| Objection::TooYoung { age, min }),
            old.map(|(age, max)| Objection::TooOld { age, max }),
            retired.then_some(Objection::RetiredNotAllowed {}),
            self.too_many(shares),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether so many 份 are more than one member may have.
    #[must_use]
    pub fn too_many(&self, shares: u32) -> Option<Objection> {
        (shares > self.shares_limit()).then(|| Objection::TooManyShares { max: self.shares_limit() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The most 份 of one member.
    #[must_use]
    pub fn shares_limit(&self) -> u32 {
        self.max_shares.unwrap_or(MAX_SHARES)
    }

    /// 保障费用 of so many 份, in fen.
    #[must_use]
    pub fn fee_of(&self, shares: u32) -> Fen {
        Fen(self.fee.map_or(0, |fee| fee.0.0.saturating_mul(i64::from(shares))))
    }
}

/// Full years on a day; 0 before the birth.
fn age_on(birth: NaiveDate, day: NaiveDate) -> u32 {
    let years = day.year() - birth.year() - i32::from((day.month(), day.day()) < (birth.month(), birth.day()));
    u32::try_from(years).unwrap_or(0)
}
