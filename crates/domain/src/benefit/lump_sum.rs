//! 定额给付: a fixed sum by class of illness or grade.
use serde::Deserialize;

use super::Amount;

/// A class and its sum.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LumpSumClass {
    /// Stable code: `severe`.
    pub code: String,
    /// The name on the screen: 重度.
    pub name: String,
    /// What it pays.
    pub amount: Amount,
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LumpSum {
    /// At least one.
    pub classes: Vec<LumpSumClass>,
}

impl LumpSum {
    /// The class of that code.
    #[must_use]
    pub fn class(&self, code: &str) -> Option<&LumpSumClass> {
        self.classes.iter().find(|c| c.code == code)
    }

    /// What is wrong with the rule, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.classes.is_empty() {
            out.push("classes: at least one is wanted".to_owned());
        }
        for (i, class) in self.classes.iter().enumerate() {
            if self.classes[..i].iter().any(|c| c.code == class.code) {
                out.push(format!("classes: {:?} stands twice", class.code));
            }
        }
        out
    }
}
