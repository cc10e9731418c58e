use calamine::{Data, Reader, Xlsx};
use huzhu::entity::plan_version;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, World, text};

async fn cases(user: &crate::world::User, search: Value) -> u64 {
    user.post("/api/inquiry/cases/search", search).await.expect(200)["total"].as_u64().unwrap()
}

#[tokio::test]
async fn a_case_on_its_way_is_found_by_each_field_of_the_form() {
    let world = World::new().await;
    let (unit, office) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
    let found = office.post("/api/inquiry/cases/search", json!({})).await.expect(200)["items"][0].clone();
    assert_eq!((&found["benefit_fen"], &found["stage"]), (&json!(328_300), &json!("first_review")));
    let row = world.row(id).await;
    let today = huzhu::platform::clock::today().to_string();
    let plan = plan_version::Entity::find_by_id(row.plan_version_id).one(world.app.db.read()).await.unwrap().unwrap();
    for search in [
        json!({ "text": view["no"] }),
        json!({ "text": text(&view["no"]).to_lowercase() }),
        json!({ "text": MANUAL_ID }),
        json!({ "text": "冯玉兰" }),
        json!({ "org_id": row.office_id }),
        json!({ "unit_id": row.unit_id }),
        json!({ "claim_type": "disease_inpatient", "stage": "first_review", "source": "unit", "returned": false }),
        json!({ "accepted_from": today, "accepted_to": today }),
        json!({ "amount_from_fen": 328_300, "amount_to_fen": 328_300 }),
        json!({ "operator": "周敏" }),
        json!({ "plan": plan.code }),
    ] {
        assert_eq!(cases(&office, search.clone()).await, 1, "{search}");
    }
    for search in [
        json!({ "text": "%" }),
        json!({ "text": "冯_兰" }),
        json!({ "outcome": "paid" }),
        json!({ "amount_from_fen": 328_301 }),
        json!({ "closed_from": today }),
        json!({ "returned": true }),
        json!({ "plan": "nothing" }),
    ] {
        assert_eq!(cases(&office, search.clone()).await, 0, "{search}");
    }
    assert_eq!(cases(&world.user("far").await, json!({})).await, 0, "another branch");
}

#[tokio::test]
async fn coverages_are_found_with_what_is_used_of_them() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.submitted().await;
    let no = text(&unit.get(&format!("/api/cases/{id}")).await.expect(200)["no"]);
    let row = world.row(id).await;
    for search in [
        json!({ "text": MANUAL_ID }),
        json!({ "text": "冯玉兰" }),
        json!({ "text": no }),
        json!({ "text": "冯玉兰", "unit_id": row.unit_id, "org_id": row.office_id, "state": "active", "renewed": false }),
        json!({ "on": "2023-10-04" }),
        json!({ "begins_from": "2023-01-31", "begins_to": "2023-01-31" }),
    ] {
        let found = unit.post("/api/inquiry/coverages/search", search.clone()).await.expect(200);
        assert_eq!((&found["total"], &found["items"][0]["used_fen"]), (&json!(1), &json!(328_300)), "{search}");
    }
    for search in [json!({ "text": MANUAL_ID, "state": "void" }), json!({ "text": "%" }), json!({ "plan": "%" })] {
        assert_eq!(unit.post("/api/inquiry/coverages/search", search).await.expect(200)["total"], 0);
    }
    let far = world.user("far").await;
    assert_eq!(far.post("/api/inquiry/coverages/search", json!({ "text": no })).await.expect(200)["total"], 0);
}

fn sheet(bytes: Vec<u8>, name: &str) -> Vec<Vec<Data>> {
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn the_files_hold_every_row_in_typed_cells() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    unit.submitted().await;
    let file = unit.post("/api/inquiry/cases/export", json!({ "size": 1 })).await;
    let rows = sheet(file.bytes, "案件查询");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1][2], Data::String(MANUAL_ID.into()));
    assert_eq!(rows[1][12], Data::Float(3283.0));
    assert!(matches!(rows[1][14], Data::DateTime(_)));
    assert_eq!((&rows[1][8], &rows[1][11]), (&Data::String("单位端".into()), &Data::String("否".into())));
    let total = unit.post("/api/inquiry/coverages/search", json!({})).await.expect(200)["total"].as_u64().unwrap();
    assert!(total > 2);
    let file = unit.post("/api/inquiry/coverages/export", json!({ "size": 1 })).await;
    let rows = sheet(file.bytes, "保障查询");
    assert_eq!(rows.len() as u64, total + 1, "all of them and the header");
    assert!(matches!(rows[1][5], Data::DateTime(_)) && matches!(rows[1][7], Data::Float(_)));
    assert_eq!(rows[1][9], Data::String("有效".into()));
    let none = unit.post("/api/inquiry/coverages/export", json!({ "text": "nobody" })).await;
    assert_eq!(sheet(none.bytes, "保障查询").len(), 1);
}

#[tokio::test]
async fn a_kept_search_is_its_owners_alone() {
    let world = World::new().await;
    let (unit, other) = (world.user("unit").await, world.user("handler").await);
    let new = json!({ "page": "inquiry_cases", "name": "本月'“退回”😀", "filter": { "returned": true } });
    let id = unit.post("/api/saved-searches", new.clone()).await.expect(201)["id"].as_i64().unwrap();
    assert_eq!(unit.post("/api/saved-searches", new).await.fields(), ["search_name: taken"]);
    let mine = unit.get("/api/saved-searches?page=inquiry_cases").await.expect(200);
    assert_eq!(mine[0]["filter"], json!({ "returned": true }));
    assert_eq!(other.get("/api/saved-searches?page=inquiry_cases").await.expect(200), json!([]));
    let one = format!("/api/saved-searches/{id}");
    other.put(&one, json!({ "name": "x" })).await.expect(404);
    other.delete(&one).await.expect(404);
    unit.put(&one, json!({ "name": "退回件" })).await.expect(204);
    assert_eq!(unit.get("/api/saved-searches?page=inquiry_cases").await.expect(200)[0]["name"], "退回件");
    unit.delete(&one).await.expect(204);
    unit.delete(&one).await.expect(404);
}

#[tokio::test]
async fn a_kept_search_has_its_bounds() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let save = |page: &'static str, name: String, filter: Value| {
        let unit = unit.clone();
        async move { unit.post("/api/saved-searches", json!({ "page": page, "name": name, "filter": filter })).await }
    };
    assert_eq!(save("inquiry", "  ".into(), json!({})).await.fields(), ["search_name: required"]);
    assert_eq!(save("inquiry", "长".repeat(41), json!({})).await.fields(), ["search_name: too_long"]);
    assert_eq!(save("../x", "a".into(), json!({})).await.fields(), ["page: unknown"]);
    assert_eq!(save("inquiry", "a".into(), json!({ "text": "x".repeat(5000) })).await.fields(), ["filter: too_long"]);
    save("inquiry", "a".into(), json!([1])).await.expect(422);
    for n in 0..30 {
        save("inquiry", format!("n{n}"), json!({})).await.expect(201);
    }
    assert_eq!(save("inquiry", "one more".into(), json!({})).await.fields(), ["search_name: too_many"]);
    save("payments", "one more".into(), json!({})).await.expect(201);
}

#[tokio::test]
async fn wildcards_are_letters_like_any_other() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    for text in ["%", "_", "\\", "示_医院", "%医院"] {
        let units = admin.post("/api/units/options", json!({ "text": text })).await.expect(200);
        assert_eq!(units, json!([]), "{text}");
        let hospitals = admin.post("/api/hospitals/options", json!({ "text": text })).await.expect(200);
        assert_eq!(hospitals, json!([]), "{text}");
    }
    assert_ne!(admin.post("/api/hospitals/options", json!({ "text": "示例医院" })).await.expect(200), json!([]));
    assert_ne!(admin.post("/api/hospitals/options", json!({ "text": "CYSL" })).await.expect(200), json!([]));
}
