use proptest::prelude::*;

use super::*;
use crate::{benefit::Plan, dates::Period, statement::AmountField};

const PLANS: [&str; 3] = [
    include_str!("../../../../plans/harbin-inpatient-2023.toml"),
    include_str!("../../../../plans/harbin-inpatient-2026.toml"),
    include_str!("../../../../plans/beijing-allowance-2026.toml"),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn self_pay(fen: i64) -> Statement {
    let stay = Period::new(day("2023-10-04"), day("2023-10-11")).unwrap();
    Statement::of(stay, &[(AmountField::SelfPay, Fen(fen))])
}

fn claim(statements: &[Statement], usage: Usage) -> Claim<'_> {
    Claim {
        claim_type: ClaimType::DiseaseInpatient,
        incident_date: day("2023-10-04"),
        coverage: Coverage {
            period: Period::new(day("2023-01-31"), day("2023-12-31")).unwrap(),
            shares: 1,
            renewed: false,
        },
        statements,
        class_code: None,
        usage,
    }
}

fn harbin() -> Plan {
    Plan::parse(PLANS[0]).unwrap()
}

#[test]
fn every_example_of_every_plan_comes_out_to_the_fen() {
    for text in PLANS {
        let plan = Plan::parse(text).unwrap();
        let results = plan.check_examples();
        assert!(!results.is_empty(), "{} has no example", plan.code);
        for result in results {
            assert!(result.passes(), "{} {result:?}", plan.code);
        }
    }
}

/// benefits.md §2, plans of other offices: the shapes are here already, only their files come later.
#[test]
fn bands_with_a_minimum_and_a_cap_come_out_to_the_fen() {
    let text = r#"
        code = "yueyang"
        version = "1"
        name = "岳阳 住院"
        effective_from = "2024-01-01"
        effective_to = "2024-12-31"
        [[liability]]
        code = "inpatient_medical"
        name = "住院医疗互助金"
        claim_types = ["disease_inpatient"]
        minimum = "50"
        caps = { amount = "50000" }
        [liability.benefit]
        shape = "reimbursement"
        base = "self_pay"
        bands = [
            { to = "5000", rate = "0.30" }, { to = "10000", rate = "0.35" }, { to = "20000", rate = "0.40" },
            { to = "30000", rate = "0.45" }, { rate = "0.50" },
        ]
    "#;
    let plan = Plan::parse(text).unwrap();
    let expected = [
        (10_000, 5_000),
        (1_200_000, 405_000),
        (1_906_602, 687_641),
        (10_000_000, 4_675_000),
        (12_000_000, 5_000_000),
        (0, 0),
    ];
    for (cost, paid) in expected {
        let statements = [self_pay(cost)];
        assert_eq!(calculate(&plan.liabilities[0], &claim(&statements, Usage::default())).amount, Fen(paid), "{cost}");
    }
}

#[test]
fn the_trace_tells_how_the_amount_came_about() {
    let statements = [self_pay(1_906_602)];
    let calculation =
        calculate(harbin().liability("inpatient_medical").unwrap(), &claim(&statements, Usage::default()));
    let steps: Vec<(String, i64)> = calculation
        .trace
        .iter()
        .map(|s| (serde_json::to_value(&s.step).unwrap()["kind"].as_str().unwrap().to_owned(), s.amount.0))
        .collect();
    let expected = [("base", 1_906_602), ("band", 953_301), ("cap_amount", 800_000), ("amount", 800_000)];
    assert_eq!(steps, expected.map(|(k, a)| (k.to_owned(), a)));
    assert!(calculation.trace.iter().all(|s| s.clause == "第六条"));
}

#[test]
fn a_half_fen_is_rounded_up_once_at_the_end() {
    let statements = [self_pay(33), self_pay(33)];
    let calculation =
        calculate(harbin().liability("inpatient_medical").unwrap(), &claim(&statements, Usage::default()));
    assert_eq!(calculation.amount, Fen(33), "16.5 + 16.5 fen, not 17 + 17");
}

#[test]
fn the_thirtieth_day_pays_nothing_and_the_thirty_first_pays() {
    let statements = [self_pay(656_600)];
    let on = |incident| Claim { incident_date: day(incident), ..claim(&statements, Usage::default()) };
    let plan = harbin();
    let liability = plan.liability("inpatient_medical").unwrap();
    assert_eq!(calculate(liability, &on("2023-03-01")).amount, Fen::ZERO);
    assert_eq!(calculate(liability, &on("2023-03-02")).amount, Fen(328_300));
    let accident = Claim { claim_type: ClaimType::AccidentInpatient, ..on("2023-03-01") };
    assert_eq!(calculate(liability, &accident).amount, Fen(328_300));
}

proptest! {
    #[test]
    fn no_row_of_claims_is_paid_more_than_the_caps(costs in prop::collection::vec(0_i64..=5_000_000, 1..6)) {
        let plan = harbin();
        let liability = plan.liability("inpatient_medical").unwrap();
        let mut usage = Usage::default();
        for cost in costs {
            let statements = [self_pay(cost)];
            let paid = calculate(liability, &claim(&statements, usage));
            if paid.amount > Fen::ZERO {
                usage = [usage, Usage { times: 1, amount: paid.amount, days: paid.days }].into_iter().sum();
            }
            prop_assert!(paid.amount >= Fen::ZERO && paid.amount.0 <= cost.div_euclid(2) + 1);
        }
        prop_assert!(usage.times <= 2 && usage.amount <= Fen(800_000));
    }

    #[test]
    fn the_last_step_of_a_trace_is_the_amount(cost in 0_i64..=9_999_999_999) {
        let statements = [self_pay(cost)];
        let result = calculate(harbin().liability("inpatient_medical").unwrap(), &claim(&statements, Usage::default()));
        prop_assert_eq!(result.trace.last().map(|s| s.amount), Some(result.amount));
    }
}

#[test]
fn senseless_plans_are_refused_with_the_place() {
    let swap = |from: &str, to: &str| {
        assert!(PLANS[0].contains(from), "{from}");
        Plan::parse(&PLANS[0].replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert!(swap("rate = \"0.50\"", "rate = \"1.50\"").contains("not between 0 and 1"));
    assert!(swap("bands = [{ rate", "bands = [{ to = \"100\", rate").contains("the last one must have no `to`"));
    assert!(swap("base = \"self_pay\"", "base = \"self_paid\"").contains("\"self_paid\" is no amount"));
    assert!(swap("waiting_days", "waiting_dayz").contains("unknown field"));
    assert!(swap("effective_to = \"2023-12-31\"", "effective_to = \"2022-12-31\"").contains("before effective_from"));
}
