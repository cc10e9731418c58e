use huzhu::{
    cases::deadlines::Deadlines,
    entity::{case, record_event},
    platform::clock,
};
use huzhu_domain::calendar::Pace;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{World, text};

/// Some open cases, each at its stage since a day more than the one before.
async fn standing(world: &World, n: usize) -> Vec<i64> {
    let handler = world.user("handler").await;
    let mut ids = Vec::new();
    for unit in ["23010002", "23010003", "23010004", "23010005"] {
        for number in world.id_numbers(unit).await {
            if ids.len() == n {
                break;
            }
            let found = handler.eligible(&number, "2026-05-20").await;
            let rows = found["rows"].as_array().unwrap();
            let Some(row) = rows.iter().find(|r| r["claim_type"] == "disease_inpatient") else { continue };
            let row = json!({
                "coverage_id": row["coverage_id"], "liability_code": row["liability_code"],
                "claim_type": "disease_inpatient", "incident_date": "2026-05-20",
            });
            let made = handler.accept(&number, json!([row])).await.expect(201);
            ids.push(made["cases"][0]["id"].as_i64().unwrap());
        }
    }
    assert_eq!(ids.len(), n);
    let tx = world.app.db.begin().await.unwrap();
    for (days, id) in (0..).zip(&ids) {
        let row = case::ActiveModel {
            stage_since: Set(clock::now() - chrono::Duration::days(2 * days)),
            ..Default::default()
        };
        case::Entity::update_many().set(row).filter(case::Column::Id.eq(*id)).exec(&tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    ids
}

#[tokio::test]
async fn lists_find_the_cases_of_a_pace_as_each_row_says_it() {
    let world = World::new().await;
    let ids = standing(&world, 7).await;
    let (handler, admin) = (world.user("handler").await, world.user("admin").await);
    let office = world.org_id("2300").await;
    for limit in [None, Some(1), Some(2), Some(4), Some(250)] {
        let set = json!({ "limits": [{ "stage": "materials", "days": limit }] });
        admin.put(&format!("/api/time-limits/{office}"), set).await.expect(200);
        let all = handler.post("/api/acceptance/search", json!({ "size": 100 })).await.expect(200);
        let mut seen = 0;
        for pace in ["late", "nearly_due", "in_time", "stopped"] {
            let asked = json!({ "pace": pace, "order": "longest_waiting", "size": 100 });
            let found = handler.post("/api/acceptance/search", asked).await.expect(200);
            let items = found["items"].as_array().unwrap();
            assert!(items.iter().all(|r| r["pace"]["pace"] == pace), "{limit:?} {pace}: {items:#?}");
            let waited: Vec<i64> = items.iter().map(|r| r["pace"]["waited"].as_i64().unwrap()).collect();
            assert!(waited.is_sorted_by(|a, b| a >= b), "longest first: {waited:?}");
            let same = all["items"].as_array().unwrap().iter().filter(|r| r["pace"]["pace"] == pace).count();
            assert_eq!(items.len(), same, "{limit:?} {pace}");
            seen += items.len();
        }
        assert_eq!(seen, ids.len(), "every case has one pace");
    }
}

#[tokio::test]
async fn an_offices_limit_comes_before_the_societys_and_that_before_the_programs() {
    let world = World::new().await;
    let (admin, office) = (world.user("admin").await, world.office_admin("2300").await);
    let (society, own) = (world.org_id("0000").await, world.org_id("2300").await);
    let days = |node: &Value| {
        let limit = node["limits"].as_array().unwrap().iter().find(|l| l["stage"] == "first_review").unwrap();
        (limit["own"].as_i64(), limit["days"].as_i64())
    };
    let set = |days: Value| json!({ "limits": [{ "stage": "first_review", "days": days }] });
    let nodes = office.get("/api/time-limits").await.expect(200);
    assert_eq!((nodes.as_array().unwrap().len(), days(&nodes[0])), (1, (None, Some(5))), "its own only");
    let told = admin.put(&format!("/api/time-limits/{society}"), set(json!(8))).await.expect(200);
    assert_eq!(days(&told), (Some(8), Some(8)));
    let path = format!("/api/time-limits/{own}");
    assert_eq!(days(&office.put(&path, set(json!(2))).await.expect(200)), (Some(2), Some(2)));
    assert_eq!(days(&office.put(&path, set(Value::Null)).await.expect(200)), (None, Some(8)));
    assert_eq!(office.put(&path, set(json!(0))).await.fields(), ["limits.0.days: limit_days"]);
    assert_eq!(office.put(&path, set(json!(251))).await.fields(), ["limits.0.days: limit_days"]);
    let closed = json!({ "limits": [{ "stage": "closed", "days": 3 }] });
    assert_eq!(office.put(&path, closed).await.fields(), ["limits.0.stage: unknown"]);
    assert_eq!(office.put(&format!("/api/time-limits/{society}"), set(json!(2))).await.status, 404, "not its branch");
    assert_eq!(office.get(&format!("/api/time-limits/{society}/history")).await.status, 404);
    let unit = world.org_id("23010001").await;
    assert_eq!(admin.put(&format!("/api/time-limits/{unit}"), set(json!(2))).await.status, 404, "of offices only");
    let history = office.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!((&history[1]["before"], &history[1]["after"]), (&json!({}), &json!({ "first_review": 2 })));
}

#[tokio::test]
async fn days_are_marked_at_the_society_and_count_at_once() {
    let world = World::new().await;
    let (admin, office, unit) = (world.user("admin").await, world.office_admin("2300").await, world.user("unit").await);
    let year = unit.get("/api/calendar?year=2026").await.expect(200);
    assert_eq!((&year["editable"], year["days"].as_array().unwrap().len()), (&json!(false), 39));
    let mark = json!({ "from": "2027-02-05", "to": "2027-02-12", "kind": "off", "name": "春节" });
    assert_eq!(office.put("/api/calendar/days", mark.clone()).await.code(403), "forbidden");
    let year = admin.put("/api/calendar/days", mark.clone()).await.expect(200);
    assert_eq!((&year["editable"], year["days"].as_array().unwrap().len()), (&json!(true), 8));
    admin.put("/api/calendar/days", mark).await.expect(200);
    let worked = json!({ "from": "2027-02-06", "to": "2027-02-06", "kind": "working", "name": "春节调休" });
    let year = admin.put("/api/calendar/days", worked).await.expect(200);
    assert_eq!(year["days"][1], json!({ "day": "2027-02-06", "kind": "working", "name": "春节调休" }));
    let deadlines = Deadlines::load(world.app.db.read()).await.unwrap();
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(deadlines.calendar().working_days(day("2027-02-04"), day("2027-02-15")), 2);
    let plain = json!({ "from": "2027-02-05", "to": "2027-02-12", "kind": null });
    assert_eq!(admin.put("/api/calendar/days", plain).await.expect(200)["days"], json!([]));
    let history = unit.get("/api/calendar/history?year=2027").await.expect(200);
    assert_eq!(history.as_array().unwrap().len(), 3, "marking the same again changes nothing");
    assert_eq!((text(&history[0]["actor_name"]), &history[0]["after"]), ("钱进".into(), &json!([])));
    for (marking, wrong) in [
        (json!({ "from": "1999-01-01", "to": "1999-01-01", "kind": "off" }), "from: out_of_range"),
        (json!({ "from": "2027-01-02", "to": "2027-01-01", "kind": "off" }), "to: days_impossible"),
        (json!({ "from": "2027-12-31", "to": "2028-01-01", "kind": "off" }), "to: days_impossible"),
        (json!({ "from": "2027-01-01", "to": "2027-02-01", "kind": "off" }), "to: days_impossible"),
        (json!({ "from": "2027-01-01", "to": "2027-01-01", "kind": "off", "name": "节".repeat(31) }), "name: too_long"),
    ] {
        assert_eq!(admin.put("/api/calendar/days", marking).await.fields(), [wrong]);
    }
    assert_eq!(unit.get("/api/calendar?year=1999").await.fields(), ["year: out_of_range"]);
    let noted = record_event::Entity::find().filter(record_event::Column::ObjectKind.eq("calendar"));
    assert_eq!(noted.count(world.app.db.read()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_case_says_how_it_keeps_to_its_limit_and_a_stopped_clock_is_never_late() {
    let world = World::new().await;
    let ids = standing(&world, 7).await;
    let handler = world.user("handler").await;
    let view = handler.get(&format!("/api/cases/{}", ids[6])).await.expect(200);
    assert_eq!((&view["pace"]["pace"], &view["pace"]["limit"]), (&json!("late"), &json!(5)));
    let stopped = case::ActiveModel { clock_stopped: Set(true), ..Default::default() };
    let tx = world.app.db.begin().await.unwrap();
    case::Entity::update_many().set(stopped).filter(case::Column::Id.eq(ids[6])).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let view = handler.get(&format!("/api/cases/{}", ids[6])).await.expect(200);
    assert_eq!((&view["pace"]["pace"], &view["pace"]["due_on"]), (&json!("stopped"), &Value::Null));
    let db = world.app.db.read();
    let late = case::Entity::find().filter(Deadlines::load(db).await.unwrap().at(Pace::Late)).count(db).await.unwrap();
    let asked = json!({ "pace": "late" });
    assert_eq!(handler.post("/api/acceptance/search", asked).await.expect(200)["total"], late);
}
