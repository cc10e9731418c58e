use chrono::Days;
use huzhu::{entity::org, platform::clock};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{User, World, text};

async fn node(world: &World, code: &str) -> i64 {
    let found = org::Entity::find().filter(org::Column::Code.eq(code)).one(world.app.db.read()).await;
    found.unwrap().unwrap().id
}

fn notice(org_id: i64, title: &str) -> Value {
    json!({ "org_id": org_id, "title": title, "content": "第一行\n第二行", "shown_from": null, "shown_to": null, "pinned": false })
}

async fn publish(admin: &User, notice: Value) -> i64 {
    admin.post("/api/notices", notice).await.expect(201)["id"].as_i64().unwrap()
}

async fn titles(user: &User) -> Vec<String> {
    let found = user.get("/api/notices").await.expect(200);
    found["items"].as_array().unwrap().iter().map(|n| text(&n["title"])).collect()
}

async fn unread(user: &User) -> (u64, u64) {
    let counts = user.get("/api/messages/counts").await.expect(200);
    (counts["messages"].as_u64().unwrap(), counts["notices"].as_u64().unwrap())
}

#[tokio::test]
async fn a_notice_is_read_in_its_branch_and_nowhere_else() {
    let world = World::new().await;
    let (admin, unit, handler) = (world.user("admin").await, world.user("unit").await, world.user("handler").await);
    let (office, far) = (world.user("review").await, world.user("far").await);
    let of_agency = publish(&admin, notice(node(&world, "2301").await, "代办处")).await;
    publish(&admin, json!({ "title": "总会", "content": "c", "pinned": true })).await;
    publish(&admin, notice(node(&world, "23010001").await, "单位")).await;
    assert_eq!(titles(&unit).await, ["总会", "单位", "代办处"], "pinned first, then newest");
    assert_eq!(titles(&handler).await, ["总会", "代办处"]);
    assert_eq!(titles(&office).await, ["总会"]);
    assert_eq!(titles(&far).await, ["总会"]);
    let path = format!("/api/notices/{of_agency}");
    assert_eq!(handler.get(&path).await.expect(200)["content"], "第一行\n第二行");
    far.get(&path).await.expect(404);
    far.post(&format!("{path}/read"), json!({})).await.expect(404);
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn what_is_unread_is_counted_for_each_person() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let id = publish(&admin, json!({ "title": "一", "content": "c", "pinned": false })).await;
    publish(&admin, json!({ "title": "二", "content": "c", "pinned": false })).await;
    assert_eq!(unread(&unit).await, (0, 2));
    for _ in 0..2 {
        unit.post(&format!("/api/notices/{id}/read"), json!({})).await.expect(204);
    }
    assert_eq!((unread(&unit).await, unread(&admin).await), ((0, 1), (0, 2)));
    unit.post("/api/notices/read-all", json!({})).await.expect(204);
    assert_eq!(unread(&unit).await, (0, 0));
}

#[tokio::test]
async fn a_notice_has_its_days_and_is_withdrawn_not_deleted() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let today = clock::today();
    let later = |title: &str, from: chrono::NaiveDate, to: Option<chrono::NaiveDate>| json!({ "title": title, "content": "c", "pinned": false, "shown_from": from, "shown_to": to });
    publish(&admin, later("明天", today + Days::new(1), None)).await;
    let id = publish(&admin, later("今天", today, Some(today))).await;
    assert_eq!(titles(&unit).await, ["今天"]);
    let twice = admin.post("/api/notices", later("今天", today, None)).await;
    assert_eq!(twice.fields(), ["title: taken"]);
    let withdraw = format!("/api/notices/{id}/withdraw");
    assert_eq!(admin.post(&withdraw, json!({ "reason": " " })).await.fields(), ["reason: required"]);
    admin.post(&withdraw, json!({ "reason": "写错" })).await.expect(204);
    assert_eq!(admin.post(&withdraw, json!({ "reason": "写错" })).await.code(409), "notice_withdrawn");
    assert!(titles(&unit).await.is_empty());
    assert_eq!(admin.post("/api/notices/search", json!({ "withdrawn": true })).await.expect(200)["total"], 1);
    assert_eq!(admin.post("/api/notices/search", json!({ "text": "%" })).await.expect(200)["total"], 0);
    publish(&admin, later("今天", today, None)).await;
}

#[tokio::test]
async fn a_notice_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let today = clock::today();
    let wrong = json!({ "title": " ", "content": "x".repeat(5001), "pinned": false, "shown_from": today, "shown_to": today - Days::new(1) });
    let fields = admin.post("/api/notices", wrong).await.fields();
    assert_eq!(fields, ["title: required", "content: too_long", "shown_to: before_start"]);
    let past =
        json!({ "title": "t", "content": "c", "pinned": false, "shown_from": "2020-01-01", "shown_to": "2020-02-01" });
    assert_eq!(admin.post("/api/notices", past).await.fields(), ["shown_to: in_past"]);
    admin.post("/api/notices", notice(9_999_999, "t")).await.expect(404);
}

#[tokio::test]
async fn a_returned_case_is_told_to_who_entered_it() {
    let world = World::new().await;
    let (unit, review, other) = (world.user("unit").await, world.user("review").await, world.user("handler").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    assert_eq!(unread(&unit).await.0, 0);
    let version = review.version(id).await;
    let back = json!({ "version": version, "to": "expense_entry", "reason": "other", "note": "金额不符" });
    review.post(&format!("/api/cases/{id}/return"), back).await.expect(200);
    assert_eq!((unread(&unit).await.0, unread(&review).await.0), (1, 0), "one message, none to oneself");
    let found = unit.get("/api/messages?unread=true").await.expect(200)["items"][0].clone();
    let no = text(&unit.get(&format!("/api/cases/{id}")).await.expect(200)["no"]);
    assert_eq!(found["message"], format!("案件 {no} 已退回，请修改后重新提交"));
    assert_eq!((&found["object_kind"], &found["object_id"]), (&json!("case"), &json!(id)));
    let path = format!("/api/messages/{}/read", found["id"]);
    other.post(&path, json!({})).await.expect(404);
    unit.post(&path, json!({})).await.expect(204);
    unit.post(&path, json!({})).await.expect(204);
    assert_eq!(unread(&unit).await.0, 0);
    assert_eq!(unit.get("/api/messages?unread=true").await.expect(200)["total"], 0);
    assert_eq!(unit.get("/api/messages").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_released_case_is_told_to_who_held_it() {
    let world = World::new().await;
    let (unit, admin) = (world.user("unit").await, world.user("admin").await);
    let id = unit.entering().await;
    admin.act(id, "release").await.expect(200);
    let found = unit.get("/api/messages").await.expect(200);
    assert_eq!((&found["total"], &found["items"][0]["kind"]), (&json!(1), &json!("case_released")));
    unit.post("/api/messages/read-all", json!({})).await.expect(204);
    unit.act(id, "take").await.expect(200);
    unit.act(id, "release").await.expect(200);
    assert_eq!(unread(&unit).await.0, 0, "one's own act is no news");
}
