//! The one clock. Instants are UTC with milliseconds (what both databases keep exactly); days are the society's.
use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, Utc};

/// Asia/Shanghai has had no daylight saving time since 1991, so a fixed offset is exact for every business day.
const SHANGHAI_SECONDS: i32 = 8 * 3600;

tokio::task_local! {
    static AS_OF: DateTime<Utc>;
}

/// Runs something as if it were `instant`: how the demonstration gets a past, by the same acts that make the present.
pub fn as_of<F: Future>(instant: DateTime<Utc>, doing: F) -> impl Future<Output = F::Output> {
    // On the heap: a past is made of many acts, and without optimisation each would take its place on the stack.
    AS_OF.scope(instant.trunc_subsecs(3), Box::pin(doing))
}

/// The present instant.
#[allow(clippy::disallowed_methods, reason = "this is the place that the ban names")]
#[must_use]
pub fn now() -> DateTime<Utc> {
    AS_OF.try_with(|instant| *instant).unwrap_or_else(|_| Utc::now().trunc_subsecs(3))
}

/// The day that an instant falls on in the society's time zone.
#[must_use]
pub fn day_of(instant: DateTime<Utc>) -> NaiveDate {
    FixedOffset::east_opt(SHANGHAI_SECONDS)
        .map_or_else(|| instant.date_naive(), |offset| instant.with_timezone(&offset).date_naive())
}

/// The instant at which a day begins in the society's time zone.
#[must_use]
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() - chrono::Duration::seconds(i64::from(SHANGHAI_SECONDS))
}

/// Today in the society's time zone.
#[must_use]
pub fn today() -> NaiveDate {
    day_of(now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_shanghai() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(day_of(at("2026-11-23T15:59:59Z")).to_string(), "2026-11-23");
        assert_eq!(day_of(at("2026-11-23T16:00:00Z")).to_string(), "2026-11-24");
    }
}
