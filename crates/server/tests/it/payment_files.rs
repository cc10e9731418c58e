//! The bank's file out, its answer in, and how both look.
use std::process::Command;

use axum::{body::Body, http::Method};
use calamine::{Data, Reader, Xlsx};
use huzhu::{
    entity::{audit_entry, case_payee, payment},
    platform::clock,
};
use huzhu_domain::payment::FileLayout;
use quick_xml::{Reader as XmlReader, events::Event};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    payment::{BENEFIT, approved, released},
    world::{Answer, User, World, text},
};

async fn layout(user: &User, world: &World) -> Value {
    user.get(&format!("/api/payment-layouts/{}", world.org_id("2300").await)).await.expect(200)
}

async fn keep(user: &User, world: &World, change: impl Fn(&mut Value)) -> Answer {
    let mut view = layout(user, world).await;
    change(&mut view["layout"]);
    let body = json!({ "version": view["version"], "layout": view["layout"] });
    user.put(&format!("/api/payment-layouts/{}", view["office_id"]), body).await
}

async fn file(user: &User, batch: i64, format: &str) -> Answer {
    user.post(&format!("/api/payment-batches/{batch}/file"), json!({ "format": format })).await
}

async fn rename(world: &World, case: i64, name: &str) {
    let tx = world.app.db.begin().await.unwrap();
    case_payee::Entity::update_many()
        .col_expr(case_payee::Column::Name, name.into())
        .filter(case_payee::Column::CaseId.eq(case))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn answer(user: &User, batch: i64, apply: bool, content: &[u8], day: Option<&str>) -> Answer {
    let version = user.get(&format!("/api/payment-batches/{batch}")).await.expect(200)["version"].clone();
    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n").into_bytes();
    if let Some(day) = day {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"paid_on\"\r\n\r\n{day}\r\n").bytes());
    }
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"result.csv\"\r\n\r\n");
    body.extend(content);
    body.extend(b"\r\n--b--\r\n");
    let path = format!("/api/payment-batches/{batch}/result{}", if apply { "/apply" } else { "" });
    user.send(Method::POST, &path, &[("content-type", "multipart/form-data; boundary=b")], Body::from(body)).await
}

#[tokio::test]
async fn the_csv_is_as_the_office_wants_it_and_holds_no_formula() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[10_000]]).await;
    rename(&world, ids[1], "=HYPERLINK(\"x\"),𠮷").await;
    let cashier = world.user("cashier").await;
    let (batch, items) = released(&world, &ids).await;
    let made = file(&cashier, batch, "csv").await;
    assert_eq!(made.status, 200);
    let text_of = String::from_utf8(made.bytes.clone()).unwrap();
    let lines: Vec<&str> = text_of.trim_start_matches('\u{feff}').lines().collect();
    assert!(text_of.starts_with('\u{feff}'));
    assert_eq!(lines[0], "序号,付款编号,收款人户名,收款账号,开户银行,金额,用途");
    let first = format!("1,{},{},", text(&items[0]["reference"]), text(&items[0]["payee_name"]));
    assert!(
        lines[1].starts_with(&first) && lines[1].ends_with("\t622200000000010000,示例银行,3283.00,互助金"),
        "{}",
        lines[1]
    );
    assert!(lines[2].contains("\"'=HYPERLINK(\"\"x\"\"),𠮷\""), "{}", lines[2]);
    let kept = keep(&cashier, &world, |l| {
        l["encoding"] = json!("gbk");
        l["unit"] = json!("fen");
        l["header"] = json!(false);
        l["columns"] = json!([
            { "field": "account_no", "heading": "账号" }, { "field": "payee_name", "heading": "户名" },
            { "field": "amount", "heading": "金额" }, { "field": "reference", "heading": "编号" }
        ]);
    });
    assert_eq!(kept.await.expect(200)["version"], 1);
    let lost = file(&cashier, batch, "csv").await;
    assert_eq!((lost.status, text(&lost.json["code"])), (422, "sign_not_in_gbk".into()), "a name never loses a sign");
    let xlsx = file(&cashier, batch, "xlsx").await;
    let mut book = Xlsx::new(std::io::Cursor::new(xlsx.bytes)).unwrap();
    let range = book.worksheet_range("付款").unwrap();
    let rows: Vec<_> = range.rows().collect();
    assert_eq!((rows.len(), &rows[0][2]), (2, &Data::Float(328_300.0)), "no heading, in fen");
    assert_eq!(rows[1][1], Data::String("=HYPERLINK(\"x\"),𠮷".into()), "a text, not a formula");
    let logged = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("payment_file"));
    assert_eq!(logged.count(world.app.db.read()).await.unwrap(), 2);
    let shown = cashier.get(&format!("/api/payment-batches/{batch}")).await.expect(200);
    let files = shown["history"].as_array().unwrap().iter().filter(|e| e["act"] == "file").collect::<Vec<_>>();
    assert_eq!((files.len(), &files[0]["after"]["sum_fen"]), (2, &json!(2 * BENEFIT)));
}

#[tokio::test]
async fn gbk_is_what_a_bank_reads_as_gbk() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000]]).await;
    rename(&world, ids[0], "冯玉兰").await;
    let cashier = world.user("cashier").await;
    keep(&cashier, &world, |l| l["encoding"] = json!("gbk")).await.expect(200);
    let (batch, _) = released(&world, &ids).await;
    let made = file(&cashier, batch, "csv").await;
    assert!(made.bytes.windows(6).any(|w| w == [0xb7, 0xeb, 0xd3, 0xf1, 0xc0, 0xbc]), "冯玉兰 in GBK");
}

#[tokio::test]
async fn a_layout_is_refused_where_no_file_can_be_made_by_it_and_shows_what_it_makes() {
    let world = World::new().await;
    let cashier = world.user("cashier").await;
    let view = layout(&cashier, &world).await;
    assert_eq!((&view["version"], &view["editable"]), (&json!(0), &json!(true)));
    let short = keep(&cashier, &world, |l| l["columns"] = json!([{ "field": "amount", "heading": "金额" }])).await;
    assert_eq!(short.fields(), ["columns: columns_missing"]);
    let twice = keep(&cashier, &world, |l| {
        l["columns"][1]["heading"] = json!("序号");
        l["payer_account"] = json!("12");
    });
    assert_eq!(twice.await.fields(), ["heading: twice", "payer_account: not_an_account"]);
    let body = json!({ "version": 7, "layout": view["layout"] });
    let path = format!("/api/payment-layouts/{}", view["office_id"]);
    assert_eq!(cashier.put(&path, body).await.code(409), "payment_layout_stale");
    assert_eq!(world.user("far").await.get(&path).await.status, 404);
    let tried =
        cashier.post("/api/payment-layouts/preview", json!({ "layout": FileLayout::default() })).await.expect(200);
    assert_eq!(tried["rows"][1][5], "10000.05");
    assert!(text(&tried["csv"]).contains("\t6222020000000000018"));
}

/// The text of every element by its path below the document.
fn elements(xml: &[u8]) -> Vec<(String, String)> {
    let mut reader = XmlReader::from_reader(xml);
    let (mut path, mut out) = (Vec::<String>::new(), Vec::new());
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).unwrap() {
            Event::Start(tag) => path.push(tag.name().as_ref().to_owned()),
            Event::End(_) => drop(path.pop()),
            Event::Text(words) => {
                let words = words.trim().to_owned();
                if !words.is_empty() {
                    out.push((path[1..].join("/"), words));
                }
            }
            Event::Eof => return out,
            _ => {}
        }
        buffer.clear();
    }
}

#[tokio::test]
async fn the_iso_message_names_every_item_in_the_standards_order_and_its_sums_agree() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[3_333, 6_667]]).await;
    let cashier = world.user("cashier").await;
    let (batch, items) = released(&world, &ids).await;
    assert_eq!(file(&cashier, batch, "pain001").await.blockers(), ["payer_missing"]);
    keep(&cashier, &world, |l| {
        l["payer_name"] = json!("黑龙江办事处");
        l["payer_account"] = json!("0123456789012345");
        l["payer_bank"] = json!("示例银行");
    })
    .await
    .expect(200);
    let made = file(&cashier, batch, "pain001").await;
    assert_eq!(made.status, 200);
    let start = String::from_utf8_lossy(&made.bytes[..200]).into_owned();
    assert!(start.contains("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">"), "{start}");
    let found = elements(&made.bytes);
    let at = |path: &str| -> Vec<&str> {
        let path = format!("CstmrCdtTrfInitn/{path}");
        found.iter().filter(|(p, _)| *p == path).map(|(_, t)| t.as_str()).collect()
    };
    assert_eq!((at("GrpHdr/NbOfTxs"), at("PmtInf/NbOfTxs")), (vec!["3"], vec!["3"]));
    assert_eq!((at("GrpHdr/CtrlSum"), at("PmtInf/CtrlSum")), (vec!["6566.00"], vec!["6566.00"]));
    let references: Vec<String> = items.iter().map(|i| text(&i["reference"])).collect();
    assert_eq!(at("PmtInf/CdtTrfTxInf/PmtId/EndToEndId"), references);
    let amounts = at("PmtInf/CdtTrfTxInf/Amt/InstdAmt");
    assert_eq!(amounts, ["3283.00", "1094.22", "2188.78"]);
    assert!(at("GrpHdr/MsgId")[0].len() <= 35 && references.iter().all(|r| r.len() <= 35), "Max35Text");
    let mut order: Vec<&str> = found
        .iter()
        .filter_map(|(p, _)| p.strip_prefix("CstmrCdtTrfInitn/PmtInf/"))
        .map(|p| p.split('/').next().unwrap())
        .collect();
    order.dedup();
    assert_eq!(
        order,
        ["PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "CdtTrfTxInf"]
    );
    let mut order: Vec<&str> = found
        .iter()
        .filter_map(|(p, _)| p.strip_prefix("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/"))
        .map(|p| p.split('/').next().unwrap())
        .take(7)
        .collect();
    order.dedup();
    assert_eq!(order, ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]);
    assert_eq!(judged(&made.bytes), "", "by the schema");
    let wrong = String::from_utf8(made.bytes).unwrap().replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>CASH</PmtMtd>");
    assert!(judged(wrong.as_bytes()).contains("PmtMtd"), "the schema looks at it");
}

/// What libxml2 has against a message by the schema of ISO 20022 (as the package sepaxml 2.7.0 ships it); empty when it is valid.
fn judged(message: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pain.xml");
    std::fs::write(&file, message).unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/pain.001.001.09.xsd");
    let ran = Command::new("xmllint").args(["--nonet", "--noout", "--schema", schema]).arg(file).output();
    let ran = ran.expect("xmllint, which scripts/setup.sh installs for the tests");
    if ran.status.success() { String::new() } else { String::from_utf8_lossy(&ran.stderr).into_owned() }
}

#[tokio::test]
async fn the_banks_answer_is_applied_whole_or_not_at_all_and_again_without_effect() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000], &[3_333, 6_667], &[10_000]]).await;
    let cashier = world.user("cashier").await;
    let (batch, items) = released(&world, &ids).await;
    let row = |i: usize, outcome: &str, reason: &str| {
        let fen = items[i]["amount_fen"].as_i64().unwrap();
        let reference = text(&items[i]["reference"]);
        format!(
            "{reference},\"{},{:03}.{:02}\",{outcome},{},{reason}\n",
            fen / 100_000,
            fen / 100 % 1000,
            fen % 100,
            clock::today()
        )
    };
    let head = "银行返回结果,,,,\n付款编号,金额,处理结果,付款日期,退票原因\n";
    let wrong = format!(
        "{head}{}X-1,5,成功,,\n{}\n{}",
        row(0, "成功", ""),
        row(1, "成功", "").replace(",094.", ",095."),
        row(2, "不详", "")
    );
    let seen = answer(&cashier, batch, false, wrong.as_bytes(), None).await.expect(200);
    assert_eq!((&seen["rows"], &seen["faulty"]), (&json!(4), &json!(3)));
    let codes: Vec<String> =
        seen["shown"].as_array().unwrap().iter().flat_map(|r| crate::world::codes(&r["faults"])).collect();
    assert_eq!(codes, ["reference_unknown", "day_unreadable", "amount_differs", "outcome_unknown"]);
    assert_eq!(answer(&cashier, batch, true, wrong.as_bytes(), None).await.blockers(), ["result_faulty"]);
    assert_eq!(payment::Entity::find().count(world.app.db.read()).await.unwrap(), 0, "nothing of it");

    let good = format!("{head}{}{}{}", row(0, "成功", ""), row(1, "交易成功", ""), row(2, "失败", "收款户名不符"));
    let (gbk, _, _) = encoding_rs::GBK.encode(&good);
    let seen = answer(&cashier, batch, false, &gbk, None).await.expect(200);
    assert_eq!(
        (&seen["paid"]["count"], &seen["bounced"]["count"], &seen["missing"]["count"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(seen["shown"][0]["bounce_reason"], "name_mismatch");
    let done = answer(&cashier, batch, true, &gbk, None).await.expect(200);
    assert_eq!(done["paid"]["count"], 2);
    let shown = cashier.get(&format!("/api/payment-batches/{batch}")).await.expect(200);
    assert_eq!((text(&shown["state"]), &shown["totals"]["open"]["count"]), ("released".into(), &json!(1)));
    let again = answer(&cashier, batch, true, &gbk, None).await.expect(200);
    assert_eq!((&again["paid"]["count"], &again["bounced"]["count"]), (&json!(0), &json!(0)));
    let other = format!("{head}{}", row(0, "失败", ""));
    let seen = answer(&cashier, batch, false, other.as_bytes(), None).await.expect(200);
    assert_eq!(seen["shown"][0]["faults"][0]["code"], "answered_otherwise");
    let rest = format!("{head}{}", row(3, "成功", ""));
    answer(&cashier, batch, true, rest.as_bytes(), None).await.expect(200);
    let shown = cashier.get(&format!("/api/payment-batches/{batch}")).await.expect(200);
    assert_eq!(text(&shown["state"]), "settled");
    let t = &shown["totals"];
    let sum = |of: &str| t[of]["sum_fen"].as_i64().unwrap();
    assert_eq!((sum("batch"), sum("items"), sum("paid") + sum("bounced")), (3 * BENEFIT, 3 * BENEFIT, 3 * BENEFIT));
    assert_eq!(t["agree"], true);
}

#[tokio::test]
async fn an_answer_in_excel_under_the_banks_own_headings_is_read_too() {
    let world = World::new().await;
    let ids = approved(&world, &[&[10_000]]).await;
    let cashier = world.user("cashier").await;
    keep(&cashier, &world, |l| l["result"]["outcome"] = json!("返回码")).await.expect(200);
    let (batch, items) = released(&world, &ids).await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in ["客户流水号", "交易金额", "返回码", "状态"].into_iter().enumerate() {
        sheet.write_string(2, column as u16, title).unwrap();
    }
    sheet.write_string(3, 0, text(&items[0]["reference"])).unwrap();
    sheet.write_number(3, 1, 3283.0).unwrap();
    sheet.write_string(3, 2, "ACSC").unwrap();
    sheet.write_string(3, 3, "随便什么").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(
        answer(&cashier, batch, false, &bytes, None).await.expect(200)["shown"][0]["faults"][0]["code"],
        "day_unreadable"
    );
    let today = clock::today().to_string();
    assert_eq!(answer(&cashier, batch, true, &bytes, Some(&today)).await.expect(200)["paid"]["sum_fen"], BENEFIT);
    let picture = crate::world::png(3);
    assert_eq!(answer(&cashier, batch, false, &picture, None).await.blockers(), ["file_not_table"]);
    assert_eq!(answer(&cashier, batch, false, b"a,b\n1,2\n", None).await.blockers(), ["heading_missing"]);
    assert_eq!(answer(&cashier, batch, false, b"", None).await.blockers(), ["file_empty"]);
}
