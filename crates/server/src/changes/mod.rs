//! 变更管理: nothing on record changes without somebody who asks and somebody else who approves.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
