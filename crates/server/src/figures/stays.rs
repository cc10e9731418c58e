//! How long closed cases took: the moves between stages are paired, summed and ranked by the database.
use huzhu_domain::case::Stage;
use sea_orm::{
    DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef,
    sea_query::{Expr, Query, SelectStatement},
};

use super::{
    flow,
    http::FiguresSearch,
    key::{self, Dimension},
};
use crate::{
    entity::{case, case_event},
    platform::{auth::Me, db::Db, error::Problem},
};

/// The time that the cases of one row spent at a stage.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Spent {
    pub(super) k: String,
    /// Empty for the whole way.
    pub(super) stage: String,
    pub(super) cases: i64,
    pub(super) average: i64,
    pub(super) p90: i64,
}

impl Spent {
    /// The stage; None for the whole way.
    pub(super) fn stage(&self) -> Option<Stage> {
        self.stage.parse().ok()
    }
}

/// The seconds of an instant's column since the epoch.
fn seconds(engine: DbBackend, column: &str) -> String {
    match engine {
        DbBackend::Postgres => format!("CAST(FLOOR(EXTRACT(EPOCH FROM {column})) AS BIGINT)"),
        _ => format!("CAST(strftime('%s', {column}) AS INTEGER)"),
    }
}

/// Average and 90th percentile for each row, at each stage and for the whole way.
pub(super) async fn of(db: &Db, me: &Me, search: &FiguresSearch, by: Option<Dimension>) -> Result<Vec<Spent>, Problem> {
    let engine = db.replica().get_database_backend();
    let row = key::of_case(by, flow::sql_of(case::Column::ClosedOn));
    let mut out = Vec::new();
    for per_case in [at_stages(engine, me, search, &row), whole_way(engine, me, search, &row)] {
        let statement = engine.build(&ranked(per_case));
        out.extend(Spent::find_by_statement(statement).all(db.replica()).await?);
    }
    Ok(out)
}

/// `k`, `stage`, `secs` of each case and each stage that it was at.
fn at_stages(engine: DbBackend, me: &Me, search: &FiguresSearch, row: &str) -> SelectStatement {
    let to_event: RelationDef =
        case::Entity::belongs_to(case_event::Entity).from(case::Column::Id).to(case_event::Column::CaseId).into();
    let at = seconds(engine, r#""case_events"."at""#);
    let next = format!(r#"LEAD({at}) OVER (PARTITION BY "case_events"."case_id" ORDER BY "case_events"."seq") - {at}"#);
    let moved =
        r#""case_events"."from_stage" IS NULL OR "case_events"."from_stage" <> "case_events"."to_stage""#.to_owned();
    let moves = flow::counted_by(me, search, case::Column::ClosedOn)
        .join(JoinType::InnerJoin, to_event)
        .filter(Expr::cust(moved))
        .select_only()
        .column_as(Expr::cust(row.to_owned()), "k")
        .column_as(case_event::Column::CaseId, "case_id")
        .column_as(case_event::Column::ToStage, "stage")
        .column_as(Expr::cust(next), "secs")
        .into_query();
    Query::select()
        .columns(["k", "stage"])
        .expr_as(Expr::cust("CAST(SUM(secs) AS BIGINT)"), "secs")
        .from_subquery(moves, "moves")
        .and_where(Expr::cust("secs IS NOT NULL"))
        .group_by_columns(["k", "stage", "case_id"])
        .take()
}

fn whole_way(engine: DbBackend, me: &Me, search: &FiguresSearch, row: &str) -> SelectStatement {
    let (from, to) = (seconds(engine, r#""cases"."accepted_at""#), seconds(engine, r#""cases"."closed_at""#));
    flow::counted_by(me, search, case::Column::ClosedOn)
        .select_only()
        .column_as(Expr::cust(row.to_owned()), "k")
        .column_as(Expr::cust("''".to_owned()), "stage")
        .column_as(Expr::cust(format!("{to} - {from}")), "secs")
        .into_query()
}

/// The 90th percentile is the nearest rank: the first of the sorted times that nine in ten have reached.
fn ranked(per_case: SelectStatement) -> SelectStatement {
    let ranks = Query::select()
        .columns(["k", "stage", "secs"])
        .expr_as(Expr::cust("ROW_NUMBER() OVER (PARTITION BY k, stage ORDER BY secs)"), "rn")
        .expr_as(Expr::cust("COUNT(*) OVER (PARTITION BY k, stage)"), "n")
        .from_subquery(per_case, "times")
        .take();
    Query::select()
        .columns(["k", "stage"])
        .expr_as(Expr::cust("COUNT(*)"), "cases")
        .expr_as(Expr::cust("CAST(SUM(secs) / COUNT(*) AS BIGINT)"), "average")
        .expr_as(Expr::cust("MIN(CASE WHEN rn * 10 >= n * 9 THEN secs END)"), "p90")
        .from_subquery(ranks, "ranks")
        .group_by_columns(["k", "stage"])
        .take()
}
