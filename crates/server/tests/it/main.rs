//! The server from outside: one request, one readable expectation. Runs on SQLite, and on PostgreSQL where
//! `HUZHU_TEST_DATABASE_URL` names a cluster (its database name is ignored: every test makes its own).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails says so")]

mod absences;
mod acceptance;
mod acts;
mod after;
mod authority;
mod board;
mod calendar;
mod changes;
mod crash;
mod dictionaries;
mod enrolment;
mod enrolment_import;
mod enrolment_records;
mod expenses;
mod figures;
mod inquiry;
mod intake;
mod judging;
mod materials;
mod members;
mod merges;
mod model;
mod notices;
mod openapi;
mod operators;
mod orgs;
mod papers;
mod payment;
mod payment_files;
mod payment_races;
mod permissions;
mod pictures;
mod plan_claims;
mod plan_cli;
mod plans;
mod races;
mod records_inquiry;
mod review;
mod session;
mod sound;
mod tidy;
mod units;
mod users;
mod world;
