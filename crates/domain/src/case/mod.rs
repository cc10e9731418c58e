//! 案件: a claim on its way from 申领受理 to 结案.
//!
//! The table in [`moves`] is the whole workflow. [`apply`] is the only way to a new [`State`]; a refusal lists ALL
//! the reasons, so that a button can say at once everything that is still missing.
mod action;
mod blocker;
mod correction;
mod cut;
mod decide;
mod entry;
pub mod moves;
mod papers;
mod recovery;
mod second;
mod stage;
mod suspicion;

pub use action::{Action, ActionKind, DenyReason, ReturnReason, ReturnTo, WithdrawReason};
pub use blocker::Blocker;
pub use correction::{Correction, CorrectionReason, OpenFacts, Tail, difference, open_blockers};
pub use cut::{Cut, CutPart, CutReason, less, room};
pub use decide::{
    Actor, AllowedAction, CalculationState, Case, Decision, Facts, LedgerEffect, Limits, allowed_actions, apply,
    blockers, may_take,
};
pub use entry::{
    Incident, Injury, MAX_INJURIES, MAX_PAYEES, MAX_TEXT, Payee, Relation, WHOLE_SHARE, is_account_no, payee_issues,
};
pub use papers::{CasePaper, masked, papers_of};
pub use recovery::{ReceiptWay, Recovery, Verdict, Waiting, WriteOffReason};
pub use second::{ALL, SecondReason, SecondTerms, draw, second_reasons};
pub use stage::{CaseSource, Closing, Outcome, Stage, State};
pub use suspicion::{Claimed, OtherCase, Suspicion, suspicions};
