//! Golden tables: every parameter of a plan at its edges, amounts worked out by hand. The plans are in `golden/`.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use huzhu_domain::benefit::Plan;

const GOLDEN: [(&str, &str); 7] = [
    ("deductibles", include_str!("golden/deductibles.toml")),
    ("bands", include_str!("golden/bands.toml")),
    ("modifiers", include_str!("golden/modifiers.toml")),
    ("formulas", include_str!("golden/formulas.toml")),
    ("limits", include_str!("golden/limits.toml")),
    ("allowances", include_str!("golden/allowances.toml")),
    ("sums", include_str!("golden/sums.toml")),
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
    assert!(count > 100, "{count} examples were read");
}
