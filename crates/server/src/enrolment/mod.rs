//! 参保入会 · 信息采集: batches of a roster, from the Excel file to coverages in force.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
