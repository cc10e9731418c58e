//! 材料: which papers a claim needs. The list is data of the plan version.
use serde::{Deserialize, Serialize};

use crate::{benefit::Amount, case::Blocker, claim_type::ClaimType, money::Fen};

/// The most pictures of one kind, where the plan names no maximum.
pub const MAX_FILES_PER_KIND: u32 = 20;

/// One kind of paper in a plan version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialRule {
    /// Stable code: `id_card`.
    pub kind: String,
    /// The name on the screen: 身份证.
    pub name: String,
    /// The claims that it belongs to; empty for all of the plan's.
    #[serde(default)]
    pub claim_types: Vec<ClaimType>,
    /// Whether the claim can't go on without it.
    pub required: bool,
    /// Fewest pictures, where it is required.
    #[serde(default = "one")]
    pub min: u32,
    /// Most pictures.
    pub max: Option<u32>,
    /// Required only where the 互助金额 is more than this.
    pub above: Option<Amount>,
    /// What is typed off the paper: `account_no`, `bank_name` of a bank card.
    #[serde(default)]
    pub fields: Vec<String>,
}

const fn one() -> u32 {
    1
}

/// What there is of one kind of paper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Pictures.
    pub files: u32,
    /// Fields that are filled in.
    pub fields: Vec<String>,
}

impl MaterialRule {
    /// Whether claims of this type carry the paper at all.
    #[must_use]
    pub fn applies_to(&self, claim_type: ClaimType) -> bool {
        self.claim_types.is_empty() || self.claim_types.contains(&claim_type)
    }

    /// Whether it must be there, given the 互助金额 as far as it is known.
    #[must_use]
    pub fn is_required(&self, benefit: Option<Fen>) -> bool {
        match self.above {
            Some(threshold) => self.required && benefit.is_some_and(|b| b > threshold.0),
            None => self.required,
        }
    }

    /// Most pictures that it takes.
    #[must_use]
    pub fn max_files(&self) -> u32 {
        self.max.unwrap_or(MAX_FILES_PER_KIND)
    }

    /// What is missing of the paper.
    #[must_use]
    pub fn missing(&self, present: &Present, benefit: Option<Fen>) -> Vec<Blocker> {
        if !self.is_required(benefit) {
            return Vec::new();
        }
        let mut out = Vec::new();
        if present.files < self.min {
            out.push(Blocker::MaterialMissing { name: self.name.clone(), needed: self.min, have: present.files });
        }
        for field in self.fields.iter().filter(|f| !present.fields.contains(f)) {
            out.push(Blocker::MaterialFieldMissing { name: self.name.clone(), field: field.clone() });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank_card() -> MaterialRule {
        MaterialRule {
            kind: "bank_card".into(),
            name: "本人银行卡".into(),
            claim_types: vec![ClaimType::DiseaseInpatient],
            required: true,
            min: 1,
            max: Some(1),
            above: None,
            fields: vec!["account_no".into(), "bank_name".into()],
        }
    }

    #[test]
    fn a_bank_card_wants_its_picture_and_both_its_fields() {
        let nothing = bank_card().missing(&Present::default(), None);
        assert_eq!(
            nothing.iter().map(Blocker::code).collect::<Vec<_>>(),
            ["material_missing", "material_field_missing", "material_field_missing"]
        );
        let all = Present { files: 1, fields: vec!["bank_name".into(), "account_no".into()] };
        assert_eq!(bank_card().missing(&all, None), []);
    }

    #[test]
    fn a_paper_above_a_threshold_is_wanted_only_above_it() {
        let form = MaterialRule { above: Some(Amount(Fen(300_000))), fields: vec![], ..bank_card() };
        assert!(!form.is_required(None));
        assert!(!form.is_required(Some(Fen(300_000))));
        assert!(form.is_required(Some(Fen(300_001))));
    }

    #[test]
    fn a_paper_belongs_to_its_claim_types_or_to_all() {
        assert!(!bank_card().applies_to(ClaimType::DiseaseDeath));
        assert!(MaterialRule { claim_types: vec![], ..bank_card() }.applies_to(ClaimType::DiseaseDeath));
    }
}
