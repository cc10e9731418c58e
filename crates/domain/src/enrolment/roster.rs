//! The columns of a roster (名册), and one row of it as a person.
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::judge::{Problem, ProblemCode};
use crate::{
    cells::{Cell, CellFault},
    id_number::{self, IdKind, MAX_ID_NUMBER, Sex},
    member::{Employment, MAX_NAME, is_phone},
};

code_enum! {
    /// The columns.
    RosterField {
        /// 姓名.
        Name,
        /// 证件类型.
        IdKind,
        /// 证件号码.
        IdNumber,
        /// 性别.
        Sex,
        /// 出生日期.
        BirthDate,
        /// 手机号码.
        Phone,
        /// 在职状态.
        Employment,
        /// 份数.
        Shares,
    }
}

/// A column: its field, what its heading may be (the proper name first), and whether a file is of no use without it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The field.
    pub field: RosterField,
    /// Headings.
    pub names: &'static [&'static str],
    /// Whether every file has it.
    pub required: bool,
}

/// All columns in the order of the template.
pub const COLUMNS: [Column; 8] = [
    Column { field: RosterField::Name, names: &["姓名", "职工姓名", "会员姓名", "名字"], required: true },
    Column { field: RosterField::IdKind, names: &["证件类型", "证件种类"], required: false },
    Column {
        field: RosterField::IdNumber,
        names: &["证件号码", "身份证号码", "身份证号", "公民身份号码", "身份证", "证件号"],
        required: true,
    },
    Column { field: RosterField::Sex, names: &["性别"], required: false },
    Column { field: RosterField::BirthDate, names: &["出生日期", "出生年月日", "生日"], required: false },
    Column {
        field: RosterField::Phone,
        names: &["手机号码", "手机号", "手机", "联系电话", "电话", "联系方式"],
        required: false,
    },
    Column {
        field: RosterField::Employment, names: &["在职状态", "人员状态", "职工状态"], required: false
    },
    Column { field: RosterField::Shares, names: &["份数", "参保份数"], required: false },
];

/// Words of somebody's file that stand for a code, the proper one first.
const ID_KINDS: [(IdKind, &[&str]); 6] = [
    (IdKind::ResidentId, &["居民身份证", "身份证", "二代身份证"]),
    (IdKind::Passport, &["护照"]),
    (IdKind::HkMacaoPermit, &["港澳居民来往内地通行证", "港澳通行证", "回乡证"]),
    (IdKind::TaiwanPermit, &["台湾居民来往大陆通行证", "台胞证"]),
    (IdKind::ForeignerPermit, &["外国人永久居留身份证"]),
    (IdKind::MilitaryId, &["军官证"]),
];
const SEXES: [(Sex, &[&str]); 2] = [(Sex::Male, &["男", "男性"]), (Sex::Female, &["女", "女性"])];
const EMPLOYMENTS: [(Employment, &[&str]); 2] =
    [(Employment::Active, &["在职", "在岗"]), (Employment::Retired, &["退休", "离退休"])];

/// Somebody as a row says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 姓名.
    pub name: String,
    /// 证件类型.
    pub id_kind: IdKind,
    /// 证件号码, normalised.
    pub id_number: String,
    /// 性别; what the number says where the row says nothing.
    pub sex: Option<Sex>,
    /// 出生日期; what the number says where the row says nothing.
    pub birth_date: Option<NaiveDate>,
    /// 手机号码; empty where the row has none.
    pub phone: String,
    /// 在职状态.
    pub employment: Employment,
    /// 份数.
    pub shares: u32,
}

impl Column {
    /// The words that may be chosen in the template; empty where anything may be typed.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        match self.field {
            RosterField::IdKind => ID_KINDS.iter().map(|(_, words)| words[0]).collect(),
            RosterField::Sex => SEXES.iter().map(|(_, words)| words[0]).collect(),
            RosterField::Employment => EMPLOYMENTS.iter().map(|(_, words)| words[0]).collect(),
            _ => Vec::new(),
        }
    }
}

/// The code for a word; the code itself will do, too.
fn of_word<T: Copy + FromStr>(text: &str, words: &[(T, &[&str])]) -> Option<T> {
    let known = words.iter().find(|(_, names)| names.contains(&text)).map(|(code, _)| *code);
    known.or_else(|| text.parse().ok())
}

/// The kind of ID for a word of somebody's file.
#[must_use]
pub fn id_kind_of(text: &str) -> Option<IdKind> {
    of_word(text, &ID_KINDS)
}

/// Reads one row, a cell for each of [`COLUMNS`]. What can be read is read; everything that is wrong is added to `problems`.
#[must_use]
pub fn read(cells: &[Cell], problems: &mut Vec<Problem>) -> Person {
    let cell = |field: RosterField| {
        let at = COLUMNS.iter().position(|c| c.field == field);
        at.and_then(|i| cells.get(i)).unwrap_or(&Cell::Empty)
    };
    let mut keep = |field: RosterField, code: ProblemCode| problems.push(Problem::error(field, code));
    let mut text = |field: RosterField, read: Result<String, CellFault>| {
        read.unwrap_or_else(|fault| {
            keep(field, ProblemCode::Cell(fault));
            String::new()
        })
    };
    let name = text(RosterField::Name, cell(RosterField::Name).required(MAX_NAME));
    let id_number = text(RosterField::IdNumber, cell(RosterField::IdNumber).identity(MAX_ID_NUMBER));
    let id_word = text(RosterField::IdKind, cell(RosterField::IdKind).text(40));
    let sex_word = text(RosterField::Sex, cell(RosterField::Sex).text(40));
    let phone = text(RosterField::Phone, cell(RosterField::Phone).identity(30));
    let employment_word = text(RosterField::Employment, cell(RosterField::Employment).text(40));
    let unknown = ProblemCode::Cell(CellFault::CellUnknownWord);
    if id_number.is_empty() && !problems.iter().any(|p| p.column == RosterField::IdNumber) {
        let required = ProblemCode::Cell(CellFault::CellRequired);
        problems.push(Problem::error(RosterField::IdNumber, required));
    }
    let mut word = |field, known: bool| {
        if !known {
            problems.push(Problem::error(field, unknown.clone()));
        }
    };
    let id_kind = if id_word.is_empty() { Some(IdKind::ResidentId) } else { of_word(&id_word, &ID_KINDS) };
    word(RosterField::IdKind, id_kind.is_some());
    let sex = of_word(&sex_word, &SEXES);
    word(RosterField::Sex, sex.is_some() || sex_word.is_empty());
    let employment = of_word(&employment_word, &EMPLOYMENTS);
    word(RosterField::Employment, employment.is_some() || employment_word.is_empty());
    if !phone.is_empty() && !is_phone(&phone) {
        problems.push(Problem::error(RosterField::Phone, ProblemCode::PhoneWrong {}));
    }
    let birth_date = cell(RosterField::BirthDate).day().unwrap_or_else(|fault| {
        problems.push(Problem::error(RosterField::BirthDate, ProblemCode::Cell(fault)));
        None
    });
    let shares = cell(RosterField::Shares).whole(1, super::terms::MAX_SHARES).unwrap_or_else(|fault| {
        problems.push(Problem::error(RosterField::Shares, ProblemCode::Cell(fault)));
        None
    });
    let mut person = Person {
        name,
        id_kind: id_kind.unwrap_or_default(),
        id_number,
        sex,
        birth_date,
        phone,
        employment: employment.unwrap_or_default(),
        shares: shares.unwrap_or(1),
    };
    compare_with_number(&mut person, problems);
    person
}

/// What the number says about birth and sex must be what the row says; where the row says nothing, the number does.
fn compare_with_number(person: &mut Person, problems: &mut Vec<Problem>) {
    if person.id_kind != IdKind::ResidentId || person.id_number.is_empty() {
        if person.birth_date.is_none() && !person.id_number.is_empty() {
            problems.push(Problem::error(RosterField::BirthDate, ProblemCode::BirthDateNeeded {}));
        }
        return;
    }
    let seen = id_number::inspect(&person.id_number);
    if let (Some(said), Some(read)) = (person.birth_date, seen.birth_date)
        && said != read
    {
        problems.push(Problem::error(RosterField::BirthDate, ProblemCode::BirthDateDiffers { number: read }));
    }
    if let (Some(said), Some(read)) = (person.sex, seen.sex)
        && said != read
    {
        problems.push(Problem::error(RosterField::Sex, ProblemCode::SexDiffers { sex: read }));
    }
    person.birth_date = person.birth_date.or(seen.birth_date);
    person.sex = person.sex.or(seen.sex);
}
