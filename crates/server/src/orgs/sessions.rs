//! 登录记录: where somebody is signed in, and signing out from afar.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    audit::{self, Entry},
    entity::{audit_entry, session},
    platform::{
        auth::SignedIn,
        clock,
        error::{Problem, ProblemBody},
    },
};

/// Characters of a session's key by which it is named: enough to tell one's own apart.
const SHOWN: usize = 16;

/// One of the caller's sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionRow {
    /// By which it is named.
    id: String,
    /// Whether it is this one.
    current: bool,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    seen_at: DateTime<Utc>,
    /// From which address; empty where it isn't known.
    address: String,
    /// What the browser says of itself.
    agent: String,
}

/// One attempt to sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInRow {
    /// When.
    at: DateTime<Utc>,
    /// Whether it succeeded.
    done: bool,
    /// From which address.
    address: String,
    /// What the browser said of itself.
    agent: String,
}

/// Where the caller is signed in, and the last attempts to.
#[derive(Serialize, ToSchema)]
pub struct SignIns {
    /// Open sessions, the last used first.
    sessions: Vec<SessionRow>,
    /// The last attempts with the caller's name, newest first.
    attempts: Vec<SignInRow>,
}

/// Attempts that are shown.
const MAX_ATTEMPTS: u64 = 20;

/// Where the caller is signed in, and the last attempts to.
#[utoipa::path(get, path = "/api/session/all", tag = "session",
    responses((status = 200, body = SignIns), (status = "4XX", body = ProblemBody)))]
pub(super) async fn sign_ins(State(app): State<App>, SignedIn(me): SignedIn) -> Result<Json<SignIns>, Problem> {
    let now = clock::now();
    let open = session::Entity::find()
        .filter(session::Column::UserId.eq(me.id.0))
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::SeenAt.gt(now - app.config.sessions.idle))
        .order_by_desc(session::Column::SeenAt);
    let shown = |s: session::Model| SessionRow {
        current: s.token_hash == me.token_hash,
        id: s.token_hash.chars().take(SHOWN).collect(),
        created_at: s.created_at,
        seen_at: s.seen_at,
        address: s.address,
        agent: s.agent,
    };
    let sessions = open.all(app.db.read()).await?.into_iter().map(shown).collect();
    let attempts = audit_entry::Entity::find()
        .filter(audit_entry::Column::UserId.eq(me.id.0))
        .filter(audit_entry::Column::Act.is_in(["sign_in", "sign_on"]))
        .order_by_desc(audit_entry::Column::Id);
    let attempts = sea_orm::QuerySelect::limit(attempts, MAX_ATTEMPTS).all(app.db.read()).await?;
    Ok(Json(SignIns { sessions, attempts: attempts.into_iter().map(attempt).collect() }))
}

fn attempt(entry: audit_entry::Model) -> SignInRow {
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
    SignInRow { at: entry.at, done: entry.result == audit::DONE, address: text("address"), agent: text("agent") }
}

/// Signs one of the caller's sessions out.
#[utoipa::path(delete, path = "/api/session/all/{id}", tag = "session", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn sign_out_one(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let own = session::Entity::find().filter(session::Column::UserId.eq(me.id.0)).all(&tx).await?;
    let named = |s: &session::Model| id.len() == SHOWN && s.token_hash.starts_with(&id);
    let found = own.into_iter().find(named).ok_or_else(Problem::not_found)?;
    found.delete(&tx).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "sign_out_afar", "")]).await?;
    Ok(StatusCode::NO_CONTENT)
}
