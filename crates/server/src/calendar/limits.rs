//! 时效: the limits of the society and of each office.
use axum::{
    Json,
    extract::{Path, State},
};
use huzhu_domain::{calendar::MAX_LIMIT, case::Stage, org::OrgKind};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    audit::{self, Entry},
    cases::deadlines::{Deadlines, STAGES},
    entity::{org, time_limit},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        error::{Problem, ProblemBody},
    },
    records::{self, Object, RecordEventView},
};

/// Offices that are listed.
const MAX_OFFICES: u64 = 500;

/// The limit of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageLimit {
    stage: Stage,
    /// What the node says itself, in working days; null where it leaves it to what is above it.
    own: Option<u32>,
    /// What counts, in working days.
    days: Option<u32>,
}

/// The limits of a node.
#[derive(Serialize, ToSchema)]
pub struct NodeLimits {
    org_id: i64,
    org_name: String,
    kind: OrgKind,
    limits: Vec<StageLimit>,
}

async fn limits(db: &impl ConnectionTrait, nodes: Vec<org::Model>) -> Result<Vec<NodeLimits>, Problem> {
    let deadlines = Deadlines::load(db).await?;
    let own: Vec<time_limit::Model> =
        time_limit::Entity::find().filter(time_limit::Column::OrgId.is_in(nodes.iter().map(|o| o.id))).all(db).await?;
    let of = |o: org::Model| {
        let limit = |stage: Stage| {
            let own = own.iter().find(|l| l.org_id == o.id && l.stage.0 == stage);
            let own = own.and_then(|l| u32::try_from(l.days).ok());
            StageLimit { stage, own, days: deadlines.limit(o.id, stage) }
        };
        NodeLimits { limits: STAGES.map(limit).to_vec(), org_id: o.id, org_name: o.name, kind: o.kind.0 }
    };
    Ok(nodes.into_iter().map(of).collect())
}

/// The society's and the offices' nodes of the caller's branch.
fn nodes_of(me: &Me) -> sea_orm::Select<org::Entity> {
    let kinds = [Coded(OrgKind::Society), Coded(OrgKind::Office)];
    org::Entity::find()
        .filter(Condition::all().add(me.sees_org()).add(org::Column::Kind.is_in(kinds)))
        .order_by_asc(org::Column::Code)
}

/// The limits of the caller's branch: of the society where the caller belongs to it, and of every office.
#[utoipa::path(get, path = "/api/time-limits", tag = "calendar", extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = Vec<NodeLimits>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
) -> Result<Json<Vec<NodeLimits>>, Problem> {
    let db = app.db.read();
    limits(db, nodes_of(&me).limit(MAX_OFFICES).all(db).await?).await.map(Json)
}

/// One limit as it is set.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    stage: Stage,
    /// In working days, 1 to 250; null to leave it to what is above the node.
    days: Option<u32>,
}

/// The limits as they are set; a stage that isn't named keeps its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimits {
    limits: Vec<NewLimit>,
}

impl NewLimits {
    fn check(&self) -> Result<(), Problem> {
        let mut wrong = Vec::new();
        if self.limits.len() > STAGES.len() {
            wrong.push(("limits".to_owned(), "too_many".to_owned()));
        }
        for (i, limit) in self.limits.iter().enumerate() {
            if !STAGES.contains(&limit.stage) {
                wrong.push((format!("limits.{i}.stage"), "unknown".to_owned()));
            }
            if limit.days.is_some_and(|n| !(1..=MAX_LIMIT).contains(&n)) {
                wrong.push((format!("limits.{i}.days"), "limit_days".to_owned()));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
    }
}

/// Sets the limits of the society or of an office.
#[utoipa::path(put, path = "/api/time-limits/{id}", tag = "calendar", params(("id" = i64, Path)),
    request_body = NewLimits, extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = NodeLimits), (status = "4XX", body = ProblemBody)))]
pub(super) async fn set(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
    Json(new): Json<NewLimits>,
) -> Result<Json<NodeLimits>, Problem> {
    new.check()?;
    let tx = app.db.begin().await?;
    let node = || nodes_of(&me).filter(org::Column::Id.eq(id));
    let locked = node().lock_exclusive().one(&tx).await?.ok_or_else(Problem::not_found)?;
    let before = own(&tx, id).await?;
    for limit in &new.limits {
        time_limit::Entity::delete_by_id((id, Coded(limit.stage))).exec(&tx).await?;
        if let Some(days) = limit.days {
            let row = time_limit::ActiveModel {
                org_id: Set(id),
                stage: Set(Coded(limit.stage)),
                days: Set(i32::try_from(days).unwrap_or_default()),
            };
            time_limit::Entity::insert(row).exec_without_returning(&tx).await?;
        }
    }
    let after = own(&tx, id).await?;
    if before != after {
        let object = Object { kind: "time_limits", id };
        records::note(&tx, object, Some(me.id.0), "update", "", (&before, &after)).await?;
    }
    audit::commit(tx, &[Entry::done(Some(me.id.0), "time_limits", id)]).await?;
    limits(app.db.read(), vec![locked]).await?.pop().map(Json).ok_or_else(Problem::not_found)
}

/// What a node says itself, by stage, as the history keeps it.
async fn own(db: &impl ConnectionTrait, id: i64) -> Result<std::collections::BTreeMap<String, i32>, Problem> {
    let rows = time_limit::Entity::find().filter(time_limit::Column::OrgId.eq(id)).all(db).await?;
    Ok(rows.into_iter().map(|l| (l.stage.to_string(), l.days)).collect())
}

/// How the limits of a node were set, newest first.
#[utoipa::path(get, path = "/api/time-limits/{id}/history", tag = "calendar", operation_id = "limits_history",
    params(("id" = i64, Path)), extensions(("x-right" = json!("manage_orgs"))),
    responses((status = 200, body = Vec<RecordEventView>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn history(
    State(app): State<App>,
    me: Acting<can::ManageOrgs>,
    Path(id): Path<i64>,
) -> Result<Json<Vec<RecordEventView>>, Problem> {
    nodes_of(&me).filter(org::Column::Id.eq(id)).one(app.db.read()).await?.ok_or_else(Problem::not_found)?;
    records::history_view(&app.db, Object { kind: "time_limits", id }).await.map(Json)
}
