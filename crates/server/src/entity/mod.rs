//! One module a table. What the columns mean stands in the migrations; the names are the same.
#![allow(missing_docs, reason = "the migrations document tables and columns")]

pub mod audit_entry;
pub mod case;
pub mod case_event;
pub mod case_material;
pub mod case_material_field;
pub mod case_no_block;
pub mod case_payee;
pub mod change;
pub mod change_file;
pub mod change_number;
pub mod coverage;
pub mod hospital;
pub mod idempotency_key;
pub mod member;
pub mod member_account;
pub mod message;
pub mod org;
pub mod payment;
pub mod plan_draft;
pub mod plan_draft_event;
pub mod plan_version;
pub mod record_event;
pub mod role;
pub mod role_right;
pub mod session;
pub mod sign_in_failure;
pub mod statement;
pub mod usage_entry;
pub mod user;
pub mod user_own_role;
pub mod user_role;
