//! A plan version in words: coded sentences in the order in which a member would ask. The sentences are the locales'.
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Amount, Band, BandMode, Benefit, Caps, ClassSum, Condition, DailyAllowance, Formula, GradeSum, Group, Liability,
    Limits, Modifier, Plan, Reimbursement, Scope, TierSum,
};
use crate::{materials::MaterialRule, money::Fen};

/// A sentence: its code and what it is made from. An argument may be a code, a list of them, or a sentence itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// Stable code.
    pub code: &'static str,
    /// What the sentence needs.
    pub args: Map<String, Value>,
}

/// What is said of one liability, of a group, or of the plan as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The liability's code; None where it is about the plan.
    pub liability: Option<String>,
    /// Its name, or the group's; empty where it is about the plan.
    pub name: String,
    /// The clause.
    pub clause: String,
    /// The sentences, in order.
    pub sentences: Vec<Sentence>,
}

fn say<const N: usize>(code: &'static str, args: [(&str, Value); N]) -> Sentence {
    Sentence { code, args: args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
}

fn yuan(amount: Amount) -> Value {
    json!(amount.0.to_string())
}

fn value(sentence: &Sentence) -> Value {
    json!({ "code": sentence.code, "args": sentence.args })
}

fn formula(formula: &Formula) -> Value {
    json!({ "formula": formula.pieces::<String>(|quantity| quantity.name().to_owned()) })
}

impl Plan {
    /// The version in words.
    #[must_use]
    pub fn explain(&self) -> Vec<Explained> {
        let period = [("from", json!(self.effective_from)), ("to", json!(self.effective_to))];
        let mut general = vec![say("explain_effective", period), say("explain_shares", [])];
        if !self.basis.is_empty() {
            general.push(say("explain_basis", [("basis", json!(self.basis))]));
        }
        general.extend(self.explain_enrolment());
        let about = |sentences| Explained { liability: None, name: String::new(), clause: String::new(), sentences };
        let mut out = vec![about(general)];
        out.extend(self.liabilities.iter().map(Liability::explain));
        out.extend(self.groups.iter().map(|g| self.explain_group(g)));
        if !self.materials.is_empty() {
            out.push(about(self.materials.iter().map(|m| self.explain_material(m)).collect()));
        }
        out
    }

    /// Who may be enrolled, and what it costs.
    fn explain_enrolment(&self) -> Vec<Sentence> {
        let terms = &self.enrolment;
        let mut out = Vec::new();
        if let Some(fee) = terms.fee {
            out.push(say("explain_fee", [("fee", json!(fee.0.to_string()))]));
        }
        match (terms.min_age, terms.max_age) {
            (Some(min), Some(max)) => out.push(say("explain_ages", [("min", json!(min)), ("max", json!(max))])),
            (Some(min), None) => out.push(say("explain_min_age", [("min", json!(min))])),
            (None, Some(max)) => out.push(say("explain_max_age", [("max", json!(max))])),
            (None, None) => {}
        }
        if let Some(max) = terms.max_shares {
            out.push(say("explain_max_shares", [("max", json!(max))]));
        }
        if terms.retired {
            out.push(say("explain_retired", []));
        }
        if let Some(rate) = terms.participation {
            out.push(say("explain_participation", [("rate", json!(rate.percent()))]));
        }
        out
    }

    fn names(&self, codes: &[String]) -> Value {
        let name = |code: &String| self.liability(code).map_or_else(|| code.clone(), |l| l.name.clone());
        json!(codes.iter().map(name).collect::<Vec<_>>())
    }

    fn explain_group(&self, group: &Group) -> Explained {
        let liabilities = || ("liabilities", self.names(&group.liabilities));
        let mut sentences = Vec::new();
        if group.exclusive {
            sentences.push(say("explain_exclusive", [liabilities()]));
        }
        if !group.caps.is_empty() {
            let caps = caps(&group.caps);
            sentences.push(say("explain_group_caps", [liabilities(), ("caps", caps)]));
        }
        Explained { liability: None, name: group.name.clone(), clause: group.clause.clone(), sentences }
    }

    fn explain_material(&self, m: &MaterialRule) -> Sentence {
        let whose = match (m.claim_types.is_empty(), m.liabilities.is_empty()) {
            (true, true) => say("explain_all_claims", []),
            (false, _) => say("explain_claims", [("claim_types", json!(m.claim_types))]),
            (true, false) => say("explain_liabilities", [("liabilities", self.names(&m.liabilities))]),
        };
        let count = match m.max {
            Some(max) if max == m.min => say("explain_pictures", [("n", json!(max))]),
            Some(max) => say("explain_pictures_range", [("min", json!(m.min)), ("max", json!(max))]),
            None => say("explain_pictures_least", [("n", json!(m.min))]),
        };
        let code = match (m.required, m.above) {
            (true, None) => "explain_material",
            (true, Some(_)) => "explain_material_above",
            (false, _) => "explain_material_optional",
        };
        let above = m.above.map_or(Value::Null, yuan);
        say(code, [("material", json!(m.name)), ("whose", value(&whose)), ("count", value(&count)), ("amount", above)])
    }
}

impl Liability {
    fn explain(&self) -> Explained {
        let mut s = vec![say("explain_answers", [("claim_types", json!(self.claim_types))])];
        self.explain_waiting(&mut s);
        match &self.benefit {
            Benefit::Reimbursement(rule) => reimbursement(rule, &mut s),
            Benefit::DailyAllowance(rule) => daily_allowance(rule, &mut s),
            Benefit::FixedSum(rule) => s.push(say("explain_fixed", [("amount", yuan(rule.amount))])),
            Benefit::ClassSum(rule) => class_sum(rule, &mut s),
            Benefit::GradeSum(rule) => grade_sum(rule, &mut s),
            Benefit::TierSum(rule) => tier_sum(rule, &mut s),
        }
        limits("explain_per_stay", &self.per_stay, &mut s);
        limits("explain_per_claim", &self.per_claim, &mut s);
        if let Some(minimum) = self.minimum {
            s.push(say("explain_minimum", [("amount", yuan(minimum))]));
        }
        if !self.caps.is_empty() {
            s.push(say("explain_caps", [("caps", caps(&self.caps))]));
        }
        if let Some(ends) = self.ends_cover {
            s.push(say("explain_ends", [("ends_cover", json!(ends))]));
        }
        if let Some(deadline) = self.deadline {
            s.push(say("explain_deadline", [("days", json!(deadline.days)), ("deadline_from", json!(deadline.from))]));
        }
        if let Some(from) = self.second_review_from {
            s.push(say("explain_second_review", [("amount", yuan(from))]));
        }
        if !matches!(self.rounding, super::Rounding::Fen) {
            s.push(say("explain_rounding", [("rounding", json!(self.rounding))]));
        }
        Explained {
            liability: Some(self.code.clone()),
            name: self.name.clone(),
            clause: self.clause.clone(),
            sentences: s,
        }
    }

    fn explain_waiting(&self, s: &mut Vec<Sentence>) {
        let mut from = 1;
        for rung in self.rungs() {
            let days = [("from", json!(from)), ("to", json!(rung.to_day))];
            let [first, last] = days;
            s.push(match (rung.amount, rung.rate) {
                (Some(amount), _) => say("explain_waiting_sum", [first, last, ("amount", yuan(amount))]),
                (_, Some(rate)) => say("explain_waiting_rate", [first, last, ("rate", json!(rate.percent()))]),
                _ => say("explain_waiting_nothing", [first, last]),
            });
            from = rung.to_day.saturating_add(1);
        }
        if from > 1 {
            s.push(say("explain_waiting_waived", []));
        }
    }
}

fn limits(code: &'static str, limits: &Limits, s: &mut Vec<Sentence>) {
    let parts = [
        limits.minimum.map(|a| say("explain_part_minimum", [("amount", yuan(a))])),
        limits.amount.map(|a| say("explain_part_amount", [("amount", yuan(a))])),
        limits.days.map(|d| say("explain_part_days", [("days", json!(d))])),
    ];
    let parts: Vec<Value> = parts.iter().flatten().map(value).collect();
    if !parts.is_empty() {
        s.push(say(code, [("parts", json!(parts))]));
    }
}

fn caps(caps: &Caps) -> Value {
    let parts = [
        caps.times.map(|n| say("explain_part_times", [("n", json!(n))])),
        caps.stays.map(|n| say("explain_part_stays", [("n", json!(n))])),
        caps.amount.map(|a| {
            let code = if caps.any_shares { "explain_part_amount_any_shares" } else { "explain_part_amount" };
            say(code, [("amount", yuan(a))])
        }),
        caps.days.map(|d| say("explain_part_days", [("days", json!(d))])),
    ];
    json!(parts.iter().flatten().map(value).collect::<Vec<_>>())
}

/// When a part of a rule applies.
pub(super) fn condition(when: &Condition) -> Value {
    let mut parts = Vec::new();
    if !when.claim_types.is_empty() {
        parts.push(say("when_claim_types", [("claim_types", json!(when.claim_types))]));
    }
    if !when.hospital_levels.is_empty() {
        parts.push(say("when_hospital_levels", [("hospital_levels", json!(when.hospital_levels))]));
    }
    if !when.insurance_types.is_empty() {
        parts.push(say("when_insurance_types", [("insurance_types", json!(when.insurance_types))]));
    }
    let yes_no = |given: Option<bool>, yes, no| given.map(|g| say(if g { yes } else { no }, []));
    parts.extend(yes_no(when.non_local, "when_non_local", "when_local"));
    parts.extend(yes_no(when.non_local_registered, "when_registered", "when_unregistered"));
    parts.extend(match (when.stay_from, when.stay_to) {
        (Some(from), Some(to)) if from == to => Some(say("when_stay", [("n", json!(from))])),
        (Some(from), Some(to)) => Some(say("when_stays", [("from", json!(from)), ("to", json!(to))])),
        (Some(from), None) => Some(say("when_stay_from", [("n", json!(from))])),
        (None, Some(to)) => Some(say("when_stay_to", [("n", json!(to))])),
        (None, None) => None,
    });
    parts.extend(yes_no(when.renewed, "when_renewed", "when_not_renewed"));
    json!(parts.iter().map(value).collect::<Vec<_>>())
}

impl Modifier {
    /// The modifier as a sentence.
    #[must_use]
    pub fn explain(&self) -> Sentence {
        let when = ("when", condition(&self.when));
        match (self.rate, self.points, self.factor, self.per_day) {
            (Some(rate), ..) => say("explain_modifier_rate", [when, ("rate", json!(rate.percent()))]),
            (_, Some(points), ..) => {
                let code = if points.0.is_sign_negative() { "explain_modifier_less" } else { "explain_modifier_more" };
                say(code, [when, ("points", json!((points.0.abs() * Decimal::ONE_HUNDRED).normalize()))])
            }
            (_, _, Some(factor), _) => say("explain_modifier_factor", [when, ("factor", json!(factor.0.normalize()))]),
            (_, _, _, Some(sum)) => say("explain_modifier_per_day", [when, ("amount", yuan(sum))]),
            _ => say("explain_modifier_factor", [when, ("factor", json!("1"))]),
        }
    }
}

fn reimbursement(rule: &Reimbursement, s: &mut Vec<Sentence>) {
    s.push(say("explain_base", [("base", formula(&rule.base))]));
    if let Some(d) = &rule.deductible {
        let args = [("amount", yuan(d.amount)), ("scope", json!(d.per)), ("threshold", json!(d.counts))];
        s.push(say("explain_deductible", args));
        for other in &d.other {
            s.push(say("explain_deductible_other", [("when", condition(&other.when)), ("amount", yuan(other.amount))]));
        }
    }
    if let Some(on) = &rule.bands_on {
        s.push(say("explain_bands_on", [("base", formula(on))]));
    }
    bands(&rule.bands, rule.bands_apply, s);
    if rule.accumulate != Scope::Stay {
        s.push(say("explain_accumulate", [("scope", json!(rule.accumulate))]));
    }
    for other in &rule.bands_for {
        s.push(say("explain_bands_for", [("when", condition(&other.when))]));
        bands(&other.bands, rule.bands_apply, s);
    }
    s.extend(rule.modifiers.iter().map(Modifier::explain));
}

fn bands(bands: &[Band], mode: BandMode, s: &mut Vec<Sentence>) {
    let mut from = Fen::ZERO;
    for band in bands {
        let (place, args) = Band::place(from, band.to.map(|t| t.0), mode == BandMode::Whole);
        let place = Sentence { code: place, args };
        let code = if mode == BandMode::Whole { "explain_band_whole" } else { "explain_band" };
        s.push(say(code, [("band", value(&place)), ("rate", json!(band.rate.percent()))]));
        from = band.to.map_or(from, |t| t.0);
    }
}

impl Band {
    /// The code of the sentence that says where a band lies, with its arguments; `whole`: as a condition on the whole sum.
    #[must_use]
    pub fn place(from: Fen, to: Option<Fen>, whole: bool) -> (&'static str, Map<String, Value>) {
        let (shown, end) = (json!(from.to_string()), json!(to.map(|t| t.to_string())));
        let place = match (from, to) {
            (Fen::ZERO, None) if whole => say("tier_all", []),
            (_, None) if whole => say("tier_above", [("from", shown)]),
            (Fen::ZERO, Some(_)) if whole => say("tier_to", [("to", end)]),
            (_, Some(_)) if whole => say("tier_between", [("from", shown), ("to", end)]),
            (Fen::ZERO, None) => say("band_all", []),
            (_, None) => say("band_above", [("from", shown)]),
            (Fen::ZERO, Some(_)) => say("band_to", [("to", end)]),
            (_, Some(_)) => say("band_between", [("from", shown), ("to", end)]),
        };
        (place.code, place.args)
    }
}

fn daily_allowance(rule: &DailyAllowance, s: &mut Vec<Sentence>) {
    if let Some(per_day) = rule.per_day {
        s.push(say("explain_per_day", [("amount", yuan(per_day))]));
    }
    let mut from = 1;
    for tier in &rule.tiers {
        let first = ("from", json!(from));
        s.push(match tier.to_day {
            Some(to) => say("explain_day_tier", [first, ("to", json!(to)), ("amount", yuan(tier.per_day))]),
            None => say("explain_day_tier_last", [first, ("amount", yuan(tier.per_day))]),
        });
        from = tier.to_day.map_or(from, |to| to.saturating_add(1));
    }
    if rule.waived_days > 0 {
        let args = [
            ("days", json!(rule.waived_days)),
            ("scope", json!(rule.waived_per)),
            ("threshold_days", json!(rule.waived_counts)),
        ];
        s.push(say("explain_waived", args));
    }
    s.extend(rule.modifiers.iter().map(Modifier::explain));
}

fn class_sum(rule: &ClassSum, s: &mut Vec<Sentence>) {
    for class in &rule.classes {
        let amount = json!(Fen::from_yuan(rule.pays(class)).to_string());
        s.push(say("explain_class", [("class", json!(class.name)), ("amount", amount)]));
    }
}

fn grade_sum(rule: &GradeSum, s: &mut Vec<Sentence>) {
    for grade in &rule.grades {
        let amount = json!(Fen::from_yuan(rule.pays(grade)).to_string());
        s.push(say("explain_grade", [("grade", json!(grade.grade)), ("amount", amount)]));
    }
    s.push(say("explain_several", [("several_injuries", json!(rule.several))]));
}

fn tier_sum(rule: &TierSum, s: &mut Vec<Sentence>) {
    s.push(say("explain_tier_base", [("base", formula(&rule.measure))]));
    let mut from = Fen::ZERO;
    for tier in &rule.tiers {
        let (place, args) = Band::place(from, tier.to.map(|t| t.0), true);
        let place = Sentence { code: place, args };
        s.push(say("explain_tier", [("band", value(&place)), ("amount", yuan(tier.amount))]));
        from = tier.to.map_or(from, |t| t.0);
    }
}
