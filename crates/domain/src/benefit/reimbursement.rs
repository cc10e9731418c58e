//! 医疗互助金: a share of what the statement leaves to the member, in marginal bands, each statement for itself.
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Amount, Base, Rate, Step, calculate::Tracer};
use crate::{money::Fen, statement::Statement};

/// A part of the base and the rate that it is paid at. Bands follow each other from zero without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Where it ends; the last one has no end.
    pub to: Option<Amount>,
    /// The rate.
    pub rate: Rate,
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reimbursement {
    /// What the bands are laid on.
    pub base: Base,
    /// Ascending, at least one, the last without an end.
    pub bands: Vec<Band>,
}

impl Reimbursement {
    /// What is wrong with the rule, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        let ends: Vec<Option<Amount>> = self.bands.iter().map(|b| b.to).collect();
        match ends.split_last() {
            None => out.push("bands: at least one is wanted".to_owned()),
            Some((last, before)) => {
                if last.is_some() {
                    out.push("bands: the last one must have no `to`, or amounts above it would be lost".to_owned());
                }
                if before.iter().any(Option::is_none) {
                    out.push("bands: only the last one may have no `to`".to_owned());
                }
            }
        }
        let given: Vec<Fen> = ends.iter().flatten().map(|a| a.0).collect();
        if given.first().is_some_and(|first| *first <= Fen::ZERO) || !given.is_sorted_by(|a, b| a < b) {
            out.push("bands: `to` must ascend from above 0".to_owned());
        }
        out
    }

    /// The unrounded sum in fen over all statements, and its steps.
    pub(super) fn gross(&self, statements: &[Statement], tracer: &mut Tracer<'_>) -> Decimal {
        (1..).zip(statements).map(|(number, statement)| self.of_one(number, statement, tracer)).sum()
    }

    fn of_one(&self, number: usize, statement: &Statement, tracer: &mut Tracer<'_>) -> Decimal {
        let base = self.base.of(statement);
        let terms = self.base.terms().iter().map(|t| (t.sign, t.field, statement.amount(t.field))).collect();
        tracer.about(number, Step::Base { terms }, base.to_decimal());
        let mut from = Fen::ZERO;
        let mut sum = Decimal::ZERO;
        for band in &self.bands {
            let to = band.to.map(|a| a.0);
            let part = to.map_or(base, |to| base.min(to)) - from;
            if part <= Fen::ZERO && from > Fen::ZERO {
                break;
            }
            let paid = part.to_decimal() * band.rate.0;
            tracer.about(number, Step::Band { from, to, rate: band.rate.percent(), part }, paid);
            sum += paid;
            from = to.unwrap_or(base);
        }
        sum
    }
}
