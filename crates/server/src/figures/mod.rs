//! 统计: how many cases came, went and were paid, how long they took, and what was paid of the fees.
//!
//! A case is counted on one day by each measure, so that rows come to their total and to the list behind them:
//! - 受理 `received`: on the day of its acceptance (deleted cases never);
//! - 首次提交 `submitted`: on the day of its first 申领提交; 退回 `returned`: on the day of its first 退回;
//! - 结案 `closed` = 已给付 `paid` + 不予给付 `denied` + 撤案 `withdrawn` + 已更正, 已追回, 已核销: on the day of its closing;
//!   `paid_fen` is the sum of the 互助金额 of the paid ones (of a correction: the difference), `recovered_fen` what came
//!   back of the recovered and written-off ones. A correction is a case of its own in all of these.
//! - 办理时长 `stays`: of the cases closed in the range, the time that each spent at a stage in all (twice returned, all
//!   visits together), in seconds of the clock on the wall: the average, rounded down, and the 90th percentile (the least
//!   time that at least nine in ten cases kept to). The whole way is from acceptance to closing.
//! - 赔付率 `ratio`: of the coverages in force that begin in the range, what was paid of cases under them until now
//!   (recoveries aren't taken off) ÷ their fees (shares × the fee of one 份 of their plan version), in basis points. Coverages under a version that
//!   says no fee are told (`without_fee`) and count with 0. It isn't asked by claim type: a fee is for all of them.
//! - 在办账龄 `ageing`: open cases by stage and by days since acceptance, now.
//!
//! Days and months are the society's. A case counts where it was accepted (its branch columns), a coverage where its unit
//! stands now. Who may look up cases may count them: the right is that of 信息查询.
mod export;
mod flow;
mod http;
mod key;
mod ratio;
mod report;
mod stays;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::overview)).routes(routes!(http::report)).routes(routes!(export::export))
}
