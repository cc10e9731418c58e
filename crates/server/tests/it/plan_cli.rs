//! `huzhu plan …` as somebody types it.
use std::{path::Path, process::Command};

use serde_json::{Value, json};

fn huzhu(args: &[&str]) -> (bool, String, String) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let done = Command::new(env!("CARGO_BIN_EXE_huzhu")).args(args).current_dir(root).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.success(), text(done.stdout), text(done.stderr))
}

fn file(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn every_plan_of_the_product_is_in_order() {
    let (ok, said, _) = huzhu(&["plan", "check", "plans"]);
    assert!(ok && said.ends_with("all in order\n"), "{said}");
    assert!(said.contains("    ✓ inpatient_medical «个人自付 6 566.00 元的一半» 3,283.00"), "{said}");
}

#[test]
fn a_faulty_file_is_told_with_file_line_field_and_what_would_be_right() {
    let dir = tempfile::tempdir().unwrap();
    let text = include_str!("../../../../plans/hubei-general-2024.toml");
    let faulty = file(dir.path(), "x.toml", &text.replace("0.70", "7"));
    let (ok, said, _) = huzhu(&["plan", "check", &faulty]);
    let line = text.lines().position(|l| l.contains("0.70")).unwrap() + 1;
    let expected = format!("第 {line} 行 liability.0.benefit.reimbursement.bands.0.rate：比例“7”应在 0 到 1");
    assert!(!ok && said.contains("x.toml") && said.contains(&expected), "{said}");
    let wrong = file(dir.path(), "y.toml", &text.replace("1213.69", "1213.68"));
    let (ok, said, _) = huzhu(&["plan", "check", &wrong]);
    assert!(!ok && said.contains("✗ inpatient_medical «四舍五入到分» 1,213.68 ≠ 1,213.69"), "{said}");
}

#[test]
fn versions_of_one_plan_may_neither_overlap_nor_leave_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let text = include_str!("../../../../plans/hubei-general-2024.toml");
    let first = file(dir.path(), "a.toml", &text.replace("2026-12-31", "2024-12-31"));
    let later = |from: &str| text.replace("version = \"2024\"", "version = \"2025\"").replace("2024-01-01", from);
    let check = |name: &str, from: &str| {
        let second = file(dir.path(), name, &later(from));
        let (ok, said, _) = huzhu(&["plan", "check", &first, &second]);
        (ok, said)
    };
    assert!(check("b.toml", "2025-01-01").0);
    let (ok, said) = check("c.toml", "2024-12-31");
    assert!(!ok && said.contains("生效日期重叠：2024-12-31 ~ 2024-12-31"), "{said}");
    let (ok, said) = check("d.toml", "2025-02-01");
    assert!(!ok && said.contains("2025-01-01 ~ 2025-01-31 没有任何版本覆盖"), "{said}");
}

#[test]
fn facts_come_to_an_amount_and_a_trace_that_sums_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let facts = json!({
        "coverage": { "from": "2024-01-01", "to": "2024-12-31" },
        "statements": [{ "self_pay": 19066.02 }, { "self_pay": "100" }],
    });
    let facts = file(dir.path(), "facts.json", &facts.to_string());
    let plan = "plans/yueyang-inpatient-2024.toml";
    let (ok, said, complaint) = huzhu(&["plan", "calc", plan, "--liability", "inpatient_medical", "--facts", &facts]);
    assert!(ok, "{complaint}");
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&answer["amount"], &answer["amount_fen"]), (&json!("6926.41"), &json!(692_641)));
    let changes = answer["trace"].as_array().unwrap().iter().map(|s| s["change"].as_str().unwrap().to_owned());
    let sum: f64 = changes.map(|c| c.parse::<f64>().unwrap()).sum();
    assert!((sum - 6926.41).abs() < 0.000_001, "{sum}");
    let (ok, _, complaint) = huzhu(&["plan", "calc", plan, "--liability", "x", "--facts", &facts]);
    assert!(!ok && complaint.contains("there are inpatient_medical"), "{complaint}");
    let bad = file(dir.path(), "bad.json", "{ \"statements\": [{ \"self_pay\": -1 }] }");
    let (ok, _, complaint) = huzhu(&["plan", "calc", plan, "--liability", "inpatient_medical", "--facts", &bad]);
    assert!(!ok && complaint.contains("“-1”不是金额"), "{complaint}");
    let early = file(
        dir.path(),
        "early.json",
        &json!({ "coverage": { "from": "2020-01-01", "to": "2020-12-31" }, "statements": [{}] }).to_string(),
    );
    let (ok, _, complaint) = huzhu(&["plan", "calc", plan, "--liability", "inpatient_medical", "--facts", &early]);
    assert!(!ok && complaint.contains("不在本版本的生效日期 2024-01-01 ~ 2026-12-31 内"), "{complaint}");
}

#[test]
fn a_rule_is_said_in_sentences_of_either_language() {
    let (ok, said, _) = huzhu(&["plan", "explain", "plans/weihai-major-2024.toml"]);
    assert!(ok);
    for sentence in
        ["10,000.00–40,000.00 元部分按 80% 给付。", "分段按一个保障期累计。", "一个保障期内最多给付 50,000.00 元。"]
    {
        assert!(said.contains(sentence), "{said}");
    }
    let (_, said, _) = huzhu(&["plan", "explain", "--lang", "en", "plans/beijing-allowance-2026.toml"]);
    assert!(said.contains("3 days a stay are not paid; the days above are paid."), "{said}");
    assert!(!said.contains("explain_") && !said.contains('{'), "{said}");
}

#[test]
fn the_committed_schema_is_the_programs() {
    let (ok, said, _) = huzhu(&["plan", "schema"]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/plan.schema.json");
    assert!(ok && said.trim() == std::fs::read_to_string(path).unwrap_or_default().trim(), "run `make gen`");
}
