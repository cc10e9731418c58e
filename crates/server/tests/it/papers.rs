//! 打印: which papers there are, what stands on them, who may print them, and that printing is logged.
use huzhu::{entity::audit_entry, platform::clock};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World, draft, text};

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

/// Returns the case to 材料上传 with a list of what is missing.
async fn ask(review: &User, id: i64, missing: Value, until: Value) {
    let version = review.version(id).await;
    let body = json!({
        "version": version, "to": "materials", "reason": "materials_missing", "note": "内部说明",
        "missing": missing, "supplement_until": until,
    });
    review.post(&format!("/api/cases/{id}/return"), body).await.expect(200);
}

#[tokio::test]
async fn the_notice_of_missing_papers_tells_what_is_asked_for_until_when_and_where_to_bring_it() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    assert_eq!(print(&review, "supplement", &[id]).await.code(422), "paper_not_there");
    let until = json!(clock::today() + chrono::Days::new(10));
    ask(&review, id, json!([{ "kind": "settlement", "what": "缺第 2 页" }, { "what": "转诊经过" }]), until.clone())
        .await;
    assert_eq!(papers(&unit, id).await, ["receipt", "supplement"]);
    let notice = one(&unit, "supplement", id).await;
    let asked = &notice["supplement"];
    assert_eq!(asked["items"], json!(["基本医疗保险结算单照片：缺第 2 页", "转诊经过"]));
    assert_eq!((&asked["due_on"], &asked["asked_on"]), (&until, &json!(clock::today())));
    assert_eq!((&asked["bring_to"]["name"], &notice["dated"]), (&notice["case"]["org_name"], &asked["asked_on"]));
    assert_eq!(text(&notice["number"]), format!("{}-BZ", text(&notice["case"]["no"])));
    assert_eq!(notice["case"]["id_number"], "142625********6202");
    let all = notice.to_string();
    assert!(!all.contains(MANUAL_ID) && !all.contains("内部说明"), "what is for the house is nowhere on it");
    assert_eq!((&notice["amount"], &notice["cuts"], &notice["decisions"]), (&Value::Null, &json!([]), &json!([])));
}

#[tokio::test]
async fn a_second_request_is_a_notice_of_its_own_and_stays_when_the_papers_have_come() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    for missing in ["转诊经过", "出院小结"] {
        review.act(id, "take").await.expect(200);
        ask(&review, id, json!([{ "what": missing }]), Value::Null).await;
        let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
        let item = format!("/api/cases/{id}/supplements/{}", view["supplements"][0]["items"][0]["id"]);
        unit.put(&item, json!({ "answer": "已附" })).await.expect(200);
        for act in ["confirm-materials", "take", "submit"] {
            unit.act(id, act).await.expect(200);
        }
    }
    assert_eq!(papers(&unit, id).await, ["receipt", "supplement", "calculation", "approval"]);
    let notice = one(&unit, "supplement", id).await;
    assert_eq!(text(&notice["number"]), format!("{}-BZ-2", text(&notice["case"]["no"])));
    let asked = &notice["supplement"];
    assert_eq!((&asked["round"], &asked["items"], &asked["due_on"]), (&json!(2), &json!(["出院小结"]), &Value::Null));
    let approval = one(&review, "approval", id).await;
    let back: Vec<&Value> =
        approval["decisions"].as_array().unwrap().iter().filter(|d| d["kind"] == "return").collect();
    assert_eq!(back[0]["remarks"][0]["code"], "supplement_asked");
    assert!(text(&back[0]["remarks"][0]["message"]).contains("转诊经过"), "{back:?}");
}

#[tokio::test]
async fn cuts_that_stand_are_on_calculation_and_approval_with_the_amounts_before_and_after() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    let whole = one(&unit, "calculation", id).await;
    assert_eq!((&whole["submitted"], &whole["cuts"]), (&Value::Null, &json!([])));
    assert_eq!(whole["statements"][0]["counted"], Value::Null);
    review.act(id, "take").await.expect(200);
    let mut last = Value::Null;
    for (amount, note) in [(100_000, "看错一行"), (56_600, "陪护费")] {
        let cut = json!({
            "version": review.version(id).await, "statement": 1, "part": "self_pay", "amount_fen": amount,
            "reason": "unrelated", "note": note,
        });
        last = review.post(&format!("/api/cases/{id}/reduce"), cut).await.expect(200);
    }
    let wrong = format!("/api/cases/{id}/reductions/{}/withdraw", last["reductions"][1]["id"]);
    review.post(&wrong, json!({ "version": last["version"] })).await.expect(200);
    for kind in ["calculation", "approval"] {
        let paper = one(&review, kind, id).await;
        let cuts = paper["cuts"].as_array().unwrap();
        assert_eq!(cuts.len(), 1, "{kind}: what was taken back is not on it");
        assert_eq!((text(&cuts[0]["note"]), &cuts[0]["amount_fen"]), ("陪护费".into(), &json!(56_600)));
        assert_eq!((text(&cuts[0]["made_by_name"]), text(&cuts[0]["reason"])), ("王春梅".into(), "unrelated".into()));
        assert_eq!((&paper["submitted"]["fen"], &paper["amount"]["fen"]), (&json!(328_300), &json!(300_000)));
        let statement = &paper["statements"][0];
        assert_eq!((&statement["total_fen"], &statement["self_pay_fen"]), (&json!(2_656_600), &json!(656_600)));
        let counted = &statement["counted"];
        assert_eq!((&counted["total_fen"], &counted["self_pay_fen"]), (&json!(2_600_000), &json!(600_000)));
    }
    review.act(id, "approve").await.expect(200);
    let payout = one(&unit, "payout", id).await;
    assert_eq!((&payout["amount"]["fen"], &payout["cuts"]), (&json!(300_000), &json!([])));
}

#[tokio::test]
async fn the_approval_form_tells_what_was_said_to_each_warning_at_entry_and_at_review() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.entering().await;
    let mut entry = draft(unit.version(id).await);
    entry["statements"][0]["total_fen"] = json!(2_666_600);
    entry["warning_reasons"] = json!([{ "code": "total_mismatch", "statement": 1, "reason": "票面如此" }]);
    unit.save(id, entry).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    unit.act(id, "submit").await.expect(200);
    review.act(id, "take").await.expect(200);
    for (accepted, words) in [(false, "请核对"), (true, "已与医院核对")] {
        let version = review.version(id).await;
        let say = json!({ "version": version, "code": "total_mismatch", "statement": 1, "accepted": accepted, "note": words });
        review.post(&format!("/api/cases/{id}/answer-warning"), say).await.expect(200);
    }
    let warnings = one(&unit, "approval", id).await["warnings"].clone();
    assert_eq!((&warnings[0]["statement"], text(&warnings[0]["reason"])), (&json!(1), "票面如此".into()));
    let answers = warnings[0]["answers"].as_array().unwrap();
    let said: Vec<(bool, String)> = answers.iter().map(|a| (a["accepted"] == json!(true), text(&a["words"]))).collect();
    assert_eq!(said, [(false, "请核对".into()), (true, "已与医院核对".into())]);
    assert_eq!((text(&answers[1]["by_name"]), text(&answers[1]["stage"])), ("王春梅".into(), "first_review".into()));
    assert_eq!(one(&unit, "calculation", id).await["warnings"], json!([]), "it stays in the house");
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
