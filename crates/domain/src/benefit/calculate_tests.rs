use super::*;
use crate::{benefit::Plan, dates::Period, statement::AmountField};

/// Every plan file of the product.
pub(crate) const PLANS: [&str; 9] = [
    include_str!("../../../../plans/harbin-inpatient-2023.toml"),
    include_str!("../../../../plans/harbin-inpatient-2026.toml"),
    include_str!("../../../../plans/beijing-allowance-2026.toml"),
    include_str!("../../../../plans/beijing-female-2024.toml"),
    include_str!("../../../../plans/yueyang-inpatient-2024.toml"),
    include_str!("../../../../plans/weihai-major-2024.toml"),
    include_str!("../../../../plans/guangdong-second-2024.toml"),
    include_str!("../../../../plans/hubei-general-2024.toml"),
    include_str!("../../../../plans/accident-100-2024.toml"),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn self_pay(fen: i64) -> Statement {
    let stay = Period::new(day("2023-10-04"), day("2023-10-11")).unwrap();
    Statement::of(stay, &[(AmountField::SelfPay, Fen(fen))])
}

fn harbin() -> Plan {
    Plan::parse(PLANS[0]).unwrap()
}

fn harbin_pays(statements: &[Statement], incident: &str, claim_type: ClaimType) -> Calculation {
    let plan = harbin();
    let claim = Claim {
        claim_type,
        incident_date: day(incident),
        coverage: Coverage {
            period: Period::new(day("2023-01-31"), day("2023-12-31")).unwrap(),
            shares: 1,
            renewed: false,
        },
        statements,
        class_code: None,
        grades: &[],
        usage: &UsageBook::default(),
    };
    calculate(&plan, plan.liability("inpatient_medical").unwrap(), &claim)
}

#[test]
fn every_example_of_every_plan_comes_out_to_the_fen() {
    for text in PLANS {
        let plan = Plan::parse(text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let results = plan.check_examples();
        for liability in &plan.liabilities {
            assert!(results.iter().any(|r| r.liability == liability.code), "{} {}", plan.code, liability.code);
        }
        for result in results {
            assert!(result.passes(), "{} {result:?}", plan.code);
        }
    }
}

#[test]
fn the_trace_tells_how_the_amount_came_about() {
    let calculation = harbin_pays(&[self_pay(1_906_602)], "2023-10-04", ClaimType::DiseaseInpatient);
    let steps: Vec<(String, i64, String)> = calculation
        .trace
        .iter()
        .map(|s| {
            let kind = serde_json::to_value(&s.step).unwrap()["kind"].as_str().unwrap().to_owned();
            (kind, s.amount.0, s.change.to_string())
        })
        .collect();
    let expected = [
        ("base", 1_906_602, "0"),
        ("band", 953_301, "9533.01"),
        ("cap_amount", 800_000, "-1533.01"),
        ("amount", 800_000, "0"),
    ];
    assert_eq!(steps, expected.map(|(k, a, c)| (k.to_owned(), a, c.to_owned())));
    assert!(calculation.trace.iter().all(|s| s.clause == "第六条"));
}

#[test]
fn a_half_fen_is_rounded_up_once_at_the_end() {
    let two = harbin_pays(&[self_pay(33), self_pay(33)], "2023-10-04", ClaimType::DiseaseInpatient);
    assert_eq!(two.amount, Fen(33), "16.5 + 16.5 fen, not 17 + 17");
}

#[test]
fn the_thirtieth_day_pays_nothing_and_the_thirty_first_pays() {
    let on = |incident, claim_type| harbin_pays(&[self_pay(656_600)], incident, claim_type).amount;
    assert_eq!(on("2023-03-01", ClaimType::DiseaseInpatient), Fen::ZERO);
    assert_eq!(on("2023-03-02", ClaimType::DiseaseInpatient), Fen(328_300));
    assert_eq!(on("2023-03-01", ClaimType::AccidentInpatient), Fen(328_300));
}

#[test]
fn an_incident_outside_the_coverage_pays_nothing_and_says_so() {
    let outside = harbin_pays(&[self_pay(656_600)], "2024-01-01", ClaimType::AccidentInpatient);
    assert_eq!(outside.amount, Fen::ZERO);
    assert!(matches!(&outside.trace[0].step, Step::Refused { reasons } if reasons.len() == 1));
}

#[test]
fn senseless_plans_are_refused_with_line_field_and_code() {
    let fault = |from: &str, to: &str| {
        assert!(PLANS[0].contains(from), "{from}");
        let text = PLANS[0].replacen(from, to, 1);
        let fault = Plan::parse(&text).unwrap_err().swap_remove(0);
        let line = fault.line.and_then(|n| text.lines().nth(n - 1)).unwrap_or_default().to_owned();
        (fault.code, fault.path, line)
    };
    let at = |code: &str, path: &str, line: &str| (code.to_owned(), path.to_owned(), line.to_owned());
    let bands = "liability.0.benefit.reimbursement.bands";
    assert_eq!(
        fault("rate = \"0.50\"", "rate = \"1.50\""),
        at("rate_out_of_range", &format!("{bands}.0.rate"), "bands = [{ rate = \"1.50\" }]")
    );
    assert_eq!(
        fault("bands = [{ rate", "bands = [{ to = \"100\", rate"),
        at("bands_last_open", &format!("{bands}.0.to"), "bands = [{ to = \"100\", rate = \"0.50\" }]")
    );
    assert_eq!(
        fault("base = \"self_pay\"", "base = \"self_paid\""),
        at("formula_word", "liability.0.benefit.reimbursement.base", "base = \"self_paid\"")
    );
    assert_eq!(
        fault("waiting_days", "waiting_dayz"),
        at("unknown_field", "liability.0.waiting_dayz", "waiting_dayz = 30")
    );
    assert_eq!(
        fault("effective_to = \"2025-12-31\"", "effective_to = \"2022-12-31\""),
        at("effective_order", "effective_to", "effective_to = \"2022-12-31\"")
    );
    assert_eq!(
        fault("effective_to = \"2025-12-31\"", "effective_to = \"2025-02-30\""),
        at("not_a_date", "effective_to", "effective_to = \"2025-02-30\"")
    );
    assert_eq!(fault("class = \"mild\"", "class = \"bad\"").0, "example_class_unknown");
}
