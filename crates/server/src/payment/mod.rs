//! 支付 and 结案: there is one way by which money leaves, and it takes two people.
//!
//! A cashier makes a batch (付款批次) of approved cases of one office; it holds an item for each payee's share. Somebody
//! else releases it. The bank's answer, as a file or by hand, settles each item once: paid, or 退票. When every share of a
//! case is paid, the spine closes it (结案). What bounced goes into a later batch, once a second person has approved the
//! account; what was paid stays paid. Who entered, reviewed or approved a case may neither make, release nor settle its batch.
//!
//! Whoever writes locks in one order: the number of the day, the batch, its cases by id, then items. That no share is in two
//! open batches or paid twice is a unique index, too.
mod act;
mod bank_file;
mod cases_of;
mod correct;
mod http;
mod items;
mod layout;
mod make;
mod pain;
mod repairs;
mod results;
mod search;
mod settle;
mod store;
mod view;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use act::release;
pub use correct::{Asked, ask as ask_correction, decide as decide_correction};
pub use make::{NewBatch, make};
pub use settle::{BouncedItem, SettleRequest, by_hand as settle};
pub use store::items_of;

use crate::{app::App, exchange, pictures};

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    let answers = OpenApiRouter::new()
        .routes(routes!(results::preview))
        .routes(routes!(results::apply))
        .layer(exchange::body_limit());
    let papers =
        OpenApiRouter::new().routes(routes!(correct::create)).layer(DefaultBodyLimit::max(pictures::max_form()));
    OpenApiRouter::new()
        .merge(answers)
        .merge(papers)
        .routes(routes!(search::search))
        .routes(routes!(cases_of::items_of_case))
        .routes(routes!(http::create))
        .routes(routes!(http::search))
        .routes(routes!(http::show))
        .routes(routes!(items::search))
        .routes(routes!(http::change))
        .routes(routes!(http::cancel))
        .routes(routes!(http::release))
        .routes(routes!(http::settle))
        .routes(routes!(bank_file::download))
        .routes(routes!(repairs::search))
        .routes(routes!(correct::approve))
        .routes(routes!(correct::refuse))
        .routes(routes!(correct::picture))
        .routes(routes!(layout::show, layout::keep))
        .routes(routes!(layout::preview))
}
