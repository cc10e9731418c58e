//! The quantity that a rule is laid on, written as a formula over the statement's numbers: `self_pay + 0.5 * out_of_scope`.
//!
//! It knows numbers, the quantities of [`Quantity`], `+ - *`, brackets, `min(a, b)` and `max(a, b)`, and nothing else: no
//! loops, no names of its own, nothing to reach for. Its length and depth are bounded, so its time is. Amounts are yuan.
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use utoipa::ToSchema;

use super::fault::coded;
use crate::statement::{AmountField, Statement};

/// The longest formula, in bytes.
const MAX_LENGTH: usize = 200;
/// How deep brackets may stand in each other.
const MAX_DEPTH: usize = 12;
/// No amount that a formula makes is larger; far above every real one, and far from the edge of a decimal.
const MAX_YUAN: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// A number that a formula may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// An amount of the statement, as entered.
    Amount(AmountField),
    /// 医保范围内费用: 结算总金额 − 全额自费.
    InScope,
    /// 按比例自付: 个人自付 − 起付线 − 先行自付.
    ProportionalSelfPay,
    /// 各项保险支付后的余额: 结算总金额 − 统筹基金支付 − 其他支付.
    Remainder,
    /// 住院天数.
    Days,
}

impl Quantity {
    /// The names that aren't fields of the statement.
    const DERIVED: [(&'static str, Self); 4] = [
        ("in_scope", Self::InScope),
        ("proportional_self_pay", Self::ProportionalSelfPay),
        ("remainder", Self::Remainder),
        ("days", Self::Days),
    ];

    /// The stable name, as a formula writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amount(field) => field.into(),
            other => Self::DERIVED.iter().find(|(_, q)| *q == other).map_or("", |(name, _)| name),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let derived = Self::DERIVED.iter().find(|(name, _)| *name == word).map(|(_, q)| *q);
        derived.or_else(|| word.parse().ok().map(Self::Amount))
    }

    /// Its value in yuan, or in days. Never below zero.
    #[must_use]
    pub fn of(self, statement: &Statement) -> Decimal {
        use AmountField as A;
        let fen = |field: AmountField| statement.amount(field).0;
        let value = match self {
            Self::Amount(field) => fen(field),
            Self::InScope => fen(A::Total) - fen(A::OutOfScope),
            Self::ProportionalSelfPay => fen(A::SelfPay) - fen(A::Deductible) - fen(A::UpfrontSelfPay),
            Self::Remainder => fen(A::Total) - fen(A::PooledFundPaid) - fen(A::OtherPaid),
            Self::Days => return Decimal::from(statement.days()),
        };
        Decimal::new(value.max(0), 2)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| D::Error::custom(coded("formula_word", &[("word", &word)])))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Number(Decimal),
    Quantity(Quantity),
    Sum(Box<Self>, Box<Self>),
    Difference(Box<Self>, Box<Self>),
    Product(Box<Self>, Box<Self>),
    Least(Box<Self>, Box<Self>),
    Greatest(Box<Self>, Box<Self>),
}

impl Node {
    fn of(&self, statement: &Statement) -> Decimal {
        let value = match self {
            Self::Number(n) => return *n,
            Self::Quantity(q) => return q.of(statement),
            Self::Sum(a, b) => a.of(statement).checked_add(b.of(statement)),
            Self::Difference(a, b) => a.of(statement).checked_sub(b.of(statement)),
            Self::Product(a, b) => a.of(statement).checked_mul(b.of(statement)),
            Self::Least(a, b) => return a.of(statement).min(b.of(statement)),
            Self::Greatest(a, b) => return a.of(statement).max(b.of(statement)),
        };
        value.unwrap_or(MAX_YUAN).clamp(-MAX_YUAN, MAX_YUAN)
    }
}

/// A piece of a formula as it is written, with its value where it is a quantity: what the trace shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Token {
    /// A number of the statement.
    Quantity {
        /// Which one.
        quantity: Quantity,
        /// Yuan, or days.
        value: Decimal,
    },
    /// A number, an operator, a bracket.
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lexeme {
    Number(Decimal),
    Word(String),
    Sign(char),
}

/// A formula that was read and found good.
#[derive(Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "self_pay + out_of_scope")]
pub struct Formula(Read);

#[derive(Clone, PartialEq, Eq)]
struct Read {
    text: String,
    lexemes: Vec<Lexeme>,
    root: Node,
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Formula({})", self.0.text)
    }
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// What is wrong with it, coded.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(coded("formula_too_long", &[("max", &MAX_LENGTH.to_string())]));
        }
        let lexemes = lexemes(text)?;
        let mut parser = Parser { lexemes: &lexemes, at: 0, depth: 0 };
        let root = parser.sum()?;
        match parser.lexemes.get(parser.at) {
            None => Ok(Self(Read { text: text.to_owned(), lexemes, root })),
            Some(_) => Err(parser.unexpected()),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Its value for one statement: yuan (or days), never below zero.
    #[must_use]
    pub fn of(&self, statement: &Statement) -> Decimal {
        self.0.root.of(statement).max(Decimal::ZERO)
    }

    /// The formula with the statement's numbers.
    #[must_use]
    pub fn tokens(&self, statement: &Statement) -> Vec<Token> {
        self.pieces(|quantity| Token::Quantity { quantity, value: quantity.of(statement) })
    }

    /// The formula by its pieces: what `of` makes of the quantities, the rest as text.
    pub fn pieces<T: From<String>>(&self, of: impl Fn(Quantity) -> T) -> Vec<T> {
        let piece = |lexeme: &Lexeme| match lexeme {
            Lexeme::Number(n) => T::from(n.to_string()),
            Lexeme::Word(word) => Quantity::parse(word).map_or_else(|| T::from(word.clone()), &of),
            Lexeme::Sign(sign) => T::from(sign.to_string()),
        };
        self.0.lexemes.iter().map(piece).collect()
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

fn lexemes(text: &str) -> Result<Vec<Lexeme>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            let length = run(|c| c.is_ascii_digit() || c == '.');
            let word = &rest[..length];
            let number = word.parse::<Decimal>().ok().filter(|n| *n <= MAX_YUAN && n.scale() <= 6);
            out.push(Lexeme::Number(number.ok_or_else(|| coded("formula_number", &[("word", word)]))?));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = run(|c| c.is_alphanumeric() || c == '_');
            out.push(Lexeme::Word(rest[..length].to_owned()));
            length
        } else if "+-*(),".contains(first) {
            out.push(Lexeme::Sign(first));
            1
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            return Err(coded("formula_sign", &[("word", &first.to_string())]));
        };
        rest = &rest[length..];
    }
    Ok(out)
}

struct Parser<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn unexpected(&self) -> String {
        match self.lexemes.get(self.at) {
            None => coded("formula_ends", &[]),
            Some(Lexeme::Number(n)) => coded("formula_unexpected", &[("word", &n.to_string())]),
            Some(Lexeme::Word(word)) => coded("formula_unexpected", &[("word", word)]),
            Some(Lexeme::Sign(sign)) => coded("formula_unexpected", &[("word", &sign.to_string())]),
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.lexemes.get(self.at) == Some(&Lexeme::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn sum(&mut self) -> Result<Node, String> {
        let mut left = self.product()?;
        loop {
            if self.sign('+') {
                left = Node::Sum(Box::new(left), Box::new(self.product()?));
            } else if self.sign('-') {
                left = Node::Difference(Box::new(left), Box::new(self.product()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Node, String> {
        let mut left = self.value()?;
        while self.sign('*') {
            left = Node::Product(Box::new(left), Box::new(self.value()?));
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Node, String> {
        let lexeme = self.lexemes.get(self.at).cloned().ok_or_else(|| self.unexpected())?;
        match lexeme {
            Lexeme::Number(n) => {
                self.at += 1;
                Ok(Node::Number(n))
            }
            Lexeme::Word(word) if word == "min" || word == "max" => {
                self.at += 1;
                self.inside(|parser| {
                    let first = parser.sum()?;
                    parser.expect(',')?;
                    let (first, second) = (Box::new(first), Box::new(parser.sum()?));
                    Ok(if word == "min" { Node::Least(first, second) } else { Node::Greatest(first, second) })
                })
            }
            Lexeme::Word(word) => {
                let quantity = Quantity::parse(&word).ok_or_else(|| coded("formula_word", &[("word", &word)]))?;
                self.at += 1;
                Ok(Node::Quantity(quantity))
            }
            Lexeme::Sign('(') => self.inside(Self::sum),
            Lexeme::Sign(_) => Err(self.unexpected()),
        }
    }

    fn inside(&mut self, read: impl FnOnce(&mut Self) -> Result<Node, String>) -> Result<Node, String> {
        self.expect('(')?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(coded("formula_too_deep", &[("max", &MAX_DEPTH.to_string())]));
        }
        let node = read(self)?;
        self.depth -= 1;
        self.expect(')')?;
        Ok(node)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dates::Period, money::Fen};

    fn value(formula: &str) -> String {
        let day = "2023-10-04".parse().unwrap();
        let stay = Period::new(day, day).unwrap();
        let amounts = [
            (AmountField::Total, 450_000),
            (AmountField::PooledFundPaid, 360_000),
            (AmountField::SelfPay, 60_000),
            (AmountField::Deductible, 20_000),
            (AmountField::OutOfScope, 30_000),
        ];
        let statement = Statement::of(stay, &amounts.map(|(field, fen)| (field, Fen(fen))));
        Formula::parse(formula).unwrap().of(&statement).normalize().to_string()
    }

    #[test]
    fn a_formula_is_worth_what_it_says() {
        let table = [
            ("self_pay", "600"),
            ("self_pay+out_of_scope", "900"),
            ("self_pay + 0.5 * out_of_scope", "750"),
            ("2 * (self_pay - deductible)", "800"),
            ("self_pay - total", "0"),
            ("min(self_pay, 100) + max(self_pay, total)", "4600"),
            ("in_scope", "4200"),
            ("remainder", "900"),
            ("proportional_self_pay", "400"),
            ("days * 40", "40"),
            ("100 - 50 - 20", "30"),
        ];
        for (formula, expected) in table {
            assert_eq!(value(formula), expected, "{formula}");
        }
    }

    #[test]
    fn what_is_no_formula_says_why() {
        let table = [
            ("self_paid", "formula_word", "self_paid"),
            ("self_pay +", "formula_ends", ""),
            ("", "formula_ends", ""),
            ("self_pay total", "formula_unexpected", "total"),
            ("self_pay ^ 2", "formula_sign", "^"),
            ("system(1)", "formula_word", "system"),
            ("1.2.3", "formula_number", "1.2.3"),
            ("9999999999", "formula_number", "9999999999"),
            ("min(1)", "formula_unexpected", ")"),
        ];
        for (formula, code, word) in table {
            let error: serde_json::Value = serde_json::from_str(&Formula::parse(formula).unwrap_err()).unwrap();
            assert_eq!((error["code"].as_str(), error["args"]["word"].as_str().unwrap_or("")), (Some(code), word));
        }
    }

    #[test]
    fn length_depth_and_size_are_bounded() {
        assert!(Formula::parse(&"(".repeat(150)).unwrap_err().contains("formula_too_deep"));
        assert!(Formula::parse(&"1+".repeat(150)).unwrap_err().contains("formula_too_long"));
        let huge = format!("total{}", " * 1000000000".repeat(11));
        assert_eq!(value(&huge), "1000000000");
    }
}
