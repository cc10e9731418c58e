//! 保障活动: a plan version as data. A file that says something senseless is refused when it is loaded.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Amount, Caps, ClassSum, DailyAllowance, EndsCover, Example, Fault, FixedSum, GradeSum, Group, Limits,
    Reimbursement, TierSum, WaitingRung, fault,
};
use crate::{claim_type::ClaimType, enrolment::EnrolmentTerms, materials::MaterialRule, statement::Statement};

/// The longest plan file, in bytes.
pub const MAX_PLAN_BYTES: usize = 256 * 1024;

/// No more faults are told at once: each is looked up in the text.
const MAX_FAULTS: usize = 200;

/// One version of a plan, as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Stable code of the plan, the same for all versions.
    pub code: String,
    /// Name of this version: usually the year.
    pub version: String,
    /// 保障活动名称.
    pub name: String,
    /// 依据: the notice or resolution that it is written from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// The first day that a coverage under this version may begin.
    pub effective_from: NaiveDate,
    /// The last such day.
    pub effective_to: NaiveDate,
    /// Who may be enrolled, and what it costs.
    #[serde(default, skip_serializing_if = "EnrolmentTerms::is_empty")]
    pub enrolment: EnrolmentTerms,
    /// 互助金类型, what the plan promises.
    #[serde(rename = "liability")]
    pub liabilities: Vec<Liability>,
    /// Liabilities that share one cap or exclude each other.
    #[serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The papers that its claims need.
    #[serde(default, rename = "material", skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<MaterialRule>,
}

/// One 互助金类型 / 责任.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Liability {
    /// Stable code: `inpatient_medical`.
    pub code: String,
    /// The name on the screen: 住院医疗互助金.
    pub name: String,
    /// The clause that promises it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// The claims that it answers.
    pub claim_types: Vec<ClaimType>,
    /// 观察期 in days; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waiting_days: u32,
    /// 观察期 as a ladder, in the place of `waiting_days`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<WaitingRung>,
    /// A payout above 0 and below this is lifted to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Amount>,
    /// 复审: from which benefit on a second person reviews; 0 for every claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_review_from: Option<Amount>,
    /// Limits of one stay.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub per_stay: Limits,
    /// Limits of one claim.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub per_claim: Limits,
    /// 封顶, per coverage period.
    #[serde(default, skip_serializing_if = "Caps::is_empty")]
    pub caps: Caps,
    /// What a payout ends for the rest of the coverage period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_cover: Option<EndsCover>,
    /// 申领期限; late claims want an explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// How the result is rounded.
    #[serde(default, skip_serializing_if = "Rounding::is_fen")]
    pub rounding: Rounding,
    /// Clauses of single parts, where they differ from `clause`.
    #[serde(default, skip_serializing_if = "Clauses::is_empty")]
    pub clauses: Clauses,
    /// The rule itself.
    pub benefit: Benefit,
    /// Worked examples, which must come out to the fen.
    #[serde(default, rename = "example", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The shapes of a benefit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// A share of a quantity of the statement.
    Reimbursement(Reimbursement),
    /// A fixed sum a day.
    DailyAllowance(DailyAllowance),
    /// One fixed sum.
    FixedSum(FixedSum),
    /// A fixed sum by class of illness.
    ClassSum(ClassSum),
    /// A fixed sum by disability grade.
    GradeSum(GradeSum),
    /// A fixed sum by fee tier.
    TierSum(TierSum),
}

impl Benefit {
    /// Whether it pays by days.
    #[must_use]
    pub const fn pays_by_days(&self) -> bool {
        matches!(self, Self::DailyAllowance(_))
    }
}

/// Clauses of single parts of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clauses {
    /// Of the 观察期 and whatever else refuses a claim.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub waiting: String,
    /// Of the base.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// Of the 起付线 and of days that aren't paid.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub deductible: String,
    /// Of the minimum.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub minimum: String,
    /// Of the caps.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub caps: String,
    /// Of the rounding.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rounding: String,
}

impl Clauses {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

code_enum! {
    /// What a 申领期限 is counted from.
    DeadlineFrom {
        /// 出险日期.
        Incident,
        /// 出院结算: the last discharge; the incident where there is no stay.
        Discharge,
    }
}

/// 申领期限.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// How many days there are.
    pub days: u32,
    /// From when.
    pub from: DeadlineFrom,
}

impl Deadline {
    /// The last day on which a claim is in time.
    #[must_use]
    pub fn last_day(&self, incident: NaiveDate, statements: &[Statement]) -> Option<NaiveDate> {
        let discharged = statements.iter().map(|s| s.stay.to).max();
        let from = match self.from {
            DeadlineFrom::Incident => incident,
            DeadlineFrom::Discharge => discharged.unwrap_or(incident),
        };
        from.checked_add_days(chrono::Days::new(u64::from(self.days)))
    }
}

code_enum! {
    /// How a result is rounded, once.
    #[derive(Default)]
    Rounding {
        /// To the fen, half up.
        #[default]
        Fen,
        /// To the jiao, half up.
        Jiao,
        /// To the yuan, half up.
        Yuan,
        /// To the yuan, the rest is dropped.
        YuanDown,
        /// To the yuan, any rest is another yuan.
        YuanUp,
    }
}

impl Rounding {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_fen(&self) -> bool {
        *self == Self::Fen
    }
}

/// Whether a text is a stable code: lower-case letters, digits, `_` and `-`, at most 40.
pub(super) fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(plain)
}

impl Plan {
    /// Reads a plan file and looks whether it makes sense. Examples are computed by [`Plan::check_examples`].
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        if text.len() > MAX_PLAN_BYTES {
            return Err(vec![Fault::at("", "plan_too_large", &[("max", &(MAX_PLAN_BYTES / 1024).to_string())])]);
        }
        let plan: Self = toml::from_str(text).map_err(|e| vec![fault::of_toml(text, &e)])?;
        let mut faults = plan.faults();
        if faults.is_empty() {
            return Ok(plan);
        }
        faults.truncate(MAX_FAULTS);
        fault::locate(text, &mut faults);
        Err(faults)
    }

    /// The plan as the text of a file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn to_text(&self) -> Result<String, Vec<Fault>> {
        let text =
            toml::to_string(self).map_err(|e| vec![Fault::at("", "plan_unreadable", &[("text", &e.to_string())])])?;
        Self::parse(&text).map(|_| text)
    }

    /// The liability of that code.
    #[must_use]
    pub fn liability(&self, code: &str) -> Option<&Liability> {
        self.liabilities.iter().find(|l| l.code == code)
    }

    /// The groups that a liability belongs to.
    pub fn groups_of<'a>(&'a self, liability: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(move |g| g.liabilities.iter().any(|code| code == liability))
    }

    /// The papers that claims of this type under this liability carry.
    pub fn materials_for<'a>(
        &'a self,
        liability: &'a str,
        claim_type: ClaimType,
    ) -> impl Iterator<Item = &'a MaterialRule> {
        self.materials.iter().filter(move |m| m.applies_to(liability, claim_type))
    }

    /// Whether a coverage that begins on this day falls under the version.
    #[must_use]
    pub fn covers(&self, begins: NaiveDate) -> bool {
        (self.effective_from..=self.effective_to).contains(&begins)
    }
}

impl Liability {
    /// The classes to choose from, as code and name; empty where it pays by none.
    #[must_use]
    pub fn classes(&self) -> Vec<(&str, &str)> {
        match &self.benefit {
            Benefit::ClassSum(rule) => rule.classes.iter().map(|c| (c.code.as_str(), c.name.as_str())).collect(),
            _ => Vec::new(),
        }
    }

    /// The disability grades to choose from; empty where it pays by none.
    #[must_use]
    pub fn grades(&self) -> Vec<u32> {
        match &self.benefit {
            Benefit::GradeSum(rule) => rule.grades.iter().map(|g| g.grade).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the amount comes from 结算单.
    #[must_use]
    pub const fn needs_statements(&self) -> bool {
        matches!(self.benefit, Benefit::Reimbursement(_) | Benefit::DailyAllowance(_) | Benefit::TierSum(_))
    }
}
