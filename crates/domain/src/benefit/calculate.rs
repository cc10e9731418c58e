//! 申领计算: one order of steps for every shape of benefit: gross → shares → minimum → caps → rounding.
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Benefit, Liability, Rounding, Step, TraceStep, Usage};
use crate::{
    claim_type::ClaimType,
    coverage::{Coverage, waiting_until},
    money::Fen,
    statement::Statement,
};

/// The facts of a claim that its worth depends on.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// The coverage that it falls under.
    pub coverage: Coverage,
    /// 结算单; empty where the claim type has none.
    pub statements: &'a [Statement],
    /// Illness class or grade, where the liability pays by it.
    pub class_code: Option<&'a str>,
    /// What was used of the liability before.
    pub usage: Usage,
}

/// What a claim is worth and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculation {
    /// 互助金额.
    pub amount: Fen,
    /// Paid days, which count against the period's.
    pub days: u32,
    /// 计算过程.
    pub trace: Vec<TraceStep>,
}

/// Collects the steps; every step names the liability's clause.
pub(super) struct Tracer<'a> {
    clause: &'a str,
    steps: Vec<TraceStep>,
}

impl Tracer<'_> {
    pub(super) fn about(&mut self, statement: usize, step: Step, amount: Decimal) {
        self.push(Some(statement), step, amount);
    }

    pub(super) fn step(&mut self, step: Step, amount: Decimal) {
        self.push(None, step, amount);
    }

    fn push(&mut self, statement: Option<usize>, step: Step, amount: Decimal) {
        let amount = Fen::from_decimal_half_up(amount).unwrap_or_default();
        self.steps.push(TraceStep { step, clause: self.clause.to_owned(), statement, amount });
    }
}

/// Computes the benefit of a claim under a liability of its plan version.
#[must_use]
pub fn calculate(liability: &Liability, claim: &Claim<'_>) -> Calculation {
    let mut tracer = Tracer { clause: &liability.clause, steps: Vec::new() };
    let (days, amount) = match refused(liability, claim, &mut tracer) {
        true => (0, Fen::ZERO),
        false => worth(liability, claim, &mut tracer),
    };
    tracer.step(Step::Amount {}, amount.to_decimal());
    Calculation { amount, days, trace: tracer.steps }
}

/// Whether the waiting period or the number of times leaves nothing to compute.
fn refused(liability: &Liability, claim: &Claim<'_>, tracer: &mut Tracer<'_>) -> bool {
    let until = waiting_until(liability, &claim.coverage, claim.claim_type);
    if until.is_some_and(|until| claim.incident_date <= until) {
        tracer.step(Step::Waiting { days: liability.waiting_days }, Decimal::ZERO);
        return true;
    }
    let used = claim.usage.times;
    if let Some(cap) = liability.caps.times.filter(|cap| used >= *cap) {
        tracer.step(Step::CapTimes { cap, used }, Decimal::ZERO);
        return true;
    }
    false
}

fn worth(liability: &Liability, claim: &Claim<'_>, tracer: &mut Tracer<'_>) -> (u32, Fen) {
    let shares = claim.coverage.shares;
    let (days, mut amount) = gross(liability, claim, tracer);
    if shares > 1 {
        amount *= Decimal::from(shares);
        tracer.step(Step::Shares { shares }, amount);
    }
    if let Some(minimum) = liability.minimum.map(|m| m.0)
        && amount > Decimal::ZERO
        && amount < minimum.to_decimal()
    {
        amount = minimum.to_decimal();
        tracer.step(Step::Minimum { minimum }, amount);
    }
    if let Some(cap) = liability.caps.amount_for(shares) {
        let used = claim.usage.amount;
        let left = (cap - used).max(Fen::ZERO);
        amount = amount.min(left.to_decimal());
        tracer.step(Step::CapAmount { cap, used, left }, amount);
    }
    let rounded = liability.rounding.of(amount);
    if rounded.to_decimal() != amount {
        tracer.step(Step::Rounding { to: liability.rounding }, rounded.to_decimal());
    }
    (days, rounded)
}

fn gross(liability: &Liability, claim: &Claim<'_>, tracer: &mut Tracer<'_>) -> (u32, Decimal) {
    match &liability.benefit {
        Benefit::Reimbursement(rule) => (0, rule.gross(claim.statements, tracer)),
        Benefit::DailyAllowance(rule) => {
            let mut days = rule.days(claim.statements, tracer);
            if let Some(cap) = liability.caps.days {
                let used = claim.usage.days;
                let left = cap.saturating_sub(used);
                days = days.min(left);
                tracer.step(Step::CapDays { cap, used, left }, rule.per_day.0.times(days).to_decimal());
            }
            (days, rule.gross(days, tracer).to_decimal())
        }
        Benefit::LumpSum(rule) => {
            let class = claim.class_code.and_then(|code| rule.class(code));
            let amount = class.map_or(Fen::ZERO, |c| c.amount.0).to_decimal();
            let name = class.map(|c| c.name.clone()).unwrap_or_default();
            tracer.step(Step::LumpSum { class: name }, amount);
            (0, amount)
        }
    }
}

impl Rounding {
    /// Half up; an amount beyond an `i64` of fen can't come from amounts within [`crate::money::MAX_AMOUNT`].
    fn of(self, fen: Decimal) -> Fen {
        match self {
            Self::Fen => Fen::from_decimal_half_up(fen).unwrap_or_default(),
            Self::Yuan => Fen::from_decimal_half_up(fen / Decimal::ONE_HUNDRED).unwrap_or_default().times(100),
        }
    }
}

#[cfg(test)]
#[path = "calculate_tests.rs"]
mod tests;
