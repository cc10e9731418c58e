//! Worked examples inside a plan version: facts → amount. A version whose examples fail can't be used.
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::{Amount, Claim, Liability, Plan, Usage, calculate};
use crate::{
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{AmountField, Statement},
};

/// One example. What it doesn't say is as in the plainest case: one 份, nothing used, long after any waiting period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The statements, each by its amounts; `days` is the length of the stay.
    #[serde(default)]
    pub statements: Vec<ExampleStatement>,
    /// Illness class or grade.
    pub class: Option<String>,
    /// Number of 份.
    #[serde(default = "one")]
    pub shares: u32,
    /// Which day of the coverage the incident falls on, from 1.
    pub day: Option<u32>,
    /// Times used before.
    #[serde(default)]
    pub used_times: u32,
    /// Money used before.
    pub used_amount: Option<Amount>,
    /// Days used before.
    #[serde(default)]
    pub used_days: u32,
    /// 互助金额 that must come out.
    pub amount: Amount,
}

/// A statement of an example.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ExampleStatement {
    /// 住院天数.
    pub days: Option<u32>,
    /// Amounts by field.
    #[serde(flatten)]
    pub amounts: BTreeMap<AmountField, Amount>,
}

/// How an example came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleResult<'a> {
    /// The liability's code.
    pub liability: &'a str,
    /// What the example shows.
    pub name: &'a str,
    /// What must come out.
    pub expected: Fen,
    /// What does.
    pub actual: Fen,
}

impl ExampleResult<'_> {
    /// Whether it came out to the fen.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.expected == self.actual
    }
}

const fn one() -> u32 {
    1
}

impl Plan {
    /// Computes every example of the version.
    #[must_use]
    pub fn check_examples(&self) -> Vec<ExampleResult<'_>> {
        let of = |liability| move |example| run(self.effective_from, liability, example);
        self.liabilities.iter().flat_map(|l| l.examples.iter().map(of(l))).collect()
    }
}

fn run<'a>(start: NaiveDate, liability: &'a Liability, example: &'a Example) -> ExampleResult<'a> {
    let later = |days: u32| start.checked_add_days(Days::new(u64::from(days))).unwrap_or(start);
    let statements: Vec<Statement> = example
        .statements
        .iter()
        .filter_map(|s| {
            let amounts: Vec<(AmountField, Fen)> = s.amounts.iter().map(|(f, a)| (*f, a.0)).collect();
            let stay = Period::new(start, later(s.days.unwrap_or(1)))?;
            Some(Statement::of(stay, &amounts))
        })
        .collect();
    let claim = Claim {
        claim_type: liability.claim_types.first().copied().unwrap_or(crate::claim_type::ClaimType::DiseaseInpatient),
        incident_date: later(example.day.map_or(364, |d| d.saturating_sub(1))),
        coverage: Coverage { period: Period { from: start, to: later(365) }, shares: example.shares, renewed: false },
        statements: &statements,
        class_code: example.class.as_deref(),
        usage: Usage {
            times: example.used_times,
            amount: example.used_amount.map_or(Fen::ZERO, |a| a.0),
            days: example.used_days,
        },
    };
    ExampleResult {
        liability: &liability.code,
        name: &example.name,
        expected: example.amount.0,
        actual: calculate(liability, &claim).amount,
    }
}
