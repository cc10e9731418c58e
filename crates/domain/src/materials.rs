//! 材料: which papers a claim needs. The list is data of the plan version.
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use crate::{benefit::Amount, case::Blocker, claim_type::ClaimType, money::Fen};

/// The most pictures of one kind, where the plan names no maximum.
pub const MAX_FILES_PER_KIND: u32 = 20;

code_enum! {
    /// The kind of a picture, by its content.
    PictureFormat {
        /// PNG.
        Png,
        /// JPEG.
        Jpeg,
    }
}

/// One kind of paper in a plan version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialRule {
    /// Stable code: `id_card`.
    pub kind: String,
    /// The name on the screen: 身份证.
    pub name: String,
    /// The claims that it belongs to; empty for all of the plan's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_types: Vec<ClaimType>,
    /// Codes of the liabilities that it belongs to; empty for all of the plan's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub liabilities: Vec<String>,
    /// Whether the claim can't go on without it.
    pub required: bool,
    /// Fewest pictures, where it is required.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub min: u32,
    /// Most pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Required only where the 互助金额 is more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Amount>,
    /// Kinds of pictures that are taken; empty for all (png, jpeg).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<PictureFormat>,
    /// The largest picture in MB, at most 10; 10 when it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mb: Option<u32>,
    /// Whether a person's later claims may carry the same picture: 身份证, 银行卡.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reusable: bool,
    /// What is typed off the paper: `account_no`, `bank_name` of a bank card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(n: &u32) -> bool {
    *n == 1
}

/// The largest picture of any kind, in MB.
pub const MAX_PICTURE_MB: u32 = 10;

/// What there is of one kind of paper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Pictures.
    pub files: u32,
    /// Fields that are filled in.
    pub fields: Vec<String>,
}

impl MaterialRule {
    /// Whether claims of this type under this liability carry the paper at all.
    #[must_use]
    pub fn applies_to(&self, liability: &str, claim_type: ClaimType) -> bool {
        (self.claim_types.is_empty() || self.claim_types.contains(&claim_type))
            && (self.liabilities.is_empty() || self.liabilities.iter().any(|code| code == liability))
    }

    /// Whether a picture of this paper may stand in another case too, of the same person or not.
    #[must_use]
    pub const fn may_come_again(&self, same_person: bool) -> bool {
        self.reusable && same_person
    }

    /// The kinds of pictures that are taken.
    #[must_use]
    pub fn taken(&self) -> Vec<PictureFormat> {
        PictureFormat::iter().filter(|format| self.takes(*format)).collect()
    }

    /// Whether pictures of this kind are taken.
    #[must_use]
    pub fn takes(&self, format: PictureFormat) -> bool {
        self.formats.is_empty() || self.formats.contains(&format)
    }

    /// The largest picture, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        u64::from(self.max_mb.unwrap_or(MAX_PICTURE_MB)) * 1024 * 1024
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
            liabilities: vec![],
            required: true,
            min: 1,
            max: Some(1),
            above: None,
            formats: vec![PictureFormat::Jpeg],
            max_mb: Some(5),
            reusable: true,
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
        assert!(!bank_card().applies_to("medical", ClaimType::DiseaseDeath));
        let of_all = MaterialRule { claim_types: vec![], ..bank_card() };
        assert!(of_all.applies_to("medical", ClaimType::DiseaseDeath));
        let of_one = MaterialRule { liabilities: vec!["death".into()], ..of_all };
        assert!(!of_one.applies_to("medical", ClaimType::DiseaseDeath));
        assert!(of_one.applies_to("death", ClaimType::DiseaseDeath));
    }

    #[test]
    fn a_reusable_paper_may_come_again_of_the_same_person_only() {
        let once = MaterialRule { reusable: false, ..bank_card() };
        for (rule, same_person, may) in
            [(bank_card(), true, true), (bank_card(), false, false), (once.clone(), true, false), (once, false, false)]
        {
            assert_eq!(rule.may_come_again(same_person), may, "{} {same_person}", rule.reusable);
        }
    }

    #[test]
    fn a_paper_takes_the_pictures_that_it_names() {
        assert!(bank_card().takes(PictureFormat::Jpeg) && !bank_card().takes(PictureFormat::Png));
        assert_eq!(bank_card().max_bytes(), 5 * 1024 * 1024);
    }
}
