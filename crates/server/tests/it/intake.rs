//! 批量受理, and what is held up because it looks like a claim that was made before.
use huzhu::{
    entity::{audit_entry, case, coverage, idempotency_key},
    platform::clock,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};

use crate::{
    dictionaries::{book, send_file, sheet},
    world::{MANUAL_ID, User, World, codes, text},
};

const HEADING: [&str; 13] = [
    "证件号码",
    "姓名",
    "出险日期",
    "申领类型",
    "保障活动",
    "医院",
    "入院日期",
    "出院日期",
    "结算总金额",
    "票据号码",
    "银行账号",
    "开户银行",
    "重复说明",
];

/// A row with what must be there, and what else by column.
fn row<'a>(id: &'a str, name: &'a str, day: &'a str, kind: &'a str, more: &[(&str, &'a str)]) -> Vec<&'a str> {
    let mut out = vec![id, name, day, kind];
    out.resize(HEADING.len(), "");
    for (column, value) in more {
        out[HEADING.iter().position(|h| h == column).unwrap()] = value;
    }
    out
}

fn file(rows: &[Vec<&str>]) -> Vec<u8> {
    let mut all: Vec<&[&str]> = vec![&HEADING];
    all.extend(rows.iter().map(Vec::as_slice));
    book(&all)
}

async fn judged(user: &User, file: &[u8]) -> Value {
    send_file(user, "/api/acceptance/import", file, "").await.expect(200)
}

/// Row by row: its number and the codes of what is wrong.
fn faults(seen: &Value) -> Vec<String> {
    let told = |r: &Value| format!("{} {}", r["row"], codes(&r["faults"]).join(" "));
    seen["rows"].as_array().unwrap().iter().filter(|r| r["state"] == "faulty").map(told).collect()
}

async fn confirm(user: &User, file: &[u8], seen: &Value) -> crate::world::Answer {
    send_file(user, "/api/acceptance/import/confirm", file, &text(&seen["digest"])).await
}

async fn cases(world: &World) -> u64 {
    case::Entity::find().count(world.app.db.read()).await.unwrap()
}

async fn name_of(user: &User, id_number: &str, day: &str) -> String {
    text(&user.eligible(id_number, day).await["rows"][0]["member_name"])
}

#[tokio::test]
async fn good_rows_are_accepted_in_one_go_with_what_is_known_of_the_expenses() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let other = world.id_numbers("23010001").await[1].clone();
    let other_name = name_of(&unit, &other, "2026-05-20").await;
    let file = file(&[
        row(
            MANUAL_ID,
            "冯玉兰",
            "2023-10-04",
            "疾病住院",
            &[
                ("医院", "示例医院"),
                ("入院日期", "2023.10.4"),
                ("出院日期", "2023-10-11"),
                ("结算总金额", "26,566.00"),
                ("票据号码", "A77"),
                ("银行账号", "6222 0209 0900 3028 973"),
                ("开户银行", "中国工商银行"),
            ],
        ),
        row(&other, &other_name, "2026年5月20日", "重大疾病", &[]),
        row(MANUAL_ID, "冯玉莲", "2023-10-04", "意外住院", &[]),
        row("110101199001011234", "谁", "2023-10-04", "疾病住院", &[]),
        row(MANUAL_ID, "冯玉兰", "2024-10-04", "疾病住院", &[]),
        row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[]),
        row(MANUAL_ID, "冯玉兰", "十月", "住院", &[("结算总金额", "很多"), ("银行账号", "12")]),
    ]);
    let seen = judged(&unit, &file).await;
    assert_eq!((seen["new"].as_u64(), seen["faulty"].as_u64()), (Some(2), Some(5)));
    assert_eq!(
        faults(&seen),
        [
            "4 claim_name_differs",
            "5 claim_nobody",
            "6 outside_coverage",
            "7 field_twice_in_file",
            "8 field_unknown field_not_a_number field_unknown field_not_an_account",
        ]
    );
    assert_eq!(cases(&world).await, 0, "judging keeps nothing");
    let done = confirm(&unit, &file, &seen).await.expect(201);
    let stages: Vec<String> = done["cases"].as_array().unwrap().iter().map(|c| text(&c["stage"])).collect();
    assert_eq!(stages, ["materials", "expense_entry"]);
    let view = unit.get(&format!("/api/cases/{}", done["cases"][0]["id"])).await.expect(200);
    assert_eq!(
        (&view["statements"][0]["total_fen"], &view["statements"][0]["invoice_no"]),
        (&json!(2_656_600), &json!("A77"))
    );
    assert_eq!((&view["payees"][0]["account_no"], &view["source"]), (&json!("6222020909003028973"), &json!("unit")));
    let again = confirm(&unit, &file, &seen).await.expect(201);
    assert_eq!((again, cases(&world).await), (done, 2), "a double click gets the first answer");
    assert_eq!(
        confirm(&world.user("handler").await, &file, &seen).await.code(409),
        "import_stale",
        "somebody else's does not"
    );
    let log = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("import_claims"));
    assert_eq!(log.count(world.app.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn two_clicks_at_once_accept_once() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let file = file(&[row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[])]);
    let seen = judged(&unit, &file).await;
    let (first, second) = tokio::join!(confirm(&unit, &file, &seen), confirm(&unit, &file, &seen));
    assert_eq!(first.expect(201), second.expect(201));
    assert_eq!(cases(&world).await, 1);
}

#[tokio::test]
async fn a_file_that_would_do_something_else_by_now_accepts_nothing() {
    let world = World::new().await;
    let (unit, handler) = (world.user("unit").await, world.user("handler").await);
    let other = world.id_numbers("23010001").await[1].clone();
    let name = name_of(&unit, &other, "2026-05-20").await;
    let file = file(&[
        row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[]),
        row(&other, &name, "2026-05-20", "疾病住院", &[]),
    ]);
    let seen = judged(&unit, &file).await;
    handler.accepted("disease_inpatient").await;
    assert_eq!(confirm(&unit, &file, &seen).await.code(409), "import_stale");
    assert_eq!(confirm(&unit, &file, &json!({ "digest": "x" })).await.code(409), "import_stale");
    assert_eq!(cases(&world).await, 1, "all or none");
    let keys = idempotency_key::Entity::find().count(world.app.db.read()).await.unwrap();
    assert_eq!(keys, 1, "the one of the other acceptance");
}

#[tokio::test]
async fn several_coverages_want_a_word_and_faulty_rows_come_back_marked() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let other = world.id_numbers("23010001").await[1].clone();
    let name = name_of(&unit, &other, "2026-05-20").await;
    let held = unit.claim(&other, "2026-05-20", "disease_inpatient").await["coverage_id"].as_i64().unwrap();
    let row_of = coverage::Entity::find_by_id(held).one(world.app.db.read()).await.unwrap().unwrap();
    let mut twin = row_of.into_active_model().reset_all();
    twin.id = NotSet;
    let tx = world.app.db.begin().await.unwrap();
    coverage::Entity::insert(twin).exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let file =
        file(&[row(&other, &name, "2026-05-20", "疾病住院", &[]), row(MANUAL_ID, "", "2023-10-04", "疾病住院", &[])]);
    let seen = judged(&unit, &file).await;
    assert_eq!(faults(&seen), ["2 claim_several", "3 field_required"]);
    assert!(text(&seen["rows"][0]["faults"][0]["message"]).contains("住院医疗互助金"), "{seen}");
    let marked = send_file(&unit, "/api/acceptance/import/faulty", &file, "").await;
    let marked = sheet(marked.bytes);
    assert_eq!((marked.len(), marked[1].last().unwrap().contains("几项保障")), (3, true), "{marked:?}");
    assert_eq!(confirm(&unit, &file, &seen).await.fields(), ["rows: required"]);
}

#[tokio::test]
async fn another_branch_and_too_many_rows_are_refused() {
    let world = World::new().await;
    let (unit, far, review) = (world.user("unit").await, world.user("far").await, world.user("review").await);
    let one = file(&[row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[])]);
    assert_eq!(faults(&judged(&far, &one).await), ["2 claim_nobody"]);
    assert_eq!(send_file(&review, "/api/acceptance/import", &one, "").await.status, 403);
    let rows: Vec<Vec<&str>> = (0..2_001).map(|_| row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[])).collect();
    assert_eq!(send_file(&unit, "/api/acceptance/import", &file(&rows), "").await.blockers(), ["file_too_many_rows"]);
    assert_eq!(send_file(&unit, "/api/acceptance/import", b"no file", "").await.blockers(), ["file_not_excel"]);
    assert_eq!(unit.get("/api/acceptance/template").await.status, 200);
}

/// Another coverage of the manual's member for the same time, in the unit of that code.
async fn second_coverage(world: &World, unit_code: &str) -> i64 {
    let unit = world.user("unit").await;
    let held = unit.claim(MANUAL_ID, "2023-10-04", "disease_inpatient").await["coverage_id"].as_i64().unwrap();
    let row = coverage::Entity::find_by_id(held).one(world.app.db.read()).await.unwrap().unwrap();
    let mut twin = row.into_active_model().reset_all();
    twin.id = NotSet;
    twin.unit_id = sea_orm::ActiveValue::Set(world.org_id(unit_code).await);
    let tx = world.app.db.begin().await.unwrap();
    let id = coverage::Entity::insert(twin).exec(&tx).await.unwrap().last_insert_id;
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn the_same_incident_under_another_coverage_is_held_up_until_it_is_explained() {
    let world = World::new().await;
    let (unit, handler) = (world.user("unit").await, world.user("handler").await);
    let first = unit.accepted("disease_inpatient").await;
    let no = world.row(first).await.no;
    let twin = second_coverage(&world, "23010001").await;
    let found = handler.eligible(MANUAL_ID, "2023-10-04").await;
    let open = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["coverage_id"] == twin && r["claim_type"] == "disease_inpatient")
        .unwrap();
    assert_eq!(
        (codes(&open["suspicions"]), &open["suspicions"][0]["args"]["case_no"]),
        (vec!["incident_seen".to_owned()], &json!(no))
    );
    let mut row = json!({ "coverage_id": twin, "liability_code": open["liability_code"], "claim_type": "disease_inpatient", "incident_date": "2023-10-04" });
    assert_eq!(handler.accept("held", json!([row])).await.blockers(), ["incident_seen"]);
    row["duplicate_reason"] = json!("  ");
    assert_eq!(handler.accept("blank", json!([row])).await.blockers(), ["incident_seen"]);
    row["duplicate_reason"] = json!("字".repeat(201));
    assert_eq!(handler.accept("long", json!([row])).await.fields(), ["rows.0.duplicate_reason: too_long"]);
    row["duplicate_reason"] = json!("另一保障活动，同一次住院 😀");
    let accepted = handler.accept("explained", json!([row])).await.expect(201);
    let view = handler.get(&format!("/api/cases/{}", accepted["cases"][0]["id"])).await.expect(200);
    let warning = &view["warnings"][0];
    assert_eq!((text(&warning["code"]), &warning["statement"]), ("incident_seen".into(), &Value::Null));
    assert_eq!(text(&warning["reason"]), "另一保障活动，同一次住院 😀", "it stays on the case, answered");
    assert_eq!(text(&view["timeline"][0]["note"]), "另一保障活动，同一次住院 😀");
    let before = handler.get(&format!("/api/cases/{first}")).await.expect(200);
    assert_eq!(before["warnings"], json!([]), "the first of them is not suspected");
}

#[tokio::test]
async fn beyond_the_branch_only_the_fact_is_told() {
    let world = World::new().await;
    let unit = world.user("unit").await;
    let first = unit.accepted("disease_inpatient").await;
    second_coverage(&world, "37010001").await;
    let far = world.user("far").await;
    let found = far.eligible(MANUAL_ID, "2023-10-04").await;
    let open = found["rows"].as_array().unwrap().iter().find(|r| r["claim_type"] == "disease_inpatient").unwrap();
    assert_eq!(codes(&open["suspicions"]), ["incident_seen_elsewhere"]);
    assert!(!found.to_string().contains(&world.row(first).await.no));
    let file = file(&[row(MANUAL_ID, "冯玉兰", "2023-10-04", "疾病住院", &[])]);
    assert_eq!(faults(&judged(&far, &file).await), ["2 incident_seen_elsewhere"]);
}

#[tokio::test]
async fn a_row_with_a_paper_or_a_stay_that_was_seen_is_held_up() {
    let world = World::new().await;
    let (unit, handler) = (world.user("unit").await, world.user("handler").await);
    unit.submitted().await;
    let other = world.id_numbers("23010001").await[1].clone();
    let name = name_of(&unit, &other, "2026-05-20").await;
    let held = [("票据号码", "A0001")];
    let stay = [("入院日期", "2023-10-08"), ("出院日期", "2023-10-20")];
    let rows = [
        row(&other, &name, "2026-05-20", "疾病住院", &held),
        row(MANUAL_ID, "冯玉兰", "2023-10-08", "意外住院", &stay),
        row(MANUAL_ID, "冯玉兰", "2023-10-05", "疾病住院", &[]),
    ];
    let seen = judged(&handler, &file(&rows)).await;
    assert_eq!(faults(&seen), ["2 invoice_seen", "3 stay_overlaps", "4 incident_seen"]);
    let explained = [("票据号码", "A0001"), ("重复说明", "医院补开，已核实")];
    let file = file(&[row(&other, &name, "2026-05-20", "疾病住院", &explained)]);
    let seen = judged(&handler, &file).await;
    assert_eq!(faults(&seen), Vec::<String>::new());
    let done = confirm(&handler, &file, &seen).await.expect(201);
    let row = world.row(done["cases"][0]["id"].as_i64().unwrap()).await;
    assert!(
        row.warning_reasons.contains("invoice_seen") && row.warning_reasons.contains("医院补开"),
        "{}",
        row.warning_reasons
    );
    assert_eq!(row.accepted_on, clock::today());
}
