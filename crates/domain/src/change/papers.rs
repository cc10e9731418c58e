//! The pictures that a change must come with.
use super::{Blocker, Change, PaperKind};

/// The most photos of 本人银行卡 at one change.
const MAX_CARDS: usize = 1;

/// What is lacking, or too much, among the pictures of a change: 新增银行卡 wants exactly one photo of the card and at least
/// one of the seal card (manual: 新增银行卡).
#[must_use]
pub fn missing_papers(change: &Change, papers: &[PaperKind]) -> Vec<Blocker> {
    if !matches!(change, Change::BankAccount { .. }) {
        return Vec::new();
    }
    let count = |kind: PaperKind| papers.iter().filter(|k| **k == kind).count();
    let wanted = [PaperKind::BankCard, PaperKind::SealCard].into_iter();
    let mut out: Vec<Blocker> =
        wanted.filter(|k| count(*k) == 0).map(|paper| Blocker::PaperMissing { paper }).collect();
    if count(PaperKind::BankCard) > MAX_CARDS {
        out.push(Blocker::PaperTooMany { paper: PaperKind::BankCard, max: MAX_CARDS });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_card_comes_with_one_photo_of_it_and_the_seal_card() {
        use PaperKind::{BankCard, Proof, SealCard};
        let account = Change::BankAccount { account_no: String::new(), bank_name: String::new() };
        let codes = |papers: &[PaperKind]| -> Vec<&'static str> {
            missing_papers(&account, papers).iter().map(Blocker::code).collect()
        };
        assert_eq!(codes(&[]), ["paper_missing", "paper_missing"]);
        assert_eq!(codes(&[BankCard, Proof]), ["paper_missing"]);
        assert_eq!(codes(&[BankCard, BankCard, SealCard]), ["paper_too_many"]);
        assert!(codes(&[SealCard, BankCard, SealCard]).is_empty());
        assert!(missing_papers(&Change::Merge { other_id: 2 }, &[]).is_empty(), "nothing else needs one");
    }
}
