//! 证件号码. A query finds whatever is on record and warns; a new record must be right.
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use strum::IntoStaticStr;

code_enum! {
    /// 证件类型.
    #[derive(Default)]
    IdKind {
        /// 居民身份证.
        #[default]
        ResidentId,
        /// 护照.
        Passport,
        /// 港澳居民来往内地通行证.
        HkMacaoPermit,
        /// 台湾居民来往大陆通行证.
        TaiwanPermit,
        /// 外国人永久居留身份证.
        ForeignerPermit,
        /// 军官证.
        MilitaryId,
    }
}

code_enum! {
    /// 性别.
    Sex {
        /// 男.
        Male,
        /// 女.
        Female,
    }
}

/// What is wrong with a 居民身份证 number (GB 11643).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum IdFault {
    /// Not 17 digits and a digit or X.
    IdWrongLength {},
    /// Digits 7 to 14 are no day.
    IdWrongBirthDate {},
    /// The last place doesn't follow from the others.
    IdWrongCheckDigit {},
}

/// The longest number of any kind of paper.
pub const MAX_ID_NUMBER: usize = 30;

/// The number as it is stored and compared: no blanks, no full-width digits, X in capitals.
#[must_use]
pub fn normalise(text: &str) -> String {
    let half_width = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(half_width).filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// What a 居民身份证 number says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// What is wrong with it, nothing where it is right.
    pub fault: Option<IdFault>,
    /// Date of birth, where its digits are a day.
    pub birth_date: Option<NaiveDate>,
    /// Sex, where the number has 18 places.
    pub sex: Option<Sex>,
}

/// Looks at a normalised 居民身份证 number; what can be read is read even where the check digit is wrong.
#[must_use]
pub fn inspect(number: &str) -> Inspected {
    let Some(digits) = first_17(number).filter(|_| number.len() == 18) else {
        return Inspected { fault: Some(IdFault::IdWrongLength {}), birth_date: None, sex: None };
    };
    let birth_date = NaiveDate::parse_from_str(&number[6..14], "%Y%m%d").ok().filter(|d| d.year() >= 1880);
    let sex = Some(if digits[16] % 2 == 1 { Sex::Male } else { Sex::Female });
    let fault = if birth_date.is_none() {
        Some(IdFault::IdWrongBirthDate {})
    } else if !number.ends_with(check_digit(digits)) {
        Some(IdFault::IdWrongCheckDigit {})
    } else {
        None
    };
    Inspected { fault, birth_date, sex }
}

/// The first seventeen digits with the check digit that belongs to them; None where they aren't seventeen digits.
#[must_use]
pub fn with_check_digit(first: &str) -> Option<String> {
    if first.len() != 17 {
        return None;
    }
    first_17(first).map(|digits| format!("{first}{}", check_digit(digits)))
}

/// The 18-digit number of somebody who has an old 15-digit one (GB 11643: the century and a check digit are added); None
/// where it isn't fifteen digits with a day in them. Nobody born in another century than the twentieth had one.
#[must_use]
pub fn to_18(old: &str) -> Option<String> {
    if old.len() != 15 || !old.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = with_check_digit(&format!("{}19{}", &old[..6], &old[6..]))?;
    inspect(&number).birth_date.map(|_| number)
}

/// The old 15-digit number of somebody who has this 18-digit one; None where there can't be one.
#[must_use]
pub fn to_15(number: &str) -> Option<String> {
    let old = number.get(..6).zip(number.get(8..17)).map(|(region, rest)| format!("{region}{rest}"))?;
    to_18(&old).filter(|new| new == number).map(|_| old)
}

/// The number by which somebody is told from everybody else: of an old 居民身份证 number the new one.
#[must_use]
pub fn identity(kind: IdKind, number: &str) -> String {
    let new = if kind == IdKind::ResidentId { to_18(number) } else { None };
    new.unwrap_or_else(|| number.to_owned())
}

fn first_17(number: &str) -> Option<[u32; 17]> {
    let bytes = number.as_bytes();
    let tail_ok = bytes.get(17).is_none_or(|b| b.is_ascii_digit() || *b == b'X');
    if bytes.len() < 17 || !tail_ok || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut digits = [0; 17];
    for (digit, byte) in digits.iter_mut().zip(bytes) {
        *digit = u32::from(byte - b'0');
    }
    Some(digits)
}

fn check_digit(digits: [u32; 17]) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    CHECK[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manuals_own_number_has_a_wrong_check_digit_but_tells_birth_and_sex() {
        let seen = inspect("142625196607196202");
        assert_eq!(seen.fault, Some(IdFault::IdWrongCheckDigit {}));
        assert_eq!(seen.birth_date, NaiveDate::from_ymd_opt(1966, 7, 19));
        assert_eq!(seen.sex, Some(Sex::Female));
    }

    #[test]
    fn a_generated_number_is_right_and_every_single_wrong_digit_is_noticed() {
        let right = with_check_digit("23010219850312001").unwrap();
        assert_eq!(inspect(&right).fault, None);
        for place in 0..17 {
            let mut bytes = right.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + 1) % 10;
            let wrong = String::from_utf8(bytes).unwrap();
            assert!(inspect(&wrong).fault.is_some(), "{wrong}");
        }
    }

    #[test]
    fn lengths_and_dates_that_cannot_be_are_named() {
        assert_eq!(inspect("14262519660719620").fault, Some(IdFault::IdWrongLength {}));
        assert_eq!(inspect("1426251966071962021").fault, Some(IdFault::IdWrongLength {}));
        assert_eq!(inspect("三42625196607196202").fault, Some(IdFault::IdWrongLength {}));
        let no_day = with_check_digit("23010219850231001").unwrap();
        assert_eq!(inspect(&no_day).fault, Some(IdFault::IdWrongBirthDate {}));
    }

    #[test]
    fn an_old_number_becomes_a_new_one() {
        assert_eq!(to_18("110105491231002").as_deref(), Some("11010519491231002X"));
        for (wrong, why) in
            [("11010549123100", "short"), ("110105491331002", "no day"), ("11010549123100X", "no digit")]
        {
            assert_eq!(to_18(wrong), None, "{why}");
        }
    }

    #[test]
    fn a_new_number_tells_the_old_one_where_there_can_be_one() {
        assert_eq!(to_15("11010519491231002X").as_deref(), Some("110105491231002"));
        for none in ["110105194912310021", "110105200112310025", "110105491231002", "三", ""] {
            assert_eq!(to_15(none), None, "{none}");
        }
        let old = "110105491231002";
        assert_eq!(identity(IdKind::ResidentId, old), "11010519491231002X");
        assert_eq!(identity(IdKind::ResidentId, "11010519491231002X"), "11010519491231002X");
        assert_eq!(identity(IdKind::Passport, old), old, "digits of another paper are what they are");
    }

    #[test]
    fn what_is_typed_is_normalised() {
        assert_eq!(normalise(" １４２６ 2519660719620x "), "14262519660719620X");
    }
}
