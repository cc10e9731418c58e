//! Calculations per second, with trace, of plans as data, against functions that are written by hand for the same rules, in
//! the same run: one that leaves the same trace, which is the floor, and a bare one, for what any trace costs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a benchmark prints its table"
)]

mod by_hand;

use std::{fs, hint::black_box, path::PathBuf};

use by_hand::{combined, harbin};
use criterion::Criterion;
use huzhu_domain::{
    benefit::{Benefit, Calculation, Claim, Plan, Usage, UsageBook, calculate},
    claim_type::ClaimType,
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{AmountField, HospitalLevel, Statement},
};

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn statement(self_pay: i64) -> Statement {
    let stay = Period::new(day("2023-10-04"), day("2023-10-11")).unwrap();
    let amounts = [(AmountField::SelfPay, Fen(self_pay)), (AmountField::OutOfScope, Fen(900_000))];
    let mut statement = Statement::of(stay, &amounts);
    statement.hospital_level = HospitalLevel::Secondary;
    statement
}

fn claim<'a>(statements: &'a [Statement], usage: &'a UsageBook) -> Claim<'a> {
    let period = Period::new(day("2023-01-31"), day("2023-12-31")).unwrap();
    Claim {
        claim_type: ClaimType::DiseaseInpatient,
        incident_date: day("2023-10-04"),
        coverage: Coverage { period, shares: 1, renewed: false },
        statements,
        class_code: None,
        grades: &[],
        usage,
    }
}

/// Measures one rule: as data, by hand with the same trace, by hand without.
fn measure(
    criterion: &mut Criterion,
    name: &str,
    as_data: impl Fn() -> Calculation,
    traced: impl Fn() -> Calculation,
    bare: impl Fn() -> Fen,
) {
    assert_eq!(as_data(), traced(), "{name}: the floor does not do the same");
    assert_eq!(as_data().amount, bare(), "{name}: the bare floor does not come to the same");
    let mut group = criterion.benchmark_group(name);
    group.bench_function("as_data", |b| b.iter(&as_data));
    group.bench_function("same_trace", |b| b.iter(&traced));
    group.bench_function("no_trace", |b| b.iter(&bare));
    group.finish();
}

fn estimates(group: &str, name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "../../target".into(), PathBuf::from);
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(target);
    target.join("criterion").join(group).join(name).join("new").join("estimates.json")
}

/// The median's rate; None where it was not measured in this run.
fn per_second(group: &str, name: &str) -> Option<f64> {
    let read: serde_json::Value = serde_json::from_str(&fs::read_to_string(estimates(group, name)).ok()?).ok()?;
    Some(1e9 / read["median"]["point_estimate"].as_f64()?)
}

const GROUPS: [(&str, &str); 2] = [("Harbin, 1 stay", "harbin"), ("combined, 3 stays", "combined")];
const FLOORS: [(&str, &str); 2] = [("the same trace", "same_trace"), ("no trace", "no_trace")];

fn print_table() {
    println!(
        "\n{:<20}{:>12}  {:<16}{:>13}{:>8}  target",
        "with trace", "per second", "by hand with", "per second", "ratio"
    );
    for (title, group) in GROUPS {
        for (floor_title, floor) in FLOORS {
            let (Some(value), Some(floor_value)) = (per_second(group, "as_data"), per_second(group, floor)) else {
                continue;
            };
            let ratio = floor_value / value;
            let verdict = |ok: bool| if ok { "ok" } else { "short" };
            let target = match (group, floor) {
                ("harbin", "same_trace") => {
                    format!("≥ 200,000/s and ≤ 10 ×: {}", verdict(value >= 200_000.0 && ratio <= 10.0))
                }
                ("combined", "same_trace") => format!("≤ 10 ×: {}", verdict(ratio <= 10.0)),
                _ => "none: what any trace costs".to_owned(),
            };
            println!("{title:<20}{value:>12.0}  {floor_title:<16}{floor_value:>13.0}{ratio:>7.1}×  {target}");
        }
    }
}

fn main() {
    for (_, group) in GROUPS {
        for name in ["as_data", "same_trace", "no_trace"] {
            // What an earlier run measured is no part of this one's table.
            let _ = fs::remove_file(estimates(group, name));
        }
    }
    let mut criterion = Criterion::default().configure_from_args();
    let used = Usage { times: 1, stays: 1, amount: Fen(328_300), days: 0, base: Fen(656_600) };

    let plan = Plan::parse(include_str!("../../../plans/harbin-inpatient-2023.toml")).unwrap();
    let rule = plan.liability("inpatient_medical").unwrap();
    let (one, book) = ([statement(1_906_601)], UsageBook::from_iter([("inpatient_medical".to_owned(), used)]));
    let of_one = claim(&one, &book);
    measure(
        &mut criterion,
        "harbin",
        || calculate(&plan, rule, black_box(&of_one)),
        || harbin::traced(black_box(&of_one), used),
        || harbin::bare(black_box(&of_one), used),
    );

    let plan = Plan::parse(include_str!("../tests/golden/combined.toml")).unwrap();
    let rule = plan.liability("medical").unwrap();
    let Benefit::Reimbursement(reimbursement) = &rule.benefit else { panic!("a reimbursement") };
    let modifiers = [reimbursement.modifiers[0].clone(), reimbursement.modifiers[1].clone()];
    let three = [statement(1_906_602), statement(400_000), statement(1_200_000)];
    let book = UsageBook::from_iter([("medical".to_owned(), used)]);
    let of_three = claim(&three, &book);
    measure(
        &mut criterion,
        "combined",
        || calculate(&plan, rule, black_box(&of_three)),
        || combined::traced(black_box(&of_three), used, used.amount, &modifiers),
        || combined::bare(black_box(&of_three), used, used.amount),
    );
    criterion.final_summary();
    // As a test (`cargo test --benches`) each runs once and nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") {
        print_table();
    }
}
