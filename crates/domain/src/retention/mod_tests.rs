use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_term_ends_on_the_day_that_the_calendar_says() {
    for (term, start, due) in [
        (Term::Days(1), "2026-12-31", "2027-01-01"),
        (Term::Days(30), "2026-01-31", "2026-03-02"),
        (Term::Years(1), "2026-11-27", "2027-11-27"),
        (Term::Years(5), "2021-01-01", "2026-01-01"),
        // 29 February comes back after four years; in between the years are over on 1 March.
        (Term::Years(4), "2024-02-29", "2028-02-29"),
        (Term::Years(3), "2024-02-29", "2027-03-01"),
        (Term::Years(30), "1996-07-31", "2026-07-31"),
    ] {
        assert_eq!(term.due_on(day(start)), day(due), "{term:?} from {start}");
    }
    assert_eq!(Term::Years(u32::MAX).due_on(day("2026-01-01")), NaiveDate::MAX);
}

#[test]
fn what_is_due_goes_unless_it_is_held() {
    let known = |start: &str, held: &[Holding]| Known {
        start: Some(start).filter(|s| !s.is_empty()).map(day),
        held: held.to_vec(),
    };
    let today = day("2026-11-27");
    let keep = Term::Years(5);
    for (what, verdict) in [
        (known("2021-11-27", &[]), Verdict::Due(day("2021-11-27"))),
        (known("2021-11-28", &[]), Verdict::NotYet),
        (known("2021-11-28", &[Holding::Hold]), Verdict::NotYet),
        (known("2021-11-27", &[Holding::OtherCaseOpen]), Verdict::Held(vec![Holding::OtherCaseOpen])),
        (
            known("1999-01-01", &[Holding::Hold, Holding::AppealOpen]),
            Verdict::Held(vec![Holding::Hold, Holding::AppealOpen]),
        ),
        // What hasn't ended has no day, and its reason.
        (known("", &[Holding::CaseOpen]), Verdict::Held(vec![Holding::CaseOpen])),
        (known("", &[]), Verdict::Held(vec![Holding::NoDay])),
    ] {
        assert_eq!(decide(&what, keep, today), verdict, "{what:?}");
    }
}

proptest! {
    /// What a query asks for by the latest start is what the rule says of each row.
    #[test]
    fn the_latest_start_is_the_last_day_that_is_due(today in 0_u32..60_000, n in 1_u32..120, years in any::<bool>()) {
        let today = day("1950-01-01").checked_add_days(Days::new(today.into())).unwrap();
        let term = if years { Term::Years(n) } else { Term::Days(n) };
        let latest = term.latest_start(today);
        prop_assert!(term.due_on(latest) <= today);
        prop_assert!(term.due_on(latest.succ_opt().unwrap()) > today);
    }
}

fn faults(text: &str) -> Vec<&'static str> {
    Rules::parse(text).expect_err("has faults").iter().map(Into::into).collect()
}

fn ruled(kind: &str, keep: &str) -> String {
    format!("[[rule]]\nkind = \"{kind}\"\n{keep}\nbasis = \"章程\"\n")
}

#[test]
fn a_file_of_rules_is_read_in_its_order() {
    let text = ruled("messages", "keep_days = 90") + &ruled("payment_records", "keep_years = 30");
    let rules = Rules::parse(&text).unwrap();
    let read: Vec<_> = rules.iter().map(|r| (r.kind, r.keep, r.basis.as_str())).collect();
    let expected =
        [(RetentionKind::Messages, Term::Days(90), "章程"), (RetentionKind::PaymentRecords, Term::Years(30), "章程")];
    assert_eq!(read, expected);
}

#[test]
fn what_is_wrong_with_a_file_is_told_by_rule() {
    for (text, fault) in [
        (String::new(), "retention_no_rule"),
        ("[[rule]\n".to_owned(), "retention_unreadable"),
        (ruled("messages", "keep_days = -1"), "retention_unreadable"),
        (ruled("messages", "keep_months = 1"), "retention_unreadable"),
        (ruled("diaries", "keep_years = 3"), "retention_kind_unknown"),
        (ruled("messages", "keep_days = 9") + &ruled("messages", "keep_days = 8"), "retention_kind_twice"),
        (ruled("messages", ""), "retention_term_missing"),
        (ruled("messages", "keep_days = 3\nkeep_years = 3"), "retention_term_missing"),
        (ruled("messages", "keep_days = 0"), "retention_term_senseless"),
        (ruled("case_records", "keep_years = 0"), "retention_term_senseless"),
        (ruled("case_records", "keep_years = 101"), "retention_term_senseless"),
        (ruled("case_records", "keep_years = 2"), "retention_term_too_short"),
        (ruled("case_records", "keep_days = 1095"), "retention_term_too_short"),
        (ruled("payment_records", "keep_years = 29"), "retention_term_too_short"),
        ("[[rule]]\nkind = \"messages\"\nkeep_days = 3\nbasis = \" \"\n".to_owned(), "retention_basis_missing"),
    ] {
        assert_eq!(faults(&text), [fault], "{text}");
    }
    let both = ruled("diaries", "keep_years = 3") + &ruled("messages", "keep_days = 0");
    assert_eq!(faults(&both), ["retention_kind_unknown", "retention_term_senseless"]);
    // A leap year is no way around three years.
    assert!(Rules::parse(&ruled("case_records", "keep_days = 1098")).is_ok());
}
