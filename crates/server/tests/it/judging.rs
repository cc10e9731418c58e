//! What a reviewer asks for, cuts and says to warnings before deciding.
use huzhu::{cases::ledger, platform::clock};
use huzhu_domain::money::Fen;
use serde_json::{Value, json};

use crate::world::{User, World, codes, draft, png, text};

/// The manual's example in the hands of the reviewer.
async fn reviewing(world: &World) -> (User, i64) {
    let review = world.user("review").await;
    let id = world.user("unit").await.submitted().await;
    review.act(id, "take").await.expect(200);
    (review, id)
}

async fn view(user: &User, id: i64) -> Value {
    user.get(&format!("/api/cases/{id}")).await.expect(200)
}

async fn reserved(world: &World, id: i64) -> Fen {
    let row = world.row(id).await;
    let used = ledger::used(world.app.db.read(), vec![row.coverage_id]).await.unwrap();
    used[&row.coverage_id].of(&row.liability_code).amount
}

fn back(version: i64, missing: Value) -> Value {
    json!({
        "version": version, "to": "materials", "reason": "materials_missing", "note": "请补正",
        "missing": missing, "supplement_until": clock::today() + chrono::Days::new(10),
    })
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_the_clock_stands_until_it_has_come() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let unit = world.user("unit").await;
    let path = format!("/api/cases/{id}/return");
    let missing = json!([{ "kind": "settlement" }, { "what": "请说明入院当日的转诊经过" }]);
    review.post(&path, back(review.version(id).await, missing)).await.expect(200);
    let waiting = view(&unit, id).await;
    assert_eq!((text(&waiting["stage"]), text(&waiting["pace"]["pace"])), ("materials".into(), "stopped".into()));
    let round = &waiting["supplements"][0];
    assert_eq!((&round["open"], text(&round["asked_by_name"])), (&json!(true), "王春梅".into()));
    assert_eq!(round["items"][0]["what"], "基本医疗保险结算单照片");
    let told = unit.get("/api/messages").await.expect(200);
    assert_eq!(text(&told["items"][0]["kind"]), "case_supplement");
    let last = waiting["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(codes(&last["remarks"]), ["supplement_asked"]);
    assert_eq!(unit.act(id, "confirm-materials").await.blockers(), ["supplement_open", "supplement_open"]);
    unit.upload(id, "settlement", "new.png", &png(77)).await.expect(201);
    let item = format!("/api/cases/{id}/supplements/{}", round["items"][1]["id"]);
    let words = |answer: &str| json!({ "answer": answer });
    assert_eq!(unit.put(&item, words(&"长".repeat(201))).await.fields(), ["answer: too_long"]);
    unit.put(&item, words("由县医院转入")).await.expect(200);
    unit.put(&item, words(" ")).await.expect(200);
    assert_eq!(unit.act(id, "confirm-materials").await.blockers(), ["supplement_open"], "an answer is taken back");
    unit.put(&item, words("由县医院转入")).await.expect(200);
    let confirmed = unit.act(id, "confirm-materials").await.expect(200);
    assert_eq!(text(&confirmed["pace"]["pace"]), "in_time", "the clock runs again");
    unit.act(id, "take").await.expect(200);
    assert_eq!(unit.put(&item, words("再改")).await.status, 404, "what was settled stays so");
    unit.act(id, "submit").await.expect(200);
    let again = view(&review, id).await;
    let round = &again["supplements"][0];
    assert_eq!((&round["open"], &round["items"][0]["pictures"]), (&json!(false), &json!(1)));
    assert_eq!(
        (text(&round["items"][1]["answer"]), &round["items"][1]["settled"]),
        ("由县医院转入".into(), &json!(true))
    );
}

#[tokio::test]
async fn nothing_is_asked_for_that_makes_no_sense() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let path = format!("/api/cases/{id}/return");
    let version = review.version(id).await;
    for (missing, wrong) in [
        (json!([{ "kind": "passport" }]), "missing.0.kind: unknown"),
        (json!([{ "what": " " }]), "missing.0.what: required"),
        (json!([{ "kind": "settlement", "what": "字".repeat(201) }]), "missing.0.what: too_long"),
        (json!([{ "kind": "settlement" }, { "kind": "settlement" }]), "missing.1.what: asked_twice"),
        (json!([{ "kind": "settlement", "what": "a\u{7}" }]), "missing.0.what: control_signs"),
    ] {
        assert_eq!(review.post(&path, back(version, missing)).await.fields(), [wrong]);
    }
    let many: Vec<Value> = (0..21).map(|n| json!({ "what": format!("第 {n} 项") })).collect();
    assert_eq!(review.post(&path, back(version, json!(many))).await.fields(), ["missing: too_many"]);
    let mut late = back(version, json!([{ "kind": "settlement" }]));
    late["supplement_until"] = json!("2020-01-01");
    assert_eq!(review.post(&path, late).await.fields(), ["supplement_until: until_impossible"]);
    let mut elsewhere = back(version, json!([{ "kind": "settlement" }]));
    elsewhere["to"] = json!("expense_entry");
    assert_eq!(review.post(&path, elsewhere).await.fields(), ["missing: only_of_papers"]);
    assert_eq!(text(&view(&review, id).await["stage"]), "first_review", "nothing half done");
    review.post(&path, back(version, json!([]))).await.expect(200);
    let plain = view(&review, id).await;
    assert_eq!((&plain["supplements"], text(&plain["pace"]["pace"])), (&json!([]), "in_time".into()));
}

fn cut(version: i64, amount: i64) -> Value {
    json!({ "version": version, "statement": 1, "part": "self_pay", "amount_fen": amount, "reason": "unrelated" })
}

#[tokio::test]
async fn a_cut_lowers_benefit_and_reserve_and_leaves_the_statement_as_it_was_submitted() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let path = format!("/api/cases/{id}/reduce");
    let less = review.post(&path, cut(review.version(id).await, 100_000)).await.expect(200);
    assert_eq!((&less["benefit_fen"], &less["submitted_benefit_fen"]), (&json!(278_300), &json!(328_300)));
    assert_eq!(less["calculation"]["amount_fen"], 278_300);
    assert_eq!(less["statements"][0]["self_pay_fen"], 656_600);
    assert_eq!(reserved(&world, id).await, Fen(278_300));
    let last = less["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((text(&last["kind"]), codes(&last["remarks"])), ("reduce".into(), vec!["cut_made".into()]));
    assert_eq!(last["remarks"][0]["message"], "结算单 1 个人自付核减 1,000.00 元，互助金额 3,283.00 → 2,783.00 元");
    let twice = review.post(&path, cut(less["version"].as_i64().unwrap(), 56_600)).await.expect(200);
    assert_eq!((twice["benefit_fen"].as_i64(), reserved(&world, id).await), (Some(250_000), Fen(250_000)));
    let first = &twice["reductions"][1]["id"];
    let withdraw = format!("/api/cases/{id}/reductions/{first}/withdraw");
    let seen = json!({ "version": twice["version"] });
    let more = review.post(&withdraw, seen.clone()).await.expect(200);
    assert_eq!((more["benefit_fen"].as_i64(), reserved(&world, id).await), (Some(300_000), Fen(300_000)));
    assert_eq!(review.post(&withdraw, seen).await.blockers(), ["cut_unknown"], "a double click");
    let stands: Vec<&Value> = more["reductions"].as_array().unwrap().iter().map(|r| &r["stands"]).collect();
    assert_eq!(stands, [&json!(true), &json!(false)]);
    let paid =
        review.post(&format!("/api/cases/{id}/approve"), json!({ "version": more["version"] })).await.expect(200);
    assert_eq!((text(&paid["stage"]), &paid["benefit_fen"]), ("payment".into(), &json!(300_000)));
    let cashier = world.user("cashier").await;
    let waiting = cashier.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!(waiting["sum_fen"], 300_000);
}

#[tokio::test]
async fn a_cut_of_too_much_or_of_everything_is_refused() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let path = format!("/api/cases/{id}/reduce");
    let version = review.version(id).await;
    for (amount, code) in [
        (656_601, "cut_too_much"),
        (1_000_000_000, "cut_too_much"),
        (0, "cut_too_much"),
        (-1, "cut_too_much"),
        (656_600, "cut_to_zero"),
    ] {
        assert_eq!(review.post(&path, cut(version, amount)).await.blockers(), [code], "{amount}");
    }
    let mut other = cut(version, 100);
    other["statement"] = json!(2);
    assert_eq!(review.post(&path, other.clone()).await.blockers(), ["cut_unknown"]);
    other["statement"] = json!(0);
    assert_eq!(review.post(&path, other).await.fields(), ["statement: unknown"]);
    let mut blank = cut(version, 100);
    blank["reason"] = json!("other");
    assert_eq!(review.post(&path, blank).await.fields(), ["note: required"]);
    let second = world.user("review2").await;
    assert_eq!(second.post(&path, cut(version, 100)).await.code(409), "held_by_other");
    assert_eq!((reserved(&world, id).await, view(&review, id).await["reductions"].clone()), (Fen(328_300), json!([])));
}

#[tokio::test]
async fn a_returned_case_is_entered_without_the_cuts_and_keeps_them_as_history() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let unit = world.user("unit").await;
    let less =
        review.post(&format!("/api/cases/{id}/reduce"), cut(review.version(id).await, 100_000)).await.expect(200);
    let returned =
        json!({ "version": less["version"], "to": "expense_entry", "reason": "amounts_mismatch", "note": "n" });
    review.post(&format!("/api/cases/{id}/return"), returned).await.expect(200);
    assert_eq!(reserved(&world, id).await, Fen::ZERO);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["calculation_stale"], "what was computed with the cut is old");
    assert_eq!(unit.act(id, "calculate").await.expect(200)["calculation"]["amount_fen"], 328_300);
    let again = unit.act(id, "submit").await.expect(200);
    assert_eq!((&again["benefit_fen"], &again["submitted_benefit_fen"]), (&json!(328_300), &Value::Null));
    assert_eq!((&again["reductions"][0]["stands"], reserved(&world, id).await), (&json!(false), Fen(328_300)));
}

#[tokio::test]
async fn every_warning_is_answered_by_the_reviewer_before_a_case_is_approved() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.entering().await;
    let mut entry = draft(unit.version(id).await);
    entry["statements"][0]["total_fen"] = json!(2_666_600);
    let reason = json!({ "code": "total_mismatch", "statement": 1, "reason": "票面如此" });
    entry["warning_reasons"] = json!([reason]);
    unit.save(id, entry).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    unit.act(id, "submit").await.expect(200);
    review.act(id, "take").await.expect(200);
    assert_eq!(review.act(id, "approve").await.blockers(), ["warning_open"]);
    let path = format!("/api/cases/{id}/answer-warning");
    let say = |code: &str, accepted: bool, version: i64| json!({ "version": version, "code": code, "statement": 1, "accepted": accepted, "note": "已与医院核对" });
    let version = review.version(id).await;
    assert_eq!(review.post(&path, say("stay_overlaps", true, version)).await.blockers(), ["warning_gone"]);
    assert_eq!(unit.post(&path, say("total_mismatch", true, version)).await.code(403), "forbidden");
    let no = review.post(&path, say("total_mismatch", false, version)).await.expect(200);
    assert_eq!(review.act(id, "approve").await.blockers(), ["warning_not_accepted"]);
    let yes = review.post(&path, say("total_mismatch", true, no["version"].as_i64().unwrap())).await.expect(200);
    let said: Vec<&Value> = yes["warnings"][0]["answers"].as_array().unwrap().iter().map(|a| &a["accepted"]).collect();
    assert_eq!((said, text(&yes["warnings"][0]["reason"])), (vec![&json!(false), &json!(true)], "票面如此".into()));
    // Another reviewer who takes the case over answers for themself.
    review.act(id, "release").await.expect(200);
    let other = world.user("review2").await;
    other.act(id, "take").await.expect(200);
    assert_eq!(other.act(id, "approve").await.blockers(), ["warning_open"]);
    other.act(id, "release").await.expect(200);
    review.act(id, "take").await.expect(200);
    assert_eq!(text(&review.act(id, "approve").await.expect(200)["stage"]), "payment");
}

#[tokio::test]
async fn the_persons_other_cases_are_seen_beside_within_the_branch() {
    let world = World::new().await;
    let (review, id) = reviewing(&world).await;
    let unit = world.user("unit").await;
    let row = unit.claim(crate::world::MANUAL_ID, "2023-11-10", "disease_inpatient").await;
    let other = unit.accept("second", json!([row])).await.expect(201)["cases"][0]["id"].clone();
    let found = review.get(&format!("/api/cases/{id}/others")).await.expect(200);
    let ids: Vec<&Value> = found.as_array().unwrap().iter().map(|r| &r["id"]).collect();
    assert_eq!(ids, [&other]);
    assert_eq!(world.user("far").await.get(&format!("/api/cases/{id}/others")).await.status, 404);
}
