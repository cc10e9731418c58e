//! 计算过程: every step from the statement's numbers to the amount, as data. The sentences are the locales'.
use serde::{Deserialize, Serialize};

use super::Sign;
use crate::{money::Fen, statement::AmountField};

/// One step, with what its sentence needs. Serialises as `{ "kind": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "args", rename_all = "snake_case")]
pub enum Step {
    /// The base of one statement, with the numbers that it is made from.
    Base {
        /// Sign, amount's name, amount.
        terms: Vec<(Sign, AmountField, Fen)>,
    },
    /// A marginal band.
    Band {
        /// Where it begins.
        from: Fen,
        /// Where it ends; None where it doesn't.
        to: Option<Fen>,
        /// `30%`.
        rate: String,
        /// What of the base lies in it.
        part: Fen,
    },
    /// The paid days of one statement.
    Days {
        /// 住院天数.
        days: u32,
        /// Days that are not paid.
        waived: u32,
        /// Days that are.
        paid: u32,
    },
    /// Days times the daily rate.
    Allowance {
        /// Paid days of all statements, after the caps.
        days: u32,
        /// A day.
        per_day: Fen,
    },
    /// A fixed sum by class.
    LumpSum {
        /// The class's name in the plan.
        class: String,
    },
    /// Times the number of 份.
    Shares {
        /// How many.
        shares: u32,
    },
    /// Lifted to the least that is paid.
    Minimum {
        /// The least.
        minimum: Fen,
    },
    /// 观察期: nothing is paid yet.
    Waiting {
        /// How long it is, in days.
        days: u32,
    },
    /// The number of times in the period.
    CapTimes {
        /// The most.
        cap: u32,
        /// Used before.
        used: u32,
    },
    /// The paid days in the period.
    CapDays {
        /// The most.
        cap: u32,
        /// Used before.
        used: u32,
        /// Left for this claim.
        left: u32,
    },
    /// The money in the period.
    CapAmount {
        /// The most.
        cap: Fen,
        /// Used before.
        used: Fen,
        /// Left for this claim.
        left: Fen,
    },
    /// Rounded once.
    Rounding {
        /// `fen` or `yuan`.
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
}
