//! The text of a plan, the facts of a claim under it, and a formula.
use huzhu_domain::{
    benefit::{Curve, Example, Formula, Liability, Plan},
    dates::Period,
    money::{Fen, MAX_AMOUNT},
    statement::{AmountField, Statement},
};
use std::sync::LazyLock;

/// Stands on a line of its own between the plan, the facts (as JSON) and the formula. Both may be missing.
const BETWEEN: &str = "\n---\n";
/// Liabilities that are computed: each takes its time.
const COMPUTED: usize = 9;
/// No formula is worth more, in yuan.
const MOST: i64 = 1_000_000_000;

/// A claim by which every plan is computed.
static PLAIN: LazyLock<Example> = LazyLock::new(|| {
    let json = r#"{ "shares": 2, "renewed": true, "day": 200, "grades": [1, 7], "statements": [
        { "total": "20000", "self_pay": "6566.00", "out_of_scope": 300, "hospital_level": "secondary", "days": 7 },
        { "total": "99999999.99", "self_pay": "99999999.99", "days": 30, "non_local": true } ],
        "used": { "times": 1, "stays": 2, "amount": "3283.00", "days": 4, "base": "500" } }"#;
    Example::from_json(json).expect("facts")
});

/// # Panics
/// Where something doesn't hold.
pub fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, BETWEEN);
    let (plan, facts, formula) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if let Some(formula) = formula {
        formula_holds(formula);
    }
    match Plan::parse(plan) {
        Ok(plan) => plan_holds(&plan, facts),
        Err(faults) => {
            assert!(!faults.is_empty());
            let lines = plan.split('\n').count();
            for fault in faults.iter().filter(|f| f.code != "plan_too_large") {
                assert!(fault.line.is_some_and(|n| (1..=lines).contains(&n)), "{fault:?}");
            }
        }
    }
}

fn plan_holds(plan: &Plan, facts: Option<&str>) {
    assert_eq!(plan.faults(), []);
    // Only what is too long to be written back isn't.
    match plan.to_text() {
        Ok(text) => assert_eq!(Plan::parse(&text).as_ref(), Ok(plan), "it doesn't read back: {text}"),
        Err(faults) => assert!(faults.iter().all(|f| f.code == "plan_too_large"), "{faults:?}"),
    }
    assert!(serde_json::to_string(&plan.explain()).is_ok());
    for result in plan.check_examples() {
        assert!((Fen::ZERO..=MAX_AMOUNT).contains(&result.actual), "{result:?}");
    }
    let given = facts.and_then(|json| Example::from_json(json).ok());
    for liability in plan.liabilities.iter().take(COMPUTED) {
        curve_holds(plan, liability);
        pays_within_limits(plan, liability, &PLAIN);
        if let Some(facts) = &given {
            pays_within_limits(plan, liability, facts);
            let _day = facts.late_since(plan, liability);
        }
    }
}

fn curve_holds(plan: &Plan, liability: &Liability) {
    let curve = liability.curve(plan);
    if let Curve::Cost { points } | Curve::Days { points } = &curve {
        let most = liability.caps.amount_for(1).unwrap_or(MAX_AMOUNT).0;
        assert!(points.is_sorted_by(|a, b| a.0 < b.0), "{points:?}");
        assert!(points.iter().all(|p| (0..=most).contains(&p.1)), "{points:?} of {most}");
        assert!(points.len() < 5000, "{} points", points.len());
    }
    assert!(serde_json::to_string(&curve).is_ok());
}

fn pays_within_limits(plan: &Plan, liability: &Liability, facts: &Example) {
    let done = match facts.calculate(plan, liability) {
        Ok(done) => done,
        Err(faults) => return assert!(!faults.is_empty()),
    };
    assert!((Fen::ZERO..=MAX_AMOUNT).contains(&done.amount), "{}", done.amount);
    let groups = plan.groups_of(&liability.code).filter_map(|g| g.caps.amount_for(facts.shares));
    let own = [liability.caps.amount, liability.per_claim.amount].into_iter().flatten();
    for cap in own.map(|cap| cap.0.times(facts.shares)).chain(groups) {
        assert!(done.amount <= cap, "{} of {cap}", done.amount);
    }
    assert!(liability.caps.days.is_none_or(|cap| done.usage.days <= cap));
    assert!(liability.caps.stays.is_none_or(|cap| done.usage.stays <= cap));
}

fn formula_holds(text: &str) {
    let formula = match Formula::parse(text) {
        Ok(formula) => formula,
        Err(why) => return assert!(serde_json::from_str::<serde_json::Value>(&why).is_ok(), "{why}"),
    };
    assert_eq!(Formula::parse(formula.text()).as_ref(), Ok(&formula));
    let day = |d| chrono::NaiveDate::from_ymd_opt(2024, 3, d).unwrap_or_default();
    let stay = Period::new(day(1), day(8)).expect("a stay");
    for amount in [Fen::ZERO, Fen(656_600), MAX_AMOUNT] {
        let statement = Statement::of(stay, &[(AmountField::SelfPay, amount), (AmountField::Total, MAX_AMOUNT)]);
        let worth = formula.of(&statement);
        assert!((0.into()..=MOST.into()).contains(&worth), "{worth}");
        assert!(!formula.tokens(&statement).is_empty());
    }
}
