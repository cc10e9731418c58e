use serde_json::{Value, json};

use crate::{
    dictionaries::{book, send_file, sheet},
    orgs::credit_code,
    world::{User, World, text},
};

const HEADING: [&str; 5] = ["单位代码", "单位名称", "统一社会信用代码", "上级代码", "职工人数"];

async fn judged(user: &User, file: &[u8]) -> Value {
    send_file(user, "/api/units/import", file, "").await.expect(200)
}

async fn found(user: &User, search: &str) -> Value {
    user.post("/api/orgs/search", json!({ "text": search, "kinds": ["unit"] })).await.expect(200)["items"].clone()
}

/// Row, state and what is wrong, column and code.
fn rows(seen: &Value) -> Vec<(u64, String, String)> {
    let faults = |row: &Value| {
        let told = |f: &Value| format!("{}: {}", text(&f["field"]), text(&f["code"]));
        row["faults"].as_array().unwrap().iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let all = seen["rows"].as_array().unwrap().iter();
    all.map(|r| (r["row"].as_u64().unwrap(), text(&r["state"]), faults(r))).collect()
}

#[tokio::test]
async fn units_come_in_from_a_file_get_codes_and_change_by_code_or_credit_code() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let [a, b, c] = ["A1", "B2", "C3"].map(credit_code);
    let file = book(&[
        &HEADING,
        &["", "“新”一(厂)😀", &a, "2301", "1200"],
        &["", "新二厂", &b, "2301", ""],
        &["23010009", "自编代码厂", &c, "2301", "5"],
        &["23010001", "1121测试", "", "", ""],
        &["23010002", "改了名的单位", "", "", "88"],
    ]);
    let seen = judged(&admin, &file).await;
    let states: Vec<String> =
        rows(&seen).into_iter().map(|(row, state, faults)| format!("{row} {state}{faults}")).collect();
    assert_eq!(states, ["6 changed", "2 new", "3 new", "4 new"]);
    assert_eq!(found(&admin, "自编代码厂").await, json!([]), "judging keeps nothing");
    let digest = text(&seen["digest"]);
    let done = send_file(&admin, "/api/units/import/confirm", &file, &digest).await.expect(200);
    assert_eq!(done, json!({ "new": 3, "changed": 1 }));
    let again = send_file(&admin, "/api/units/import/confirm", &file, &digest).await;
    assert_eq!(again.code(409), "import_stale", "a double click");
    let mut codes = Vec::new();
    for credit in [&a, &b, &c] {
        let unit = found(&admin, credit).await[0].clone();
        codes.push(format!("{} {} {}", text(&unit["code"]), text(&unit["name"]), text(&unit["parent_name"])));
    }
    let agency = text(&found(&admin, "23010002").await[0]["parent_name"]);
    let made = ["23010007 “新”一(厂)😀", "23010008 新二厂", "23010009 自编代码厂"];
    assert_eq!(codes, made.map(|unit| format!("{unit} {agency}")));

    let changed = found(&admin, "23010002").await[0].clone();
    assert_eq!((text(&changed["name"]), &changed["headcount"]), ("改了名的单位".into(), &json!(88)));
    let id = changed["id"].as_i64().unwrap();
    let history = admin.get(&format!("/api/orgs/{id}")).await.expect(200)["history"][0].clone();
    let fields: Vec<String> = history["changes"].as_array().unwrap().iter().map(|c| text(&c["field"])).collect();
    assert_eq!(
        (text(&history["act"]), fields),
        ("import_update".into(), vec!["headcount".to_owned(), "name".to_owned()])
    );

    let unchanged = judged(&admin, &book(&[&HEADING, &["", "新二厂", &b, "2301", ""]])).await;
    assert_eq!((&unchanged["unchanged"], rows(&unchanged).len()), (&json!(1), 0), "known by its credit code");
}

#[tokio::test]
async fn a_row_that_would_move_double_or_deactivate_a_unit_says_so() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let (a, b) = (credit_code("A1"), credit_code("B2"));
    let (path, taken) = (format!("/api/orgs/{}", world.org_id("23010001").await), credit_code("D4"));
    admin.put(&path, json!({ "version": 1, "name": "单位", "credit_code": taken })).await.expect(200);
    let heading = [&HEADING[..], &["状态"]].concat();
    let seen = judged(
        &admin,
        &book(&[
            &heading,
            &["", "没有代码", "", "2301", "", ""],
            &["", "错的校验位", &format!("{}?", &a[..17]), "2301", "", ""],
            &["", "没有上级", &a, "", "", ""],
            &["", "不认识的上级", &b, "9999", "", ""],
            &["23010002", "要调动", "", "2302", "", ""],
            &["23010003", "要停用", "", "", "", "停用"],
            &["", "同一个信用代码", &b, "2301", "-1", ""],
            &["23010004", "别人的信用代码", &taken, "", "", ""],
            &["2301", "代办处的代码", &credit_code("C3"), "2301", "", "关"],
        ]),
    )
    .await;
    let expected = [
        (2, "credit_code: required"),
        (3, "credit_code: credit_code_wrong_sign"),
        (4, "parent_code: required"),
        (5, "parent_code: unknown"),
        (6, "parent_code: by_move"),
        (7, "active: by_act"),
        (8, "headcount: not_a_number, credit_code: of_another_unit"),
        (9, "credit_code: of_another_unit"),
        (10, "active: unknown, code: unit_code_digits"),
    ];
    let expected = expected.map(|(row, faults)| (row, "faulty".to_owned(), faults.to_owned()));
    assert_eq!(rows(&seen), expected);
}

#[tokio::test]
async fn an_office_neither_sees_nor_writes_units_of_another() {
    let world = World::new().await;
    let far = world.office_admin("3700").await;
    let a = credit_code("A1");
    let seen = judged(
        &far,
        &book(&[&HEADING, &["23010002", "别处的单位", "", "2301", ""], &["", "挂到别处", &a, "2301", ""]]),
    )
    .await;
    let faults: Vec<String> = rows(&seen).into_iter().map(|(_, _, faults)| faults).collect();
    assert_eq!(faults, ["parent_code: unknown", "parent_code: unknown"]);
    let out = far.post("/api/units/export", json!({})).await;
    assert_eq!(out.status, 200);
    let codes: Vec<String> = sheet(out.bytes).into_iter().skip(1).map(|row| row[0].clone()).collect();
    assert!(!codes.is_empty() && codes.iter().all(|c| c.starts_with("37")), "{codes:?}");
}

#[tokio::test]
async fn what_is_exported_can_be_imported_and_changes_nothing() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let out = admin.post("/api/units/export", json!({ "under_id": world.org_id("2300").await })).await;
    let units = sheet(out.bytes.clone()).len() - 1;
    let seen = judged(&admin, &out.bytes).await;
    assert_eq!((&seen["unchanged"], &seen["faulty"]), (&json!(units), &json!(0)), "{:#}", seen["rows"]);
    let blank = sheet(admin.get("/api/units/template").await.bytes);
    assert_eq!(blank[0][1], "*单位名称");
}

#[tokio::test]
async fn an_administrator_of_a_unit_changes_that_unit_and_makes_none() {
    let world = World::new().await;
    let own = world.office_admin("23010002").await;
    let file =
        book(&[&HEADING, &["23010002", "自己改的名", "", "", "9"], &["", "新厂", &credit_code("A1"), "2301", ""]]);
    let seen = judged(&own, &file).await;
    assert_eq!((&seen["changed"], text(&seen["rows"][0]["faults"][0]["code"])), (&json!(1), "unknown".into()));
    let done = send_file(&own, "/api/units/import/confirm", &file, &text(&seen["digest"])).await.expect(200);
    assert_eq!(done, json!({ "new": 0, "changed": 1 }));
    assert_eq!(text(&found(&own, "23010002").await[0]["name"]), "自己改的名");
}
