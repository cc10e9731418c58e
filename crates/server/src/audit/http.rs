//! 日志查询: who did, or tried to do, what when, for who looks after the branch.
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::DONE;
use crate::{
    app::App,
    cases::rows,
    entity::{audit_entry, org, user},
    platform::{
        auth::{Acting, Me, can},
        clock,
        db::containing,
        error::{Problem, ProblemBody},
        paging::{self, Page, Paging},
    },
};

/// What is looked for in 日志.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogSearch {
    /// Part of a name or sign-in name.
    person: Option<String>,
    /// The act.
    act: Option<String>,
    /// What it was done to: an id or a number, whole.
    object: Option<String>,
    /// Only what was done, or only what was refused or failed.
    done: Option<bool>,
    /// From this day on.
    from: Option<NaiveDate>,
    /// Up to this day.
    to: Option<NaiveDate>,
    page: Option<u64>,
    size: Option<u64>,
}

/// An entry of 日志.
#[derive(Serialize, ToSchema)]
pub struct LogRow {
    /// The entry.
    id: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who; empty for the program, or for somebody who could not be known.
    user_name: String,
    /// What.
    act: String,
    /// To what: an id or a number.
    object: String,
    /// `done`, or the codes of why not.
    result: String,
    /// What else is known: the address of a sign-in, what an export searched for.
    detail: Value,
}

/// Entries of the caller's branch, newest first; those without a person are the society's to see.
fn of_branch(me: &Me) -> Condition {
    if me.branch() == huzhu_domain::org::Branch::Society {
        return Condition::all();
    }
    let nodes = org::Entity::find().select_only().column(org::Column::Id).filter(me.sees_org()).into_query();
    let people = user::Entity::find().select_only().column(user::Column::Id);
    let people = people.filter(user::Column::OrgId.in_subquery(nodes)).into_query();
    Condition::all().add(audit_entry::Column::UserId.in_subquery(people))
}

fn asked(search: &LogSearch) -> Condition {
    use audit_entry::Column as C;
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let person = given(&search.person).map(|text| {
        let named = user::Column::Name.like(containing(&text)).or(user::Column::Username.like(containing(&text)));
        C::UserId.in_subquery(user::Entity::find().select_only().column(user::Column::Id).filter(named).into_query())
    });
    let by_result = |done| if done { C::Result.eq(DONE) } else { C::Result.ne(DONE) };
    Condition::all()
        .add_option(person)
        .add_option(given(&search.act).map(|act| C::Act.eq(act)))
        .add_option(given(&search.object).map(|object| C::Object.eq(object)))
        .add_option(search.done.map(by_result))
        .add_option(search.from.map(|day| C::At.gte(clock::start_of(day))))
        .add_option(search.to.and_then(|day| day.succ_opt()).map(|day| C::At.lt(clock::start_of(day))))
}

/// 日志查询, newest first.
#[utoipa::path(post, path = "/api/logs/search", tag = "logs", request_body = LogSearch,
    extensions(("x-right" = json!("inspect_logs"))),
    responses((status = 200, body = Page<LogRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InspectLogs>,
    Json(search): Json<LogSearch>,
) -> Result<Json<Page<LogRow>>, Problem> {
    let db = app.db.read();
    let paging = Paging { page: search.page, size: search.size };
    let found = audit_entry::Entity::find().filter(of_branch(&me)).filter(asked(&search));
    let total = paging::count(db, found.clone()).await?;
    let page = found.order_by_desc(audit_entry::Column::Id).offset(paging.offset()).limit(paging.size());
    let entries = page.all(db).await?;
    let names = rows::user_names(&app.db, entries.iter().filter_map(|e| e.user_id)).await?;
    let row = |e: audit_entry::Model| LogRow {
        id: e.id,
        at: e.at,
        user_name: e.user_id.map(|id| rows::name(&names, id)).unwrap_or_default(),
        act: e.act,
        object: e.object,
        result: e.result,
        detail: serde_json::from_str(&e.detail).unwrap_or_default(),
    };
    Ok(Json(paging.answer(entries.into_iter().map(row).collect(), total)))
}
