//! The sense of a plan version: what its parts say must fit each other.
use super::{Benefit, Fault, Liability, Plan, example, fault::Faults, plan::is_code};
use crate::{
    enrolment::{EnrolmentTerms, MAX_SHARES},
    materials::MaterialRule,
};

/// Liabilities, groups, materials, bands, examples …: the most of one list.
const MAX_LIST: usize = 200;
/// The highest age that a limit may name, in years.
const MAX_AGE: u32 = 150;
/// The longest name, in characters.
const MAX_NAME: usize = 100;

impl Plan {
    /// Everything in the version that makes no sense; lines are looked up by who knows the file's text.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let f = &mut faults;
        f.when(!is_code(&self.code), "code", "not_a_code");
        check_name(&self.name, "name", f);
        check_name(&self.version, "version", f);
        f.when(self.basis.chars().count() > 500, "basis", "too_long");
        f.when(self.effective_from > self.effective_to, "effective_to", "effective_order");
        f.within("enrolment", |f| check_terms(&self.enrolment, f));
        check_list(&self.liabilities, "liability", |a, b| a.code == b.code, f, |l, f| l.check(self, f));
        f.when(self.liabilities.is_empty(), "liability", "liability_none");
        check_list(
            &self.groups,
            "group",
            |a, b| a.code == b.code,
            f,
            |g, f| {
                f.when(!is_code(&g.code), "code", "not_a_code");
                check_name(&g.name, "name", f);
                g.check(self, f);
            },
        );
        check_list(&self.materials, "material", same_material, f, |m, f| check_material(self, m, f));
        faults.found
    }
}

fn check_terms(terms: &EnrolmentTerms, faults: &mut Faults) {
    faults.when(terms.min_age.is_some_and(|age| age > MAX_AGE), "min_age", "age_too_high");
    faults.when(terms.max_age.is_some_and(|age| age > MAX_AGE), "max_age", "age_too_high");
    let crossed = terms.min_age.zip(terms.max_age).is_some_and(|(min, max)| min > max);
    faults.when(crossed, "max_age", "age_order");
    let shares_ok = terms.max_shares.is_none_or(|n| (1..=MAX_SHARES).contains(&n));
    faults.when(!shares_ok, "max_shares", "shares_range");
}

fn same_material(a: &MaterialRule, b: &MaterialRule) -> bool {
    a.kind == b.kind && a.claim_types == b.claim_types && a.liabilities == b.liabilities
}

fn check_name(name: &str, field: &str, faults: &mut Faults) {
    faults.when(name.trim().is_empty(), field, "name_empty");
    faults.when(name.chars().count() > MAX_NAME, field, "too_long");
}

fn check_list<T>(
    list: &[T],
    field: &str,
    same: impl Fn(&T, &T) -> bool,
    faults: &mut Faults,
    check: impl Fn(&T, &mut Faults),
) {
    if list.len() > MAX_LIST {
        return faults.add(field, "too_many", &[("max", &MAX_LIST.to_string())]);
    }
    for (i, item) in list.iter().enumerate() {
        faults.within(format!("{field}.{i}"), |f| {
            f.when(list[..i].iter().any(|other| same(other, item)), "", "code_twice");
            check(item, f);
        });
    }
}

fn check_material(plan: &Plan, material: &MaterialRule, faults: &mut Faults) {
    faults.when(!is_code(&material.kind), "kind", "not_a_code");
    check_name(&material.name, "name", faults);
    faults.when(material.min == 0 && material.required, "min", "material_min");
    faults.when(material.max.is_some_and(|max| max < material.min), "max", "material_order");
    faults.when(material.max_mb.is_some_and(|mb| !(1..=10).contains(&mb)), "max_mb", "material_size");
    faults.when(material.above.is_some() && !material.required, "above", "material_above");
    for code in material.liabilities.iter().filter(|code| plan.liability(code).is_none()) {
        faults.add("liabilities", "group_unknown", &[("name", code)]);
    }
}

impl Liability {
    fn check(&self, plan: &Plan, faults: &mut Faults) {
        faults.when(!is_code(&self.code), "code", "not_a_code");
        check_name(&self.name, "name", faults);
        faults.when(self.claim_types.is_empty(), "claim_types", "claim_types_none");
        let twice = self.claim_types.iter().enumerate().any(|(i, t)| self.claim_types[..i].contains(t));
        faults.when(twice, "claim_types", "code_twice");
        self.check_waiting(faults);
        let (days, stays) = (self.benefit.pays_by_days(), self.needs_statements());
        faults.within("caps", |f| self.caps.check(days, stays, f));
        faults.within("per_claim", |f| self.per_claim.check(days, f));
        faults.within("per_stay", |f| {
            f.when(!stays && !self.per_stay.is_empty(), "", "per_stay_without_stays");
            self.per_stay.check(days, f);
        });
        faults.when(self.minimum.is_some() && self.per_claim.minimum.is_some(), "minimum", "minimum_twice");
        faults.when(self.deadline.is_some_and(|d| d.days == 0 || d.days > 3660), "deadline.days", "too_many_days");
        faults.within("benefit", |f| self.check_benefit(f));
        if self.examples.len() > MAX_LIST {
            return faults.add("example", "too_many", &[("max", &MAX_LIST.to_string())]);
        }
        // What the rule itself lacks would only be said again by every example.
        if !faults.found.is_empty() {
            return;
        }
        for (i, example) in self.examples.iter().enumerate() {
            faults.within(format!("example.{i}"), |f| example::check(example, plan, self, f));
        }
    }

    fn check_benefit(&self, faults: &mut Faults) {
        match &self.benefit {
            Benefit::Reimbursement(rule) => faults.within("reimbursement", |f| {
                f.when(rule.bands.len() + rule.modifiers.len() + rule.bands_for.len() > MAX_LIST, "bands", "too_many");
                rule.check(f);
            }),
            Benefit::DailyAllowance(rule) => faults.within("daily_allowance", |f| rule.check(f)),
            Benefit::ClassSum(rule) => faults.within("class_sum", |f| rule.check(f)),
            Benefit::GradeSum(rule) => faults.within("grade_sum", |f| rule.check(f)),
            Benefit::TierSum(rule) => faults.within("tier_sum", |f| rule.check(f)),
            Benefit::FixedSum(_) => {}
        }
    }
}
