//! 材料上传 (manual 1.1.3): pictures of the papers that the plan version wants, and what is typed off them.
//!
//! What a file is, its content says, never its name: it must be a PNG or JPEG that can be decoded within limits, to its
//! last byte. The same content is stored once. 确定 sends the case to 费用录入 when everything required is there.
mod http;
mod store;
mod upload;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use http::keep_fields;
pub use store::add;

pub use crate::pictures::{MAX_BYTES, Picture, store_file};
use crate::{app::App, pictures};

/// The routes of this slice.
pub fn router() -> OpenApiRouter<App> {
    let upload =
        OpenApiRouter::new().routes(routes!(upload::upload)).layer(DefaultBodyLimit::max(pictures::max_form()));
    OpenApiRouter::new()
        .merge(upload)
        .routes(routes!(http::content))
        .routes(routes!(http::thumbnail))
        .routes(routes!(http::remove))
        .routes(routes!(http::set_fields))
        .routes(routes!(http::confirm))
        .routes(routes!(http::answer_supplement))
}
