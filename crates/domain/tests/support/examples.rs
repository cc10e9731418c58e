//! Random worked examples that fit a liability.
use chrono::Days;
use huzhu_domain::{
    benefit::{Example, ExampleCoverage, ExampleStatement, ExampleUsage, Liability, Plan},
    statement::{HospitalLevel, InsuranceType},
};
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{amount, day, maybe, pick};

fn statement() -> BoxedStrategy<ExampleStatement> {
    let amounts = prop::collection::vec(maybe(amount()), 10);
    let stay = (1_u32..60, 0..3_u8);
    let kind = (maybe(pick(HospitalLevel::iter().collect())), maybe(pick(InsuranceType::iter().collect())));
    (amounts, stay, kind, any::<bool>(), any::<bool>())
        .prop_map(|(a, (days, how), (hospital_level, insurance_type), non_local, non_local_registered)| {
            let (from, to) = (day("2024-05-01"), day("2024-05-01") + Days::new(u64::from(days)));
            ExampleStatement {
                days: (how != 1).then_some(days),
                admitted_on: (how > 0).then_some(from),
                discharged_on: (how > 0).then_some(to),
                hospital_level,
                insurance_type,
                non_local,
                non_local_registered,
                total: a[0],
                pooled_fund_paid: a[1],
                other_paid: a[2],
                self_pay: a[3],
                deductible: a[4],
                upfront_self_pay: a[5],
                out_of_scope: a[6],
                personal_account_paid: a[7],
                cash_paid: a[8],
                actual_paid: a[9],
            }
        })
        .boxed()
}

fn usage() -> BoxedStrategy<ExampleUsage> {
    (0_u32..4, maybe((0_u32..6).boxed()), maybe(amount()), 0_u32..50, maybe(amount()))
        .prop_map(|(times, stays, amount, days, base)| ExampleUsage { times, stays, amount, days, base })
        .boxed()
}

/// An example of a liability of the plan.
pub fn example(plan: &Plan, liability: &Liability) -> BoxedStrategy<Example> {
    let count = if liability.needs_statements() { 1..4 } else { 0..1 };
    let classes = liability.classes().into_iter().map(|(code, _)| Some(code.to_owned())).collect::<Vec<_>>();
    let class = if classes.is_empty() { Just(None).boxed() } else { pick(classes) };
    let grades = match liability.grades() {
        none if none.is_empty() => Just(Vec::new()).boxed(),
        some => prop::collection::vec(pick(some), 1..4).boxed(),
    };
    let others = plan.liabilities.iter().map(|l| l.code.clone()).filter(|code| *code != liability.code).collect();
    let who = (maybe(pick(liability.claim_types.clone())), maybe((0_u64..300).boxed()), 1_u32..4, any::<bool>());
    let when = (maybe((1_u32..400).boxed()), maybe((0_u64..400).boxed()), maybe((0_u64..400).boxed()));
    let what = (prop::collection::vec(statement(), count), class, grades);
    let used = (maybe(usage()), prop::collection::btree_map(pick(others), usage(), 0..2));
    (who, when, what, used, amount())
        .prop_map(|((claim_type, begins, shares, renewed), (of_period, incident, claimed), what, used, amount)| {
            let from = |n: u64| day("2024-01-01") + Days::new(n);
            let (statements, class, grades) = what;
            Example {
                name: "例 \"一\"".into(),
                claim_type,
                coverage: begins.map(|n| ExampleCoverage { from: from(n), to: from(n + 365) }),
                shares,
                renewed,
                incident_date: incident.filter(|_| of_period.is_none()).map(from),
                day: of_period,
                claimed_on: claimed.map(from),
                statements,
                class,
                grades,
                used: used.0,
                used_by: used.1,
                amount: Some(amount),
            }
        })
        .boxed()
}

/// A plan whose every liability has examples, whatever they come to.
pub fn plan_with_examples() -> BoxedStrategy<Plan> {
    super::plans::plan()
        .prop_flat_map(|plan| {
            let of = |i: usize| prop::collection::vec(example(&plan, &plan.liabilities[i]), 0..3);
            (of(0), of(1), of(2), Just(plan.clone()))
        })
        .prop_map(|(a, b, c, mut plan)| {
            for (liability, examples) in plan.liabilities.iter_mut().zip([a, b, c]) {
                liability.examples = examples;
            }
            plan
        })
        .boxed()
}
