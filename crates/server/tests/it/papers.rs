//! 打印: which papers there are, what stands on them, who may print them, and that printing is logged.
use huzhu::entity::audit_entry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World, text};

async fn print(user: &User, paper: &str, ids: &[i64]) -> crate::world::Answer {
    user.post("/api/papers", json!({ "paper": paper, "case_ids": ids })).await
}

async fn one(user: &User, paper: &str, id: i64) -> Value {
    print(user, paper, &[id]).await.expect(200)["papers"][0].clone()
}

async fn papers(user: &User, id: i64) -> Vec<String> {
    let view = user.get(&format!("/api/cases/{id}")).await.expect(200);
    view["papers"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_receipt_names_what_was_handed_in_and_masks_the_number() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    unit.upload(id, "id_card", "a.png", &crate::world::png(1)).await.expect(201);
    assert_eq!(papers(&unit, id).await, ["receipt"]);
    let paper = one(&unit, "receipt", id).await;
    let no = text(&paper["case"]["no"]);
    assert_eq!(text(&paper["number"]), format!("{no}-SL"));
    assert_eq!(paper["case"]["id_number"], "142625********6202");
    assert!(!paper.to_string().contains(MANUAL_ID), "the whole number is nowhere on it");
    let counts: Vec<u64> = paper["materials"].as_array().unwrap().iter().filter_map(|m| m["files"].as_u64()).collect();
    assert_eq!((counts.iter().sum::<u64>(), counts.len() > 1), (1, true), "what is missing is listed, too");
    assert_eq!((&paper["amount"], &paper["trace"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_paper_that_is_not_there_yet_is_refused_with_a_sentence() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    for paper in ["calculation", "approval", "payout", "denial"] {
        assert_eq!(print(&unit, paper, &[id]).await.code(422), "paper_not_there", "{paper}");
    }
    assert_eq!(print(&unit, "receipt", &[]).await.fields(), ["case_ids: required"]);
    assert_eq!(print(&unit, "receipt", &(1..=51).collect::<Vec<_>>()).await.fields(), ["case_ids: too_many"]);
}

#[tokio::test]
async fn calculation_approval_and_payout_carry_the_amount_in_figures_and_words() {
    let world = World::new().await;
    let (unit, review, cashier) = (world.user("unit").await, world.user("review").await, world.user("cashier").await);
    let id = unit.submitted().await;
    assert_eq!(papers(&unit, id).await, ["receipt", "calculation", "approval"]);
    let calculation = one(&unit, "calculation", id).await;
    assert_eq!(calculation["amount"], json!({ "fen": 328_300, "words": "叁仟贰佰捌拾叁元整" }));
    assert!(calculation["trace"].as_array().unwrap().iter().any(|s| s["clause"] != ""));
    assert_eq!(calculation["statements"][0]["total_fen"], 2_656_600);

    review.act(id, "take").await.expect(200);
    let note = json!({ "version": review.version(id).await, "note": "材料齐全，同意给付" });
    review.post(&format!("/api/cases/{id}/approve"), note).await.expect(200);
    let approval = one(&review, "approval", id).await;
    assert_eq!(approval["case"]["id_number"], MANUAL_ID, "what stays in the house shows the whole number");
    assert_eq!(approval["payees"][0]["account_no"], "6222020909003028973");
    let decided: Vec<String> = approval["decisions"].as_array().unwrap().iter().map(|d| text(&d["kind"])).collect();
    assert_eq!(decided, ["accept", "submit", "approve"]);
    assert_eq!(approval["decisions"][2]["note"], "材料齐全，同意给付");
    assert_eq!(approval["decisions"][2]["step"], "first_review");
    let payout = one(&cashier, "payout", id).await;
    assert_eq!(payout["payees"][0]["account_no"], "***************8973");
    assert_eq!((&payout["paid_on"], &payout["payees"][0]["amount"]["fen"]), (&Value::Null, &json!(328_300)));
}

#[tokio::test]
async fn a_denial_says_why_by_which_clause_and_shows_no_amount() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    let version = review.version(id).await;
    let deny = json!({ "version": version, "reason": "not_covered", "note": "出险日早于保障起期" });
    review.post(&format!("/api/cases/{id}/deny"), deny).await.expect(200);
    assert_eq!(papers(&unit, id).await, ["receipt", "approval", "denial"]);
    let denial = one(&unit, "denial", id).await["denial"].clone();
    assert_eq!(
        (text(&denial["reason_code"]), text(&denial["note"])),
        ("not_covered".into(), "出险日早于保障起期".into())
    );
    assert!(text(&denial["sentence"]).contains("2023-10-04"), "{denial}");
    assert!(!text(&denial["clause"]).is_empty());
    assert!(text(&denial["appeal_until"]) > text(&one(&unit, "denial", id).await["dated"]));
    assert_eq!(one(&unit, "denial", id).await["amount"], Value::Null);
}

#[tokio::test]
async fn printing_is_logged_and_ends_at_the_branch() {
    let world = World::new().await;
    let (unit, far) = (world.user("unit").await, world.user("far").await);
    let id = unit.accepted("disease_inpatient").await;
    let other = unit.accepted("accident_inpatient").await;
    assert_eq!(print(&far, "receipt", &[id]).await.code(404), "not_found");
    assert_eq!(print(&unit, "receipt", &[id, 999_999]).await.code(404), "not_found");
    let printed = print(&unit, "receipt", &[other, id, other]).await.expect(200);
    let ids: Vec<i64> = printed["papers"].as_array().unwrap().iter().filter_map(|p| p["case"]["id"].as_i64()).collect();
    assert_eq!(ids, [other, id], "once each, in the order asked for");
    let log = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("print"));
    let log = log.all(world.app.db.read()).await.unwrap();
    let objects: Vec<&str> = log.iter().map(|e| e.object.as_str()).collect();
    assert_eq!(objects, [format!("case {other} receipt"), format!("case {id} receipt")], "none for what was refused");
}
