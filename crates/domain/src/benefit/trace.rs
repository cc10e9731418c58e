//! 计算过程: every step from the statement's numbers to the amount, as data. The sentences are the locales'.
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Modifier, Scope, SeveralInjuries, Threshold, formula::Token};
use crate::{coverage::Ineligible, money::Fen};

/// What a cap is a cap of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum CapOf {
    /// One stay.
    Stay,
    /// One claim.
    Claim,
    /// The coverage period.
    Period,
    /// The liabilities of a group, in the coverage period.
    Group {
        /// Its name in the plan.
        group: String,
    },
}

/// One step, with what its sentence needs. Serialises as `{ "kind": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "args", rename_all = "snake_case")]
pub enum Step {
    /// Nothing is paid at all.
    Refused {
        /// Why.
        reasons: Vec<Ineligible>,
    },
    /// The number of stays in the period is used up: this one pays nothing.
    StaysUsedUp {
        /// The most.
        cap: u32,
        /// Used before, the earlier ones of this claim included.
        used: u32,
    },
    /// The base of one statement, with the numbers that it is made from.
    Base {
        /// The formula with the statement's numbers.
        formula: Vec<Token>,
    },
    /// 起付线 of one statement.
    Deductible {
        /// How much.
        amount: Fen,
        /// Counted over what.
        per: Scope,
        /// What counts once it is reached.
        counts: Threshold,
        /// What of it was borne before.
        before: Fen,
    },
    /// The quantity that bands or tiers are laid on, where it isn't the base.
    Measure {
        /// The formula with the statement's numbers.
        formula: Vec<Token>,
    },
    /// A band.
    Band {
        /// Where it begins.
        from: Fen,
        /// Where it ends; None where it doesn't.
        to: Option<Fen>,
        /// `30%`.
        rate: String,
        /// What of the base lies in it.
        part: Fen,
        /// Whether the whole base is paid at its rate.
        #[serde(default)]
        whole: bool,
    },
    /// A change of the rate or of the sum a day.
    Modifier {
        /// When, and what it does.
        modifier: Box<Modifier>,
    },
    /// The paid days of one statement.
    Days {
        /// 住院天数.
        days: u32,
        /// Days that are not paid.
        waived: u32,
        /// Days of earlier stays that are paid now, since the threshold is reached.
        #[serde(default)]
        earlier: u32,
        /// Days that are.
        paid: u32,
    },
    /// Days times the daily sum.
    Allowance {
        /// Paid days.
        days: u32,
        /// A day.
        per_day: Fen,
    },
    /// One fixed sum.
    FixedSum {},
    /// A fixed sum by class.
    LumpSum {
        /// The class's name in the plan.
        class: String,
    },
    /// A fixed sum by disability grade.
    Grade {
        /// The grades of all injuries.
        injuries: Vec<u32>,
        /// The grade that they come to.
        grade: u32,
        /// By which rule.
        several: SeveralInjuries,
    },
    /// A fixed sum by fee tier.
    Tier {
        /// Where it begins.
        from: Fen,
        /// Where it ends; None where it doesn't.
        to: Option<Fen>,
    },
    /// Times the number of 份.
    Shares {
        /// How many.
        shares: u32,
    },
    /// 观察期: a sum in the place of the benefit.
    WaitingSum {
        /// Until which day of the coverage.
        to_day: u32,
    },
    /// 观察期: a part of the benefit.
    WaitingRate {
        /// Until which day of the coverage.
        to_day: u32,
        /// `50%`.
        rate: String,
    },
    /// Lifted to the least that is paid.
    Minimum {
        /// The least.
        minimum: Fen,
    },
    /// The most paid days.
    CapDays {
        /// Of what.
        #[serde(flatten)]
        of: CapOf,
        /// The most.
        cap: u32,
        /// Used before.
        used: u32,
        /// Left for this stay.
        left: u32,
    },
    /// The most money.
    CapAmount {
        /// Of what.
        #[serde(flatten)]
        of: CapOf,
        /// The most.
        cap: Fen,
        /// Used before.
        used: Fen,
        /// Left for this claim.
        left: Fen,
    },
    /// Rounded once.
    Rounding {
        /// How.
        to: super::Rounding,
    },
    /// 互助金额.
    Amount {},
}

/// One line of the 计算过程.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// What was done.
    #[serde(flatten)]
    pub step: Step,
    /// The plan's clause that says so; empty where the plan names none.
    pub clause: String,
    /// Which statement it is about, from 1; None where it is about the claim.
    pub statement: Option<usize>,
    /// The amount after the step (of the band or statement, where it is about one), to the fen.
    pub amount: Fen,
    /// What the step adds to the 互助金额 or takes off it, exactly, in yuan; the changes of all steps are its sum.
    #[serde(default)]
    pub change: Decimal,
}
