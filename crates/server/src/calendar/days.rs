//! The calendar: a year of it, and marking days.
use axum::{
    Json,
    extract::{Query, State},
};
use chrono::{Datelike, NaiveDate};
use huzhu_domain::{calendar::DayKind, org::OrgKind};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    audit::{self, Entry},
    entity::calendar_day,
    platform::{
        auth::{Acting, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::{self, Object, RecordEventView},
};

/// Years that can be kept.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// Days that are marked at once.
const MAX_DAYS: i64 = 31;
/// The longest name of a day, in characters.
const MAX_NAME: usize = 30;

/// A day that isn't what its weekday says, or that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarkedDay {
    day: NaiveDate,
    kind: DayKind,
    /// 国庆节; empty where none was given.
    name: String,
}

impl From<calendar_day::Model> for MarkedDay {
    fn from(d: calendar_day::Model) -> Self {
        Self { day: d.day, kind: d.kind.0, name: d.name }
    }
}

/// A year of the calendar.
#[derive(Serialize, ToSchema)]
pub struct CalendarYear {
    year: i32,
    /// In their order. Every other day is worked from Monday to Friday.
    days: Vec<MarkedDay>,
    today: NaiveDate,
    /// Whether the caller may mark days.
    editable: bool,
}

/// Which year.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct YearQuery {
    /// 2000 to 2100; this year where absent.
    year: Option<i32>,
}

impl YearQuery {
    fn year(&self) -> Result<i32, Problem> {
        let year = self.year.unwrap_or_else(|| clock::today().year());
        if YEARS.contains(&year) { Ok(year) } else { Err(Problem::invalid_field("year", "out_of_range")) }
    }
}

async fn marked(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Vec<MarkedDay>, Problem> {
    let days = calendar_day::Entity::find().filter(calendar_day::Column::Day.between(from, to));
    let days = days.order_by_asc(calendar_day::Column::Day).all(db).await?;
    Ok(days.into_iter().map(MarkedDay::from).collect())
}

async fn year_of(app: &App, me: &crate::platform::auth::Me, year: i32) -> Result<Json<CalendarYear>, Problem> {
    let end = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let days = marked(app.db.read(), end(1, 1), end(12, 31)).await?;
    let editable = me.may(huzhu_domain::permission::Permission::MaintainRecords) && me.org_kind == OrgKind::Society;
    Ok(Json(CalendarYear { year, days, today: clock::today(), editable }))
}

/// A year of the calendar.
#[utoipa::path(get, path = "/api/calendar", tag = "calendar", params(YearQuery),
    responses((status = 200, body = CalendarYear), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show_year(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(query): Query<YearQuery>,
) -> Result<Json<CalendarYear>, Problem> {
    year_of(&app, &me, query.year()?).await
}

/// What days are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Marking {
    /// The first day.
    from: NaiveDate,
    /// The last day, of the same year; at most 31 days.
    to: NaiveDate,
    /// What they are; null for what their weekday says.
    kind: Option<DayKind>,
    /// What they are called.
    #[serde(default)]
    name: String,
}

impl Marking {
    fn check(&self) -> Result<&str, Problem> {
        if !YEARS.contains(&self.from.year()) {
            return Err(Problem::invalid_field("from", "out_of_range"));
        }
        if self.to < self.from || self.to.year() != self.from.year() || (self.to - self.from).num_days() >= MAX_DAYS {
            return Err(Problem::invalid_field("to", "days_impossible"));
        }
        let name = self.name.trim();
        if name.chars().count() > MAX_NAME {
            return Err(Problem::invalid_field("name", "too_long"));
        }
        if name.chars().any(char::is_control) {
            return Err(Problem::invalid_field("name", "control_signs"));
        }
        Ok(name)
    }
}

/// Marks days as worked or off, or takes the mark away; answers with the year.
#[utoipa::path(put, path = "/api/calendar/days", tag = "calendar", request_body = Marking,
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = CalendarYear), (status = "4XX", body = ProblemBody)))]
pub(super) async fn mark(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Json(marking): Json<Marking>,
) -> Result<Json<CalendarYear>, Problem> {
    if me.org_kind != OrgKind::Society {
        return Err(Problem::forbidden());
    }
    let name = marking.check()?;
    let (from, to, year) = (marking.from, marking.to, marking.from.year());
    let tx = app.db.begin().await?;
    let before = marked(&tx, from, to).await?;
    match marking.kind {
        None => {
            calendar_day::Entity::delete_many().filter(calendar_day::Column::Day.between(from, to)).exec(&tx).await?;
        }
        Some(kind) => {
            let rows = from.iter_days().take_while(|d| *d <= to).map(|day| calendar_day::ActiveModel {
                day: Set(day),
                kind: Set(Coded(kind)),
                name: Set(name.to_owned()),
            });
            let over = OnConflict::column(calendar_day::Column::Day)
                .update_columns([calendar_day::Column::Kind, calendar_day::Column::Name])
                .to_owned();
            calendar_day::Entity::insert_many(rows).on_conflict(over).exec_without_returning(&tx).await?;
        }
    }
    let after = marked(&tx, from, to).await?;
    if before != after {
        let object = Object { kind: "calendar", id: i64::from(year) };
        records::note(&tx, object, Some(me.id.0), "update", "", (&before, &after)).await?;
    }
    audit::commit(tx, &[Entry::done(Some(me.id.0), "calendar", year)]).await?;
    year_of(&app, &me, year).await
}

/// What was marked in a year, newest first.
#[utoipa::path(get, path = "/api/calendar/history", tag = "calendar", params(YearQuery),
    responses((status = 200, body = Vec<RecordEventView>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn history(
    State(app): State<App>,
    _me: Acting<can::Anything>,
    Query(query): Query<YearQuery>,
) -> Result<Json<Vec<RecordEventView>>, Problem> {
    let object = Object { kind: "calendar", id: i64::from(query.year()?) };
    records::history_view(&app.db, object).await.map(Json)
}
