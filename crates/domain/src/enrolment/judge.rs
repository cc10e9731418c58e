//! The judgement of one row: may this person be enrolled under this version for this period?
use chrono::NaiveDate;
use serde::Serialize;

use super::{EnrolmentTerms, Objection, Person, RosterField};
use crate::{
    cells::CellFault,
    coverage::{CoverageState, Held, renews},
    dates::Period,
    id_number::{self, IdFault, IdKind, Sex},
};

/// What is wrong, or doubtful, about a row. Serialises as `{ "code": …, "args": { … } }` or as a bare code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum ProblemCode {
    /// An old number of 15 digits.
    IdOldNumber {},
    /// No phone number.
    PhoneWrong {},
    /// Papers that don't say the birth need the column.
    BirthDateNeeded {},
    /// 出生日期 isn't the one in the number.
    BirthDateDiffers {
        /// What the number says.
        number: NaiveDate,
    },
    /// 性别 isn't the one in the number.
    SexDiffers {
        /// What the number says.
        sex: Sex,
    },
    /// Born after today.
    BornInFuture {},
    /// The same person stands further up, by this number or by the old one.
    TwiceInFile {
        /// In that row.
        row: u32,
    },
    /// Covered by this plan on some of the days.
    AlreadyCovered {
        /// From.
        from: NaiveDate,
        /// To.
        to: NaiveDate,
    },
    /// In another batch that waits for its fee.
    AlreadyEnrolled {
        /// From.
        from: NaiveDate,
        /// To.
        to: NaiveDate,
    },
    /// The unit's own record under this number has another name.
    NameDiffers {
        /// The first sign of that name and a star.
        recorded: String,
    },
    /// So has a record of another unit, whose name is nothing to this one.
    NameDiffersElsewhere {},
    /// Several records have this number.
    IdNumberOnSeveralRecords {
        /// How many.
        count: usize,
    },
    /// The record belongs to another unit.
    OtherUnit {},
    /// 续保: follows the coverage before it without a gap.
    Renewal {},
    /// The terms of the version don't allow it.
    #[serde(untagged)]
    Terms(Objection),
    /// The 证件号码 is no valid one.
    #[serde(untagged)]
    Id(IdFault),
    /// The cell can't be read.
    #[serde(untagged)]
    Cell(CellFault),
}

/// A problem of one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The column.
    pub column: RosterField,
    /// Whether the row can be enrolled all the same.
    pub warning: bool,
    /// What it is.
    pub code: ProblemCode,
}

impl Problem {
    /// A row with one can't be enrolled.
    #[must_use]
    pub const fn error(column: RosterField, code: ProblemCode) -> Self {
        Self { column, warning: false, code }
    }

    /// Worth a look.
    #[must_use]
    pub const fn warning(column: RosterField, code: ProblemCode) -> Self {
        Self { column, warning: true, code }
    }
}

/// What is on record under a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The member.
    pub member_id: i64,
    /// 姓名.
    pub name: String,
    /// The unit of the record.
    pub unit_id: i64,
}

/// Under what somebody is to be enrolled.
#[derive(Clone, Copy, Debug)]
pub struct Under<'a> {
    /// The terms of the version.
    pub terms: &'a EnrolmentTerms,
    /// 保障区间.
    pub period: Period,
    /// The unit that enrols.
    pub unit_id: i64,
    /// Today in the society's time zone.
    pub today: NaiveDate,
}

/// What comes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Errors and warnings.
    pub problems: Vec<Problem>,
    /// The record that the person has already.
    pub member_id: Option<i64>,
    /// Whether the coverage follows another one without a gap: no waiting period then.
    pub renewed: bool,
}

impl Judgement {
    /// Whether the row can be enrolled.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.problems.iter().all(|p| p.warning)
    }
}

/// Judges a person against the terms and what is on record. `problems` are those that reading the row found; `first_row` is
/// the row of the file in which the same number stands already.
#[must_use]
pub fn judge(
    person: &Person,
    mut problems: Vec<Problem>,
    known: &[Known],
    held: &[Held],
    first_row: Option<u32>,
    under: Under<'_>,
) -> Judgement {
    let record = match known {
        [one] => Some(one),
        _ => None,
    };
    check_number(person, record, &mut problems);
    check_terms(person, under, &mut problems);
    if let Some(row) = first_row {
        problems.push(Problem::error(RosterField::IdNumber, ProblemCode::TwiceInFile { row }));
    }
    if known.len() > 1 {
        let several = ProblemCode::IdNumberOnSeveralRecords { count: known.len() };
        problems.push(Problem::error(RosterField::IdNumber, several));
    }
    if let Some(record) = record {
        if !person.name.is_empty() && record.name != person.name {
            let own = record.unit_id == under.unit_id;
            let recorded = record.name.chars().next().filter(|_| own).map(|first| format!("{first}*"));
            let code =
                recorded.map_or(ProblemCode::NameDiffersElsewhere {}, |recorded| ProblemCode::NameDiffers { recorded });
            problems.push(Problem::error(RosterField::Name, code));
        }
        if record.unit_id != under.unit_id {
            problems.push(Problem::warning(RosterField::IdNumber, ProblemCode::OtherUnit {}));
        }
    }
    if let Some(other) = held.iter().find(|h| h.period.overlaps(under.period)) {
        let Period { from, to } = other.period;
        let code = match other.state {
            CoverageState::Pending => ProblemCode::AlreadyEnrolled { from, to },
            CoverageState::Active | CoverageState::Void => ProblemCode::AlreadyCovered { from, to },
        };
        problems.push(Problem::error(RosterField::IdNumber, code));
    }
    let renewed = renews(held.iter().copied(), under.period.from);
    Judgement { problems, member_id: record.map(|r| r.member_id), renewed }
}

/// A new record's number must be right; one that is on record may be as wrong as it is.
fn check_number(person: &Person, record: Option<&Known>, problems: &mut Vec<Problem>) {
    if person.id_kind != IdKind::ResidentId || person.id_number.is_empty() {
        return;
    }
    let number = &person.id_number;
    let Some(fault) = id_number::inspect(number).fault else { return };
    let old = number.len() == 15 && number.bytes().all(|b| b.is_ascii_digit());
    let code = if old { ProblemCode::IdOldNumber {} } else { ProblemCode::Id(fault) };
    problems.push(Problem { column: RosterField::IdNumber, warning: record.is_some(), code });
}

fn check_terms(person: &Person, under: Under<'_>, problems: &mut Vec<Problem>) {
    let born = person.birth_date.filter(|birth| *birth <= under.today);
    if born != person.birth_date {
        problems.push(Problem::error(RosterField::BirthDate, ProblemCode::BornInFuture {}));
    }
    let found = under.terms.objections(born, person.employment, person.shares, under.period.from);
    problems.extend(found.into_iter().map(|objection| {
        let column = match objection {
            Objection::TooYoung { .. } | Objection::TooOld { .. } => RosterField::BirthDate,
            Objection::RetiredNotAllowed {} => RosterField::Employment,
            Objection::TooManyShares { .. } => RosterField::Shares,
        };
        Problem::error(column, ProblemCode::Terms(objection))
    }));
}
