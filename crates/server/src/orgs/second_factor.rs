//! 二次验证: an authenticator (RFC 6238) besides the password; a code is good once.
use axum::{Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use utoipa::ToSchema;

use super::{failures::Attempt, session};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::user,
    platform::{
        auth::SignedIn,
        client::Client,
        clock,
        error::{Problem, ProblemBody},
        keys, secrets,
    },
};

/// Steps of thirty seconds that a clock may be off.
const SKEW: u16 = 1;

/// The authenticator of a secret, as all of them have it: SHA-1, six digits, thirty seconds.
fn authenticator(secret: &str, username: &str, society: &str) -> Result<Totp, Problem> {
    let bytes = hex::decode(secret).map_err(Problem::internal)?;
    let named = Builder::new().with_skew(SKEW).with_secret(Secret::new(bytes.into_boxed_slice()));
    // A colon would end the society's or the person's name.
    let plain = |text: &str| text.replace(':', " ");
    named.with_account_name(plain(username)).with_issuer(Some(plain(society))).build().map_err(Problem::internal)
}

/// The step of time for which a code is right now.
fn step_of(app: &App, secret: &str, username: &str, code: &str) -> Result<Option<i64>, Problem> {
    let now = u64::try_from(clock::now().timestamp()).map_err(Problem::internal)?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = authenticator(secret, username, &app.config.society)?;
    Ok(totp.check(&code, now).and_then(|step| i64::try_from(step).ok()))
}

/// Whether a code is right and wasn't used before; it is used then.
///
/// # Errors
/// When the database fails.
pub(super) async fn used(app: &App, user: &user::Model, code: &str) -> Result<bool, Problem> {
    let Some(step) = step_of(app, user.totp_secret.as_str(), &user.username, code)? else { return Ok(false) };
    let tx = app.db.begin().await?;
    let row = user::ActiveModel { totp_step: Set(step), ..Default::default() };
    let once = user::Entity::update_many().set(row).filter(user::Column::Id.eq(user.id));
    let done = once.filter(user::Column::TotpStep.lt(step)).exec(&tx).await?;
    tx.commit().await?;
    Ok(done.rows_affected == 1)
}

/// A new authenticator that isn't in force yet.
#[derive(Serialize, ToSchema)]
pub struct NewFactor {
    /// The secret, to be typed into the authenticator.
    secret: String,
    /// The same as an address for a QR code.
    uri: String,
    /// What [`SetFactor`] gives back.
    ticket: String,
}

/// Makes a secret for an authenticator; it is in force once [`set`] has seen a code of it.
#[utoipa::path(post, path = "/api/session/second-factor", tag = "session", operation_id = "new_second_factor",
    responses((status = 200, body = NewFactor), (status = "4XX", body = ProblemBody)))]
pub(super) async fn new(State(app): State<App>, SignedIn(me): SignedIn) -> Result<Json<NewFactor>, Problem> {
    // Twenty bytes, as RFC 4226 recommends.
    let secret = secrets::session_token()[..40].to_owned();
    let totp = authenticator(&secret, &me.username, &app.config.society)?;
    let ticket = keys::seal(&format!("{} {secret}", me.id.0));
    Ok(Json(NewFactor { secret: totp.secret().to_base32(), uri: totp.to_url().map_err(Problem::internal)?, ticket }))
}

/// What makes an authenticator the one that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFactor {
    /// One's password: whoever finds a screen left alone has none.
    password: String,
    /// As [`NewFactor`] gave it.
    ticket: String,
    /// What the authenticator shows.
    code: String,
}

/// Sets one's authenticator.
#[utoipa::path(put, path = "/api/session/second-factor", tag = "session", operation_id = "set_second_factor", request_body = SetFactor,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn set(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    jar: CookieJar,
    from: Client,
    Json(given): Json<SetFactor>,
) -> Result<StatusCode, Problem> {
    let user =
        session::known(&app, &me, &Attempt::new(&jar, &me.username, &from.address), ("password", given.password))
            .await?;
    let ticket = keys::unseal(&given.ticket).unwrap_or_default();
    let secret =
        ticket.strip_prefix(&format!("{} ", user.id)).ok_or_else(|| Problem::invalid_field("code", "wrong_code"))?;
    let step = step_of(&app, secret, &user.username, &given.code)?;
    let step = step.ok_or_else(|| Problem::invalid_field("code", "wrong_code"))?;
    write(&app, user.id, secret, step, "second_factor_set").await
}

/// What takes one's authenticator off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveFactor {
    /// One's password.
    password: String,
}

/// Takes one's authenticator off. Where one's role wants one, a new one must be set up before anything else.
#[utoipa::path(post, path = "/api/session/second-factor/remove", tag = "session", operation_id = "remove_second_factor", request_body = RemoveFactor,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn remove(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    jar: CookieJar,
    from: Client,
    Json(given): Json<RemoveFactor>,
) -> Result<StatusCode, Problem> {
    let user =
        session::known(&app, &me, &Attempt::new(&jar, &me.username, &from.address), ("password", given.password))
            .await?;
    write(&app, user.id, "", user.totp_step, "second_factor_removed").await
}

async fn write(app: &App, id: i64, secret: &str, step: i64, act: &str) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let row =
        user::ActiveModel { id: Set(id), totp_secret: Set(secret.into()), totp_step: Set(step), ..Default::default() };
    user::Entity::update(row).exec(&tx).await?;
    audit::commit(tx, &[Entry::done(Some(id), act, "")]).await?;
    Ok(StatusCode::NO_CONTENT)
}
