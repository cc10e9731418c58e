//! From where a request comes.
use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{header, request::Parts},
};

/// Proxies of ours in front of the server: so many addresses at the end of `X-Forwarded-For` were written by them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProxyHops(pub usize);

/// The longest name of a browser that is kept, in characters.
const MAX_AGENT: usize = 200;

/// Address and browser of whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address; empty where it isn't known.
    pub address: String,
    /// What the browser says of itself.
    pub agent: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    ProxyHops: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok(Self {
            address: address(parts, ProxyHops::from_ref(state)).unwrap_or_default(),
            agent: agent.chars().take(MAX_AGENT).collect(),
        })
    }
}

/// The address that the outermost of our proxies saw; what stands before it in the header anybody can have written.
fn address(parts: &Parts, ProxyHops(hops): ProxyHops) -> Option<String> {
    if hops == 0 {
        return parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    }
    let told = parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let told: Vec<&str> = told.flat_map(|v| v.split(',')).map(str::trim).collect();
    let of_proxy = told.len().checked_sub(hops).and_then(|i| told.get(i))?;
    of_proxy.parse::<std::net::IpAddr>().ok().map(|ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn an_address_is_believed_as_far_as_our_own_proxies_wrote_it() {
        let parts = |forwarded: &str| {
            let mut request = Request::builder();
            if !forwarded.is_empty() {
                request = request.header("x-forwarded-for", forwarded);
            }
            let mut parts = request.body(()).unwrap().into_parts().0;
            parts.extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 1))));
            parts
        };
        for (forwarded, hops, expected) in [
            ("", 0, Some("10.0.0.9")),
            ("203.0.113.7", 0, Some("10.0.0.9")),
            ("203.0.113.7", 1, Some("203.0.113.7")),
            ("6.6.6.6, 203.0.113.7", 1, Some("203.0.113.7")),
            ("6.6.6.6, 203.0.113.7, 10.0.0.2", 2, Some("203.0.113.7")),
            ("203.0.113.7", 2, None),
            ("", 1, None),
            ("nonsense", 1, None),
        ] {
            assert_eq!(address(&parts(forwarded), ProxyHops(hops)).as_deref(), expected, "{forwarded} {hops}");
        }
    }
}
