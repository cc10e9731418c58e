//! The base (基数) of a reimbursement: a signed sum of the statement's amounts, written as `self_pay + out_of_scope`.
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{
    money::Fen,
    statement::{AmountField, Statement},
};

/// Whether a term is added or taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Added.
    Plus,
    /// Taken off.
    Minus,
}

/// One amount of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Added or taken off.
    pub sign: Sign,
    /// Which amount.
    pub field: AmountField,
}

/// The sum; never below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Vec<Term>);

impl Base {
    /// Reads `self_pay + out_of_scope - personal_account_paid`.
    ///
    /// # Errors
    /// A sentence saying which word is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut sign = Some(Sign::Plus);
        let spaced = text.replace('+', " + ").replace('-', " - ");
        for word in spaced.split_whitespace() {
            match (word, sign) {
                ("+", None) => sign = Some(Sign::Plus),
                ("-", None) => sign = Some(Sign::Minus),
                (word, Some(given)) => {
                    let field = word.parse().map_err(|_| format!("{word:?} is no amount of a statement"))?;
                    terms.push(Term { sign: given, field });
                    sign = None;
                }
                (word, None) => return Err(format!("+ or - expected before {word:?}")),
            }
        }
        if sign.is_some() { Err(format!("{text:?} ends too early")) } else { Ok(Self(terms)) }
    }

    /// Its terms, in order.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// The sum over one statement, at least zero.
    #[must_use]
    pub fn of(&self, statement: &Statement) -> Fen {
        let signed = self.0.iter().map(|term| match term.sign {
            Sign::Plus => statement.amount(term.field),
            Sign::Minus => -statement.amount(term.field),
        });
        signed.sum::<Fen>().max(Fen::ZERO)
    }
}

impl<'de> Deserialize<'de> for Base {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::Period;

    #[test]
    fn a_sum_is_read_and_never_falls_below_zero() {
        let day = "2023-10-04".parse().unwrap();
        let stay = Period::new(day, day).unwrap();
        let statement = Statement::of(stay, &[(AmountField::SelfPay, Fen(600)), (AmountField::Deductible, Fen(900))]);
        assert_eq!(Base::parse("self_pay").unwrap().of(&statement), Fen(600));
        assert_eq!(Base::parse("self_pay+deductible").unwrap().of(&statement), Fen(1_500));
        assert_eq!(Base::parse("self_pay - deductible").unwrap().of(&statement), Fen::ZERO);
    }

    #[test]
    fn what_is_no_sum_says_where() {
        assert_eq!(Base::parse("self_paid").unwrap_err(), "\"self_paid\" is no amount of a statement");
        assert_eq!(Base::parse("self_pay +").unwrap_err(), "\"self_pay +\" ends too early");
        assert_eq!(Base::parse("self_pay total").unwrap_err(), "+ or - expected before \"total\"");
        assert_eq!(Base::parse("").unwrap_err(), "\"\" ends too early");
    }
}
