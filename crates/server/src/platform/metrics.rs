//! Figures about the running server for Prometheus, at an address of their own (`--metrics-listen`): requests by route, method and
//! status, how long they took, how many are running, connections to the database. No path but the route's pattern, so no ids.
use std::{net::SocketAddr, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
    routing::get,
};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};
use tokio::net::TcpListener;

use super::db::Db;

const REQUESTS: &str = "huzhu_http_requests_total";
const SECONDS: &str = "huzhu_http_request_seconds";
const RUNNING: &str = "huzhu_http_requests_running";
const CONNECTIONS: &str = "huzhu_database_connections";
/// Upper bounds of the times that are told apart, in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The address can't be listened on.
    #[error("metrics at {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// They were begun twice in one process.
    #[error("metrics: {0}")]
    Build(#[from] BuildError),
}

/// Begins to count, and answers `/metrics` at the address until the process ends.
///
/// # Errors
/// When the address can't be listened on.
pub async fn serve(address: SocketAddr, db: Db) -> Result<SocketAddr, MetricsError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BOUNDS)?;
    let handle = builder.install_recorder()?;
    metrics::describe_counter!(REQUESTS, "Requests answered");
    metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time to the beginning of the answer");
    metrics::describe_gauge!(RUNNING, "Requests being answered");
    metrics::describe_gauge!(CONNECTIONS, "Connections to the database, by whether they are in use");
    let listener = TcpListener::bind(address).await.map_err(|e| MetricsError::Listen(address, e))?;
    let address = listener.local_addr().map_err(|e| MetricsError::Listen(address, e))?;
    let told = move || {
        let (open, idle) = db.connections();
        gauge!(CONNECTIONS, "state" => "idle").set(count(idle));
        gauge!(CONNECTIONS, "state" => "used").set(count(open.saturating_sub(idle)));
        handle.run_upkeep();
        std::future::ready(handle.render())
    };
    let router = Router::new().route("/metrics", get(told));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[allow(clippy::float_arithmetic, reason = "Prometheus counts in floats")]
fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

/// Middleware: counts a request. Without [`serve`] it counts into nothing.
pub async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "page".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().to_string();
    let started = Instant::now();
    let running = Running::begin();
    let response = next.run(request).await;
    drop(running);
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "route" => route.clone(), "method" => method.clone(), "status" => status).increment(1);
    histogram!(SECONDS, "route" => route, "method" => method).record(started.elapsed());
    response
}

/// One more while it lives, also where the caller goes away half way.
struct Running;

impl Running {
    fn begin() -> Self {
        gauge!(RUNNING).increment(1);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        gauge!(RUNNING).decrement(1);
    }
}
