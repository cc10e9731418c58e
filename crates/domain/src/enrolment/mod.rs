//! 参保入会: what a roster's rows must say, who may be enrolled under a plan, and the way of a batch (批次) from the file to
//! coverages in force.
mod batch;
mod judge;
mod roster;
mod terms;
#[cfg(test)]
mod tests;

pub use batch::{Batch, BatchAction, BatchBlocker, BatchState, allowed, apply};
pub use judge::{Judgement, Known, Problem, ProblemCode, Under, judge};
pub use roster::{COLUMNS, Column, Person, RosterField, id_kind_of, read};
pub use terms::{EnrolmentTerms, MAX_SHARES, Objection};
