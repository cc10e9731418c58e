//! The whole case, for whoever may see it.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::ids::CaseId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{self, CaseView};
use crate::{
    app::App,
    platform::{
        auth::{Acting, can},
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
