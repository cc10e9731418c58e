//! 更正, 申诉, 追回.
use huzhu::{
    cases::{events, ledger},
    entity::{case_event, case_material, recovery_entry},
    orgs::users::{self, NewUser},
};
use huzhu_domain::{benefit::Usage, money::Fen, permission::Role};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    acts::appeal,
    world::{User, World, codes, draft, text},
};

/// The manual's example in the hands of the first reviewer.
async fn in_review(world: &World) -> i64 {
    let id = world.user("unit").await.submitted().await;
    world.user("review").await.act(id, "take").await.expect(200);
    id
}

async fn pay(world: &World, id: i64) -> Value {
    world.pay(&[id]).await;
    world.user("cashier").await.get(&format!("/api/cases/{id}")).await.expect(200)
}

/// The manual's example, paid: 3 283.00.
async fn paid(world: &World) -> i64 {
    let id = in_review(world).await;
    world.user("review").await.act(id, "approve").await.expect(200);
    assert_eq!(pay(world, id).await["closing"]["outcome"], "paid");
    id
}

async fn denied(world: &World) -> i64 {
    let id = in_review(world).await;
    let review = world.user("review").await;
    let deny = json!({ "version": review.version(id).await, "reason": "out_of_scope", "note": "不属于保障范围" });
    review.post(&format!("/api/cases/{id}/deny"), deny).await.expect(200);
    id
}

/// A correction of the case, opened by the second reviewer.
async fn correction(world: &World, id: i64) -> i64 {
    let asked = json!({ "reason": "entry_error", "note": "自付金额录错" });
    let opened = world.user("review2").await.post(&format!("/api/cases/{id}/corrections"), asked).await.expect(201);
    opened["id"].as_i64().unwrap()
}

/// The draft of the example with another 个人自付, in fen; everything balances.
fn entry(version: i64, self_pay: i64) -> Value {
    let mut entry = draft(version);
    let paper = &mut entry["statements"][0];
    paper["self_pay_fen"] = json!(self_pay);
    for (field, fen) in [("total_fen", 2_000_000), ("cash_paid_fen", 200_000), ("actual_paid_fen", 200_000)] {
        paper[field] = json!(self_pay + fen);
    }
    entry
}

/// Enters and submits a correction with another 个人自付; what it comes to then.
async fn submit(world: &World, id: i64, self_pay: i64) -> Value {
    let handler = world.user("handler").await;
    handler.act(id, "take").await.expect(200);
    handler.save(id, entry(handler.version(id).await, self_pay)).await.expect(200);
    handler.act(id, "calculate").await.expect(200);
    handler.act(id, "submit").await.expect(200)
}

async fn approve(world: &World, id: i64) -> Value {
    let review = world.user("review").await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200)
}

async fn used(world: &World, id: i64) -> Usage {
    let coverage = world.row(id).await.coverage_id;
    let used = ledger::used(world.app.db.read(), vec![coverage]).await.unwrap();
    used.get(&coverage).map(|book| book.of("inpatient_medical")).unwrap_or_default()
}

/// The row and the events of a case, as they must stay.
async fn as_it_is(world: &World, id: i64) -> (huzhu::entity::case::Model, Vec<case_event::Model>) {
    let events = case_event::Entity::find().filter(case_event::Column::CaseId.eq(id));
    let events = events.order_by_asc(case_event::Column::Seq).all(world.app.db.read()).await.unwrap();
    let row = world.row(id).await;
    assert_eq!(events::breaks(&events, (row.event_seq, &row.event_hash)), []);
    (row, events)
}

async fn told(world: &World, who: &str) -> Vec<String> {
    let found = world.user(who).await.get("/api/messages").await.expect(200);
    found["items"].as_array().unwrap().iter().map(|m| text(&m["kind"])).collect()
}

async fn view(user: &User, id: i64) -> Value {
    user.get(&format!("/api/cases/{id}")).await.expect(200)
}

#[tokio::test]
async fn a_correction_pays_the_difference_and_the_closed_case_stays_as_it_was() {
    let world = World::new().await;
    let id = paid(&world).await;
    let closed = as_it_is(&world, id).await;
    let fix = correction(&world, id).await;
    let handler = world.user("handler").await;
    let fresh = view(&handler, fix).await;
    assert_eq!((text(&fresh["stage"]), &fresh["calculation"]), ("expense_entry".into(), &Value::Null));
    assert_eq!((&fresh["payees"][0]["name"], fresh["statements"].as_array().unwrap().len()), (&json!("冯玉兰"), 1));
    assert_eq!(fresh["after"]["correction"]["granted_before_fen"], 328_300);
    let pictures = |of: i64| case_material::Entity::find().filter(case_material::Column::CaseId.eq(of));
    assert_eq!(pictures(fix).count(world.app.db.read()).await.unwrap(), 4, "taken over");
    let file = fresh["materials"][0]["files"][0]["url"].as_str().unwrap();
    assert_eq!(handler.get(file).await.status, 200);

    // Computed as if the first hadn't happened: the same entry comes to the same, and the difference is nothing.
    let same = submit(&world, fix, 656_600).await;
    assert_eq!((&same["calculation"]["amount_fen"], &same["benefit_fen"]), (&json!(328_300), &json!(0)));
    assert_eq!(used(&world, id).await.amount, Fen(328_300), "nothing more is set aside");
    let review = world.user("review").await;
    review.act(fix, "take").await.expect(200);
    let back = json!({
        "version": review.version(fix).await, "to": "expense_entry", "reason": "amounts_mismatch", "note": "请核对"
    });
    review.post(&format!("/api/cases/{fix}/return"), back).await.expect(200);
    handler.save(fix, entry(handler.version(fix).await, 856_600)).await.expect(200);
    handler.act(fix, "calculate").await.expect(200);
    let more = handler.act(fix, "submit").await.expect(200);
    assert_eq!((&more["calculation"]["amount_fen"], &more["benefit_fen"]), (&json!(428_300), &json!(100_000)));
    assert_eq!(more["claim_ordinal"], 1, "it is the same claim");
    let Usage { times, amount, .. } = used(&world, id).await;
    assert_eq!((times, amount), (1, Fen(428_300)), "set aside with the submit, and not counted twice");
    assert_eq!(text(&approve(&world, fix).await["stage"]), "payment");
    let end = pay(&world, fix).await;
    assert_eq!((text(&end["closing"]["outcome"]), &end["after"]["granted_fen"]), ("paid".into(), &json!(428_300)));
    let Usage { times, stays, amount, .. } = used(&world, id).await;
    assert_eq!((times, stays, amount), (1, 1, Fen(428_300)));
    assert_eq!(as_it_is(&world, id).await, closed, "row and events");
    let first = view(&handler, id).await;
    let kinds: Vec<String> = first["timeline"].as_array().unwrap().iter().map(|e| text(&e["kind"])).collect();
    assert_eq!(&kinds[kinds.len() - 2..], ["corrected_by", "correction_closed"]);
    assert_eq!(first["after"]["chain"].as_array().unwrap().len(), 2);
    assert!(told(&world, "unit").await.contains(&"case_corrected".to_owned()));
}

#[tokio::test]
async fn a_correction_claims_back_and_is_closed_by_the_last_receipt() {
    let world = World::new().await;
    let id = paid(&world).await;
    let fix = correction(&world, id).await;
    let less = submit(&world, fix, 456_600).await;
    assert_eq!(less["benefit_fen"], -100_000);
    assert_eq!(used(&world, id).await.amount, Fen(328_300), "nobody else is granted it before it is closed");
    assert_eq!(text(&approve(&world, fix).await["stage"]), "recovery");
    assert!(told(&world, "handler").await.contains(&"case_claims_back".to_owned()));
    let (handler, cashier) = (world.user("handler").await, world.user("cashier").await);
    let path = format!("/api/cases/{fix}/receipts");
    let receipt = |version: i64, fen: i64| json!({ "version": version, "amount_fen": fen, "received_on": "2026-11-02", "way": "bank_transfer", "reference": "HK1" });
    let version = handler.version(fix).await;
    assert_eq!(handler.post(&path, receipt(version, 100_001)).await.blockers(), ["receipt_too_much"]);
    assert_eq!(handler.post(&path, receipt(version, 0)).await.blockers(), ["receipt_empty"]);
    handler.post(&path, receipt(version, 60_000)).await.expect(200);
    assert_eq!(handler.post(&path, receipt(version, 60_000)).await.blockers(), ["receipt_too_much"], "a double click");
    assert_eq!(handler.post(&path, receipt(version, 40_000)).await.code(409), "stale_version");
    let verdict = |version: i64, entry: &Value, accepted: bool, note: &str| json!({ "version": version, "entry_id": entry, "accepted": accepted, "note": note });
    let judge = format!("{path}/verdict");
    let at = view(&cashier, fix).await;
    let entry = at["after"]["recovery"]["entries"][0].clone();
    assert_eq!((&entry["accepted"], &entry["confirm"]), (&Value::Null, &json!([])));
    let version = cashier.version(fix).await;
    assert_eq!(handler.post(&judge, verdict(version, &entry["id"], true, "")).await.code(403), "forbidden");
    assert_eq!(cashier.post(&judge, verdict(version, &json!(999_999), true, "")).await.blockers(), ["nothing_waits"]);
    cashier.post(&judge, verdict(version, &entry["id"], true, "")).await.expect(200);
    assert_eq!(cashier.post(&judge, verdict(version + 1, &entry["id"], true, "")).await.blockers(), ["nothing_waits"]);
    // One that the cashier recorded: not theirs to confirm, but to take back, with a reason.
    cashier.post(&path, receipt(version + 1, 40_000)).await.expect(200);
    let own = view(&cashier, fix).await["after"]["recovery"]["entries"][1].clone();
    assert_eq!(codes(&own["confirm"]), ["recorded_by_you"]);
    let version = cashier.version(fix).await;
    assert_eq!(cashier.post(&judge, verdict(version, &own["id"], true, "")).await.blockers(), ["recorded_by_you"]);
    assert_eq!(cashier.post(&judge, verdict(version, &own["id"], false, "")).await.fields(), ["note: required"]);
    cashier.post(&judge, verdict(version, &own["id"], false, "未到账")).await.expect(200);
    let write_off = format!("/api/cases/{fix}/write-off");
    handler.post(&path, receipt(version + 1, 40_000)).await.expect(200);
    let asked = json!({ "version": version + 2, "reason": "unreachable", "note": "多次联系未果" });
    assert_eq!(cashier.post(&write_off, asked).await.blockers(), ["receipt_waits"]);
    let last = view(&cashier, fix).await["after"]["recovery"]["entries"][2]["id"].clone();
    let open = cashier.post("/api/recoveries/search", json!({})).await.expect(200);
    assert_eq!((&open["open"], &open["owed_fen"]), (&json!(1), &json!(100_000)));
    assert_eq!((&open["items"][0]["received_fen"], &open["items"][0]["waiting"]), (&json!(60_000), &json!(1)));
    assert_eq!(cashier.get("/api/todo").await.expect(200)["items"][0]["id"], fix);
    let end = cashier.post(&judge, verdict(version + 2, &last, true, "")).await.expect(200);
    let closed = cashier.post("/api/recoveries/search", json!({ "tab": "closed" })).await.expect(200);
    assert_eq!((&closed["total"], &closed["open"]), (&json!(1), &json!(0)));
    assert_eq!((text(&end["closing"]["outcome"]), &end["after"]["granted_fen"]), ("recovered".into(), &json!(228_300)));
    assert_eq!(
        (&end["after"]["recovery"]["received_fen"], &end["after"]["recovery"]["left_fen"]),
        (&json!(100_000), &json!(0))
    );
    let Usage { times, amount, .. } = used(&world, id).await;
    assert_eq!((times, amount), (1, Fen(228_300)));
    let entries = recovery_entry::Entity::find().count(world.app.db.read()).await.unwrap();
    assert_eq!(entries, 3, "refused ones stay");
    // The chain goes on from its last case.
    let review2 = world.user("review2").await;
    let asked = json!({ "reason": "other", "note": "再次更正" });
    assert_eq!(review2.post(&format!("/api/cases/{id}/corrections"), asked).await.blockers(), ["corrected_already"]);
    let third = correction(&world, fix).await;
    assert_eq!(submit(&world, third, 656_600).await["benefit_fen"], 100_000);
}

#[tokio::test]
async fn what_cannot_be_got_back_is_written_off_by_a_second_person() {
    let world = World::new().await;
    let id = paid(&world).await;
    let fix = correction(&world, id).await;
    submit(&world, fix, 656_600).await;
    let review = world.user("review").await;
    review.act(fix, "take").await.expect(200);
    let deny = json!({ "version": review.version(fix).await, "reason": "excluded", "note": "责任免除" });
    let at = review.post(&format!("/api/cases/{fix}/deny"), deny).await.expect(200);
    assert_eq!((text(&at["stage"]), &at["after"]["recovery"]["owed_fen"]), ("recovery".into(), &json!(328_300)));
    let (cashier, senior) = (world.user("cashier").await, world.user("review2").await);
    let asked = json!({ "version": at["version"], "reason": "no_estate", "note": "" });
    let path = format!("/api/cases/{fix}/write-off");
    assert_eq!(cashier.post(&path, asked).await.fields(), ["note: required"]);
    let asked = json!({ "version": at["version"], "reason": "no_estate", "note": "出险人去世，无遗产" });
    let open = cashier.post(&path, asked).await.expect(200);
    let entry = &open["after"]["recovery"]["entries"][0];
    assert_eq!((&entry["kind"], &entry["amount_fen"]), (&json!("write_off"), &json!(328_300)));
    let verdict = json!({ "version": open["version"], "entry_id": entry["id"], "accepted": true });
    assert_eq!(cashier.post(&format!("{path}/verdict"), verdict.clone()).await.code(403), "forbidden");
    let end = senior.post(&format!("{path}/verdict"), verdict).await.expect(200);
    assert_eq!(
        (text(&end["closing"]["outcome"]), text(&end["closing"]["reason_code"])),
        ("written_off".into(), "no_estate".into())
    );
    assert_eq!(used(&world, id).await, Usage::default(), "nothing is granted any more");
}

#[tokio::test]
async fn one_correction_of_a_chain_at_a_time_and_nobody_reviews_the_one_they_opened() {
    let world = World::new().await;
    let id = paid(&world).await;
    let (handler, review2) = (world.user("handler").await, world.user("review2").await);
    let path = format!("/api/cases/{id}/corrections");
    let asked = json!({ "reason": "entry_error", "note": "自付金额录错" });
    assert_eq!(handler.post(&path, asked.clone()).await.code(403), "forbidden");
    assert_eq!(review2.post(&path, json!({ "reason": "entry_error", "note": " " })).await.fields(), ["note: required"]);
    let by_hand = json!({ "reason": "appeal_allowed", "note": "x" });
    assert_eq!(review2.post(&path, by_hand).await.fields(), ["reason: unknown"]);
    let (one, two) = tokio::join!(review2.post(&path, asked.clone()), review2.post(&path, asked.clone()));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422], "two clicks, one correction");
    let fix = [one, two].into_iter().find(|a| a.status == 201).unwrap().json["id"].as_i64().unwrap();
    assert_eq!(review2.post(&path, asked.clone()).await.blockers(), ["correction_open"]);
    assert_eq!(handler.act(fix, "delete").await.blockers(), ["correction_stays"]);
    submit(&world, fix, 656_600).await;
    assert_eq!(review2.act(fix, "take").await.blockers(), ["opened_by_you"]);
    let next = json!({ "stage": "first_review", "count": 1 });
    assert_eq!(review2.post("/api/pools/take", next).await.expect(200), json!({ "ids": [] }), "nor is it handed out");
    // Withdrawn it changes nothing, and the case can be corrected again.
    let review = world.user("review").await;
    review.act(fix, "take").await.expect(200);
    let withdraw = json!({ "version": review.version(fix).await, "reason": "accepted_in_error" });
    review.post(&format!("/api/cases/{fix}/withdraw"), withdraw).await.expect(200);
    assert_eq!(used(&world, id).await.amount, Fen(328_300));
    let again = correction(&world, id).await;
    submit(&world, again, 656_600).await;
    let same = approve(&world, again).await;
    assert_eq!((text(&same["stage"]), text(&same["closing"]["outcome"])), ("closed".into(), "corrected".into()));
    let row = view(&handler, again).await;
    assert_eq!(row["after"]["chain"].as_array().unwrap().len(), 3);
    let listed = handler.post("/api/inquiry/cases/search", json!({ "correction": true })).await.expect(200);
    assert_eq!(listed["total"], 2);
}

#[tokio::test]
async fn a_denied_case_is_appealed_against_and_its_correction_pays() {
    let world = World::new().await;
    let id = denied(&world).await;
    let closed = as_it_is(&world, id).await;
    let (unit, review, review2) = (world.user("unit").await, world.user("review").await, world.user("review2").await);
    let asked = json!({ "reason": "rule_misapplied", "note": "适用条款有误" });
    assert_eq!(review2.post(&format!("/api/cases/{id}/corrections"), asked).await.blockers(), ["appeal_first"]);
    let path = format!("/api/cases/{id}/appeals");
    let today = huzhu::platform::clock::today();
    let on = today.to_string();
    assert_eq!(review.post(&path, appeal(&on)).await.code(403), "forbidden");
    assert_eq!(
        unit.post(&path, appeal("2999-01-01")).await.fields(),
        ["late_reason: required", "appealed_on: in_future"]
    );
    assert_eq!(unit.post(&path, appeal("2020-01-01")).await.fields(), ["appealed_on: before_closing"]);
    let made = unit.post(&path, appeal(&on)).await.expect(201);
    let appeal_id = made["id"].as_i64().unwrap();
    assert_eq!(unit.post(&path, appeal(&on)).await.blockers(), ["appeal_open"]);
    let paper = paper(&unit, appeal_id).await;
    assert_eq!(unit.get(paper["url"].as_str().unwrap()).await.status, 200);
    assert_eq!(world.user("far").await.get(paper["url"].as_str().unwrap()).await.status, 404);
    assert_eq!(world.user("far").await.get(&format!("/api/appeals/{appeal_id}")).await.status, 404);
    let pool = review2.post("/api/appeals/search", json!({})).await.expect(200);
    assert_eq!((&pool["open"], &pool["items"][0]["case_no"]), (&json!(1), &made["case_no"]));
    let decide = format!("/api/appeals/{appeal_id}/decide");
    let word = |version: i64, note: &str| json!({ "version": version, "allowed": true, "note": note });
    assert_eq!(review.post(&decide, word(1, "支持")).await.code(403), "forbidden");
    assert_eq!(review2.post(&decide, word(1, "")).await.fields(), ["note: required"]);
    assert_eq!(review2.post(&decide, word(7, "支持")).await.code(409), "stale_version");
    let done = review2.post(&decide, word(1, "经复核属于保障范围，予以支持")).await.expect(200);
    assert_eq!(text(&done["state"]), "allowed");
    assert_eq!(review2.post(&decide, word(1, "支持")).await.blockers(), ["appeal_decided"], "a double click");
    let fix = done["correction_id"].as_i64().unwrap();
    assert_eq!(view(&unit, fix).await["after"]["correction"]["reason"], "appeal_allowed");
    assert_eq!(submit(&world, fix, 656_600).await["benefit_fen"], 328_300);
    approve(&world, fix).await;
    let end = pay(&world, fix).await;
    assert_eq!((&end["after"]["granted_fen"], used(&world, id).await.amount), (&json!(328_300), Fen(328_300)));
    assert_eq!(as_it_is(&world, id).await, closed, "row and events");
    let first = view(&unit, id).await;
    let kinds: Vec<String> = first["timeline"].as_array().unwrap().iter().map(|e| text(&e["kind"])).collect();
    for kind in ["appeal_recorded", "appeal_allowed", "corrected_by", "correction_closed"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} of {kinds:?}");
    }
    let fixed = view(&unit, fix).await["timeline"].to_string();
    assert!(fixed.contains("appeal_allowed"), "{fixed}");
    assert_eq!(told(&world, "handler").await, ["case_approved"]);
    assert_eq!(unit.post(&path, appeal(&on)).await.blockers(), ["corrected_already", "appeal_decided"]);
}

/// A senior reviewer who has seen no case yet.
async fn another_senior(world: &World) -> User {
    let roles = vec![Role::SecondReviewer];
    let new = NewUser { username: "senior".into(), name: "韩雪".into(), org_code: "2300".into(), roles };
    let tx = world.app.db.begin().await.unwrap();
    users::insert(&tx, &new, String::new(), false).await.unwrap();
    tx.commit().await.unwrap();
    world.user("senior").await
}

async fn paper(user: &User, id: i64) -> Value {
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".to_vec();
    body.extend(crate::world::png(9));
    body.extend(b"\r\n--b--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let path = format!("/api/appeals/{id}/papers");
    user.send(axum::http::Method::POST, &path, &headers, axum::body::Body::from(body)).await.expect(201)
}

#[tokio::test]
async fn an_appeal_is_decided_by_somebody_new_and_upheld_with_words_for_the_member() {
    let world = World::new().await;
    let id = world.user("unit").await.submitted().await;
    let (unit, senior) = (world.user("unit").await, world.user("review2").await);
    senior.act(id, "take").await.expect(200);
    let deny = json!({ "version": senior.version(id).await, "reason": "out_of_scope", "note": "不属于保障范围" });
    senior.post(&format!("/api/cases/{id}/deny"), deny).await.expect(200);
    let on = huzhu::platform::clock::today().to_string();
    let path = format!("/api/cases/{id}/appeals");
    let first = unit.post(&path, appeal(&on)).await.expect(201);
    let decide = |id: &Value| format!("/api/appeals/{id}/decide");
    let word = json!({ "version": 1, "allowed": false, "note": "维持原决定：住院原因不在保障范围" });
    let shown = senior.get(&format!("/api/appeals/{}", first["id"])).await.expect(200);
    assert_eq!(codes(&shown["decide"]), ["had_a_hand_in_it"]);
    assert_eq!(senior.post(&decide(&first["id"]), word.clone()).await.blockers(), ["had_a_hand_in_it"]);
    let withdraw = format!("/api/appeals/{}/withdraw", first["id"]);
    let why = json!({ "version": 1, "note": "本人撤回" });
    assert_eq!(text(&unit.post(&withdraw, why.clone()).await.expect(200)["state"]), "withdrawn");
    assert_eq!(unit.post(&withdraw, why).await.blockers(), ["appeal_decided"]);
    let second = unit.post(&path, appeal(&on)).await.expect(201);
    let other = another_senior(&world).await;
    let upheld = other.post(&decide(&second["id"]), word).await.expect(200);
    assert_eq!((text(&upheld["state"]), &upheld["correction_id"]), ("upheld".into(), &Value::Null));
    assert!(told(&world, "unit").await.contains(&"appeal_upheld".to_owned()));
    assert_eq!(unit.post(&path, appeal(&on)).await.blockers(), ["appeal_decided"]);
    let decided = other.post("/api/appeals/search", json!({ "tab": "decided" })).await.expect(200);
    assert_eq!((&decided["total"], &decided["open"]), (&json!(2), &json!(0)));
}
