//! Who may be enrolled under a plan version, and what it costs: the section `[enrolment]` of a plan file.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    benefit::{Amount, Rate},
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

impl EnrolmentTerms {
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
