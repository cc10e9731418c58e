//! A number of a paper, as it is typed or stands in a cell.
use chrono::Datelike;
use huzhu_domain::{
    cells::Cell,
    id_number::{IdKind, MAX_ID_NUMBER, identity, inspect, normalise, to_15, to_18, with_check_digit},
};

/// The years in which somebody can be born who has a number.
const BORN: std::ops::RangeInclusive<i32> = 1880..=9999;

/// # Panics
/// Where something doesn't hold.
pub fn holds(bytes: &[u8]) {
    let typed = String::from_utf8_lossy(bytes);
    let number = normalise(&typed);
    assert_eq!(normalise(&number), number, "what is stored is compared as it is");
    assert!(!number.contains(char::is_whitespace));
    if let Ok(read) = Cell::Text(typed.into_owned()).identity(MAX_ID_NUMBER) {
        assert!(read.chars().count() <= MAX_ID_NUMBER);
    }

    let seen = inspect(&number);
    assert!(seen.birth_date.is_none_or(|day| BORN.contains(&day.year())), "{seen:?}");
    if seen.fault.is_none() {
        assert!(number.len() == 18 && number.is_ascii(), "{number}");
        assert!(seen.birth_date.is_some() && seen.sex.is_some());
        assert_eq!(with_check_digit(&number[..17]).as_deref(), Some(number.as_str()));
        one_wrong_digit_is_noticed(&number);
        // Who had an old number was born in the twentieth century, and has it still.
        assert_eq!(to_15(&number).is_some(), number[6..].starts_with("19"), "{number}");
    }
    if let Some(old) = to_15(&number) {
        assert_eq!(to_18(&old).as_deref(), Some(number.as_str()));
    }
    if let Some(new) = to_18(&number) {
        assert_eq!(inspect(&new).fault, None, "{new}");
        assert_eq!(to_15(&new).as_deref(), Some(number.as_str()));
    }
    let who = identity(IdKind::ResidentId, &number);
    assert_eq!(identity(IdKind::ResidentId, &who), who);
    assert_eq!(identity(IdKind::Passport, &number), number);
}

fn one_wrong_digit_is_noticed(right: &str) {
    for place in 0..17 {
        let mut wrong = right.as_bytes().to_vec();
        wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
        assert!(inspect(&String::from_utf8_lossy(&wrong)).fault.is_some(), "{right}, place {place}");
    }
}
