//! How many cases came and went: one grouped query for each day column, over the index on it.
use chrono::{Days, NaiveDate};
use huzhu_domain::case::{Outcome, Stage};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationDef,
    Select, sea_query::Expr,
};

use super::{
    http::FiguresSearch,
    key::{self, Dimension},
};
use crate::{
    cases::{deadlines, rows},
    entity::{case, recovery_entry, recovery_verdict},
    platform::{auth::Me, coded::Coded, db::Db, error::Problem},
};

/// The column as SQL.
pub(super) const fn sql_of(day: case::Column) -> &'static str {
    match day {
        case::Column::SubmittedOn => r#""cases"."submitted_on""#,
        case::Column::ReturnedOn => r#""cases"."returned_on""#,
        case::Column::ClosedOn => r#""cases"."closed_on""#,
        _ => r#""cases"."accepted_on""#,
    }
}

/// The cases of the caller's branch that a report is about, whatever their days.
pub(super) fn about(me: &Me, search: &FiguresSearch) -> Select<case::Entity> {
    use case::Column as C;
    let plan = rows::text(search.plan.as_deref()).map(|code| C::PlanVersionId.in_subquery(rows::versions_of(code)));
    let all = Condition::all()
        .add(me.sees_case())
        .add(C::Stage.ne(Coded(Stage::Deleted)))
        .add_option(search.unit_id.map(|id| C::UnitId.eq(id)))
        .add_option(search.claim_type.map(|t| C::ClaimType.eq(Coded(t))))
        .add_option(search.org_id.map(|id| C::OfficeId.eq(id).or(C::AgencyId.eq(id))))
        .add_option(plan);
    case::Entity::find().filter(all)
}

/// Those that are counted by `day` in the range.
pub(super) fn counted_by(me: &Me, search: &FiguresSearch, day: case::Column) -> Select<case::Entity> {
    rows::between(about(me, search), day, Some(search.from), Some(search.to))
}

/// How many cases each row has, counted by `day`.
pub(super) async fn count(
    db: &Db,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
    day: case::Column,
) -> Result<Vec<(String, i64)>, Problem> {
    let row = Expr::cust(key::of_case(by, sql_of(day)));
    let found = counted_by(me, search, day)
        .select_only()
        .column_as(row.clone(), "k")
        .column_as(case::Column::Id.count(), "n")
        .group_by(row)
        .into_tuple()
        .all(db.replica())
        .await?;
    Ok(found)
}

/// Closed cases of one row that ended alike.
#[derive(FromQueryResult)]
pub(super) struct Ended {
    pub(super) k: String,
    pub(super) outcome: Coded<Outcome>,
    pub(super) close_reason: Option<String>,
    pub(super) cases: i64,
    pub(super) fen: i64,
}

/// How the cases ended that were closed in the range.
pub(super) async fn ended(
    db: &Db,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
) -> Result<Vec<Ended>, Problem> {
    use case::Column as C;
    let row = Expr::cust(key::of_case(by, sql_of(C::ClosedOn)));
    let fen = Expr::cust(r#"CAST(COALESCE(SUM("cases"."benefit_fen"), 0) AS BIGINT)"#);
    let found = counted_by(me, search, C::ClosedOn)
        .filter(C::Outcome.is_not_null())
        .select_only()
        .column_as(row.clone(), "k")
        .columns([C::Outcome, C::CloseReason])
        .column_as(C::Id.count(), "cases")
        .column_as(fen, "fen")
        .group_by(row)
        .group_by(C::Outcome)
        .group_by(C::CloseReason)
        .into_model()
        .all(db.replica())
        .await?;
    Ok(found)
}

/// What came back, in fen, of the recoveries that were closed in the range: the receipts that a second person confirmed.
pub(super) async fn recovered(
    db: &Db,
    me: &Me,
    search: &FiguresSearch,
    by: Option<Dimension>,
) -> Result<Vec<(String, i64)>, Problem> {
    use case::Column as C;
    let to_entry: RelationDef =
        case::Entity::belongs_to(recovery_entry::Entity).from(C::Id).to(recovery_entry::Column::CaseId).into();
    let to_verdict: RelationDef = recovery_entry::Entity::belongs_to(recovery_verdict::Entity)
        .from(recovery_entry::Column::Id)
        .to(recovery_verdict::Column::EntryId)
        .into();
    let row = Expr::cust(key::of_case(by, sql_of(C::ClosedOn)));
    let found = counted_by(me, search, C::ClosedOn)
        .join(JoinType::InnerJoin, to_entry)
        .join(JoinType::InnerJoin, to_verdict)
        .filter(Expr::cust(r#""recovery_entries"."kind" = 'receipt'"#))
        .filter(recovery_verdict::Column::Accepted.eq(true))
        .select_only()
        .column_as(row.clone(), "k")
        .column_as(Expr::cust(r#"CAST(SUM("recovery_entries"."amount_fen") AS BIGINT)"#), "fen")
        .group_by(row)
        .into_tuple()
        .all(db.replica())
        .await?;
    Ok(found)
}

/// Days since acceptance at which the classes of 在办账龄 begin; the last has no end.
pub(super) const AGES: [u64; 5] = [0, 4, 8, 16, 31];

/// The first and last day of acceptance of each class, today included; None where there is no first.
pub(super) fn classes(today: NaiveDate) -> [(Option<NaiveDate>, NaiveDate); 5] {
    std::array::from_fn(|i| {
        let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        (AGES.get(i + 1).map(|next| ago(next - 1)), ago(AGES.get(i).copied().unwrap_or_default()))
    })
}

/// Open cases by stage and class of age.
pub(super) async fn ageing(
    db: &Db,
    me: &Me,
    search: &FiguresSearch,
    today: NaiveDate,
) -> Result<Vec<(Stage, [i64; 5])>, Problem> {
    use case::Column as C;
    let open = deadlines::STAGES;
    // A row for each stage and day that open cases were accepted on: few, however many cases there were.
    let found: Vec<(Coded<Stage>, NaiveDate, i64)> = about(me, search)
        .filter(C::Stage.is_in(open.map(Coded)))
        .select_only()
        .columns([C::Stage, C::AcceptedOn])
        .column_as(C::Id.count(), "n")
        .group_by(C::Stage)
        .group_by(C::AcceptedOn)
        .into_tuple()
        .all(db.replica())
        .await?;
    let classes = classes(today);
    let class_of = |day: NaiveDate| classes.iter().rposition(|(_, last)| day <= *last).unwrap_or_default();
    let row = |stage: Stage| {
        let mut counts = [0; 5];
        for (_, day, n) in found.iter().filter(|(s, ..)| s.0 == stage) {
            if let Some(count) = counts.get_mut(class_of(*day)) {
                *count += n;
            }
        }
        (stage, counts)
    };
    Ok(open.into_iter().map(row).collect())
}
