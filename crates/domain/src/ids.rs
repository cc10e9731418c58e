//! Typed identifiers, so that a member's id can't be handed in where a case's is wanted, and the case number (案件号).
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// A case (案件).
    CaseId,
    /// An insured worker (会员 / 职工).
    MemberId,
    /// Somebody who signs in (操作员).
    UserId,
    /// A node of the organisation tree (机构, down to the 参保单位).
    OrgId,
    /// One member's coverage under one plan version (保障区间).
    CoverageId,
    /// What a reviewer took off a statement (核减).
    ReductionId,
}

/// How many numbers one office can hand out in a day: the seven digits at the end of a 案件号.
pub const MAX_CASE_NOS_PER_DAY: i64 = 9_999_999;

/// A 案件号: `CL`, the office's four-digit code, the day of acceptance, seven digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct CaseNo(String);

impl CaseNo {
    /// The `ordinal`-th number (from 1) that the office `office_code` hands out on `day`.
    /// None where the code isn't four digits or the day's numbers are used up.
    #[must_use]
    pub fn new(office_code: &str, day: NaiveDate, ordinal: i64) -> Option<Self> {
        let code_ok = office_code.len() == 4 && office_code.bytes().all(|b| b.is_ascii_digit());
        let ordinal_ok = (1..=MAX_CASE_NOS_PER_DAY).contains(&ordinal);
        (code_ok && ordinal_ok).then(|| Self(format!("CL{office_code}{}{ordinal:07}", day.format("%Y%m%d"))))
    }

    /// The number that somebody typed; None where it is something else.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let no = typed.trim().to_uppercase();
        let digits = no.strip_prefix("CL")?;
        (digits.len() == 19 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(no))
    }

    /// The number as it is shown and stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_is_office_day_and_seven_digits() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(CaseNo::new("2301", day, 7).unwrap().as_str(), "CL2301202611230000007");
        assert_eq!(CaseNo::read(" cl2301202611230000007 "), CaseNo::new("2301", day, 7));
        assert_eq!(["CL230120261123000000", "CL王", ""].map(CaseNo::read), [None, None, None]);
        assert_eq!(CaseNo::new("23", day, 7), None);
        assert_eq!(CaseNo::new("2301", day, 0), None);
        assert_eq!(CaseNo::new("2301", day, MAX_CASE_NOS_PER_DAY + 1), None);
    }
}
