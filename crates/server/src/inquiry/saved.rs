//! 我的查询: searches that somebody keeps for a page, theirs alone.
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, SqlErr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    entity::saved_search,
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
    },
};

/// Searches that one person can keep for one page.
const MAX_SAVED: u64 = 30;
/// The longest name, in characters.
const MAX_NAME: usize = 40;
/// The longest name of a page.
const MAX_PAGE: usize = 40;
/// The largest filter, in bytes of JSON.
const MAX_FILTER: usize = 4096;

/// A search that somebody kept.
#[derive(Serialize, ToSchema)]
pub struct SavedSearch {
    id: i64,
    name: String,
    /// In the words of the page's own search.
    #[schema(value_type = Object)]
    filter: Map<String, Value>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SavedQuery {
    /// The page's own name.
    page: String,
}

/// The searches that the caller kept for a page, by name.
#[utoipa::path(get, path = "/api/saved-searches", tag = "inquiry", operation_id = "saved", params(SavedQuery),
    responses((status = 200, body = [SavedSearch]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(query): Query<SavedQuery>,
) -> Result<Json<Vec<SavedSearch>>, Problem> {
    let rows = saved_search::Entity::find()
        .filter(saved_search::Column::UserId.eq(me.id.0))
        .filter(saved_search::Column::Page.eq(query.page))
        .order_by_asc(saved_search::Column::Name)
        .all(app.db.read())
        .await?;
    let saved = |row: saved_search::Model| {
        Ok(SavedSearch { id: row.id, name: row.name, filter: serde_json::from_str(row.filter.as_str())? })
    };
    rows.into_iter().map(saved).collect::<Result<_, Problem>>().map(Json)
}

/// A search to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedSearch {
    /// The page's own name: small letters and underscores.
    page: String,
    /// At most 40 characters.
    name: String,
    /// At most 4 KB.
    #[schema(value_type = Object)]
    filter: Map<String, Value>,
}

/// The id of what was made.
#[derive(Serialize, ToSchema)]
pub struct Saved {
    id: i64,
}

/// 另存为: keeps a search.
#[utoipa::path(post, path = "/api/saved-searches", tag = "inquiry", operation_id = "save", request_body = NewSavedSearch,
    responses((status = 201, body = Saved), (status = "4XX", body = ProblemBody)))]
pub(super) async fn add(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(asked): Json<NewSavedSearch>,
) -> Result<(StatusCode, Json<Saved>), Problem> {
    let known = (1..=MAX_PAGE).contains(&asked.page.len());
    if !known || !asked.page.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return Err(Problem::invalid_field("page", "unknown"));
    }
    let name = checked_name(&asked.name)?;
    let filter = Value::Object(asked.filter).to_string();
    if filter.len() > MAX_FILTER {
        return Err(Problem::invalid_field("filter", "too_long"));
    }
    let tx = app.db.begin().await?;
    let kept = saved_search::Entity::find()
        .filter(saved_search::Column::UserId.eq(me.id.0))
        .filter(saved_search::Column::Page.eq(&*asked.page))
        .count(&tx)
        .await?;
    if kept >= MAX_SAVED {
        return Err(Problem::invalid_field("search_name", "too_many"));
    }
    let row = saved_search::ActiveModel {
        id: NotSet,
        user_id: Set(me.id.0),
        page: Set(asked.page),
        name: Set(name),
        filter: Set(filter.into()),
        saved_at: Set(Some(clock::now())),
    };
    let made = saved_search::Entity::insert(row).exec(&tx).await.map_err(taken)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Saved { id: made.last_insert_id })))
}

fn checked_name(typed: &str) -> Result<String, Problem> {
    let name = typed.trim();
    match name.chars().count() {
        0 => Err(Problem::invalid_field("search_name", "required")),
        1..=MAX_NAME => Ok(name.to_owned()),
        _ => Err(Problem::invalid_field("search_name", "too_long")),
    }
}

fn taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field("search_name", "taken"),
        _ => error.into(),
    }
}

/// Another name for a kept search.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renaming {
    /// At most 40 characters.
    name: String,
}

/// 重命名.
#[utoipa::path(put, path = "/api/saved-searches/{id}", tag = "inquiry", operation_id = "rename_saved", params(("id" = i64, Path)),
    request_body = Renaming, responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn rename(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
    Json(asked): Json<Renaming>,
) -> Result<StatusCode, Problem> {
    let row = saved_search::ActiveModel { name: Set(checked_name(&asked.name)?), ..Default::default() };
    let tx = app.db.begin().await?;
    let done = saved_search::Entity::update_many()
        .set(row)
        .filter(saved_search::Column::Id.eq(id))
        .filter(saved_search::Column::UserId.eq(me.id.0))
        .exec(&tx)
        .await
        .map_err(taken)?;
    if done.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 删除.
#[utoipa::path(delete, path = "/api/saved-searches/{id}", tag = "inquiry", operation_id = "delete_saved", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn delete(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let done = saved_search::Entity::delete_many()
        .filter(saved_search::Column::Id.eq(id))
        .filter(saved_search::Column::UserId.eq(me.id.0))
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
