//! 请假代理: what a stand-in sees and takes, who can be one, and that nobody is assigned to who is away.
use chrono::Days;
use huzhu::platform::clock;
use huzhu_domain::permission::Role;
use serde_json::{Value, json};

use crate::{
    authority::limited,
    review::{asks, reviewing},
    world::{User, World, text},
};

async fn id(user: &User) -> Value {
    user.get("/api/session").await.expect(200)["user"]["id"].clone()
}

fn absence(stand_in: &Value) -> Value {
    let today = clock::today();
    json!({ "from": today, "to": today.checked_add_days(Days::new(7)), "stand_in_id": stand_in })
}

#[tokio::test]
async fn a_stand_in_finds_the_absent_persons_cases_and_takes_them_until_the_absence_ends() {
    let world = World::new().await;
    let (case, _) = reviewing(&world).await;
    let (review, second) = (world.user("review").await, world.user("review2").await);
    assert_eq!(second.act(case, "take").await.code(409), "held_by_other");
    let all = review.post("/api/absences", absence(&id(&second).await)).await.expect(201);
    let seen = second.get("/api/absences").await.expect(200);
    assert_eq!((&all["items"][0]["now"], seen["items"].as_array().unwrap().len()), (&json!(true), 1));
    let told = second.get("/api/messages").await.expect(200);
    assert!(text(&told["items"][0]["message"]).contains("由您代办同事的案件"), "{told}");
    assert_eq!(second.get("/api/todo").await.expect(200)["items"][0]["id"], case);
    let admin = world.user("admin").await;
    let offered = admin.get(&format!("/api/cases/{case}/assignees")).await.expect(200);
    assert!(offered.as_array().unwrap().iter().all(|a| a["id"] != all["items"][0]["user_id"]), "{offered}");
    second.act(case, "take").await.expect(200);
    let told = review.get("/api/messages").await.expect(200);
    assert!(text(&told["items"][0]["message"]).contains("已由代办人获取"), "{told}");
    let back = json!({ "version": second.version(case).await, "user_id": id(&review).await, "note": "" });
    let refused = admin.post(&format!("/api/cases/{case}/assign"), back).await;
    assert_eq!(refused.blockers(), ["assignee_unfit"], "nobody is assigned to who is away");

    let end = format!("/api/absences/{}/end", all["items"][0]["id"]);
    assert_eq!(second.post(&end, json!({})).await.status, 404, "it isn't theirs to end");
    review.post(&end, json!({})).await.expect(200);
    let again = review.post(&end, json!({})).await.expect(200);
    assert_eq!((&again["items"][0]["over"], &again["items"][0]["may_end"]), (&json!(true), &json!(false)));
    second.act(case, "release").await.expect(200);
    review.act(case, "take").await.expect(200);
    assert_eq!(second.act(case, "take").await.code(409), "held_by_other");
}

#[tokio::test]
async fn who_stands_in_sees_the_same_cases_and_has_the_same_rights() {
    let world = World::new().await;
    let (unit, handler, review) = (world.user("unit").await, world.user("handler").await, world.user("review").await);
    let (cashier, far) = (id(&world.user("cashier").await).await, id(&world.user("far").await).await);
    let own = id(&review).await;
    for stand_in in [&cashier, &far, &own] {
        let answer = review.post("/api/absences", absence(stand_in)).await;
        assert_eq!(answer.fields(), ["stand_in_id: stand_in_unfit"]);
    }
    let handlers_id = id(&handler).await;
    let offered = unit.get("/api/absences/stand-ins").await.expect(200);
    assert!(offered.as_array().unwrap().iter().any(|p| p["id"] == handlers_id), "{offered}");
    let below = handler.post("/api/absences", absence(&id(&unit).await)).await;
    assert_eq!(below.fields(), ["stand_in_id: stand_in_unfit"], "a unit doesn't see the agency's cases");

    let second = id(&world.user("review2").await).await;
    let mut wrong = absence(&second);
    wrong["to"] = json!("2020-01-01");
    assert_eq!(review.post("/api/absences", wrong).await.fields(), ["to: absence_impossible"]);
    review.post("/api/absences", absence(&second)).await.expect(201);
    assert_eq!(review.post("/api/absences", absence(&second)).await.fields(), ["from: absence_twice"]);
    let senior = world.user("review2").await;
    let third_id = id(&world.hired("review4", "陆文博", "2300", Role::SecondReviewer).await).await;
    assert_eq!(senior.post("/api/absences", absence(&third_id)).await.fields(), ["from: absence_of_stand_in"]);
    let third = world.hired("review3", "程静怡", "2300", Role::SecondReviewer).await;
    let away = third.post("/api/absences", absence(&second)).await.expect(201);
    assert_eq!(away["items"].as_array().unwrap().len(), 1, "others' absences are not theirs to see");
}

#[tokio::test]
async fn others_absences_are_written_by_who_manages_the_pools_of_their_branch() {
    let world = World::new().await;
    let (review, second) = (world.user("review").await, world.user("review2").await);
    let mut asked = absence(&id(&second).await);
    asked["user_id"] = id(&review).await;
    assert_eq!(world.user("handler").await.post("/api/absences", asked.clone()).await.status, 404);
    assert_eq!(world.office_admin("2301").await.post("/api/absences", asked.clone()).await.status, 404);
    let all = world.user("admin").await.post("/api/absences", asked).await.expect(201);
    assert!(!all["people"].as_array().unwrap().is_empty());
    assert_eq!(review.get("/api/absences").await.expect(200)["items"][0]["may_end"], true);
}

#[tokio::test]
async fn only_what_a_stand_in_may_take_waits_for_them() {
    let world = World::new().await;
    asks(&world, "2300", Some(1), 0).await;
    let junior = limited(&world, "junior", &["first_review", "second_review"], 328_299).await;
    let (case, _) = reviewing(&world).await;
    let second = world.user("review2").await;
    world.user("review").await.act(case, "approve").await.expect(200);
    second.act(case, "take").await.expect(200);
    second.post("/api/absences", absence(&id(&junior).await)).await.expect(201);
    assert_eq!(junior.act(case, "take").await.blockers(), ["above_your_limit"]);
    assert_eq!(junior.get("/api/todo").await.expect(200)["total"], 0, "it isn't theirs to do");
}
