//! 更正, 申诉, 追回: what follows a closed case. The closed case itself never changes.
//!
//! 更正: a reviewer opens a case that corrects a closed one. Everything entered is taken over; it goes the way of every case from
//! 费用录入, is computed as if the chain that it corrects hadn't happened, and pays or claims back the difference. Who opened it
//! may not review it. A chain has one correction on its way at a time.
//!
//! 申诉: recorded within a limit of calendar days, later with a reason; decided by a senior reviewer who had no hand in the case.
//! 支持 opens the correction in the same transaction, 维持 says why to the member.
//!
//! 追回: receipts until the claim is whole, each confirmed by a second person; what can't be got is written off by one, too.
mod appeal_list;
mod appeal_view;
mod appeals;
mod corrections;
mod papers;
mod receipts;
mod recovery_list;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use appeals::{AppealDecision, AppealRequest, decide_appeal, record_appeal};
pub use corrections::{CorrectionRequest, open_correction};
pub use papers::keep as keep_paper;
pub use receipts::{ReceiptRequest, VerdictRequest, ask_write_off_of, decide_entry, record_receipt_of};

use crate::{app::App, pictures};

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    let upload =
        OpenApiRouter::new().routes(routes!(papers::upload)).layer(DefaultBodyLimit::max(pictures::max_form()));
    OpenApiRouter::new()
        .merge(upload)
        .routes(routes!(corrections::open))
        .routes(routes!(appeals::record))
        .routes(routes!(appeal_list::search))
        .routes(routes!(appeal_view::show))
        .routes(routes!(appeals::decide))
        .routes(routes!(appeals::withdraw))
        .routes(routes!(papers::content))
        .routes(routes!(recovery_list::search))
        .routes(routes!(receipts::record_receipt))
        .routes(routes!(receipts::decide_receipt))
        .routes(routes!(receipts::ask_write_off))
        .routes(routes!(receipts::decide_write_off))
}
