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
use chrono::{DateTime, Duration, Utc};
use huzhu_domain::{
    org::OrgKind,
    permission::{Permission, Role},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, prelude::Expr,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    audit,
    entity::{org, session, sign_in_failure, user},
    platform::{
        auth::{self, COOKIE, Me, SignedIn},
        clock,
        error::{Problem, ProblemBody},
        messages::Locale,
        secrets,
    },
};

/// A session ends after a working day.
const SESSION: Duration = Duration::hours(12);
/// Wrong passwords in a row before a name is locked.
pub const MAX_FAILURES: i32 = 5;
/// How long a name stays locked after the last wrong password.
pub const LOCKED: Duration = Duration::minutes(15);
/// The shortest password that somebody may choose, in characters.
const MIN_PASSWORD: usize = 10;
/// The longest name or password that is looked at, in bytes.
const MAX_CREDENTIAL: usize = 256;

/// What is typed to sign in.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    username: String,
    password: String,
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
    locale: Locale,
    Json(given): Json<Credentials>,
) -> Result<(CookieJar, Json<Session>), Problem> {
    let failed = || Problem::new(StatusCode::UNAUTHORIZED, "sign_in_failed");
    let username = given.username.trim().to_owned();
    if username.is_empty() || username.len() > MAX_CREDENTIAL || given.password.len() > MAX_CREDENTIAL {
        return Err(failed());
    }
    refuse_if_locked(&app, &username).await?;
    let in_use = org::Entity::find().select_only().column(org::Column::Id).filter(org::Column::Active.eq(true));
    let user = user::Entity::find()
        .filter(user::Column::Username.eq(&username))
        .filter(user::Column::Active.eq(true))
        .filter(user::Column::OrgId.in_subquery(in_use.into_query()))
        .one(app.db.read())
        .await?;
    let hash = user.as_ref().map(|u| u.password_hash.clone());
    if !secrets::verify_password(given.password, hash).await? {
        count_failure(&app, &username).await?;
        audit::note(&app.db, user.map(|u| u.id), "sign_in", "", "failed").await?;
        return Err(failed());
    }
    let user = user.ok_or_else(failed)?;
    let token = secrets::session_token();
    open(&app, user.id, &token, &username).await?;
    let mut parts = axum::http::Request::new(()).into_parts().0;
    let cookie = session_cookie(&app, token);
    if let Ok(header) = format!("{COOKIE}={}", cookie.value()).parse() {
        parts.headers.insert(axum::http::header::COOKIE, header);
    }
    let SignedIn(mut me) = SignedIn::from_request_parts(&mut parts, &app).await?;
    me.locale = locale;
    Ok((jar.add(cookie), Json(me.into())))
}

fn session_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.secure_cookies)
        .build()
}

async fn refuse_if_locked(app: &App, username: &str) -> Result<(), Problem> {
    let failures = sign_in_failure::Entity::find_by_id(username).one(app.db.read()).await?;
    let Some(row) = failures.filter(|row| row.failures >= MAX_FAILURES) else { return Ok(()) };
    let left = (row.last_at + LOCKED) - clock::now();
    if left <= Duration::zero() {
        return Ok(());
    }
    let minutes = left.num_minutes() + 1;
    let seconds = u64::try_from(left.num_seconds() + 1).unwrap_or(1);
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "sign_in_locked").with("minutes", minutes).retry_after(seconds))
}

/// Counts in one statement, so that guesses at the same time all count; a lock that has run out starts anew.
async fn count_failure(app: &App, username: &str) -> Result<(), Problem> {
    use sign_in_failure::Column as C;
    let now = clock::now();
    let tx = app.db.begin().await?;
    sign_in_failure::Entity::delete_many()
        .filter(C::Username.eq(username))
        .filter(C::LastAt.lt(now - LOCKED))
        .exec(&tx)
        .await?;
    let row = sign_in_failure::ActiveModel { username: Set(username.to_owned()), failures: Set(1), last_at: Set(now) };
    let count = Expr::col((sign_in_failure::Entity, C::Failures)).add(1);
    let again = OnConflict::column(C::Username).value(C::Failures, count).value(C::LastAt, now).to_owned();
    sign_in_failure::Entity::insert(row).on_conflict(again).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn open(app: &App, user_id: i64, token: &str, username: &str) -> Result<(), Problem> {
    let now = clock::now();
    let tx = app.db.begin().await?;
    let row = session::ActiveModel {
        token_hash: Set(secrets::sha256(token)),
        user_id: Set(user_id),
        created_at: Set(now),
        expires_at: Set(now + SESSION),
    };
    session::Entity::insert(row).exec_without_returning(&tx).await?;
    let seen = user::ActiveModel { id: Set(user_id), last_sign_in_at: Set(Some(now)), ..Default::default() };
    user::Entity::update(seen).exec(&tx).await?;
    sign_in_failure::Entity::delete_by_id(username).exec(&tx).await?;
    session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(now)).exec(&tx).await?;
    audit::note_in(&tx, Some(user_id), "sign_in", "", "done").await?;
    tx.commit().await?;
    Ok(())
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
        session::Entity::delete_by_id(secrets::sha256(token)).exec(&tx).await?;
        tx.commit().await?;
    }
    let gone = Cookie::build(COOKIE).path("/").build();
    Ok((jar.remove(gone), StatusCode::NO_CONTENT))
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
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    refuse_if_locked(&app, &me.username).await?;
    let user = user::Entity::find_by_id(me.id.0).one(app.db.read()).await?.ok_or_else(Problem::unauthenticated)?;
    if change.new_password.chars().count() < MIN_PASSWORD || change.new_password.len() > MAX_CREDENTIAL {
        return Err(Problem::invalid_field("new_password", "password_too_short"));
    }
    if !secrets::verify_password(change.current_password.clone(), Some(user.password_hash)).await? {
        count_failure(&app, &me.username).await?;
        return Err(Problem::invalid_field("current_password", "password_wrong"));
    }
    if change.new_password == change.current_password {
        return Err(Problem::invalid_field("new_password", "password_same"));
    }
    let hash = secrets::hash_password(change.new_password).await?;
    let tx = app.db.begin().await?;
    let row = user::ActiveModel {
        id: Set(me.id.0),
        password_hash: Set(hash),
        must_change_password: Set(false),
        ..Default::default()
    };
    user::Entity::update(row).exec(&tx).await?;
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(me.id.0))
        .filter(session::Column::TokenHash.ne(&me.token_hash))
        .exec(&tx)
        .await?;
    audit::note_in(&tx, Some(me.id.0), "change_password", "", "done").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
