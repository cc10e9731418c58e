//! 医疗互助金: a share of what the statement leaves to the member: base → 起付线 → bands → modifiers.
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Amount, Deductible, Formula, Modifier, Rate, Scope, Step,
    calculate::Sheet,
    condition::{Condition, Stay},
    deductible,
    fault::Faults,
};
use crate::money::Fen;

/// A part of the base and the rate that it is paid at. Bands follow each other from zero without a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Where it ends, that amount included; the last one has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Amount>,
    /// The rate.
    pub rate: Rate,
    /// The clause that says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
}

code_enum! {
    /// How bands work.
    BandMode {
        /// 分段累计: each part at the rate of its band.
        Marginal,
        /// 按档: the whole at the rate of the band that the sum falls in.
        Whole,
    }
}

/// Other bands under a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherBands {
    /// When.
    pub when: Condition,
    /// The bands then.
    pub bands: Vec<Band>,
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reimbursement {
    /// 基数: what is reimbursed, of one statement.
    pub base: Formula,
    /// 起付线.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deductible: Option<Deductible>,
    /// Ascending, at least one, the last without an end. Laid on what is left of the base after the 起付线.
    pub bands: Vec<Band>,
    /// Another quantity that the bands are laid on; what they pay is still a part of the base, in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands_on: Option<Formula>,
    /// How they work; marginal when it isn't said.
    #[serde(default = "marginal", skip_serializing_if = "is_marginal")]
    pub bands_apply: BandMode,
    /// Over what the bands go on counting; each stay for itself when it isn't said.
    #[serde(default = "deductible::stay", skip_serializing_if = "is_stay")]
    pub accumulate: Scope,
    /// Other bands under a condition; the first that holds is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands_for: Vec<OtherBands>,
    /// Changes of the rate, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
}

const fn marginal() -> BandMode {
    BandMode::Marginal
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_marginal(mode: &BandMode) -> bool {
    *mode == BandMode::Marginal
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_stay(scope: &Scope) -> bool {
    *scope == Scope::Stay
}

/// A part of the base that lies in one band.
struct Part<'a> {
    band: &'a Band,
    amount: Decimal,
    rate: Decimal,
}

impl Reimbursement {
    pub(super) fn check(&self, faults: &mut Faults) {
        if let Some(deductible) = &self.deductible {
            faults.within("deductible", |f| deductible.check(f));
        }
        faults.within("bands", |f| check_bands(&self.bands, f));
        for (i, other) in self.bands_for.iter().enumerate() {
            faults.within(format!("bands_for.{i}"), |f| {
                f.within("when", |f| other.when.check(f));
                f.within("bands", |f| check_bands(&other.bands, f));
            });
        }
        for (i, modifier) in self.modifiers.iter().enumerate() {
            faults.within(format!("modifiers.{i}"), |f| modifier.check(false, f));
        }
        let own = self.accumulate == Scope::Stay;
        faults.when(!own && self.bands_on.is_some(), "accumulate", "accumulate_bands_on");
        faults.when(!own && self.bands_apply == BandMode::Whole, "accumulate", "accumulate_whole");
    }

    /// What one statement is paid before limits, in yuan; what of it accumulates.
    pub(super) fn of_one(&self, stay: &Stay<'_>, sheet: &mut Sheet<'_>) -> Decimal {
        let base = sheet.base_override.unwrap_or_else(|| self.base.of(stay.statement));
        sheet.note(Step::Base { formula: self.base.tokens(stay.statement) }, base);
        let counted = self.counted(base, stay, sheet);
        let position = self.position(sheet);
        let bands = self.bands_for.iter().find(|o| o.when.holds(stay)).map_or(&self.bands, |o| &o.bands);
        let mut parts = self.parts(bands, counted, position, stay, sheet);
        for part in &parts {
            self.trace_band(part, sheet);
        }
        // Beside bands that pay, one at rate 0 is a part that is not paid at all: no modifier makes it paid.
        let some_pay = bands.iter().any(|b| !b.rate.0.is_zero());
        for modifier in self.modifiers.iter().filter(|m| m.when.holds(stay)) {
            for part in parts.iter_mut().filter(|p| !(some_pay && p.band.rate.0.is_zero())) {
                part.rate = match (modifier.rate, modifier.points, modifier.factor) {
                    (Some(rate), _, _) => rate.0,
                    (_, Some(points), _) => (part.rate + points.0).clamp(Decimal::ZERO, Decimal::ONE),
                    (_, _, Some(factor)) => (part.rate * factor.0).min(Decimal::ONE),
                    _ => part.rate,
                };
            }
            let paid = parts.iter().map(|p| p.amount * p.rate).sum();
            sheet.modified(modifier, paid);
        }
        // What accumulates over the period: all of the base where the 起付线 does too, else what counted.
        let whole = self.deductible.as_ref().is_some_and(|d| d.per == Scope::Period);
        sheet.accumulated.raw += base;
        sheet.accumulated.counted += counted;
        sheet.accumulated.kept += if whole { base } else { counted };
        parts.iter().map(|p| p.amount * p.rate).sum()
    }

    /// What is left of the base after the 起付线.
    fn counted(&self, base: Decimal, stay: &Stay<'_>, sheet: &mut Sheet<'_>) -> Decimal {
        let Some(rule) = &self.deductible else { return base };
        let threshold = rule.amount_for(stay);
        let before = match rule.per {
            Scope::Stay => Decimal::ZERO,
            Scope::Claim => sheet.accumulated.raw,
            Scope::Period => sheet.used().base.to_yuan() + sheet.accumulated.raw,
        };
        let counts = |sum| rule.counts.counted(threshold.yuan(), sum);
        let counted = counts(before + base) - counts(before);
        let step = Step::Deductible {
            amount: threshold.0,
            per: rule.per,
            counts: rule.counts,
            before: Fen::from_yuan(before.min(threshold.yuan())),
        };
        sheet.note(step, counted);
        counted
    }

    /// Where the bands go on.
    fn position(&self, sheet: &Sheet<'_>) -> Decimal {
        match (self.accumulate, &self.deductible) {
            (Scope::Stay, _) => Decimal::ZERO,
            (Scope::Claim, _) => sheet.accumulated.counted,
            (Scope::Period, Some(rule)) if rule.per == Scope::Period => {
                rule.counts.counted(rule.amount.yuan(), sheet.used().base.to_yuan() + sheet.accumulated.raw)
            }
            (Scope::Period, _) => sheet.used().base.to_yuan() + sheet.accumulated.counted,
        }
    }

    fn parts<'a>(
        &self,
        bands: &'a [Band],
        counted: Decimal,
        position: Decimal,
        stay: &Stay<'_>,
        sheet: &mut Sheet<'_>,
    ) -> Vec<Part<'a>> {
        let measure = self.bands_on.as_ref().map(|formula| {
            let value = sheet.base_override.unwrap_or_else(|| formula.of(stay.statement));
            sheet.note(Step::Measure { formula: formula.tokens(stay.statement) }, value);
            value
        });
        let part = |band, amount| part_in(band, amount);
        let span = measure.unwrap_or(counted);
        let (from, to) = (position, position + span);
        let of_band = |(start, band): (Decimal, &Band)| {
            let end = band.to.map_or(to, |t| t.yuan().min(to));
            (end - start.max(from)).max(Decimal::ZERO)
        };
        let starts = std::iter::once(Decimal::ZERO).chain(bands.iter().filter_map(|b| b.to).map(|t| t.yuan()));
        if self.bands_apply == BandMode::Whole {
            let band = bands.iter().find(|b| b.to.is_none_or(|end| span <= end.yuan())).or(bands.last());
            return band.map(|band| part(band, counted)).into_iter().collect();
        }
        let laid: Vec<(&Band, Decimal)> = bands.iter().zip(starts).map(|(b, start)| (b, of_band((start, b)))).collect();
        let Some(measure) = measure else {
            return laid
                .into_iter()
                .filter(|(_, amount)| !amount.is_zero())
                .map(|(b, amount)| part(b, amount))
                .collect();
        };
        if measure.is_zero() {
            return bands.first().map(|band| part(band, counted)).into_iter().collect();
        }
        let in_base = |(band, amount): (_, Decimal)| part(band, counted * amount / measure);
        laid.into_iter().filter(|(_, amount)| !amount.is_zero()).map(in_base).collect()
    }

    fn trace_band(&self, part: &Part<'_>, sheet: &mut Sheet<'_>) {
        let bands = self.bands.iter().chain(self.bands_for.iter().flat_map(|o| &o.bands));
        let from =
            bands.take_while(|b| !std::ptr::eq(*b, part.band)).last().and_then(|b| b.to).map_or(Fen::ZERO, |t| t.0);
        let paid = part.amount * part.rate;
        let step = Step::Band {
            from,
            to: part.band.to.map(|t| t.0),
            rate: part.band.rate.percent(),
            part: Fen::from_yuan(part.amount),
            whole: self.bands_apply == BandMode::Whole,
        };
        sheet.pay(step, paid, &part.band.clause);
    }
}

fn part_in(band: &Band, amount: Decimal) -> Part<'_> {
    Part { band, amount, rate: band.rate.0 }
}

fn check_bands(bands: &[Band], faults: &mut Faults) {
    let Some((last, before)) = bands.split_last() else { return faults.add("", "bands_none", &[]) };
    if last.to.is_some() {
        faults.add(&format!("{}.to", bands.len() - 1), "bands_last_open", &[]);
    }
    let mut reached = Amount(Fen::ZERO);
    for (i, band) in before.iter().enumerate() {
        match band.to {
            None => faults.add(&i.to_string(), "bands_only_last_open", &[]),
            Some(to) if to <= reached => faults.add(&format!("{i}.to"), "bands_ascending", &[]),
            Some(to) => reached = to,
        }
    }
}
