//! 登录名: what somebody types to sign in.
use strum::IntoStaticStr;

/// The shortest name that is given.
pub const MIN: usize = 3;
/// The longest name that is given.
pub const MAX: usize = 32;

/// What is wrong with a new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum UsernameFault {
    /// Fewer than [`MIN`] or more than [`MAX`] signs.
    UsernameWrongLength,
    /// Something else than a–z, 0–9, `.`, `_` and `-`, or no letter first.
    UsernameWrongSign,
}

/// Looks at a new name. Capitals aren't given, so that nobody has to remember them.
///
/// # Errors
/// What is wrong with it.
pub fn check(name: &str) -> Result<(), UsernameFault> {
    let count = name.chars().count();
    if !(MIN..=MAX).contains(&count) {
        return Err(UsernameFault::UsernameWrongLength);
    }
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if name.chars().all(known) && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(UsernameFault::UsernameWrongSign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for right in ["abc", "li.siyuan", "unit23010001", "a-b_c"] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        let long = "a".repeat(33);
        for wrong in ["", "ab", &long] {
            assert_eq!(check(wrong), Err(UsernameFault::UsernameWrongLength), "{wrong}");
        }
        for wrong in ["Abc", "1abc", "a b c", "李思远", "a@b", "abc\0", "-abc"] {
            assert_eq!(check(wrong), Err(UsernameFault::UsernameWrongSign), "{wrong}");
        }
    }
}
