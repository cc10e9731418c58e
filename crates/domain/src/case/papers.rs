//! The papers that a case leaves: which of them there are where it stands, and how much of a number each shows.
use super::{Outcome, Stage};

code_enum! {
    /// A paper that is printed.
    CasePaper {
        /// 受理回执: what was accepted and which papers were handed in.
        Receipt,
        /// 补正通知: what was asked for last, until when, and where to bring it.
        Supplement,
        /// 计算书: how the benefit came about, step by step.
        Calculation,
        /// 审批表: who entered and who decided, with their opinions. Stays in the house.
        Approval,
        /// 给付通知: how much goes to whom.
        Payout,
        /// 不予给付通知: why nothing is paid, by which clause, and how to appeal.
        Denial,
    }
}

impl CasePaper {
    /// What the paper's number ends in, after the 案件号.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Receipt => "SL",
            Self::Supplement => "BZ",
            Self::Calculation => "JS",
            Self::Approval => "SP",
            Self::Payout => "JF",
            Self::Denial => "BY",
        }
    }

    /// Whether ID and account numbers stand on it whole: only on what stays in the house.
    #[must_use]
    pub const fn shows_whole_numbers(self) -> bool {
        matches!(self, Self::Approval)
    }
}

/// The papers of a case that stands at `stage`, was submitted `submissions` times and, where it is `supplemented`, was
/// returned for 补正.
#[must_use]
pub fn papers_of(stage: Stage, outcome: Option<Outcome>, submissions: u32, supplemented: bool) -> Vec<CasePaper> {
    use CasePaper::{Approval, Calculation, Denial, Payout, Receipt, Supplement};
    let mut papers = match (stage, outcome) {
        (Stage::Deleted, _) => Vec::new(),
        (Stage::Materials | Stage::ExpenseEntry, _) | (Stage::Closed, Some(Outcome::Withdrawn) | None) => vec![Receipt],
        (Stage::FirstReview | Stage::SecondReview | Stage::Recovery, _)
        | (Stage::Closed, Some(Outcome::Corrected | Outcome::Recovered | Outcome::WrittenOff)) => {
            vec![Receipt, Calculation, Approval]
        }
        (Stage::Payment, _) | (Stage::Closed, Some(Outcome::Paid)) => vec![Receipt, Calculation, Approval, Payout],
        (Stage::Closed, Some(Outcome::Denied)) if submissions > 0 => vec![Receipt, Approval, Denial],
        (Stage::Closed, Some(Outcome::Denied)) => vec![Receipt, Denial],
    };
    if supplemented && !papers.is_empty() {
        papers.insert(1, Supplement);
    }
    papers
}

/// A number of which only the first `head` and the last `tail` characters show: 142625********6202. One that is too short
/// for that shows its last two only.
#[must_use]
pub fn masked(number: &str, head: usize, tail: usize) -> String {
    let length = number.chars().count();
    let (head, tail) = if length > head + tail { (head, tail) } else { (0, length.min(2)) };
    let hidden = head..length - tail;
    number.chars().enumerate().map(|(i, c)| if hidden.contains(&i) { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn a_paper_is_there_when_what_it_says_is_settled() {
        use CasePaper as P;
        let cases = [
            (Stage::Materials, None, 0, vec![P::Receipt]),
            (Stage::ExpenseEntry, None, 1, vec![P::Receipt]),
            (Stage::FirstReview, None, 1, vec![P::Receipt, P::Calculation, P::Approval]),
            (Stage::SecondReview, None, 2, vec![P::Receipt, P::Calculation, P::Approval]),
            (Stage::Payment, None, 1, vec![P::Receipt, P::Calculation, P::Approval, P::Payout]),
            (Stage::Closed, Some(Outcome::Paid), 1, vec![P::Receipt, P::Calculation, P::Approval, P::Payout]),
            (Stage::Closed, Some(Outcome::Denied), 1, vec![P::Receipt, P::Approval, P::Denial]),
            (Stage::Closed, Some(Outcome::Withdrawn), 1, vec![P::Receipt]),
            (Stage::Recovery, None, 1, vec![P::Receipt, P::Calculation, P::Approval]),
            (Stage::Closed, Some(Outcome::Recovered), 1, vec![P::Receipt, P::Calculation, P::Approval]),
            (Stage::Deleted, None, 0, vec![]),
        ];
        for (stage, outcome, submissions, papers) in cases {
            assert_eq!(papers_of(stage, outcome, submissions, false), papers, "{stage} {outcome:?}");
        }
    }

    #[test]
    fn a_case_that_was_returned_for_missing_papers_keeps_the_notice_until_it_is_deleted() {
        for stage in Stage::iter().filter(|s| *s != Stage::Deleted) {
            let (before, after) = (papers_of(stage, None, 1, false), papers_of(stage, None, 1, true));
            let added: Vec<&CasePaper> = after.iter().filter(|p| !before.contains(p)).collect();
            assert_eq!((added, after[0]), (vec![&CasePaper::Supplement], CasePaper::Receipt), "{stage}");
        }
        assert_eq!(papers_of(Stage::Deleted, None, 1, true), []);
    }

    #[test]
    fn every_kind_has_a_number_of_its_own() {
        let all: std::collections::HashSet<&str> = CasePaper::iter().map(CasePaper::suffix).collect();
        assert_eq!(all.len(), CasePaper::iter().count());
    }

    #[test]
    fn a_masked_number_never_shows_its_middle() {
        for (number, shown) in [
            ("142625196607196202", "142625********6202"),
            ("A1234567", "******67"),
            ("1234567890", "********90"),
            ("12345678901", "123456*8901"),
            ("", ""),
            ("7", "7"),
        ] {
            assert_eq!(masked(number, 6, 4), shown);
        }
        assert_eq!(masked("6222020909003028973", 0, 4), "***************8973");
    }
}
