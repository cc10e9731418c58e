//! Every figure is the total of the list behind it and stands in the export, on both databases.
use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use huzhu::{
    entity::{member, org},
    platform::{clock, db::Db},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, Statement};
use serde_json::{Value, json};

use crate::world::{User, World, draft, statement};

/// Where a case is led.
#[derive(Clone, Copy, PartialEq)]
enum Goal {
    Accepted,
    Submitted,
    Withdrawn,
    Denied(&'static str),
    Paid { returned: bool },
}

/// Everybody who leads cases.
struct Office<'a> {
    world: &'a World,
    enters: User,
    reviews: User,
}

impl Office<'_> {
    /// A member's case, accepted at so many minutes of a day and moved on every other day.
    async fn lead(&self, who: &member::Model, (day, minute): (&str, i64), goal: Goal) -> i64 {
        let day: NaiveDate = day.parse().unwrap();
        let at = |days: i64| clock::start_of(day) + Duration::minutes(minute) + Duration::days(days);
        let incident = (day - Duration::days(20)).to_string();
        let (enters, reviews) = (&self.enters, &self.reviews);
        let row = enters.claim(who.id_number.as_str(), &incident, "disease_inpatient").await;
        let made = clock::as_of(at(0), enters.accept(&format!("lead-{}", who.id), json!([row]))).await.expect(201);
        let id = made["cases"][0]["id"].as_i64().unwrap();
        if goal == Goal::Accepted {
            return id;
        }
        clock::as_of(at(0), enters.papers(id)).await;
        clock::as_of(at(0), enters.act(id, "confirm-materials")).await.expect(200);
        clock::as_of(at(1), enters.act(id, "take")).await.expect(200);
        if goal == Goal::Withdrawn {
            let why = json!({ "version": enters.version(id).await, "reason": "member_request" });
            clock::as_of(at(1), enters.post(&format!("/api/cases/{id}/withdraw"), why)).await.expect(200);
            return id;
        }
        self.submit(id, who, &incident, at(2)).await;
        if goal == Goal::Submitted {
            return id;
        }
        clock::as_of(at(4), reviews.act(id, "take")).await.expect(200);
        let answer = |why: Value, act: &'static str| async move {
            let mut why = why;
            why["version"] = json!(reviews.version(id).await);
            why["note"] = json!("说明");
            clock::as_of(at(4), reviews.post(&format!("/api/cases/{id}/{act}"), why)).await.expect(200);
        };
        match goal {
            Goal::Denied(reason) => answer(json!({ "reason": reason }), "deny").await,
            Goal::Paid { returned } => {
                let mut last = 4;
                if returned {
                    answer(json!({ "to": "expense_entry", "reason": "other" }), "return").await;
                    self.submit(id, who, &incident, at(7)).await;
                    clock::as_of(at(8), reviews.act(id, "take")).await.expect(200);
                    last = 8;
                }
                clock::as_of(at(last), reviews.act(id, "approve")).await.expect(200);
                self.pay(id, at(last + 2)).await;
            }
            _ => {}
        }
        id
    }

    async fn submit(&self, id: i64, who: &member::Model, incident: &str, at: DateTime<Utc>) {
        let mut entry = draft(self.enters.version(id).await);
        entry["payees"][0]["name"] = json!(who.name);
        entry["incident"]["from"] = json!(incident);
        entry["incident"]["to"] = json!(incident);
        let mut paper = statement();
        paper["admitted_on"] = json!(incident);
        paper["discharged_on"] = json!(incident);
        paper["invoice_no"] = json!(format!("A{id}"));
        entry["statements"] = json!([paper]);
        clock::as_of(at, self.enters.save(id, entry)).await.expect(200);
        clock::as_of(at, self.enters.act(id, "calculate")).await.expect(200);
        clock::as_of(at, self.enters.act(id, "submit")).await.expect(200);
    }

    async fn pay(&self, id: i64, at: DateTime<Utc>) {
        clock::as_of(at, self.world.pay(&[id])).await;
    }
}

async fn members(db: &Db, agency: &str) -> Vec<member::Model> {
    let agency = org::Entity::find().filter(org::Column::Code.eq(agency)).one(db.read()).await.unwrap().unwrap();
    let units = org::Entity::find().filter(org::Column::AgencyId.eq(agency.id)).all(db.read()).await.unwrap();
    let of = member::Entity::find().filter(member::Column::UnitId.is_in(units.iter().map(|u| u.id)));
    let found = of.order_by_asc(member::Column::Id).all(db.read()).await.unwrap();
    found.into_iter().filter(|m| m.id_number.as_str() != crate::world::MANUAL_ID).collect()
}

/// Cases of two offices over four months, at every kind of end.
async fn filled() -> World {
    let world = World::new().await;
    let (enters, reviews) = (world.user("handler").await, world.user("review").await);
    let office = Office { world: &world, enters, reviews: reviews.clone() };
    let ours = members(&world.app.db, "2301").await;
    let led = [
        ("2026-03-30", 600, Goal::Paid { returned: false }),
        ("2026-04-02", 600, Goal::Paid { returned: true }),
        ("2026-04-20", 600, Goal::Denied("out_of_scope")),
        ("2026-05-03", 600, Goal::Denied("other")),
        // Ten minutes before and after a month ends in Shanghai.
        ("2026-05-31", 1430, Goal::Withdrawn),
        ("2026-06-01", 10, Goal::Accepted),
        ("2026-05-12", 600, Goal::Submitted),
    ];
    for (who, (day, minute, goal)) in ours.iter().zip(led) {
        office.lead(who, (day, minute), goal).await;
    }
    let far = Office { world: &world, enters: world.user("far").await, reviews };
    far.lead(&members(&world.app.db, "3701").await[0], ("2026-06-02", 600), Goal::Accepted).await;
    world
}

const RANGE: (&str, &str) = ("2026-01-01", "2026-06-30");

async fn report(user: &User, by: &str, more: Value) -> Value {
    let mut search = json!({ "from": RANGE.0, "to": RANGE.1, "by": by });
    search.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user.post("/api/figures/report", search).await.expect(200)
}

fn n(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// The search that finds what a row counts, with what belongs to the measure.
fn behind(row: &Value, days: &str, more: Value) -> Value {
    let mut search = json!({ "size": 100 });
    for field in ["org_id", "direct", "unit_id", "plan", "claim_type"] {
        search[field] = row[field].clone();
    }
    search[format!("{days}_from")] = row["from"].clone();
    search[format!("{days}_to")] = row["to"].clone();
    search.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    search
}

/// Every figure of a row is the total of its list.
async fn agrees(user: &User, row: &Value) {
    let mut wanted = vec![
        (&row["received"], behind(row, "accepted", json!({}))),
        (&row["submitted"], behind(row, "submitted", json!({}))),
        (&row["returned"], behind(row, "returned", json!({}))),
        (&row["closed"], behind(row, "closed", json!({}))),
        (&row["paid"], behind(row, "closed", json!({ "outcome": "paid" }))),
        (&row["denied"], behind(row, "closed", json!({ "outcome": "denied" }))),
        (&row["withdrawn"], behind(row, "closed", json!({ "outcome": "withdrawn" }))),
        (&row["corrected"], behind(row, "closed", json!({ "outcome": "corrected" }))),
        (&row["recovered"], behind(row, "closed", json!({ "outcome": "recovered" }))),
        (&row["written_off"], behind(row, "closed", json!({ "outcome": "written_off" }))),
    ];
    for reason in row["reasons"].as_array().unwrap() {
        let of = json!({ "outcome": "denied", "close_reason": reason["reason"] });
        wanted.push((&reason["cases"], behind(row, "closed", of)));
    }
    for stay in row["stays"].as_array().unwrap() {
        wanted.push((&stay["cases"], behind(row, "closed", json!({ "passed": stay["stage"] }))));
    }
    if row["claim_type"].is_null() {
        wanted.push((&row["cohort_cases"], behind(row, "begins", json!({ "outcome": "paid" }))));
        let covered = user.post("/api/inquiry/coverages/search", behind(row, "begins", json!({ "state": "active" })));
        assert_eq!(covered.await.expect(200)["total"], row["coverages"], "{row}");
    }
    for (figure, search) in wanted {
        let found = user.post("/api/inquiry/cases/search", search.clone()).await.expect(200);
        assert_eq!(&found["total"], figure, "{search} of {row}");
        let sum: i64 = found["items"].as_array().unwrap().iter().filter_map(|c| c["benefit_fen"].as_i64()).sum();
        if search["outcome"] == "paid" {
            let fen = if search["begins_from"].is_null() { "paid_fen" } else { "cohort_fen" };
            assert_eq!(sum, n(&row[fen]), "{search} of {row}");
        }
    }
}

#[tokio::test]
async fn every_figure_is_the_total_of_its_list_and_stands_in_the_export() {
    let world = filled().await;
    for name in ["admin", "review", "handler", "unit", "far"] {
        let user = world.user(name).await;
        for by in ["day", "month", "quarter", "year", "office", "agency", "unit", "plan", "claim_type"] {
            let found = report(&user, by, json!({})).await;
            let rows = found["rows"].as_array().unwrap();
            for measure in ["received", "submitted", "returned", "closed", "paid", "paid_fen", "denied", "withdrawn"] {
                let sum: i64 = rows.iter().map(|r| n(&r[measure])).sum();
                assert_eq!(sum, n(&found["total"][measure]), "{measure} by {by} as {name}");
            }
            // 181 days, most of them empty: those with something in them will do.
            for row in rows.iter().filter(|r| by != "day" || n(&r["received"]) + n(&r["closed"]) > 0) {
                agrees(&user, row).await;
            }
            agrees(&user, &found["total"]).await;
            in_the_export(&user, by, &found).await;
        }
    }
}

/// A number with two decimals as a sheet keeps it.
fn cell(hundredths: i64) -> Data {
    Data::Float(format!("{}.{:02}", hundredths / 100, hundredths % 100).parse().unwrap())
}

async fn in_the_export(user: &User, by: &str, found: &Value) {
    let search = json!({ "from": RANGE.0, "to": RANGE.1, "by": by });
    let file = user.post("/api/figures/report/export", search).await;
    assert_eq!(file.status, 200);
    let mut book = Xlsx::new(std::io::Cursor::new(file.bytes)).unwrap();
    let sheet: Vec<Vec<Data>> = book.worksheet_range("统计报表").unwrap().rows().map(<[Data]>::to_vec).collect();
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(sheet.len(), rows.len() + 2, "headings, rows and total");
    assert_eq!(sheet.last().unwrap()[0], Data::String("合计".into()));
    for (line, row) in sheet[1..].iter().zip(rows.iter().chain([&found["total"]])) {
        let columns = [(1, "received"), (2, "submitted"), (3, "returned"), (4, "closed"), (5, "paid"), (7, "denied")];
        for (at, measure) in columns.into_iter().chain([(8, "withdrawn"), (13, "coverages"), (16, "cohort_cases")]) {
            assert_eq!(line[at], cell(n(&row[measure]) * 100), "{measure} of {row}");
        }
        assert_eq!(line[6], cell(n(&row["paid_fen"])));
        assert_eq!(line[14], cell(n(&row["fees_fen"])));
    }
}

#[tokio::test]
async fn a_case_counts_in_the_month_of_shanghai_and_once_by_each_measure() {
    let world = filled().await;
    let found = report(&world.user("review").await, "month", json!({})).await;
    let row = |month: &str| found["rows"].as_array().unwrap().iter().find(|r| r["key"] == month).unwrap().clone();
    let of = |month: &str, measure: &str| n(&row(month)[measure]);
    assert_eq!(found["rows"].as_array().unwrap().len(), 6, "empty months are there, too");
    assert_eq!([of("2026-03", "received"), of("2026-04", "received")], [1, 2]);
    assert_eq!([of("2026-05", "received"), of("2026-06", "received")], [3, 1]);
    assert_eq!([of("2026-05", "withdrawn"), of("2026-06", "withdrawn")], [0, 1]);
    assert_eq!([of("2026-04", "returned"), of("2026-04", "submitted"), n(&found["total"]["submitted"])], [1, 3, 5]);
    assert_eq!([of("2026-04", "paid"), of("2026-04", "paid_fen")], [2, 2 * 328_300]);
    let total = &found["total"];
    assert_eq!((n(&total["closed"]), n(&total["paid"]), n(&total["denied"]), n(&total["withdrawn"])), (5, 2, 2, 1));
}

#[tokio::test]
async fn the_time_at_a_stage_is_all_visits_together() {
    let world = filled().await;
    let found = report(&world.user("admin").await, "year", json!({})).await;
    let stays = found["total"]["stays"].as_array().unwrap();
    let stay = |stage: Value| stays.iter().find(|s| s["stage"] == stage).unwrap();
    let days = |seconds: &Value| n(seconds) / 86_400;
    // 初审: 2 (paid), 2 + 1 (returned once), 2 and 2 days (denied).
    let review = stay(json!("first_review"));
    assert_eq!((n(&review["cases"]), n(&review["average_seconds"]) * 4 / 86_400), (4, 9));
    assert_eq!(days(&review["p90_seconds"]), 3);
    // The whole way: 6, 10, 4, 4 and 1 days.
    let whole = stay(Value::Null);
    assert_eq!((n(&whole["cases"]), days(&whole["average_seconds"]), days(&whole["p90_seconds"])), (5, 5, 10));
}

#[tokio::test]
async fn the_ratio_is_what_was_paid_of_the_coverages_that_begin_in_the_range_by_their_fees() {
    let world = filled().await;
    let admin = world.user("admin").await;
    let found = report(&admin, "plan", json!({ "plan": "harbin-inpatient" })).await;
    let total = &found["total"];
    // 80 yuan for each of two members of eleven units under the version of 2026; the one of 2023 doesn't begin in the range.
    assert_eq!((n(&total["coverages"]), n(&total["fees_fen"]), n(&total["without_fee"])), (22, 22 * 8_000, 0));
    assert_eq!((n(&total["cohort_cases"]), n(&total["cohort_fen"])), (2, 656_600));
    assert_eq!(n(&total["ratio"]), (656_600 * 20_000 + 176_000) / (2 * 176_000));
    let none = report(&admin, "claim_type", json!({})).await;
    assert!(none["rows"].as_array().unwrap().iter().all(|r| r["ratio"].is_null()));
}

#[tokio::test]
async fn the_overview_agrees_with_reports_and_lists() {
    let world = filled().await;
    for name in ["admin", "review", "far"] {
        let user = world.user(name).await;
        let range = json!({ "from": RANGE.0, "to": RANGE.1 });
        let view = user.post("/api/figures/overview", range).await.expect(200);
        assert_eq!(view["total"], report(&user, "month", json!({})).await["total"]);
        for row in view["orgs"].as_array().unwrap().iter().chain(view["plans"].as_array().unwrap()) {
            agrees(&user, row).await;
        }
        for row in view["ageing"].as_array().unwrap() {
            for (class, count) in view["classes"].as_array().unwrap().iter().zip(row["counts"].as_array().unwrap()) {
                let search = json!({
                    "stage": row["stage"], "accepted_from": class["accepted_from"], "accepted_to": class["accepted_to"],
                });
                let found = user.post("/api/inquiry/cases/search", search.clone()).await.expect(200);
                assert_eq!(&found["total"], count, "{search}");
            }
        }
        let counts = view["ageing"].as_array().unwrap().iter().flat_map(|r| r["counts"].as_array().unwrap());
        let open = user.post("/api/inquiry/cases/search", json!({ "open": true })).await.expect(200);
        assert_eq!(open["total"].as_i64().unwrap(), counts.map(n).sum::<i64>());
    }
}

#[tokio::test]
async fn a_range_has_its_bounds() {
    let world = World::new().await;
    let user = world.user("unit").await;
    let ask = |from: &'static str, to: &'static str, by: &'static str| {
        let user = user.clone();
        async move { user.post("/api/figures/report", json!({ "from": from, "to": to, "by": by })).await }
    };
    assert_eq!(ask("2026-02-01", "2026-01-31", "month").await.fields(), ["to: before_start"]);
    assert_eq!(ask("2020-01-01", "2026-01-31", "day").await.fields(), ["to: range_too_long"]);
    assert_eq!(ask("1900-01-01", "2026-01-31", "year").await.fields(), ["to: range_too_long"]);
    ask("2026-01-01", "2026-02-30", "month").await.expect(422);
    ask("2026-01-01", "2026-02-01", "hour").await.expect(422);
    let none = ask("2001-01-01", "2001-01-31", "unit").await.expect(200);
    assert_eq!((none["rows"].as_array().unwrap().len(), &none["total"]["received"]), (0, &json!(0)));
    let other = user.post(
        "/api/figures/report",
        json!({ "from": "2001-01-01", "to": "2001-01-31", "by": "unit", "plan": "'; DROP TABLE cases; --😀" }),
    );
    other.await.expect(200);
}

/// What years of cases are counted by is found by an index.
#[tokio::test]
async fn figures_are_found_by_an_index() {
    let world = World::new().await;
    let db = world.app.db.read();
    if db.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    for (sql, index) in [
        (
            "SELECT count(*) FROM cases WHERE accepted_on >= 'a' AND accepted_on <= 'b' AND stage <> 'deleted'",
            "cases_accepted_on",
        ),
        (
            "SELECT count(*) FROM cases WHERE submitted_on >= 'a' AND submitted_on <= 'b' AND stage <> 'deleted'",
            "cases_submitted_on",
        ),
        (
            "SELECT count(*) FROM cases WHERE returned_on >= 'a' AND returned_on <= 'b' AND stage <> 'deleted'",
            "cases_returned_on",
        ),
        (
            "SELECT count(*) FROM cases WHERE closed_on >= 'a' AND closed_on <= 'b' AND stage <> 'deleted'",
            "cases_closed_on",
        ),
        (
            "SELECT lead(e.at) OVER (PARTITION BY e.case_id ORDER BY e.seq) FROM cases JOIN case_events e ON cases.id = \
             e.case_id WHERE closed_on >= 'a' AND closed_on <= 'b' AND (e.from_stage IS NULL OR e.from_stage <> e.to_stage)",
            "sqlite_autoindex_case_events_1",
        ),
        ("SELECT count(*) FROM coverages WHERE period_from >= 'a' AND period_from <= 'b'", "coverages_period"),
    ] {
        let plan = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        let steps = db.query_all_raw(plan).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|s| s.try_get::<String>("", "detail").unwrap()).collect();
        assert!(steps.iter().any(|s| s.contains(index)), "{sql}: {steps:?}");
    }
}
