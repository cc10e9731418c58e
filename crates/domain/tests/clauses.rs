//! What the documents say is true. `plans/README.md`: what the middle column says is a plan, and pays what the last column
//! says. `docs/adding-a-plan.md`: its file and its facts can be read and come out.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use huzhu_domain::{
    benefit::{Example, Plan},
    money::Fen,
};

const README: &str = include_str!("../../../plans/README.md");
const REFERENCE: &str = include_str!("../../../docs/adding-a-plan.md");

/// Fields of a `[[liability]]`; what else stands before a header belongs to its rule.
const OF_LIABILITY: [&str; 11] = [
    "claim_types",
    "waiting_days",
    "waiting",
    "minimum",
    "per_stay",
    "per_claim",
    "caps",
    "ends_cover",
    "deadline",
    "rounding",
    "clauses",
];

const HEAD: &str = r#"
code = "table"
version = "1"
name = "一"
effective_from = "2024-01-01"
effective_to = "2024-12-31"
[[liability]]
code = "a"
name = "甲"
"#;

const OTHER: &str = r#"
[[liability]]
code = "b"
name = "乙"
claim_types = ["outpatient"]
[liability.benefit.fixed_sum]
amount = "100"
"#;

/// What stands between backticks.
fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The plan of one row.
fn plan_of(says: &str, example: &str) -> String {
    let (mut liability, mut rule, mut rest, mut header) = (String::new(), String::new(), String::new(), None);
    for span in spans(says) {
        let field = span.split(" = ").next().unwrap();
        match header {
            _ if span.starts_with('[') => {
                header = Some(span);
                if span == "[[group]]" {
                    rest.push_str("[[group]]\ncode = \"g\"\nname = \"组\"\n");
                } else if span == "[[material]]" {
                    rest.push_str("[[material]]\n");
                } else {
                    rule.push_str(span);
                    rule.push('\n');
                }
            }
            None if OF_LIABILITY.contains(&field) => liability += &format!("{span}\n"),
            Some(h) if h.starts_with("[[") => rest += &format!("{span}\n"),
            _ => rule += &format!("{span}\n"),
        }
    }
    if !liability.contains("claim_types") {
        liability += "claim_types = [\"disease_inpatient\"]\n";
    }
    if !rule.starts_with('[') {
        let base = if rule.contains("base = ") { "" } else { "base = \"self_pay\"\n" };
        rule = format!("[liability.benefit.reimbursement]\n{base}{rule}");
    }
    let facts: Vec<&str> = spans(example).collect();
    let amount = example.rsplit('→').next().unwrap().trim();
    let example = format!("[[liability.example]]\nname = \"例\"\n{}\namount = \"{amount}\"\n", facts.join("\n"));
    format!("{HEAD}{liability}{rule}{example}{OTHER}{rest}")
}

#[test]
fn every_clause_of_the_readme_is_a_plan_that_pays_what_it_says() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in README.lines().filter(|l| l.starts_with('|') && l.contains('→')) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [clause, says, example] = cells[..] else { panic!("three columns: {row}") };
        count += 1;
        match Plan::parse(&plan_of(says, example)) {
            Err(faults) => wrong.push(format!("{clause}: {faults:?}")),
            Ok(plan) => {
                let failed = plan.check_examples().into_iter().find(|r| !r.passes());
                wrong.extend(failed.map(|r| format!("{clause}: {} ≠ {}", r.expected, r.actual)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "{count} rows were read");
}

/// The first block of a language in the reference.
fn block(language: &str) -> &'static str {
    let start = REFERENCE.split_once(&format!("```{language}\n")).unwrap().1;
    start.split_once("```").unwrap().0
}

#[test]
fn the_smallest_file_of_the_reference_is_in_order() {
    let plan = Plan::parse(block("toml")).unwrap();
    let results = plan.check_examples();
    assert!(!results.is_empty() && results.iter().all(|r| r.passes()), "{results:?}");
}

#[test]
fn the_facts_of_the_reference_are_computed() {
    // The command line reads JSON numbers as the text that stands there; the domain reads text.
    let facts = Example::from_json(&block("json").replace("6566.00", "\"6566.00\"")).unwrap();
    let plan = Plan::parse(include_str!("../../../plans/harbin-inpatient-2023.toml")).unwrap();
    assert_eq!(facts.calculate(&plan, &plan.liabilities[0]).unwrap().amount, Fen(328_300));
}

#[test]
fn the_reference_names_every_field_and_word_of_the_format() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../../plans/plan.schema.json")).unwrap();
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let said: Vec<&str> = REFERENCE.split(|c| !letter(c)).collect();
    let mut missing = Vec::new();
    let mut open: Vec<&serde_json::Value> = schema["$defs"].as_object().unwrap().values().collect();
    while let Some(part) = open.pop() {
        let fields = part["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let words = part["enum"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        missing.extend(fields.chain(words).filter(|word| !said.contains(word)));
        open.extend(["oneOf", "anyOf"].iter().flat_map(|key| part[key].as_array().into_iter().flatten()));
    }
    assert!(missing.is_empty(), "{missing:?}");
}
