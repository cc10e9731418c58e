//! Signing in and out, and one's own password.
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, Utc};
use huzhu_domain::{
    org::OrgKind,
    password,
    permission::{Permission, Role},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    failures::{self, Attempt},
    second_factor,
};

use crate::{
    app::App,
    audit::{self, Entry},
    entity::{org, session, user},
    platform::{
        auth::{self, COOKIE, Me, SignedIn},
        client::Client,
        clock,
        error::{Problem, ProblemBody},
        messages::Locale,
        secrets,
    },
};

/// The longest name or password that is looked at, in bytes.
const MAX_CREDENTIAL: usize = password::MAX_BYTES;

/// What is typed to sign in.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    username: String,
    password: String,
    /// What the authenticator shows, where the account has one.
    code: Option<String>,
}

/// The node of the organisation that somebody belongs to.
#[derive(Serialize, ToSchema)]
pub struct BranchView {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its level.
    pub kind: OrgKind,
}

/// The operator.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    /// Its id.
    pub id: i64,
    /// Sign-in name.
    pub username: String,
    /// The name that is shown.
    pub name: String,
}

/// Who is signed in, and what they may do.
#[derive(Serialize, ToSchema)]
pub struct Session {
    user: UserView,
    roles: Vec<Role>,
    permissions: Vec<Permission>,
    branch: BranchView,
    must_change_password: bool,
    /// Whether an authenticator is asked for at each sign-in.
    second_factor: bool,
    /// Whether one must be set up before anything else.
    must_set_second_factor: bool,
    expires_at: DateTime<Utc>,
}

impl From<Me> for Session {
    fn from(me: Me) -> Self {
        Self {
            user: UserView { id: me.id.0, username: me.username, name: me.name },
            roles: me.roles,
            permissions: me.permissions,
            branch: BranchView { id: me.org_id.0, name: me.org_name, kind: me.org_kind },
            must_change_password: me.must_change_password,
            second_factor: me.second_factor,
            must_set_second_factor: me.must_set_second_factor,
            expires_at: me.expires_at,
        }
    }
}

/// Opens a session.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = Session), (status = "4XX", body = ProblemBody)))]
pub(super) async fn sign_in(
    State(app): State<App>,
    jar: CookieJar,
    from: Client,
    locale: Locale,
    Json(given): Json<Credentials>,
) -> Result<(CookieJar, Json<Session>), Problem> {
    let failed = || Problem::new(StatusCode::UNAUTHORIZED, "sign_in_failed");
    let username = given.username.trim().to_owned();
    if username.is_empty() || username.len() > MAX_CREDENTIAL || given.password.len() > MAX_CREDENTIAL {
        return Err(failed());
    }
    let attempt = Attempt::new(&jar, &username, &from.address);
    attempt.refuse_if_locked(&app).await?;
    let user = those_let_in().filter(user::Column::Username.eq(&username)).one(app.db.read()).await?;
    let hash = user.as_ref().map(|u| u.password_hash.clone());
    if !secrets::verify_password(given.password, hash).await? {
        attempt.count(&app).await?;
        let entry = Entry::done(user.map(|u| u.id), "sign_in", "").resulting("failed").telling(told(&from));
        audit::note(&app.db, entry).await?;
        return Err(failed());
    }
    let user = user.ok_or_else(failed)?;
    if !user.totp_secret.is_empty() {
        let Some(code) = given.code else { return Err(Problem::new(StatusCode::UNAUTHORIZED, "second_factor_asked")) };
        if !second_factor::used(&app, &user, &code).await? {
            attempt.count(&app).await?;
            let entry = Entry::done(Some(user.id), "sign_in", "").resulting("wrong_code").telling(told(&from));
            audit::note(&app.db, entry).await?;
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "second_factor_wrong"));
        }
    }
    let token = open(&app, user.id, Some(attempt), from).await?;
    let mut parts = axum::http::Request::new(()).into_parts().0;
    let cookie = session_cookie(&app, token);
    if let Ok(header) = format!("{COOKIE}={}", cookie.value()).parse() {
        parts.headers.insert(axum::http::header::COOKIE, header);
    }
    let SignedIn(mut me) = SignedIn::from_request_parts(&mut parts, &app).await?;
    me.locale = locale;
    Ok((jar.add(cookie).add(failures::device_cookie(&app, &username)), Json(me.into())))
}

/// Users who may sign in: in use themselves, at a node in use.
pub(super) fn those_let_in() -> Select<user::Entity> {
    let in_use = org::Entity::find().select_only().column(org::Column::Id).filter(org::Column::Active.eq(true));
    let found = user::Entity::find().filter(user::Column::Active.eq(true));
    found.filter(user::Column::OrgId.in_subquery(in_use.into_query()))
}

/// The cookie of a session.
pub(super) fn session_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.secure_cookies)
        .build()
}

/// From where, for the log.
pub(super) fn told(from: &Client) -> Value {
    json!({ "address": from.address, "agent": from.agent })
}

/// Opens a session and returns its token. An attempt is one by password; without, the identity provider vouches.
pub(super) async fn open(app: &App, user_id: i64, attempt: Option<Attempt>, from: Client) -> Result<String, Problem> {
    let now = clock::now();
    let token = secrets::session_token();
    let tx = app.db.begin().await?;
    let act = if attempt.is_some() { "sign_in" } else { "sign_on" };
    let entry = Entry::done(Some(user_id), act, "").telling(told(&from));
    let row = session::ActiveModel {
        token_hash: Set(secrets::sha256(&token)),
        user_id: Set(user_id),
        sign_on: Set(attempt.is_none()),
        created_at: Set(now),
        expires_at: Set(now + app.config.sessions.whole),
        seen_at: Set(now),
        address: Set(from.address),
        agent: Set(from.agent),
    };
    session::Entity::insert(row).exec_without_returning(&tx).await?;
    let seen = user::ActiveModel { id: Set(user_id), last_sign_in_at: Set(Some(now)), ..Default::default() };
    user::Entity::update(seen).exec(&tx).await?;
    if let Some(attempt) = attempt {
        attempt.forget(&tx).await?;
    }
    session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now)).exec(&tx).await?;
    audit::commit(tx, &[entry]).await?;
    Ok(token)
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "session",
    responses((status = 200, body = Session), (status = "4XX", body = ProblemBody)))]
pub(super) async fn who_am_i(SignedIn(me): SignedIn) -> Json<Session> {
    Json(me.into())
}

/// Closes the session.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204)))]
pub(super) async fn sign_out(
    State(app): State<App>,
    jar: CookieJar,
    parts: Parts,
) -> Result<(CookieJar, StatusCode), Problem> {
    if let Some(token) = auth::token(&parts) {
        let tx = app.db.begin().await?;
        let gone = session::Entity::find_by_id(secrets::sha256(token)).one(&tx).await?;
        if let Some(gone) = gone {
            let entry = Entry::done(Some(gone.user_id), "sign_out", "");
            gone.delete(&tx).await?;
            audit::commit(tx, &[entry]).await?;
        }
    }
    let gone = Cookie::build(COOKIE).path("/").build();
    Ok((jar.remove(gone), StatusCode::NO_CONTENT))
}

/// Whoever is signed in, once they have said their password again, in the field of that name; wrong ones count as at the sign-in.
///
/// # Errors
/// 422 where it is wrong, 429 where it was too often.
pub(super) async fn known(
    app: &App,
    me: &Me,
    attempt: &Attempt,
    (field, given): (&str, String),
) -> Result<user::Model, Problem> {
    attempt.refuse_if_locked(app).await?;
    let user = user::Entity::find_by_id(me.id.0).one(app.db.read()).await?.ok_or_else(Problem::unauthenticated)?;
    let long = given.len() > MAX_CREDENTIAL;
    if long || !secrets::verify_password(given, Some(user.password_hash.clone())).await? {
        attempt.count(app).await?;
        return Err(Problem::invalid_field(field, "password_wrong"));
    }
    Ok(user)
}

/// A new password for oneself.
#[derive(Deserialize, ToSchema)]
pub struct PasswordChange {
    current_password: String,
    /// At least 10 characters.
    new_password: String,
}

/// Changes one's own password and ends one's other sessions.
#[utoipa::path(put, path = "/api/session/password", tag = "session", request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn change_password(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    jar: CookieJar,
    from: Client,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    if let Err(fault) = password::check(&change.new_password, &me.username) {
        return Err(Problem::invalid_field("new_password", fault.into()));
    }
    let attempt = Attempt::new(&jar, &me.username, &from.address);
    known(&app, &me, &attempt, ("current_password", change.current_password.clone())).await?;
    if change.new_password == change.current_password {
        return Err(Problem::invalid_field("new_password", "password_same"));
    }
    let hash = secrets::hash_password(change.new_password).await?;
    let tx = app.db.begin().await?;
    let row = user::ActiveModel {
        id: Set(me.id.0),
        password_hash: Set(hash),
        must_change_password: Set(false),
        password_changed_at: Set(Some(clock::now())),
        ..Default::default()
    };
    user::Entity::update(row).exec(&tx).await?;
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(me.id.0))
        .filter(session::Column::TokenHash.ne(&me.token_hash))
        .exec(&tx)
        .await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "change_password", "")]).await?;
    Ok(StatusCode::NO_CONTENT)
}
