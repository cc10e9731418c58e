//! 督办 and the parts of 待办: numbers that agree with their lists, and several cases given at once.
use chrono::{Duration, NaiveDate};
use huzhu::platform::clock;
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World};

/// Claims of some members, accepted long ago, at 费用录入 in the pool.
async fn waiting(world: &World, handler: &User) -> Vec<i64> {
    let mut ids = Vec::new();
    let day: NaiveDate = "2026-08-03".parse().unwrap();
    for unit in ["23010002", "23010003", "23010004"] {
        for number in world.id_numbers(unit).await.into_iter().filter(|n| n != MANUAL_ID) {
            let row = handler.claim(&number, "2026-07-20", "critical_illness").await;
            let at = clock::start_of(day) + Duration::hours(10);
            let made = clock::as_of(at, handler.accept(&format!("k-{number}"), json!([row]))).await.expect(201);
            ids.push(made["cases"][0]["id"].as_i64().unwrap());
        }
    }
    ids
}

fn seen(world: &[(i64, i64)]) -> Value {
    world.iter().map(|(id, version)| json!({ "id": id, "version": version })).collect()
}

async fn versions(world: &World, ids: &[i64]) -> Vec<(i64, i64)> {
    let mut out = Vec::new();
    for id in ids {
        out.push((*id, world.row(*id).await.version));
    }
    out
}

#[tokio::test]
async fn every_number_of_the_board_is_the_total_of_its_list() {
    let world = World::new().await;
    let (handler, admin) = (world.user("handler").await, world.user("admin").await);
    let ids = waiting(&world, &handler).await;
    handler.act(ids[0], "take").await.expect(200);
    world.user("unit").await.submitted().await;
    let board = admin.get("/api/board").await.expect(200);
    let rows = board["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|r| r["total"].as_i64().unwrap()).sum::<i64>(), 7);
    assert_eq!(rows.iter().map(|r| r["late"].as_i64().unwrap()).sum::<i64>(), 6, "those of August");
    for row in rows {
        let of = json!({ "stage": row["stage"], "holder_id": row["holder_id"], "pool": row["holder_id"].is_null() });
        let mut wanted = vec![(json!({}), &row["total"]), (json!({ "late": true }), &row["late"])];
        for (class, count) in row["counts"].as_array().unwrap().iter().enumerate() {
            wanted.push((json!({ "class": class }), count));
        }
        for (more, figure) in wanted {
            let mut search = of.clone();
            search.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let found = admin.post("/api/board/cases", search.clone()).await.expect(200);
            assert_eq!(&found["total"], figure, "{search}");
        }
    }
    let beijing = world.office_admin("1100").await;
    assert_eq!(beijing.get("/api/board").await.expect(200)["rows"], json!([]), "another branch");
    assert_eq!(beijing.post("/api/board/cases", json!({})).await.expect(200)["total"], 0);
    for name in ["unit", "handler", "review", "cashier"] {
        assert_eq!(world.user(name).await.get("/api/board").await.status, 403, "{name}");
    }
}

#[tokio::test]
async fn several_cases_are_given_one_by_one_and_each_refusal_says_why() {
    let world = World::new().await;
    let (handler, admin) = (world.user("handler").await, world.user("admin").await);
    let ids = waiting(&world, &handler).await;
    handler.act(ids[0], "take").await.expect(200);
    let now = versions(&world, &ids).await;
    let people = admin.post("/api/board/assignees", json!({ "cases": seen(&now) })).await.expect(200);
    let fits = |name: &str| people.as_array().unwrap().iter().find(|p| p["name"] == name).map(|p| p["fits"].clone());
    assert_eq!(fits("吴桂芳"), Some(json!(6)));
    assert_eq!(fits("李思远"), Some(json!(5)), "one is in their hands already");
    assert_eq!(fits("王春梅"), None, "who reviews can't enter");
    let to = people.as_array().unwrap().iter().find(|p| p["name"] == "吴桂芳").unwrap()["id"].clone();
    // A stale page, a case that isn't there, and the same case twice.
    let mut asked = now.clone();
    asked[1].1 -= 1;
    asked.push((999_999, 1));
    asked.push(now[2]);
    let give = json!({ "cases": seen(&asked), "user_id": to, "note": "积压" });
    let results = admin.post("/api/board/assign", give.clone()).await.expect(200);
    let done = |results: &Value| results.as_array().unwrap().iter().filter(|r| r["done"] == true).count();
    assert_eq!((results.as_array().unwrap().len(), done(&results)), (7, 5));
    let refused: Vec<&Value> = results.as_array().unwrap().iter().filter(|r| r["done"] == false).collect();
    assert!(refused.iter().all(|r| !r["reasons"][0].as_str().unwrap().is_empty()), "{refused:?}");
    assert_eq!(world.row(ids[0]).await.holder_id, to.as_i64());
    assert_eq!(world.row(ids[1]).await.holder_id, None);
    // The double click changes nothing.
    assert_eq!(done(&admin.post("/api/board/assign", give).await.expect(200)), 0);
    let now = versions(&world, &ids).await;
    let back = admin.post("/api/board/release", json!({ "cases": seen(&now), "note": null })).await.expect(200);
    assert_eq!(done(&back), 5, "one was nobody's");
    let beijing = world.office_admin("1100").await;
    let none = beijing.post("/api/board/release", json!({ "cases": seen(&now), "note": null })).await.expect(200);
    assert_eq!(done(&none), 0);
    let many: Vec<(i64, i64)> = (1..=101).map(|id| (id, 1)).collect();
    let many = json!({ "cases": seen(&many), "user_id": to, "note": null });
    assert_eq!(admin.post("/api/board/assign", many).await.fields(), ["cases: too_many"]);
    let none = json!({ "cases": [], "user_id": to, "note": null });
    assert_eq!(admin.post("/api/board/assign", none).await.fields(), ["cases: required"]);
}

#[tokio::test]
async fn the_counters_of_what_waits_agree_with_the_lists() {
    let world = World::new().await;
    let handler = world.user("handler").await;
    let ids = waiting(&world, &handler).await;
    handler.act(ids[0], "take").await.expect(200);
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    let version = review.version(id).await;
    let back = json!({ "version": version, "to": "expense_entry", "reason": "other", "note": "请核对" });
    review.post(&format!("/api/cases/{id}/return"), back).await.expect(200);
    for user in [&handler, &unit, &review] {
        let counts = user.get("/api/pools/counts").await.expect(200);
        for (count, part) in
            [("todo", ""), ("todo_late", "late"), ("todo_nearly_due", "nearly_due"), ("todo_returned", "returned")]
        {
            let query = if part.is_empty() { String::new() } else { format!("?part={part}") };
            let found = user.get(&format!("/api/todo{query}")).await.expect(200);
            assert_eq!(found["total"], counts[count], "{count}");
        }
    }
    let of = |user: User, part: &'static str| async move {
        user.get(&format!("/api/todo?part={part}")).await.expect(200)["total"].as_i64().unwrap()
    };
    assert_eq!(of(handler.clone(), "late").await, 6);
    assert_eq!(of(handler.clone(), "mine").await, 1);
    assert_eq!(of(unit.clone(), "returned").await, 1);
    assert_eq!(unit.get("/api/todo?part=nothing").await.status, 400);
}
