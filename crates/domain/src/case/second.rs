//! 申领复审: which approved cases a second person looks at before they are paid.
use serde::Serialize;

use crate::{money::Fen, statement::Warning};

/// Shares are in basis points: of all cases.
pub const ALL: u32 = 10_000;

/// What is asked of a case's reviews: by its branch, its plan, and whoever reviews it first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondTerms {
    /// 复审限额: a benefit that reaches it wants a second review; None where no amount does.
    pub limit: Option<Fen>,
    /// 抽查比例: which share of the other cases is drawn, in basis points.
    pub share: u32,
    /// From which benefit on the plan version wants a second review.
    pub plan_from: Option<Fen>,
    /// 审批限额 of the first reviewer.
    pub reviewer_limit: Option<Fen>,
}

impl SecondTerms {
    /// What a case's branch asks: an agency's own limit comes before its office's; the share is the office's.
    #[must_use]
    pub const fn of_branch(agency_limit: Option<Fen>, office_limit: Option<Fen>, share: u32) -> Self {
        let limit = if agency_limit.is_some() { agency_limit } else { office_limit };
        Self { limit, share, plan_from: None, reviewer_limit: None }
    }
}

/// Why a case goes to 申领复审. Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum SecondReason {
    /// 互助金额 reaches the limit up to which a first review decides alone.
    AmountReachesLimit {
        /// The limit.
        limit_fen: Fen,
    },
    /// 互助金额 is above what the first reviewer may grant alone (审批限额).
    AboveReviewerLimit {
        /// The limit.
        limit_fen: Fen,
    },
    /// The plan version asks for it.
    PlanWantsSecond {
        /// From which benefit on.
        from_fen: Fen,
    },
    /// A warning that can hide a second payment or a late claim was answered with a reason.
    WarningWantsSecond {
        /// The warning's code.
        warning: &'static str,
    },
    /// It was drawn.
    DrawnForSecond {
        /// The number that was drawn, below [`ALL`].
        draw: u32,
        /// The share, in basis points: numbers below it are drawn.
        share: u32,
    },
}

/// The number that a case draws: from the hash of the event of its last 申领提交 in the chain of events. It is fixed with the
/// submit, nobody who works on the case can choose it, and whoever reads the log can draw it again.
#[must_use]
pub fn draw(submit_hash: &str) -> u32 {
    let number = submit_hash.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    // A hash that can't be read is drawn: rather once too often.
    number.map_or(0, |n| n % ALL)
}

/// Everything that sends a case to 申领复审; empty where the first review decides alone.
#[must_use]
pub fn second_reasons(benefit: Fen, terms: SecondTerms, warnings: &[Warning], draw: u32) -> Vec<SecondReason> {
    let mut out = Vec::new();
    if let Some(limit_fen) = terms.limit.filter(|limit| benefit >= *limit) {
        out.push(SecondReason::AmountReachesLimit { limit_fen });
    }
    if let Some(from_fen) = terms.plan_from.filter(|from| benefit >= *from) {
        out.push(SecondReason::PlanWantsSecond { from_fen });
    }
    if let Some(limit_fen) = terms.reviewer_limit.filter(|limit| benefit > *limit) {
        out.push(SecondReason::AboveReviewerLimit { limit_fen });
    }
    for warning in warnings.iter().filter(|w| w.wants_second_review()) {
        let reason = SecondReason::WarningWantsSecond { warning: warning.code() };
        if !out.contains(&reason) {
            out.push(reason);
        }
    }
    if draw < terms.share {
        out.push(SecondReason::DrawnForSecond { draw, share: terms.share });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FREE: SecondTerms = SecondTerms { limit: None, share: 0, plan_from: None, reviewer_limit: None };

    #[test]
    fn an_amount_that_reaches_the_limit_wants_a_second_review() {
        let terms = SecondTerms { limit: Some(Fen(500_000)), ..FREE };
        assert_eq!(second_reasons(Fen(499_999), terms, &[], 0), []);
        let reached = [SecondReason::AmountReachesLimit { limit_fen: Fen(500_000) }];
        assert_eq!(second_reasons(Fen(500_000), terms, &[], 0), reached);
        assert_eq!(second_reasons(Fen(900_000), FREE, &[], 0), []);
    }

    #[test]
    fn the_plan_asks_from_its_amount_on_and_a_reviewer_decides_up_to_theirs() {
        let terms = SecondTerms { plan_from: Some(Fen(0)), reviewer_limit: Some(Fen(100)), ..FREE };
        let plan = SecondReason::PlanWantsSecond { from_fen: Fen(0) };
        assert_eq!(second_reasons(Fen(100), terms, &[], 0), std::slice::from_ref(&plan));
        let above = SecondReason::AboveReviewerLimit { limit_fen: Fen(100) };
        assert_eq!(second_reasons(Fen(101), terms, &[], 0), [plan, above]);
    }

    #[test]
    fn a_warning_about_a_second_payment_wants_one_once() {
        let overlap = Warning::StayOverlaps { case_no: "CL1".into() };
        let sums = Warning::TotalMismatch { difference: Fen(1) };
        let wanted = [SecondReason::WarningWantsSecond { warning: "stay_overlaps" }];
        assert_eq!(second_reasons(Fen(1), FREE, &[sums, overlap.clone(), overlap], 0), wanted);
    }

    #[test]
    fn the_share_decides_which_numbers_are_drawn() {
        let terms = SecondTerms { share: 500, ..FREE };
        let drawn = [SecondReason::DrawnForSecond { draw: 499, share: 500 }];
        assert_eq!(second_reasons(Fen(1), terms, &[], 499), drawn);
        assert_eq!(second_reasons(Fen(1), terms, &[], 500), []);
    }

    #[test]
    fn a_number_is_read_off_the_hash_and_always_the_same() {
        assert_eq!(draw("00002711ffff"), 1);
        assert_eq!(draw("ffffffff0000"), u32::MAX % ALL);
        assert_eq!(draw("no hash"), 0);
    }

    proptest! {
        #[test]
        fn with_the_whole_share_every_case_is_drawn_and_with_none_no_case(hash in "[0-9a-f]{64}") {
            let all = SecondTerms { share: ALL, ..FREE };
            prop_assert_eq!(second_reasons(Fen(1), all, &[], draw(&hash)).len(), 1);
            prop_assert_eq!(second_reasons(Fen(1), FREE, &[], draw(&hash)).len(), 0);
        }
    }
}
