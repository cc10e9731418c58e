//! Money: integer fen (分), never a float. 1 元 = 100 fen.
use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub},
};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// An amount in fen. Negative only as a difference.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// The largest amount that any field takes: 99,999,999.99 元. Sums of it stay far from the edge of `i64`.
pub const MAX_AMOUNT: Fen = Fen(9_999_999_999);

/// A text that is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Something else than digits with at most one point.
    #[error("not an amount in yuan such as 1234.50")]
    NotANumber,
    /// More than two decimals.
    #[error("more than two decimals")]
    TooManyDecimals,
    /// Beyond [`MAX_AMOUNT`].
    #[error("more than {MAX_AMOUNT}")]
    TooLarge,
}

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads an amount in yuan: `1234`, `1234.5`, `1234.50`; no sign, no separators.
    ///
    /// # Errors
    /// Where the text isn't such an amount.
    pub fn from_yuan_str(text: &str) -> Result<Self, AmountError> {
        let (yuan, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(fraction) {
            return Err(AmountError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(AmountError::TooManyDecimals);
        }
        let yuan: i64 = yuan.parse().map_err(|_| AmountError::TooLarge)?;
        let fen: i64 = format!("{fraction:0<2}").parse().map_err(|_| AmountError::NotANumber)?;
        let amount = yuan.checked_mul(100).and_then(|y| y.checked_add(fen)).map(Self).ok_or(AmountError::TooLarge)?;
        if amount > MAX_AMOUNT { Err(AmountError::TooLarge) } else { Ok(amount) }
    }

    /// The nearest fen, a half away from zero (四舍五入); None beyond what an `i64` holds.
    #[must_use]
    pub fn from_decimal_half_up(fen: Decimal) -> Option<Self> {
        fen.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().map(Self)
    }

    /// The amount as a decimal number of yuan, for use inside a calculation.
    #[must_use]
    pub fn to_yuan(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The nearest fen to an amount in yuan, a half away from zero; the largest amount where it would not fit.
    #[must_use]
    pub fn from_yuan(yuan: Decimal) -> Self {
        let fen = yuan.checked_mul(Decimal::ONE_HUNDRED).and_then(Self::from_decimal_half_up);
        fen.unwrap_or(Self(i64::MAX))
    }

    /// The amount times a whole number; the largest amount where it would not fit.
    #[must_use]
    pub const fn times(self, n: u32) -> Self {
        Self(self.0.saturating_mul(n as i64))
    }

    /// How far the amount is from zero.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The amount in parts by shares of ten thousand (万分比), which come to it to the fen: what is left over by rounding down
    /// goes to the largest remainders, the first of them first.
    #[must_use]
    pub fn split(self, shares: &[u32]) -> Vec<Self> {
        let whole: i64 = shares.iter().map(|s| i64::from(*s)).sum();
        if whole == 0 {
            return vec![Self::ZERO; shares.len()];
        }
        let exact = |share: u32| i128::from(self.0) * i128::from(share);
        let parts = shares.iter().map(|s| i64::try_from(exact(*s) / i128::from(whole)).unwrap_or_default());
        let mut parts: Vec<Self> = parts.map(Self).collect();
        let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
        by_remainder.sort_by_key(|i| std::cmp::Reverse(exact(shares[*i]) % i128::from(whole)));
        let over = self - parts.iter().copied().sum();
        for i in by_remainder.into_iter().take(usize::try_from(over.0).unwrap_or_default()) {
            parts[i] += Self(1);
        }
        parts
    }

    /// The amount in Chinese capitals (大写), as papers carry it: 叁仟贰佰捌拾叁元整.
    #[must_use]
    pub fn in_words(self) -> String {
        crate::capitals::capitals(self)
    }
}

impl Add for Fen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Fen {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Fen {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Fen {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// As the screen shows it: `12,345.67`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let yuan = (magnitude / 100).to_string();
        let mut grouped = String::with_capacity(yuan.len() + yuan.len() / 3);
        for (i, digit) in yuan.chars().enumerate() {
            if i > 0 && (yuan.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{grouped}.{:02}", magnitude % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        for (text, fen) in
            [("0", 0), ("6566", 656_600), ("19066.02", 1_906_602), ("0.5", 50), ("99999999.99", MAX_AMOUNT.0)]
        {
            assert_eq!(Fen::from_yuan_str(text), Ok(Fen(fen)), "{text}");
        }
        for text in ["", "-0.01", "1e9", "1,000", "１", "1.", ".5", " 1", "NaN"] {
            assert_eq!(Fen::from_yuan_str(text), Err(AmountError::NotANumber), "{text}");
        }
        assert_eq!(Fen::from_yuan_str("1.234"), Err(AmountError::TooManyDecimals));
        assert_eq!(Fen::from_yuan_str("100000000.00"), Err(AmountError::TooLarge));
        assert_eq!(Fen::from_yuan_str("99999999999999999999"), Err(AmountError::TooLarge));
    }

    #[test]
    fn amounts_are_shown_with_separators_and_two_decimals() {
        for (fen, text) in
            [(0, "0.00"), (5, "0.05"), (328_300, "3,283.00"), (-1, "-0.01"), (123_456_789, "1,234,567.89")]
        {
            assert_eq!(Fen(fen).to_string(), text);
        }
    }

    #[test]
    fn a_half_fen_is_rounded_up() {
        let half = Decimal::new(12_136_885, 2);
        assert_eq!(Fen::from_decimal_half_up(half), Some(Fen(121_369)));
        assert_eq!(Fen::from_decimal_half_up(Decimal::new(1_213_684_999, 4)), Some(Fen(121_368)));
    }

    #[test]
    fn parts_by_share_come_to_the_whole() {
        assert_eq!(Fen(100).split(&[3333, 3333, 3334]), [Fen(33), Fen(33), Fen(34)]);
        assert_eq!(Fen(101).split(&[5000, 5000]), [Fen(51), Fen(50)]);
        assert_eq!(Fen(6_000_000).split(&[10_000]), [Fen(6_000_000)]);
        assert_eq!(Fen(1).split(&[]), []);
    }

    proptest! {
        #[test]
        fn no_fen_is_lost_between_payees(fen in 0..=MAX_AMOUNT.0, shares in prop::collection::vec(1_u32..=10_000, 1..8)) {
            let parts = Fen(fen).split(&shares);
            prop_assert_eq!(parts.iter().copied().sum::<Fen>(), Fen(fen));
            prop_assert!(parts.iter().all(|p| p.0 >= 0));
        }

        #[test]
        fn what_is_shown_reads_back(fen in 0..=MAX_AMOUNT.0) {
            let shown = Fen(fen).to_string().replace(',', "");
            prop_assert_eq!(Fen::from_yuan_str(&shown), Ok(Fen(fen)));
        }
    }
}
