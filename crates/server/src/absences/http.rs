//! The list of absences, making one, ending one.
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use huzhu_domain::permission::Permission;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::act;
use crate::{
    app::App,
    cases::rows,
    entity::{absence, user},
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
    },
};

/// Absences that are shown.
const MAX_SHOWN: u64 = 200;
/// People that are offered.
const MAX_PEOPLE: u64 = 500;

/// Who is away when.
#[derive(Serialize, ToSchema)]
pub struct AbsenceView {
    id: i64,
    user_name: String,
    stand_in_name: String,
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Whether today is one of the days.
    now: bool,
    /// Whether it is over, or was ended early.
    over: bool,
    made_by_name: String,
    /// Whether the caller may end it.
    may_end: bool,
}

/// Somebody to choose.
#[derive(Serialize, ToSchema)]
pub struct AbsencePerson {
    id: i64,
    name: String,
    org_name: String,
}

/// What the caller sees of absences.
#[derive(Serialize, ToSchema)]
pub struct Absences {
    /// Latest first, at most 200: one's own, those one stands in for, and of the branch where one manages its pools.
    items: Vec<AbsenceView>,
    /// Whose absence the caller may write, besides the own; at most 500.
    people: Vec<AbsencePerson>,
}

async fn view(app: &App, me: &Me) -> Result<Json<Absences>, Problem> {
    let (db, today, manages) = (app.db.read(), clock::today(), me.may(Permission::ManagePool));
    let mut seen =
        Condition::any().add(absence::Column::UserId.eq(me.id.0)).add(absence::Column::StandInId.eq(me.id.0));
    if manages {
        let ids = user::Entity::find().select_only().column(user::Column::Id).filter(act::of_branch(me)).into_query();
        seen = seen.add(absence::Column::UserId.in_subquery(ids));
    }
    let found = absence::Entity::find()
        .filter(seen)
        .order_by_desc(absence::Column::ToOn)
        .order_by_desc(absence::Column::Id)
        .limit(MAX_SHOWN)
        .all(db)
        .await?;
    let names = rows::user_names(&app.db, found.iter().flat_map(|a| [a.user_id, a.stand_in_id, a.made_by_id])).await?;
    let of = |a: absence::Model| {
        let over = a.ended_at.is_some() || a.to_on < today;
        AbsenceView {
            id: a.id,
            user_name: rows::name(&names, a.user_id),
            stand_in_name: rows::name(&names, a.stand_in_id),
            from: a.from_on,
            to: a.to_on,
            now: !over && a.from_on <= today,
            over,
            made_by_name: rows::name(&names, a.made_by_id),
            may_end: !over && (manages || a.user_id == me.id.0),
        }
    };
    let items = found.into_iter().map(of).collect();
    let mut people = Vec::new();
    if manages {
        let found = user::Entity::find()
            .filter(act::of_branch(me))
            .filter(user::Column::Id.ne(me.id.0))
            .order_by_asc(user::Column::Name)
            .limit(MAX_PEOPLE)
            .all(db)
            .await?;
        let orgs = rows::org_names(&app.db, found.iter().map(|u| u.org_id)).await?;
        let person = |u: user::Model| AbsencePerson { org_name: rows::name(&orgs, u.org_id), id: u.id, name: u.name };
        people = found.into_iter().map(person).collect();
    }
    Ok(Json(Absences { items, people }))
}

/// 请假代理 as far as it concerns the caller.
#[utoipa::path(get, path = "/api/absences", tag = "absences",
    responses((status = 200, body = Absences), (status = "4XX", body = ProblemBody)))]
pub(super) async fn absences(State(app): State<App>, me: Acting<can::Anything>) -> Result<Json<Absences>, Problem> {
    view(&app, &me).await
}

/// An absence to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceToMake {
    /// Who is away; the caller when absent.
    user_id: Option<i64>,
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Who stands in.
    stand_in_id: i64,
}

/// Writes an absence with its stand-in.
#[utoipa::path(post, path = "/api/absences", tag = "absences", request_body = AbsenceToMake,
    responses((status = 201, body = Absences), (status = "4XX", body = ProblemBody)))]
pub(super) async fn make_absence(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(new): Json<AbsenceToMake>,
) -> Result<(StatusCode, Json<Absences>), Problem> {
    act::make(&app, &me, new.user_id.unwrap_or(me.id.0), (new.from, new.to), new.stand_in_id).await?;
    Ok((StatusCode::CREATED, view(&app, &me).await?))
}

/// For whom a stand-in is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StandInsQuery {
    /// The caller when absent.
    user_id: Option<i64>,
}

/// Who could stand in for somebody: whose branch has the same cases, with the same rights over them.
#[utoipa::path(get, path = "/api/absences/stand-ins", tag = "absences", params(StandInsQuery),
    responses((status = 200, body = [AbsencePerson]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn stand_ins(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Query(query): Query<StandInsQuery>,
) -> Result<Json<Vec<AbsencePerson>>, Problem> {
    let found = act::fit(app.db.read(), &me, query.user_id.unwrap_or(me.id.0)).await?;
    Ok(Json(found.into_iter().map(|c| AbsencePerson { id: c.id, name: c.name, org_name: c.org_name }).collect()))
}

/// Ends an absence early.
#[utoipa::path(post, path = "/api/absences/{id}/end", tag = "absences", params(("id" = i64, Path)),
    responses((status = 200, body = Absences), (status = "4XX", body = ProblemBody)))]
pub(super) async fn end_absence(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<Absences>, Problem> {
    act::end(&app, &me, id).await?;
    view(&app, &me).await
}
