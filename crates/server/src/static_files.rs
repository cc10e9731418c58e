//! The web application, from inside the binary.
use axum::{
    body::Body,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::platform::error::Problem;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct WebApp;

/// Serves a file of the web application; any other path is a page of it, which its router knows.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return Problem::not_found().into_response();
    }
    // Names under assets/ carry a hash of the content: they can be kept for ever, and a missing one is missing.
    let hashed = path.starts_with("assets/");
    let file = WebApp::get(path).filter(|_| !path.is_empty());
    let file = match file {
        Some(file) => file,
        None if hashed => return StatusCode::NOT_FOUND.into_response(),
        None => match WebApp::get("index.html") {
            Some(index) => index,
            None => {
                return (StatusCode::NOT_FOUND, "the web application was not built into this binary").into_response();
            }
        },
    };
    let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = file.metadata.mimetype().to_owned();
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache.to_owned())];
    (headers, Body::from(file.data)).into_response()
}
