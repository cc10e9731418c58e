//! Calculations per second, with trace, against hand-written functions of the same rules in the same run: one that leaves
//! the same trace (the floor; of the complex rule a copy of its trace), and a bare one, for what a trace costs at all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a benchmark prints its table"
)]
use std::{fs, hint::black_box};

use criterion::{Criterion, Throughput};
use huzhu_domain::{
    benefit::{Calculation, CapOf, Claim, Plan, Quantity, Step, Token, TraceStep, Usage, UsageBook, calculate},
    claim_type::ClaimType,
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{AmountField, HospitalLevel, Statement},
};
use rust_decimal::Decimal;

const HARBIN: &str = include_str!("../../../plans/harbin-inpatient-2023.toml");

/// Everything at once: formula, deductible, accumulating bands, modifiers, limits of stay and claim, caps, a group.
const COMPLEX: &str = r#"
    code = "complex"
    version = "1"
    name = "复杂"
    effective_from = "2023-01-01"
    effective_to = "2023-12-31"
    [[liability]]
    code = "medical"
    name = "住院医疗互助金"
    clause = "第一条"
    claim_types = ["disease_inpatient"]
    waiting = [{ to_day = 30 }, { to_day = 60, rate = "50%" }]
    per_stay = { minimum = "50", amount = "30000" }
    per_claim = { amount = "50000" }
    caps = { times = 5, stays = 9, amount = "80000" }
    rounding = "yuan"
    [liability.benefit.reimbursement]
    base = "self_pay + 0.5 * min(out_of_scope, 20000)"
    deductible = { amount = "500", per = "period" }
    accumulate = "period"
    bands = [
        { to = "5000", rate = "0.30" }, { to = "10000", rate = "0.35" }, { to = "20000", rate = "0.40" },
        { to = "30000", rate = "0.45" }, { rate = "0.50" },
    ]
    modifiers = [
        { when = { stay_from = 2 }, points = "-0.05" },
        { when = { hospital_levels = ["secondary"] }, factor = "1.1" },
    ]
    [[liability]]
    code = "other"
    name = "其他"
    claim_types = ["outpatient"]
    [liability.benefit.fixed_sum]
    amount = "100"
    [[group]]
    code = "all"
    name = "合计"
    liabilities = ["medical", "other"]
    caps = { amount = "90000" }
"#;

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn statement(self_pay: i64) -> Statement {
    let stay = Period::new(day("2023-10-04"), day("2023-10-11")).unwrap();
    let mut statement =
        Statement::of(stay, &[(AmountField::SelfPay, Fen(self_pay)), (AmountField::OutOfScope, Fen(900_000))]);
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

/// Harbin's rule by hand, in integers: half of 个人自付, twice and 8 000 yuan in a period, 30 days of waiting.
fn harbin_bare(claim: &Claim<'_>, used: Usage) -> Fen {
    let waits = claim.coverage.period.ordinal(claim.incident_date).is_none_or(|d| d <= 30) && !claim.coverage.renewed;
    if (waits && !claim.claim_type.is_accident()) || used.times >= 2 {
        return Fen::ZERO;
    }
    let base: i64 = claim.statements.iter().map(|s| s.amount(AmountField::SelfPay).0).sum();
    Fen(((base + 1) / 2).min(800_000 - used.amount.0))
}

/// The same with the same trace.
fn harbin_traced(claim: &Claim<'_>, used: Usage) -> Calculation {
    let mut trace = Vec::with_capacity(8);
    let mut push = |step, statement, amount: Fen, change: i64| {
        let change = Decimal::new(change, 2).normalize();
        trace.push(TraceStep { step, clause: "第六条".to_owned(), statement, amount, change });
    };
    let mut sum = 0;
    for (i, s) in claim.statements.iter().enumerate() {
        let base = s.amount(AmountField::SelfPay);
        let quantity = Quantity::Amount(AmountField::SelfPay);
        let formula = vec![Token::Quantity { quantity, value: Decimal::new(base.0, 2) }];
        push(Step::Base { formula }, Some(i + 1), base, 0);
        let paid = Fen((base.0 + 1) / 2);
        let band = Step::Band { from: Fen::ZERO, to: None, rate: "50%".to_owned(), part: base, whole: false };
        push(band, Some(i + 1), paid, paid.0);
        sum += paid.0;
    }
    let amount = harbin_bare(claim, used);
    let (cap, left) = (Fen(800_000), Fen(800_000 - used.amount.0));
    push(Step::CapAmount { of: CapOf::Period, cap, used: used.amount, left }, None, amount, amount.0 - sum);
    push(Step::Amount {}, None, amount, 0);
    Calculation { amount, usage: Usage { times: 1, stays: 1, amount, ..Usage::default() }, trace }
}

/// The complex rule by hand, without a trace.
fn complex_bare(claim: &Claim<'_>, used: Usage, group: Fen) -> Fen {
    const BANDS: [(i64, i64); 5] = [(500_000, 30), (1_000_000, 35), (2_000_000, 40), (3_000_000, 45), (i64::MAX, 50)];
    let (mut raw, mut total) = (used.base.0, 0);
    for (i, s) in claim.statements.iter().enumerate() {
        let base = s.amount(AmountField::SelfPay).0 + s.amount(AmountField::OutOfScope).0.min(2_000_000) / 2;
        let (from, to) = ((raw - 50_000).max(0), (raw + base - 50_000).max(0));
        raw += base;
        let points = if used.stays as usize + i >= 1 { 5 } else { 0 };
        let factor = if s.hospital_level == HospitalLevel::Secondary { 11 } else { 10 };
        let mut start = 0;
        let mut paid = 0;
        for (end, rate) in BANDS {
            paid += (to.min(end) - from.max(start)).max(0) * (rate - points) * factor;
            start = end;
        }
        let paid = paid / 1000;
        total += if paid > 0 { paid.clamp(5_000, 3_000_000) } else { 0 };
    }
    let total = total.min(5_000_000).min(8_000_000 - used.amount.0).min(9_000_000 - group.0);
    Fen((total + 50) / 100 * 100)
}

fn per_second(group: &str, name: &str) -> f64 {
    let path = format!("{}/../../target/criterion/{group}/{name}/new/estimates.json", env!("CARGO_MANIFEST_DIR"));
    let path = std::env::var("CARGO_TARGET_DIR")
        .map_or(path, |dir| format!("{dir}/criterion/{group}/{name}/new/estimates.json"));
    let read: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    1e9 / read["median"]["point_estimate"].as_f64().unwrap()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let harbin = Plan::parse(HARBIN).unwrap();
    let complex = Plan::parse(COMPLEX).unwrap();
    let (one, three) = ([statement(1_906_602)], [statement(1_906_602), statement(400_000), statement(1_200_000)]);
    let used = Usage { times: 1, stays: 1, amount: Fen(328_300), days: 0, base: Fen(656_600) };
    let mut simple = criterion.benchmark_group("harbin");
    simple.throughput(Throughput::Elements(1));
    let rule = harbin.liability("inpatient_medical").unwrap();
    let book = UsageBook::from_iter([("inpatient_medical".to_owned(), used)]);
    let of_one = claim(&one, &book);
    assert_eq!(calculate(&harbin, rule, &of_one).trace, harbin_traced(&of_one, used).trace, "the floor does the same");
    simple.bench_function("plan", |b| b.iter(|| calculate(&harbin, rule, black_box(&of_one))));
    simple.bench_function("by_hand", |b| b.iter(|| harbin_traced(black_box(&of_one), used)));
    simple.bench_function("by_hand_bare", |b| b.iter(|| harbin_bare(black_box(&of_one), used)));
    simple.finish();
    let mut all = criterion.benchmark_group("complex");
    all.throughput(Throughput::Elements(1));
    let rule = complex.liability("medical").unwrap();
    let book = UsageBook::from_iter([("medical".to_owned(), used)]);
    let of_three = claim(&three, &book);
    assert_eq!(calculate(&complex, rule, &of_three).amount, complex_bare(&of_three, used, used.amount));
    all.bench_function("plan", |b| b.iter(|| calculate(&complex, rule, black_box(&of_three))));
    let trace = calculate(&complex, rule, &of_three).trace;
    let by_hand = || (complex_bare(black_box(&of_three), used, used.amount), trace.clone());
    all.bench_function("by_hand", |b| b.iter(by_hand));
    all.bench_function("by_hand_bare", |b| b.iter(|| complex_bare(black_box(&of_three), used, used.amount)));
    all.finish();
    criterion.final_summary();
    println!("\n{:<34}{:>14}{:>14}{:>9}  target", "what", "per second", "floor", "ratio");
    let line = |what: &str, group: &str, floor: &str, target: &str, ok: &dyn Fn(f64, f64) -> Option<bool>| {
        let (value, floor) = (per_second(group, "plan"), per_second(group, floor));
        let verdict = ok(value, floor / value).map_or("", |ok| if ok { "ok" } else { "short" });
        println!("{what:<34}{value:>14.0}{floor:>14.0}{:>8.1}x  {target} {verdict}", floor / value);
    };
    line("Harbin, with trace", "harbin", "by_hand", "≥ 200,000/s and ≤ 10 × by hand:", &|v, r| {
        Some(v >= 2e5 && r <= 10.0)
    });
    line("Harbin, by hand without trace", "harbin", "by_hand_bare", "(what any trace costs)", &|_, _| None);
    line("complex, 3 stays, trace copied", "complex", "by_hand", "≤ 10 × by hand:", &|_, r| Some(r <= 10.0));
    line("complex, by hand without trace", "complex", "by_hand_bare", "(what any trace costs)", &|_, _| None);
}
