//! 督办: open cases by stage, person and days at the stage, the late ones told; several are given to somebody, or back.
use axum::{Json, extract::State};
use chrono::{Days, NaiveDate};
use huzhu_domain::{
    calendar::Pace,
    case::{Action, Stage},
    ids::{CaseId, UserId},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{
        self, Act,
        assign::{self, Fitting},
        deadlines::{self, Deadlines},
        rows::{self, CaseRow, RowOrder},
    },
    entity::case,
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// Days at the stage at which the classes begin; the last has no end.
const AGES: [u64; 5] = [0, 2, 4, 8, 16];
/// Cases that are given at once.
const MAX_AT_ONCE: usize = 100;

/// What one person, or nobody, holds at a stage.
#[derive(Serialize, ToSchema)]
pub struct BoardRow {
    stage: Stage,
    /// Null for those that nobody holds.
    holder_id: Option<i64>,
    holder_name: Option<String>,
    /// How many, by days at the stage, in the order of the classes.
    counts: Vec<i64>,
    /// How many have stayed longer than the limit of the stage.
    late: i64,
    /// All of them.
    total: i64,
}

/// 督办.
#[derive(Serialize, ToSchema)]
pub struct Board {
    /// Days at the stage at which the classes begin.
    classes: Vec<u64>,
    rows: Vec<BoardRow>,
}

/// Cases that have been at their stage for a class of days.
fn aged(class: usize, today: NaiveDate) -> Condition {
    let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let newest = ago(AGES.get(class).copied().unwrap_or_default()).succ_opt().unwrap_or(today);
    let oldest = AGES.get(class + 1).map(|next| case::Column::StageSince.gte(clock::start_of(ago(next - 1))));
    Condition::all().add(case::Column::StageSince.lt(clock::start_of(newest))).add_option(oldest)
}

/// Stage, holder, count.
type Counted = (Coded<Stage>, Option<i64>, i64);

async fn counted(app: &App, me: &Me, of: Condition) -> Result<Vec<Counted>, Problem> {
    use case::Column as C;
    let found = case::Entity::find()
        .filter(me.sees_case())
        .filter(C::Stage.is_in(deadlines::STAGES.map(Coded)))
        .filter(of)
        .select_only()
        .columns([C::Stage, C::HolderId])
        .column_as(C::Id.count(), "n")
        .group_by(C::Stage)
        .group_by(C::HolderId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(found)
}

/// The open cases of the caller's branch at a glance.
#[utoipa::path(get, path = "/api/board", tag = "pools", operation_id = "board",
    extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = Board), (status = "4XX", body = ProblemBody)))]
pub(super) async fn board(State(app): State<App>, me: Acting<can::ManagePool>) -> Result<Json<Board>, Problem> {
    let today = clock::today();
    let mut rows: Vec<BoardRow> = Vec::new();
    for class in 0..AGES.len() {
        for (stage, holder_id, n) in counted(&app, &me, aged(class, today)).await? {
            let row = at(&mut rows, stage.0, holder_id);
            row.total += n;
            if let Some(count) = row.counts.get_mut(class) {
                *count += n;
            }
        }
    }
    let late = Deadlines::load(app.db.read()).await?.at(Pace::Late);
    for (stage, holder_id, n) in counted(&app, &me, late).await? {
        at(&mut rows, stage.0, holder_id).late += n;
    }
    let names = rows::user_names(&app.db, rows.iter().filter_map(|r| r.holder_id)).await?;
    for row in &mut rows {
        row.holder_name = row.holder_id.map(|id| rows::name(&names, id));
    }
    // Stage by stage, the pool first, then who has most that is late.
    rows.sort_by_key(|r| (r.stage, r.holder_id.is_some(), -r.late, -r.total, r.holder_id));
    Ok(Json(Board { classes: AGES.to_vec(), rows }))
}

fn at(rows: &mut Vec<BoardRow>, stage: Stage, holder_id: Option<i64>) -> &mut BoardRow {
    let known = rows.iter().position(|r| r.stage == stage && r.holder_id == holder_id);
    let place = known.unwrap_or_else(|| {
        let counts = vec![0; AGES.len()];
        rows.push(BoardRow { stage, holder_id, holder_name: None, counts, late: 0, total: 0 });
        rows.len() - 1
    });
    &mut rows[place]
}

/// What of the board is wanted.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct BoardSearch {
    stage: Option<Stage>,
    /// Who holds them.
    holder_id: Option<i64>,
    /// Only those that nobody holds.
    pool: Option<bool>,
    /// Which class of days at the stage, from 0.
    class: Option<usize>,
    /// Only those that are late.
    late: Option<bool>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The cases behind a number of the board, those that have waited longest first.
#[utoipa::path(post, path = "/api/board/cases", tag = "pools", operation_id = "board_cases", request_body = BoardSearch,
    extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn board_cases(
    State(app): State<App>,
    me: Acting<can::ManagePool>,
    Json(search): Json<BoardSearch>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    use case::Column as C;
    let late = match search.late {
        Some(true) => Some(Deadlines::load(app.db.read()).await?.at(Pace::Late)),
        _ => None,
    };
    let all = Condition::all()
        .add(C::Stage.is_in(deadlines::STAGES.map(Coded)))
        .add_option(search.stage.map(|s| C::Stage.eq(Coded(s))))
        .add_option(search.holder_id.map(|id| C::HolderId.eq(id)))
        .add_option(search.pool.filter(|p| *p).map(|_| C::HolderId.is_null()))
        .add_option(search.class.map(|class| aged(class, clock::today())))
        .add_option(late);
    let paging = Paging { page: search.page, size: search.size };
    let select = rows::visible(&me).filter(all);
    rows::page_in(&app.db, &me, select, RowOrder::LongestWaiting, paging).await.map(Json)
}

/// A case as the caller saw it.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardCase {
    id: i64,
    version: i64,
}

/// Several cases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardCases {
    /// At most 100.
    cases: Vec<BoardCase>,
    /// Why.
    note: Option<String>,
}

/// 转派 of several cases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardAssignment {
    /// At most 100.
    cases: Vec<BoardCase>,
    /// Into whose hands.
    user_id: i64,
    /// Why.
    note: Option<String>,
}

/// What became of one case.
#[derive(Serialize, ToSchema)]
pub struct BoardResult {
    id: i64,
    done: bool,
    /// Why not, in sentences.
    reasons: Vec<String>,
}

fn bounded(mut cases: Vec<BoardCase>) -> Result<Vec<BoardCase>, Problem> {
    cases.sort_unstable_by_key(|c| c.id);
    cases.dedup_by_key(|c| c.id);
    if cases.is_empty() || cases.len() > MAX_AT_ONCE {
        return Err(Problem::invalid_field("cases", if cases.is_empty() { "required" } else { "too_many" }));
    }
    Ok(cases)
}

/// Does the act to each of the cases, each in a transaction of its own: what one is refused for keeps no other back.
async fn each(
    app: &App,
    me: &Me,
    cases: Vec<BoardCase>,
    act: impl Fn(BoardCase) -> Act,
) -> Result<Json<Vec<BoardResult>>, Problem> {
    let mut out = Vec::new();
    for one in bounded(cases)? {
        let reasons = match cases::perform(app, me, CaseId(one.id), act(one)).await {
            Ok(_) => Vec::new(),
            Err(problem) if problem.status().is_client_error() => problem.sentences(me.locale),
            Err(problem) => return Err(problem),
        };
        out.push(BoardResult { id: one.id, done: reasons.is_empty(), reasons });
    }
    Ok(Json(out))
}

/// 转派 of several cases, one by one.
#[utoipa::path(post, path = "/api/board/assign", tag = "pools", operation_id = "board_assign",
    request_body = BoardAssignment, extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = [BoardResult]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn board_assign(
    State(app): State<App>,
    me: Acting<can::ManagePool>,
    Json(asked): Json<BoardAssignment>,
) -> Result<Json<Vec<BoardResult>>, Problem> {
    let act = |one: BoardCase| {
        let act = Act::new(Action::Assign { to: UserId(asked.user_id) }, one.version).because(asked.note.clone());
        Act { data: json!({ "assignee_id": asked.user_id }), ..act }
    };
    each(&app, &me, asked.cases.clone(), act).await
}

/// 释放 of several cases, one by one.
#[utoipa::path(post, path = "/api/board/release", tag = "pools", operation_id = "board_release",
    request_body = BoardCases, extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = [BoardResult]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn board_release(
    State(app): State<App>,
    me: Acting<can::ManagePool>,
    Json(asked): Json<BoardCases>,
) -> Result<Json<Vec<BoardResult>>, Problem> {
    let act = |one: BoardCase| Act::new(Action::Release, one.version).because(asked.note.clone());
    each(&app, &me, asked.cases.clone(), act).await
}

/// Who could take some of several cases, and how many of them.
#[utoipa::path(post, path = "/api/board/assignees", tag = "pools", operation_id = "board_assignees",
    request_body = BoardCases, extensions(("x-right" = json!("manage_pool"))),
    responses((status = 200, body = [Fitting]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn board_assignees(
    State(app): State<App>,
    me: Acting<can::ManagePool>,
    Json(asked): Json<BoardCases>,
) -> Result<Json<Vec<Fitting>>, Problem> {
    let ids: Vec<i64> = bounded(asked.cases)?.into_iter().map(|c| c.id).collect();
    let found = cases::store::of_branch(&me).filter(case::Column::Id.is_in(ids)).all(app.db.read()).await?;
    assign::fitting(app.db.read(), &found).await.map(Json)
}
