//! The calendar that the program is delivered with, against what two published packages say of every day.
use chrono::NaiveDate;
use huzhu_domain::calendar::{Calendar, DayKind};

#[test]
fn the_delivered_calendar_is_the_published_one() {
    let sql = include_str!("../../server/migrations/0014_calendar.sql");
    let row = |line: &str| {
        let words: Vec<&str> = line.trim().strip_prefix("('")?.split('\'').collect();
        let day = words.first()?.parse::<NaiveDate>().ok()?;
        Some((day, if *words.get(2)? == "off" { DayKind::Off } else { DayKind::Working }))
    };
    let days: Vec<(NaiveDate, DayKind)> = sql.lines().filter_map(row).collect();
    assert_eq!(days.len(), 143, "every line of the migration was read");
    let calendar: Calendar = days.into_iter().collect();
    let mut seen = 0;
    for line in include_str!("data/workdays.txt").lines().filter(|l| !l.starts_with('#')) {
        let (month, days) = line.split_once(' ').unwrap();
        for (number, working) in (1..).zip(days.chars()) {
            let day: NaiveDate = format!("{month}-{number:02}").parse().unwrap();
            assert_eq!(calendar.is_working(day), working == '1', "{day}");
            seen += 1;
        }
    }
    assert_eq!(seen, 365 * 4 + 1);
}
