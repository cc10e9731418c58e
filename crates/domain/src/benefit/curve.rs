//! A rule drawn: what it pays over what a stay costs, over days, or by class. For charts; no claim is computed by it.
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Benefit, Claim, Liability, Plan, Reimbursement, UsageBook, calculate::calculate_on};
use crate::{
    claim_type::ClaimType,
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{HospitalLevel, Statement},
};

/// No more places where the slope changes are drawn: a picture can't show them.
const MAX_EDGES: usize = 60;
/// Points between two places where the slope changes.
const STEPS: i64 = 4;

/// The drawing of one liability: of one 份, at the first stay of a renewed coverage, in a 三级 hospital.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Curve {
    /// Payout over the base (or cost) of one stay, both in fen.
    Cost {
        /// Ascending by the first.
        points: Vec<(i64, i64)>,
    },
    /// Payout in fen over the days of one stay.
    Days {
        /// Ascending by the first.
        points: Vec<(i64, i64)>,
    },
    /// Payout in fen by class, grade, or at all.
    Items {
        /// Name (or grade) and amount.
        items: Vec<(String, i64)>,
    },
}

impl Liability {
    /// The rule drawn.
    #[must_use]
    pub fn curve(&self, plan: &Plan) -> Curve {
        let fen = |yuan: Decimal| Fen::from_yuan(yuan).0;
        match &self.benefit {
            Benefit::FixedSum(rule) => Curve::Items { items: vec![(self.name.clone(), rule.amount.0.0)] },
            Benefit::ClassSum(rule) => {
                Curve::Items { items: rule.classes.iter().map(|c| (c.name.clone(), fen(rule.pays(c)))).collect() }
            }
            Benefit::GradeSum(rule) => {
                Curve::Items { items: rule.grades.iter().map(|g| (g.grade.to_string(), fen(rule.pays(g)))).collect() }
            }
            Benefit::DailyAllowance(rule) => {
                let cap = self.per_stay.days.or(self.caps.days).unwrap_or(60).min(3660);
                let last = i64::from(cap.saturating_add(rule.waived_days)) * 6 / 5;
                let step = (last / 60).max(1);
                let points = (0..=last / step).map(|i| i * step);
                Curve::Days { points: points.map(|d| (d, self.paid_at(plan, Decimal::from(d)).0)).collect() }
            }
            Benefit::TierSum(rule) => {
                let ends: Vec<Fen> = rule.tiers.iter().filter_map(|t| t.to).map(|t| t.0).collect();
                // A step is drawn from both its sides.
                let sides = ends.iter().flat_map(|end| [*end, *end + Fen(1)]);
                self.at_costs(plan, sides.collect(), ends.last().copied().unwrap_or(Fen(1_000_000)))
            }
            Benefit::Reimbursement(rule) => {
                let edges = edges(rule);
                let last = edges.last().copied().unwrap_or(Fen(1_000_000)).max(self.reaches_cap(plan));
                self.at_costs(plan, edges, last)
            }
        }
    }

    fn at_costs(&self, plan: &Plan, mut edges: Vec<Fen>, last: Fen) -> Curve {
        let end = Fen(last.0.saturating_add(last.0 / 3));
        edges.extend([Fen::ZERO, last, end]);
        edges.retain(|e| *e <= end);
        edges.sort_unstable();
        edges.dedup();
        let every = edges.len().div_ceil(MAX_EDGES).max(1);
        let edges: Vec<Fen> = edges.into_iter().step_by(every).chain([end]).collect();
        let mut xs: Vec<Fen> = Vec::new();
        for pair in edges.windows(2) {
            // Nothing bends where the cap is reached already.
            let steps = if pair[0] == last { 1 } else { STEPS };
            let step = (pair[1].0 - pair[0].0) / steps;
            xs.extend((0..steps).map(|i| Fen(pair[0].0 + i * step)));
        }
        xs.push(end);
        xs.dedup();
        Curve::Cost { points: xs.into_iter().map(|x| (x.0, self.paid_at(plan, x.to_yuan()).0)).collect() }
    }

    /// The cost from which on nothing more is paid: found by doubling, then by halving what lies between.
    fn reaches_cap(&self, plan: &Plan) -> Fen {
        let at = |cost: i64| self.paid_at(plan, Fen(cost).to_yuan());
        let doubled = |n: u32| 1_000_000_i64 << n;
        let capped = |cost: &i64| at(*cost) > Fen::ZERO && at(*cost) == at(*cost * 2);
        let Some(reached) = (0..10).map(doubled).find(capped) else { return Fen::ZERO };
        let (most, mut below, mut from) = (at(reached), 0, reached);
        while from - below > 1 {
            let middle = below + (from - below) / 2;
            if at(middle) == most { from = middle } else { below = middle }
        }
        Fen(from)
    }

    fn paid_at(&self, plan: &Plan, base: Decimal) -> Fen {
        let day = plan.effective_from;
        let mut statement = Statement::of(Period { from: day, to: day }, &[]);
        statement.hospital_level = HospitalLevel::Tertiary;
        let statements = [statement];
        let usage = UsageBook::default();
        let claim = Claim {
            claim_type: self.claim_types.first().copied().unwrap_or(ClaimType::DiseaseInpatient),
            incident_date: day,
            coverage: Coverage { period: Period { from: day, to: day }, shares: 1, renewed: true },
            statements: &statements,
            class_code: None,
            grades: &[],
            usage: &usage,
        };
        if base.to_i64().is_none() {
            return Fen::ZERO;
        }
        calculate_on(plan, self, &claim, Some(base)).amount
    }
}

/// Where the slope may change.
fn edges(rule: &Reimbursement) -> Vec<Fen> {
    let deductible = rule.deductible.as_ref().map_or(Fen::ZERO, |d| d.amount.0);
    let bands = rule.bands.iter().filter_map(|b| b.to).map(|t| t.0);
    let mut edges: Vec<Fen> = bands.flat_map(|edge| [edge, edge + deductible]).collect();
    edges.push(deductible);
    edges.retain(|e| *e > Fen::ZERO);
    edges.sort_unstable();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_bends_where_the_rule_does() {
        let plan = Plan::parse(include_str!("../../../../plans/harbin-inpatient-2023.toml")).unwrap();
        let Curve::Cost { points } = plan.liabilities[0].curve(&plan) else { panic!("a cost curve") };
        assert!(points.contains(&(1_599_999, 800_000)) || points.contains(&(1_600_000, 800_000)), "{points:?}");
        assert!(points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{points:?}");
        assert_eq!(points.last().map(|p| p.1), Some(800_000));
    }
}
