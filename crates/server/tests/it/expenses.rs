use serde_json::{Value, json};

use crate::world::{World, codes, draft, text};

fn action<'a>(view: &'a Value, name: &str) -> &'a Value {
    view["allowed_actions"].as_array().unwrap().iter().find(|a| a["action"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn the_pool_has_two_tabs_and_taking_moves_a_case_between_them() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("critical_illness").await;
    let count = async |tab: &str| {
        unit.post("/api/expenses/search", json!({ "tab": tab })).await.expect(200)["total"].as_u64().unwrap()
    };
    assert_eq!((count("pending").await, count("mine").await), (1, 0));
    unit.act(id, "take").await.expect(200);
    assert_eq!((count("pending").await, count("mine").await), (0, 1));
    unit.act(id, "release").await.expect(200);
    assert_eq!((count("pending").await, count("mine").await), (1, 0));
}

#[tokio::test]
async fn a_draft_may_be_incomplete_and_says_what_submit_still_lacks() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let version = unit.version(id).await;
    let mut half = draft(version);
    half["payees"][0]["phone"] = json!("");
    half["statements"] = json!([]);
    let view = unit.save(id, half).await.expect(200);
    assert_eq!(codes(&action(&view, "submit")["blockers"]), ["field_wrong", "statement_missing", "not_calculated"]);
    assert_eq!(unit.act(id, "calculate").await.fields(), ["statements: required"]);
}

#[tokio::test]
async fn amounts_that_cannot_be_are_refused_with_their_field() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let version = unit.version(id).await;
    let with = |field: &str, value: Value| {
        let mut draft = draft(version);
        draft["statements"][0][field] = value;
        draft
    };
    let negative = unit.save(id, with("self_pay_fen", json!(-1))).await;
    assert_eq!(negative.fields(), ["statements.0.self_pay_fen: negative"]);
    let huge = unit.save(id, with("total_fen", json!(100_000_000_000_000_i64))).await;
    assert_eq!(huge.fields(), ["statements.0.total_fen: too_large"]);
    let fraction = unit.save(id, with("total_fen", json!(1.005))).await;
    assert_eq!(fraction.code(422), "malformed");
    let long = unit.save(id, with("diagnosis", json!("很".repeat(201)))).await;
    assert_eq!(long.fields(), ["statements.0.diagnosis: too_long"]);
    assert_eq!(unit.version(id).await, version, "nothing was saved");
}

#[tokio::test]
async fn the_manuals_example_computes_to_3283_with_its_trace() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let version = unit.version(id).await;
    unit.save(id, draft(version)).await.expect(200);
    let view = unit.act(id, "calculate").await.expect(200);
    assert_eq!(
        (view["calculation"]["amount_fen"].as_i64(), &view["calculation"]["stale"]),
        (Some(328_300), &json!(false))
    );
    let lines: Vec<String> =
        view["calculation"]["trace"].as_array().unwrap().iter().map(|s| text(&s["detail"])).collect();
    assert_eq!(
        lines,
        [
            "个人自付金额 6,566.00",
            "全部金额：6,566.00 × 50%",
            "本期最多 8,000.00 元，已用 0.00 元，剩余 8,000.00 元",
            ""
        ]
    );
    assert_eq!(action(&view, "submit")["blockers"], json!([]));
}

#[tokio::test]
async fn a_change_after_the_calculation_wants_a_new_one() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let version = unit.version(id).await;
    unit.save(id, draft(version)).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    let mut changed = draft(unit.version(id).await);
    changed["statements"][0]["self_pay_fen"] = json!(600_000);
    changed["statements"][0]["total_fen"] = json!(2_600_000);
    changed["statements"][0]["cash_paid_fen"] = json!(800_000);
    let view = unit.save(id, changed).await.expect(200);
    assert_eq!(view["calculation"]["stale"], true);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["calculation_stale"]);
}

#[tokio::test]
async fn sums_that_do_not_balance_want_a_reason_and_never_block_the_draft() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let mut off = draft(unit.version(id).await);
    off["statements"][0]["total_fen"] = json!(2_656_700);
    let view = unit.save(id, off.clone()).await.expect(200);
    assert_eq!(view["warnings"][0]["message"], "结算总金额与统筹 + 其他 + 自付 + 自费相差 1.00 元");
    unit.act(id, "calculate").await.expect(200);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["warning_unanswered"]);
    off["version"] = json!(unit.version(id).await);
    off["warning_reasons"] = json!([{ "code": "total_mismatch", "statement": 1, "reason": "医院四舍五入" }]);
    unit.save(id, off).await.expect(200);
    unit.act(id, "submit").await.expect(200);
}

#[tokio::test]
async fn an_invoice_seen_in_another_case_is_named() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let first = unit.submitted().await;
    let no = text(&unit.get(&format!("/api/cases/{first}")).await.expect(200)["no"]);
    let mut row = unit.claim(crate::world::MANUAL_ID, "2023-10-09", "disease_inpatient").await;
    row["duplicate_reason"] = json!("两次住院");
    let second = unit.accept("second", json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
    unit.papers(second).await;
    unit.act(second, "confirm-materials").await.expect(200);
    unit.act(second, "take").await.expect(200);
    let view = unit.save(second, draft(unit.version(second).await)).await.expect(200);
    assert_eq!(codes(&view["warnings"]), ["incident_seen", "stay_overlaps", "invoice_seen"]);
    assert_eq!(view["warnings"][2]["message"], format!("票据号码已在案件 {no} 中出现"));
    assert_eq!(view["usage"][0]["times"], 1, "the first case has reserved its benefit");
}

#[tokio::test]
async fn two_tabs_saving_the_same_draft_the_second_is_told() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    let version = unit.version(id).await;
    unit.save(id, draft(version)).await.expect(200);
    assert_eq!(unit.save(id, draft(version)).await.code(409), "stale_version");
}

#[tokio::test]
async fn submitting_twice_submits_once() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.entering().await;
    unit.save(id, draft(unit.version(id).await)).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    let version = json!({ "version": unit.version(id).await });
    let path = format!("/api/cases/{id}/submit");
    let (a, b) = tokio::join!(unit.post(&path, version.clone()), unit.post(&path, version));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    assert_eq!(world.row(id).await.submissions, 1);
}

#[tokio::test]
async fn a_stage_cannot_be_skipped_by_calling_the_api() {
    let world = World::new().await;
    let (unit, review, cashier) = (world.user("unit").await, world.user("review").await, world.user("cashier").await);
    let id = unit.accepted("disease_inpatient").await;
    assert_eq!(unit.act(id, "submit").await.blockers(), ["wrong_stage"]);
    let version = unit.version(id).await;
    let approve = review.post(&format!("/api/cases/{id}/approve"), json!({ "version": version })).await;
    assert_eq!(approve.blockers(), ["wrong_stage"]);
    assert_eq!(cashier.post("/api/payment-batches", json!({ "cases": [id] })).await.blockers(), ["not_to_be_paid"]);
}

#[tokio::test]
async fn a_lump_sum_is_paid_by_class_without_statements() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("critical_illness").await;
    unit.act(id, "take").await.expect(200);
    for kind in ["id_card", "bank_card", "diagnosis_certificate", "pathology_report", "application_form"] {
        unit.upload(id, kind, "a.png", &crate::world::png(3)).await.expect(201);
    }
    let fields = json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } });
    unit.put(&format!("/api/cases/{id}/material-fields/bank_card"), fields).await.expect(200);
    let mut entry = draft(unit.version(id).await);
    entry["statements"] = json!([]);
    let view = unit.save(id, entry.clone()).await.expect(200);
    assert_eq!(view["class_options"][1]["name"], "重度");
    assert_eq!(unit.act(id, "calculate").await.fields(), ["incident.class_code: required"]);
    entry["version"] = json!(unit.version(id).await);
    entry["incident"]["class_code"] = json!("severe");
    unit.save(id, entry).await.expect(200);
    assert_eq!(unit.act(id, "calculate").await.expect(200)["calculation"]["amount_fen"], 1_000_000);
    assert_eq!(unit.act(id, "submit").await.expect(200)["stage"], "first_review");
}

#[tokio::test]
async fn hospitals_are_found_by_name_or_initials() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    for typed in ["解放军", "zgrm", "ZGRM"] {
        let found = unit.post("/api/hospitals/options", json!({ "text": typed })).await.expect(200);
        assert_eq!(
            (text(&found[0]["name"]), text(&found[0]["level"])),
            ("中国人民解放军总医院".into(), "tertiary".into())
        );
    }
}
