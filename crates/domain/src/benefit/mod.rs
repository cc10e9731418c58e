//! 互助金额: what a claim is worth by the plan version of its coverage, and why.
//!
//! A plan is data ([`Plan`]); [`calculate()`] turns it and the facts of a claim into an amount and a trace (计算过程)
//! that a member could read. Money is integer fen; decimals live only inside a calculation and are rounded once, at
//! the end. One file per shape of benefit, each with the same order: the rule as data, what is wrong with it, what it pays.
mod amount;
mod calculate;
mod caps;
mod check;
mod condition;
mod curve;
mod daily_allowance;
mod deductible;
mod example;
mod example_parts;
mod explain;
mod fault;
mod formula;
mod plan;
mod reimbursement;
mod sums;
mod trace;
mod usage;
mod waiting;

pub use amount::{Amount, Factor, Rate};
pub use calculate::{Calculation, Claim, calculate};
pub use caps::{Caps, EndsCover, Group, Limits};
pub use condition::{Condition, Modifier};
pub use curve::Curve;
pub use daily_allowance::{DailyAllowance, DayTier};
pub use deductible::{Deductible, OtherDeductible, Scope, Threshold};
pub use example::{Example, ExampleResult};
pub use example_parts::{ExampleCoverage, ExampleStatement, ExampleUsage};
pub use explain::{Explained, Sentence};
pub use fault::Fault;
pub use formula::{Formula, Quantity, Token};
pub use plan::{Benefit, Clauses, Deadline, DeadlineFrom, Liability, MAX_PLAN_BYTES, Plan, Rounding};
pub use reimbursement::{Band, BandMode, OtherBands, Reimbursement};
pub use sums::{ClassSum, FeeTier, FixedSum, Grade, GradeSum, SeveralInjuries, SumClass, TierSum};
pub use trace::{CapOf, Step, TraceStep};
pub use usage::{Usage, UsageBook, UsageChange};
pub use waiting::WaitingRung;
