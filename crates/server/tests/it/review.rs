use huzhu::entity::case_event;
use huzhu_domain::{benefit::Usage, case::draw as draw_of, permission::Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, World, draft, text};

/// A case of the manual's example that the first reviewer has taken, with its version.
pub async fn reviewing(world: &World) -> (i64, i64) {
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    (id, review.version(id).await)
}

#[tokio::test]
async fn the_example_goes_through_review_and_payment_to_its_end() {
    let world = World::new().await;
    let (id, version) = reviewing(&world).await;
    let (review, cashier) = (world.user("review").await, world.user("cashier").await);
    let approved = review.post(&format!("/api/cases/{id}/approve"), json!({ "version": version })).await.expect(200);
    assert_eq!(
        (text(&approved["stage"]), text(&approved["benefit_words"])),
        ("payment".into(), "叁仟贰佰捌拾叁元整".into())
    );
    let waiting = cashier.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!((waiting["total"].as_u64(), waiting["sum_fen"].as_i64()), (Some(1), Some(328_300)));
    world.pay(&[id]).await;
    let view = cashier.get(&format!("/api/cases/{id}")).await.expect(200);
    assert_eq!((text(&view["stage"]), text(&view["closing"]["outcome"])), ("closed".into(), "paid".into()));
    let kinds: Vec<String> = view["timeline"].as_array().unwrap().iter().map(|e| text(&e["kind"])).collect();
    assert_eq!(
        kinds.iter().filter(|k| *k != "edit_materials").collect::<Vec<_>>(),
        [
            "accept",
            "confirm_materials",
            "take",
            "save_draft",
            "calculate",
            "submit",
            "take",
            "approve",
            "payment_released",
            "confirm_payment"
        ]
    );
    let again = cashier.post("/api/payment-batches", json!({ "cases": [id] })).await;
    assert_eq!(again.blockers(), ["not_to_be_paid"], "nobody is paid twice");
    let done = cashier.get("/api/done").await.expect(200);
    assert_eq!((done["total"].as_u64(), text(&done["items"][0]["acted_kind"])), (Some(1), "confirm_payment".into()));
}

#[tokio::test]
async fn a_returned_case_can_be_mended_and_submitted_again() {
    let world = World::new().await;
    let (id, version) = reviewing(&world).await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let path = format!("/api/cases/{id}/return");
    let back =
        |note: &str| json!({ "version": version, "to": "expense_entry", "reason": "amounts_mismatch", "note": note });
    assert_eq!(review.post(&path, back("  ")).await.fields(), ["note: required"]);
    review.post(&path, back("金额请核对")).await.expect(200);
    let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
    assert_eq!((&view["holder"]["name"], &view["returned"]), (&json!("周敏"), &json!(true)));
    assert_eq!(view["timeline"].as_array().unwrap().last().unwrap()["note"], "金额请核对");
    let usage = huzhu::cases::ledger::used(world.app.db.read(), vec![world.row(id).await.coverage_id]).await.unwrap();
    assert!(usage.values().all(|book| book.of("inpatient_medical") == Usage::default()), "the reserve was given back");
    assert_eq!(unit.act(id, "submit").await.expect(200)["submissions"], 2);
}

#[tokio::test]
async fn a_denied_case_is_closed_and_gives_its_money_back() {
    let world = World::new().await;
    let (id, version) = reviewing(&world).await;
    let review = world.user("review").await;
    let deny = json!({ "version": version, "reason": "out_of_scope", "note": "不属于保障范围" });
    let view = review.post(&format!("/api/cases/{id}/deny"), deny).await.expect(200);
    assert_eq!(
        (text(&view["closing"]["outcome"]), text(&view["closing"]["reason_code"])),
        ("denied".into(), "out_of_scope".into())
    );
    let used = huzhu::cases::ledger::used(world.app.db.read(), vec![world.row(id).await.coverage_id]).await.unwrap();
    assert!(used.values().all(|book| book.of("inpatient_medical") == Usage::default()));
}

#[tokio::test]
async fn who_entered_a_case_may_not_review_it() {
    let world = World::new().await;
    let far = world.user("far").await;
    let number = &world.id_numbers("37010001").await[0];
    let row = far.claim(number, "2026-05-20", "critical_illness").await;
    let id = far.accept("k", json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
    far.act(id, "take").await.expect(200);
    for kind in ["id_card", "bank_card", "diagnosis_certificate", "pathology_report", "application_form"] {
        far.upload(id, kind, "a.png", &crate::world::png(3)).await.expect(201);
    }
    let fields = json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } });
    far.put(&format!("/api/cases/{id}/material-fields/bank_card"), fields).await.expect(200);
    let mut entry = crate::world::draft(far.version(id).await);
    entry["statements"] = json!([]);
    entry["incident"]["class_code"] = json!("mild");
    far.save(id, entry).await.expect(200);
    far.act(id, "calculate").await.expect(200);
    far.act(id, "submit").await.expect(200);
    assert_eq!(far.act(id, "take").await.blockers(), ["entered_by_you"]);
    let next = far.post("/api/pools/take", json!({ "stage": "first_review", "count": 1 })).await.expect(200);
    assert_eq!(next, json!({ "ids": [] }), "nor is it handed out");
}

#[tokio::test]
async fn the_supervisor_gives_a_held_case_back() {
    let world = World::new().await;
    let (unit, admin, handler2) = (world.user("unit").await, world.user("admin").await, world.user("handler2").await);
    let id = unit.entering().await;
    let held = handler2.act(id, "take").await;
    assert_eq!((held.status, text(&held.json["message"])), (409, "此案件正由周敏处理".into()));
    admin.act(id, "release").await.expect(200);
    handler2.act(id, "take").await.expect(200);
}

#[tokio::test]
async fn what_was_computed_after_a_case_that_is_released_is_not_paid_as_it_stands() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let first = unit.submitted().await;
    let row = unit.claim(MANUAL_ID, "2023-11-10", "disease_inpatient").await;
    let made = unit.accept("second", json!([row])).await.expect(201);
    let second = made["cases"][0]["id"].as_i64().unwrap();
    unit.papers(second).await;
    unit.act(second, "confirm-materials").await.expect(200);
    unit.act(second, "take").await.expect(200);
    let mut entry = draft(unit.version(second).await);
    entry["incident"] = json!({ "cause": "肺炎", "from": "2023-11-10", "to": "2023-11-20", "class_code": null });
    let paper = &mut entry["statements"][0];
    let dates = json!({ "admitted_on": "2023-11-10", "discharged_on": "2023-11-20", "invoice_no": "A0002" });
    paper.as_object_mut().unwrap().extend(dates.as_object().unwrap().clone());
    for (field, fen) in [("total_fen", 4_000_000), ("self_pay_fen", 2_000_000), ("cash_paid_fen", 2_200_000)] {
        paper[field] = json!(fen);
    }
    unit.save(second, entry).await.expect(200);
    assert_eq!(unit.act(second, "calculate").await.expect(200)["calculation"]["amount_fen"], 471_700);
    unit.act(second, "submit").await.expect(200);
    // The first case is judged by what was used before it, whatever came after.
    review.act(first, "take").await.expect(200);
    let view = review.get(&format!("/api/cases/{first}")).await.expect(200);
    let approve = view["allowed_actions"].as_array().unwrap().iter().find(|a| a["action"] == "approve").unwrap();
    assert_eq!(approve["blockers"], json!([]));
    let back = |version: i64| json!({ "version": version, "to": "expense_entry", "reason": "amounts_mismatch", "note": "费用有误" });
    let returned = back(review.version(first).await);
    review.post(&format!("/api/cases/{first}/return"), returned).await.expect(200);
    review.act(second, "take").await.expect(200);
    assert_eq!(review.act(second, "approve").await.blockers(), ["usage_changed"]);
    let returned = back(review.version(second).await);
    review.post(&format!("/api/cases/{second}/return"), returned).await.expect(200);
    assert_eq!(unit.act(second, "calculate").await.expect(200)["calculation"]["amount_fen"], 800_000);
    unit.act(second, "submit").await.expect(200);
    review.act(second, "take").await.expect(200);
    review.act(second, "approve").await.expect(200);
}

/// Sets what a node asks of its reviews.
pub async fn asks(world: &World, code: &str, limit_fen: Option<i64>, share: u32) {
    let (admin, id) = (world.user("admin").await, world.org_id(code).await);
    let node = admin.get(&format!("/api/orgs/{id}")).await.expect(200);
    let form = json!({
        "version": node["version"], "name": node["name"], "review_limit_fen": limit_fen, "review_share": share
    });
    admin.put(&format!("/api/orgs/{id}"), form).await.expect(200);
}

/// The case that is approved at 申领初审 now.
async fn approved_first(world: &World, (id, version): (i64, i64)) -> Value {
    let review = world.user("review").await;
    review.post(&format!("/api/cases/{id}/approve"), json!({ "version": version })).await.expect(200)
}

/// Why the last approval sent a case to 申领复审.
pub fn reasons(case: &Value) -> Vec<String> {
    let last = case["timeline"].as_array().unwrap().iter().rfind(|e| e["kind"] == "approve").unwrap();
    last["second_review"].as_array().unwrap().iter().map(|r| text(&r["code"])).collect()
}

#[tokio::test]
async fn a_case_that_reaches_the_limit_is_reviewed_by_a_second_person_before_it_is_paid() {
    let world = World::new().await;
    asks(&world, "2300", Some(328_300), 0).await;
    let case = reviewing(&world).await;
    let view = approved_first(&world, case).await;
    assert_eq!((text(&view["stage"]), reasons(&view)), ("second_review".into(), vec!["amount_reaches_limit".into()]));
    let (review, second, cashier) =
        (world.user("review").await, world.user("review2").await, world.user("cashier").await);
    assert_eq!(review.post("/api/second-reviews/search", json!({ "tab": "pending" })).await.code(403), "forbidden");
    let pool = second.post("/api/second-reviews/search", json!({ "tab": "pending" })).await.expect(200);
    assert_eq!((&pool["total"], pool["items"][0]["id"].as_i64()), (&json!(1), Some(case.0)));
    assert_eq!(cashier.post("/api/payments/search", json!({ "tab": "pending" })).await.expect(200)["total"], 0);
    assert_eq!(review.act(case.0, "take").await.code(403), "forbidden");
    let counts = second.get("/api/pools/counts").await.expect(200);
    assert_eq!((&counts["second_pending"], &counts["second_mine"]), (&json!(1), &json!(0)));
    let asked = json!({ "stage": "second_review", "count": 5 });
    assert_eq!(review.post("/api/pools/take", asked.clone()).await.code(403), "forbidden");
    assert_eq!(second.post("/api/pools/take", asked).await.expect(200), json!({ "ids": [case.0] }));
    let version = second.version(case.0).await;
    let path = format!("/api/cases/{}/approve", case.0);
    let view = second.post(&path, json!({ "version": version })).await.expect(200);
    assert_eq!((text(&view["stage"]), reasons(&view)), ("payment".into(), Vec::new()));
    let steps: Vec<String> = view["steps"].as_array().unwrap().iter().map(|s| text(&s["stage"])).collect();
    assert!(steps.contains(&"second_review".to_owned()), "{steps:?}");
    let done = second.post("/api/second-reviews/search", json!({ "tab": "done" })).await.expect(200);
    assert_eq!(done["total"], 1);
}

#[tokio::test]
async fn who_approved_first_does_not_approve_again() {
    let world = World::new().await;
    asks(&world, "2300", Some(1), 0).await;
    let second = world.user("review2").await;
    let id = world.user("unit").await.submitted().await;
    second.act(id, "take").await.expect(200);
    let refused = second.act(id, "approve").await.blockers();
    assert_eq!(refused, ["no_second_reviewer"], "they are the only one who could look at it again");
    world.hired("review3", "程静怡", "2300", Role::SecondReviewer).await;
    second.act(id, "approve").await.expect(200);
    assert_eq!(second.act(id, "take").await.blockers(), ["reviewed_by_you"]);
    let asked = json!({ "stage": "second_review", "count": 1 });
    assert_eq!(second.post("/api/pools/take", asked).await.expect(200), json!({ "ids": [] }), "nothing for them");
    assert_eq!(second.get("/api/todo").await.expect(200)["total"], 0, "it isn't theirs to do");
}

#[tokio::test]
async fn a_second_review_returns_a_case_and_it_goes_through_both_again() {
    let world = World::new().await;
    asks(&world, "2300", Some(1), 0).await;
    let case = reviewing(&world).await;
    approved_first(&world, case).await;
    let (unit, second) = (world.user("unit").await, world.user("review2").await);
    second.act(case.0, "take").await.expect(200);
    let back = json!({
        "version": second.version(case.0).await, "to": "expense_entry", "reason": "amounts_mismatch", "note": "请核对"
    });
    second.post(&format!("/api/cases/{}/return", case.0), back).await.expect(200);
    let row = world.row(case.0).await;
    assert_eq!((row.reviewed_by_id, row.approved_by_id, row.benefit_fen), (None, None, None));
    unit.act(case.0, "submit").await.expect(200);
    let review = world.user("review").await;
    review.act(case.0, "take").await.expect(200);
    let again = approved_first(&world, (case.0, review.version(case.0).await)).await;
    assert_eq!(text(&again["stage"]), "second_review");
}

#[tokio::test]
async fn an_agencys_limit_comes_before_its_offices() {
    let world = World::new().await;
    asks(&world, "2300", Some(1), 0).await;
    asks(&world, "2301", Some(328_301), 0).await;
    let case = reviewing(&world).await;
    assert_eq!(text(&approved_first(&world, case).await["stage"]), "payment");
}

#[tokio::test]
async fn what_is_drawn_is_kept_and_can_be_drawn_again() {
    let world = World::new().await;
    asks(&world, "2300", None, 10_000).await;
    let case = reviewing(&world).await;
    let view = approved_first(&world, case).await;
    assert_eq!((text(&view["stage"]), reasons(&view)), ("second_review".into(), vec!["drawn_for_second".into()]));
    let events = case_event::Entity::find().filter(case_event::Column::CaseId.eq(case.0));
    let events = events.order_by_asc(case_event::Column::Seq).all(world.app.db.read()).await.unwrap();
    let of = |kind: &str| events.iter().rfind(|e| e.kind == kind).unwrap();
    let kept: Value = serde_json::from_str(&of("approve").data).unwrap();
    assert_eq!(kept["draw"], json!({ "number": draw_of(&of("submit").hash), "share": 10_000 }));
    let admin = world.user("admin").await;
    let id = world.org_id("2301").await;
    let node = admin.get(&format!("/api/orgs/{id}")).await.expect(200);
    let share = json!({ "version": node["version"], "name": node["name"], "review_share": 100 });
    assert_eq!(admin.put(&format!("/api/orgs/{id}"), share).await.fields(), ["review_share: not_of_this_level"]);
}

#[tokio::test]
async fn a_supervisor_assigns_a_case_to_whoever_could_take_it() {
    let world = World::new().await;
    let (admin, review, unit) = (world.user("admin").await, world.user("review").await, world.user("unit").await);
    let (id, _) = reviewing(&world).await;
    let offered = admin.get(&format!("/api/cases/{id}/assignees")).await.expect(200);
    let names: Vec<String> = offered.as_array().unwrap().iter().map(|a| text(&a["name"])).collect();
    assert_eq!(names, ["赵立新"], "who has it, entered it, lacks the right or belongs elsewhere isn't offered");
    assert_eq!(offered[0]["in_hand"], 0);
    let second = offered[0]["id"].clone();
    let path = format!("/api/cases/{id}/assign");
    let version = admin.version(id).await;
    let asked = |who: &Value, version: i64| json!({ "version": version, "user_id": who, "note": "休假" });
    assert_eq!(review.post(&path, asked(&second, version)).await.code(403), "forbidden");
    assert_eq!(admin.post(&path, asked(&json!(999_999), version)).await.blockers(), ["assignee_unfit"]);
    let after = admin.post(&path, asked(&second, version)).await.expect(200);
    assert_eq!((text(&after["holder"]["name"]), text(&after["stage"])), ("赵立新".into(), "first_review".into()));
    let last = after["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (text(&last["kind"]), text(&last["assignee_name"]), text(&last["note"])),
        ("assign".into(), "赵立新".into(), "休假".into())
    );
    assert_eq!(admin.post(&path, asked(&second, version + 1)).await.blockers(), ["assignee_has_it"]);
    assert_eq!(admin.post(&path, asked(&second, version)).await.blockers(), ["assignee_has_it"], "a double click");
    let told = async |who: &str| {
        let found = world.user(who).await.get("/api/messages").await.expect(200);
        found["items"].as_array().unwrap().iter().map(|m| text(&m["kind"])).collect::<Vec<_>>()
    };
    assert_eq!(
        (told("review2").await, told("review").await),
        (vec!["case_assigned".into()], vec!["case_reassigned".into()])
    );
    let version = world.user("review2").await.version(id).await;
    let approve = json!({ "version": version });
    assert_eq!(review.post(&format!("/api/cases/{id}/approve"), approve.clone()).await.code(409), "held_by_other");
    world.user("review2").await.post(&format!("/api/cases/{id}/approve"), approve).await.expect(200);
    assert_eq!(unit.get(&format!("/api/cases/{id}/assignees")).await.code(403), "forbidden");
}
