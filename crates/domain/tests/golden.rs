//! Golden tables: every parameter of a plan at its edges, amounts worked out by hand. The plans are in `golden/`.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::collections::BTreeSet;

use huzhu_domain::benefit::Plan;
use serde_json::Value;

const GOLDEN: [(&str, &str); 13] = [
    ("deductibles", include_str!("golden/deductibles.toml")),
    ("bands", include_str!("golden/bands.toml")),
    ("modifiers", include_str!("golden/modifiers.toml")),
    ("levels", include_str!("golden/levels.toml")),
    ("periods", include_str!("golden/periods.toml")),
    ("formulas", include_str!("golden/formulas.toml")),
    ("limits", include_str!("golden/limits.toml")),
    ("allowances", include_str!("golden/allowances.toml")),
    ("sums", include_str!("golden/sums.toml")),
    ("waiting", include_str!("golden/waiting.toml")),
    ("groups", include_str!("golden/groups.toml")),
    ("rounding", include_str!("golden/rounding.toml")),
    ("combined", include_str!("golden/combined.toml")),
];

/// What a plan may say that changes no amount: papers, and the day by which a claim is in time.
const NO_AMOUNT: [&str; 10] = [
    "MaterialRule",
    "PictureFormat",
    "Deadline",
    "DeadlineFrom",
    "EnrolmentTerms",
    "enrolment",
    "basis",
    "material",
    "reusable",
    "second_review_from",
];

#[test]
fn every_golden_example_comes_out_to_the_fen() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for (name, text) in GOLDEN {
        let plan = Plan::parse(text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        for result in plan.check_examples() {
            count += 1;
            if !result.passes() {
                let (liability, example) = (result.liability, result.name);
                wrong.push(format!("{name} {liability} «{example}»: {} ≠ {}", result.expected, result.actual));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 300, "{count} examples were read");
}

/// The names of fields and the words that a part of the format may say.
fn words<'a>(schema: &'a Value, out: &mut BTreeSet<&'a str>) {
    let object = |key| schema[key].as_object().into_iter().flatten();
    out.extend(object("properties").map(|(name, _)| name.as_str()));
    out.extend(schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    for part in ["oneOf", "anyOf"].iter().flat_map(|key| schema[key].as_array().into_iter().flatten()) {
        words(part, out);
    }
}

#[test]
fn no_parameter_is_without_a_golden_example() {
    let schema: Value = serde_json::from_str(include_str!("../../../plans/plan.schema.json")).unwrap();
    let mut wanted = BTreeSet::new();
    for (name, part) in schema["$defs"].as_object().unwrap() {
        if !NO_AMOUNT.contains(&name.as_str()) {
            words(part, &mut wanted);
        }
    }
    let of_papers = ["deadline", "claimed_on"];
    let wanted = wanted.into_iter().filter(|word| !NO_AMOUNT.contains(word) && !of_papers.contains(word));
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let said: BTreeSet<&str> = GOLDEN.iter().flat_map(|(_, text)| text.split(|c| !letter(c))).collect();
    let missing: Vec<&str> = wanted.filter(|word| !said.contains(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
