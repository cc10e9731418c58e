//! What the model's people do: each act of the workflow as the browser would send it, with random content that makes sense.
use axum::{body::Body, http::Method};
use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};

use crate::world::{Answer, User, payee, png, statement, text};

/// One of them.
pub fn any<T: Clone>(rng: &mut StdRng, of: &[T]) -> T {
    of[rng.random_range(0..of.len())].clone()
}

/// How somebody goes about an act.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As chance has it.
    Random,
    /// With the version before the one that is seen.
    Stale,
    /// To get the case to its end: what was answered is accepted.
    Onward,
}

/// Does an act to a case as the caller sees it. None where there is nothing to do it to.
pub async fn perform(rng: &mut StdRng, user: &User, seen: &Value, act: &str, way: Way) -> Option<Answer> {
    let stale = way == Way::Stale;
    let id = seen["id"].as_i64().unwrap();
    let version = seen["version"].as_i64().unwrap() - i64::from(stale);
    let post = async |path: &str, more: Value| {
        let mut body = json!({ "version": version });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user.post(&format!("/api/cases/{id}/{path}"), body).await
    };
    let note = "随机的说明";
    let done = match act {
        "edit_materials" => {
            let missing = missing_papers(seen);
            let kind = missing.first().cloned().unwrap_or_else(|| "settlement".to_owned());
            if kind == "bank_card" {
                user.put(&format!("/api/cases/{id}/material-fields/bank_card"), bank_fields()).await;
            }
            user.upload(id, &kind, "p.png", &png(rng.random_range(0..=255))).await
        }
        "confirm_materials" => post("confirm-materials", json!({})).await,
        "save_draft" => {
            let self_pay = rng.random_range(1..=12) * 100_000;
            let draft = draft(seen, version, self_pay);
            user.save(id, draft).await
        }
        "delete" | "take" | "release" | "calculate" | "submit" => post(act, json!({})).await,
        "withdraw" => post(act, json!({ "reason": "member_request" })).await,
        "approve" => post(act, json!({ "note": note })).await,
        "deny" => post(act, json!({ "reason": "excluded", "note": note })).await,
        "return" => {
            let to = any(rng, &["expense_entry", "materials"]);
            post(act, json!({ "to": to, "reason": "other", "note": note })).await
        }
        "assign" => {
            let offered = user.get(&format!("/api/cases/{id}/assignees")).await.expect(200);
            let offered = offered.as_array().unwrap().clone();
            // Nobody could take it: whoever is named is refused, and nothing changes.
            let to = if offered.is_empty() { json!(1) } else { any(rng, &offered)["id"].clone() };
            let answer = post(act, json!({ "user_id": to, "note": note })).await;
            if offered.is_empty() && !stale {
                assert_eq!(answer.blockers(), ["assignee_unfit"]);
                return None;
            }
            answer
        }
        "reduce" => {
            let cut = json!({
                "statement": 1, "part": "self_pay", "amount_fen": rng.random_range(1..=30_000), "reason": "not_covered",
                "note": note
            });
            post(act, cut).await
        }
        "unreduce" => match seen["reductions"].as_array().unwrap().iter().find(|r| r["stands"] == json!(true)) {
            Some(cut) => post(&format!("reductions/{}/withdraw", cut["id"]), json!({})).await,
            None => return None,
        },
        "answer_warning" => match open_warnings(seen).as_slice() {
            [] => return None,
            open => {
                let w = any(rng, open);
                let said = json!({
                    "code": w["code"], "statement": w["statement"], "accepted": way == Way::Onward || rng.random_bool(0.9),
                    "note": note
                });
                post("answer-warning", said).await
            }
        },
        "confirm_payment" => pay(rng, user, seen, way).await,
        "record_receipt" => {
            let left = seen["after"]["recovery"]["left_fen"].as_i64().unwrap();
            let part = if rng.random_bool(0.5) { left } else { rng.random_range(1..=left.max(1)) };
            let receipt = json!({
                "amount_fen": part.max(1), "received_on": "2026-11-20", "way": "bank_transfer"
            });
            post("receipts", receipt).await
        }
        "ask_write_off" => post("write-off", json!({ "reason": "unreachable", "note": note })).await,
        "decide_receipt" | "decide_write_off" => {
            let kind = if act == "decide_receipt" { "receipt" } else { "write_off" };
            let entries = seen["after"]["recovery"]["entries"].as_array().unwrap().iter();
            let waits = |e: &&Value| text(&e["kind"]) == kind && e["confirm"] == json!([]);
            let Some(entry) = entries.clone().find(waits) else {
                // What waits was recorded by the caller: another's to decide.
                let own = entries.clone().find(|e| text(&e["kind"]) == kind && e["accepted"].is_null())?;
                let refused = json!({ "entry_id": own["id"], "accepted": true });
                assert_eq!(post(verdict_path(kind), refused).await.blockers(), ["recorded_by_you"]);
                return None;
            };
            let accepted = way == Way::Onward || rng.random_bool(0.8);
            post(verdict_path(kind), json!({ "entry_id": entry["id"], "accepted": accepted, "note": note })).await
        }
        other => panic!("teach the model what {other} is"),
    };
    Some(done)
}

/// The next thing that a cashier does for a case: a batch is made of it, released by another, settled; what came back is
/// repaired, and goes into another batch.
async fn pay(rng: &mut StdRng, user: &User, seen: &Value, way: Way) -> Answer {
    let items = user.get(&format!("/api/cases/{}/payment-items", seen["id"])).await.expect(200);
    let in_state = |states: &[&str]| {
        let mut items = items.as_array().unwrap().iter();
        items.find(|i| states.contains(&text(&i["state"]).as_str()))
    };
    if let Some(item) = in_state(&["bounced"]) {
        return repair(rng, user, item, way).await;
    }
    let Some(item) = in_state(&["draft", "sent"]) else {
        return user.post("/api/payment-batches", json!({ "cases": [seen["id"]] })).await;
    };
    let path = format!("/api/payment-batches/{}", item["batch_id"]);
    let batch = user.get(&path).await.expect(200);
    let version = &batch["version"];
    if item["state"] == "draft" {
        let act = if way == Way::Random && rng.random_bool(0.1) { "cancel" } else { "release" };
        return user.post(&format!("{path}/{act}"), json!({ "version": version })).await;
    }
    let comes_back = way == Way::Random && rng.random_bool(0.5);
    let settled = match comes_back {
        true => json!({
            "version": version, "bounced": [{ "id": item["id"], "reason": "account_wrong", "words": "账号不存在" }]
        }),
        false => json!({ "version": version, "all_others": true, "paid_on": huzhu::platform::clock::today() }),
    };
    user.post(&format!("{path}/settle"), settled).await
}

/// What came back gets an account: asked for by one, agreed to (or not) by another.
async fn repair(rng: &mut StdRng, user: &User, item: &Value, way: Way) -> Answer {
    let of_case = json!({ "tab": "proposed", "case_no": item["case_no"] });
    let proposed = user.post("/api/bounced/search", of_case).await.expect(200);
    if proposed["total"] == json!(0) {
        return correct_account(user, item, &text(&item["account_no"]), None).await;
    }
    let path = format!("/api/bounced/{}", item["id"]);
    match way == Way::Random && rng.random_bool(0.2) {
        true => user.post(&format!("{path}/refuse"), json!({ "note": "照片不清" })).await,
        false => user.post(&format!("{path}/approve"), json!({})).await,
    }
}

/// Asks for an account for what came back.
pub async fn correct_account(user: &User, item: &Value, account_no: &str, picture: Option<Vec<u8>>) -> Answer {
    let mut body = Vec::new();
    let texts = [
        ("payee_name", text(&item["payee_name"])),
        ("account_no", account_no.to_owned()),
        ("bank_name", text(&item["bank_name"])),
        ("reason", "与领款人核对".to_owned()),
    ];
    for (name, value) in texts {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    if let Some(picture) = picture {
        body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"card.png\"\r\n\r\n");
        body.extend(picture);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    user.send(Method::POST, &format!("/api/bounced/{}/correction", item["id"]), &headers, Body::from(body)).await
}

/// An appeal of the member's own.
pub fn appeal(day: &str) -> Value {
    json!({
        "appellant_name": "冯玉兰", "appellant_relation": "self", "appellant_phone": "13900000000", "appealed_on": day,
        "grounds": "住院原因在保障范围内"
    })
}

/// A complete draft with some self-pay, every warning answered.
fn draft(seen: &Value, version: i64, self_pay_fen: i64) -> Value {
    let from = text(&seen["incident_date"]);
    let to = format!("{}28", &from[..8]);
    let mut one = statement();
    for (field, value) in [
        ("admitted_on", json!(from)),
        ("discharged_on", json!(to)),
        ("self_pay_fen", json!(self_pay_fen)),
        ("total_fen", json!(2_000_000 + self_pay_fen)),
        ("cash_paid_fen", json!(200_000 + self_pay_fen)),
        ("actual_paid_fen", json!(200_000 + self_pay_fen)),
        ("invoice_no", json!(format!("M{}", seen["id"]))),
    ] {
        one[field] = value;
    }
    let answered = |w: &Value| json!({ "code": w["code"], "statement": w["statement"], "reason": "已核对" });
    let reasons: Vec<Value> = seen["warnings"].as_array().unwrap().iter().map(answered).collect();
    json!({
        "version": version,
        "payees": [payee("self", &text(&seen["member"]["name"]), "6222020909003028973", 10_000)],
        "incident": { "cause": "肺炎", "from": from, "to": to, "class_code": null },
        "statements": [one],
        "warning_reasons": reasons
    })
}

/// The warnings of which one keeps the caller from approving: unanswered, or not accepted by them.
pub fn open_warnings(seen: &Value) -> Vec<Value> {
    let acts = seen["allowed_actions"].as_array().unwrap().iter();
    let blockers = acts.filter(|a| a["action"] == "approve").flat_map(|a| a["blockers"].as_array().unwrap());
    let codes: Vec<&Value> = blockers.map(|b| &b["args"]["warning"]).filter(|code| code.is_string()).collect();
    let warnings = seen["warnings"].as_array().unwrap().iter();
    warnings.filter(|w| codes.contains(&&w["code"])).cloned().collect()
}

fn verdict_path(kind: &str) -> &'static str {
    if kind == "receipt" { "receipts/verdict" } else { "write-off/verdict" }
}

pub fn missing_papers(seen: &Value) -> Vec<String> {
    let items = seen["materials"].as_array().unwrap().iter();
    let lacks = |item: &&Value| {
        item["required"] == json!(true)
            && (item["files"].as_array().unwrap().len() as i64) < item["min"].as_i64().unwrap_or(1)
    };
    items.filter(lacks).map(|item| text(&item["kind"])).collect()
}

fn bank_fields() -> Value {
    json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } })
}

/// The appeal that nobody has decided.
pub fn open_appeal(after: &Value) -> Option<Value> {
    after["appeals"].as_array().unwrap().iter().find(|a| a["state"] == "open").cloned()
}

/// Whether 保存 has something to do: a field is missing, or a warning unanswered.
pub fn warnings_open(seen: &Value) -> bool {
    let acts = seen["allowed_actions"].as_array().unwrap();
    let submit = acts.iter().find(|a| a["action"] == "submit");
    let of_entry = ["field_wrong", "statement_missing", "warning_unanswered", "case_warning_unanswered"];
    submit.is_some_and(|s| {
        s["blockers"].as_array().unwrap().iter().any(|b| of_entry.contains(&text(&b["code"]).as_str()))
    })
}

/// How often an act is chosen: ends are rare, or chance would never come far.
pub fn weight(act: &str) -> usize {
    match act {
        "delete" | "withdraw" => 2,
        "deny" => 5,
        "edit_materials" | "save_draft" | "release" | "return" | "assign" => 8,
        _ => 24,
    }
}

/// What the caller may do there, and whether nothing stands in the way.
pub fn actions(seen: &Value) -> Vec<(String, bool)> {
    let list = seen["allowed_actions"].as_array().unwrap();
    list.iter().map(|a| (text(&a["action"]), a["blockers"] == json!([]))).collect()
}
