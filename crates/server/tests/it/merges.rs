//! Two records of one person become one, keep everything, and can become two again.
use huzhu::{
    entity::{coverage, member},
    members::coverage::{self as coverage_store, CoverageError, NewCoverage},
};
use huzhu_domain::{coverage::CoverageState, id_number};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use crate::{
    changes::{approve, ask, asking, coverages, member_of},
    world::{MANUAL_ID, World},
};

const OLD: &str = "142625660719620";

/// The manual's member once more under the 15-digit number, with a coverage of another time, in the given unit.
async fn old_record(world: &World, period: (&str, &str)) -> i64 {
    let twin = member_of(world, MANUAL_ID).await;
    let cover = coverages(world, twin.id).await[0].clone();
    let tx = world.app.db.begin().await.unwrap();
    let row = member::ActiveModel {
        unit_id: Set(twin.unit_id),
        name: Set("冯玉兰".to_owned()),
        id_kind: Set(twin.id_kind),
        id_number: Set(OLD.into()),
        birth_date: Set(twin.birth_date),
        ..Default::default()
    };
    let id = member::Entity::insert(row).exec(&tx).await.unwrap().last_insert_id;
    let row = coverage::ActiveModel {
        member_id: Set(id),
        unit_id: Set(twin.unit_id),
        plan_version_id: Set(cover.plan_version_id),
        period_from: Set(period.0.parse().unwrap()),
        period_to: Set(period.1.parse().unwrap()),
        shares: Set(1),
        renewed: Set(true),
        ..Default::default()
    };
    coverage::Entity::insert(row).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_merge_keeps_coverages_cases_and_usage_and_is_undone_exactly() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let old = old_record(&world, ("2023-01-31", "2023-12-31")).await;
    let member = member_of(&world, MANUAL_ID).await;
    // A case of the old record, submitted: it reserves of the coverage.
    let row = unit.claim(OLD, "2023-05-04", "disease_inpatient").await;
    let case = unit.accept("old", json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
    let before = (coverages(&world, member.id).await, coverages(&world, old).await, world.row(case).await);

    let id = ask(&unit, member.id, json!({ "kind": "merge", "other_id": old })).await;
    assert_eq!(world.row(case).await, before.2, "nothing before the approval");
    let done = approve(&review, id).await;
    assert_eq!((done["coverages_moved"].as_u64(), done["cases_moved"].as_u64()), (Some(1), Some(1)));
    let both = coverages(&world, member.id).await;
    assert_eq!(both.len(), 2);
    let state = |id: i64| both.iter().find(|c| c.id == id).map(|c| c.state.0);
    assert_eq!(state(before.1[0].id), Some(CoverageState::Active), "the one that was claimed under");
    assert_eq!(state(before.0[0].id), Some(CoverageState::Void), "nobody is covered twice by one plan");
    let moved = world.row(case).await;
    assert_eq!((moved.member_id, moved.version), (member.id, before.2.version));
    for number in [MANUAL_ID, OLD] {
        let found = unit.eligible(number, "2023-10-04").await;
        let rows = found["rows"].as_array().unwrap();
        assert!(rows.iter().all(|r| r["id_number"] == MANUAL_ID), "{number}");
        assert!(rows.len() > 1, "{number}");
        let cases = unit.post("/api/acceptance/search", json!({ "id_number": number })).await.expect(200);
        assert_eq!(cases["total"], 1, "{number}");
        let people = unit.post("/api/members/find", json!({ "text": number })).await.expect(200);
        assert_eq!((people.as_array().unwrap().len(), people[0]["id"].as_i64()), (1, Some(member.id)), "{number}");
    }
    let usage = unit.get(&format!("/api/members/{}/usage", member.id)).await.expect(200);
    assert_eq!(usage["coverages"].as_array().unwrap().len(), 2);
    // Accepted after the merge, under the coverage that came with it: it goes back with the coverage.
    let came = before.1[0].id;
    let new = json!({
        "coverage_id": came, "liability_code": before.2.liability_code,
        "claim_type": "disease_inpatient", "incident_date": "2023-08-08"
    });
    let late = unit.accept("late", json!([new])).await.expect(201)["cases"][0]["id"].as_i64().unwrap();
    let gone = unit.post("/api/changes", asking(old, json!({ "kind": "merge", "other_id": member.id }))).await;
    assert!(gone.blockers().contains(&"record_merged".to_owned()));

    let undo = ask(&unit, member.id, json!({ "kind": "unmerge", "other_id": old })).await;
    approve(&review, undo).await;
    let after = (coverages(&world, member.id).await, coverages(&world, old).await, world.row(case).await);
    assert_eq!(after, before, "exactly as it was");
    assert_eq!(world.row(late).await.member_id, old, "a case belongs to whom its coverage belongs");
    assert_eq!(member_of(&world, OLD).await.merged_into_id, None);
    let again = unit.post("/api/changes", asking(member.id, json!({ "kind": "unmerge", "other_id": old }))).await;
    assert_eq!(again.blockers(), ["not_merged"]);
}

#[tokio::test]
async fn a_record_that_others_were_merged_into_takes_them_along() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let (first, second) = (
        old_record(&world, ("2021-01-01", "2021-12-31")).await,
        old_record(&world, ("2022-01-01", "2022-12-31")).await,
    );
    let member = member_of(&world, MANUAL_ID).await;
    let own = coverages(&world, first).await;
    approve(&review, ask(&unit, second, json!({ "kind": "merge", "other_id": first })).await).await;
    approve(&review, ask(&unit, member.id, json!({ "kind": "merge", "other_id": second })).await).await;
    let leads = async |id: i64| {
        let row = member::Entity::find_by_id(id).one(world.app.db.read()).await.unwrap().unwrap();
        row.merged_into_id
    };
    assert_eq!((leads(first).await, leads(second).await), (Some(member.id), Some(member.id)), "one step to the end");
    approve(&review, ask(&unit, member.id, json!({ "kind": "unmerge", "other_id": second })).await).await;
    assert_eq!((leads(first).await, leads(second).await), (Some(second), None));
    approve(&review, ask(&unit, second, json!({ "kind": "unmerge", "other_id": first })).await).await;
    assert_eq!((leads(first).await, coverages(&world, first).await), (None, own));
}

#[tokio::test]
async fn a_merge_is_not_undone_over_a_coverage_that_was_given_since() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let old = old_record(&world, ("2023-01-31", "2023-12-31")).await;
    let member = member_of(&world, MANUAL_ID).await;
    let claim = unit.claim(OLD, "2023-05-04", "disease_inpatient").await;
    unit.accept("old", json!([claim])).await.expect(201);
    let came = coverages(&world, old).await[0].id;
    approve(&review, ask(&unit, member.id, json!({ "kind": "merge", "other_id": old })).await).await;
    let twice = NewCoverage {
        id_number: OLD.into(),
        plan: "harbin-inpatient".into(),
        from: "2023-02-01".parse().unwrap(),
        to: "2023-12-31".parse().unwrap(),
        shares: 1,
    };
    let refused = coverage_store::add(&world.app.db, &twice).await.unwrap_err();
    assert!(matches!(refused, CoverageError::Covered(..)), "the old number leads to the record that counts: {refused}");

    let end = json!({ "kind": "coverage_end", "coverage_id": came, "last_day": "2023-09-30" });
    approve(&review, ask(&unit, member.id, end).await).await;
    let new = json!({
        "kind": "coverage_add", "plan": "harbin-inpatient", "from": "2023-10-01", "to": "2023-12-31", "shares": 1
    });
    approve(&review, ask(&unit, member.id, new).await).await;
    let undo = unit.post("/api/changes", asking(member.id, json!({ "kind": "unmerge", "other_id": old }))).await;
    assert_eq!(undo.blockers(), ["coverage_overlaps"], "what the merge made void would come back over it");
}

#[tokio::test]
async fn claims_of_the_same_days_keep_two_records_apart() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let old = old_record(&world, ("2023-03-01", "2023-12-31")).await;
    let member = member_of(&world, MANUAL_ID).await;
    let claim = unit.claim(OLD, "2023-09-04", "disease_inpatient").await;
    unit.accept("old", json!([claim])).await.expect(201);
    unit.accepted("disease_inpatient").await;
    let refused = async |keep: i64, other: i64| {
        unit.post("/api/changes", asking(keep, json!({ "kind": "merge", "other_id": other }))).await.blockers()
    };
    assert_eq!(refused(member.id, old).await, ["claims_in_both"]);
    assert_eq!(refused(member.id, member.id).await, ["same_record"]);
    let far = world.id_numbers("37010001").await[0].clone();
    let far = member_of(&world, &far).await.id;
    let out = unit.post("/api/changes", asking(member.id, json!({ "kind": "merge", "other_id": far }))).await;
    assert_eq!(out.status, 404);
}

#[tokio::test]
async fn suspected_duplicates_are_listed_in_the_branch() {
    let world = World::new().await;
    let old = old_record(&world, ("2021-01-01", "2021-12-31")).await;
    let found = world.user("unit").await.post("/api/changes/duplicates", json!({})).await.expect(200);
    let pairs = found["items"].as_array().unwrap();
    let pair = pairs.iter().find(|p| p["other"]["id"].as_i64() == Some(old)).unwrap();
    // The manual's number has a wrong check digit, so the old number leads to another one: name and birth say it.
    assert_eq!(pair["likeness"], "name_and_birth");
    assert_eq!(pair["member"]["id_number"], MANUAL_ID);
    let far = world.user("far").await.post("/api/changes/duplicates", json!({})).await.expect(200);
    assert!(far["items"].as_array().unwrap().iter().all(|p| p["other"]["id"].as_i64() != Some(old)));
    assert_ne!(id_number::to_18(OLD).as_deref(), Some(MANUAL_ID));
}

/// Under another name, so that nothing but the number tells.
#[tokio::test]
async fn the_old_number_of_somebody_with_the_new_one_is_suspected() {
    let world = World::new().await;
    let number = world.id_numbers("23010001").await.into_iter().find(|n| n != MANUAL_ID).unwrap();
    let twin = member_of(&world, &number).await;
    let row = member::ActiveModel {
        unit_id: Set(twin.unit_id),
        name: Set("曾用名".to_owned()),
        id_kind: Set(twin.id_kind),
        id_number: Set(id_number::to_15(&number).unwrap().into()),
        ..Default::default()
    };
    let tx = world.app.db.begin().await.unwrap();
    let old = member::Entity::insert(row).exec(&tx).await.unwrap().last_insert_id;
    tx.commit().await.unwrap();
    let found = world.user("unit").await.post("/api/changes/duplicates", json!({})).await.expect(200);
    let pair = found["items"].as_array().unwrap().iter().find(|p| p["other"]["id"].as_i64() == Some(old)).unwrap();
    assert_eq!((&pair["likeness"], pair["member"]["id"].as_i64()), (&json!("old_number"), Some(twin.id)));
}
