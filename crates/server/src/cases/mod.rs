//! 案件: the spine. Every step of the way asks [`act()`] to change a case; nothing else does.
//!
//! A case outside the caller's branch does not exist for them (404), on reads and on writes. What may be done next is
//! computed here from the domain's table of moves and sent along; the browser draws it and never works it out itself.
pub mod accounts;
mod act;
pub mod after;
mod alike;
mod answer;
pub mod assign;
pub mod chain;
pub mod deadlines;
pub mod doubts;
pub mod due;
pub mod events;
pub mod file;
pub mod http;
pub mod ledger;
mod narrow;
pub mod numbers;
pub mod recovery;
pub mod reductions;
pub mod rows;
mod second;
pub mod state;
mod statements;
pub mod store;
pub mod supplements;
pub mod suspect;
mod trace;
pub mod view;
pub mod whole;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use act::{Act, Acted, act, act_in, perform, refused};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::show)).routes(routes!(http::find)).routes(routes!(whole::numbers))
}
