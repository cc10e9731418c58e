//! 定额给付: fixed sums: one, by class of illness, by disability grade, or by fee tier.
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Formula, Rate, Step, calculate::Sheet, condition::Stay, fault::Faults};
use crate::money::Fen;

/// 身故 and the like: one sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedSum {
    /// What it pays, for one 份.
    pub amount: Amount,
}

/// A class of illness and its sum: an amount, or a part of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SumClass {
    /// Stable code: `severe`.
    pub code: String,
    /// The name on the screen: 重度.
    pub name: String,
    /// What it pays, for one 份; or `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The part of `sum` that it pays; or `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// A fixed sum by class of illness (重大疾病, 女职工特殊疾病).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassSum {
    /// 保额, where classes pay a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Amount>,
    /// At least one.
    pub classes: Vec<SumClass>,
}

/// A disability grade and its sum: an amount, or a part of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// 1 (worst) to 10.
    pub grade: u32,
    /// What it pays, for one 份; or `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The part of `sum` that it pays; or `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

code_enum! {
    /// What several injuries of one accident come to.
    SeveralInjuries {
        /// 以最重者为准: the worst grade.
        Worst,
        /// 最重等级有两处以上的晋升一级: the worst grade, one better where two or more have it; at most grade 1.
        Promote,
        /// 累计: all of them together, at most what grade 1 pays.
        Total,
    }
}

/// A fixed sum by disability grade (意外伤残).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GradeSum {
    /// 保额, where grades pay a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Amount>,
    /// At least one; a worse grade pays no less.
    pub grades: Vec<Grade>,
    /// What several injuries come to; promoted when it isn't said.
    #[serde(default = "promote")]
    pub several: SeveralInjuries,
}

const fn promote() -> SeveralInjuries {
    SeveralInjuries::Promote
}

/// A fee tier and its sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeTier {
    /// Where it ends, that amount included; the last one has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Amount>,
    /// What it pays, for one 份.
    pub amount: Amount,
}

/// A fixed sum by what the stay cost (按费用档次).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierSum {
    /// The cost that decides.
    pub measure: Formula,
    /// Ascending, at least one, the last without an end.
    pub tiers: Vec<FeeTier>,
}

fn check_part(sum: Option<Amount>, amount: Option<Amount>, rate: Option<Rate>, faults: &mut Faults) {
    faults.when(amount.is_some() == rate.is_some(), "", "amount_or_rate");
    faults.when(rate.is_some() && sum.is_none(), "rate", "rate_without_sum");
}

fn part(sum: Option<Amount>, amount: Option<Amount>, rate: Option<Rate>) -> Decimal {
    let share = || rate.map_or(Decimal::ZERO, |r| sum.unwrap_or_default().yuan() * r.0);
    amount.map_or_else(share, |a| a.yuan())
}

impl FixedSum {
    /// In yuan.
    pub(super) fn gross(&self, sheet: &mut Sheet<'_>) -> Decimal {
        sheet.pay(Step::FixedSum {}, self.amount.yuan(), "");
        self.amount.yuan()
    }
}

impl ClassSum {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.when(self.classes.is_empty(), "classes", "classes_none");
        for (i, class) in self.classes.iter().enumerate() {
            faults.within(format!("classes.{i}"), |f| {
                f.when(self.classes[..i].iter().any(|c| c.code == class.code), "code", "code_twice");
                f.when(!super::plan::is_code(&class.code), "code", "not_a_code");
                check_part(self.sum, class.amount, class.rate, f);
            });
        }
    }

    /// The class of that code.
    #[must_use]
    pub fn class(&self, code: &str) -> Option<&SumClass> {
        self.classes.iter().find(|c| c.code == code)
    }

    /// What a class pays for one 份, in yuan.
    #[must_use]
    pub fn pays(&self, class: &SumClass) -> Decimal {
        part(self.sum, class.amount, class.rate)
    }

    /// In yuan.
    pub(super) fn gross(&self, sheet: &mut Sheet<'_>) -> Decimal {
        let class = sheet.claim.class_code.and_then(|code| self.class(code));
        let paid = class.map_or(Decimal::ZERO, |c| self.pays(c));
        sheet.pay(Step::LumpSum { class: class.map(|c| c.name.clone()).unwrap_or_default() }, paid, "");
        paid
    }
}

impl GradeSum {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.when(self.grades.is_empty(), "grades", "grades_none");
        for (i, grade) in self.grades.iter().enumerate() {
            faults.within(format!("grades.{i}"), |f| {
                f.when(!(1..=10).contains(&grade.grade), "grade", "grade_range");
                f.when(self.grades[..i].iter().any(|g| g.grade == grade.grade), "grade", "code_twice");
                check_part(self.sum, grade.amount, grade.rate, f);
                let better = self.grades.iter().any(|g| g.grade < grade.grade && self.pays(g) < self.pays(grade));
                f.when(better, "", "grades_order");
                let next = grade.grade.checked_sub(1);
                let above = grade.grade == 1 || self.grades.iter().any(|g| Some(g.grade) == next);
                f.when(!above && self.several == SeveralInjuries::Promote, "", "grades_gap");
            });
        }
    }

    /// What a grade pays for one 份, in yuan.
    #[must_use]
    pub fn pays(&self, grade: &Grade) -> Decimal {
        part(self.sum, grade.amount, grade.rate)
    }

    fn pays_for(&self, grade: u32) -> Decimal {
        self.grades.iter().find(|g| g.grade == grade).map_or(Decimal::ZERO, |g| self.pays(g))
    }

    /// The grade that several injuries come to; None where there are none.
    #[must_use]
    pub fn final_grade(&self, injuries: &[u32]) -> Option<u32> {
        let worst = *injuries.iter().min()?;
        let equal = injuries.iter().filter(|g| **g == worst).count();
        let promoted = self.several == SeveralInjuries::Promote && equal > 1;
        Some(if promoted { worst.saturating_sub(1).max(1) } else { worst })
    }

    /// In yuan.
    pub(super) fn gross(&self, sheet: &mut Sheet<'_>) -> Decimal {
        let injuries = sheet.claim.grades.to_vec();
        let grade = self.final_grade(&injuries).unwrap_or_default();
        let paid = match self.several {
            SeveralInjuries::Total => {
                let all: Decimal = injuries.iter().map(|g| self.pays_for(*g)).sum();
                let most = self.grades.iter().map(|g| self.pays(g)).max().unwrap_or_default();
                all.min(most)
            }
            _ => self.pays_for(grade),
        };
        sheet.pay(Step::Grade { injuries, grade, several: self.several }, paid, "");
        paid
    }
}

impl TierSum {
    pub(super) fn check(&self, faults: &mut Faults) {
        let Some((last, before)) = self.tiers.split_last() else { return faults.add("tiers", "tiers_none", &[]) };
        faults.when(last.to.is_some(), &format!("tiers.{}", self.tiers.len() - 1), "tiers_last_open");
        let mut reached = Amount(Fen::ZERO);
        for (i, tier) in before.iter().enumerate() {
            faults.when(tier.to.is_none(), &format!("tiers.{i}"), "tiers_last_open");
            faults.when(tier.to.is_some_and(|to| to <= reached), &format!("tiers.{i}.to"), "tiers_ascending");
            reached = tier.to.unwrap_or(reached);
        }
    }

    /// In yuan.
    pub(super) fn of_one(&self, stay: &Stay<'_>, sheet: &mut Sheet<'_>) -> Decimal {
        let cost = sheet.base_override.unwrap_or_else(|| self.measure.of(stay.statement));
        sheet.note(Step::Measure { formula: self.measure.tokens(stay.statement) }, cost);
        if cost.is_zero() {
            return Decimal::ZERO;
        }
        let at = self.tiers.iter().position(|t| t.to.is_none_or(|to| cost <= to.yuan())).unwrap_or_default();
        let Some(tier) = self.tiers.get(at) else { return Decimal::ZERO };
        let from = at.checked_sub(1).and_then(|b| self.tiers.get(b)).and_then(|t| t.to).map_or(Fen::ZERO, |t| t.0);
        sheet.pay(Step::Tier { from, to: tier.to.map(|t| t.0) }, tier.amount.yuan(), "");
        tier.amount.yuan()
    }
}
