//! The whole case, for whoever may see it.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::{case::Stage, ids::CaseId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    rows,
    view::{self, CaseView},
};
use crate::{
    app::App,
    entity::case,
    platform::{
        auth::{Acting, can},
        coded::Coded,
        error::{Problem, ProblemBody},
    },
};

/// The version of the case that the caller saw last, so that nobody overwrites what they haven't read.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// `version` of the case.
    pub version: i64,
}

/// A whole case: facts, papers, calculation, history, and what may be done next.
#[utoipa::path(get, path = "/api/cases/{id}", tag = "cases", params(("id" = i64, Path)),
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn show(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Path(id): Path<i64>,
) -> Result<Json<CaseView>, Problem> {
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// A case number that was typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// 案件号.
    no: String,
}

/// The case of that number.
#[derive(Serialize, ToSchema)]
pub struct CaseFound {
    /// Its id; null where there is none in the caller's branch.
    id: Option<i64>,
}

/// The case of the caller's branch with a 案件号.
#[utoipa::path(post, path = "/api/cases/find", tag = "cases", request_body = CaseQuery,
    responses((status = 200, body = CaseFound), (status = "4XX", body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(query): Json<CaseQuery>,
) -> Result<Json<CaseFound>, Problem> {
    let Some(no) = rows::text(Some(&query.no)) else { return Ok(Json(CaseFound { id: None })) };
    let id = case::Entity::find()
        .filter(me.sees_case())
        .filter(case::Column::No.eq(no.to_uppercase()))
        .filter(case::Column::Stage.ne(Coded(Stage::Deleted)))
        .select_only()
        .column(case::Column::Id)
        .into_tuple::<i64>()
        .one(app.db.read())
        .await?;
    Ok(Json(CaseFound { id }))
}
