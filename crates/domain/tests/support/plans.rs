//! Random plan versions: liabilities of every shape, with limits, waiting, groups and papers.
use huzhu_domain::{
    benefit::{
        Amount, Benefit, Caps, Clauses, Deadline, DeadlineFrom, EndsCover, Group, Liability, Limits, Plan, Rounding,
        WaitingRung,
    },
    claim_type::ClaimType,
    enrolment::EnrolmentTerms,
    materials::{MaterialRule, PictureFormat},
};
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{above_zero, amount, day, few, maybe, pick, rate, rules};

fn caps(daily: bool, stays: bool) -> BoxedStrategy<Caps> {
    let n = |most: u32| maybe((1..most).boxed());
    (n(5), n(7), maybe(above_zero()), n(60), any::<bool>())
        .prop_map(move |(times, of_stays, amount, days, any_shares)| Caps {
            times,
            stays: of_stays.filter(|_| stays),
            amount,
            days: days.filter(|_| daily),
            any_shares,
        })
        .boxed()
}

fn limits(daily: bool) -> BoxedStrategy<Limits> {
    (maybe(amount()), maybe(above_zero()), maybe((1_u32..30).boxed()))
        .prop_map(move |(minimum, amount, days)| {
            let least = |m: Amount| amount.map_or(m, |a| m.min(a));
            Limits { minimum: minimum.map(least), amount, days: days.filter(|_| daily) }
        })
        .boxed()
}

fn waiting() -> BoxedStrategy<(u32, Vec<WaitingRung>)> {
    let rung = (1_u32..60, 0..3_u8, amount(), rate());
    let ladder = prop::collection::vec(rung, 1..4).prop_map(|rungs| {
        let mut reached = 0;
        let rungs = rungs.into_iter().map(|(days, kind, amount, rate)| {
            reached += days;
            let (amount, rate) = ((kind == 1).then_some(amount), (kind == 2).then_some(rate));
            WaitingRung { to_day: reached, amount, rate }
        });
        (0, rungs.collect())
    });
    prop_oneof![3 => Just((0, Vec::new())), 1 => (1_u32..100).prop_map(|days| (days, Vec::new())), 2 => ladder].boxed()
}

fn clauses() -> BoxedStrategy<Clauses> {
    let some = prop::collection::vec(pick(rules::CLAUSE.to_vec()), 6);
    some.prop_map(|words| {
        let [waiting, base, deductible, minimum, caps, rounding]: [String; 6] =
            words.into_iter().map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        Clauses { waiting, base, deductible, minimum, caps, rounding }
    })
    .boxed()
}

pub fn liability(index: usize, benefit: Benefit) -> BoxedStrategy<Liability> {
    let daily = benefit.pays_by_days();
    let stays = matches!(benefit, Benefit::Reimbursement(_) | Benefit::DailyAllowance(_) | Benefit::TierSum(_));
    let per_stay = if stays { limits(daily) } else { Just(Limits::default()).boxed() };
    let deadline = (1_u32..3660, pick(DeadlineFrom::iter().collect()));
    let money = (per_stay, limits(daily), caps(daily, stays), maybe(amount()), pick(Rounding::iter().collect()));
    let money = (money, maybe(amount()));
    let ends = maybe(pick(EndsCover::iter().collect()));
    let words = (few(ClaimType::iter().collect(), 1), clauses(), pick(rules::CLAUSE.to_vec()));
    (waiting(), money, ends, maybe(deadline.boxed()), words)
        .prop_map(move |(waiting, money, ends_cover, deadline, (claim_types, clauses, clause))| {
            let ((per_stay, per_claim, caps, minimum, rounding), second_review_from) = money;
            Liability {
                code: format!("l{index}"),
                name: format!("责任 \"{index}\""),
                clause: clause.to_owned(),
                claim_types,
                waiting_days: waiting.0,
                waiting: waiting.1,
                minimum: minimum.filter(|_| per_claim.minimum.is_none()),
                second_review_from,
                per_stay,
                per_claim,
                caps,
                ends_cover,
                deadline: deadline.map(|(days, from)| Deadline { days, from }),
                rounding,
                clauses,
                benefit: benefit.clone(),
                examples: Vec::new(),
            }
        })
        .boxed()
}

fn group(index: usize, liabilities: Vec<Liability>) -> BoxedStrategy<Group> {
    let codes: Vec<String> = liabilities.iter().map(|l| l.code.clone()).collect();
    few(codes, 2)
        .prop_flat_map(move |codes| {
            let of = |test: fn(&Liability) -> bool| liabilities.iter().any(|l| codes.contains(&l.code) && test(l));
            let caps = caps(of(|l| l.benefit.pays_by_days()), of(Liability::needs_statements));
            (Just(codes), caps, any::<bool>(), pick(rules::CLAUSE.to_vec()))
        })
        .prop_map(move |(liabilities, caps, exclusive, clause)| Group {
            code: format!("g{index}"),
            name: format!("组{index}"),
            clause: clause.to_owned(),
            liabilities,
            exclusive: exclusive || caps.is_empty(),
            caps,
        })
        .boxed()
}

fn material(index: usize) -> BoxedStrategy<MaterialRule> {
    let whose = (few(ClaimType::iter().collect(), 0), few(vec!["l0".to_owned(), "l1".to_owned()], 0));
    let count = (any::<bool>(), 1_u32..4, maybe((0_u32..5).boxed()), maybe(amount()), any::<bool>());
    let picture = (few(PictureFormat::iter().collect(), 0), maybe((1_u32..=10).boxed()));
    (whose, count, picture, few(vec!["account_no".to_owned(), "bank_name".to_owned()], 0))
        .prop_map(
            move |((claim_types, liabilities), (required, min, more, above, reusable), (formats, max_mb), fields)| {
                MaterialRule {
                    kind: format!("m{index}"),
                    name: "材料".into(),
                    claim_types,
                    liabilities,
                    required,
                    min,
                    max: more.map(|n| min + n),
                    above: above.filter(|_| required),
                    formats,
                    max_mb,
                    reusable,
                    fields,
                }
            },
        )
        .boxed()
}

fn terms() -> BoxedStrategy<EnrolmentTerms> {
    let ages = (maybe((0_u32..60).boxed()), maybe((60_u32..150).boxed()));
    (maybe(amount()), ages, maybe((1_u32..99).boxed()), any::<bool>(), maybe(rate()))
        .prop_map(|(fee, (min_age, max_age), max_shares, retired, participation)| EnrolmentTerms {
            fee,
            min_age,
            max_age,
            max_shares,
            retired,
            participation,
        })
        .boxed()
}

/// A plan of these liabilities.
fn plan_of(liabilities: Vec<Liability>) -> BoxedStrategy<Plan> {
    let groups = prop_oneof![
        Just(Vec::new()),
        group(0, liabilities.clone()).prop_map(|g| vec![g]),
        (group(0, liabilities.clone()), group(1, liabilities.clone())).prop_map(|(a, b)| vec![a, b]),
    ];
    let materials = prop_oneof![Just(Vec::new()), (material(0), material(1)).prop_map(|(a, b)| vec![a, b])];
    (groups, materials, pick(vec!["", "总工会〔2024〕1 号"]), terms())
        .prop_map(move |(groups, materials, basis, enrolment)| Plan {
            code: "random".into(),
            version: "1".into(),
            name: "随机".into(),
            basis: basis.to_owned(),
            effective_from: day("2024-01-01"),
            effective_to: day("2024-12-31"),
            enrolment,
            liabilities: liabilities.clone(),
            groups,
            materials,
        })
        .boxed()
}

/// A plan of three liabilities, the first of this shape.
pub fn plan_with(first: BoxedStrategy<Benefit>) -> BoxedStrategy<Plan> {
    (first, rules::benefit(), rules::benefit())
        .prop_flat_map(|(a, b, c)| (liability(0, a), liability(1, b), liability(2, c)))
        .prop_flat_map(|(a, b, c)| plan_of(vec![a, b, c]))
        .boxed()
}

pub fn plan() -> BoxedStrategy<Plan> {
    plan_with(rules::benefit())
}

/// The plainest liability that pays by this rule, alone in its plan.
pub fn plain(benefit: Benefit) -> Plan {
    let text = include_str!("../golden/rounding.toml");
    let mut plan = Plan::parse(text).unwrap();
    plan.liabilities.truncate(1);
    plan.liabilities[0].benefit = benefit;
    plan.liabilities[0].examples.clear();
    plan
}
