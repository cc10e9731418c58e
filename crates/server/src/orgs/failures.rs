//! Wrong passwords: how many, and who is kept out for them.
//!
//! Guesses count against the name; but whoever has signed in with it from this browser before is known by a signed cookie and
//! counted apart, so that a stranger who locks a name out does not lock out its owner. Guesses also count against
//! the address, whatever the names: somebody who tries one password on all of them is kept out, the known browsers of an office
//! behind the same address are not.
use axum::http::StatusCode;
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::Duration;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, prelude::Expr,
    sea_query::OnConflict,
};

use crate::{
    app::App,
    entity::sign_in_failure::{self, Column as C},
    platform::{
        clock,
        db::beginning,
        error::Problem,
        keys::{self, Purpose},
        secrets,
    },
};

/// Wrong passwords in a row before a name is locked, or a known browser for this name.
pub const MAX_FAILURES: i32 = 5;
/// Wrong passwords from one address before its unknown browsers are kept out.
const MAX_FROM_ADDRESS: i32 = 50;
/// How long after the last wrong password.
pub const LOCKED: Duration = Duration::minutes(15);
/// The cookie by which a browser is known.
const DEVICE: &str = "huzhu_device";

/// What an attempt counts against.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The name, or the known browser.
    who: String,
    /// The address, for an unknown browser.
    address: Option<String>,
}

impl Attempt {
    /// An attempt to sign in with a name from a browser, at an address.
    pub(super) fn new(jar: &CookieJar, username: &str, address: &str) -> Self {
        match known(jar, username) {
            Some(device) => Self { who: of_device(username, &device), address: None },
            None => Self { who: username.to_owned(), address: (!address.is_empty()).then(|| format!("@{address}")) },
        }
    }

    /// Refuses where there were too many.
    ///
    /// # Errors
    /// 429 with the minutes that are left.
    pub(super) async fn refuse_if_locked(&self, app: &App) -> Result<(), Problem> {
        let counters = [(Some(&self.who), MAX_FAILURES), (self.address.as_ref(), MAX_FROM_ADDRESS)];
        for (counter, most) in counters {
            let Some(counter) = counter else { continue };
            let row = sign_in_failure::Entity::find_by_id(counter).one(app.db.read()).await?;
            let Some(row) = row.filter(|row| row.failures >= most) else { continue };
            let left = (row.last_at + LOCKED) - clock::now();
            if left > Duration::zero() {
                let seconds = u64::try_from(left.num_seconds() + 1).unwrap_or(1);
                let locked = Problem::new(StatusCode::TOO_MANY_REQUESTS, "sign_in_locked");
                return Err(locked.with("minutes", left.num_minutes() + 1).retry_after(seconds));
            }
        }
        Ok(())
    }

    /// Counts a wrong password.
    ///
    /// # Errors
    /// When the database can't be written.
    pub(super) async fn count(&self, app: &App) -> Result<(), DbErr> {
        let now = clock::now();
        let tx = app.db.begin().await?;
        // In one statement each, so that guesses at the same time all count; a lock that has run out starts anew.
        for counter in std::iter::once(&self.who).chain(&self.address) {
            let old = sign_in_failure::Entity::delete_many().filter(C::Username.eq(counter));
            old.filter(C::LastAt.lt(now - LOCKED)).exec(&tx).await?;
            let row =
                sign_in_failure::ActiveModel { username: Set(counter.clone()), failures: Set(1), last_at: Set(now) };
            let count = Expr::col((sign_in_failure::Entity, C::Failures)).add(1);
            let again = OnConflict::column(C::Username).value(C::Failures, count).value(C::LastAt, now).to_owned();
            sign_in_failure::Entity::insert(row).on_conflict(again).exec_without_returning(&tx).await?;
        }
        tx.commit().await
    }

    /// Forgets what was counted against the name or browser; the address goes on counting.
    pub(super) async fn forget(&self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        sign_in_failure::Entity::delete_by_id(&self.who).exec(tx).await.map(|_| ())
    }
}

/// Forgets everything that was counted against a name (解锁).
pub(super) async fn forget_all(tx: &impl ConnectionTrait, username: &str) -> Result<(), DbErr> {
    sign_in_failure::Entity::delete_many().filter(of_name(username)).exec(tx).await.map(|_| ())
}

/// What is counted against a name: by anybody, and by each browser that is known for it.
pub(super) fn of_name(username: &str) -> Expr {
    C::Username.eq(username).or(C::Username.like(beginning(&of_device(username, ""))))
}

/// No name holds a slash.
fn of_device(username: &str, device: &str) -> String {
    format!("{username}/{device}")
}

/// The browser, where it is known for this name.
fn known(jar: &CookieJar, username: &str) -> Option<String> {
    let value = jar.get(DEVICE)?.value().to_owned();
    let (device, signature) = value.split_once('.')?;
    let hex = device.len() == 64 && device.bytes().all(|b| b.is_ascii_hexdigit());
    (hex && keys::has_signed(Purpose::Device, signed_text(username, device), signature)).then(|| device.to_owned())
}

fn signed_text(username: &str, device: &str) -> String {
    format!("{username}\n{device}")
}

/// The cookie that makes a browser known for a name, a new one each time: what is counted against one begins anew.
pub(super) fn device_cookie(app: &App, username: &str) -> Cookie<'static> {
    let device = secrets::session_token();
    let signature = keys::sign(Purpose::Device, signed_text(username, &device));
    Cookie::build((DEVICE, format!("{device}.{signature}")))
        .path("/api/session")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.secure_cookies)
        .permanent()
        .build()
}
