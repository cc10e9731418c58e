//! Random claims, whatever the liability needs of them.
use chrono::Days;
use huzhu_domain::{
    benefit::{Calculation, Claim, Plan, UsageBook, calculate},
    coverage::Coverage,
    dates::Period,
    money::Fen,
    statement::{AmountField, HospitalLevel, InsuranceType, Statement},
};
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{day, fen, pick};

/// A 结算单.
#[derive(Clone, Debug)]
pub struct Paper {
    pub amounts: [i64; 10],
    pub days: u32,
    pub level: HospitalLevel,
    pub insurance: InsuranceType,
    pub non_local: bool,
    pub registered: bool,
}

impl Paper {
    /// One of nothing but 个人自付 and days.
    pub fn plain(self_pay: i64, days: u32) -> Self {
        let mut amounts = [0; 10];
        amounts[AmountField::SelfPay as usize] = self_pay;
        Self {
            amounts,
            days,
            level: HospitalLevel::Tertiary,
            insurance: InsuranceType::Employee,
            non_local: false,
            registered: false,
        }
    }

    pub fn statement(&self) -> Statement {
        let from = day("2024-03-01");
        let stay = Period::new(from, from + Days::new(u64::from(self.days))).unwrap();
        let amounts: Vec<(AmountField, Fen)> = AmountField::iter().zip(self.amounts.map(Fen)).collect();
        let mut statement = Statement::of(stay, &amounts);
        statement.hospital_level = self.level;
        statement.insurance_type = self.insurance;
        statement.non_local = self.non_local;
        statement.non_local_registered = self.registered;
        statement
    }
}

pub fn paper() -> BoxedStrategy<Paper> {
    let amounts = prop::array::uniform10(fen());
    let kind = (pick(HospitalLevel::iter().collect()), pick(InsuranceType::iter().collect()));
    (amounts, prop_oneof![4 => 0_u32..20, 1 => 20_u32..400], kind, any::<bool>(), any::<bool>())
        .prop_map(|(amounts, days, (level, insurance), non_local, registered)| Paper {
            amounts,
            days,
            level,
            insurance,
            non_local,
            registered,
        })
        .boxed()
}

#[derive(Clone, Debug)]
pub struct Facts {
    pub liability: usize,
    pub claim_type: usize,
    pub papers: Vec<Paper>,
    pub class: usize,
    pub grades: Vec<u32>,
    pub shares: u32,
    pub day: u64,
    pub renewed: bool,
}

impl Facts {
    /// A claim of the first liability that nothing stands in the way of.
    pub fn plain(papers: Vec<Paper>) -> Self {
        Self { liability: 0, claim_type: 0, papers, class: 0, grades: vec![1], shares: 1, day: 300, renewed: true }
    }

    pub fn calculate(&self, plan: &Plan, usage: &UsageBook) -> Calculation {
        let liability = &plan.liabilities[self.liability % plan.liabilities.len()];
        let period = Period::new(day("2024-01-01"), day("2024-12-31")).unwrap();
        let statements: Vec<Statement> = self.papers.iter().map(Paper::statement).collect();
        let class = format!("c{}", self.class);
        let claim = Claim {
            claim_type: liability.claim_types[self.claim_type % liability.claim_types.len()],
            incident_date: period.from + Days::new(self.day),
            coverage: Coverage { period, shares: self.shares, renewed: self.renewed },
            statements: &statements,
            class_code: Some(&class),
            grades: &self.grades,
            usage,
        };
        calculate(plan, liability, &claim)
    }
}

pub fn facts() -> BoxedStrategy<Facts> {
    let papers = prop::collection::vec(paper(), 1..4);
    let grades = prop::collection::vec(1_u32..=10, 1..4);
    let shares = prop_oneof![6 => Just(1), 3 => 2_u32..5, 1 => Just(10_000)];
    let day = prop_oneof![1 => 0_u64..120, 2 => 120_u64..366, 1 => Just(400)];
    (0..3_usize, 0..8_usize, papers, 0..4_usize, grades, shares, day, any::<bool>())
        .prop_map(|(liability, claim_type, papers, class, grades, shares, day, renewed)| Facts {
            liability,
            claim_type,
            papers,
            class,
            grades,
            shares,
            day,
            renewed,
        })
        .boxed()
}
