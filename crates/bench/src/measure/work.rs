//! What the people of office 3700 do, as their pages do it.
use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use crate::{Fault, client::Client, fill::people::drawn};

const ON: &str = "2026-10-10";

/// A row of 确认受理 for a member.
///
/// # Errors
/// When the member may not claim.
pub async fn claim(client: &Client, id_number: &str) -> Result<Value, Fault> {
    let asked = json!({ "id_kind": "resident_id", "id_number": id_number, "incident_date": ON });
    let found = client.post("/api/acceptance/eligibility", &asked).await?;
    let rows = found["rows"].as_array().ok_or("no rows")?;
    let row = rows.iter().find(|r| r["claim_type"] == "disease_inpatient").ok_or("may not claim")?;
    Ok(json!({
        "coverage_id": row["coverage_id"], "liability_code": row["liability_code"],
        "claim_type": "disease_inpatient", "incident_date": ON,
    }))
}

/// Accepts claims; the ids of the cases.
///
/// # Errors
/// When one is refused.
pub async fn accept(client: &Client, key: &str, rows: &[Value]) -> Result<Vec<i64>, Fault> {
    let done = client.post_once("/api/acceptance/cases", key, &json!({ "rows": rows })).await?;
    Ok(done["cases"].as_array().into_iter().flatten().filter_map(|c| c["id"].as_i64()).collect())
}

/// A small picture of a paper; no two look alike.
pub fn paper(n: i64) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, y| {
        let [r, g, b, ..] = drawn((n.unsigned_abs() << 16) + u64::from(y * 64 + x)).to_le_bytes();
        image::Rgb([r, g, b])
    });
    let mut out = Cursor::new(Vec::new());
    let _memory = picture.write_to(&mut out, ImageFormat::Png);
    out.into_inner()
}

/// An act that wants nothing but the version; the case afterwards.
///
/// # Errors
/// When it is refused.
pub async fn act(client: &Client, id: i64, act: &str, version: &Value) -> Result<Value, Fault> {
    client.post(&format!("/api/cases/{id}/{act}"), &json!({ "version": version })).await
}

/// 材料上传 and 费用录入, as far as 申领计算 needs them; the case afterwards.
///
/// # Errors
/// When something is refused.
pub async fn enter(client: &Client, id: i64) -> Result<Value, Fault> {
    for (n, kind) in (0..).zip(["id_card", "bank_card", "settlement", "application_form"]) {
        client.upload(id, kind, paper(id * 4 + n)).await?;
    }
    let fields = json!({ "fields": { "account_no": "6222020909003028973", "bank_name": "中国工商银行" } });
    client.put(&format!("/api/cases/{id}/material-fields/bank_card"), &fields).await?;
    let seen = client.get(&format!("/api/cases/{id}")).await?;
    let seen = act(client, id, "confirm-materials", &seen["version"]).await?;
    let seen = act(client, id, "take", &seen["version"]).await?;
    let mut entry = json!({
        "version": seen["version"],
        "payees": [{
            "relation": "self", "name": seen["member"]["name"], "phone": "13900000000",
            "account_no": "6222020909003028973", "bank_name": "中国工商银行", "share": 10_000
        }],
        "incident": { "cause": "肺炎", "from": ON, "to": "2026-10-12", "class_code": null },
        "statements": [{
            "hospital": "济南示例医院", "hospital_level": "tertiary", "insurance_type": "employee",
            "admitted_on": ON, "discharged_on": "2026-10-12",
            "total_fen": 2_656_600, "pooled_fund_paid_fen": 1_800_000, "other_paid_fen": null,
            "self_pay_fen": 656_600, "deductible_fen": null, "upfront_self_pay_fen": null,
            "out_of_scope_fen": 200_000, "personal_account_paid_fen": null, "cash_paid_fen": 856_600,
            "actual_paid_fen": 856_600, "non_local": false, "non_local_registered": false,
            "invoice_no": format!("B{id}"), "diagnosis": "肺炎", "department": "呼吸科"
        }],
        "warning_reasons": []
    });
    let saved = client.put(&format!("/api/cases/{id}/draft"), &entry).await?;
    let answered = |w: &Value| json!({ "code": w["code"], "statement": w["statement"], "reason": "已核对" });
    let reasons: Vec<Value> = saved["warnings"].as_array().into_iter().flatten().map(answered).collect();
    if reasons.is_empty() {
        return Ok(saved);
    }
    entry["version"] = saved["version"].clone();
    entry["warning_reasons"] = json!(reasons);
    client.put(&format!("/api/cases/{id}/draft"), &entry).await
}
