//! Amounts and rates as a plan file writes them: quoted text, so that no float ever stands between the clause and the fen.
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

use crate::money::Fen;

/// An amount in yuan: `"8000"`, `"0.50"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Fen);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Fen::from_yuan_str(&text).map(Self).map_err(|e| D::Error::custom(format!("{text:?}: {e}")))
    }
}

/// A share from 0 to 1: `"0.50"` is 50 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub Decimal);

impl Rate {
    /// As a clause writes it: `50%`, `37.5%`.
    #[must_use]
    pub fn percent(&self) -> String {
        format!("{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let rate: Decimal =
            text.parse().map_err(|_| D::Error::custom(format!("{text:?} is no rate such as \"0.50\"")))?;
        if (Decimal::ZERO..=Decimal::ONE).contains(&rate) {
            Ok(Self(rate))
        } else {
            Err(D::Error::custom(format!("rate {text:?} is not between 0 and 1")))
        }
    }
}
