//! What every request meets first: another site's page can't act in somebody's name, and answers say how a browser is to treat them.
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::Problem;

/// Scripts come from here alone; Element Plus writes inline styles, the camera's picture is a blob.
const POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; \
    object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// What every answer says, where it doesn't say otherwise itself.
const HEADERS: [(header::HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=(), payment=()"),
];

/// Middleware: refuses what another site's page asks for in the name of whoever is signed in. The session's cookie isn't sent
/// with such a request (SameSite=Strict); this holds where a browser or a proxy fails to see to it.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if !reads && is_foreign(request.headers()) {
        return Problem::new(StatusCode::FORBIDDEN, "foreign_page").into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !["same-origin", "none"].contains(&site),
        // An older browser; a program sends neither.
        (None, Some(origin)) => {
            let host = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
            host.as_deref() != text("host")
        }
        (None, None) => false,
    }
}

/// Middleware: [`HEADERS`]; answers of the API are nobody's to keep, and under TLS it stays with TLS.
pub async fn headers(secure: bool, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api");
    let mut response = next.run(request).await;
    let mut say = |name: header::HeaderName, value: &'static str| {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    };
    for (name, value) in HEADERS {
        say(name, value);
    }
    if is_api {
        say(header::CACHE_CONTROL, "no-store");
    }
    if secure {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_is_told_apart_from_our_own_and_from_a_program() {
        for (site, origin, foreign) in [
            (Some("same-origin"), Some("https://huzhu.example"), false),
            (Some("none"), None, false),
            (Some("cross-site"), Some("https://evil.example"), true),
            (Some("same-site"), Some("https://blog.huzhu.example"), true),
            (None, Some("https://huzhu.example"), false),
            (None, Some("https://evil.example"), true),
            (None, Some("null"), true),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("huzhu.example"));
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(is_foreign(&headers), foreign, "{site:?} {origin:?}");
        }
    }
}
