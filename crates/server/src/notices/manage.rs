//! 公告管理: publishing and withdrawing, within one's own branch.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, SqlErr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::{self, NoticeRow};
use crate::{
    app::App,
    audit::{self, Entry},
    cases::rows,
    entity::{notice, org},
    platform::{
        auth::{Acting, Me, can},
        clock,
        db::containing,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
    records::{self, Object},
};

/// The longest title, in characters.
const MAX_TITLE: usize = 80;
/// The longest text, in characters.
const MAX_CONTENT: usize = 5000;
/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// The search form of 公告管理.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct NoticeSearch {
    /// Part of title or text.
    text: Option<String>,
    /// Whether withdrawn ones are wanted, or the others.
    withdrawn: Option<bool>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The notices of one's branch, withdrawn and past ones too.
#[utoipa::path(post, path = "/api/notices/search", tag = "notices", request_body = NoticeSearch,
    extensions(("x-right" = json!("publish_notices"))),
    responses((status = 200, body = Page<NoticeRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::PublishNotices>,
    Json(search): Json<NoticeSearch>,
) -> Result<Json<Page<NoticeRow>>, Problem> {
    use notice::Column as C;
    let text = rows::text(search.text.as_deref());
    let text = text.map(|t| Condition::any().add(C::Title.like(containing(t))).add(C::Content.like(containing(t))));
    let withdrawn = search.withdrawn.map(|w| if w { C::WithdrawnAt.is_not_null() } else { C::WithdrawnAt.is_null() });
    let select = store::managed(&me).filter(Condition::all().add_option(text).add_option(withdrawn));
    store::page(&app.db, &me, select, Paging { page: search.page, size: search.size }).await.map(Json)
}

/// A notice to be published.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNotice {
    /// Whose branch it is for; null for the caller's own node.
    pub org_id: Option<i64>,
    /// At most 80 characters.
    pub title: String,
    /// Plain text, at most 5000 characters; line breaks count.
    pub content: String,
    /// First day on which it is shown; today when absent.
    pub shown_from: Option<NaiveDate>,
    /// Last day; null for no end.
    pub shown_to: Option<NaiveDate>,
    /// 置顶.
    pub pinned: bool,
}

/// The notice that was published.
#[derive(Serialize, ToSchema)]
pub struct Published {
    id: i64,
}

/// 发布: tells a branch something, at once.
#[utoipa::path(post, path = "/api/notices", tag = "notices", request_body = NewNotice,
    extensions(("x-right" = json!("publish_notices"))),
    responses((status = 201, body = Published), (status = "4XX", body = ProblemBody)))]
pub(super) async fn add(
    State(app): State<App>,
    me: Acting<can::PublishNotices>,
    Json(asked): Json<NewNotice>,
) -> Result<(StatusCode, Json<Published>), Problem> {
    Ok((StatusCode::CREATED, Json(Published { id: publish(&app, &me, asked).await? })))
}

fn faults(asked: &NewNotice, from: NaiveDate) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut wrong = |field: &str, code: &str| out.push((field.to_owned(), code.to_owned()));
    for (field, text, max) in [("title", &asked.title, MAX_TITLE), ("content", &asked.content, MAX_CONTENT)] {
        match text.trim().chars().count() {
            0 => wrong(field, "required"),
            n if n > max => wrong(field, "too_long"),
            _ => {}
        }
    }
    if asked.shown_to.is_some_and(|to| to < from) {
        wrong("shown_to", "before_start");
    } else if asked.shown_to.is_some_and(|to| to < clock::today()) {
        wrong("shown_to", "in_past");
    }
    out
}

/// Publishes a notice and answers with its id.
///
/// # Errors
/// 404 where the node isn't in the branch, 422 where a field is wrong or the same notice stands already.
pub async fn publish(app: &App, me: &Me, asked: NewNotice) -> Result<i64, Problem> {
    let from = asked.shown_from.unwrap_or_else(clock::today);
    let faults = faults(&asked, from);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let tx = app.db.begin().await?;
    let node = org::Entity::find_by_id(asked.org_id.unwrap_or(me.org_id.0)).filter(me.sees_org()).one(&tx).await?;
    let node = node.filter(|o| o.active).ok_or_else(Problem::not_found)?;
    let row = notice::ActiveModel {
        id: NotSet,
        org_id: Set(node.id),
        title: Set(asked.title.trim().to_owned()),
        content: Set(asked.content.trim().to_owned()),
        shown_from: Set(from),
        shown_to: Set(asked.shown_to),
        pinned: Set(asked.pinned),
        author_id: Set(me.id.0),
        published_at: Set(clock::now()),
        withdrawn_at: Set(None),
        withdrawn_by_id: Set(None),
    };
    let id = notice::Entity::insert(row).exec(&tx).await.map_err(twice)?.last_insert_id;
    let after =
        json!({ "title": asked.title.trim(), "org": node.name, "shown_from": from, "shown_to": asked.shown_to });
    records::note(&tx, Object { kind: "notice", id }, Some(me.id.0), "publish", "", (&Value::Null, &after)).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "notice_publish", id)]).await?;
    Ok(id)
}

/// The same title for the same node from the same day is a second click.
fn twice(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::invalid_field("title", "taken"),
        _ => error.into(),
    }
}

/// Why a notice is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeWithdrawal {
    /// In words, at most 200 characters.
    reason: String,
}

/// 撤回: nobody reads it any more; it stays in the list of who looks after the branch.
#[utoipa::path(post, path = "/api/notices/{id}/withdraw", tag = "notices", params(("id" = i64, Path)),
    extensions(("x-right" = json!("publish_notices"))), request_body = NoticeWithdrawal,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(super) async fn withdraw(
    State(app): State<App>,
    me: Acting<can::PublishNotices>,
    Path(id): Path<i64>,
    Json(asked): Json<NoticeWithdrawal>,
) -> Result<StatusCode, Problem> {
    let reason = asked.reason.trim();
    match reason.chars().count() {
        0 => return Err(Problem::invalid_field("reason", "required")),
        1..=MAX_REASON => {}
        _ => return Err(Problem::invalid_field("reason", "too_long")),
    }
    let tx = app.db.begin().await?;
    let found = store::managed(&me).filter(notice::Column::Id.eq(id)).one(&tx).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let gone = notice::ActiveModel {
        withdrawn_at: Set(Some(clock::now())),
        withdrawn_by_id: Set(Some(me.id.0)),
        ..Default::default()
    };
    let done = notice::Entity::update_many()
        .set(gone)
        .filter(notice::Column::Id.eq(found.id))
        .filter(notice::Column::WithdrawnAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Problem::new(StatusCode::CONFLICT, "notice_withdrawn"));
    }
    let (before, after) = (json!({ "withdrawn": false }), json!({ "withdrawn": true }));
    records::note(&tx, Object { kind: "notice", id }, Some(me.id.0), "withdraw", reason, (&before, &after)).await?;
    audit::commit(tx, &[Entry::done(Some(me.id.0), "notice_withdraw", id)]).await?;
    Ok(StatusCode::NO_CONTENT)
}
