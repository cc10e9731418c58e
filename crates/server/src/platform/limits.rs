//! How fast somebody may ask, by what a request costs: a page, a file that comes, a file that is made. Whoever asks faster is told when to
//! ask again; nobody else waits for it.
use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{FromRef, Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use governor::{
    Quota, RateLimiter, clock::Clock, clock::MonotonicClock, middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use tokio::sync::Semaphore;

use super::{
    auth::COOKIE,
    client::{Client, ProxyHops},
    error::Problem,
};

/// Files that are received at the same time, whoever sends them.
const UPLOADS: usize = 32;
/// How long a file waits for others to be received.
const PATIENCE: Duration = Duration::from_secs(30);
/// Askers that are kept in mind before those who have been quiet are forgotten.
const KNOWN: usize = 10_000;

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// An answer that is read or written in milliseconds.
    Page,
    /// A file that comes.
    Upload,
    /// A file that is made, or a whole database that is looked through.
    Heavy,
    /// Anything, by all sessions of an address together: a cookie can be made up.
    Address,
}

impl Class {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let part = |name: &str| path.split('/').any(|p| p == name);
        let form = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if part("export") || part("what-if") || part("figures") || path.ends_with("/file") || path.ends_with("/faulty")
        {
            Self::Heavy
        } else if request.method() == Method::POST && form.is_some_and(|f| f.starts_with("multipart/")) {
            Self::Upload
        } else {
            Self::Page
        }
    }

    /// How many at once, and how many a second from then on.
    const fn quota(self) -> (u32, u32) {
        match self {
            Self::Page => (400, 50),
            Self::Upload => (120, 10),
            Self::Heavy => (30, 1),
            Self::Address => (8_000, 1_000),
        }
    }
}

type Limiter = RateLimiter<u64, HashMapStateStore<u64>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// The limits of one process.
#[derive(Clone)]
pub struct Limits(Arc<Parts>);

struct Parts {
    /// None: as fast as they like.
    limiters: Option<[Limiter; 4]>,
    uploads: Semaphore,
    proxy_hops: ProxyHops,
    hasher: RandomState,
}

impl FromRef<Limits> for ProxyHops {
    fn from_ref(limits: &Limits) -> Self {
        limits.0.proxy_hops
    }
}

impl Limits {
    /// With limits of rates, or without: of files that come at once there is one always.
    #[must_use]
    pub fn new(rates: bool, proxy_hops: ProxyHops) -> Self {
        let limiter = |class: Class| {
            let (burst, second) = class.quota();
            let of = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            Limiter::new(
                Quota::per_second(of(second)).allow_burst(of(burst)),
                HashMapStateStore::default(),
                MonotonicClock,
            )
        };
        let limiters = rates.then(|| [Class::Page, Class::Upload, Class::Heavy, Class::Address].map(limiter));
        Self(Arc::new(Parts { limiters, uploads: Semaphore::new(UPLOADS), proxy_hops, hasher: RandomState::new() }))
    }

    /// Seconds until `who` may ask again; None where they may now.
    fn wait(&self, class: Class, who: u64) -> Option<u64> {
        let limiter = &self.0.limiters.as_ref()?[class as usize];
        if limiter.len() > KNOWN {
            limiter.retain_recent();
        }
        let late = limiter.check_key(&who).err()?;
        Some(late.wait_time_from(MonotonicClock.now()).as_secs() + 1)
    }
}

/// Middleware: who asks is a session, or an address where there is none.
pub async fn keep(
    State(limits): State<Limits>,
    from: Client,
    jar: CookieJar,
    request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let class = Class::of(&request);
    let who = jar.get(COOKIE).map_or(from.address.as_str(), |c| c.value());
    let hash = |who: &str| limits.0.hasher.hash_one(who);
    let wait = limits.wait(Class::Address, hash(&from.address)).or_else(|| limits.wait(class, hash(who)));
    if let Some(seconds) = wait {
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_fast").retry_after(seconds).into_response();
    }
    if class != Class::Upload {
        return next.run(request).await;
    }
    match tokio::time::timeout(PATIENCE, limits.0.uploads.acquire()).await {
        Ok(_place) => next.run(request).await,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_uploads").retry_after(10).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn what_a_request_costs_is_seen_by_its_path_and_kind() {
        for (method, path, kind, class) in [
            ("GET", "/api/todo", "", Class::Page),
            ("POST", "/api/inquiry/search", "application/json", Class::Page),
            ("POST", "/api/cases/1/materials", "multipart/form-data; boundary=b", Class::Upload),
            ("POST", "/api/inquiry/cases/export", "application/json", Class::Heavy),
            ("POST", "/api/figures/report", "application/json", Class::Heavy),
            ("GET", "/api/enrolments/1/faulty", "", Class::Heavy),
        ] {
            let request = Request::builder().method(method).uri(path).header("content-type", kind).body(Body::empty());
            assert_eq!(Class::of(&request.unwrap()), class, "{method} {path}");
        }
    }

    #[test]
    fn one_who_asks_too_fast_waits_and_others_do_not() {
        let limits = Limits::new(true, ProxyHops(0));
        let (burst, _) = Class::Heavy.quota();
        assert!((0..burst).all(|_| limits.wait(Class::Heavy, 1).is_none()));
        assert!(limits.wait(Class::Heavy, 1).is_some_and(|s| (1..=2).contains(&s)));
        assert_eq!(limits.wait(Class::Heavy, 2), None);
        assert_eq!(limits.wait(Class::Page, 1), None);
        let free = Limits::new(false, ProxyHops(0));
        assert!((0..=burst).all(|_| free.wait(Class::Heavy, 1).is_none()));
    }
}
