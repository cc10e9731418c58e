//! 银行卡: which bank an account number belongs to, by the prefix (BIN) that the bank's cards begin with.
use strum::IntoStaticStr;

code_enum! {
    /// 卡种.
    CardKind {
        /// 借记卡.
        Debit,
        /// 贷记卡 (信用卡).
        Credit,
        /// 准贷记卡.
        SemiCredit,
        /// 预付费卡.
        Prepaid,
    }
}

/// The shortest prefix that tells banks apart.
pub const MIN_PREFIX: usize = 3;
/// The longest prefix in use: card networks give out 6 to 8 digits, banks divide theirs up to 12.
pub const MAX_PREFIX: usize = 12;
/// How many digits a card can have (ISO/IEC 7812).
pub const CARD_LENGTHS: std::ops::RangeInclusive<i32> = 12..=19;

/// A prefix with what its cards look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The digits that the cards begin with.
    pub prefix: String,
    /// Digits of a card; None where that isn't known.
    pub card_length: Option<i32>,
}

/// What may be doubtful about a card number. It never keeps anybody from saving it: passbooks and company accounts are
/// no cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CardDoubt {
    /// The last digit doesn't follow from the others (Luhn).
    CardCheckDigit,
    /// The bank's cards with this prefix have another number of digits.
    CardLength,
}

/// The number as it is stored and compared: half-width, without blanks and hyphens.
#[must_use]
pub fn normalise(text: &str) -> String {
    crate::id_number::normalise(text).replace('-', "")
}

/// The prefixes that a number may have in the dictionary, so that they can be looked up instead of scanned for.
/// None where the text is no number.
#[must_use]
pub fn candidates(number: &str) -> Vec<String> {
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    (MIN_PREFIX..=MAX_PREFIX).filter_map(|n| number.get(..n)).map(str::to_owned).collect()
}

/// The longest prefix that the number begins with.
#[must_use]
pub fn recognise<'a>(number: &str, bins: &'a [Bin]) -> Option<&'a Bin> {
    bins.iter().filter(|b| !b.prefix.is_empty() && number.starts_with(&b.prefix)).max_by_key(|b| b.prefix.len())
}

/// What is doubtful about a number with this prefix.
#[must_use]
pub fn doubt(number: &str, bin: &Bin) -> Option<CardDoubt> {
    let length = i32::try_from(number.len()).unwrap_or(i32::MAX);
    match bin.card_length {
        Some(expected) if expected != length => Some(CardDoubt::CardLength),
        _ if !is_luhn(number) => Some(CardDoubt::CardCheckDigit),
        _ => None,
    }
}

/// Whether the last digit follows from the others (ISO/IEC 7812-1, Luhn).
#[must_use]
pub fn is_luhn(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|d| d.len() > 1) else { return false };
    let weighed = digits.iter().rev().enumerate().map(|(place, d)| match (place % 2, d * 2) {
        (0, _) => *d,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins() -> Vec<Bin> {
        let bin = |prefix: &str, card_length| Bin { prefix: prefix.into(), card_length };
        vec![bin("622202", Some(19)), bin("62220209", Some(19)), bin("622848", Some(19)), bin("6225", Some(16))]
    }

    #[test]
    fn the_longest_prefix_wins() {
        let table = [
            ("6222021234567890123", Some("622202")),
            ("6222020909003028973", Some("62220209")),
            ("6228480000000000000", Some("622848")),
            ("6225801234567890", Some("6225")),
            ("622", None),
            ("", None),
            ("9558800000000000000", None),
            ("62220", None),
        ];
        for (number, prefix) in table {
            assert_eq!(recognise(number, &bins()).map(|b| b.prefix.as_str()), prefix, "{number}");
        }
    }

    #[test]
    fn candidates_are_the_beginnings_of_a_number_and_nothing_else() {
        assert_eq!(candidates("62220"), ["622", "6222", "62220"]);
        assert_eq!(candidates("6222020909003028973").len(), MAX_PREFIX - MIN_PREFIX + 1);
        for text in ["", "62", "62220x", "６２２２", "%", "6222 0"] {
            assert!(candidates(text).is_empty(), "{text}");
        }
        assert_eq!(normalise(" ６222-0209 "), "62220209");
    }

    #[test]
    fn luhn_notices_every_wrong_digit_and_every_swap_but_of_0_and_9() {
        for (number, right) in
            [("79927398713", true), ("79927398710", false), ("4111111111111111", true), ("0", false), ("", false)]
        {
            assert_eq!(is_luhn(number), right, "{number}");
        }
        let right = "4111111111111111";
        for place in 0..right.len() {
            let mut digits: Vec<u8> = right.bytes().collect();
            digits[place] = b'0' + (digits[place] - b'0' + 1) % 10;
            assert!(!is_luhn(&String::from_utf8(digits).unwrap()), "{place}");
        }
    }

    #[test]
    fn a_number_of_another_length_is_doubtful_before_its_check_digit_is() {
        let bin = |card_length| Bin { prefix: "4111".into(), card_length };
        assert_eq!(doubt("4111111111111111", &bin(Some(16))), None);
        assert_eq!(doubt("4111111111111111", &bin(None)), None);
        assert_eq!(doubt("4111111111111111", &bin(Some(19))), Some(CardDoubt::CardLength));
        assert_eq!(doubt("4111111111111112", &bin(Some(16))), Some(CardDoubt::CardCheckDigit));
    }
}
