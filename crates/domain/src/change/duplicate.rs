//! Records that look like one person.
use chrono::NaiveDate;

use crate::id_number;

code_enum! {
    /// Why two records look like one person, the surest first.
    Likeness {
        /// One has the 15-digit number of the other's 18-digit one.
        OldNumber,
        /// Same name, and the numbers differ in one place.
        OneDigit,
        /// Same name and date of birth.
        NameAndBirth,
    }
}

/// What of a record is compared.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// 姓名.
    pub name: &'a str,
    /// 证件号码.
    pub id_number: &'a str,
    /// 出生日期.
    pub birth_date: Option<NaiveDate>,
}

/// Whether two records look like one person, and why.
#[must_use]
pub fn likeness(a: Person<'_>, b: Person<'_>) -> Option<Likeness> {
    let same_name = a.name == b.name;
    let old_of = |old: &str, new: &str| id_number::to_18(old).is_some_and(|n| n == new);
    if old_of(a.id_number, b.id_number) || old_of(b.id_number, a.id_number) {
        Some(Likeness::OldNumber)
    } else if same_name && one_place_differs(a.id_number, b.id_number) {
        Some(Likeness::OneDigit)
    } else if same_name && a.birth_date.is_some() && a.birth_date == b.birth_date {
        Some(Likeness::NameAndBirth)
    } else {
        None
    }
}

/// The check digit is not counted: with another digit it becomes another one by itself.
fn one_place_differs(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let differing = |n: usize| a.iter().zip(b).take(n).filter(|(x, y)| x != y).count();
    match (a.len(), b.len()) {
        (18, 18) if differing(17) == 0 => a != b,
        (18, 18) => differing(17) == 1,
        (n, m) => n == m && differing(n) == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_one_person() {
        let birth = NaiveDate::from_ymd_opt(1966, 7, 19);
        let person = |name, id_number| Person { name, id_number, birth_date: birth };
        let new = id_number::to_18("142625660719620").unwrap();
        let wrong = new.replace("142625", "142626");
        let table = [
            ("冯玉兰", "142625660719620", Some(Likeness::OldNumber)),
            ("冯玉蘭", "142625660719620", Some(Likeness::OldNumber)),
            ("冯玉兰", wrong.as_str(), Some(Likeness::OneDigit)),
            ("冯玉兰", "230102196607190010", Some(Likeness::NameAndBirth)),
            ("王伟", "230102196607190010", None),
        ];
        for (name, number, expected) in table {
            assert_eq!(likeness(person("冯玉兰", &new), person(name, number)), expected, "{name} {number}");
            assert_eq!(
                likeness(person(name, number), person("冯玉兰", &new)),
                expected,
                "{number} the other way round"
            );
        }
    }
}
