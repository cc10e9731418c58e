//! OpenTelemetry by setting (`--traces`): a span a request, with what is logged in it, sent to a collector by OTLP over HTTP. Spans carry a
//! route's pattern, method, path, status and request id: nothing that the log wouldn't say, and no query.
use std::time::Duration;

use axum::{
    extract::MatchedPath,
    http::{Request, Response},
};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};
use tracing::{Span, Subscriber, field::Empty};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;

use super::tls;

/// What was begun and must be ended, or the last spans are lost.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send to a collector, as in `http://127.0.0.1:4318`. A collector that isn't there costs nothing but the spans.
    ///
    /// # Errors
    /// When the address is none.
    pub fn begin(collector: &str) -> Result<Self, ExporterBuildError> {
        tls::provide();
        let address = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(address).build()?;
        let resource = Resource::builder()
            .with_service_name("huzhu")
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// What the log's events and spans go through besides being written.
    #[must_use]
    pub fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("huzhu"))
    }

    /// Sends what is left, for at most five seconds.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces weren't sent");
        }
    }
}

/// The headers of a request, as the propagator reads them.
struct Headers<'a>(&'a axum::http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|v| v.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

/// The span of a request; part of the caller's trace where it says one (`traceparent`).
pub fn span<B>(request: &Request<B>) -> Span {
    let id = request.headers().get("x-request-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (method, path) = (request.method(), request.uri().path());
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str);
    let name = format!("{method} {route}");
    let span = tracing::info_span!("request", otel.name = name, otel.kind = "server", otel.status_code = Empty, %method, path, route, status = Empty, id);
    // Without a collector there is no such layer, and nothing to hang the span on.
    let _none = span.set_parent(TraceContextPropagator::new().extract(&Headers(request.headers())));
    span
}

/// What the span of a request says when it is answered.
pub fn answered<B>(response: &Response<B>, took: Duration, span: &Span) {
    span.record("status", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    tracing::debug!(milliseconds = took.as_millis(), status = response.status().as_u16(), "answered");
}
