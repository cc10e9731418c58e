//! What stands in a cell of somebody's Excel file, and what it means: dates that are text, numbers that lost their digits.
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{id_number, money::Fen};

/// One cell as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as it was typed.
    Text(String),
    /// A number of at most 15 digits, written out: Excel keeps those exactly.
    Number(String),
    /// A longer number: Excel has put zeros in the place of its last digits.
    LostDigits(String),
    /// A cell that is formatted as a day.
    Day(NaiveDate),
    /// A formula whose value the file doesn't hold.
    NoValue,
    /// `#N/A` and its like.
    Error(String),
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CellFault {
    /// Must be filled in.
    CellRequired,
    /// Longer than the field.
    CellTooLong,
    /// A long number that was stored as a number: its last digits are gone.
    CellLostDigits,
    /// A formula without a value: open the file in Excel, save it, upload again.
    CellNoValue,
    /// `#N/A` and its like.
    CellError,
    /// No day that can be understood.
    CellNotADay,
    /// No whole number, or outside of what is allowed.
    CellNotANumber,
    /// None of the words that are allowed here.
    CellUnknownWord,
}

impl Cell {
    /// The cell as it looks, for showing it back.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Empty | Self::NoValue => String::new(),
            Self::Text(text) | Self::Number(text) | Self::LostDigits(text) | Self::Error(text) => text.clone(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// Whether there is nothing in it but blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// Text without the blanks around it; empty where the cell is. `max` is in characters.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn text(&self, max: usize) -> Result<String, CellFault> {
        let text = match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.trim().chars().filter(|c| !c.is_control()).collect(),
            Self::Number(text) => text.clone(),
            Self::Day(day) => day.to_string(),
            Self::LostDigits(_) => return Err(CellFault::CellLostDigits),
            Self::NoValue => return Err(CellFault::CellNoValue),
            Self::Error(_) => return Err(CellFault::CellError),
        };
        if text.chars().count() > max { Err(CellFault::CellTooLong) } else { Ok(text) }
    }

    /// As [`Self::text`], and there must be some.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn required(&self, max: usize) -> Result<String, CellFault> {
        self.text(max).and_then(|text| if text.is_empty() { Err(CellFault::CellRequired) } else { Ok(text) })
    }

    /// A number that identifies (ID, phone, account): no blanks, no full-width digits; empty where the cell is.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn identity(&self, max: usize) -> Result<String, CellFault> {
        self.text(usize::MAX)
            .map(|text| {
                let text = text.trim_start_matches(['\'', '‘', '’']);
                id_number::normalise(text)
            })
            .and_then(|text| if text.chars().count() > max { Err(CellFault::CellTooLong) } else { Ok(text) })
    }

    /// A day: a date cell, a serial number of Excel's, or text such as 2023.1.5, 2023/01/05, 20230105, 2023年1月5日.
    /// None where the cell is empty.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn day(&self) -> Result<Option<NaiveDate>, CellFault> {
        if let Self::Day(day) = self {
            return Ok(Some(*day));
        }
        let text = self.identity(40)?;
        if text.is_empty() {
            return Ok(None);
        }
        let serial = matches!(self, Self::Number(_)).then(|| day_of_serial(&text)).flatten();
        serial.or_else(|| day_of_text(&text)).map(Some).ok_or(CellFault::CellNotADay)
    }

    /// An amount in yuan, with or without separators and the sign of the yuan; None where the cell is empty.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn amount(&self) -> Result<Option<Fen>, CellFault> {
        let text: String = self.identity(40)?.chars().filter(|c| !",，¥￥元".contains(*c)).collect();
        if text.is_empty() {
            return Ok(None);
        }
        Fen::from_yuan_str(&text).map(Some).map_err(|_| CellFault::CellNotANumber)
    }

    /// A whole number within bounds; None where the cell is empty.
    ///
    /// # Errors
    /// What is wrong with the cell.
    pub fn whole(&self, min: u32, max: u32) -> Result<Option<u32>, CellFault> {
        let text = self.identity(40)?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<u32>().ok().filter(|n| (min..=max).contains(n));
        number.map(Some).ok_or(CellFault::CellNotANumber)
    }
}

/// Excel counts days from 1899-12-30; five digits are the years from 1927 to 2173.
fn day_of_serial(text: &str) -> Option<NaiveDate> {
    let days: u64 = text.parse().ok().filter(|n| (10_000..=99_999).contains(n))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

fn day_of_text(text: &str) -> Option<NaiveDate> {
    // A time of day after the date doesn't matter: 2023-01-05T00:00:00, 2023/1/5 0:00.
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(date, "%Y%m%d").ok();
    }
    let parts: Vec<&str> =
        date.split(['.', '/', '-', '年', '月', '日', '、', '．']).filter(|p| !p.is_empty()).collect();
    let [year, month, day] = parts[..] else { return None };
    if year.len() != 4 {
        return None;
    }
    // What follows the day without a sign between, as in 2023-1-50:00 that lost its blank, is no day.
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn a_day_is_read_however_it_was_typed() {
        let fifth = NaiveDate::from_ymd_opt(2023, 1, 5);
        for written in [
            "2023.1.5",
            "2023/01/05",
            "20230105",
            "2023-1-5",
            " 2023年1月5日",
            "２０２３．１．５",
            "2023-01-05T00:00:00",
        ] {
            assert_eq!(text(written).day(), Ok(fifth), "{written}");
        }
        assert_eq!(Cell::Number("20230105".into()).day(), Ok(fifth));
        assert_eq!(Cell::Number("44931".into()).day(), Ok(fifth), "a serial number");
        assert_eq!(Cell::Day(fifth.unwrap()).day(), Ok(fifth));
        assert_eq!(Cell::Empty.day(), Ok(None));
        for wrong in ["2023.2.30", "23.1.5", "一月五日", "2023", "2023-1", "99999999", "1/5/2023"] {
            assert_eq!(text(wrong).day(), Err(CellFault::CellNotADay), "{wrong}");
        }
    }

    #[test]
    fn an_id_number_is_read_with_blanks_and_full_width_but_not_as_a_rounded_number() {
        assert_eq!(text(" ２３０１０２ 19850312 001x").identity(30).unwrap(), "23010219850312001X");
        assert_eq!(text("'230102").identity(30).unwrap(), "230102");
        assert_eq!(Cell::Number("139000000000".into()).identity(30).unwrap(), "139000000000");
        assert_eq!(Cell::LostDigits("142625196607196000".into()).identity(30), Err(CellFault::CellLostDigits));
        assert_eq!(text(&"9".repeat(31)).identity(30), Err(CellFault::CellTooLong));
    }

    #[test]
    fn formulas_without_a_value_and_errors_are_named() {
        assert_eq!(Cell::NoValue.text(10), Err(CellFault::CellNoValue));
        assert_eq!(Cell::Error("#N/A".into()).required(10), Err(CellFault::CellError));
        assert_eq!(text("　 ").required(10), Err(CellFault::CellRequired));
        assert!(text("　 ").is_blank());
    }

    #[test]
    fn amounts_are_read_to_the_fen_or_not_at_all() {
        for (written, fen) in [("26,566.00", 2_656_600), ("￥8566", 856_600), ("１２．５元", 1_250), ("0", 0)] {
            assert_eq!(text(written).amount(), Ok(Some(Fen(fen))), "{written}");
        }
        assert_eq!(Cell::Number("6566.5".into()).amount(), Ok(Some(Fen(656_650))));
        assert_eq!(Cell::Empty.amount(), Ok(None));
        for wrong in ["-1", "1.234", "1e9", "约三千", "1000000000"] {
            assert_eq!(text(wrong).amount(), Err(CellFault::CellNotANumber), "{wrong}");
        }
    }

    #[test]
    fn whole_numbers_keep_their_bounds() {
        assert_eq!(text("２").whole(1, 10), Ok(Some(2)));
        assert_eq!(Cell::Empty.whole(1, 10), Ok(None));
        for wrong in ["0", "11", "-1", "1.5", "1e9", "两份"] {
            assert_eq!(text(wrong).whole(1, 10), Err(CellFault::CellNotANumber), "{wrong}");
        }
    }
}
