//! 计算过程 in words: the steps are data of the domain, the sentences are the locales'.
use huzhu_domain::benefit::{Band, CapOf, Step, Token};
use huzhu_domain::money::Fen;
use serde_json::{Map, Value, json};

use crate::platform::messages::{self, Locale};

/// The kind of a step, its label and its detail in the user's language.
#[must_use]
pub fn sentences(step: &Step, locale: Locale) -> (String, String, String) {
    let (kind, args) = match step {
        Step::Refused { reasons } => ("refused", json!({ "reasons": reasons })),
        Step::StaysUsedUp { cap, used } => ("stays_used_up", json!({ "cap": cap, "used": used })),
        Step::Base { formula } => ("base", json!({ "formula": with_values(formula, locale) })),
        Step::Measure { formula } => ("measure", json!({ "formula": with_values(formula, locale) })),
        Step::Deductible { amount, per, counts, before } => (
            "deductible",
            json!({ "amount": yuan(*amount), "scope": per, "threshold": counts, "before": yuan(*before) }),
        ),
        Step::Band { from, to, rate, part, whole } => {
            let code = if *whole { "trace_band_by_tier" } else { "trace_band_detail" };
            let args = json!({ "band": band(*from, *to, *whole), "rate": rate, "part": yuan(*part) });
            let detail = messages::sentence(locale, code, &object(args));
            return ("band".to_owned(), messages::sentence(locale, "trace_band", &Map::new()), detail);
        }
        Step::Modifier { modifier } => ("modifier", json!({ "modifier": modifier.explain() })),
        Step::Days { days, waived, earlier, paid } => {
            let code = if *earlier > 0 { "trace_days_earlier" } else { "trace_days_detail" };
            let args = json!({ "days": days, "waived": waived, "earlier": earlier, "paid": paid });
            let detail = messages::sentence(locale, code, &object(args));
            return ("days".to_owned(), messages::sentence(locale, "trace_days", &Map::new()), detail);
        }
        Step::Allowance { days, per_day } => ("allowance", json!({ "days": days, "per_day": yuan(*per_day) })),
        Step::FixedSum {} => ("fixed_sum", json!({})),
        Step::LumpSum { class } => ("lump_sum", json!({ "class": class })),
        Step::Grade { injuries, grade, several } => {
            ("grade", json!({ "injuries": injuries, "grade": grade, "several_injuries": several }))
        }
        Step::Tier { from, to } => ("tier", json!({ "band": band(*from, *to, true) })),
        Step::Shares { shares } => ("shares", json!({ "shares": shares })),
        Step::WaitingSum { to_day } => ("waiting_sum", json!({ "days": to_day })),
        Step::WaitingRate { to_day, rate } => ("waiting_rate", json!({ "days": to_day, "rate": rate })),
        Step::Minimum { minimum } => ("minimum", json!({ "minimum": yuan(*minimum) })),
        Step::CapDays { of, cap, used, left } => {
            ("cap_days", json!({ "of": cap_of(of), "cap": cap, "used": used, "left": left }))
        }
        Step::CapAmount { of, cap, used, left } => {
            ("cap_amount", json!({ "of": cap_of(of), "cap": yuan(*cap), "used": yuan(*used), "left": yuan(*left) }))
        }
        Step::Rounding { to } => ("rounding", json!({ "rounding": to })),
        Step::Amount {} => ("amount", json!({})),
    };
    let args = object(args);
    let say = |suffix: &str| messages::sentence(locale, &format!("trace_{kind}{suffix}"), &args);
    (kind.to_owned(), say(""), say("_detail"))
}

fn object(args: Value) -> Map<String, Value> {
    match args {
        Value::Object(args) => args,
        _ => Map::new(),
    }
}

fn yuan(fen: Fen) -> String {
    fen.to_string()
}

fn cap_of(of: &CapOf) -> Value {
    match of {
        CapOf::Stay => json!({ "code": "cap_of_stay" }),
        CapOf::Claim => json!({ "code": "cap_of_claim" }),
        CapOf::Period => json!({ "code": "cap_of_period" }),
        CapOf::Group { group } => json!({ "code": "cap_of_group", "args": { "group": group } }),
    }
}

fn band(from: Fen, to: Option<Fen>, whole: bool) -> Value {
    let (code, args) = Band::place(from, to, whole);
    json!({ "code": code, "args": args })
}

/// The formula with the statement's numbers: `个人自付金额 600.00 + 全额自费 300.00 × 0.5`.
fn with_values(tokens: &[Token], locale: Locale) -> String {
    let word = |token: &Token| match token {
        Token::Text(text) => messages::formula_sign(locale, text),
        Token::Quantity { quantity, value } => {
            let name = messages::quantity(locale, quantity.name());
            let days = quantity.name() == "days";
            let value = if days { value.normalize().to_string() } else { Fen::from_yuan(*value).to_string() };
            format!("{name} {value}")
        }
    };
    tokens.iter().map(word).collect()
}
