//! The server of Huzhu (互助): an API and the web application that draws it, in one binary.
//!
//! A folder per business step (acceptance, materials, expenses, review, payment, inquiry, pools), the spine that every
//! change of a case goes through (`cases`), and the ground they stand on (`platform`). Slices use `huzhu_domain`,
//! `cases` and `platform`, never each other.
#![forbid(unsafe_code)]

pub mod absences;
pub mod acceptance;
pub mod after;
pub mod app;
pub mod audit;
pub mod backup;
pub mod calendar;
pub mod cases;
pub mod changes;
pub mod demo;
pub mod dictionaries;
pub mod doctor;
pub mod enrolment;
pub mod entity;
pub mod exchange;
pub mod expenses;
pub mod export;
pub mod figures;
pub mod inquiry;
pub mod installation;
pub mod materials;
pub mod members;
pub mod notices;
pub mod notify;
pub mod orgs;
mod papers;
pub mod payment;
pub mod pictures;
pub mod plans;
pub mod platform;
pub mod pools;
pub mod records;
pub mod retention;
pub mod review;
mod static_files;
