//! 密码: what somebody may choose as their own.
use strum::IntoStaticStr;

/// The shortest, in characters.
pub const MIN: usize = 10;
/// The longest, in bytes.
pub const MAX_BYTES: usize = 256;
/// Different characters at least.
const MIN_DIFFERENT: usize = 5;
/// The most neighbours in a row (`abcd`, `4321`) in a password that has little else.
const MIN_STEPS: usize = 4;

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PasswordFault {
    /// Fewer than [`MIN`] characters.
    PasswordTooShort,
    /// More than [`MAX_BYTES`] bytes.
    PasswordTooLong,
    /// The sign-in name stands in it.
    PasswordHasName,
    /// Few different characters, or hardly more than counting: `1234567890`, `aaaaaaaaaa`, `abcabcabca`.
    PasswordTooSimple,
}

/// Looks at a new password of somebody who signs in as `username`. Length counts most; no class of characters is asked for.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, username: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < MIN {
        return Err(PasswordFault::PasswordTooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(PasswordFault::PasswordTooLong);
    }
    let lower = password.to_lowercase();
    if !username.is_empty() && lower.contains(&username.to_lowercase()) {
        return Err(PasswordFault::PasswordHasName);
    }
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    // How often the next character isn't the same, the one above or the one below.
    let signs: Vec<u32> = lower.chars().map(u32::from).collect();
    let steps = signs.windows(2).filter(|two| two[0].abs_diff(two[1]) > 1).count();
    if different.len() < MIN_DIFFERENT || steps < MIN_STEPS {
        return Err(PasswordFault::PasswordTooSimple);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_neither_the_name_nor_counting_will_do() {
        use PasswordFault as F;
        for (password, expected) in [
            ("huzhu-demo", Ok(())),
            ("correct horse battery", Ok(())),
            ("松花江上的一只小船呀", Ok(())),
            ("k3v9q2w8z1", Ok(())),
            ("huzhu-dem", Err(F::PasswordTooShort)),
            ("松花江上的一只小船", Err(F::PasswordTooShort)),
            (&"x7-".repeat(100), Err(F::PasswordTooLong)),
            ("my-Handler-2026", Err(F::PasswordHasName)),
            ("1234567890", Err(F::PasswordTooSimple)),
            ("abcdefghij", Err(F::PasswordTooSimple)),
            ("9876543210123", Err(F::PasswordTooSimple)),
            ("aaaaaaaaaaaa", Err(F::PasswordTooSimple)),
            ("abababababab", Err(F::PasswordTooSimple)),
            ("a1a1a1a1a1a1", Err(F::PasswordTooSimple)),
        ] {
            assert_eq!(check(password, "handler"), expected, "{password}");
        }
    }
}
