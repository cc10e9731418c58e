//! A roster against records that move: merged, transferred, renumbered, or judged by somebody else meanwhile.
use huzhu::{
    enrolment as slice,
    entity::{coverage, enrolment, enrolment_row, member, org, plan_version, record_event},
    platform::coded::Coded,
};
use huzhu_domain::{
    coverage::CoverageState,
    enrolment::BatchState,
    id_number::{self, IdKind},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    changes::{approve, ask, coverages, member_of},
    enrolment::{Asked, act, checked, number, roster, two_people},
    world::{World, codes},
};

/// The first person of [`two_people`], by the old number.
fn old() -> String {
    id_number::to_15(&number(1)).unwrap()
}

/// A record without coverages beside those that a roster makes.
async fn record(world: &World, unit: &str, name: &str, id_number: &str) -> i64 {
    let unit_id = world.org_id(unit).await;
    let tx = world.app.db.begin().await.unwrap();
    let row = member::ActiveModel {
        unit_id: Set(unit_id),
        name: Set(name.to_owned()),
        id_kind: Set(Coded(IdKind::ResidentId)),
        id_number: Set(id_number.into()),
        phone: Set("13912345678".into()),
        ..Default::default()
    };
    let id = member::Entity::insert(row).exec(&tx).await.unwrap().last_insert_id;
    tx.commit().await.unwrap();
    id
}

async fn state(world: &World, id: i64) -> CoverageState {
    coverage::Entity::find_by_id(id).one(world.app.db.read()).await.unwrap().unwrap().state.0
}

#[tokio::test]
async fn the_old_and_the_new_number_are_one_person() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let asked = Asked::plain(&world).await;
    let both = roster(&[["王强", &number(1), ""], ["王强", &old(), ""]]);
    let batch = checked(&unit, &asked, &both).await;
    let faulty = unit.post(&format!("/api/enrolments/{}/rows", batch["id"]), json!({ "show": "faulty" })).await;
    assert_eq!(codes(&faulty.expect(200)["items"][0]["problems"]), ["id_old_number", "twice_in_file"]);
    // Who is on record by the old number isn't made once more.
    let known = record(&world, "23010001", "王强", &old()).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    assert_eq!((&batch["good"], &batch["new_members"]), (&json!(2), &json!(1)));
    act(&unit, &batch, "confirm").await.expect(200);
    assert_eq!(coverages(&world, known).await.len(), 1);
    let again = checked(&unit, &asked, &roster(&[["王强", &old(), ""]])).await;
    let faulty = unit.post(&format!("/api/enrolments/{}/rows", again["id"]), json!({ "show": "faulty" })).await;
    assert_eq!(codes(&faulty.expect(200)["items"][0]["problems"]), ["id_old_number", "already_enrolled"]);
}

#[tokio::test]
async fn who_is_merged_between_check_and_confirmation_is_checked_again() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let asked = Asked::plain(&world).await;
    let (kept, gone) =
        (record(&world, "23010001", "王强", "P1").await, record(&world, "23010001", "王强", &number(1)).await);
    let batch = checked(&unit, &asked, &two_people()).await;
    assert_eq!(batch["good"], 2);
    let merge = ask(&unit, kept, json!({ "kind": "merge", "other_id": gone })).await;
    approve(&review, merge).await;
    assert_eq!(act(&unit, &batch, "confirm").await.blockers(), ["roster_outdated"]);
    let anew = act(&unit, &batch, "recheck").await.expect(200);
    let anew = unit.get(&format!("/api/enrolments/{}?wait=true", anew["id"])).await.expect(200);
    act(&unit, &anew, "confirm").await.expect(200);
    assert_eq!((coverages(&world, kept).await.len(), coverages(&world, gone).await.len()), (1, 0));
}

#[tokio::test]
async fn who_is_covered_by_another_offices_version_of_the_plan_is_covered() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let asked = Asked::plain(&world).await;
    let member = record(&world, "23010001", "王强", &number(1)).await;
    let tx = world.app.db.begin().await.unwrap();
    let elsewhere = plan_version::Entity::find()
        .filter(plan_version::Column::Code.eq("harbin-inpatient"))
        .filter(plan_version::Column::OfficeId.eq(world.org_id("3700").await));
    let elsewhere = elsewhere.one(&tx).await.unwrap().unwrap().id;
    let row = coverage::ActiveModel {
        member_id: Set(member),
        unit_id: Set(world.org_id("37010001").await),
        plan_version_id: Set(elsewhere),
        period_from: Set("2026-01-01".parse().unwrap()),
        period_to: Set("2026-12-31".parse().unwrap()),
        shares: Set(1),
        renewed: Set(false),
        ..Default::default()
    };
    coverage::Entity::insert(row).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let batch = checked(&unit, &asked, &two_people()).await;
    assert_eq!(batch["good"], 1);
}

#[tokio::test]
async fn a_fee_that_arrived_while_two_records_were_one_counts_when_they_are_two_again() {
    let world = World::new().await;
    let (unit, review, cashier) = (world.user("unit").await, world.user("review").await, world.user("cashier").await);
    let asked = Asked::plain(&world).await;
    let (kept, gone) =
        (record(&world, "23010001", "王强", "P1").await, record(&world, "23010001", "王强", &number(1)).await);
    let batch = checked(&unit, &asked, &two_people()).await;
    let confirmed = act(&unit, &batch, "confirm").await.expect(200);
    let double = coverages(&world, gone).await[0].clone();
    let tx = world.app.db.begin().await.unwrap();
    let own = coverage::ActiveModel {
        member_id: Set(kept),
        unit_id: Set(double.unit_id),
        plan_version_id: Set(double.plan_version_id),
        period_from: Set(double.period_from),
        period_to: Set(double.period_to),
        shares: Set(1),
        renewed: Set(false),
        ..Default::default()
    };
    coverage::Entity::insert(own).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    approve(&review, ask(&unit, kept, json!({ "kind": "merge", "other_id": gone })).await).await;
    assert_eq!(state(&world, double.id).await, CoverageState::Void);
    act(&cashier, &confirmed, "confirm-fee").await.expect(200);
    assert_eq!(state(&world, double.id).await, CoverageState::Void, "still one too many");
    approve(&review, ask(&unit, kept, json!({ "kind": "unmerge", "other_id": gone })).await).await;
    assert_eq!(state(&world, double.id).await, CoverageState::Active, "paid for meanwhile");
}

#[tokio::test]
async fn a_roster_that_waits_for_its_fee_opens_nobodys_record() {
    let world = World::new().await;
    let (unit, cashier) = (world.user("unit").await, world.user("cashier").await);
    let asked = Asked::plain(&world).await;
    let stranger = record(&world, "37010001", "王强", &number(1)).await;
    let wrong = checked(&unit, &asked, &roster(&[["李四", &number(1), ""]])).await;
    let rows = unit.post(&format!("/api/enrolments/{}/rows", wrong["id"]), json!({ "show": "faulty" })).await;
    let problems = rows.expect(200)["items"][0]["problems"].clone();
    assert_eq!(codes(&problems), ["name_differs_elsewhere", "other_unit"]);
    assert!(!problems.to_string().contains('王'), "{problems}");
    let batch = checked(&unit, &asked, &two_people()).await;
    let confirmed = act(&unit, &batch, "confirm").await.expect(200);
    let page = format!("/api/members/{stranger}");
    assert_eq!(unit.get(&page).await.status, 404);
    act(&cashier, &confirmed, "confirm-fee").await.expect(200);
    assert_eq!(unit.get(&page).await.status, 200, "the unit pays for the coverage");
}

#[tokio::test]
async fn a_unit_is_not_deactivated_over_a_batch_that_waits() {
    let world = World::new().await;
    let (unit, cashier, admin) = (world.user("unit").await, world.user("cashier").await, world.user("admin").await);
    let asked = Asked::plain(&world).await;
    let batch = checked(&unit, &asked, &two_people()).await;
    let confirmed = act(&unit, &batch, "confirm").await.expect(200);
    let version =
        async || org::Entity::find_by_id(asked.unit_id).one(world.app.db.read()).await.unwrap().unwrap().version;
    let off = json!({ "version": version().await, "reason": "注销" });
    let path = format!("/api/orgs/{}/deactivate", asked.unit_id);
    assert_eq!(admin.post(&path, off.clone()).await.blockers(), ["open_batches"]);
    act(&cashier, &confirmed, "return").await.expect(200);
    admin.post(&path, off).await.expect(200);
}

/// A batch as an upload leaves it, with nobody judging it, begun `attempts` times before.
async fn left(world: &World, batch: &Value, attempts: i32) -> i64 {
    let id = batch["id"].as_i64().unwrap();
    let tx = world.app.db.begin().await.unwrap();
    enrolment_row::Entity::delete_many().filter(enrolment_row::Column::EnrolmentId.eq(id)).exec(&tx).await.unwrap();
    let row = enrolment::ActiveModel {
        id: Set(id),
        state: Set(Coded(BatchState::Checking)),
        attempts: Set(attempts),
        lease_until: Set(None),
        ..Default::default()
    };
    enrolment::Entity::update(row).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_file_that_brings_the_process_down_is_not_begun_for_ever() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let batch = checked(&unit, &Asked::plain(&world).await, &two_people()).await;
    let id = left(&world, &batch, 2).await;
    slice::run(&world.app, id).await;
    let seen = unit.get(&format!("/api/enrolments/{id}")).await.expect(200);
    assert_eq!((&seen["state"], &seen["good"]), (&json!("checked"), &json!(2)), "the third try");
    left(&world, &batch, 3).await;
    slice::run(&world.app, id).await;
    let seen = unit.get(&format!("/api/enrolments/{id}")).await.expect(200);
    assert_eq!((&seen["state"], &seen["fault"]["code"]), (&json!("unreadable"), &json!("file_given_up")));
    act(&unit, &seen, "discard").await.expect(200);
    let told = record_event::Entity::find().filter(record_event::Column::Act.eq("discard"));
    assert_eq!(told.count(world.app.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn who_lacks_the_right_to_look_takes_nothing_away() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let office = world.org_id("2300").await;
    let role = json!({ "org_id": office, "name": "只导出", "permissions": ["export_cases"], "active": true });
    let all = admin.post("/api/roles", role).await.expect(201);
    let role = all["own"].as_array().unwrap().iter().find(|r| r["name"] == "只导出").unwrap()["id"].clone();
    let new = json!({ "username": "taker", "name": "导", "org_id": office, "roles": [], "own_roles": [role] });
    admin.post("/api/users", new).await.expect(201);
    world.set_password_changed("taker").await;
    let taker = world.user("taker").await;
    for path in ["inquiry", "inquiry/cases", "inquiry/coverages", "members", "enrolments", "changes"] {
        assert_eq!(taker.post(&format!("/api/{path}/export"), json!({})).await.code(403), "forbidden", "{path}");
    }
}

#[tokio::test]
async fn numbers_of_a_change_are_compared_old_and_new() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    record(&world, "23010001", "王强", &old()).await;
    let other = record(&world, "23010001", "王强", "P1").await;
    let member = member_of(&world, "P1").await;
    assert_eq!(member.id, other);
    let data = json!({
        "kind": "member_data", "name": "王强", "id_kind": "resident_id", "id_number": number(1),
        "birth_date": null, "sex": null, "phone": "", "employment": "active"
    });
    let refused = unit.post("/api/changes", crate::changes::asking(other, data)).await;
    assert_eq!(refused.blockers(), ["id_number_taken"]);
}
