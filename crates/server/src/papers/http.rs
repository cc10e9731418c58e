//! 打印.
use axum::{Json, extract::State};
use huzhu_domain::case::CasePaper;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{content, paper::Paper};
use crate::{
    app::App,
    audit::{self, Entry},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
    },
};

/// Cases that are printed at once.
const MAX_CASES: usize = 50;

/// Which paper, and of which cases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintRequest {
    paper: CasePaper,
    /// At most 50; the papers come in this order.
    case_ids: Vec<i64>,
}

/// The papers, one a case.
#[derive(Serialize, ToSchema)]
pub struct Printed {
    papers: Vec<Paper>,
}

/// 打印: one paper of each of some cases, all of them or none. That they were printed is logged.
#[utoipa::path(post, path = "/api/papers", tag = "papers", request_body = PrintRequest,
    responses((status = 200, body = Printed), (status = "4XX", body = ProblemBody)))]
pub(super) async fn print(
    State(app): State<App>,
    me: Acting<can::Anything>,
    Json(asked): Json<PrintRequest>,
) -> Result<Json<Printed>, Problem> {
    let PrintRequest { paper, mut case_ids } = asked;
    let mut seen = std::collections::HashSet::new();
    case_ids.retain(|id| seen.insert(*id));
    if case_ids.is_empty() || case_ids.len() > MAX_CASES {
        return Err(Problem::invalid_field("case_ids", if case_ids.is_empty() { "required" } else { "too_many" }));
    }
    let papers = content::load(&app, &me, &case_ids, paper).await?;
    let printed = |id| Entry::done(Some(me.id.0), "print", format!("case {id} {paper}"));
    let printed: Vec<Entry<'_>> = case_ids.into_iter().map(printed).collect();
    audit::commit(app.db.begin().await?, &printed).await?;
    Ok(Json(Printed { papers }))
}
