use huzhu::entity::audit_entry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::world::{MANUAL_ID, World, codes, text};

#[tokio::test]
async fn the_manuals_example_is_found_with_a_warning_about_its_check_digit() {
    let world = World::new().await;
    let found = world.user("unit").await.eligible(MANUAL_ID, "2023-10-04").await;
    assert_eq!(codes(&found["notices"]), ["id_wrong_check_digit"]);
    let row = &found["rows"][0];
    assert_eq!(text(&row["plan_name"]), "在职职工住院医疗综合互助保障活动");
    assert_eq!((text(&row["coverage_from"]), text(&row["coverage_to"])), ("2023-01-31".into(), "2023-12-31".into()));
    assert_eq!((text(&row["liability_name"]), text(&row["unit_name"])), ("住院医疗互助金".into(), "1121测试".into()));
    assert_eq!(row["allowed"], true);
}

#[tokio::test]
async fn edges_of_coverage_and_waiting_period_are_told_with_their_reason() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let reasons = async |incident: &str, claim_type: &str| {
        let found = unit.eligible(MANUAL_ID, incident).await;
        let row = found["rows"].as_array().unwrap().iter().find(|r| r["claim_type"] == claim_type).unwrap();
        codes(&row["reasons"])
    };
    assert_eq!(reasons("2023-01-30", "accident_inpatient").await, ["outside_coverage"]);
    assert!(reasons("2023-01-31", "accident_inpatient").await.is_empty());
    assert!(reasons("2023-12-31", "disease_inpatient").await.is_empty());
    assert_eq!(reasons("2024-01-01", "disease_inpatient").await, ["outside_coverage"]);
    assert_eq!(reasons("2023-03-01", "disease_inpatient").await, ["waiting_period"], "day 30");
    assert!(reasons("2023-03-02", "disease_inpatient").await.is_empty(), "day 31");
}

#[tokio::test]
async fn an_incident_in_the_future_and_an_empty_number_are_refused() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let ask = async |number: &str, day: &str| {
        let query = json!({ "id_kind": "resident_id", "id_number": number, "incident_date": day });
        unit.post("/api/acceptance/eligibility", query).await.fields()
    };
    assert_eq!(ask(MANUAL_ID, "2999-01-01").await, ["incident_date: in_future"]);
    assert_eq!(ask("  ", "2023-10-04").await, ["id_number: required"]);
}

#[tokio::test]
async fn several_claimants_are_accepted_in_one_go_each_to_its_first_stage() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let other = &world.id_numbers("23010001").await[1];
    let rows = json!([
        unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await,
        unit.claim(other, "2026-05-20", "critical_illness").await,
    ]);
    let accepted = unit.accept("both", rows).await.expect(201);
    let stages: Vec<String> = accepted["cases"].as_array().unwrap().iter().map(|c| text(&c["stage"])).collect();
    assert_eq!(stages, ["materials", "expense_entry"]);
    let no = text(&accepted["cases"][0]["no"]);
    assert!(no.starts_with("CL2300") && no.len() == 21, "{no}");
    let pool = unit.post("/api/acceptance/search", json!({ "id_number": MANUAL_ID })).await.expect(200);
    assert_eq!((pool["total"].as_u64(), text(&pool["items"][0]["no"])), (Some(1), no));
}

#[tokio::test]
async fn a_double_click_accepts_once_and_both_get_the_same_answer() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let row = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    let (first, second) = tokio::join!(unit.accept("same", json!([row])), unit.accept("same", json!([row])));
    assert_eq!(first.expect(201), second.expect(201));
    let pool = unit.post("/api/acceptance/search", json!({})).await.expect(200);
    assert_eq!(pool["total"], 1);
    let changed = unit.claim(MANUAL_ID, "2023-10-05", "disease_inpatient").await;
    assert_eq!(unit.accept("same", json!([changed])).await.code(409), "idempotency_key_reused");
}

#[tokio::test]
async fn an_incident_is_accepted_only_once() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let row = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    unit.accept("first", json!([row])).await.expect(201);
    assert_eq!(unit.accept("second", json!([row])).await.blockers(), ["already_claimed"]);
    let log = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("accept"));
    let log = log.all(world.app.db.read()).await.unwrap();
    assert_eq!(log.iter().map(|e| e.result.as_str()).collect::<Vec<_>>(), ["refused already_claimed"]);
}

#[tokio::test]
async fn a_list_with_one_wrong_row_accepts_nothing() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let good = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    let mut waiting = good.clone();
    waiting["incident_date"] = json!("2023-02-10");
    assert_eq!(unit.accept("k", json!([good, waiting])).await.blockers(), ["waiting_period"]);
    assert_eq!(unit.accept("k", json!([good, good])).await.fields(), ["rows.1.coverage_id: twice"]);
    assert_eq!(unit.accept("k", json!([])).await.fields(), ["rows: required"]);
    assert_eq!(unit.accept("", json!([good])).await.fields(), ["Idempotency-Key: required"]);
    let pool = unit.post("/api/acceptance/search", json!({})).await.expect(200);
    assert_eq!(pool["total"], 0);
}

#[tokio::test]
async fn another_units_coverage_does_not_exist_for_a_unit_operator() {
    let world = World::new().await;
    let (unit, handler) = (world.user("unit").await, world.user("handler").await);
    let foreign = &world.id_numbers("23010002").await[0];
    assert_eq!(unit.eligible(foreign, "2026-05-20").await["rows"], json!([]));
    let row = handler.claim(foreign, "2026-05-20", "disease_inpatient").await;
    assert_eq!(unit.accept("k", json!([row])).await.fields(), ["rows.0.coverage_id: unknown"]);
}

#[tokio::test]
async fn a_deleted_case_is_gone_from_every_list() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    assert_eq!(unit.act(id, "delete").await.status, 204);
    assert_eq!(unit.get(&format!("/api/cases/{id}")).await.code(404), "not_found");
    assert_eq!(unit.post("/api/acceptance/search", json!({})).await.expect(200)["total"], 0);
    assert_eq!(unit.get("/api/done").await.expect(200)["total"], 0);
    let again = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await;
    unit.accept("again", json!([again])).await.expect(201);
}

#[tokio::test]
async fn what_was_submitted_once_cannot_be_deleted() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    let version = review.version(id).await;
    let back = json!({ "version": version, "to": "materials", "reason": "materials_illegible", "note": "看不清" });
    review.post(&format!("/api/cases/{id}/return"), back).await.expect(200);
    assert_eq!(unit.act(id, "delete").await.blockers(), ["already_submitted"]);
}
