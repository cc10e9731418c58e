//! 审批限额 of roles, and 复审 that a plan asks for.
use huzhu_domain::permission::Role;
use serde_json::{Value, json};

use crate::{
    review::{asks, reasons, reviewing},
    world::{User, World, text},
};

/// Somebody of the office with nothing but a role of it, with rights up to a limit.
pub async fn limited(world: &World, username: &str, rights: &[&str], limit_fen: i64) -> User {
    let (admin, office) = (world.user("admin").await, world.org_id("2300").await);
    let role = json!({
        "org_id": office, "name": username, "permissions": rights, "active": true, "approval_limit_fen": limit_fen
    });
    let all = admin.post("/api/roles", role).await.expect(201);
    let role = all["own"].as_array().unwrap().iter().find(|r| r["name"] == username).unwrap().clone();
    assert_eq!(role["approval_limit_fen"], limit_fen);
    let user = world.hired(username, "周敏", "2300", Role::FirstReviewer).await;
    let id = user.get("/api/session").await.expect(200)["user"]["id"].clone();
    let form = json!({
        "version": admin.get(&format!("/api/users/{id}")).await.expect(200)["version"], "name": "周敏",
        "org_id": office, "roles": [], "own_roles": [role["id"]]
    });
    admin.put(&format!("/api/users/{id}"), form).await.expect(200);
    user
}

#[tokio::test]
async fn what_is_above_the_first_reviewers_limit_goes_to_a_second() {
    let world = World::new().await;
    let junior = limited(&world, "junior", &["first_review"], 328_299).await;
    let id = world.user("unit").await.submitted().await;
    junior.act(id, "take").await.expect(200);
    let view = junior.act(id, "approve").await.expect(200);
    assert_eq!((text(&view["stage"]), reasons(&view)), ("second_review".into(), vec!["above_reviewer_limit".into()]));
}

#[tokio::test]
async fn what_is_above_the_second_reviewers_limit_is_somebody_elses() {
    let world = World::new().await;
    asks(&world, "2300", Some(1), 0).await;
    let junior = limited(&world, "junior", &["second_review"], 328_299).await;
    let (id, version) = reviewing(&world).await;
    let review = world.user("review").await;
    review.post(&format!("/api/cases/{id}/approve"), json!({ "version": version })).await.expect(200);
    assert_eq!(junior.act(id, "take").await.blockers(), ["above_your_limit"]);
    let asked = json!({ "stage": "second_review", "count": 5 });
    assert_eq!(junior.post("/api/pools/take", asked).await.expect(200), json!({ "ids": [] }));
    assert_eq!(junior.get("/api/todo").await.expect(200)["total"], 0, "it isn't theirs to do");
    let offered = world.user("admin").await.get(&format!("/api/cases/{id}/assignees")).await.expect(200);
    let names: Vec<String> = offered.as_array().unwrap().iter().map(|a| text(&a["name"])).collect();
    assert!(!names.contains(&"周敏".to_owned()) && !names.is_empty(), "{names:?}");
}

#[tokio::test]
async fn a_limit_belongs_to_a_role_that_reviews() {
    let world = World::new().await;
    let (admin, office) = (world.user("admin").await, world.org_id("2300").await);
    let role = |right: &str, limit_fen: i64| {
        json!({
            "org_id": office, "name": "限额", "permissions": [right], "active": true, "approval_limit_fen": limit_fen
        })
    };
    for (right, limit_fen, fault) in [
        ("confirm_payments", 1, "approval_limit_fen: not_of_these_rights"),
        ("first_review", -1, "approval_limit_fen: negative"),
        ("second_review", i64::MAX, "approval_limit_fen: too_large"),
    ] {
        assert_eq!(admin.post("/api/roles", role(right, limit_fen)).await.fields(), [fault]);
    }
}

#[tokio::test]
async fn a_plan_that_wants_it_sends_its_claims_to_a_second_review() {
    let world = World::new().await;
    world.plans_want_second("3283.00").await;
    let (id, version) = reviewing(&world).await;
    let review = world.user("review").await;
    let view: Value = review.post(&format!("/api/cases/{id}/approve"), json!({ "version": version })).await.expect(200);
    assert_eq!((text(&view["stage"]), reasons(&view)), ("second_review".into(), vec!["plan_wants_second".into()]));
}
