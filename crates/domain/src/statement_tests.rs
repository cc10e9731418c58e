use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn stay(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).unwrap()
}

/// benefits.md §3: 4 500 = 3 600 统筹 + 600 自付 + 300 自费.
fn balanced() -> StatementDraft {
    StatementDraft {
        hospital: "哈尔滨医科大学附属第一医院".into(),
        hospital_level: Some(HospitalLevel::Tertiary),
        insurance_type: Some(InsuranceType::Employee),
        admitted_on: Some(day("2023-10-04")),
        discharged_on: Some(day("2023-10-11")),
        total_fen: Some(Fen(450_000)),
        pooled_fund_paid_fen: Some(Fen(360_000)),
        self_pay_fen: Some(Fen(60_000)),
        out_of_scope_fen: Some(Fen(30_000)),
        cash_paid_fen: Some(Fen(90_000)),
        invoice_no: "F001".into(),
        ..StatementDraft::default()
    }
}

fn coverage() -> Period {
    stay("2023-01-31", "2023-12-31")
}

fn problems(draft: &StatementDraft) -> Vec<String> {
    let blockers = draft.parse(0, day("2023-11-01")).unwrap_err();
    let text = |b: &Blocker| match b {
        Blocker::FieldWrong { field, problem } => format!("{}: {problem}", field.trim_start_matches("statements.0.")),
        other => panic!("{other:?}"),
    };
    blockers.iter().map(text).collect()
}

fn warned(draft: &StatementDraft, others: &[Earlier]) -> Vec<Warning> {
    warnings(&draft.parse(0, day("2023-11-01")).unwrap(), coverage(), others)
}

#[test]
fn a_statement_that_balances_is_accepted_without_a_word() {
    assert_eq!(warned(&balanced(), &[]), []);
    assert_eq!(balanced().stay_days(), Some(7));
}

#[test]
fn every_missing_field_is_named() {
    assert_eq!(
        problems(&StatementDraft::default()),
        [
            "hospital: required",
            "hospital_level: required",
            "insurance_type: required",
            "admitted_on: required",
            "discharged_on: required",
            "total_fen: required",
            "pooled_fund_paid_fen: required",
            "self_pay_fen: required",
            "out_of_scope_fen: required",
            "cash_paid_fen: required",
        ]
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let cases = [
        (StatementDraft { self_pay_fen: Some(Fen(-1)), ..balanced() }, "self_pay_fen: negative"),
        (StatementDraft { total_fen: Some(Fen(100_000_000_000_000)), ..balanced() }, "total_fen: too_large"),
        (StatementDraft { discharged_on: Some(day("2023-10-03")), ..balanced() }, "discharged_on: before_start"),
        (StatementDraft { discharged_on: Some(day("2023-11-02")), ..balanced() }, "discharged_on: in_future"),
        (StatementDraft { deductible_fen: Some(Fen(60_001)), ..balanced() }, "self_pay_fen: less_than_parts"),
    ];
    for (draft, problem) in cases {
        assert_eq!(problems(&draft), [problem]);
    }
}

#[test]
fn a_difference_of_one_fen_is_tolerated_two_are_named() {
    let off_by = |fen: i64| StatementDraft { total_fen: Some(Fen(450_000 + fen)), ..balanced() };
    assert_eq!(warned(&off_by(1), &[]), []);
    assert_eq!(warned(&off_by(2), &[]), [Warning::TotalMismatch { difference: Fen(2) }]);
    let paid = StatementDraft { cash_paid_fen: Some(Fen(80_000)), ..balanced() };
    assert_eq!(warned(&paid, &[]), [Warning::PaymentMismatch { difference: Fen(10_000) }]);
}

#[test]
fn a_stay_that_leaves_the_coverage_is_named() {
    let early = StatementDraft { admitted_on: Some(day("2023-01-30")), ..balanced() };
    assert_eq!(warned(&early, &[]), [Warning::StayOutsideCoverage {}]);
}

#[test]
fn overlapping_stays_and_papers_seen_before_are_named_with_their_case() {
    let other = |from, to, invoice: &str| Earlier {
        case_no: "CL1".into(),
        stay: Some(stay(from, to)),
        invoice_no: invoice.into(),
    };
    let overlap = Warning::StayOverlaps { case_no: "CL1".into() };
    let seen = Warning::InvoiceSeen { case_no: "CL1".into() };
    assert_eq!(warned(&balanced(), &[other("2023-10-10", "2023-10-20", "x")]), std::slice::from_ref(&overlap));
    assert_eq!(warned(&balanced(), &[other("2023-10-11", "2023-10-20", "x")]), [], "a transfer on one day");
    assert_eq!(warned(&balanced(), &[other("2023-10-04", "2023-10-11", "F001")]), [overlap, seen.clone()]);
    assert_eq!(warned(&balanced(), &[Earlier { stay: None, ..other("2023-10-04", "2023-10-11", "F001") }]), [seen]);
    let without = StatementDraft { invoice_no: String::new(), ..balanced() };
    assert_eq!(warned(&without, &[other("2022-01-01", "2022-01-02", "")]), []);
}
