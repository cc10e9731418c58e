//! The application: its state, its routers in business order, its layers.
use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, State},
    http::StatusCode,
    middleware,
    routing::get,
};
use tokio::sync::{Notify, Semaphore};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use utoipa::{OpenApi, openapi::RefOr};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    absences, acceptance, after, audit, calendar, cases, changes, dictionaries, enrolment, expenses, figures, inquiry,
    installation, materials, members, notices, orgs, papers, payment,
    plans::{self, PlanVersions},
    platform::{
        blob::Blobs,
        client::ProxyHops,
        config::{Config, SessionLimits},
        db::Db,
        error, guard, keys,
        limits::{self, Limits},
        mask, metrics, traces,
    },
    pools, review, static_files,
};

/// The largest JSON body.
const MAX_JSON_BYTES: usize = 1024 * 1024;
/// The longest that an answer may take to begin; ten megabytes over a slow line take minutes.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Pictures that are decoded at the same time: the largest needs 150 MB while it is looked at, as progressive JPEG 430 MB.
const DECODERS: usize = 2;
/// Plan texts that are looked at or tried at the same time: a long one takes a second of a core.
const CALCULATORS: usize = 4;

/// What every handler can reach. Nothing in it would be missed by another server process.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The store of pictures.
    pub blobs: Blobs,
    /// Plan versions that were read; they never change.
    pub plans: PlanVersions,
    /// Blocks of case numbers.
    pub case_nos: cases::numbers::CaseNos,
    /// Bounds how many pictures are decoded at once.
    pub decoders: Semaphore,
    /// Bounds how many plan texts are looked at or tried at once.
    pub calculators: Arc<Semaphore>,
    /// Bounds how many rosters are judged at once.
    pub checkers: Semaphore,
    /// Wakes those who wait for a roster that this process judges.
    pub checked: Notify,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

impl FromRef<App> for SessionLimits {
    fn from_ref(app: &App) -> Self {
        app.config.sessions.clone()
    }
}

impl FromRef<App> for ProxyHops {
    fn from_ref(app: &App) -> Self {
        app.config.proxy_hops
    }
}

/// Why the application can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder can't be made.
    #[error("data folder {0}: {1}")]
    DataDir(PathBuf, std::io::Error),
    /// The database can't be opened.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The schema is another version's.
    #[error("the schema isn't this program's; `huzhu migrate` or `huzhu serve` brings it up to date")]
    Schema,
    /// There are no keys, or others than the database was written with.
    #[error(transparent)]
    Keys(#[from] keys::KeyError),
    /// The store of pictures can't be opened.
    #[error("picture store: {0}")]
    Blobs(#[from] opendal::Error),
}

impl App {
    /// Opens database and picture store and brings the schema up to date.
    ///
    /// # Errors
    /// When one of them can't be opened.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let data_dir = |e| StartError::DataDir(config.data_dir.clone(), e);
        std::fs::create_dir_all(config.data_dir.join("uploads")).map_err(data_dir)?;
        let db = installation::open(&config).await?;
        let blobs = Blobs::open(&config)?;
        Ok(Self(Arc::new(Parts {
            config,
            db,
            blobs,
            plans: PlanVersions::default(),
            case_nos: cases::numbers::CaseNos::default(),
            decoders: Semaphore::new(DECODERS),
            calculators: Arc::new(Semaphore::new(CALCULATORS)),
            checkers: Semaphore::new(1),
            checked: Notify::new(),
        })))
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Huzhu",
        description = "申领管理: the claims core of a workers' mutual-aid society. Money is integer fen, days are civil dates, instants are UTC."
    ),
    components(schemas(error::ProblemBody))
)]
struct Document;

/// Every route of the API, in business order.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(orgs::router())
        .merge(acceptance::router())
        .merge(materials::router())
        .merge(pools::router())
        .merge(expenses::router())
        .merge(review::router())
        .merge(payment::router())
        .merge(after::router())
        .merge(inquiry::router())
        .merge(figures::router())
        .merge(papers::router())
        .merge(cases::router())
        .merge(members::router())
        .merge(plans::router())
        .merge(enrolment::router())
        .merge(changes::router())
        .merge(dictionaries::router())
        .merge(notices::router())
        .merge(calendar::router())
        .merge(absences::router())
        .merge(audit::router())
}

/// The OpenAPI document of the API.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    named(routes().into_openapi())
}

/// What every operation has in common: handlers of different slices share names, and an operation's id must not, so its tag goes before
/// it; a refusal is problem+json, and so is a failure.
fn named(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten() {
            let tag = operation.tags.as_ref().and_then(|t| t.first()).cloned().unwrap_or_default();
            let name = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{tag}_{name}"));
            let answers = &mut operation.responses.responses;
            if let Some(RefOr::T(refusal)) = answers.get_mut("4XX") {
                if let Some(body) = refusal.content.shift_remove("application/json") {
                    refusal.content.insert("application/problem+json".to_owned(), body);
                }
                let failure = RefOr::T(refusal.clone());
                answers.insert("5XX".to_owned(), failure);
            }
        }
    }
    document
}

/// The whole application as a service.
pub fn router(app: App) -> Router {
    let (api, document) = routes().split_for_parts();
    let not_pictures = DefaultPredicate::new().and(NotForContentType::const_new("application/vnd.openxmlformats"));
    let secure = app.config.secure_cookies;
    let limits = Limits::new(app.config.rate_limits, app.config.proxy_hops);
    let keep = middleware::from_fn_with_state(limits, limits::keep);
    Router::new()
        .merge(api)
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .merge(utoipa_swagger_ui::SwaggerUi::new("/api/docs").url("/api/openapi.json", named(document)))
        .fallback(static_files::serve)
        .with_state(app)
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .layer(middleware::from_fn(guard::own_pages_only))
        .layer(keep)
        .layer(middleware::from_fn(mask::numbers))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(error::render))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(CompressionLayer::new().compress_when(not_pictures))
        .layer(middleware::from_fn(move |request, next| guard::headers(secure, request, next)))
        .layer(middleware::from_fn(metrics::measure))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(traces::span).on_response(traces::answered))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Whether the server can do its work: the database answers and its schema is this program's.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.db.is_current().await {
        Ok(true) => (StatusCode::OK, "ready"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "schema is not current"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database does not answer"),
    }
}
