//! 会员 / 职工: what is on record about an insured worker.

code_enum! {
    /// 在职状态.
    #[derive(Default)]
    Employment {
        /// 在职.
        #[default]
        Active,
        /// 退休.
        Retired,
    }
}

/// The longest name, in characters: names of minorities and foreigners are long.
pub const MAX_NAME: usize = 60;

/// A mainland mobile or landline number: 7 to 15 digits, `-` and a leading `+` allowed.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&count) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}
