//! What the model's people do: each act of the workflow as the browser would send it, with random content that makes sense.
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
        "confirm_payment" => pay(user, seen).await,
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

/// The next thing that a cashier does for a case: a batch is made of it, released by another, settled.
async fn pay(user: &User, seen: &Value) -> Answer {
    let items = user.get(&format!("/api/cases/{}/payment-items", seen["id"])).await.expect(200);
    let open = items.as_array().unwrap().iter().find(|i| ["draft", "sent"].contains(&text(&i["state"]).as_str()));
    let Some(item) = open else {
        return user.post("/api/payment-batches", json!({ "cases": [seen["id"]] })).await;
    };
    let path = format!("/api/payment-batches/{}", item["batch_id"]);
    let batch = user.get(&path).await.expect(200);
    if item["state"] == "draft" {
        return user.post(&format!("{path}/release"), json!({ "version": batch["version"] })).await;
    }
    let on = huzhu::platform::clock::today();
    let settled = json!({ "version": batch["version"], "all_others": true, "paid_on": on });
    user.post(&format!("{path}/settle"), settled).await
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
