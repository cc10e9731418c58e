//! 保障活动: a plan version as data. A file that says something senseless is refused when it is loaded.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr};

use super::{Amount, DailyAllowance, Example, LumpSum, Reimbursement};
use crate::{claim_type::ClaimType, materials::MaterialRule, money::Fen};

/// One version of a plan, as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Stable code of the plan, the same for all versions.
    pub code: String,
    /// Name of this version: usually the year.
    pub version: String,
    /// 保障活动名称.
    pub name: String,
    /// The first day that a coverage under this version may begin.
    pub effective_from: NaiveDate,
    /// The last such day.
    pub effective_to: NaiveDate,
    /// 互助金类型, what the plan promises.
    #[serde(rename = "liability")]
    pub liabilities: Vec<Liability>,
    /// The papers that its claims need.
    #[serde(default, rename = "material")]
    pub materials: Vec<MaterialRule>,
}

/// One 互助金类型 / 责任.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Liability {
    /// Stable code: `inpatient_medical`.
    pub code: String,
    /// The name on the screen: 住院医疗互助金.
    pub name: String,
    /// The clause that promises it.
    #[serde(default)]
    pub clause: String,
    /// The claims that it answers.
    pub claim_types: Vec<ClaimType>,
    /// 观察期 in days; 0 for none.
    #[serde(default)]
    pub waiting_days: u32,
    /// A payout above 0 and below this is lifted to it.
    pub minimum: Option<Amount>,
    /// 封顶, per coverage period.
    #[serde(default)]
    pub caps: Caps,
    /// How the result is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// The rule itself.
    pub benefit: Benefit,
    /// Worked examples, which must come out to the fen.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

/// 封顶 of a coverage period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// How often.
    pub times: Option<u32>,
    /// How much, for one 份.
    pub amount: Option<Amount>,
    /// How many paid days.
    pub days: Option<u32>,
}

impl Caps {
    /// The cap in money for that many 份.
    #[must_use]
    pub fn amount_for(&self, shares: u32) -> Option<Fen> {
        self.amount.map(|a| a.0.times(shares))
    }
}

/// The shapes of a benefit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Benefit {
    /// A share of a sum of the statement's amounts.
    Reimbursement(Reimbursement),
    /// A fixed sum a day.
    DailyAllowance(DailyAllowance),
    /// A fixed sum by class.
    LumpSum(LumpSum),
}

/// How a result is rounded, half up, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rounding {
    /// To the fen.
    #[default]
    Fen,
    /// To the yuan.
    Yuan,
}

/// Why a plan file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It can't be read; the text names line, field and what would be right.
    #[error("{0}")]
    Structure(String),
    /// It can be read but makes no sense.
    #[error("{}", .0.join("\n"))]
    Sense(Vec<String>),
}

impl Plan {
    /// Reads a plan file and looks whether it makes sense. Examples are checked by [`Plan::check_examples`].
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let plan: Self = toml::from_str(text).map_err(|e| PlanError::Structure(e.to_string()))?;
        let problems = plan.problems();
        if problems.is_empty() { Ok(plan) } else { Err(PlanError::Sense(problems)) }
    }

    /// The liability of that code.
    #[must_use]
    pub fn liability(&self, code: &str) -> Option<&Liability> {
        self.liabilities.iter().find(|l| l.code == code)
    }

    /// The papers that claims of this type carry.
    pub fn materials_for(&self, claim_type: ClaimType) -> impl Iterator<Item = &MaterialRule> {
        self.materials.iter().filter(move |m| m.applies_to(claim_type))
    }

    fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.effective_from > self.effective_to {
            out.push("effective_to: lies before effective_from".to_owned());
        }
        if self.liabilities.is_empty() {
            out.push("liability: at least one is wanted".to_owned());
        }
        for (i, liability) in self.liabilities.iter().enumerate() {
            let at = |problem: String| format!("liability {:?}: {problem}", liability.code);
            if self.liabilities[..i].iter().any(|l| l.code == liability.code) {
                out.push(at("stands twice".to_owned()));
            }
            out.extend(liability.problems().into_iter().map(at));
        }
        for m in &self.materials {
            if m.max.is_some_and(|max| max < m.min) {
                out.push(format!("material {:?}: max is less than min", m.kind));
            }
        }
        out
    }
}

impl Liability {
    /// The classes to choose from, as code and name; empty where it pays by none.
    #[must_use]
    pub fn classes(&self) -> Vec<(&str, &str)> {
        match &self.benefit {
            Benefit::LumpSum(rule) => rule.classes.iter().map(|c| (c.code.as_str(), c.name.as_str())).collect(),
            Benefit::Reimbursement(_) | Benefit::DailyAllowance(_) => Vec::new(),
        }
    }

    /// Whether the amount comes from 结算单.
    #[must_use]
    pub const fn needs_statements(&self) -> bool {
        matches!(self.benefit, Benefit::Reimbursement(_) | Benefit::DailyAllowance(_))
    }

    fn problems(&self) -> Vec<String> {
        let mut out = match &self.benefit {
            Benefit::Reimbursement(rule) => rule.problems(),
            Benefit::DailyAllowance(_) => Vec::new(),
            Benefit::LumpSum(rule) => rule.problems(),
        };
        if self.claim_types.is_empty() {
            out.push("claim_types: at least one is wanted".to_owned());
        }
        if self.caps.days.is_some() && !matches!(self.benefit, Benefit::DailyAllowance(_)) {
            out.push("caps.days: only a daily_allowance pays by days".to_owned());
        }
        out
    }
}
