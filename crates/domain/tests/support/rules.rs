//! Random rules: every shape of a benefit with every parameter that it has.
use std::collections::BTreeSet;

use huzhu_domain::{
    benefit::{
        Amount, Band, BandMode, Benefit, ClassSum, Condition, DailyAllowance, DayTier, Deductible, FeeTier, FixedSum,
        Formula, Grade, GradeSum, Modifier, OtherBands, OtherDeductible, Rate, Reimbursement, Scope, SeveralInjuries,
        SumClass, Threshold, TierSum,
    },
    claim_type::ClaimType,
    money::Fen,
    statement::{HospitalLevel, InsuranceType},
};
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{above_zero, amount, factor, few, maybe, pick, rate};

pub const CLAUSE: [&str; 3] = ["", "第一条", "第二条（一）"];

/// Formulas that pay no less for a higher 个人自付.
pub const RISING: [&str; 6] = [
    "self_pay",
    "self_pay + out_of_scope",
    "self_pay + 0.5 * min(out_of_scope, 20000)",
    "max(self_pay - 1000, 0)",
    "min(self_pay, 30000)",
    "proportional_self_pay + 0.3333 * upfront_self_pay",
];

/// Any formula: a leaf, or two of them joined.
pub fn formula_text() -> BoxedStrategy<String> {
    let names = vec![
        "total",
        "pooled_fund_paid",
        "other_paid",
        "self_pay",
        "deductible",
        "upfront_self_pay",
        "out_of_scope",
        "personal_account_paid",
        "cash_paid",
        "actual_paid",
        "in_scope",
        "proportional_self_pay",
        "remainder",
        "days",
        "0",
        "0.333333",
        "1000",
        "1000000000",
    ];
    let leaf = pick(names).prop_map(str::to_owned);
    leaf.prop_recursive(5, 12, 2, |inner| {
        (inner.clone(), inner, 0..5_u8).prop_map(|(a, b, how)| match how {
            0 => format!("{a} + {b}"),
            1 => format!("{a}-({b})"),
            2 => format!("({a}) * ({b})"),
            3 => format!("min({a}, {b})"),
            _ => format!("max({a},{b})"),
        })
    })
    .prop_filter("short enough", |text| text.len() <= 200)
    .boxed()
}

pub fn formula() -> BoxedStrategy<Formula> {
    let plain = pick(RISING.map(str::to_owned).to_vec());
    prop_oneof![2 => plain, 1 => formula_text()].prop_map(|text| Formula::parse(&text).unwrap()).boxed()
}

pub fn scope() -> BoxedStrategy<Scope> {
    pick(Scope::iter().collect())
}

pub fn condition() -> BoxedStrategy<Condition> {
    let lists = (
        few(ClaimType::iter().collect(), 0),
        few(HospitalLevel::iter().collect(), 0),
        few(InsuranceType::iter().collect(), 0),
    );
    let flag = || maybe(any::<bool>().boxed());
    let stays = maybe((1_u32..4, 0_u32..3).boxed());
    (lists, flag(), flag(), flag(), stays, 0..3_u8)
        .prop_map(|(lists, non_local, non_local_registered, renewed, stays, open)| {
            let kept = |n: u8| open != n;
            Condition {
                claim_types: if kept(0) { Vec::new() } else { lists.0 },
                hospital_levels: if kept(1) { Vec::new() } else { lists.1 },
                insurance_types: if kept(2) { Vec::new() } else { lists.2 },
                non_local,
                non_local_registered: non_local_registered.filter(|_| non_local != Some(false)),
                stay_from: stays.map(|s| s.0),
                stay_to: stays.filter(|s| s.1 > 0).map(|s| s.0 + s.1 - 1),
                renewed,
            }
        })
        .prop_map(|c| if c == Condition::default() { Condition { non_local: Some(true), ..c } } else { c })
        .boxed()
}

pub fn bands() -> BoxedStrategy<Vec<Band>> {
    let edges = prop::collection::btree_set(above_zero().prop_map(|a| a.0.0), 0..5);
    (edges, prop::collection::vec((rate(), pick(CLAUSE.to_vec())), 6))
        .prop_map(|(edges, rates)| {
            let ends = edges.into_iter().map(|e| Some(Amount(Fen(e)))).chain([None]);
            let band = |(to, (rate, clause)): (_, (Rate, &str))| Band { to, rate, clause: clause.to_owned() };
            ends.zip(rates).map(band).collect()
        })
        .boxed()
}

fn modifier(daily: bool) -> BoxedStrategy<Modifier> {
    let effects = (0..3_u8, rate(), factor(-100, 100), factor(0, 200), amount());
    (condition(), effects, pick(CLAUSE.to_vec()))
        .prop_map(move |(when, (kind, rate, points, times, per_day), clause)| Modifier {
            when,
            rate: (!daily && kind == 0).then_some(rate),
            points: (!daily && kind == 1).then_some(points),
            factor: (kind == 2 || (daily && kind == 1)).then_some(times),
            per_day: (daily && kind == 0).then_some(per_day),
            clause: clause.to_owned(),
        })
        .boxed()
}

fn modifiers(daily: bool) -> BoxedStrategy<Vec<Modifier>> {
    prop::collection::vec(modifier(daily), 0..4).boxed()
}

fn deductible() -> BoxedStrategy<Deductible> {
    let other = (condition(), amount()).prop_map(|(when, amount)| OtherDeductible { when, amount });
    let counts = pick(Threshold::iter().collect());
    (amount(), scope(), counts, prop::collection::vec(other, 0..3))
        .prop_map(|(amount, per, counts, other)| Deductible {
            amount,
            per,
            counts,
            other: if per == Scope::Stay { other } else { Vec::new() },
        })
        .boxed()
}

pub fn reimbursement() -> BoxedStrategy<Reimbursement> {
    let other = (condition(), bands()).prop_map(|(when, bands)| OtherBands { when, bands });
    let others = prop::collection::vec(other, 0..3);
    let laid = (maybe(formula()), pick(BandMode::iter().collect()), scope());
    (formula(), maybe(deductible()), bands(), laid, others, modifiers(false))
        .prop_map(|(base, deductible, bands, (bands_on, bands_apply, accumulate), bands_for, modifiers)| {
            let own = bands_on.is_some() || bands_apply == BandMode::Whole;
            let accumulate = if own { Scope::Stay } else { accumulate };
            Reimbursement { base, deductible, bands, bands_on, bands_apply, accumulate, bands_for, modifiers }
        })
        .boxed()
}

pub fn daily_allowance() -> BoxedStrategy<DailyAllowance> {
    let tiers = (prop::collection::btree_set(1_u32..60, 0..4), prop::collection::vec(amount(), 4));
    let waived = (0_u32..10, scope(), pick(Threshold::iter().collect()));
    (maybe(amount()), tiers, waived, modifiers(true))
        .prop_map(|(per_day, (ends, sums), (waived_days, waived_per, waived_counts), modifiers)| {
            let ends = ends.into_iter().map(Some).chain([None]);
            let tiers = ends.zip(sums).map(|(to_day, per_day)| DayTier { to_day, per_day });
            let tiers = if per_day.is_some() { Vec::new() } else { tiers.collect() };
            DailyAllowance { per_day, tiers, waived_days, waived_per, waived_counts, modifiers }
        })
        .boxed()
}

/// The whole sum, and what each part pays: an amount or a rate of the sum.
type Parts = (Option<Amount>, Vec<(Option<Amount>, Option<Rate>)>);

fn parts(n: usize) -> impl Strategy<Value = Parts> {
    let part = (any::<bool>(), amount(), rate());
    (maybe(amount()), prop::collection::vec(part, n)).prop_map(|(sum, parts)| {
        let by_rate = |by: bool| by && sum.is_some();
        let part = |(by, a, r): (bool, Amount, Rate)| ((!by_rate(by)).then_some(a), by_rate(by).then_some(r));
        (sum, parts.into_iter().map(part).collect())
    })
}

pub fn class_sum() -> BoxedStrategy<ClassSum> {
    (1..4_usize)
        .prop_flat_map(parts)
        .prop_map(|(sum, parts)| {
            let class = |(i, (amount, rate))| SumClass { code: format!("c{i}"), name: "类".into(), amount, rate };
            ClassSum { sum, classes: parts.into_iter().enumerate().map(class).collect() }
        })
        .boxed()
}

pub fn grade_sum() -> BoxedStrategy<GradeSum> {
    let of = (prop::collection::btree_set(1_u32..=10, 1..=10), pick(SeveralInjuries::iter().collect()));
    (of, parts(10))
        .prop_map(|((some, several), (sum, parts))| {
            let all: BTreeSet<u32> = (1..=u32::try_from(some.len()).unwrap()).collect();
            let grades = if several == SeveralInjuries::Promote { all } else { some };
            let grade = |(grade, (amount, rate))| Grade { grade, amount, rate };
            let mut rule = GradeSum { sum, grades: grades.into_iter().zip(parts).map(grade).collect(), several };
            let mut by_sum: Vec<Grade> = rule.grades.clone();
            by_sum.sort_by_key(|g| std::cmp::Reverse(rule.pays(g)));
            for (grade, pays) in rule.grades.iter_mut().zip(by_sum) {
                *grade = Grade { grade: grade.grade, ..pays };
            }
            rule
        })
        .boxed()
}

pub fn tier_sum() -> BoxedStrategy<TierSum> {
    let edges = prop::collection::btree_set(above_zero().prop_map(|a| a.0.0), 0..4);
    (formula(), edges, prop::collection::vec(amount(), 5))
        .prop_map(|(measure, edges, sums)| {
            let ends = edges.into_iter().map(|e| Some(Amount(Fen(e)))).chain([None]);
            TierSum { measure, tiers: ends.zip(sums).map(|(to, amount)| FeeTier { to, amount }).collect() }
        })
        .boxed()
}

pub fn benefit() -> BoxedStrategy<Benefit> {
    prop_oneof![
        5 => reimbursement().prop_map(Benefit::Reimbursement),
        3 => daily_allowance().prop_map(Benefit::DailyAllowance),
        1 => amount().prop_map(|amount| Benefit::FixedSum(FixedSum { amount })),
        1 => class_sum().prop_map(Benefit::ClassSum),
        1 => grade_sum().prop_map(Benefit::GradeSum),
        1 => tier_sum().prop_map(Benefit::TierSum),
    ]
    .boxed()
}
