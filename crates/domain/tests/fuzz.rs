//! Whatever bytes come: no panic, no hang, and no amount out of a plan that makes no sense.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod support;

use huzhu_domain::{
    benefit::{Amount, Benefit, Curve, Example, Formula, Limits, Plan, UsageBook},
    money::{Fen, MAX_AMOUNT},
};
use proptest::{prelude::*, sample::Index};
use support::{
    claims::{Facts, facts},
    config, fen, pick, plans, rules,
};

const SEEDS: [&str; 10] = [
    include_str!("../../../plans/harbin-inpatient-2026.toml"),
    include_str!("../../../plans/weihai-major-2024.toml"),
    include_str!("../../../plans/beijing-female-2024.toml"),
    include_str!("golden/modifiers.toml"),
    include_str!("golden/levels.toml"),
    include_str!("golden/allowances.toml"),
    include_str!("golden/sums.toml"),
    include_str!("golden/bands.toml"),
    include_str!("golden/groups.toml"),
    include_str!("golden/combined.toml"),
];

const FACTS: &str = r#"{
  "name": "例", "claim_type": "disease_inpatient", "coverage": { "from": "2024-01-31", "to": "2024-12-31" },
  "shares": 2, "renewed": true, "incident_date": "2024-10-04", "claimed_on": "2025-01-01",
  "statements": [
    { "total": "20000", "self_pay": "6566.00", "out_of_scope": 300, "hospital_level": "secondary", "days": 7 },
    { "self_pay": "12", "admitted_on": "2024-10-04", "discharged_on": "2024-10-08", "non_local": true }
  ],
  "used": { "times": 1, "stays": 2, "amount": "3283.00", "days": 4, "base": "500" }
}"#;

/// What a claim is paid lies within the limits of the liability, whatever the plan.
fn pays_within_limits(plan: &Plan, facts: &Facts) -> Result<(), TestCaseError> {
    let liability = &plan.liabilities[facts.liability];
    let done = facts.calculate(plan, &UsageBook::default());
    prop_assert!((Fen::ZERO..=MAX_AMOUNT).contains(&done.amount), "{}", done.amount);
    let groups = plan.groups_of(&liability.code).filter_map(|g| g.caps.amount_for(facts.shares));
    let own = [liability.caps.amount, liability.per_claim.amount].into_iter().flatten();
    for cap in own.map(|cap| cap.0.times(facts.shares)).chain(groups) {
        prop_assert!(done.amount <= cap, "{} of {cap}", done.amount);
    }
    prop_assert!(liability.caps.days.is_none_or(|cap| done.usage.days <= cap));
    prop_assert!(liability.caps.stays.is_none_or(|cap| done.usage.stays <= cap));
    Ok(())
}

/// What may be asked of any plan that was read.
fn exercise(plan: &Plan, facts: &Facts) -> Result<(), TestCaseError> {
    prop_assert_eq!(plan.faults(), vec![]);
    let again = plan.to_text().map(|text| Plan::parse(&text));
    prop_assert!(again.is_ok_and(|again| again.is_ok_and(|again| again == *plan)), "it does not read back");
    for result in plan.check_examples() {
        prop_assert!((Fen::ZERO..=MAX_AMOUNT).contains(&result.actual));
    }
    prop_assert!(serde_json::to_string(&plan.explain()).is_ok());
    for (i, liability) in plan.liabilities.iter().enumerate().take(9) {
        let curve = liability.curve(plan);
        if let Curve::Cost { points } | Curve::Days { points } = &curve {
            let most = liability.caps.amount_for(1).unwrap_or(MAX_AMOUNT).0;
            prop_assert!(points.is_sorted_by(|a, b| a.0 < b.0) && points.iter().all(|p| (0..=most).contains(&p.1)));
            prop_assert!(points.len() < 5000, "{} points", points.len());
        }
        prop_assert!(serde_json::to_string(&curve).is_ok());
        pays_within_limits(plan, &Facts { liability: i, ..facts.clone() })?;
    }
    Ok(())
}

fn read_or_refused(text: &str, facts: &Facts) -> Result<(), TestCaseError> {
    match Plan::parse(text) {
        Ok(plan) => exercise(&plan, facts),
        Err(faults) => {
            prop_assert!(!faults.is_empty());
            let lines = text.split('\n').count();
            for fault in faults {
                prop_assert!(fault.line.is_some_and(|n| (1..=lines).contains(&n)), "{fault:?}");
            }
            Ok(())
        }
    }
}

const NUMBERS: [&str; 14] = [
    "99999999.99",
    "100000000",
    "0",
    "-1",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1e9",
    "0.000001",
    "0.0000001",
    "10",
    "100%",
    "33.33333%",
    "３",
];

#[derive(Clone, Debug)]
enum Change {
    Drop(Index, usize),
    Overwrite(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Double(Index, usize, Index),
    DropLine(Index),
    DoubleLine(Index, Index),
    SwapLines(Index, Index),
    Number(Index, &'static str),
    Word(Index, Index),
}

/// Something done to a text, by bytes, by lines, or to a number or a word of it.
fn changes() -> BoxedStrategy<Vec<Change>> {
    let at = any::<Index>;
    let bytes = || prop::collection::vec(any::<u8>(), 1..8);
    let change = prop_oneof![
        1 => (at(), 1..40_usize).prop_map(|(i, n)| Change::Drop(i, n)),
        1 => (at(), bytes()).prop_map(|(i, b)| Change::Overwrite(i, b)),
        1 => (at(), bytes()).prop_map(|(i, b)| Change::Insert(i, b)),
        1 => (at(), 1..80_usize, at()).prop_map(|(i, n, j)| Change::Double(i, n, j)),
        3 => at().prop_map(Change::DropLine),
        3 => (at(), at()).prop_map(|(i, j)| Change::DoubleLine(i, j)),
        2 => (at(), at()).prop_map(|(i, j)| Change::SwapLines(i, j)),
        6 => (at(), pick(NUMBERS.to_vec())).prop_map(|(i, n)| Change::Number(i, n)),
        3 => (at(), at()).prop_map(|(i, j)| Change::Word(i, j)),
    ];
    prop::collection::vec(change, 1..4).boxed()
}

/// Where runs of such characters begin and end.
fn runs(text: &str, belongs: fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (i, c) in text.char_indices().filter(|(_, c)| belongs(*c)) {
        match out.last_mut() {
            Some(run) if run.1 == i => run.1 = i + c.len_utf8(),
            _ => out.push((i, i + c.len_utf8())),
        }
    }
    out
}

fn changed(text: &str, change: &Change) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut lines: Vec<&str> = text.lines().collect();
    let place = |i: &Index, n: usize| i.index(n.max(1)).min(n);
    let end = |start: usize, n: usize| (start + n).min(text.len());
    match change {
        Change::Drop(i, n) => drop(bytes.drain(place(i, text.len())..end(place(i, text.len()), *n))),
        Change::Overwrite(i, b) => {
            let start = place(i, text.len());
            bytes.splice(start..end(start, b.len()), b.iter().copied());
        }
        Change::Insert(i, b) => drop(bytes.splice(place(i, text.len())..place(i, text.len()), b.iter().copied())),
        Change::Double(i, n, j) => {
            let (start, to) = (place(i, text.len()), place(j, text.len()));
            let copy = text.as_bytes()[start..end(start, *n)].to_vec();
            bytes.splice(to..to, copy);
        }
        Change::DropLine(i) if !lines.is_empty() => {
            lines.remove(i.index(lines.len()));
            return lines.join("\n");
        }
        Change::DoubleLine(i, j) if !lines.is_empty() => {
            lines.insert(i.index(lines.len()), lines[j.index(lines.len())]);
            return lines.join("\n");
        }
        Change::SwapLines(i, j) if !lines.is_empty() => {
            let n = lines.len();
            lines.swap(i.index(n), j.index(n));
            return lines.join("\n");
        }
        Change::Number(i, number) => {
            let found = runs(text, |c| c.is_ascii_digit() || c == '.');
            if !found.is_empty() {
                let (start, end) = found[i.index(found.len())];
                bytes.splice(start..end, number.bytes());
            }
        }
        Change::Word(i, j) => {
            let found = runs(text, |c| c.is_ascii_alphanumeric() || c == '_');
            if !found.is_empty() {
                let (from, to) = (found[j.index(found.len())], found[i.index(found.len())]);
                let word = text.as_bytes()[from.0..from.1].to_vec();
                bytes.splice(to.0..to.1, word);
            }
        }
        Change::DropLine(_) | Change::DoubleLine(..) | Change::SwapLines(..) => {}
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn mutated(seeds: &'static [&'static str]) -> BoxedStrategy<String> {
    let all = |(seed, changes): (&str, Vec<Change>)| changes.iter().fold(seed.to_owned(), |t, c| changed(&t, c));
    (pick(seeds.to_vec()), changes()).prop_map(all).boxed()
}

/// One thing about a plan that makes no sense any more.
fn break_it(plan: &mut Plan, how: u8) {
    let liability = &mut plan.liabilities[0];
    let Benefit::Reimbursement(rule) = &mut liability.benefit else { return };
    match how {
        0 => rule.bands.clear(),
        1 => rule.bands.last_mut().unwrap().to = Some(Amount(Fen(1))),
        2 => rule.bands.insert(0, rule.bands[0].clone()),
        3 => liability.claim_types.clear(),
        4 => liability.code = "Ä".into(),
        5 => liability.name = " ".into(),
        6 => liability.caps.times = Some(0),
        7 => liability.caps.days = Some(9),
        8 => liability.per_claim = Limits { minimum: Some(Amount(MAX_AMOUNT)), ..zero_cap() },
        9 => plan.effective_to = "2023-12-31".parse().unwrap(),
        10 => plan.liabilities.push(plan.liabilities[0].clone()),
        _ => plan.liabilities.clear(),
    }
}

fn zero_cap() -> Limits {
    Limits { amount: Some(Amount(Fen(1))), ..Limits::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), facts in facts()) {
        read_or_refused(&text, &facts)?;
    }

    #[test]
    fn a_mutated_plan_is_read_or_refused_with_a_place(text in mutated(&SEEDS), facts in facts()) {
        read_or_refused(&text, &facts)?;
    }

    #[test]
    fn two_halves_of_plans_are_read_or_refused(a in mutated(&SEEDS), b in mutated(&SEEDS), cut in any::<Index>(), facts in facts()) {
        let lines: Vec<&str> = a.lines().collect();
        let half = lines[..cut.index(lines.len() + 1)].join("\n");
        read_or_refused(&format!("{half}\n{b}"), &facts)?;
    }

    #[test]
    fn a_random_plan_can_be_computed_said_and_drawn(plan in plans::plan(), facts in facts()) {
        exercise(&plan, &facts)?;
    }

    #[test]
    fn no_text_is_made_of_a_plan_that_makes_no_sense(
        plan in plans::plan_with(rules::reimbursement().prop_map(Benefit::Reimbursement).boxed()), how in 0..12_u8,
    ) {
        let mut broken = plan;
        break_it(&mut broken, how);
        prop_assert!(!broken.faults().is_empty(), "{how}");
        prop_assert!(broken.to_text().is_err());
    }

    #[test]
    fn any_facts_are_read_or_refused(text in prop_oneof![any::<String>(), mutated(&[FACTS])], seed in pick(SEEDS.to_vec())) {
        if let Ok(example) = Example::from_json(&text) {
            let plan = Plan::parse(seed).unwrap();
            for liability in &plan.liabilities {
                match example.calculate(&plan, liability) {
                    Ok(done) => prop_assert!((Fen::ZERO..=MAX_AMOUNT).contains(&done.amount)),
                    Err(faults) => prop_assert!(!faults.is_empty()),
                }
                let _ = example.late_since(&plan, liability);
            }
        }
    }

    #[test]
    fn facts_of_any_size_are_computed_or_refused(
        amount in fen(), times in any::<u32>(), days in any::<u32>(), day in any::<u32>(), shares in any::<u32>(), seed in pick(SEEDS.to_vec()),
    ) {
        let cent = format!("{}.{:02}", amount / 100, amount % 100);
        let json = format!(
            r#"{{"shares": {shares}, "day": {day}, "statements": [{{"days": {}, "self_pay": "{cent}", "total": "{cent}"}}],
                "used": {{"times": {times}, "stays": {days}, "days": {days}, "amount": "{cent}", "base": "{cent}"}}}}"#,
            days % 5000,
        );
        let example = Example::from_json(&json).unwrap();
        let plan = Plan::parse(seed).unwrap();
        for liability in &plan.liabilities {
            let amount = example.calculate(&plan, liability).map_or(Fen::ZERO, |c| c.amount);
            prop_assert!((Fen::ZERO..=MAX_AMOUNT).contains(&amount));
        }
    }

    #[test]
    fn any_soup_of_tokens_is_a_formula_or_says_why(
        words in prop::collection::vec("self_pay|total|days|min|max|[0-9]{1,12}(\\.[0-9]{0,8})?|[-+*(),/^]|[a-z_]{1,9}| |元|（", 0..60),
        facts in facts(),
    ) {
        match Formula::parse(&words.concat()) {
            Ok(formula) => {
                let worth = formula.of(&facts.papers[0].statement());
                prop_assert!(!worth.is_sign_negative() || worth.is_zero());
                prop_assert!(Formula::parse(formula.text()).is_ok_and(|again| again == formula));
            }
            Err(why) => prop_assert!(serde_json::from_str::<serde_json::Value>(&why).is_ok(), "{why}"),
        }
    }

    #[test]
    fn a_random_formula_is_read_and_worth_something_bounded(text in rules::formula_text(), facts in facts()) {
        let formula = Formula::parse(&text).unwrap();
        let statement = facts.papers[0].statement();
        prop_assert!((0.into()..=1_000_000_000.into()).contains(&formula.of(&statement)));
        prop_assert!(!formula.tokens(&statement).is_empty());
    }

    #[test]
    fn brackets_of_any_depth_are_read_or_refused(depth in 0..90_usize, open in pick(vec!["(", "min(1,", "1+1*(", "max(2*("]), close in 0..90_usize) {
        let text = format!("{}self_pay{}", open.repeat(depth), ")".repeat(close));
        if let Ok(formula) = Formula::parse(&text) {
            prop_assert!(depth <= 12 && formula.of(&support::claims::Paper::plain(1, 1).statement()) <= 1_000_000_000.into());
        }
    }
}

#[test]
fn the_deepest_formula_is_computed_at_once() {
    let formula = Formula::parse(&format!("{}self_pay{}", "1+1*(".repeat(12), ")".repeat(12))).unwrap();
    let statement = support::claims::Paper::plain(100, 1).statement();
    for _ in 0..10_000 {
        assert_eq!(formula.of(&statement), 13.into());
    }
}

#[test]
fn a_plan_of_nothing_but_brackets_or_dots_is_refused() {
    for text in [
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}1", "{a = ".repeat(50_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("liability = [{{ {}a = 1 }}]", "a.".repeat(100_000)),
    ] {
        let faults = Plan::parse(&text).unwrap_err();
        assert_eq!((faults.len(), faults[0].line), (1, Some(1)), "{faults:?}");
    }
}

#[test]
fn a_plan_of_nothing_but_faults_tells_the_first_of_them() {
    let bands = format!("bands = [{}]", "{ rate = 0 },".repeat(15_000));
    let text =
        include_str!("../../../plans/hubei-general-2024.toml").replacen("bands = [{ rate = \"0.70\" }]", &bands, 1);
    assert_eq!(Plan::parse(&text).unwrap_err().len(), 200);
}

#[test]
fn a_plan_saved_on_windows_is_read() {
    let text = include_str!("../../../plans/hubei-general-2024.toml");
    let saved = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(Plan::parse(&saved), Plan::parse(text));
}

#[test]
fn a_percentage_is_written_back_or_refused_whatever_its_decimals() {
    let text = include_str!("golden/levels.toml");
    for decimals in 1..8 {
        let number = format!("33.{}%", "3".repeat(decimals));
        for text in [text.replacen("\"60%\"", &format!("\"{number}\""), 1), text.replacen("-0.05", &number, 1)] {
            assert!(text.contains(&number));
            match Plan::parse(&text) {
                Ok(plan) => assert_eq!(Plan::parse(&plan.to_text().unwrap()), Ok(plan), "{number}"),
                Err(_) => assert!(decimals > 4, "{number}"),
            }
        }
    }
}
