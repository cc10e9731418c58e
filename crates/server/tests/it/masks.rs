//! Numbers leave the server whole for those who work with them, and for a reason that is logged.
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use huzhu_domain::permission::Role;
use serde_json::{Value, json};

use crate::{
    permissions::{ask, routes},
    world::{MANUAL_ID, World, codes, draft},
};

/// How the manual's example is shown to who only looks.
const HIDDEN: &str = "142***********6202";

#[tokio::test]
async fn no_answer_to_somebody_who_only_looks_holds_a_whole_number() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let member = unit.get(&format!("/api/cases/{id}")).await.expect(200)["member"]["id"].as_i64().unwrap();
    let account = draft(0)["payees"][0]["account_no"].as_str().unwrap().to_owned();
    let phone = draft(0)["payees"][0]["phone"].as_str().unwrap().to_owned();
    let admin = world.user("admin").await;
    let looks = |name: &str| {
        let reads = name.starts_with("get ") || name.ends_with("/search") || name.ends_with("/find");
        reads && !name.ends_with("/docs")
    };
    let (mut answers, mut hidden) = (0, Vec::new());
    for route in routes().iter().filter(|r| looks(&r.name)) {
        for about in [id, member] {
            let answer = ask(&admin, route, about, &json!(1)).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            answers += usize::from(answer.status == 200);
            for number in [MANUAL_ID, &account, &phone] {
                assert!(!text.contains(number), "{} holds {number}", route.name);
            }
            if text.contains(HIDDEN) && !hidden.contains(&route.name) {
                hidden.push(route.name.clone());
            }
        }
    }
    assert!(answers > 50 && hidden.len() > 3, "{answers} answers, hidden in {hidden:?}");
    for (path, body) in [("members/search", json!({ "text": MANUAL_ID })), ("inquiry/cases/search", json!({}))] {
        let found = admin.post(&format!("/api/{path}"), body.clone()).await.expect(200);
        assert_eq!(found["items"][0]["id_number"], HIDDEN, "{path}: found by the whole number all the same");
        let found = unit.post(&format!("/api/{path}"), body).await.expect(200);
        assert_eq!(found["items"][0]["id_number"], MANUAL_ID, "{path}: whole for who works with it");
    }
}

#[tokio::test]
async fn an_export_hides_what_the_screen_hides() {
    let world = World::new().await;
    world.user("unit").await.submitted().await;
    for (username, shown) in [("admin", HIDDEN), ("handler", MANUAL_ID)] {
        let user = world.user(username).await;
        let answer = user.post("/api/members/export", json!({ "text": MANUAL_ID })).await;
        assert_eq!(answer.status, 200);
        let mut file = Xlsx::new(Cursor::new(answer.bytes)).unwrap();
        let sheet = file.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(sheet.get_value((1, 2)).unwrap().to_string(), shown, "{username}");
    }
}

#[tokio::test]
async fn numbers_are_shown_for_a_reason_that_the_log_keeps() {
    let world = World::new().await;
    let id = world.user("unit").await.submitted().await;
    let admin = world.user("admin").await;
    let path = format!("/api/cases/{id}/numbers");
    for (reason, fault) in [("  ", "reason: required"), (&"长".repeat(201)[..], "reason: too_long")] {
        assert_eq!(admin.post(&path, json!({ "reason": reason })).await.fields(), [fault]);
    }
    let shown = admin.post(&path, json!({ "reason": "核对来电人身份" })).await.expect(200);
    assert_eq!((&shown[0]["kind"], &shown[0]["number"]), (&json!("id_number"), &json!(MANUAL_ID)));
    let accounts: Vec<&Value> = shown.as_array().unwrap().iter().filter(|n| n["kind"] == "account").collect();
    assert_eq!(accounts.last().unwrap()["number"], draft(0)["payees"][0]["account_no"]);
    let entry = admin.post("/api/logs/search", json!({ "act": "see_numbers" })).await.expect(200)["items"][0].clone();
    assert_eq!(entry["object"], format!("case {id}"));
    assert_eq!(entry["detail"]["reason"], "核对来电人身份");

    let far = world.hired("looks", "远看", "3701", Role::Admin).await;
    world.set_password_changed("looks").await;
    assert_eq!(far.post(&path, json!({ "reason": "好奇" })).await.status, 404);
    assert!(
        codes(&far.post("/api/logs/search", json!({ "act": "see_numbers" })).await.expect(200)["items"]).is_empty()
    );
}
