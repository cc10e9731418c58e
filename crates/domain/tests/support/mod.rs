//! Random plans that make sense, and random claims under them.
use chrono::NaiveDate;
use huzhu_domain::{
    benefit::*,
    claim_type::ClaimType,
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{AmountField, HospitalLevel, Statement},
};
use proptest::{prelude::*, test_runner::RngSeed};
use rust_decimal::Decimal;

/// The same cases in every run; PROPTEST_CASES and PROPTEST_RNG_SEED look further.
pub fn config() -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match asked.rng_seed {
        RngSeed::Random => ProptestConfig { rng_seed: RngSeed::Fixed(20_261_124), ..asked },
        RngSeed::Fixed(_) => asked,
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn amount(max: i64) -> impl Strategy<Value = Amount> {
    (1..=max).prop_map(|fen| Amount(Fen(fen)))
}

fn rate() -> impl Strategy<Value = Rate> {
    (0_i64..=100).prop_map(|percent| Rate(Decimal::new(percent, 2)))
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::Stay), Just(Scope::Claim), Just(Scope::Period)]
}

fn threshold() -> impl Strategy<Value = Threshold> {
    prop_oneof![Just(Threshold::Excess), Just(Threshold::Whole)]
}

pub fn bands() -> impl Strategy<Value = Vec<Band>> {
    let edges = prop::collection::btree_set(1_i64..=5_000_000, 0..5);
    (edges, prop::collection::vec(rate(), 6)).prop_map(|(edges, rates)| {
        let ends = edges.into_iter().map(|e| Some(Amount(Fen(e)))).chain([None]);
        ends.zip(rates).map(|(to, rate)| Band { to, rate, clause: String::new() }).collect()
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let stay = (1_u32..4).prop_map(|n| Condition { stay_from: Some(n), ..Condition::default() });
    let levels = vec![HospitalLevel::Secondary, HospitalLevel::Primary];
    prop_oneof![
        stay,
        Just(Condition { hospital_levels: levels, ..Condition::default() }),
        Just(Condition { non_local: Some(true), ..Condition::default() }),
    ]
}

fn modifier(daily: bool) -> impl Strategy<Value = Modifier> {
    (condition(), 0..3_u8, rate(), -30_i64..=30, 1_i64..=20, amount(20_000)).prop_map(
        move |(when, kind, rate, points, tenths, per_day)| {
            let mut m = Modifier { when, rate: None, points: None, factor: None, per_day: None, clause: String::new() };
            match (daily, kind) {
                (false, 0) => m.rate = Some(rate),
                (false, 1) => m.points = Some(Factor(Decimal::new(points, 2))),
                (true, 0) => m.per_day = Some(per_day),
                _ => m.factor = Some(Factor(Decimal::new(tenths, 1))),
            }
            m
        },
    )
}

fn reimbursement() -> impl Strategy<Value = Reimbursement> {
    let deductible =
        prop::option::of((amount(200_000), scope(), threshold()).prop_map(|(amount, per, counts)| Deductible {
            amount,
            per,
            counts,
            other: Vec::new(),
        }));
    let base = prop_oneof![Just("self_pay"), Just("self_pay + 0.5 * out_of_scope"), Just("max(in_scope - 1000, 0)")];
    let modifiers = prop::collection::vec(modifier(false), 0..4);
    (base, deductible, bands(), scope(), 0..3_u8, modifiers).prop_map(
        |(base, deductible, bands, accumulate, mode, modifiers)| Reimbursement {
            base: Formula::parse(base).unwrap(),
            deductible,
            bands,
            bands_on: (mode == 1).then(|| Formula::parse("in_scope").unwrap()),
            bands_apply: if mode == 2 { BandMode::Whole } else { BandMode::Marginal },
            accumulate: if mode == 0 { accumulate } else { Scope::Stay },
            bands_for: Vec::new(),
            modifiers,
        },
    )
}

fn daily_allowance() -> impl Strategy<Value = DailyAllowance> {
    let modifiers = prop::collection::vec(modifier(true), 0..3);
    (amount(50_000), amount(50_000), prop::option::of(1_u32..40), 0_u32..10, scope(), threshold(), modifiers).prop_map(
        |(a, b, to_day, waived_days, waived_per, waived_counts, modifiers)| {
            let tier = |to_day, per_day| DayTier { to_day, per_day };
            DailyAllowance {
                per_day: to_day.is_none().then_some(a),
                tiers: to_day.map(|to| vec![tier(Some(to), a), tier(None, b)]).unwrap_or_default(),
                waived_days,
                waived_per,
                waived_counts,
                modifiers,
            }
        },
    )
}

fn benefit() -> impl Strategy<Value = Benefit> {
    let class = |(code, amount): (usize, Amount)| SumClass {
        code: format!("c{code}"),
        name: "类".into(),
        amount: Some(amount),
        rate: None,
    };
    let classes = prop::collection::vec(amount(5_000_000), 1..4)
        .prop_map(move |sums| sums.into_iter().enumerate().map(class).collect::<Vec<_>>());
    let several =
        prop_oneof![Just(SeveralInjuries::Worst), Just(SeveralInjuries::Promote), Just(SeveralInjuries::Total)];
    let grades = (amount(10_000_000), several).prop_map(|(sum, several)| GradeSum {
        sum: Some(sum),
        grades: (1..=10)
            .map(|grade| Grade { grade, amount: None, rate: Some(Rate(Decimal::new(i64::from(11 - grade), 1))) })
            .collect(),
        several,
    });
    prop_oneof![
        4 => reimbursement().prop_map(Benefit::Reimbursement),
        3 => daily_allowance().prop_map(Benefit::DailyAllowance),
        1 => amount(10_000_000).prop_map(|amount| Benefit::FixedSum(FixedSum { amount })),
        1 => classes.prop_map(|classes| Benefit::ClassSum(ClassSum { sum: None, classes })),
        1 => grades.prop_map(Benefit::GradeSum),
    ]
}

fn liability(index: usize) -> impl Strategy<Value = Liability> {
    let rounding = prop_oneof![
        Just(Rounding::Fen),
        Just(Rounding::Jiao),
        Just(Rounding::Yuan),
        Just(Rounding::YuanDown),
        Just(Rounding::YuanUp)
    ];
    let caps = (prop::option::of(1_u32..5), prop::option::of(1_u32..6), prop::option::of(amount(2_000_000)), 1_u32..60);
    let limits = (prop::option::of(amount(5_000)), prop::option::of(10_000_i64..=900_000), prop::option::of(1_u32..30));
    (benefit(), caps, limits, rounding, 0_u32..40).prop_map(move |(benefit, caps, limits, rounding, waiting_days)| {
        let daily = benefit.pays_by_days();
        let stays = matches!(benefit, Benefit::Reimbursement(_) | Benefit::DailyAllowance(_));
        let per = Limits {
            minimum: limits.0,
            amount: limits.1.map(|fen| Amount(Fen(fen))),
            days: limits.2.filter(|_| daily),
        };
        Liability {
            code: format!("l{index}"),
            name: format!("责任{index}"),
            clause: "第一条".into(),
            claim_types: vec![ClaimType::DiseaseInpatient],
            waiting_days,
            waiting: Vec::new(),
            minimum: None,
            per_stay: if stays { per } else { Limits::default() },
            per_claim: Limits { days: None, ..per },
            caps: Caps {
                times: caps.0,
                stays: caps.1.filter(|_| stays),
                amount: caps.2,
                days: daily.then_some(caps.3),
            },
            ends_cover: None,
            deadline: None,
            rounding,
            clauses: Clauses::default(),
            benefit,
            examples: Vec::new(),
        }
    })
}

/// A plan of three liabilities, two of which share a cap.
pub fn plan() -> impl Strategy<Value = Plan> {
    (liability(0), liability(1), liability(2), amount(3_000_000), 1_u32..8).prop_map(|(a, b, c, cap, times)| Plan {
        code: "random".into(),
        version: "1".into(),
        name: "随机".into(),
        basis: String::new(),
        effective_from: day("2024-01-01"),
        effective_to: day("2024-12-31"),
        liabilities: vec![a, b, c],
        groups: vec![Group {
            code: "g".into(),
            name: "组".into(),
            clause: String::new(),
            liabilities: vec!["l0".into(), "l1".into()],
            exclusive: false,
            caps: Caps { amount: Some(cap), times: Some(times), ..Caps::default() },
        }],
        materials: Vec::new(),
    })
}

/// What a claim says, whatever the liability needs of it.
#[derive(Clone, Debug)]
pub struct Facts {
    pub liability: usize,
    pub stays: Vec<(i64, i64, u8, bool)>,
    pub class: usize,
    pub grades: Vec<u32>,
    pub shares: u32,
    pub day: u64,
    pub renewed: bool,
}

pub fn facts() -> impl Strategy<Value = Facts> {
    let stay = (0_i64..=8_000_000, 0_i64..=60, 0..3_u8, any::<bool>());
    let stays = prop::collection::vec(stay, 1..4);
    let grades = prop::collection::vec(1_u32..=10, 1..4);
    (0..3_usize, stays, 0..4_usize, grades, 1_u32..4, 0_u64..366, any::<bool>()).prop_map(
        |(liability, stays, class, grades, shares, day, renewed)| Facts {
            liability,
            stays,
            class,
            grades,
            shares,
            day,
            renewed,
        },
    )
}

impl Facts {
    pub fn calculate(&self, plan: &Plan, usage: &UsageBook) -> Calculation {
        let period = Period::new(day("2024-01-01"), day("2024-12-31")).unwrap();
        let statements: Vec<Statement> = self.stays.iter().map(statement).collect();
        let class = format!("c{}", self.class);
        let claim = Claim {
            claim_type: ClaimType::DiseaseInpatient,
            incident_date: period.from + chrono::Days::new(self.day),
            coverage: Coverage { period, shares: self.shares, renewed: self.renewed },
            statements: &statements,
            class_code: Some(&class),
            grades: &self.grades,
            usage,
        };
        calculate(plan, &plan.liabilities[self.liability], &claim)
    }
}

fn statement((cost, days, level, non_local): &(i64, i64, u8, bool)) -> Statement {
    let from = day("2024-03-01");
    let stay = Period::new(from, from + chrono::Days::new(u64::try_from(*days).unwrap())).unwrap();
    let amounts = [
        (AmountField::Total, Fen(cost * 4)),
        (AmountField::SelfPay, Fen(*cost)),
        (AmountField::OutOfScope, Fen(cost / 3)),
    ];
    let mut statement = Statement::of(stay, &amounts);
    statement.hospital_level =
        [HospitalLevel::Tertiary, HospitalLevel::Secondary, HospitalLevel::Primary][*level as usize];
    statement.non_local = *non_local;
    statement
}
