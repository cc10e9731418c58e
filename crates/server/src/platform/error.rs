//! Failures as the outside sees them: RFC 9457 problem+json with a stable code and a sentence in the user's language.
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rust_xlsxwriter::XlsxError;
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    messages::{self, Locale, Notice},
    outage::Outage,
};

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON path of the field: `statements.0.total_fen`.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// The sentence in the user's language.
    pub message: String,
}

/// The body of every failed answer (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: the code says what happened.
    pub r#type: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// The sentence in the user's language.
    pub message: String,
    /// Fields that are wrong, with code `invalid`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// Everything that keeps the act from happening, with code `refused`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<Notice>,
}

/// A failure on its way out; it becomes a [`ProblemBody`] when the request's language is at hand.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    args: Map<String, Value>,
    fields: Vec<(String, String)>,
    blockers: Vec<(String, Map<String, Value>)>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A failure with a status and a stable code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, args: Map::new(), fields: Vec::new(), blockers: Vec::new(), retry_after: None }
    }

    /// 401: there is no session.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// 403: the right is missing.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// 404: there is no such thing, or not in the caller's branch.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// 409: somebody changed the case since it was read.
    #[must_use]
    pub fn stale_version() -> Self {
        Self::new(StatusCode::CONFLICT, "stale_version")
    }

    /// 422: fields are wrong; path and code each.
    #[must_use]
    pub fn invalid(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid") }
    }

    /// 422: one field is wrong.
    #[must_use]
    pub fn invalid_field(field: &str, code: &str) -> Self {
        Self::invalid(vec![(field.to_owned(), code.to_owned())])
    }

    /// 422: the act isn't possible now, with all the reasons.
    #[must_use]
    pub fn refused(blockers: &[impl Serialize]) -> Self {
        let blockers = blockers.iter().map(messages::split).collect();
        Self { blockers, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused") }
    }

    /// What the answer's status is.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// 500: our fault. The cause goes to the log, never outward.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// 507, 503 or 500: what we stand on failed, in this way or by our own fault. The cause goes to the log, never outward.
    fn failed(outage: Option<Outage>, what: &str, cause: impl std::fmt::Display) -> Self {
        match outage {
            Some(Outage::Unwritable) => {
                tracing::error!(%cause, "{what} can't be written");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "cannot_store")
            }
            Some(Outage::Away) => {
                tracing::error!(%cause, "{what} doesn't answer");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy").retry_after(2)
            }
            None => Self::internal(cause),
        }
    }

    /// The same failure with an argument for its sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// The same failure with the seconds after which to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The codes of the blockers, for the log.
    pub fn blocker_codes(&self) -> impl Iterator<Item = &str> {
        self.blockers.iter().map(|(code, _)| code.as_str())
    }

    /// What a user is told: the reasons one by one where there are several.
    #[must_use]
    pub fn sentences(&self, locale: Locale) -> Vec<String> {
        let body = self.body(locale);
        let parts = body.blockers.into_iter().map(|b| b.message).chain(body.fields.into_iter().map(|f| f.message));
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { vec![body.message] } else { parts }
    }

    fn body(&self, locale: Locale) -> ProblemBody {
        let field = |(field, code): &(String, String)| {
            let name = messages::field_name(locale, field);
            let args = Map::from_iter([("name".to_owned(), json!(name))]);
            FieldProblem {
                field: field.clone(),
                code: code.clone(),
                message: messages::sentence(locale, &format!("field_{code}"), &args),
            }
        };
        let blocker = |(code, args): &(String, Map<String, Value>)| Notice {
            code: code.clone(),
            message: messages::sentence(locale, code, args),
            args: args.clone(),
        };
        ProblemBody {
            r#type: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            message: messages::sentence(locale, self.code, &self.args),
            fields: self.fields.iter().map(field).collect(),
            blockers: self.blockers.iter().map(blocker).collect(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        // Bound values never stand in these texts, so no personal data gets into the log.
        Self::failed(Outage::of_database(&error), "the database", error)
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::failed(Outage::of_disk(&error), "the disk", error)
    }
}

impl From<XlsxError> for Problem {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => error.into(),
            other => Self::failed(Outage::within(&other), "the disk", other),
        }
    }
}

impl From<opendal::Error> for Problem {
    fn from(error: opendal::Error) -> Self {
        if error.kind() == opendal::ErrorKind::NotFound {
            tracing::error!(%error, "a file that must be in the store isn't");
            return Self::new(StatusCode::NOT_FOUND, "file_missing");
        }
        Self::failed(Outage::of_store(&error), "the store of files", error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

/// Middleware: writes the bodies of failures in the language of the request, also for those that the router or a
/// layer made without knowing ours.
pub async fn render(request: Request, next: Next) -> Response {
    let locale = Locale::of(request.headers());
    let is_api = request.uri().path().starts_with("/api");
    let mut response = next.run(request).await;
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if !is_api || !(status.is_client_error() || status.is_server_error()) => return response,
        None => Problem::new(status, code_for(status)),
    };
    let mut answer = (status, axum::Json(problem.body(locale))).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

const fn code_for(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timeout",
        StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "malformed",
        _ => "internal",
    }
}
