//! 大写: amounts as papers carry them, so that no digit can be added (rule of the People's Bank: 正确填写票据和结算凭证的
//! 基本规定). 整 follows an amount that ends at 元 or 角; a gap of zeros is one 零; 元 is never left out between numbers.
use crate::money::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 5] = ["", "万", "亿", "兆", "京"];

pub(crate) fn capitals(amount: Fen) -> String {
    let magnitude = amount.0.unsigned_abs();
    let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let mut out = String::from(if amount.0 < 0 { "负" } else { "" });
    if yuan > 0 {
        out.push_str(&integer(yuan));
        out.push('元');
    }
    match (jiao, fen) {
        (0, 0) => out.push_str(if yuan > 0 { "整" } else { "零元整" }),
        (_, 0) => out.push_str(&format!("{}角整", digit(jiao))),
        (0, _) if yuan > 0 => out.push_str(&format!("零{}分", digit(fen))),
        (0, _) => out.push_str(&format!("{}分", digit(fen))),
        _ => out.push_str(&format!("{}角{}分", digit(jiao), digit(fen))),
    }
    out
}

fn digit(d: u64) -> char {
    usize::try_from(d).ok().and_then(|d| DIGITS.get(d)).copied().unwrap_or('零')
}

/// Groups of four digits from the left; a gap of any number of zeros is one 零.
fn integer(n: u64) -> String {
    let text = n.to_string();
    let mut out = String::new();
    let (mut gap, mut group_empty) = (false, true);
    for (i, d) in text.bytes().map(|b| u64::from(b - b'0')).enumerate() {
        let right = text.len() - 1 - i;
        if d == 0 {
            gap = true;
        } else {
            if gap && !out.is_empty() {
                out.push('零');
            }
            gap = false;
            group_empty = false;
            out.push(digit(d));
            out.push_str(PLACES[right % 4]);
        }
        if right.is_multiple_of(4) {
            if !group_empty {
                out.push_str(GROUPS.get(right / 4).copied().unwrap_or_default());
            }
            group_empty = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn capitals_are_as_a_cashier_writes_them() {
        let cases = [
            (0, "零元整"),
            (1, "壹分"),
            (5, "伍分"),
            (10, "壹角整"),
            (50, "伍角整"),
            (55, "伍角伍分"),
            (100, "壹元整"),
            (101, "壹元零壹分"),
            (110, "壹元壹角整"),
            (1_000, "壹拾元整"),
            (1_001, "壹拾元零壹分"),
            (1_010, "壹拾元壹角整"),
            (10_100, "壹佰零壹元整"),
            (120_000, "壹仟贰佰元整"),
            (100_100, "壹仟零壹元整"),
            (101_000, "壹仟零壹拾元整"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (328_300, "叁仟贰佰捌拾叁元整"),
            (160_902, "壹仟陆佰零玖元零贰分"),
            (10_000_000, "壹拾万元整"),
            (10_000_500, "壹拾万零伍元整"),
            (10_700_053, "壹拾万零柒仟元伍角叁分"),
            (1_000_100_000, "壹仟万零壹仟元整"),
            (1_001_000_000, "壹仟零壹万元整"),
            (9_999_999_999, "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
            (10_000_000_000, "壹亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (10_010_000_000, "壹亿零壹拾万元整"),
            (11_000_000_001, "壹亿壹仟万元零壹分"),
            (100_000_000_000_000, "壹兆元整"),
            (100_050_015, "壹佰万零伍佰元壹角伍分"),
            (-328_305, "负叁仟贰佰捌拾叁元零伍分"),
        ];
        for (fen, text) in cases {
            assert_eq!(Fen(fen).in_words(), text, "{fen}");
        }
    }

    /// Reads an amount back, by the meaning of the characters alone.
    fn read(text: &str) -> Option<i64> {
        let (sign, text) = text.strip_prefix('负').map_or((1, text), |rest| (-1, rest));
        let (mut total, mut below, mut group, mut digit) = (0_i128, 0_i128, 0_i128, 0_i128);
        for c in text.trim_end_matches('整').chars() {
            if let Some(d) = DIGITS.iter().position(|x| *x == c) {
                digit = d as i128;
                continue;
            }
            let place = |c| ['拾', '佰', '仟'].iter().position(|p| *p == c).map(|i| 10_i128.pow(i as u32 + 1));
            let large =
                |c| ['万', '亿', '兆', '京'].iter().position(|p| *p == c).map(|i| 10_000_i128.pow(i as u32 + 1));
            if let Some(place) = place(c) {
                group += digit * place;
            } else if let Some(unit) = large(c) {
                below += (group + digit) * unit;
                group = 0;
            } else {
                match c {
                    '元' => total += (below + group + digit) * 100,
                    '角' => total += digit * 10,
                    '分' => total += digit,
                    _ => return None,
                }
                (below, group) = (0, 0);
            }
            digit = 0;
        }
        i64::try_from(total * sign).ok()
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(fen in prop_oneof![0..1_000_000_i64, 0..=i64::MAX, -1_000_000..0_i64]) {
            prop_assert_eq!(read(&Fen(fen).in_words()), Some(fen));
        }

        /// Amounts full of zeros, where mistakes are made.
        #[test]
        fn gaps_read_back_and_are_one_zero(digits in "[1-9][0159]{0,3}0{0,5}[05]{0,6}") {
            let fen: i64 = digits.parse().unwrap();
            let text = Fen(fen).in_words();
            prop_assert_eq!(read(&text), Some(fen));
            prop_assert!(!text.contains("零零") && !text.contains("零元") && !text.contains("零万") && !text.contains("亿万"), "{}", text);
            prop_assert!(text.ends_with('整') != text.ends_with('分'));
        }
    }
}
