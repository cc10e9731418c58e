//! The usage ledger: what of a coverage's liabilities is used, or set aside for cases on their way.
use std::{collections::BTreeMap, iter::Sum};

use serde::{Deserialize, Serialize};

use super::{Group, Plan};
use crate::money::Fen;

/// Used, or set aside, of one liability in one coverage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// How many claims that paid something.
    pub times: u32,
    /// How many stays (statements), those beyond a cap not counted.
    pub stays: u32,
    /// How much money.
    pub amount: Fen,
    /// How many paid days.
    pub days: u32,
    /// 累计费用: what the rule has counted of the period so far, for what accumulates over it. Of a daily allowance whose
    /// waived days are counted over the period: days of stays, paid or not, one as a yuan.
    pub base: Fen,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            times: self.times.saturating_add(other.times),
            stays: self.stays.saturating_add(other.stays),
            amount: self.amount + other.amount,
            days: self.days.saturating_add(other.days),
            base: self.base + other.base,
        }
    }

    /// This without the other, which is part of it.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            times: self.times.saturating_sub(other.times),
            stays: self.stays.saturating_sub(other.stays),
            amount: self.amount - other.amount,
            days: self.days.saturating_sub(other.days),
            base: self.base - other.base,
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Self::plus)
    }
}

/// What an entry of the ledger adds, or below zero takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageChange {
    /// See [`Usage::times`], as all below.
    pub times: i64,
    /// Stays.
    pub stays: i64,
    /// Money.
    pub amount: Fen,
    /// Paid days.
    pub days: i64,
    /// 累计费用.
    pub base: Fen,
}

impl UsageChange {
    /// What leads from one usage to another.
    #[must_use]
    pub fn between(from: Usage, to: Usage) -> Self {
        let count = |from: u32, to: u32| i64::from(to) - i64::from(from);
        Self {
            times: count(from.times, to.times),
            stays: count(from.stays, to.stays),
            amount: to.amount - from.amount,
            days: count(from.days, to.days),
            base: to.base - from.base,
        }
    }

    /// What of the change takes something: what it gives back is left out.
    #[must_use]
    pub fn taken(self) -> Self {
        Self {
            times: self.times.max(0),
            stays: self.stays.max(0),
            amount: self.amount.max(Fen::ZERO),
            days: self.days.max(0),
            base: self.base.max(Fen::ZERO),
        }
    }
}

/// The usage of one coverage, by liability: what was used before a claim, and what was used after it by claims that came
/// later, where a claim is computed once more at its place (更正). Only caps in money and days look at the later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageBook {
    before: BTreeMap<String, Usage>,
    later: BTreeMap<String, Usage>,
}

impl UsageBook {
    /// This book with what later claims used.
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        Self { before: self.before, later: later.before }
    }

    /// What is used of a liability, later claims included.
    #[must_use]
    pub fn all_of(&self, liability: &str) -> Usage {
        self.of(liability).plus(self.later.get(liability).copied().unwrap_or_default())
    }

    /// What is used of the liabilities of a group together, later claims included.
    #[must_use]
    pub fn all_of_group(&self, group: &Group) -> Usage {
        group.liabilities.iter().map(|code| self.all_of(code)).sum()
    }

    /// What is used of a liability.
    #[must_use]
    pub fn of(&self, liability: &str) -> Usage {
        self.before.get(liability).copied().unwrap_or_default()
    }

    /// What is used of the liabilities of a group together.
    #[must_use]
    pub fn of_group(&self, group: &Group) -> Usage {
        group.liabilities.iter().map(|code| self.of(code)).sum()
    }

    /// Sets something aside (申领提交).
    pub fn reserve(&mut self, liability: &str, usage: Usage) {
        self.set(liability, self.of(liability).plus(usage));
    }

    /// Gives back what was set aside (退回, 不予给付, 撤案).
    pub fn release(&mut self, liability: &str, usage: Usage) {
        self.set(liability, self.of(liability).minus(usage));
    }

    /// A liability of which nothing is used is not in the book: after a release it is as if there had been no claim.
    fn set(&mut self, liability: &str, usage: Usage) {
        if usage == Usage::default() {
            self.before.remove(liability);
        } else {
            self.before.insert(liability.to_owned(), usage);
        }
    }

    /// The other liabilities of the plan that were paid, by code.
    pub fn paid_others<'a>(&'a self, plan: &'a Plan, liability: &'a str) -> impl Iterator<Item = &'a str> {
        let codes = plan.liabilities.iter().map(|l| l.code.as_str());
        codes.filter(move |code| *code != liability && self.of(code).amount > Fen::ZERO)
    }
}

impl FromIterator<(String, Usage)> for UsageBook {
    fn from_iter<I: IntoIterator<Item = (String, Usage)>>(entries: I) -> Self {
        let mut book = Self::default();
        for (liability, usage) in entries {
            book.reserve(&liability, usage);
        }
        book
    }
}
