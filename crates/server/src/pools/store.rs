//! The pools' queries.
use huzhu_domain::{calendar::Pace, case::Stage, permission::Permission};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::http::TodoPart;
use crate::{
    cases::{deadlines::Deadlines, due, rows},
    entity::{case, case_event, payment_batch},
    platform::{
        auth::Me,
        coded::Coded,
        db::Db,
        error::Problem,
        paging::{self, Page, Paging},
    },
};

/// Cases at a stage that nobody holds (待处理).
pub(super) fn pending(stage: Stage) -> Condition {
    at(stage).add(case::Column::HolderId.is_null())
}

/// Cases at a stage that the caller holds (处理中).
pub(super) fn mine(me: &Me, stage: Stage) -> Condition {
    at(stage).add(case::Column::HolderId.eq(me.id.0))
}

pub(super) fn at(stage: Stage) -> Condition {
    Condition::all().add(rows::open()).add(case::Column::Stage.eq(Coded(stage)))
}

/// How many cases of the caller's branch there are, as far as lists count them.
pub(super) async fn count(db: &Db, me: &Me, of: Condition) -> Result<u64, Problem> {
    Ok(paging::count(db.read(), case::Entity::find().filter(me.sees_case()).filter(of)).await?)
}

/// How many batches wait for the caller's release.
pub(super) async fn batches_to_release(db: &Db, me: &Me) -> Result<u64, Problem> {
    Ok(payment_batch::Entity::find().filter(due::to_release(me)).count(db.read()).await?)
}

/// The oldest cases of a pool that the caller may take, with their versions: a reviewer is not offered what they had a hand in.
pub(super) async fn oldest(db: &Db, me: &Me, stage: Stage, most: u64) -> Result<Vec<(i64, i64)>, Problem> {
    let found = case::Entity::find()
        .filter(me.sees_case())
        .filter(pending(stage))
        .filter(others(me, stage))
        .order_by(case::Column::StageSince, Order::Asc)
        .order_by(case::Column::Id, Order::Asc)
        .select_only()
        .columns([case::Column::Id, case::Column::Version])
        .limit(most)
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(found)
}

/// Cases whose review at a stage the caller may do: entered and reviewed first by somebody else, within what they may grant.
fn others(me: &Me, stage: Stage) -> Condition {
    use case::Column as C;
    let mut all = Condition::all();
    let not_mine = |column: C| Condition::any().add(column.is_null()).add(column.ne(me.id.0));
    if matches!(stage, Stage::FirstReview | Stage::SecondReview) {
        all = all.add(not_mine(C::EnteredById));
        // Who opened a correction doesn't review it.
        all = all.add(Condition::any().add(C::CorrectsId.is_null()).add(C::AcceptedById.ne(me.id.0)));
    }
    if stage == Stage::SecondReview {
        all = all.add(not_mine(C::ReviewedById));
        if let Some(limit) = me.limits.second_review {
            // As `Case::at_stake`: of a correction also what is granted in the end.
            let whole = Expr::col(C::BenefitFen).add(Expr::col(C::GrantedBeforeFen)).lte(limit.0);
            let whole = Condition::any().add(C::GrantedBeforeFen.is_null()).add(whole);
            all = all.add(C::BenefitFen.between(-limit.0, limit.0)).add(whole);
        }
    }
    all
}

/// Cases at a stage that the caller may take: nobody's, and those of whom they stand in for.
fn to_take(me: &Me, stage: Stage) -> Condition {
    let absent = me.stands_in_for.iter().map(|id| id.0);
    let free = Condition::any().add(case::Column::HolderId.is_null()).add(case::Column::HolderId.is_in(absent));
    at(stage).add(free).add(others(me, stage))
}

/// What waits for the caller: cases in their hands, those that they may take, and the pools that nobody takes cases out of.
pub(super) fn waiting_for(me: &Me) -> Condition {
    let mut any = Condition::any().add(case::Column::HolderId.eq(me.id.0));
    if me.may(Permission::UploadMaterials) {
        any = any.add(at(Stage::Materials));
    }
    if me.may(Permission::EnterExpenses) {
        any = any.add(to_take(me, Stage::ExpenseEntry));
    }
    if me.may(Permission::FirstReview) {
        any = any.add(to_take(me, Stage::FirstReview));
    }
    if me.may(Permission::SecondReview) {
        any = any.add(to_take(me, Stage::SecondReview));
    }
    if me.may(Permission::ConfirmPayments) {
        any = any.add(due::to_pay()).add(at(Stage::Recovery));
    }
    Condition::all().add(rows::open()).add(any)
}

/// A part of what waits for the caller; all of it without one.
pub(super) fn part_of(me: &Me, deadlines: &Deadlines, part: Option<TodoPart>) -> Condition {
    let all = Condition::all().add(waiting_for(me));
    match part {
        None => all,
        Some(TodoPart::Late) => all.add(deadlines.at(Pace::Late)),
        Some(TodoPart::NearlyDue) => all.add(deadlines.at(Pace::NearlyDue)),
        Some(TodoPart::Returned) => all.add(case::Column::Returned.eq(true)),
        Some(TodoPart::Mine) => all.add(case::Column::HolderId.eq(me.id.0)),
    }
}

/// The last thing that the caller did to a case.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct LastAct {
    pub(super) case_id: i64,
    pub(super) event_id: i64,
}

/// The cases that the caller had a hand in, last touched first.
pub(super) async fn touched(db: &Db, me: &Me, paging: Paging) -> Result<Page<LastAct>, Problem> {
    let select = case_event::Entity::find()
        .filter(case_event::Column::ActorId.eq(me.id.0))
        .join(
            sea_orm::JoinType::InnerJoin,
            case_event::Entity::belongs_to(case::Entity).from(case_event::Column::CaseId).to(case::Column::Id).into(),
        )
        .filter(me.sees_case())
        .filter(case::Column::Stage.ne(Coded(Stage::Deleted)))
        .select_only()
        .column(case_event::Column::CaseId)
        .column_as(case_event::Column::Id.max(), "event_id")
        .column_as(case_event::Column::At.max(), "last_at")
        .group_by(case_event::Column::CaseId);
    let total = paging::count(db.read(), select.clone()).await?;
    let items = select
        .order_by(Expr::col("last_at"), Order::Desc)
        .order_by(Expr::col("event_id"), Order::Desc)
        .limit(paging.size())
        .offset(paging.offset())
        .into_model::<LastAct>()
        .all(db.read())
        .await?;
    Ok(paging.answer(items, total))
}

/// Events by id.
pub(super) async fn events(db: &Db, ids: impl IntoIterator<Item = i64>) -> Result<Vec<case_event::Model>, Problem> {
    Ok(case_event::Entity::find().filter(case_event::Column::Id.is_in(ids)).all(db.read()).await?)
}

/// The rows of given cases.
pub(super) async fn rows_of(
    db: &Db,
    me: &Me,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<rows::CaseRow>, Problem> {
    rows::rows(db, me, rows::visible(me).filter(case::Column::Id.is_in(ids))).await
}
