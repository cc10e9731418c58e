//! The rules as tables: what is on record, what is asked for, what stands in the way.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]
use chrono::NaiveDate;
use huzhu_domain::{
    change::{Blocker, CaseFact, Change, CoverageFact, Facts, MemberData, Progress, blockers, doubled},
    coverage::CoverageState,
    dates::Period,
    enrolment::EnrolmentTerms,
    id_number::{IdKind, Sex},
    member::Employment,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn data(name: &str) -> MemberData {
    MemberData {
        name: name.into(),
        id_kind: IdKind::ResidentId,
        id_number: "142625196607196202".into(),
        birth_date: None,
        sex: Some(Sex::Female),
        phone: "13900000000".into(),
        employment: Employment::Active,
    }
}

fn covered(id: i64, plan: &str, from: &str, to: &str) -> CoverageFact {
    CoverageFact {
        id,
        plan: plan.into(),
        office_id: 1,
        period: Period { from: day(from), to: day(to) },
        shares: 2,
        state: CoverageState::Active,
        renewed: false,
    }
}

fn case(no: &str, coverage_id: i64, incident: &str, progress: Progress) -> CaseFact {
    CaseFact { no: no.into(), coverage_id, incident_date: day(incident), progress }
}

fn facts(cases: Vec<CaseFact>) -> Facts {
    Facts {
        today: day("2026-11-24"),
        approving: true,
        member_id: 1,
        member: data("冯玉兰"),
        merged_into: None,
        unit_id: 10,
        new_office_id: Some(1),
        coverages: vec![covered(5, "a", "2026-01-01", "2026-12-31")],
        cases,
        terms: Some(EnrolmentTerms { min_age: Some(16), max_shares: Some(3), ..EnrolmentTerms::default() }),
        id_number_taken: false,
        account_known: false,
        other_merged_into: None,
        merge_on_record: true,
        other_coverages: vec![covered(6, "a", "2026-06-01", "2026-12-31")],
        other_cases: Vec::new(),
        apart: [Vec::new(), Vec::new()],
        open: None,
    }
}

fn codes(change: &Change, facts: &Facts) -> Vec<&'static str> {
    blockers(change, facts).iter().map(Blocker::code).collect()
}

#[test]
fn a_case_holds_what_it_depends_on() {
    use Progress::{Entering, InPayment, InReview, Paid};
    let end = |last: &str| Change::CoverageEnd { coverage_id: 5, last_day: day(last) };
    let replace =
        |from: &str, to: &str, shares| Change::CoverageReplace { coverage_id: 5, from: day(from), to: day(to), shares };
    let wrong = "142625196607196203".to_owned();
    let transfer = |from: &str| Change::Transfer { unit_id: 11, from: day(from) };
    let table: Vec<(Change, Option<Progress>, &[&str])> = vec![
        (end("2026-06-30"), None, &[]),
        (end("2026-06-30"), Some(Entering), &["case_depends"]),
        (end("2026-07-01"), Some(Paid), &[]),
        (end("2026-12-31"), None, &["end_not_earlier"]),
        (end("2025-12-31"), None, &["end_not_earlier"]),
        (replace("2026-01-01", "2026-12-31", 2), None, &["nothing_changed"]),
        (replace("2026-02-01", "2026-12-31", 2), None, &[]),
        (replace("2026-02-01", "2026-12-31", 2), Some(Paid), &["case_depends"]),
        (replace("2026-01-01", "2026-06-01", 2), Some(Entering), &["case_depends"]),
        (replace("2026-01-01", "2026-12-31", 1), Some(Paid), &["shares_after_paid"]),
        (replace("2026-01-01", "2026-12-31", 3), Some(Paid), &[]),
        (replace("2026-01-01", "2026-12-31", 4), None, &["too_many_shares"]),
        (replace("2026-01-01", "2026-12-31", 3), Some(InReview), &["case_being_decided"]),
        (replace("2026-01-01", "2026-12-31", 1), Some(InPayment), &["case_being_decided"]),
        (transfer("2026-06-01"), Some(Paid), &["case_depends"]),
        (transfer("2026-07-02"), Some(Paid), &[]),
        (transfer("2027-01-01"), None, &["not_effective_yet"]),
        (Change::MemberData(data("冯玉蘭")), Some(InPayment), &["case_in_payment"]),
        (Change::MemberData(data("冯玉蘭")), Some(Paid), &[]),
        (Change::MemberData(data("冯玉兰")), None, &["nothing_changed"]),
        (Change::MemberData(MemberData { phone: String::new(), ..data("冯玉兰") }), None, &[]),
        (Change::MemberData(MemberData { id_number: wrong, ..data("冯玉兰") }), None, &["id_number_wrong"]),
    ];
    for (change, progress, expected) in table {
        let cases = progress.map(|p| case("CL1", 5, "2026-07-01", p)).into_iter().collect();
        assert_eq!(codes(&change, &facts(cases)), expected, "{change:?} {progress:?}");
    }
}

#[test]
fn a_plan_covers_a_day_once() {
    let add = |plan: &str, from: &str, to: &str| Change::CoverageAdd {
        plan: plan.into(),
        from: day(from),
        to: day(to),
        shares: 1,
    };
    let now = facts(Vec::new());
    assert_eq!(codes(&add("a", "2026-12-31", "2027-12-30"), &now), ["coverage_overlaps"]);
    assert!(codes(&add("a", "2027-01-01", "2027-12-31"), &now).is_empty());
    assert!(codes(&add("b", "2026-01-01", "2026-12-31"), &now).is_empty());
    let more = Change::CoverageAdd { plan: "b".into(), from: day("2026-01-01"), to: day("2026-12-31"), shares: 4 };
    let young =
        Facts { member: MemberData { birth_date: Some(day("2010-01-02")), ..data("冯玉兰") }, ..now.clone() };
    assert_eq!(codes(&more, &young), ["too_young", "too_many_shares"], "what a roster would be told");
    let none = Facts { terms: None, ..now };
    assert_eq!(codes(&add("b", "2026-01-01", "2026-12-31"), &none), ["no_version_on"]);
}

#[test]
fn two_records_become_one_unless_both_claimed_the_same_days() {
    let merge = Change::Merge { other_id: 2 };
    let one = facts(vec![case("CL1", 5, "2026-07-01", Progress::Paid)]);
    assert!(codes(&merge, &one).is_empty());
    let both = Facts { other_cases: vec![case("CL2", 6, "2026-08-01", Progress::Entering)], ..one.clone() };
    assert_eq!(codes(&merge, &both), ["claims_in_both"]);
    let paying = Facts {
        cases: Vec::new(),
        other_cases: vec![case("CL2", 6, "2026-08-01", Progress::InPayment)],
        ..one.clone()
    };
    assert_eq!(codes(&merge, &paying), ["case_in_payment", "coverages_overlap_partly"]);
    assert_eq!(codes(&Change::Merge { other_id: 1 }, &one), ["same_record"]);
    let gone = Facts { other_merged_into: Some(3), ..one.clone() };
    assert_eq!(codes(&merge, &gone), ["record_merged"]);
    let undo = Change::Unmerge { other_id: 2 };
    assert_eq!(codes(&undo, &gone), ["not_merged"]);
    let merged = Facts { other_merged_into: Some(1), ..one.clone() };
    assert!(codes(&undo, &merged).is_empty());
    assert_eq!(codes(&undo, &Facts { merge_on_record: false, ..merged }), ["came_with_another"]);
    let away = Facts { merged_into: Some(9), open: Some("BG1".into()), ..one };
    assert_eq!(codes(&merge, &away), ["change_open", "record_merged"]);
}

#[test]
fn of_two_coverages_of_one_plan_a_merge_keeps_the_one_that_was_claimed_under() {
    let claim = |coverage_id| vec![case("CL1", coverage_id, "2026-07-01", Progress::Paid)];
    assert_eq!(doubled(&facts(Vec::new())), [6], "neither was claimed under: the record that stays keeps its own");
    assert_eq!(doubled(&facts(claim(5))), [6]);
    let other_claimed = Facts { other_cases: claim(6), ..facts(Vec::new()) };
    let merge = Change::Merge { other_id: 2 };
    assert!(doubled(&other_claimed).is_empty(), "January to May would be lost");
    assert_eq!(codes(&merge, &other_claimed), ["coverages_overlap_partly"]);
    let whole = Facts { other_coverages: vec![covered(6, "a", "2026-01-01", "2026-12-31")], ..other_claimed };
    assert_eq!(doubled(&whole), [5]);
    assert!(codes(&merge, &whole).is_empty());
    let mut unpaid = Facts { other_cases: Vec::new(), ..whole };
    unpaid.coverages[0].state = CoverageState::Pending;
    assert_eq!(doubled(&unpaid), [5], "one that is in force goes before one that waits for its fee");
    let other = |plan: &str, from: &str| vec![covered(6, plan, from, "2027-12-31")];
    assert!(
        doubled(&Facts { other_coverages: other("b", "2026-06-01"), ..facts(Vec::new()) }).is_empty(),
        "another plan"
    );
    assert!(
        doubled(&Facts { other_coverages: other("a", "2027-01-01"), ..facts(Vec::new()) }).is_empty(),
        "another time"
    );
}

#[test]
fn a_merge_loses_no_share_and_waits_until_one_of_two_is_paid() {
    let merge = Change::Merge { other_id: 2 };
    let twins = |state: CoverageState, shares: u32| {
        let own = CoverageFact { state, ..covered(5, "a", "2026-01-01", "2026-12-31") };
        let other = CoverageFact { state, shares, ..covered(6, "a", "2026-01-01", "2026-12-31") };
        Facts { coverages: vec![own], other_coverages: vec![other], ..facts(Vec::new()) }
    };
    let larger = twins(CoverageState::Active, 5);
    assert_eq!(doubled(&larger), [5], "the one with more 份 stays");
    assert!(codes(&merge, &larger).is_empty());
    let claimed = Facts { cases: vec![case("CL1", 5, "2026-07-01", Progress::Paid)], ..larger };
    assert_eq!(codes(&merge, &claimed), ["shares_would_be_lost"]);
    assert_eq!(codes(&merge, &twins(CoverageState::Pending, 2)), ["neither_in_force"]);
}

#[test]
fn a_merge_is_not_undone_where_the_plan_covers_the_days_by_now() {
    let undo = Change::Unmerge { other_id: 2 };
    let merged = Facts { other_merged_into: Some(1), ..facts(Vec::new()) };
    let back = covered(5, "a", "2026-01-01", "2026-12-31");
    let new = |plan: &str| covered(7, plan, "2026-07-01", "2026-12-31");
    let apart = |plan: &str| Facts { apart: [vec![back.clone(), new(plan)], Vec::new()], ..merged.clone() };
    assert_eq!(codes(&undo, &apart("a")), ["coverage_overlaps"]);
    assert!(codes(&undo, &apart("b")).is_empty());
}
