use chrono::NaiveDate;

use super::*;
use crate::{
    cells::{Cell, CellFault},
    coverage::{CoverageState, Held},
    dates::Period,
    id_number::{IdFault, with_check_digit},
    ids::UserId,
    permission::{Permission, Role},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).unwrap()
}

fn number(birth: &str) -> String {
    with_check_digit(&format!("000000{birth}001")).unwrap()
}

/// A row by heading; everything else is empty.
fn row(cells: &[(RosterField, &str)]) -> Vec<Cell> {
    let cell = |field: RosterField| cells.iter().find(|(f, _)| *f == field).map(|(_, text)| *text);
    let cell = |c: &Column| cell(c.field).map_or(Cell::Empty, |text| Cell::Text(text.to_owned()));
    COLUMNS.iter().map(cell).collect()
}

struct World {
    terms: EnrolmentTerms,
    known: Vec<Known>,
    held: Vec<Held>,
    first_row: Option<u32>,
}

impl World {
    fn plain() -> Self {
        let terms =
            EnrolmentTerms { min_age: Some(16), max_age: Some(60), max_shares: Some(2), ..EnrolmentTerms::default() };
        Self { terms, known: Vec::new(), held: Vec::new(), first_row: None }
    }

    fn judge(&self, cells: &[(RosterField, &str)]) -> Judgement {
        let mut problems = Vec::new();
        let person = read(&row(cells), &mut problems);
        let under = Under {
            terms: &self.terms,
            period: period("2027-01-01", "2027-12-31"),
            unit_id: 7,
            today: day("2026-11-24"),
        };
        judge(&person, problems, &self.known, &self.held, self.first_row, under)
    }

    fn codes(&self, cells: &[(RosterField, &str)]) -> Vec<(RosterField, ProblemCode, bool)> {
        self.judge(cells).problems.into_iter().map(|p| (p.column, p.code, p.warning)).collect()
    }
}

use RosterField::{BirthDate, Employment, IdKind, IdNumber, Name, Phone, Sex, Shares};

fn person(more: &[(RosterField, &'static str)], id: &'static str) -> Vec<(RosterField, &'static str)> {
    let mut cells = vec![(Name, "王强"), (IdNumber, id)];
    cells.extend(more);
    cells
}

fn leak(text: String) -> &'static str {
    text.leak()
}

#[test]
fn name_and_number_are_enough() {
    let judged = World::plain().judge(&person(&[], leak(number("19850312"))));
    assert!(judged.is_good() && judged.problems.is_empty() && !judged.renewed);
    let mut problems = Vec::new();
    let read = read(&row(&person(&[], leak(number("19850312")))), &mut problems);
    assert_eq!((read.birth_date, read.shares), (Some(day("1985-03-12")), 1), "the number says the rest");
}

#[test]
fn what_a_cell_says_must_be_readable_and_agree_with_the_number() {
    let id = leak(number("19850312"));
    let world = World::plain();
    let table: Vec<(RosterField, &'static str, ProblemCode)> = vec![
        (Sex, "女", ProblemCode::SexDiffers { sex: crate::id_number::Sex::Male }),
        (Sex, "不详", ProblemCode::Cell(CellFault::CellUnknownWord)),
        (BirthDate, "1985.3.13", ProblemCode::BirthDateDiffers { number: day("1985-03-12") }),
        (BirthDate, "三月", ProblemCode::Cell(CellFault::CellNotADay)),
        (Phone, "12", ProblemCode::PhoneWrong {}),
        (Employment, "退休", ProblemCode::Terms(Objection::RetiredNotAllowed {})),
        (Shares, "3", ProblemCode::Terms(Objection::TooManyShares { max: 2 })),
        (Shares, "-1", ProblemCode::Cell(CellFault::CellNotANumber)),
        (IdKind, "学生证", ProblemCode::Cell(CellFault::CellUnknownWord)),
    ];
    for (field, text, code) in table {
        assert_eq!(world.codes(&person(&[(field, text)], id)), [(field, code, false)], "{text}");
    }
    let right =
        [(Sex, "男"), (BirthDate, "1985/03/12"), (Phone, "139 0000 0000"), (Shares, "２"), (Employment, "在职")];
    assert_eq!(world.codes(&person(&right, id)), []);
    assert_eq!(
        world.codes(&[(IdNumber, id)]),
        [(Name, ProblemCode::Cell(CellFault::CellRequired), false)],
        "a name is needed"
    );
}

#[test]
fn a_new_number_must_be_right_and_a_recorded_one_is_only_warned_about() {
    let wrong = "142625196607196202";
    let mut world = World::plain();
    let code = ProblemCode::Id(IdFault::IdWrongCheckDigit {});
    assert_eq!(world.codes(&person(&[], wrong)), [(IdNumber, code.clone(), false)]);
    world.known = vec![Known { member_id: 1, name: "王强".into(), unit_id: 7 }];
    assert_eq!(world.codes(&person(&[], wrong)), [(IdNumber, code, true)]);
    world.known.clear();
    assert_eq!(world.codes(&person(&[], "142625660719620")), [(IdNumber, ProblemCode::IdOldNumber {}, false)]);
    let passport = person(&[(IdKind, "护照")], "E12345678");
    assert_eq!(world.codes(&passport), [(BirthDate, ProblemCode::BirthDateNeeded {}, false)]);
}

#[test]
fn ages_count_on_the_first_day() {
    let world = World::plain();
    for (birth, code) in [
        ("20110101", None),
        ("20110102", Some(ProblemCode::Terms(Objection::TooYoung { age: 15, min: 16 }))),
        ("19660102", None),
        ("19660101", Some(ProblemCode::Terms(Objection::TooOld { age: 61, max: 60 }))),
    ] {
        let expected: Vec<_> = code.into_iter().map(|code| (BirthDate, code, false)).collect();
        assert_eq!(world.codes(&person(&[], leak(number(birth)))), expected, "{birth}");
    }
}

#[test]
fn what_is_on_record_decides() {
    let id = leak(number("19850312"));
    let mut world = World::plain();
    world.known = vec![Known { member_id: 1, name: "王小强".into(), unit_id: 8 }];
    assert_eq!(
        world.codes(&person(&[], id)),
        [(Name, ProblemCode::NameDiffersElsewhere {}, false), (IdNumber, ProblemCode::OtherUnit {}, true),],
        "another unit's people are nothing to this one"
    );
    world.known[0].unit_id = 7;
    assert_eq!(world.codes(&person(&[], id)), [(Name, ProblemCode::NameDiffers { recorded: "王*".into() }, false)]);
    world.known = vec![Known { member_id: 1, name: "王强".into(), unit_id: 7 }; 2];
    let judged = world.judge(&person(&[], id));
    assert_eq!((judged.is_good(), judged.member_id), (false, None), "which of two is not for us to say");
    world.known.clear();
    world.first_row = Some(5);
    assert_eq!(world.codes(&person(&[], id)), [(IdNumber, ProblemCode::TwiceInFile { row: 5 }, false)]);
}

#[test]
fn a_gap_free_coverage_is_renewed_and_an_overlapping_one_refused() {
    let id = leak(number("19850312"));
    let held = |from, to, state| Held { period: period(from, to), state };
    let mut world = World::plain();
    world.held = vec![held("2026-01-01", "2026-12-31", CoverageState::Active)];
    assert!(world.judge(&person(&[], id)).renewed);
    world.held = vec![held("2026-01-01", "2026-12-30", CoverageState::Active)];
    assert!(!world.judge(&person(&[], id)).renewed, "a day between");
    world.held = vec![held("2026-01-01", "2026-12-31", CoverageState::Pending)];
    assert!(!world.judge(&person(&[], id)).renewed, "never paid for, perhaps");
    let (from, to) = (day("2027-12-31"), day("2028-12-30"));
    world.held = vec![held("2027-12-31", "2028-12-30", CoverageState::Active)];
    assert_eq!(world.codes(&person(&[], id)), [(IdNumber, ProblemCode::AlreadyCovered { from, to }, false)]);
    world.held = vec![held("2027-12-31", "2028-12-30", CoverageState::Pending)];
    assert_eq!(world.codes(&person(&[], id)), [(IdNumber, ProblemCode::AlreadyEnrolled { from, to }, false)]);
}

#[test]
fn a_batch_goes_its_way_by_two_people() {
    let (clerk, cashier) = (UserId(1), UserId(2));
    let batch = |state, confirmed_by, fee_fen| Batch { state, good: 3, confirmed_by, fee_fen };
    let checked = batch(BatchState::Checked, None, 300);
    assert_eq!(apply(&checked, BatchAction::Confirm, clerk), Ok(BatchState::Confirmed));
    let free = batch(BatchState::Checked, None, 0);
    assert_eq!(apply(&free, BatchAction::Confirm, clerk), Ok(BatchState::InForce), "no fee to wait for");
    let nobody = Batch { good: 0, ..checked };
    assert_eq!(apply(&nobody, BatchAction::Confirm, clerk), Err(vec![BatchBlocker::NoGoodRow {}]));
    let confirmed = batch(BatchState::Confirmed, Some(clerk), 300);
    assert_eq!(apply(&confirmed, BatchAction::ConfirmFee, cashier), Ok(BatchState::InForce));
    assert_eq!(apply(&confirmed, BatchAction::ConfirmFee, clerk), Err(vec![BatchBlocker::ConfirmedByYou {}]));
    assert_eq!(apply(&confirmed, BatchAction::Return, cashier), Ok(BatchState::Returned));
    let in_force = batch(BatchState::InForce, Some(clerk), 300);
    for action in [BatchAction::Confirm, BatchAction::Discard, BatchAction::ConfirmFee, BatchAction::Recheck] {
        let wrong = BatchBlocker::BatchWrongState { batch_state: BatchState::InForce };
        assert_eq!(apply(&in_force, action, cashier), Err(vec![wrong]), "{action}");
    }
    let rights = Role::Cashier.permissions();
    let offered: Vec<BatchAction> = allowed(&confirmed, cashier, rights).into_iter().map(|(a, _)| a).collect();
    assert_eq!(offered, [BatchAction::ConfirmFee, BatchAction::Return]);
    assert!(!rights.contains(&Permission::EnrolMembers), "a cashier enrols nobody");
}

#[test]
fn fees_are_by_share() {
    let terms = EnrolmentTerms { fee: Some(crate::benefit::Amount(crate::money::Fen(8_000))), ..Default::default() };
    assert_eq!(terms.fee_of(3).0, 24_000);
    assert_eq!(EnrolmentTerms::default().fee_of(3).0, 0);
}
