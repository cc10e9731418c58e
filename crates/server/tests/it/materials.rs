use axum::{body::Body, http::Method};
use huzhu::materials::MAX_BYTES;
use image::ImageFormat;
use serde_json::json;

use crate::world::{World, codes, encoded, png, text};

#[tokio::test]
async fn a_picture_comes_back_as_it_was_with_a_thumbnail() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let picture = png(7);
    let file = unit.upload(id, "id_card", "身份证 😀.png", &picture).await.expect(201);
    assert_eq!((text(&file["file_name"]), file["width"].as_u64()), ("身份证 😀.png".into(), Some(64)));
    let content = unit.get(&text(&file["url"])).await;
    assert_eq!((content.status, content.bytes == picture), (200, true));
    assert_eq!(content.headers["x-content-type-options"], "nosniff");
    let thumbnail = unit.get(&text(&file["thumbnail_url"])).await;
    assert_eq!(image::guess_format(&thumbnail.bytes).unwrap(), ImageFormat::Jpeg);
    assert_eq!(world.user("far").await.get(&text(&file["url"])).await.status, 404);
}

#[tokio::test]
async fn what_is_no_whole_picture_is_refused_and_nothing_is_kept() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let jpeg = encoded(9, ImageFormat::Jpeg);
    let refused = async |name: &str, content: &[u8]| unit.upload(id, "id_card", name, content).await.code(422);
    assert_eq!(refused("papers.png", b"PK\x03\x04 a zip called png").await, "picture_wrong_type");
    assert_eq!(refused("half.jpg", &jpeg[..jpeg.len() / 2]).await, "picture_broken");
    assert_eq!(refused("empty.png", b"").await, "picture_empty");
    let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
    assert_eq!(view["materials"][0]["files"], json!([]));
    assert_eq!(std::fs::read_dir(world.dir.path().join("uploads")).unwrap().count(), 0, "no upload is left behind");
}

#[tokio::test]
async fn ten_megabytes_and_one_byte_are_too_large() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let size = usize::try_from(MAX_BYTES).unwrap();
    let at_limit = unit.upload(id, "id_card", "big.png", &vec![0; size]).await;
    assert_eq!(at_limit.code(422), "picture_wrong_type", "10 MB are looked at");
    let above = unit.upload(id, "id_card", "big.png", &vec![0; size + 1]).await;
    assert_eq!(above.code(413), "picture_too_large");
    let far_above = unit.upload(id, "id_card", "big.png", &vec![0; size * 2]).await;
    assert_eq!(far_above.code(413), "picture_too_large");
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_told_and_leaves_nothing() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nhalf a pict";
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let answer = unit.send(Method::POST, &format!("/api/cases/{id}/materials"), &headers, Body::from(body)).await;
    assert_eq!(answer.code(400), "upload_cut_off");
    assert_eq!(std::fs::read_dir(world.dir.path().join("uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_full_kind_takes_no_more_and_one_can_be_removed() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let first = unit.upload(id, "bank_card", "a.png", &png(1)).await.expect(201);
    assert_eq!(unit.upload(id, "bank_card", "b.png", &png(2)).await.code(422), "material_full");
    let path = format!("/api/cases/{id}/materials/{}", first["id"]);
    assert_eq!(unit.delete(&path).await.status, 204);
    assert_eq!(unit.delete(&path).await.status, 404);
    unit.upload(id, "bank_card", "b.png", &png(2)).await.expect(201);
    assert_eq!(unit.upload(id, "passport", "b.png", &png(2)).await.fields(), ["kind: unknown"]);
}

#[tokio::test]
async fn confirming_wants_every_required_paper_and_the_cards_fields() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let missing = unit.act(id, "confirm-materials").await.blockers();
    let three_papers_two_fields = [
        "material_missing",
        "material_missing",
        "material_field_missing",
        "material_field_missing",
        "material_missing",
    ];
    assert_eq!(missing, three_papers_two_fields);
    let view = unit.get(&format!("/api/cases/{id}")).await.expect(200);
    let confirm = view["allowed_actions"].as_array().unwrap().iter().find(|a| a["action"] == "confirm_materials");
    assert_eq!(codes(&confirm.unwrap()["blockers"]), three_papers_two_fields, "the button says the same");
    unit.papers(id).await;
    let done = unit.act(id, "confirm-materials").await.expect(200);
    assert_eq!(done["stage"], "expense_entry");
}

#[tokio::test]
async fn an_account_with_letters_is_refused_and_blanks_are_dropped() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let id = unit.accepted("disease_inpatient").await;
    let path = format!("/api/cases/{id}/material-fields/bank_card");
    let wrong = unit.put(&path, json!({ "fields": { "account_no": "6222x", "colour": "red" } })).await;
    assert_eq!(wrong.fields(), ["account_no: not_an_account", "colour: unknown"]);
    let view = unit.put(&path, json!({ "fields": { "account_no": "6222 0209 0900 3028 973" } })).await.expect(200);
    assert_eq!(view["materials"][1]["fields"][0]["value"], "6222020909003028973");
}
