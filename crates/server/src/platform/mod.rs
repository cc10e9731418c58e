//! The ground everything stands on. It knows no business.
pub mod auth;
pub mod blob;
pub mod clock;
pub mod coded;
pub mod config;
pub mod db;
pub mod error;
pub mod intake;
pub mod messages;
pub mod paging;
pub mod secrets;
pub mod xlsx;
