use axum::{body::Body, http::Method};
use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::world::{Answer, User, World, text};

pub fn book(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            sheet.write_string(r as u32, c as u16, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

async fn send(user: &User, path: &str, file: &[u8], digest: &str) -> Answer {
    send_file(user, &format!("/api/dictionaries/{path}"), file, digest).await
}

/// Sends a file as an import does.
pub async fn send_file(user: &User, path: &str, file: &[u8], digest: &str) -> Answer {
    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"digest\"\r\n\r\n{digest}\r\n").into_bytes();
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    user.send(Method::POST, path, &headers, Body::from(body)).await
}

pub fn sheet(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let shown = |d: &Data| d.to_string();
    range.rows().map(|r| r.iter().map(shown).collect()).collect()
}

async fn found(user: &User, path: &str, body: Value) -> Value {
    user.post(&format!("/api/{path}/search"), body).await.expect(200)
}

#[tokio::test]
async fn a_hospital_is_added_changed_and_taken_out_of_use() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let new = json!({ "name": " 冰城  骨科医院(南院)", "level": "secondary", "region": "哈尔滨", "active": true });
    let made = admin.post("/api/hospitals", new.clone()).await.expect(201);
    assert_eq!((text(&made["name"]), text(&made["initials"])), ("冰城 骨科医院（南院）".into(), "bcgkyyny".into()));
    assert_eq!(admin.post("/api/hospitals", new).await.fields(), ["name: hospital_taken"]);
    let path = format!("/api/hospitals/{}", made["id"]);
    let mut edit =
        json!({ "name": "冰城骨科医院", "level": "tertiary", "initials": "BCGK", "active": false, "version": 1 });
    let changed = admin.put(&path, edit.clone()).await.expect(200);
    assert_eq!((&changed["version"], text(&changed["initials"])), (&json!(2), "bcgk".into()));
    assert_eq!(admin.put(&path, edit.clone()).await.expect(200)["version"], 2, "the same again changes nothing");
    edit["active"] = json!(true);
    assert_eq!(admin.put(&path, edit).await.code(409), "record_stale");
    let offered = unit.post("/api/hospitals/options", json!({ "text": "bcgk" })).await.expect(200);
    assert_eq!(offered, json!([]), "what is out of use isn't offered");
    assert_eq!(found(&unit, "hospitals", json!({ "text": "bcgk", "active": false })).await["total"], 1);
    assert_eq!(found(&unit, "hospitals", json!({ "text": "%" })).await["total"], 0, "a sign like any other");
    let history = unit.get(&format!("/api/dictionaries/hospitals/{}/history", made["id"])).await.expect(200);
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!((text(&history[0]["act"]), text(&history[0]["actor_name"])), ("update".into(), "钱进".into()));
    assert_eq!(history[0]["before"]["level"], "secondary");
}

#[tokio::test]
async fn wrong_entries_are_refused_field_by_field() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let wrong = json!({ "name": "", "level": "tertiary", "region": "长".repeat(61), "initials": "é", "active": true });
    let fields = admin.post("/api/hospitals", wrong).await.fields();
    assert_eq!(fields, ["name: name_required", "region: too_long", "initials: not_initials"]);
    let wrong = json!({ "code": "肺炎", "name": " ", "active": true });
    let fields = admin.post("/api/illness-classes", wrong).await.fields();
    assert_eq!(fields, ["code: not_a_code", "name: name_required"]);
    let bin = |prefix: &str, length: i32| json!({ "prefix": prefix, "card_length": length, "card_kind": "debit" });
    let bins = [bin("62", 19), bin("622202", -1), bin("622848", 19), bin("622848", 19)];
    let fields = admin.post("/api/banks", json!({ "name": "x", "active": true, "bins": bins })).await.fields();
    assert_eq!(
        fields,
        ["bins.0.prefix: not_a_prefix", "bins.1.card_length: not_a_card_length", "bins.3.prefix: twice"]
    );
}

#[tokio::test]
async fn a_bank_is_recognised_by_the_longest_prefix_in_use() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let bank = |name: &str, bins: Value| json!({ "name": name, "short_name": "", "active": true, "bins": bins });
    let bin = |prefix: &str| json!({ "prefix": prefix, "card_length": 16, "card_kind": "debit" });
    let broad = admin.post("/api/banks", bank("甲银行", json!([bin("4111")]))).await.expect(201);
    let narrow = admin.post("/api/banks", bank("乙银行", json!([bin("411111")]))).await.expect(201);
    let asked = async |no: &str| unit.post("/api/banks/recognise", json!({ "account_no": no })).await.expect(200);
    let right = asked("4111 1111 1111 1111").await;
    assert_eq!(right, json!({ "bank_name": "乙银行", "card_kind": "debit", "warnings": [] }));
    assert_eq!(asked("4111211111111111").await["bank_name"], "甲银行");
    assert_eq!(text(&asked("4111111111111112").await["warnings"][0]["code"]), "card_check_digit");
    assert_eq!(text(&asked("41111111111111111").await["warnings"][0]["code"]), "card_length");
    for no in ["", "5", "abc", "9111111111111111", "%"] {
        assert_eq!(asked(no).await["bank_name"], Value::Null, "{no}");
    }
    let path = format!("/api/banks/{}", narrow["id"]);
    let mut edit = bank("乙银行", json!([bin("4111")]));
    edit["version"] = json!(1);
    assert_eq!(admin.put(&path, edit.clone()).await.fields(), ["bins.0.prefix: prefix_of_another_bank"]);
    (edit["bins"], edit["active"]) = (json!([bin("411111")]), json!(false));
    admin.put(&path, edit).await.expect(200);
    assert_eq!(asked("4111111111111111").await["bank_name"], "甲银行", "a bank out of use isn't proposed");
    assert_eq!(found(&unit, "banks", json!({ "text": "4111111111111111" })).await["total"], 2);
    assert_eq!(broad["bins"][0]["prefix"], "4111");
}

#[tokio::test]
async fn a_file_is_judged_row_by_row_and_all_good_rows_are_taken_at_once() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let file = book(&[
        &["医院目录 2026"],
        &["地区", "医院名称*", "等级", "备注"],
        &["北京", "新一医院", "三级甲等", "x"],
        &["北京", "望京示例医院", "三级", ""],
        &["北京", "朝阳示例医院", "三级", ""],
        &["北京", "新一医院", "二级", ""],
        &["北京", "新二医院", "特级", ""],
        &["北京", "", "二级", ""],
    ]);
    let seen = send(&admin, "hospitals/import", &file, "").await.expect(200);
    let counts = ["new", "changed", "unchanged", "faulty"].map(|c| seen[c].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 3], "{seen:#}");
    let rows: Vec<(u64, String, String)> = seen["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["row"].as_u64().unwrap(), text(&r["state"]), text(&r["faults"][0]["message"])))
        .collect();
    let expected = [
        (6, "faulty", "医院名称在文件中重复"),
        (7, "faulty", "医院等级无法识别"),
        (8, "faulty", "请填写医院名称"),
        (4, "changed", ""),
        (3, "new", ""),
    ];
    assert_eq!(rows, expected.map(|(row, state, fault)| (row, state.to_owned(), fault.to_owned())));
    assert_eq!(found(&admin, "hospitals", json!({ "text": "新一" })).await["total"], 0, "judging keeps nothing");

    assert_eq!(send(&admin, "hospitals/import/confirm", &file, "other").await.code(409), "import_stale");
    let digest = text(&seen["digest"]);
    let done = send(&admin, "hospitals/import/confirm", &file, &digest).await.expect(200);
    assert_eq!(done, json!({ "new": 1, "changed": 1 }));
    assert_eq!(
        send(&admin, "hospitals/import/confirm", &file, &digest).await.code(409),
        "import_stale",
        "a double click"
    );
    let again = send(&admin, "hospitals/import", &file, "").await.expect(200);
    assert_eq!((&again["new"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(3)));
    let one = found(&admin, "hospitals", json!({ "text": "xyyy" })).await["items"][0].clone();
    assert_eq!((text(&one["name"]), text(&one["level"])), ("新一医院".into(), "tertiary".into()));
    let changed = found(&admin, "hospitals", json!({ "text": "望京示例医院" })).await["items"][0].clone();
    assert_eq!(
        (&changed["version"], text(&changed["initials"])),
        (&json!(2), "wjslyy".into()),
        "what the file lacks stays"
    );
    let history = admin.get(&format!("/api/dictionaries/hospitals/{}/history", changed["id"])).await.expect(200);
    assert_eq!(
        (text(&history[0]["act"]), text(&history[0]["before"]["level"])),
        ("import_update".into(), "secondary".into())
    );

    let back = sheet(send(&admin, "hospitals/import/faulty", &file, "").await.bytes);
    assert_eq!(back.len(), 4);
    assert_eq!(back[2][..2], ["新二医院", "特级"], "as it stood in the file");
    assert_eq!(back[2][5..], ["7", "医院等级无法识别"]);
}

#[tokio::test]
async fn banks_come_in_and_go_out_by_prefix() {
    let world = World::new().await;
    let admin = world.user("admin").await;
    let head: &[&str] = &["银行名称", "简称", "卡号前缀", "卡号长度", "卡种"];
    let file = book(&[
        head,
        &["甲银行", "甲行", "622202", "19", "借记卡"],
        &["甲银行", "甲行", "622203", "", ""],
        &["乙银行", "", "", "", ""],
        &["乙银行", "", "622202", "", ""],
        &["丙银行", "", "62x", "99", "金卡"],
    ]);
    let seen = send(&admin, "banks/import", &file, "").await.expect(200);
    assert_eq!((&seen["new"], &seen["faulty"]), (&json!(3), &json!(2)));
    send(&admin, "banks/import/confirm", &file, &text(&seen["digest"])).await.expect(200);
    let banks = found(&admin, "banks", json!({ "text": "甲" })).await;
    assert_eq!(banks["items"][0]["bins"].as_array().unwrap().len(), 2);
    let out = admin.post("/api/dictionaries/banks/export", json!({})).await;
    assert_eq!(out.status, 200);
    let again = send(&admin, "banks/import", &out.bytes, "").await.expect(200);
    assert_eq!((&again["unchanged"], &again["faulty"]), (&json!(3), &json!(0)), "what goes out comes in");
    let more = book(&[&["银行名称", "卡号前缀"], &["甲银行", "622204"], &["丁银行", "622203"]]);
    let seen = send(&admin, "banks/import", &more, "").await.expect(200);
    assert_eq!((&seen["new"], &seen["faulty"]), (&json!(1), &json!(1)));
    send(&admin, "banks/import/confirm", &more, &text(&seen["digest"])).await.expect(200);
    let bank = found(&admin, "banks", json!({ "text": "甲" })).await["items"][0].clone();
    assert_eq!((text(&bank["short_name"]), bank["bins"].as_array().unwrap().len()), ("甲行".into(), 3));
}

#[tokio::test]
async fn illness_classes_are_offered_by_code_name_and_initials() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    let rows: Vec<Vec<String>> = (0..1200).map(|n| vec![format!("Z{n:04}"), format!("测试病{n}")]).collect();
    let mut all: Vec<Vec<&str>> = vec![vec!["疾病编码", "疾病名称"], vec!["i10", "原发性高血压"]];
    all.extend(rows.iter().map(|r| r.iter().map(String::as_str).collect()));
    let all: Vec<&[&str]> = all.iter().map(Vec::as_slice).collect();
    let file = book(&all);
    let seen = send(&admin, "illness_classes/import", &file, "").await.expect(200);
    assert_eq!((&seen["new"], &seen["faulty"]), (&json!(1201), &json!(0)));
    send(&admin, "illness_classes/import/confirm", &file, &text(&seen["digest"])).await.expect(200);
    for asked in ["i10", "高血", "yfxgx"] {
        let offered = unit.post("/api/illness-classes/options", json!({ "text": asked })).await.expect(200);
        assert_eq!(text(&offered[0]["name"]), "原发性高血压", "{asked}");
    }
    assert_eq!(found(&unit, "illness-classes", json!({ "size": 500 })).await["items"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn files_that_are_none_are_refused_with_the_reason() {
    let world = World::new().await;
    let (admin, unit) = (world.user("admin").await, world.user("unit").await);
    assert_eq!(send(&admin, "hospitals/import", b"", "").await.blockers(), ["file_empty"]);
    assert_eq!(send(&admin, "hospitals/import", b"hello", "").await.blockers(), ["file_not_excel"]);
    assert_eq!(send(&admin, "hospitals/import", &book(&[&["名字"], &["x"]]), "").await.blockers(), ["heading_missing"]);
    let only_head = book(&[&["医院名称", "等级"]]);
    assert_eq!(send(&admin, "hospitals/import", &only_head, "").await.blockers(), ["file_without_rows"]);
    assert_eq!(send(&unit, "hospitals/import", &only_head, "").await.status, 403);
    for dictionary in ["hospitals", "banks", "illness_classes"] {
        let blank = admin.get(&format!("/api/dictionaries/{dictionary}/template")).await;
        assert!(sheet(blank.bytes)[0][0].starts_with('*'), "{dictionary}");
    }
}
