//! 公告 for its readers.
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use huzhu_domain::permission::Permission;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, NoticeRow};
use crate::{
    app::App,
    entity::notice,
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// Notices that are marked as read at once; more don't fit a branch's board.
const MAX_MARKED: u64 = 500;

/// The notices of today for the caller, pinned ones first.
#[utoipa::path(get, path = "/api/notices", tag = "notices", params(Paging),
    responses((status = 200, body = Page<NoticeRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<NoticeRow>>, Problem> {
    let select = store::readable(app.db.read(), &me).await?;
    store::page(&app.db, &me, select, paging).await.map(Json)
}

/// A whole notice.
#[derive(Serialize, ToSchema)]
pub struct NoticeView {
    #[serde(flatten)]
    row: NoticeRow,
    /// Plain text; line breaks count.
    content: String,
}

/// One notice, for its readers and for who looks after the branch.
#[utoipa::path(get, path = "/api/notices/{id}", tag = "notices", params(("id" = i64, Path)),
    responses((status = 200, body = NoticeView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<NoticeView>, Problem> {
    let db = app.db.read();
    let this = notice::Column::Id.eq(id);
    let mut found = store::readable(db, &me).await?.filter(this.clone()).one(db).await?;
    if found.is_none() && me.may(Permission::PublishNotices) {
        found = store::managed(&me).filter(this).one(db).await?;
    }
    let found = found.ok_or_else(Problem::not_found)?;
    let row = store::listed(&app.db, &me, std::slice::from_ref(&found)).await?.pop();
    Ok(Json(NoticeView { row: row.ok_or_else(Problem::not_found)?, content: found.content }))
}

/// Marks a notice as read.
#[utoipa::path(post, path = "/api/notices/{id}/read", tag = "notices", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn mark(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let found = store::readable(&tx, &me).await?.filter(notice::Column::Id.eq(id)).one(&tx).await?;
    store::mark(&tx, &me, &[found.ok_or_else(Problem::not_found)?.id]).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 全部已读: marks all notices of today as read.
#[utoipa::path(post, path = "/api/notices/read-all", tag = "notices",
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn mark_all(State(app): State<App>, me: Acting<can::Anything>) -> Result<StatusCode, Problem> {
    let tx = app.db.begin().await?;
    let ids: Vec<i64> = store::unread(store::readable(&tx, &me).await?, &me)
        .select_only()
        .column(notice::Column::Id)
        .limit(MAX_MARKED)
        .into_tuple()
        .all(&tx)
        .await?;
    store::mark(&tx, &me, &ids).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
