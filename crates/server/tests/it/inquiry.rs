use calamine::{Data, Reader, Xlsx};
use serde_json::json;

use crate::world::{MANUAL_ID, World, text};

async fn closed_case(world: &World) -> i64 {
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let id = unit.submitted().await;
    review.act(id, "take").await.expect(200);
    review.act(id, "approve").await.expect(200);
    world.pay(&[id]).await;
    id
}

#[tokio::test]
async fn a_closed_case_is_found_by_each_field_of_the_form() {
    let world = World::new().await;
    let id = closed_case(&world).await;
    let unit = world.user("unit").await;
    let no = text(&unit.get(&format!("/api/cases/{id}")).await.expect(200)["no"]);
    let today = huzhu::platform::clock::today().to_string();
    let searches = [
        json!({}),
        json!({ "case_no": no }),
        json!({ "id_number": MANUAL_ID }),
        json!({ "outcome": "paid" }),
        json!({ "date_kind": "closed", "from": today, "to": today }),
        json!({ "operator": "周敏" }),
        json!({ "operator": "cashier" }),
    ];
    for search in searches {
        let found = unit.post("/api/inquiry/search", search.clone()).await.expect(200);
        assert_eq!(found["total"], 1, "{search}");
    }
    for search in [json!({ "outcome": "denied" }), json!({ "operator": "nobody" }), json!({ "to": "2020-01-01" })] {
        let found = unit.post("/api/inquiry/search", search.clone()).await.expect(200);
        assert_eq!(found["total"], 0, "{search}");
    }
}

#[tokio::test]
async fn the_export_has_typed_cells_and_every_row() {
    let world = World::new().await;
    closed_case(&world).await;
    let answer = world.user("unit").await.post("/api/inquiry/export", json!({})).await;
    assert_eq!(answer.status, 200);
    let mut book = Xlsx::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let sheet = book.worksheet_range("申领查询").unwrap();
    let rows: Vec<&[Data]> = sheet.rows().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0][0], Data::String("案件号".into()));
    assert_eq!(rows[1][2], Data::String(MANUAL_ID.into()), "an ID number is text");
    assert_eq!(rows[1][6], Data::Float(3283.0), "money is a number");
    assert!(matches!(rows[1][10], Data::DateTime(_)), "a date is a date: {:?}", rows[1][10]);
    assert_eq!(rows[1][3], Data::String("结案".into()));
}

#[tokio::test]
async fn an_export_of_nothing_has_its_header() {
    let world = World::new().await;
    let answer = world.user("unit").await.post("/api/inquiry/export", json!({ "case_no": "CL0" })).await;
    let mut book = Xlsx::new(std::io::Cursor::new(answer.bytes)).unwrap();
    assert_eq!(book.worksheet_range("申领查询").unwrap().rows().count(), 1);
}
