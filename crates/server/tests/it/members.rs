use calamine::{Reader, Xlsx};
use huzhu::{
    entity::{coverage, member, org},
    platform::seal,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World, text};

async fn search(user: &User, body: Value) -> Value {
    user.post("/api/members/search", body).await.expect(200)
}

async fn manual_member(world: &World) -> member::Model {
    let select = member::Entity::find().filter(seal::is(member::Column::IdNumber, MANUAL_ID));
    select.one(world.app.db.read()).await.unwrap().unwrap()
}

/// Another record of the manual's member, in a unit of another branch, merged into the right one.
async fn merge_one(world: &World, into: i64, id_number: &str) -> i64 {
    let far = org::Entity::find().filter(org::Column::Code.eq("37010001")).one(world.app.db.read()).await;
    let far = far.unwrap().unwrap().id;
    let tx = world.app.db.begin().await.unwrap();
    let like = member::Entity::find_by_id(into).one(&tx).await.unwrap().unwrap();
    let row = member::ActiveModel {
        unit_id: Set(far),
        name: Set(like.name),
        id_kind: Set(like.id_kind),
        id_number: Set(id_number.into()),
        phone: Set("".into()),
        merged_into_id: Set(Some(into)),
        ..Default::default()
    };
    let id = member::Entity::insert(row).exec(&tx).await.unwrap().last_insert_id;
    let own = coverage::Entity::find().filter(coverage::Column::MemberId.eq(into)).one(&tx).await.unwrap().unwrap();
    let more = coverage::ActiveModel {
        member_id: Set(id),
        unit_id: Set(far),
        plan_version_id: Set(own.plan_version_id),
        period_from: Set("2025-01-01".parse().unwrap()),
        period_to: Set("2025-12-31".parse().unwrap()),
        shares: Set(1),
        renewed: Set(false),
        ..Default::default()
    };
    coverage::Entity::insert(more).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_member_is_found_by_number_name_phone_and_case_number() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let case = unit.accepted("disease_inpatient").await;
    let no = text(&unit.get(&format!("/api/cases/{case}")).await.expect(200)["no"]);
    for asked in [MANUAL_ID, "冯玉兰", " 13900000000 ", &no.to_lowercase()] {
        let found = search(&unit, json!({ "text": asked })).await;
        assert!(found["items"].as_array().unwrap().iter().any(|m| m["id_number"] == MANUAL_ID), "{asked}");
    }
    for asked in ["冯", "%", "1426251966071962", "' OR 1=1 --", "😀"] {
        assert_eq!(search(&unit, json!({ "text": asked })).await["total"], 0, "{asked}");
    }
}

#[tokio::test]
async fn lists_narrow_by_unit_employment_and_coverage() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let all = search(&admin, json!({})).await;
    assert!(all["total"].as_u64().unwrap() > 20);
    let ids: Vec<i64> = all["items"].as_array().unwrap().iter().map(|m| m["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
    assert_eq!(search(&unit, json!({})).await["total"], 3, "two members and the manual's");
    assert_eq!(search(&unit, json!({ "employment": "retired" })).await["total"], 0);
    let on = |covered: bool, day: &str| json!({ "covered": covered, "covered_on": day });
    assert_eq!(search(&unit, on(true, "2023-10-04")).await["total"], 1);
    assert_eq!(search(&unit, on(false, "2023-10-04")).await["total"], 2);
    assert_eq!(search(&unit, on(true, "2026-06-01")).await["items"][0]["covered"], true);
    let elsewhere = search(&unit, json!({ "unit_id": 1 })).await;
    assert_eq!(elsewhere["total"], 0);
}

#[tokio::test]
async fn another_branchs_member_does_not_exist() {
    let world = World::new().await;
    let far = world.user("far").await;
    let id = manual_member(&world).await.id;
    assert_eq!(search(&far, json!({ "text": MANUAL_ID })).await["total"], 0);
    for path in ["", "/usage", "/history"] {
        assert_eq!(far.get(&format!("/api/members/{id}{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_shows_coverages_cases_and_where_the_unit_hangs() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let case = unit.submitted().await;
    let id = manual_member(&world).await.id;
    let page = unit.get(&format!("/api/members/{id}")).await.expect(200);
    assert_eq!(page["unit_path"], json!(["黑龙江办事处", "哈尔滨代办处", "1121测试"]));
    assert_eq!((&page["case_count"], &page["cases"][0]["id"]), (&json!(1), &json!(case)));
    assert_eq!(page["coverages"][0]["state"], "active");
    assert_eq!(page["coverages"][0]["usage"][0]["amount_fen"].as_i64(), Some(328_300), "{}", page["coverages"][0]);
    assert_eq!(page["covered"], false, "the manual's coverage ended in 2023");
    assert_eq!(unit.get(&format!("/api/members/{id}/history")).await.expect(200), json!([]));
    assert_eq!(unit.get("/api/members/999999").await.status, 404);
}

#[tokio::test]
async fn a_merged_record_hides_and_what_it_held_shows_with_the_one_that_counts() {
    let world = World::new().await;
    let (unit, admin, far) = (world.user("unit").await, world.user("admin").await, world.user("far").await);
    let id = manual_member(&world).await.id;
    let old = merge_one(&world, id, "142625660719620").await;
    let found = search(&admin, json!({ "text": "142625660719620" })).await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &json!(id)), "the old number leads on");
    let page = admin.get(&format!("/api/members/{id}")).await.expect(200);
    assert_eq!((&page["merged"][0]["id"], page["coverages"].as_array().unwrap().len()), (&json!(old), 2));
    assert_eq!(
        search(&admin, json!({ "text": MANUAL_ID, "covered": true, "covered_on": "2025-05-01" })).await["total"],
        1
    );
    let page = unit.get(&format!("/api/members/{id}")).await.expect(200);
    assert_eq!(page["coverages"].as_array().unwrap().len(), 1, "the other branch's coverage stays there");
    assert_eq!(admin.get(&format!("/api/members/{old}")).await.expect(200)["merged_into_id"], id);
    let page = far.get(&format!("/api/members/{id}")).await.expect(200);
    assert_eq!(page["coverages"][0]["member_id"], old, "known there by the record that was theirs");
}

#[tokio::test]
async fn the_export_holds_everything_found() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let answer = unit.post("/api/members/export", json!({})).await;
    assert_eq!(answer.status, 200);
    let mut book = Xlsx::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let rows: Vec<Vec<String>> =
        book.worksheet_range("会员").unwrap().rows().map(|r| r.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(rows.len(), 4);
    let own = rows.iter().find(|r| r[2] == MANUAL_ID).unwrap();
    assert_eq!((own[0].as_str(), own[1].as_str(), own[6].as_str()), ("冯玉兰", "居民身份证", "在职"));
    let nothing = unit.post("/api/members/export", json!({ "text": "nobody" })).await;
    let mut book = Xlsx::new(std::io::Cursor::new(nothing.bytes)).unwrap();
    assert_eq!(book.worksheet_range("会员").unwrap().rows().count(), 1);
}
