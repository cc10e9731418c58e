//! 支付 and 结案: finance confirms that approved benefits were paid, one or many at once; with that a case is closed.
//!
//! All the cases of one confirmation are closed, or none. Who approved a case may not pay it.
mod http;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use http::{PaidCase, PaymentConfirmation, PaymentsConfirmed, confirm_all};

use crate::app::App;

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::search)).routes(routes!(http::confirm))
}
