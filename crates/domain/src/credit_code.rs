//! 统一社会信用代码 of a 参保单位 (GB 32100): 18 places, the last one follows from the others modulo 31.
use strum::IntoStaticStr;

use crate::id_number;

/// The signs that may stand in a code: no I, O, S, V, Z.
const SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// What is wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CreditCodeFault {
    /// Not 18 places.
    CreditCodeWrongLength,
    /// A sign that no code has.
    CreditCodeWrongSign,
    /// The last place doesn't follow from the others.
    CreditCodeWrongCheck,
}

/// The code as it is stored and compared: no blanks, half-width, capitals.
#[must_use]
pub fn normalise(text: &str) -> String {
    id_number::normalise(text)
}

/// Looks at a normalised code.
///
/// # Errors
/// What is wrong with it.
pub fn check(code: &str) -> Result<(), CreditCodeFault> {
    let signs: Vec<char> = code.chars().collect();
    let [first @ .., last] = &signs[..] else { return Err(CreditCodeFault::CreditCodeWrongLength) };
    if first.len() != 17 {
        return Err(CreditCodeFault::CreditCodeWrongLength);
    }
    let values: Option<Vec<usize>> = signs.iter().map(|c| SIGNS.find(*c)).collect();
    if values.is_none() {
        return Err(CreditCodeFault::CreditCodeWrongSign);
    }
    if check_sign(&first.iter().collect::<String>()) == Some(*last) {
        Ok(())
    } else {
        Err(CreditCodeFault::CreditCodeWrongCheck)
    }
}

/// The last place that belongs to the first seventeen; None where they aren't such.
#[must_use]
pub fn check_sign(first: &str) -> Option<char> {
    let values: Vec<usize> = first.chars().map(|c| SIGNS.find(c)).collect::<Option<_>>()?;
    if values.len() != 17 {
        return None;
    }
    // Weights are the powers of 3 modulo 31.
    let mut weight = 1;
    let mut sum = 0;
    for value in values {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    SIGNS.chars().nth((31 - sum % 31) % 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_code_is_right_and_every_single_wrong_sign_is_noticed() {
        // 91 enterprise, region 000000 that belongs to nobody, a made-up body.
        let first = "91000000MA00000A1";
        let code = format!("{first}{}", check_sign(first).unwrap());
        assert_eq!(check(&code), Ok(()));
        for place in 0..17 {
            let mut signs: Vec<char> = code.chars().collect();
            let at = SIGNS.find(signs[place]).unwrap();
            signs[place] = SIGNS.chars().nth((at + 1) % 31).unwrap();
            let wrong: String = signs.into_iter().collect();
            assert_eq!(check(&wrong), Err(CreditCodeFault::CreditCodeWrongCheck), "{wrong}");
        }
    }

    #[test]
    fn the_standards_own_example_is_right() {
        assert_eq!(check("91350100M000100Y43"), Ok(()));
    }

    #[test]
    fn lengths_and_signs_that_cannot_be_are_named() {
        assert_eq!(check(""), Err(CreditCodeFault::CreditCodeWrongLength));
        assert_eq!(check("91000000MA00000A"), Err(CreditCodeFault::CreditCodeWrongLength));
        assert_eq!(check("91000000MA00000AIO"), Err(CreditCodeFault::CreditCodeWrongSign));
        assert_eq!(check("９1000000MA00000A10"), Err(CreditCodeFault::CreditCodeWrongSign));
        assert_eq!(normalise(" ９1000000ma00000a1 "), "91000000MA00000A1");
    }
}
