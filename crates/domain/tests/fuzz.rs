//! Whatever bytes come: no panic, no hang, and no amount out of a plan that makes no sense.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use huzhu_domain::{
    benefit::{Example, Formula, Plan, UsageBook},
    money::{Fen, MAX_AMOUNT},
};
use proptest::prelude::*;
use support::{facts, plan};

const SEEDS: [&str; 6] = [
    include_str!("../../../plans/harbin-inpatient-2026.toml"),
    include_str!("../../../plans/weihai-major-2024.toml"),
    include_str!("golden/modifiers.toml"),
    include_str!("golden/allowances.toml"),
    include_str!("golden/sums.toml"),
    include_str!("golden/bands.toml"),
];

/// What may be asked of any plan that was read.
fn exercise(plan: &Plan) -> Result<(), TestCaseError> {
    for result in plan.check_examples() {
        prop_assert!(result.actual >= Fen::ZERO && result.actual <= MAX_AMOUNT);
    }
    prop_assert!(!plan.explain().is_empty());
    for liability in &plan.liabilities {
        prop_assert!(serde_json::to_string(&liability.curve(plan)).is_ok());
    }
    Ok(())
}

/// A seed with something done to it.
fn mutated() -> impl Strategy<Value = String> {
    let numbers = prop_oneof![
        Just("99999999.99"),
        Just("0"),
        Just("-1"),
        Just("4294967295"),
        Just("1e9"),
        Just("0.000001"),
        Just("10")
    ];
    (0..SEEDS.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6_u8, numbers, any::<String>())
        .prop_map(|(seed, a, b, how, number, noise)| {
            let mut lines: Vec<String> = SEEDS[seed].lines().map(str::to_owned).collect();
            let (i, j) = (a.index(lines.len()), b.index(lines.len()));
            match how {
                0 => drop(lines.remove(i)),
                1 => lines.insert(i, lines[j].clone()),
                2 => lines.swap(i, j),
                3 => lines[i] = lines[i].chars().map(|c| if c == '"' { '\'' } else { c }).collect(),
                4 => {
                    let digits = |c: char| c.is_ascii_digit() || c == '.';
                    let start = lines[i].find(digits).unwrap_or(0);
                    let end = lines[i][start..].find(|c| !digits(c)).map_or(lines[i].len(), |n| start + n);
                    lines[i].replace_range(start..end, number);
                }
                _ => lines[i].push_str(&noise),
            }
            lines.join("\n")
        })
}

proptest! {
    #![proptest_config(support::config())]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(plan) = Plan::parse(&text) {
            exercise(&plan)?;
        }
    }

    #[test]
    fn a_mutated_plan_is_read_or_refused_with_a_place(text in mutated()) {
        match Plan::parse(&text) {
            Ok(plan) => exercise(&plan)?,
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                let lines = text.split('\n').count();
                for fault in faults {
                    prop_assert!(fault.line.is_some_and(|n| (1..=lines).contains(&n)), "{fault:?}");
                }
            }
        }
    }

    #[test]
    fn a_twice_mutated_plan_that_is_read_can_be_computed(a in mutated(), b in mutated(), facts in facts()) {
        let half = a.len() / 2;
        let cut = (0..=half).rev().find(|i| a.is_char_boundary(*i)).unwrap_or(0);
        let text = format!("{}\n{b}", &a[..cut]);
        if let Ok(plan) = Plan::parse(&text) {
            exercise(&plan)?;
            let facts = support::Facts { liability: facts.liability % plan.liabilities.len(), ..facts };
            let amount = facts.calculate(&plan, &UsageBook::default()).amount;
            prop_assert!(amount >= Fen::ZERO && amount <= MAX_AMOUNT);
        }
    }

    #[test]
    fn random_plans_can_be_said_and_drawn(plan in plan()) {
        exercise(&plan)?;
    }

    #[test]
    fn any_facts_are_read_or_refused(text in any::<String>(), used in any::<i64>(), days in any::<u32>(), shares in any::<u32>()) {
        let object = text.trim_start().as_bytes().first() == Some(&123);
        prop_assert!(object || Example::from_json(&text).is_err());
        let json = format!("{{\"shares\":{shares},\"day\":{days},\"statements\":[{{\"days\":{days},\"self_pay\":\"{used}\"}}],\"used\":{{\"times\":{days},\"amount\":\"{used}\"}}}}");
        let plan = Plan::parse(SEEDS[0]).unwrap();
        if let Ok(example) = Example::from_json(&json) {
            for liability in &plan.liabilities {
                let amount = example.calculate(&plan, liability).map_or(Fen::ZERO, |c| c.amount);
                prop_assert!(amount >= Fen::ZERO && amount <= MAX_AMOUNT);
            }
        }
    }

    #[test]
    fn any_soup_of_tokens_is_a_formula_or_says_why(words in prop::collection::vec("self_pay|total|days|min|max|[0-9]{1,12}(\\.[0-9]{0,8})?|[-+*(),/^]|[a-z_]{1,9}| |元", 0..60)) {
        if let Err(why) = Formula::parse(&words.concat()) {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&why).is_ok(), "{why}");
        }
    }
}
