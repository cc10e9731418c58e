//! The ground everything stands on. It knows no business.
pub mod auth;
pub mod blob;
pub mod can;
pub mod client;
pub mod clock;
pub mod coded;
pub mod config;
pub mod db;
pub mod error;
pub mod guard;
pub mod intake;
pub mod keys;
pub mod messages;
pub mod paging;
pub mod secrets;
pub mod upload;
pub mod xlsx;
