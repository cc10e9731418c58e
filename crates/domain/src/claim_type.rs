//! 申领类型: what kind of event a claim is about.
use strum::IntoEnumIterator;

code_enum! {
    /// What happened to the claimant.
    ClaimType {
        /// 疾病住院.
        DiseaseInpatient,
        /// 意外住院.
        AccidentInpatient,
        /// 门诊.
        Outpatient,
        /// 重大疾病.
        CriticalIllness,
        /// 女职工特殊疾病.
        FemaleIllness,
        /// 意外伤残.
        AccidentDisability,
        /// 意外身故.
        AccidentDeath,
        /// 疾病身故.
        DiseaseDeath,
    }
}

code_enum! {
    /// The groups that 添加受理信息 asks for (医疗 …).
    ClaimCategory {
        /// 医疗.
        Medical,
        /// 疾病.
        Illness,
        /// 伤残.
        Disability,
        /// 身故.
        Death,
    }
}

/// The words for the claim types, in their order.
pub const WORDS: [&str; 8] =
    ["疾病住院", "意外住院", "门诊", "重大疾病", "女职工特殊疾病", "意外伤残", "意外身故", "疾病身故"];

/// The claim type of a word; the code itself will do, too.
#[must_use]
pub fn of_word(text: &str) -> Option<ClaimType> {
    let known = ClaimType::iter().zip(WORDS).find(|(_, word)| *word == text).map(|(claim_type, _)| claim_type);
    known.or_else(|| text.parse().ok())
}

impl ClaimType {
    /// Whether it is a hospital stay: those cases pass through 材料上传 and carry statements (manual 1.1.1, 1.2.2).
    #[must_use]
    pub const fn is_hospital(self) -> bool {
        matches!(self, Self::DiseaseInpatient | Self::AccidentInpatient)
    }

    /// Whether an accident caused it: no waiting period then.
    #[must_use]
    pub const fn is_accident(self) -> bool {
        matches!(self, Self::AccidentInpatient | Self::AccidentDisability | Self::AccidentDeath)
    }

    /// Whether the member died: the benefit goes to heirs, in shares.
    #[must_use]
    pub const fn is_death(self) -> bool {
        matches!(self, Self::AccidentDeath | Self::DiseaseDeath)
    }

    /// The group it is asked for by.
    #[must_use]
    pub const fn category(self) -> ClaimCategory {
        match self {
            Self::DiseaseInpatient | Self::AccidentInpatient | Self::Outpatient => ClaimCategory::Medical,
            Self::CriticalIllness | Self::FemaleIllness => ClaimCategory::Illness,
            Self::AccidentDisability => ClaimCategory::Disability,
            Self::AccidentDeath | Self::DiseaseDeath => ClaimCategory::Death,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_type_has_its_word() {
        assert_eq!(ClaimType::iter().count(), WORDS.len());
        assert_eq!(of_word("意外身故"), Some(ClaimType::AccidentDeath));
        assert_eq!(of_word("疾病身故"), Some(ClaimType::DiseaseDeath));
        assert_eq!(of_word("outpatient"), Some(ClaimType::Outpatient));
        assert_eq!(of_word("住院"), None);
    }
}
