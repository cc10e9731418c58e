//! Amounts and rates as a plan file writes them: quoted text, so that no float ever stands between the clause and the fen.
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

use super::fault::coded;
use crate::money::{AmountError, Fen};

/// An amount in yuan: `"8000"`, `"0.50"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, pattern = r"^\d{1,8}(\.\d{1,2})?$", example = "8000")]
pub struct Amount(pub Fen);

/// A share from 0 to 1: `"0.50"` or `"50%"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, pattern = r"^(0(\.\d{1,6})?|1(\.0{1,6})?|\d{1,2}(\.\d{1,4})?%|100(\.0{1,4})?%)$", example = "0.50")]
pub struct Rate(pub Decimal);

/// A number of at most six decimals, from −10 to 10: percentage points (`"-0.10"`, `"-10%"`) or a factor (`"0.9"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, pattern = r"^-?\d{1,3}(\.\d{1,6})?%?$", example = "0.9")]
pub struct Factor(pub Decimal);

impl Amount {
    /// In yuan, as a plan file writes it, without separators.
    #[must_use]
    pub fn yuan(&self) -> Decimal {
        Decimal::new(self.0.0, 2)
    }
}

impl Rate {
    /// As a clause writes it: `50%`, `37.5%`.
    #[must_use]
    pub fn percent(&self) -> String {
        percent(self.0)
    }

    /// Whether `part` of `whole` is at least this share.
    #[must_use]
    pub fn is_reached_by(&self, part: u64, whole: u64) -> bool {
        Decimal::from(part) >= self.0 * Decimal::from(whole)
    }
}

/// A share as a percentage: 0.375 is `37.5%`.
pub(super) fn percent(share: Decimal) -> String {
    format!("{}%", (share * Decimal::ONE_HUNDRED).normalize())
}

/// Text, or a whole number: both are exact. A number with a fraction is not.
struct Exact;

impl de::Visitor<'_> for Exact {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number in quotes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<String, E> {
        Ok(n.to_string())
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<String, E> {
        Ok(n.to_string())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(Exact)?;
        Fen::from_yuan_str(&text).map(Self).map_err(|error| {
            let code = match error {
                AmountError::NotANumber => "not_an_amount",
                AmountError::TooManyDecimals => "amount_decimals",
                AmountError::TooLarge => "amount_too_large",
            };
            de::Error::custom(coded(code, &[("text", &text)]))
        })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.yuan().normalize())
    }
}

fn decimal(text: &str, places: usize) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str, max: usize| (1..=max).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    (plain(whole, 3) && plain(fraction, places)).then(|| text.parse().ok()).flatten()
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(Exact)?;
        let read = match text.strip_suffix('%') {
            // No more decimals than the share can be written with.
            Some(percent) => decimal(percent, 4).map(|p| p / Decimal::ONE_HUNDRED),
            None => decimal(&text, 6),
        };
        let rate = read.ok_or_else(|| de::Error::custom(coded("not_a_rate", &[("text", &text)])))?;
        if (Decimal::ZERO..=Decimal::ONE).contains(&rate) {
            Ok(Self(rate))
        } else {
            Err(de::Error::custom(coded("rate_out_of_range", &[("text", &text)])))
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(Exact)?;
        let read = match text.strip_suffix('%') {
            Some(percent) => decimal(percent, 4).map(|p| p / Decimal::ONE_HUNDRED),
            None => decimal(&text, 6),
        };
        match read.filter(|d| d.abs() <= Decimal::TEN) {
            Some(factor) => Ok(Self(factor)),
            None => Err(de::Error::custom(coded("not_a_factor", &[("text", &text)]))),
        }
    }
}

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
