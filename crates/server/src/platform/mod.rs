//! The ground everything stands on. It knows no business.
pub mod auth;
pub mod blob;
pub mod can;
pub mod client;
pub mod clock;
pub mod coded;
pub mod config;
pub mod db;
pub mod door;
pub mod error;
pub mod guard;
pub mod keys;
pub mod limits;
pub mod mask;
pub mod messages;
pub mod metrics;
pub mod outage;
pub mod paging;
pub mod seal;
pub mod secrets;
mod session_row;
pub mod tls;
pub mod traces;
pub mod upload;
pub mod xlsx;

/// Excel in.
pub use huzhu_intake::sheet as intake;
