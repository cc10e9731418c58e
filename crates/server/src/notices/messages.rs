//! 通知: the caller's own messages, and how much of all is unread.
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::store;
use crate::{
    app::App,
    entity::message,
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
        messages::{self, Locale},
        paging::{self, Page, Paging},
    },
};

/// Which messages are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// Only those that weren't read.
    unread: Option<bool>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page, at most 100; 20 when absent.
    size: Option<u64>,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct MessageRow {
    id: i64,
    /// What happened.
    kind: String,
    /// The sentence in the user's language.
    message: String,
    /// What it is about: `case`, `change`, `enrolment`.
    object_kind: String,
    object_id: i64,
    at: DateTime<Utc>,
    read: bool,
}

fn row(message: message::Model, locale: Locale) -> MessageRow {
    let args: Map<String, Value> = serde_json::from_str(&message.args).unwrap_or_default();
    MessageRow {
        message: messages::sentence(locale, &format!("message_{}", message.kind), &args),
        id: message.id,
        kind: message.kind,
        object_kind: message.object_kind,
        object_id: message.object_id,
        at: message.at,
        read: message.read_at.is_some(),
    }
}

/// The caller's messages, newest first.
#[utoipa::path(get, path = "/api/messages", tag = "notices", operation_id = "messages", params(MessageQuery),
    responses((status = 200, body = Page<MessageRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(query): Query<MessageQuery>,
) -> Result<Json<Page<MessageRow>>, Problem> {
    let paging = Paging { page: query.page, size: query.size };
    let mut select = message::Entity::find().filter(message::Column::UserId.eq(me.id.0));
    if query.unread == Some(true) {
        select = select.filter(message::Column::ReadAt.is_null());
    }
    let total = paging::count(app.db.read(), select.clone()).await?;
    let newest = select.order_by_desc(message::Column::At).order_by_desc(message::Column::Id);
    let newest = newest.limit(paging.size()).offset(paging.offset());
    let items = newest.all(app.db.read()).await?.into_iter().map(|m| row(m, me.locale)).collect();
    Ok(Json(paging.answer(items, total)))
}

/// Marks one of the caller's messages as read.
#[utoipa::path(post, path = "/api/messages/{id}/read", tag = "notices", operation_id = "mark_message", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn mark(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let mine = message::Column::UserId.eq(me.id.0);
    let found = message::Entity::find_by_id(id).filter(mine).one(&tx).await?.ok_or_else(Problem::not_found)?;
    if found.read_at.is_none() {
        let read = message::ActiveModel { read_at: Set(Some(clock::now())), ..Default::default() };
        message::Entity::update_many().set(read).filter(message::Column::Id.eq(found.id)).exec(&tx).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 全部已读: marks all the caller's messages as read.
#[utoipa::path(post, path = "/api/messages/read-all", tag = "notices", operation_id = "mark_all_messages",
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn mark_all(State(app): State<App>, me: Acting<can::Anything>) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let read = message::ActiveModel { read_at: Set(Some(clock::now())), ..Default::default() };
    message::Entity::update_many()
        .set(read)
        .filter(message::Column::UserId.eq(me.id.0))
        .filter(message::Column::ReadAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How much is unread.
#[derive(Serialize, ToSchema)]
pub struct UnreadCounts {
    /// 通知.
    messages: u64,
    /// 公告 of today.
    notices: u64,
}

/// The numbers on the bell.
#[utoipa::path(get, path = "/api/messages/counts", tag = "notices", operation_id = "unread",
    responses((status = 200, body = UnreadCounts), (status = "4XX", body = ProblemBody)))]
pub(super) async fn counts(State(app): State<App>, me: Acting<can::Anything>) -> Result<Json<UnreadCounts>, Problem> {
    let db = app.db.read();
    let mine = message::Entity::find().filter(message::Column::UserId.eq(me.id.0));
    let messages = mine.filter(message::Column::ReadAt.is_null()).count(db).await?;
    let notices = store::unread(store::readable(db, &me).await?, &me).count(db).await?;
    Ok(Json(UnreadCounts { messages, notices }))
}
