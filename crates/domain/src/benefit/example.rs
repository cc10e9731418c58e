//! Worked examples inside a plan version, and facts from outside: the same form. A version whose examples fail can't be
//! published.
use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Amount, Calculation, Claim, ExampleCoverage, ExampleStatement, ExampleUsage, Fault, Liability, Plan, UsageBook,
    calculate, fault, fault::Faults,
};
use crate::{
    claim_type::ClaimType, coverage::Coverage, dates::Period, enrolment::MAX_SHARES, money::Fen, statement::Statement,
};

/// Facts of a claim, and the amount that must come out. What isn't said is as in the plainest case: one 份, nothing used, a
/// coverage of one year from the version's first day, an incident on its last day, 三级, 职工医保.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// 申领类型; the liability's first when it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_type: Option<ClaimType>,
    /// 保障区间.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<ExampleCoverage>,
    /// Number of 份.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub shares: u32,
    /// Whether the coverage follows the one before without a gap.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renewed: bool,
    /// 出险日期; or `day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_date: Option<NaiveDate>,
    /// Which day of the coverage the incident falls on, from 1; or `incident_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// 受理日期, for the 申领期限.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_on: Option<NaiveDate>,
    /// 结算单.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<ExampleStatement>,
    /// Class of illness, by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Disability grades of all injuries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<u32>,
    /// What was used of the liability before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<ExampleUsage>,
    /// What was used of other liabilities before, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used_by: BTreeMap<String, ExampleUsage>,
    /// 互助金额 that must come out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(n: &u32) -> bool {
    *n == 1
}

/// How an example came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleResult<'a> {
    /// The liability's code.
    pub liability: &'a str,
    /// Its place among the liability's examples, from 0.
    pub index: usize,
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

impl Plan {
    /// Computes every example of the version.
    #[must_use]
    pub fn check_examples(&self) -> Vec<ExampleResult<'_>> {
        let mut out = Vec::new();
        for liability in &self.liabilities {
            for (index, example) in liability.examples.iter().enumerate() {
                let actual = example.calculate(self, liability).map_or(Fen::ZERO, |c| c.amount);
                let expected = example.amount.map_or(Fen::ZERO, |a| a.0);
                out.push(ExampleResult { liability: &liability.code, index, name: &example.name, expected, actual });
            }
        }
        out
    }
}

/// What is wrong with an example of a plan version.
pub(super) fn check(example: &Example, plan: &Plan, liability: &Liability, faults: &mut Faults) {
    faults.when(example.name.trim().is_empty(), "name", "name_empty");
    faults.when(example.amount.is_none(), "amount", "example_amount");
    for (field, code, args) in example.wrong(plan, liability) {
        let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
        faults.add(&field, code, &args);
    }
}

type Wrong = (String, &'static str, Vec<(&'static str, String)>);

impl Example {
    /// Reads facts from JSON.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn from_json(text: &str) -> Result<Self, Fault> {
        let text = text.trim_start_matches('\u{feff}');
        // A list would be taken for the fields in their order.
        if !text.trim_start().starts_with('{') {
            return Err(Fault::at("", "wrong_type", &[("expected", "table")]));
        }
        serde_json::from_str(text).map_err(|e| fault::of_json(&e))
    }

    fn period(&self, plan: &Plan) -> Option<Period> {
        match self.coverage {
            Some(given) => Period::new(given.from, given.to),
            None => {
                let to = plan.effective_from.checked_add_months(Months::new(12)).and_then(|d| d.pred_opt());
                Period::new(plan.effective_from, to?)
            }
        }
    }

    fn incident(&self, period: Period) -> NaiveDate {
        let on_day = |day: u32| period.from.checked_add_days(Days::new(u64::from(day.saturating_sub(1))));
        self.incident_date.or_else(|| self.day.and_then(on_day)).unwrap_or(period.to)
    }

    fn wrong(&self, plan: &Plan, liability: &Liability) -> Vec<Wrong> {
        let mut out: Vec<Wrong> = Vec::new();
        let Some(period) = self.period(plan) else {
            return vec![("coverage.to".to_owned(), "effective_order", Vec::new())];
        };
        let mut add = |wrong: bool, field: &str, code: &'static str, name: &str| {
            if wrong {
                out.push((field.to_owned(), code, vec![("name", name.to_owned())]));
            }
        };
        let (from, to) = (plan.effective_from.to_string(), plan.effective_to.to_string());
        add(!plan.covers(period.from), "coverage.from", "example_version", &format!("{from} ~ {to}"));
        add(!(1..=MAX_SHARES).contains(&self.shares), "shares", "example_shares", "");
        add(self.day.is_some() && self.incident_date.is_some(), "day", "example_day_twice", "");
        add(self.day.is_some_and(|d| !(1..=36_600).contains(&d)), "day", "example_days", "");
        let other_type = self.claim_type.filter(|t| !liability.claim_types.contains(t));
        add(other_type.is_some(), "claim_type", "example_claim_type", other_type.map_or("", Into::into));
        let (classes, grades) = (liability.classes(), liability.grades());
        let class = self.class.as_deref();
        add(class.is_none() && !classes.is_empty(), "class", "example_class_missing", &codes(&classes));
        let unknown = class.is_some_and(|code| classes.iter().all(|(known, _)| *known != code));
        add(unknown && classes.is_empty(), "class", "example_no_classes", "");
        add(unknown && !classes.is_empty(), "class", "example_class_unknown", &codes(&classes));
        add(!self.grades.is_empty() && grades.is_empty(), "grades", "example_no_grades", "");
        add(!self.statements.is_empty() && !liability.needs_statements(), "statements", "example_no_statements", "");
        let known: Vec<String> = grades.iter().map(ToString::to_string).collect();
        add(self.grades.is_empty() && !grades.is_empty(), "grades", "example_grades_missing", &known.join(", "));
        add(
            !grades.is_empty() && self.grades.iter().any(|g| !grades.contains(g)),
            "grades",
            "example_grade_unknown",
            &known.join(", "),
        );
        add(self.statements.is_empty() && liability.needs_statements(), "statements", "example_statements", "");
        add(self.statements.len().max(self.grades.len()) > 100, "statements", "too_many", "");
        for code in self.used_by.keys() {
            add(plan.liability(code).is_none() || *code == liability.code, "used_by", "group_unknown", code);
        }
        let incident = self.incident(period);
        for (i, statement) in self.statements.iter().enumerate() {
            if let Err(code) = statement.stay(incident) {
                add(true, &format!("statements.{i}"), code, "");
            }
        }
        out
    }

    /// Computes the benefit of the facts.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn calculate(&self, plan: &Plan, liability: &Liability) -> Result<Calculation, Vec<Fault>> {
        let faults: Vec<Fault> = self
            .wrong(plan, liability)
            .into_iter()
            .map(|(field, code, args)| {
                let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
                Fault::at(field, code, &args)
            })
            .collect();
        let Some(period) = self.period(plan).filter(|_| faults.is_empty()) else { return Err(faults) };
        let incident_date = self.incident(period);
        let statements: Vec<Statement> =
            self.statements.iter().filter_map(|s| s.statement(incident_date).ok()).collect();
        let used = self.used.iter().map(|u| (liability.code.clone(), u.usage()));
        let usage: UsageBook = used.chain(self.used_by.iter().map(|(code, u)| (code.clone(), u.usage()))).collect();
        let claim = Claim {
            claim_type: self
                .claim_type
                .or(liability.claim_types.first().copied())
                .unwrap_or(ClaimType::DiseaseInpatient),
            incident_date,
            coverage: Coverage { period, shares: self.shares, renewed: self.renewed },
            statements: &statements,
            class_code: self.class.as_deref(),
            grades: &self.grades,
            usage: &usage,
        };
        Ok(calculate(plan, liability, &claim))
    }

    /// The last day on which the claim was in time, where the facts name the day of the claim and it was late.
    #[must_use]
    pub fn late_since(&self, plan: &Plan, liability: &Liability) -> Option<NaiveDate> {
        let incident = self.incident(self.period(plan)?);
        let statements: Vec<Statement> = self.statements.iter().filter_map(|s| s.statement(incident).ok()).collect();
        let last = liability.deadline?.last_day(incident, &statements)?;
        self.claimed_on.filter(|day| *day > last).map(|_| last)
    }
}

fn codes(classes: &[(&str, &str)]) -> String {
    let codes: Vec<&str> = classes.iter().map(|(code, _)| *code).collect();
    codes.join(", ")
}
