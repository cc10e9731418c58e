//! What is asked of the identity provider (OpenID Connect Core 1.0, the code flow with PKCE), and what of its answer is believed.
use std::time::Duration;

use futures::future::BoxFuture;
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RequestTokenError,
    Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims},
    http,
};
use serde::{Deserialize, Serialize};

use crate::platform::{config::SignOn, secrets, tls};

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer of the provider that is read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// What a provider calls it when somebody proved more than a password (RFC 8176).
const SECOND_FACTORS: [&str; 7] = ["mfa", "mca", "otp", "sms", "hwk", "swk", "sc"];

/// Why the provider didn't vouch for anybody.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unproved {
    /// It couldn't be asked.
    #[error("the identity provider doesn't answer: {0}")]
    Unreachable(String),
    /// Its answer isn't believed.
    #[error("the identity provider's answer isn't believed: {0}")]
    Wrong(String),
}

/// What this server keeps in mind of somebody who is at the provider: with them, in a sealed cookie.
#[derive(Serialize, Deserialize)]
pub(super) struct Errand {
    state: String,
    nonce: String,
    verifier: String,
    /// Where they wanted to go.
    pub to: String,
    /// Until when they may come back, in seconds of Unix time.
    pub until: i64,
}

/// Whom the provider vouches for.
#[derive(Debug)]
pub(super) struct Identity {
    /// Issuer and subject: the same person for ever.
    pub subject: String,
    /// The name that they go by there.
    pub username: Option<String>,
    /// Whether they proved more than a password.
    pub second_factor: bool,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

async fn client(of: &SignOn, http: &Http) -> Result<Client, Unproved> {
    let metadata = CoreProviderMetadata::discover_async(of.issuer.clone(), http).await;
    let metadata = metadata.map_err(|e| Unproved::Unreachable(chain(&e)))?;
    let client = CoreClient::from_provider_metadata(metadata, of.client.clone(), of.secret.clone());
    Ok(client.set_redirect_uri(of.redirect.clone()))
}

/// Where to send somebody, and what to keep in mind meanwhile.
///
/// # Errors
/// When the provider doesn't answer.
pub(super) async fn errand(of: &SignOn, to: String, until: i64) -> Result<(String, Errand), Unproved> {
    let http = Http::new()?;
    let errand = Errand {
        state: secrets::session_token(),
        nonce: secrets::session_token(),
        verifier: secrets::session_token(),
        to,
        until,
    };
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(errand.verifier.clone()));
    let client = client(of, &http).await?;
    let (state, nonce) = (CsrfToken::new(errand.state.clone()), Nonce::new(errand.nonce.clone()));
    let (url, _, _) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    Ok((url.to_string(), errand))
}

/// Whom the provider vouches for with a code.
///
/// # Errors
/// When the provider doesn't answer, or its answer isn't for this errand, this server, this moment.
pub(super) async fn identity(of: &SignOn, errand: Errand, state: &str, code: String) -> Result<Identity, Unproved> {
    let wrong = |e: &dyn std::error::Error| Unproved::Wrong(chain(e));
    // Digests, so that the time it takes tells nothing.
    if secrets::sha256(state) != secrets::sha256(&errand.state) {
        return Err(Unproved::Wrong("the state is another's".to_owned()));
    }
    let http = Http::new()?;
    let client = client(of, &http).await?;
    let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|e| wrong(&e))?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(errand.verifier));
    let tokens = exchange.request_async(&http).await.map_err(|e| match e {
        RequestTokenError::Request(e) => Unproved::Unreachable(chain(&e)),
        e => wrong(&e),
    })?;
    let token = tokens.id_token().ok_or_else(|| Unproved::Wrong("no ID token".to_owned()))?;
    let verifier = client.id_token_verifier();
    let claims = token.claims(&verifier, &Nonce::new(errand.nonce)).map_err(|e| wrong(&e))?;
    if let Some(expected) = claims.access_token_hash() {
        let key = token.signing_key(&verifier).map_err(|e| wrong(&e))?;
        let algorithm = token.signing_alg().map_err(|e| wrong(&e))?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|e| wrong(&e))?;
        if actual != *expected {
            return Err(Unproved::Wrong("the access token is another's".to_owned()));
        }
    }
    let mut username = claims.preferred_username().map(|n| n.as_str().to_owned());
    if username.is_none() && client.user_info_url().is_some() {
        let subject = Some(claims.subject().clone());
        let asked = client.user_info(tokens.access_token().clone(), subject).map_err(|e| wrong(&e))?;
        let told: CoreUserInfoClaims = asked.request_async(&http).await.map_err(|e| wrong(&e))?;
        username = told.preferred_username().map(|n| n.as_str().to_owned());
    }
    let proved = |name: &str| SECOND_FACTORS.contains(&name);
    Ok(Identity {
        subject: format!("{} {}", of.issuer.as_str(), claims.subject().as_str()),
        username,
        second_factor: claims.auth_method_refs().is_some_and(|refs| refs.iter().any(|r| proved(r.as_str()))),
    })
}

/// How the provider is reached: no redirects are followed, and no answer is read without end.
struct Http(reqwest::Client);

impl Http {
    fn new() -> Result<Self, Unproved> {
        tls::provide();
        let built = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build();
        built.map(Self).map_err(|e| Unproved::Unreachable(chain(&e)))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut built = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            built = built.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > MAX_ANSWER {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(built.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Why an answer couldn't be had.
#[derive(Debug, thiserror::Error)]
enum HttpError {
    /// No connection, no answer in time.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// An answer that is none.
    #[error(transparent)]
    Answer(#[from] http::Error),
    /// An answer without end.
    #[error("more than {MAX_ANSWER} bytes")]
    TooLong,
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
