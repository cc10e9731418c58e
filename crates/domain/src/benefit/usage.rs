//! What of a liability is used in one coverage.
use std::iter::Sum;

/// Used, or set aside for cases on their way, of one liability in one coverage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How often.
    pub times: u32,
    /// How much money.
    pub amount: crate::money::Fen,
    /// How many paid days.
    pub days: u32,
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |a, b| Self {
            times: a.times.saturating_add(b.times),
            amount: a.amount + b.amount,
            days: a.days.saturating_add(b.days),
        })
    }
}
