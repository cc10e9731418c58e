//! What the rows of a report are, and the SQL that tells which row a case or coverage belongs to: one text for both engines.
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the rows of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// 日.
    Day,
    /// 月.
    Month,
    /// 季.
    Quarter,
    /// 年.
    Year,
    /// 办事处.
    Office,
    /// 代办处; an office's own cases are a row of their own.
    Agency,
    /// 参保单位.
    Unit,
    /// 保障活动, all its versions together.
    Plan,
    /// 申领类型.
    ClaimType,
}

impl Dimension {
    /// Whether the rows are periods.
    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Month | Self::Quarter | Self::Year)
    }
}

/// The key of a row, as text, from the column of a day.
fn of_day(by: Dimension, day: &str) -> String {
    match by {
        Dimension::Year => format!("substr(CAST({day} AS TEXT), 1, 4)"),
        Dimension::Quarter => format!(
            "substr(CAST({day} AS TEXT), 1, 4) || '-Q' || \
             CAST((CAST(substr(CAST({day} AS TEXT), 6, 2) AS INTEGER) + 2) / 3 AS TEXT)"
        ),
        Dimension::Month => format!("substr(CAST({day} AS TEXT), 1, 7)"),
        _ => format!("CAST({day} AS TEXT)"),
    }
}

const ALL: &str = "COALESCE('', '')";

fn plan_of(table: &str) -> String {
    format!(r#"(SELECT "v"."code" FROM "plan_versions" "v" WHERE "v"."id" = "{table}"."plan_version_id")"#)
}

/// The row that a case belongs to; `day` is the column that it is counted by.
pub(super) fn of_case(by: Option<Dimension>, day: &str) -> String {
    match by {
        None => ALL.to_owned(),
        Some(Dimension::Office) => r#"CAST("cases"."office_id" AS TEXT)"#.to_owned(),
        Some(Dimension::Agency) => r#"CAST(COALESCE("cases"."agency_id", "cases"."office_id") AS TEXT)"#.to_owned(),
        Some(Dimension::Unit) => r#"CAST("cases"."unit_id" AS TEXT)"#.to_owned(),
        Some(Dimension::Plan) => plan_of("cases"),
        Some(Dimension::ClaimType) => r#""cases"."claim_type""#.to_owned(),
        Some(by) => of_day(by, day),
    }
}

/// The row that a coverage belongs to, its unit joined as `orgs`.
pub(super) fn of_coverage(by: Option<Dimension>) -> String {
    match by {
        None | Some(Dimension::ClaimType) => ALL.to_owned(),
        Some(Dimension::Office) => r#"CAST("orgs"."office_id" AS TEXT)"#.to_owned(),
        Some(Dimension::Agency) => r#"CAST(COALESCE("orgs"."agency_id", "orgs"."office_id") AS TEXT)"#.to_owned(),
        Some(Dimension::Unit) => r#"CAST("coverages"."unit_id" AS TEXT)"#.to_owned(),
        Some(Dimension::Plan) => plan_of("coverages"),
        Some(by) => of_day(by, r#""coverages"."period_from""#),
    }
}

/// The periods that `from`–`to` touches, in order: key, first and last day, none beyond the range.
pub(super) fn periods(by: Dimension, from: NaiveDate, to: NaiveDate) -> Vec<(String, NaiveDate, NaiveDate)> {
    let mut out = Vec::new();
    let mut day = from;
    while day <= to {
        let (year, month) = (day.year(), day.month());
        let quarter = month.div_ceil(3);
        let (key, next) = match by {
            Dimension::Year => (format!("{year:04}"), NaiveDate::from_ymd_opt(year + 1, 1, 1)),
            Dimension::Quarter => {
                let first = NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1);
                (format!("{year:04}-Q{quarter}"), first.and_then(|d| d.checked_add_months(Months::new(3))))
            }
            Dimension::Month => {
                let first = NaiveDate::from_ymd_opt(year, month, 1);
                (format!("{year:04}-{month:02}"), first.and_then(|d| d.checked_add_months(Months::new(1))))
            }
            _ => (day.to_string(), day.succ_opt()),
        };
        let Some(next) = next else { break };
        let last = next.checked_sub_days(Days::new(1)).unwrap_or(day).min(to);
        out.push((key, day, last));
        day = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_cut_to_the_range_and_leave_no_gap() {
        let of = |by, from, to| -> Vec<String> {
            periods(by, day(from), day(to)).into_iter().map(|(k, f, t)| format!("{k} {f} {t}")).collect()
        };
        assert_eq!(
            of(Dimension::Month, "2025-12-15", "2026-02-03"),
            ["2025-12 2025-12-15 2025-12-31", "2026-01 2026-01-01 2026-01-31", "2026-02 2026-02-01 2026-02-03"]
        );
        assert_eq!(
            of(Dimension::Quarter, "2025-11-30", "2026-01-01"),
            ["2025-Q4 2025-11-30 2025-12-31", "2026-Q1 2026-01-01 2026-01-01"]
        );
        assert_eq!(
            of(Dimension::Year, "2025-12-31", "2026-01-01"),
            ["2025 2025-12-31 2025-12-31", "2026 2026-01-01 2026-01-01"]
        );
        assert_eq!(of(Dimension::Day, "2024-02-28", "2024-03-01").len(), 3);
        assert_eq!(of(Dimension::Day, "2024-03-01", "2024-02-28").len(), 0);
    }
}
