//! 单点登录: signing in by the society's identity provider (OpenID Connect).
//!
//! The provider says who somebody is; what they may do is decided here, by the account that has the same name. The first time
//! binds the account to the person: whoever is given the name at the provider later is somebody else, until an
//! administrator undoes the binding.
mod provider;

use axum::{
    extract::{Query, State},
    response::Redirect,
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::Duration;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::session;
use crate::{
    app::App,
    audit::{self, Entry},
    entity::user,
    platform::{
        auth,
        client::Client,
        clock,
        config::SignOn,
        error::{Problem, ProblemBody},
        keys,
    },
};
use provider::{Errand, Identity, Unproved};

/// The cookie that remembers what somebody is at the provider for.
const COOKIE: &str = "huzhu_sign_on";
/// How long somebody may take there.
const LASTS: Duration = Duration::minutes(10);

/// Why nobody is signed in; the sign-in page says it in words.
#[derive(Clone, Copy, Debug, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Refused {
    /// The provider doesn't answer.
    Unreachable,
    /// They said no at the provider.
    Cancelled,
    /// They took too long, or began in another browser.
    Stale,
    /// The provider's answer isn't believed.
    Wrong,
    /// There is no such user, or not in use.
    Unknown,
    /// The name belongs to another person at the provider.
    Bound,
    /// The role wants a second factor and the provider asked for none.
    SecondFactor,
}

/// Where somebody wants to go.
#[derive(Deserialize, IntoParams)]
pub struct Wish {
    /// A page of this application.
    to: Option<String>,
}

/// Sends the browser to the identity provider.
#[utoipa::path(get, path = "/api/session/sign-on", tag = "session", operation_id = "begin_sign_on", params(Wish),
    responses((status = 303), (status = "4XX", body = ProblemBody)))]
pub(super) async fn begin(
    State(app): State<App>,
    jar: CookieJar,
    Query(wish): Query<Wish>,
) -> Result<(CookieJar, Redirect), Problem> {
    let of = app.config.sign_on.as_ref().ok_or_else(Problem::not_found)?;
    let to = wish.to.filter(|to| is_own_page(to)).unwrap_or_else(|| "/".to_owned());
    let until = (clock::now() + LASTS).timestamp();
    match provider::errand(of, to, until).await {
        Ok((url, errand)) => {
            let text = serde_json::to_string(&errand).map_err(Problem::internal)?;
            Ok((jar.add(cookie(&app, keys::seal(&text))), Redirect::to(&url)))
        }
        Err(unproved) => {
            tracing::warn!(%unproved, "single sign-on");
            Ok((jar, refused(Refused::Unreachable)))
        }
    }
}

/// A path of this application: not another site's address, however a browser may read it.
fn is_own_page(to: &str) -> bool {
    let plain = to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    plain && to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/api/")
}

/// Lax: it must come along when the provider sends the browser back.
fn cookie(app: &App, sealed: String) -> Cookie<'static> {
    Cookie::build((COOKIE, sealed))
        .path(SignOn::BACK)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.secure_cookies)
        .build()
}

fn refused(why: Refused) -> Redirect {
    let why: &str = why.into();
    Redirect::to(&format!("/sign-in?refused={why}"))
}

/// What the identity provider sends along.
#[derive(Deserialize, IntoParams)]
pub struct Brought {
    /// What is exchanged for the identity.
    code: Option<String>,
    /// By which the errand is known.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Receives the browser from the identity provider and opens a session.
#[utoipa::path(get, path = "/api/session/sign-on/back", tag = "session", operation_id = "end_sign_on", params(Brought),
    responses((status = 303), (status = "4XX", body = ProblemBody)))]
pub(super) async fn back(
    State(app): State<App>,
    jar: CookieJar,
    from: Client,
    Query(brought): Query<Brought>,
) -> Result<(CookieJar, Redirect), Problem> {
    let of = app.config.sign_on.as_ref().ok_or_else(Problem::not_found)?;
    let errand = jar.get(COOKIE).and_then(|c| keys::unseal(c.value())).and_then(|t| serde_json::from_str(&t).ok());
    let jar = jar.remove(Cookie::build(COOKIE).path(SignOn::BACK).build());
    let proved = prove(of, errand, brought).await;
    let (identity, to) = match proved {
        Ok(proved) => proved,
        Err(why) => return Ok((jar, refused(why))),
    };
    match person(&app, &identity).await? {
        Ok(user) => {
            let token = session::open(&app, user, None, from).await?;
            Ok((jar.add(session::session_cookie(&app, token)), Redirect::to(&to)))
        }
        Err(why) => {
            let result: &str = why.into();
            let entry = Entry::done(None, "sign_on", "").resulting(result).telling(session::told(&from));
            audit::note(&app.db, entry).await?;
            Ok((jar, refused(why)))
        }
    }
}

async fn prove(of: &SignOn, errand: Option<Errand>, brought: Brought) -> Result<(Identity, String), Refused> {
    let errand = errand.filter(|e| e.until >= clock::now().timestamp()).ok_or(Refused::Stale)?;
    if let Some(error) = brought.error {
        return Err(if error == "access_denied" { Refused::Cancelled } else { Refused::Wrong });
    }
    let (Some(code), Some(state)) = (brought.code, brought.state) else { return Err(Refused::Wrong) };
    let to = errand.to.clone();
    match provider::identity(of, errand, &state, code).await {
        Ok(identity) => Ok((identity, to)),
        Err(unproved) => {
            tracing::warn!(%unproved, "single sign-on");
            Err(match unproved {
                Unproved::Unreachable(_) => Refused::Unreachable,
                Unproved::Wrong(_) => Refused::Wrong,
            })
        }
    }
}

/// The account of whom the provider vouches for; it is theirs from now on.
async fn person(app: &App, identity: &Identity) -> Result<Result<i64, Refused>, Problem> {
    let db = app.db.read();
    let mut user = session::those_let_in().filter(user::Column::SignOn.eq(&identity.subject)).one(db).await?;
    if let (None, Some(name)) = (&user, &identity.username) {
        user = session::those_let_in().filter(user::Column::Username.eq(name)).one(db).await?;
    }
    let Some(user) = user else { return Ok(Err(Refused::Unknown)) };
    let rights = auth::rights_of(db, vec![user.id]).await?.remove(&user.id).unwrap_or_default();
    let wanted = app.config.sessions.wants_second_factor(&rights.roles);
    if (wanted || !user.totp_secret.is_empty()) && !identity.second_factor {
        return Ok(Err(Refused::SecondFactor));
    }
    if user.sign_on == identity.subject || bind(app, user.id, &identity.subject).await? {
        return Ok(Ok(user.id));
    }
    Ok(Err(Refused::Bound))
}

/// Binds an account to somebody, where it is nobody's yet.
async fn bind(app: &App, id: i64, subject: &str) -> Result<bool, Problem> {
    let tx = app.db.begin().await?;
    let row = user::ActiveModel { sign_on: Set(subject.to_owned()), ..Default::default() };
    let free = user::Entity::update_many().set(row).filter(user::Column::Id.eq(id)).filter(user::Column::SignOn.eq(""));
    if free.exec(&tx).await?.rows_affected == 0 {
        return Ok(false);
    }
    audit::commit(tx, &[Entry::done(Some(id), "sign_on_bound", "")]).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_application_are_gone_to_afterwards() {
        for (to, own) in [
            ("/", true),
            ("/cases/1?tab=papers", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/a\r\nset-cookie: x", false),
            ("/api/session/sign-on", false),
            ("", false),
        ] {
            assert_eq!(is_own_page(to), own, "{to:?}");
        }
    }
}
