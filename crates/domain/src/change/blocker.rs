//! Why a change isn't possible (yet). Every reason has a stable code; the sentence for it is in the locale files.
use chrono::NaiveDate;
use serde::Serialize;
use strum::IntoStaticStr;

use super::{ChangeState, PaperKind};
use crate::enrolment::Objection;

/// A reason why a change is refused. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Blocker {
    /// The actor lacks the right.
    NoRight {},
    /// The change was decided or withdrawn before.
    ChangeDecided {
        /// Where it stands.
        change_state: ChangeState,
    },
    /// Who asked for a change may not approve it.
    AskedByYou {},
    /// Only who asked may withdraw it.
    AskedByOther {},
    /// Another change of the kind waits for its decision.
    ChangeOpen {
        /// 变更号 of it.
        no: String,
    },
    /// What the change was asked for on is not on record any more.
    RecordChanged {},
    /// Everything is as it was.
    NothingChanged {},
    /// A case depends on what would be changed.
    CaseDepends {
        /// 案件号.
        case_no: String,
        /// 出险日期.
        incident_date: NaiveDate,
    },
    /// Money is on its way under the present name.
    CaseInPayment {
        /// 案件号.
        case_no: String,
    },
    /// A reviewer or the cashier works on a case of the coverage.
    CaseBeingDecided {
        /// 案件号.
        case_no: String,
    },
    /// A case was paid by the present shares.
    SharesAfterPaid {
        /// 案件号.
        case_no: String,
    },
    /// The plan covers the member on some of these days already.
    CoverageOverlaps {
        /// First day of the other coverage.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// At a merge: of two coverages of one plan none lies within the other, so none of them can go whole.
    CoveragesOverlapPartly {
        /// First day of the one without a claim.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// At a merge: two coverages of one plan overlap, and the one that would stay waits for its fee.
    NeitherInForce {
        /// First day of the other one.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// At a merge: of two coverages of one plan the superfluous one has more 份.
    SharesWouldBeLost {
        /// How many.
        shares: u32,
    },
    /// No version of the plan is in force on the first day.
    NoVersionOn {
        /// The day.
        day: NaiveDate,
    },
    /// The member has no such coverage.
    CoverageGone {},
    /// The new last day doesn't shorten the coverage.
    EndNotEarlier {
        /// The present last day.
        to: NaiveDate,
    },
    /// The unit isn't in use, or lies outside the branch.
    UnitGone {},
    /// The day has not come yet.
    NotEffectiveYet {
        /// The day.
        from: NaiveDate,
    },
    /// Another record has the number.
    IdNumberTaken {},
    /// The account is on record.
    AccountKnown {},
    /// A paper is missing.
    PaperMissing {
        /// Which.
        paper: PaperKind,
    },
    /// There are too many pictures of a paper.
    PaperTooMany {
        /// Which.
        paper: PaperKind,
        /// How many there may be.
        max: usize,
    },
    /// The record was merged into another one.
    RecordMerged {},
    /// A record can't be merged with itself.
    SameRecord {},
    /// The record isn't merged into this one.
    NotMerged {},
    /// The record came with another one, whose merge must be undone first.
    CameWithAnother {},
    /// Both records have claims under coverages of one plan that overlap.
    ClaimsInBoth {
        /// A case of the record that stays.
        case_no: String,
        /// A case of the record that goes.
        other_case_no: String,
    },
    /// The new number isn't a right one.
    IdNumberWrong {},
    /// The terms of the plan don't allow it.
    #[serde(untagged)]
    Terms(Objection),
}

impl Blocker {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Terms(objection) => objection.into(),
            other => other.into(),
        }
    }
}
