//! 互助金额: what a claim is worth by the plan version of its coverage, and why.
//!
//! A plan is data ([`Plan`]); [`calculate`] turns it and the facts of a claim into an amount and a trace (计算过程)
//! that a member could read. Money is integer fen; decimals live only inside a calculation and are rounded once, at
//! the end.
mod amount;
mod base;
mod calculate;
mod daily_allowance;
mod example;
mod lump_sum;
mod plan;
mod reimbursement;
mod trace;
mod usage;

pub use amount::{Amount, Rate};
pub use base::{Base, Sign, Term};
pub use calculate::{Calculation, Claim, calculate};
pub use daily_allowance::DailyAllowance;
pub use example::{Example, ExampleResult};
pub use lump_sum::{LumpSum, LumpSumClass};
pub use plan::{Benefit, Caps, Liability, Plan, PlanError, Rounding};
pub use reimbursement::{Band, Reimbursement};
pub use trace::{Step, TraceStep};
pub use usage::Usage;
