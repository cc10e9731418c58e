//! The pure rules of Huzhu (互助): what a case (案件) may do next, what a claim (申领) is worth, and why.
//!
//! Architecture invariant: no I/O, no async, no clock, no randomness and no floating point in this crate.
//! Whatever a rule needs to know (today's date, who acts, what was used before) is handed in.
#![forbid(unsafe_code)]

#[macro_use]
mod code;

pub mod absence;
pub mod appeal;
pub mod bank_card;
pub mod benefit;
pub mod calendar;
mod capitals;
pub mod case;
pub mod cells;
pub mod change;
pub mod claim_type;
pub mod coverage;
pub mod credit_code;
pub mod dates;
pub mod dictionary;
pub mod enrolment;
pub mod id_number;
pub mod ids;
pub mod materials;
pub mod member;
pub mod money;
pub mod org;
pub mod password;
pub mod payment;
pub mod permission;
pub mod plan_draft;
pub mod retention;
pub mod statement;
pub mod username;
