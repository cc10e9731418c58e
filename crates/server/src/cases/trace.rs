//! 计算过程 in words: the steps are data of the domain, the sentences are the locales'.
use huzhu_domain::{
    benefit::{Sign, Step},
    money::Fen,
    statement::AmountField,
};
use serde_json::{Map, Value, json};

use crate::platform::messages::{self, Locale};

/// The kind of a step, its label and its detail in the user's language.
#[must_use]
pub fn sentences(step: &Step, locale: Locale) -> (String, String, String) {
    let (kind, args) = match step {
        Step::Base { terms } => ("base", json!({ "terms": sum(terms, locale) })),
        Step::Band { from, to, rate, part } => {
            ("band", json!({ "band": band(*from, *to, locale), "rate": rate, "part": part.to_string() }))
        }
        Step::Days { days, waived, paid } => ("days", json!({ "days": days, "waived": waived, "paid": paid })),
        Step::Allowance { days, per_day } => ("allowance", json!({ "days": days, "per_day": per_day.to_string() })),
        Step::LumpSum { class } => ("lump_sum", json!({ "class": class })),
        Step::Shares { shares } => ("shares", json!({ "shares": shares })),
        Step::Minimum { minimum } => ("minimum", json!({ "minimum": minimum.to_string() })),
        Step::Waiting { days } => ("waiting", json!({ "days": days })),
        Step::CapTimes { cap, used } => ("cap_times", json!({ "cap": cap, "used": used })),
        Step::CapDays { cap, used, left } => ("cap_days", json!({ "cap": cap, "used": used, "left": left })),
        Step::CapAmount { cap, used, left } => {
            ("cap_amount", json!({ "cap": cap.to_string(), "used": used.to_string(), "left": left.to_string() }))
        }
        Step::Rounding { to } => ("rounding", json!({ "rounding": to })),
        Step::Amount {} => ("amount", json!({})),
    };
    let args = match args {
        Value::Object(args) => args,
        _ => Map::new(),
    };
    let say = |suffix: &str| messages::sentence(locale, &format!("trace_{kind}{suffix}"), &args);
    (kind.to_owned(), say(""), say("_detail"))
}

fn sum(terms: &[(Sign, AmountField, Fen)], locale: Locale) -> String {
    let mut out = String::new();
    for (i, (sign, field, amount)) in terms.iter().enumerate() {
        out.push_str(match (sign, i) {
            (Sign::Minus, _) => " − ",
            (Sign::Plus, 0) => "",
            (Sign::Plus, _) => " + ",
        });
        out.push_str(&format!("{} {amount}", messages::field_name(locale, &format!("{field}_fen"))));
    }
    out.trim_start().to_owned()
}

fn band(from: Fen, to: Option<Fen>, locale: Locale) -> String {
    let code = match (from, to) {
        (Fen::ZERO, None) => "trace_band_all",
        (_, None) => "trace_band_above",
        (_, Some(_)) => "trace_band_between",
    };
    let to = to.map(|t| t.to_string()).unwrap_or_default();
    let args = Map::from_iter([("from".to_owned(), json!(from.to_string())), ("to".to_owned(), json!(to))]);
    messages::sentence(locale, code, &args)
}
