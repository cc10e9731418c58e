//! 申领计算: one order of steps for every shape of benefit: refused? → per stay: base, 起付线, bands, modifiers, 份, minimum,
//! cap → 观察期 → minimum → caps of claim, period and group → rounding. Amounts inside are exact decimals in yuan.
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    Benefit, Caps, Group, Liability, Limits, Modifier, Plan, Rounding, Step, TraceStep, Usage, UsageBook,
    condition::Stay, trace::CapOf,
};
use crate::{
    claim_type::ClaimType,
    coverage::{Coverage, barred},
    money::{Fen, MAX_AMOUNT},
    statement::Statement,
};

/// Decimals of a yuan that a step keeps: so many that no sum of steps is off, so few that sums of them stay exact.
const EXACT: u32 = 14;

/// The facts of a claim that its worth depends on.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 出险日期.
    pub incident_date: NaiveDate,
    /// The coverage that it falls under.
    pub coverage: Coverage,
    /// 结算单; empty where the liability needs none.
    pub statements: &'a [Statement],
    /// Class of illness, where the liability pays by it.
    pub class_code: Option<&'a str>,
    /// Disability grades of all injuries, where the liability pays by them.
    pub grades: &'a [u32],
    /// What was used of the coverage before.
    pub usage: &'a UsageBook,
}

/// What a claim is worth and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculation {
    /// 互助金额.
    pub amount: Fen,
    /// What it uses of the liability.
    pub usage: Usage,
    /// 计算过程.
    pub trace: Vec<TraceStep>,
}

/// What the statements of this claim have come to so far.
#[derive(Default)]
pub(super) struct Accumulated {
    /// Sum of the bases.
    pub(super) raw: Decimal,
    /// Sum of what was left of them after the 起付线.
    pub(super) counted: Decimal,
    /// What of them the ledger keeps for the rest of the period.
    pub(super) kept: Decimal,
    /// Days of the stays.
    pub(super) stay_days: u32,
    /// Days that are paid.
    pub(super) paid_days: u32,
    /// Stays, but for those beyond a cap.
    stays: u32,
}

/// The sheet that a claim is computed on: what the rules look at, and the steps they leave.
pub(super) struct Sheet<'a> {
    pub(super) claim: &'a Claim<'a>,
    pub(super) accumulated: Accumulated,
    /// A base (or days, or cost) in the place of the statement's, to draw the rule.
    pub(super) base_override: Option<Decimal>,
    liability: &'a Liability,
    groups: Vec<(&'a Group, Usage)>,
    used: Usage,
    /// What caps in money and days count as used: later claims, too.
    capped: Usage,
    statement: Option<usize>,
    running: Decimal,
    steps: Vec<TraceStep>,
}

/// Computes the benefit of a claim under a liability of its plan version.
#[must_use]
pub fn calculate(plan: &Plan, liability: &Liability, claim: &Claim<'_>) -> Calculation {
    calculate_on(plan, liability, claim, None)
}

pub(super) fn calculate_on(
    plan: &Plan,
    liability: &Liability,
    claim: &Claim<'_>,
    base_override: Option<Decimal>,
) -> Calculation {
    let capped = |before: Usage, all: Usage| Usage { amount: all.amount, days: all.days, ..before };
    let of_group = |group: &Group| capped(claim.usage.of_group(group), claim.usage.all_of_group(group));
    let groups = plan.groups_of(&liability.code).map(|group| (group, of_group(group))).collect();
    let used = claim.usage.of(&liability.code);
    let mut sheet = Sheet {
        claim,
        accumulated: Accumulated::default(),
        base_override,
        liability,
        groups,
        used,
        capped: capped(used, claim.usage.all_of(&liability.code)),
        statement: None,
        running: Decimal::ZERO,
        steps: Vec::with_capacity(8),
    };
    let wanted = (claim.claim_type, claim.incident_date);
    let reasons = barred(plan, liability, &claim.coverage, wanted, claim.usage);
    let amount = if reasons.is_empty() {
        sheet.worth()
    } else {
        sheet.note(Step::Refused { reasons }, Decimal::ZERO);
        Fen::ZERO
    };
    sheet.note(Step::Amount {}, amount.to_yuan());
    let usage = Usage {
        times: u32::from(amount > Fen::ZERO),
        stays: sheet.accumulated.stays,
        amount,
        days: sheet.accumulated.paid_days,
        base: Fen::from_yuan(sheet.accumulated.kept),
    };
    Calculation { amount, usage, trace: sheet.steps }
}

impl Sheet<'_> {
    /// A step that changes nothing yet.
    pub(super) fn note(&mut self, step: Step, amount: Decimal) {
        self.push(step, amount, Decimal::ZERO, "");
    }

    /// A step that pays something.
    pub(super) fn pay(&mut self, step: Step, paid: Decimal, clause: &str) {
        let paid = paid.round_dp(EXACT);
        self.running += paid;
        self.push(step, paid, paid, clause);
    }

    /// A step after which the amount is another.
    fn change(&mut self, step: Step, amount: Decimal) {
        let amount = amount.round_dp(EXACT);
        let change = amount - self.running;
        self.running = amount;
        self.push(step, amount, change, "");
    }

    /// The same for a modifier.
    pub(super) fn modified(&mut self, modifier: &Modifier, amount: Decimal) {
        let amount = amount.round_dp(EXACT);
        let change = amount - self.running;
        self.running = amount;
        self.push(Step::Modifier { modifier: Box::new(modifier.clone()) }, amount, change, &modifier.clause);
    }

    fn push(&mut self, step: Step, amount: Decimal, change: Decimal, clause: &str) {
        let clause = if clause.is_empty() { self.clause(&step) } else { clause };
        let (clause, amount) = (clause.to_owned(), Fen::from_yuan(amount));
        self.steps.push(TraceStep { step, clause, statement: self.statement, amount, change: change.normalize() });
    }

    /// The clause that a step of this kind rests on.
    fn clause(&self, step: &Step) -> &str {
        let clauses = &self.liability.clauses;
        let own = match step {
            Step::Refused { .. } | Step::WaitingSum { .. } | Step::WaitingRate { .. } => &clauses.waiting,
            Step::Base { .. } => &clauses.base,
            Step::Deductible { .. } | Step::Days { .. } => &clauses.deductible,
            Step::CapDays { of: CapOf::Group { group }, .. } | Step::CapAmount { of: CapOf::Group { group }, .. } => {
                self.groups.iter().find(|(g, _)| g.name == *group).map_or(&clauses.caps, |(g, _)| &g.clause)
            }
            Step::CapDays { .. } | Step::CapAmount { .. } | Step::StaysUsedUp { .. } => &clauses.caps,
            Step::Minimum { .. } => &clauses.minimum,
            Step::Rounding { .. } => &clauses.rounding,
            _ => "",
        };
        if own.is_empty() { &self.liability.clause } else { own }
    }

    /// What the period has used of the liability before this claim.
    pub(super) const fn used(&self) -> Usage {
        self.used
    }

    /// What of `due` days may be paid; what so many are `worth`, in yuan, is for the trace.
    pub(super) fn limit_days(&mut self, due: u32, worth: impl Fn(u32) -> Decimal) -> u32 {
        let paid = self.accumulated.paid_days;
        let mut caps = Vec::new();
        let mut cap = |of, cap: Option<u32>, used: u32| caps.extend(cap.map(|cap| (of, cap, used)));
        cap(CapOf::Stay, self.liability.per_stay.days, 0);
        cap(CapOf::Claim, self.liability.per_claim.days, paid);
        cap(CapOf::Period, self.liability.caps.days, self.capped.days.saturating_add(paid));
        for (group, used) in &self.groups {
            cap(CapOf::Group { group: group.name.clone() }, group.caps.days, used.days.saturating_add(paid));
        }
        let mut days = due;
        for (of, cap, used) in caps {
            let left = cap.saturating_sub(used);
            days = days.min(left);
            self.note(Step::CapDays { of, cap, used, left }, worth(days));
        }
        self.accumulated.paid_days = paid.saturating_add(days);
        days
    }

    /// At most what is left of a cap in money.
    fn limit(&mut self, of: CapOf, cap: Fen, used: Fen) -> Fen {
        let left = (cap - used).max(Fen::ZERO);
        let amount = self.running.min(left.to_yuan());
        self.change(Step::CapAmount { of, cap, used, left }, amount);
        left
    }

    fn lift(&mut self, minimum: Option<super::Amount>) {
        let Some(minimum) = minimum else { return };
        if self.running > Decimal::ZERO && self.running < minimum.yuan() {
            self.change(Step::Minimum { minimum: minimum.0 }, minimum.yuan());
        }
    }

    fn times_shares(&mut self) {
        let shares = self.claim.coverage.shares;
        if shares > 1 {
            self.change(Step::Shares { shares }, self.running * Decimal::from(shares));
        }
    }

    fn worth(&mut self) -> Fen {
        let Claim { coverage, claim_type, incident_date, .. } = *self.claim;
        let rung = self.liability.rung(&coverage, claim_type, incident_date);
        if let Some((sum, to_day)) = rung.as_ref().and_then(|r| Some((r.amount?, r.to_day))) {
            self.pay(Step::WaitingSum { to_day }, sum.yuan(), "");
            self.times_shares();
            self.accumulated.stays =
                self.stays_left().min(u32::try_from(self.claim.statements.len()).unwrap_or(u32::MAX));
            self.limits(MAX_AMOUNT)
        } else {
            let most = self.gross();
            if let Some((rate, to_day)) = rung.and_then(|r| Some((r.rate?, r.to_day))) {
                self.change(Step::WaitingRate { to_day, rate: rate.percent() }, self.running * rate.0);
            }
            self.limits(most)
        }
    }

    /// The benefit of all stays, or the fixed sum; and the most that rounding may make of it.
    fn gross(&mut self) -> Fen {
        match &self.liability.benefit {
            Benefit::FixedSum(rule) => _ = rule.gross(self),
            Benefit::ClassSum(rule) => _ = rule.gross(self),
            Benefit::GradeSum(rule) => _ = rule.gross(self),
            Benefit::Reimbursement(_) | Benefit::DailyAllowance(_) | Benefit::TierSum(_) => {
                let statements = self.claim.statements;
                let stays = (1..).zip(statements).map(|(number, statement)| self.of_stay(number, statement));
                let total = stays.sum();
                (self.statement, self.running) = (None, total);
                let cap = self.liability.per_stay.amount.map(|cap| cap.0.times(self.claim.coverage.shares));
                return cap.map_or(MAX_AMOUNT, |cap| cap.times(self.accumulated.stays).min(MAX_AMOUNT));
            }
        }
        self.times_shares();
        MAX_AMOUNT
    }

    /// How many stays the caps leave.
    fn stays_left(&self) -> u32 {
        let own = std::iter::once((&self.liability.caps, self.used.stays));
        let all = own.chain(self.groups.iter().map(|(g, used)| (&g.caps, used.stays)));
        all.filter_map(|(caps, used)| Some(caps.stays?.saturating_sub(used))).min().unwrap_or(u32::MAX)
    }

    fn of_stay(&mut self, number: u32, statement: &Statement) -> Decimal {
        (self.statement, self.running) = (usize::try_from(number).ok(), Decimal::ZERO);
        let ordinal = self.used.stays.saturating_add(number);
        let caps = std::iter::once((&self.liability.caps, ordinal - 1));
        let groups = self.groups.iter().map(|(g, used)| (&g.caps, used.stays.saturating_add(number - 1)));
        let full = |(caps, used): (&Caps, u32)| caps.stays.filter(|cap| used >= *cap).map(|cap| (cap, used));
        if let Some((cap, used)) = caps.chain(groups).find_map(full) {
            self.note(Step::StaysUsedUp { cap, used }, Decimal::ZERO);
            return Decimal::ZERO;
        }
        self.accumulated.stays += 1;
        let Claim { claim_type, coverage, .. } = *self.claim;
        let stay = Stay { claim_type, statement, ordinal, renewed: coverage.renewed };
        match &self.liability.benefit {
            Benefit::Reimbursement(rule) => _ = rule.of_one(&stay, self),
            Benefit::DailyAllowance(rule) => _ = rule.of_one(&stay, self),
            Benefit::TierSum(rule) => _ = rule.of_one(&stay, self),
            Benefit::FixedSum(_) | Benefit::ClassSum(_) | Benefit::GradeSum(_) => {}
        }
        self.times_shares();
        let Limits { minimum, amount, .. } = self.liability.per_stay;
        self.lift(minimum);
        if let Some(cap) = amount {
            self.limit(CapOf::Stay, cap.0.times(coverage.shares), Fen::ZERO);
        }
        self.running
    }

    /// Minimum, caps and rounding of the claim, which is at most `left`.
    fn limits(&mut self, mut left: Fen) -> Fen {
        let shares = self.claim.coverage.shares;
        let per_claim = self.liability.per_claim;
        self.lift(per_claim.minimum.or(self.liability.minimum));
        if let Some(cap) = per_claim.amount {
            left = left.min(self.limit(CapOf::Claim, cap.0.times(shares), Fen::ZERO));
        }
        if let Some(cap) = self.liability.caps.amount_for(shares) {
            left = left.min(self.limit(CapOf::Period, cap, self.capped.amount));
        }
        for (group, used) in self.groups.clone() {
            if let Some(cap) = group.caps.amount_for(shares) {
                left = left.min(self.limit(CapOf::Group { group: group.name.clone() }, cap, used.amount));
            }
        }
        let rounded = self.liability.rounding.of(self.running, left);
        if rounded.to_yuan() != self.running {
            self.change(Step::Rounding { to: self.liability.rounding }, rounded.to_yuan());
        }
        rounded
    }
}

impl Rounding {
    /// The rounded amount; where rounding up would pass what a cap leaves, what was computed, to the fen.
    fn of(self, yuan: Decimal, most: Fen) -> Fen {
        let unit = match self {
            Self::Fen => 1,
            Self::Jiao => 10,
            Self::Yuan | Self::YuanDown | Self::YuanUp => 100,
        };
        // What a division left behind the tenth decimal is no part of the amount.
        let units = (yuan * Decimal::ONE_HUNDRED / Decimal::from(unit)).round_dp(10);
        let up = match self {
            Self::YuanDown => units.floor(),
            Self::YuanUp => units.ceil(),
            Self::Fen | Self::Jiao | Self::Yuan => {
                units.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
            }
        };
        let fen = Fen::from_decimal_half_up(up * Decimal::from(unit)).unwrap_or(most);
        if fen <= most { fen } else { Fen::from_yuan(yuan).min(most) }
    }
}

#[cfg(test)]
#[path = "calculate_tests.rs"]
mod tests;
