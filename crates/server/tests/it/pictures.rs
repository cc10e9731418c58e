use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops::FilterType};
use serde_json::{Value, json};

use crate::world::{MANUAL_ID, User, World, codes, draft, text};

/// A paper with lines of words, which `seed` chooses.
fn paper(seed: u32) -> DynamicImage {
    let mut page = RgbImage::from_pixel(600, 800, Rgb([254, 252, 246]));
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    for line in 0..14_u32 {
        let mut left = 40;
        while left < 520 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let width = 8 + state % 50;
            let filled = |x: u32, y: u32, page: &mut RgbImage| page.put_pixel(x, y, Rgb([40, 44, 60]));
            (left..left + width).for_each(|x| (40 + line * 52..58 + line * 52).for_each(|y| filled(x, y, &mut page)));
            left += width + 8 + (state >> 16) % 40;
        }
    }
    page.into()
}

fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// The same picture, half as large, a little brighter, as JPEG.
fn saved_anew(seed: u32) -> Vec<u8> {
    let smaller = paper(seed).resize(300, 400, FilterType::Triangle).brighten(12);
    saved(&smaller, ImageFormat::Jpeg)
}

async fn claim_of(user: &User, key: &str, id_number: &str, incident: &str) -> i64 {
    let mut row = user.claim(id_number, incident, "disease_inpatient").await;
    row["duplicate_reason"] = json!("已核实");
    user.accept(key, json!([row])).await.expect(201)["cases"][0]["id"].as_i64().unwrap()
}

async fn give(user: &User, id: i64, kind: &str, content: &[u8]) {
    user.upload(id, kind, "p.jpg", content).await.expect(201);
}

async fn seen_in(user: &User, id: i64) -> Vec<Value> {
    let view = user.get(&format!("/api/cases/{id}")).await.expect(200);
    let warnings = view["warnings"].as_array().unwrap().clone();
    warnings.into_iter().filter(|w| w["code"] == "picture_seen").map(|w| w["message"].clone()).collect()
}

#[tokio::test]
async fn a_paper_saved_anew_for_another_persons_case_is_seen_in_both() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let first = unit.accepted("disease_inpatient").await;
    give(&unit, first, "settlement", &saved(&paper(1), ImageFormat::Png)).await;
    let other = world.id_numbers("23010001").await[1].clone();
    let second = claim_of(&unit, "second", &other, "2026-05-20").await;
    give(&unit, second, "settlement", &saved(&paper(2), ImageFormat::Png)).await;
    assert_eq!(seen_in(&unit, second).await, Vec::<Value>::new(), "another paper");
    give(&unit, second, "settlement", &saved_anew(1)).await;
    let (no, second_no) = (world.row(first).await.no, world.row(second).await.no);
    let sentence = |no: &str| json!(format!("基本医疗保险结算单照片的图片已在案件 {no} 中使用（相同或几乎相同）"));
    assert_eq!(seen_in(&unit, second).await, [sentence(&no)]);
    assert_eq!(seen_in(&unit, first).await, [sentence(&second_no)]);
    assert_eq!(unit.act(first, "delete").await.status, 204);
    assert_eq!(seen_in(&unit, second).await, Vec::<Value>::new(), "a deleted case doesn't count");
}

#[tokio::test]
async fn the_same_file_in_two_cases_is_seen_whoever_may_see_the_other() {
    let world = World::new().await;
    let (unit, far) = (world.user("unit").await, world.user("far").await);
    let first = unit.accepted("disease_inpatient").await;
    let content = saved(&paper(3), ImageFormat::Jpeg);
    give(&unit, first, "settlement", &content).await;
    assert_eq!(seen_in(&unit, first).await, Vec::<Value>::new(), "twice in one case is one paper");
    give(&unit, first, "application_form", &content).await;
    assert_eq!(seen_in(&unit, first).await, Vec::<Value>::new());
    let stranger = world.id_numbers("37010001").await[0].clone();
    let elsewhere = claim_of(&far, "far", &stranger, "2026-05-20").await;
    let kind = text(&far.get(&format!("/api/cases/{elsewhere}")).await.expect(200)["materials"][0]["kind"]);
    give(&far, elsewhere, &kind, &content).await;
    assert_eq!(seen_in(&far, elsewhere).await.len(), 1);
}

#[tokio::test]
async fn an_identity_card_may_come_again_but_not_with_somebody_else() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let first = unit.accepted("disease_inpatient").await;
    give(&unit, first, "id_card", &saved(&paper(4), ImageFormat::Png)).await;
    let again = claim_of(&unit, "again", MANUAL_ID, "2023-10-20").await;
    give(&unit, again, "id_card", &saved_anew(4)).await;
    assert_eq!(seen_in(&unit, again).await, Vec::<Value>::new());
    let other = world.id_numbers("23010001").await[1].clone();
    let foreign = claim_of(&unit, "foreign", &other, "2026-05-20").await;
    give(&unit, foreign, "id_card", &saved_anew(4)).await;
    assert_eq!(seen_in(&unit, foreign).await.len(), 1);
}

#[tokio::test]
async fn a_seen_picture_wants_a_reason_and_a_second_review() {
    let world = World::new().await;
    let (unit, review) = (world.user("unit").await, world.user("review").await);
    let other = world.id_numbers("23010001").await[1].clone();
    let elsewhere = claim_of(&unit, "elsewhere", &other, "2026-05-20").await;
    give(&unit, elsewhere, "settlement", &saved(&paper(5), ImageFormat::Png)).await;
    let id = unit.accepted("disease_inpatient").await;
    unit.papers(id).await;
    give(&unit, id, "settlement", &saved_anew(5)).await;
    unit.act(id, "confirm-materials").await.expect(200);
    unit.act(id, "take").await.expect(200);
    unit.save(id, draft(unit.version(id).await)).await.expect(200);
    unit.act(id, "calculate").await.expect(200);
    assert_eq!(unit.act(id, "submit").await.blockers(), ["case_warning_unanswered"]);
    let mut explained = draft(unit.version(id).await);
    explained["warning_reasons"] =
        json!([{ "code": "picture_seen", "statement": null, "reason": "同一结算单，两人同住" }]);
    unit.save(id, explained).await.expect(200);
    unit.act(id, "submit").await.expect(200);
    review.act(id, "take").await.expect(200);
    let version = review.version(id).await;
    let answer =
        json!({ "version": version, "code": "picture_seen", "statement": null, "accepted": true, "note": "已核对" });
    review.post(&format!("/api/cases/{id}/answer-warning"), answer).await.expect(200);
    let view = review.act(id, "approve").await.expect(200);
    assert_eq!((text(&view["stage"]), codes(&view["warnings"])), ("second_review".into(), vec!["picture_seen".into()]));
}
