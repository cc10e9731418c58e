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

/// The usage of one coverage, by liability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageBook(BTreeMap<String, Usage>);

impl UsageBook {
    /// What is used of a liability.
    #[must_use]
    pub fn of(&self, liability: &str) -> Usage {
        self.0.get(liability).copied().unwrap_or_default()
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
            self.0.remove(liability);
        } else {
            self.0.insert(liability.to_owned(), usage);
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
