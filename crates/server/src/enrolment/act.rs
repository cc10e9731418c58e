//! What is done with a batch once it is judged. Everything of one act is one transaction: members, coverages, state, history.
use chrono::NaiveDate;
use huzhu_domain::{
    coverage::CoverageState,
    enrolment::{Batch, BatchAction, BatchBlocker, BatchState, Judgement, Person, apply},
    ids::UserId,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Expr, sea_query::Query,
};
use serde_json::json;

use super::{
    check::{self, CHUNK, Context},
    store,
};
use crate::{
    app::App,
    entity::{coverage, enrolment, enrolment_row, member, org, plan_version},
    members::coverage as entering,
    notify,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
    records::{self, Object},
};

/// What goes with an act.
#[derive(Clone, Debug, Default)]
pub struct Confirmation {
    /// The day on which the fee arrived; today where nothing is said.
    pub paid_on: Option<NaiveDate>,
    /// Why it is sent back, or a remark.
    pub note: String,
}

/// What a decision needs to know of a batch.
pub(super) fn batch_of(row: &enrolment::Model) -> Batch {
    Batch {
        state: row.state.0,
        good: u32::try_from(row.good).unwrap_or(u32::MAX),
        confirmed_by: row.confirmed_by_id.map(UserId),
        fee_fen: row.fee_fen,
    }
}

/// Does something with a batch. `by` is None for the program itself (the command line, the demonstration's past).
///
/// # Errors
/// 404 outside the branch, 409 when somebody was quicker, 422 with all the reasons why not.
pub async fn act(
    app: &App,
    by: Option<&Me>,
    id: i64,
    action: BatchAction,
    version: i64,
    detail: &Confirmation,
) -> Result<enrolment::Model, Problem> {
    let tx = app.db.begin().await?;
    if action != BatchAction::Recheck {
        entering::turn(&tx).await?;
    }
    let row = match by {
        Some(me) => store::find(&tx, me, id).await?,
        None => enrolment::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?,
    };
    if row.version != version {
        return Err(stale());
    }
    let to = apply(&batch_of(&row), action, by.map_or(UserId(0), |me| me.id)).map_err(|r| Problem::refused(&r))?;
    let paid_on = detail.paid_on.unwrap_or_else(clock::today);
    if action == BatchAction::ConfirmFee && paid_on > clock::today() {
        return Err(Problem::invalid_field("paid_on", "in_future"));
    }
    if action == BatchAction::Return && detail.note.trim().is_empty() {
        return Err(Problem::invalid_field("note", "required"));
    }
    move_on(&tx, &row, to, by, paid_on).await?;
    match (action, to.coverage_state()) {
        (BatchAction::Confirm, Some(state)) => enrol(app, &tx, &row, state).await?,
        (_, Some(state)) => set_coverages(&tx, id, state).await?,
        (_, None) => {}
    }
    if to == BatchState::InForce {
        renew_followers(app, &tx, &row).await?;
    }
    let states = (&json!({ "state": row.state.0 }), &json!({ "state": to }));
    let code: &'static str = action.into();
    records::note(&tx, about(id), by.map(|me| me.id.0), code, detail.note.trim(), states).await?;
    tell(&tx, &row, action, by).await?;
    let done = enrolment::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(done)
}

pub(super) const fn about(id: i64) -> Object {
    Object { kind: "enrolment", id }
}

fn stale() -> Problem {
    Problem::new(axum::http::StatusCode::CONFLICT, "batch_stale")
}

async fn move_on(
    tx: &impl ConnectionTrait,
    row: &enrolment::Model,
    to: BatchState,
    by: Option<&Me>,
    paid_on: NaiveDate,
) -> Result<(), Problem> {
    use enrolment::Column as C;
    let mut update = enrolment::Entity::update_many()
        .col_expr(C::State, Expr::value(Coded(to)))
        .col_expr(C::Version, Expr::col(C::Version).add(1));
    if row.state.0 == BatchState::Checked && matches!(to, BatchState::Confirmed | BatchState::InForce) {
        update = update
            .col_expr(C::ConfirmedById, Expr::value(by.map(|me| me.id.0)))
            .col_expr(C::ConfirmedAt, Expr::value(clock::now()));
    }
    if to == BatchState::InForce {
        update = update.col_expr(C::PaidOn, Expr::value(paid_on));
    }
    if to == BatchState::Checking {
        update = update.col_expr(C::Attempts, Expr::value(0));
    }
    let done = update.filter(C::Id.eq(row.id)).filter(C::Version.eq(row.version)).exec(tx).await?;
    if done.rows_affected == 0 { Err(stale()) } else { Ok(()) }
}

/// Makes members and coverages of the good rows, by statements that move them all at once.
async fn enrol(
    app: &App,
    tx: &impl ConnectionTrait,
    row: &enrolment::Model,
    state: CoverageState,
) -> Result<(), Problem> {
    let unit = org::Entity::find_by_id(row.unit_id).lock_shared().one(tx).await?.ok_or_else(Problem::not_found)?;
    if !unit.active {
        return Err(Problem::refused(&[BatchBlocker::UnitInactive {}]));
    }
    let version = plan_version::Entity::find_by_id(row.plan_version_id).one(tx).await?;
    if version.is_none_or(|v| Some(v.office_id) != unit.office_id) {
        return Err(Problem::refused(&[BatchBlocker::BatchUnitMoved {}]));
    }
    let context = store::context(app, tx, row).await?;
    let count = outdated(tx, row.id, &context).await?;
    if count > 0 {
        return Err(Problem::refused(&[BatchBlocker::RosterOutdated { count }]));
    }
    insert_members(tx, row).await?;
    name_members(tx, row.id).await?;
    insert_coverages(tx, row, state).await
}

/// How many good rows would be judged otherwise by now: enrolled elsewhere, registered, merged or renamed meanwhile.
async fn outdated(tx: &impl ConnectionTrait, id: i64, context: &Context) -> Result<u64, Problem> {
    use enrolment_row::Column as R;
    let (mut count, mut after) = (0, 0);
    loop {
        let good = enrolment_row::Entity::find().filter(good_rows(id)).filter(R::RowNo.gt(after));
        let rows = good.order_by_asc(R::RowNo).limit(CHUNK as u64).all(tx).await?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.row_no;
        let candidates = rows.iter().map(store::candidate).collect();
        let judged = check::judge(tx, context, candidates).await?;
        let same = |(row, (_, now)): &(&enrolment_row::Model, (Person, Judgement))| {
            now.is_good() && (now.member_id, now.renewed) == (row.member_id, row.renewed)
        };
        count += rows.iter().zip(judged).filter(|pair| !same(pair)).count() as u64;
    }
}

fn good_rows(id: i64) -> Condition {
    use enrolment_row::Column as R;
    Condition::all().add(R::EnrolmentId.eq(id)).add(R::Good.eq(true))
}

async fn insert_members(tx: &impl ConnectionTrait, row: &enrolment::Model) -> Result<(), Problem> {
    use enrolment_row::Column as R;
    use member::Column as M;
    let select = Query::select()
        .expr(Expr::value(row.unit_id))
        .columns([R::Name, R::IdKind, R::IdNumber, R::BirthDate, R::Sex, R::Phone, R::Employment])
        .expr(Expr::value(row.id))
        .from(enrolment_row::Entity)
        .cond_where(good_rows(row.id))
        .and_where(R::MemberId.is_null())
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(member::Entity)
        .columns([
            M::UnitId,
            M::Name,
            M::IdKind,
            M::IdNumber,
            M::BirthDate,
            M::Sex,
            M::Phone,
            M::Employment,
            M::EnrolmentId,
        ])
        .select_from(select)
        .map_err(Problem::internal)?;
    tx.execute(&insert).await?;
    Ok(())
}

/// Writes the new members' ids into the rows that they came from.
async fn name_members(tx: &impl ConnectionTrait, id: i64) -> Result<(), Problem> {
    use enrolment_row::Column as R;
    use member::Column as M;
    let of_row = Query::select()
        .column((member::Entity, M::Id))
        .from(member::Entity)
        .and_where(Expr::col((member::Entity, M::IdNumber)).equals((enrolment_row::Entity, R::IdNumber)))
        .and_where(Expr::col((member::Entity, M::IdKind)).equals((enrolment_row::Entity, R::IdKind)))
        .and_where(Expr::col((member::Entity, M::EnrolmentId)).eq(id))
        .to_owned();
    let update = Query::update()
        .table(enrolment_row::Entity)
        .value(R::MemberId, Expr::SubQuery(None, Box::new(of_row.into())))
        .cond_where(good_rows(id))
        .and_where(R::MemberId.is_null())
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

async fn insert_coverages(
    tx: &impl ConnectionTrait,
    row: &enrolment::Model,
    state: CoverageState,
) -> Result<(), Problem> {
    use coverage::Column as C;
    use enrolment_row::Column as R;
    let code: &'static str = state.into();
    let select = Query::select()
        .column(R::MemberId)
        .expr(Expr::value(row.unit_id))
        .expr(Expr::value(row.plan_version_id))
        .expr(Expr::value(row.period_from))
        .expr(Expr::value(row.period_to))
        .columns([R::Shares, R::Renewed])
        .expr(Expr::value(code))
        .expr(Expr::value(row.id))
        .from(enrolment_row::Entity)
        .cond_where(good_rows(row.id))
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(coverage::Entity)
        .columns([
            C::MemberId,
            C::UnitId,
            C::PlanVersionId,
            C::PeriodFrom,
            C::PeriodTo,
            C::Shares,
            C::Renewed,
            C::State,
            C::EnrolmentId,
        ])
        .select_from(select)
        .map_err(Problem::internal)?;
    tx.execute(&insert).await?;
    Ok(())
}

/// The coverages of a batch that wait for their fee come into force, or never do.
async fn set_coverages(tx: &impl ConnectionTrait, id: i64, state: CoverageState) -> Result<(), Problem> {
    coverage::Entity::update_many()
        .col_expr(coverage::Column::State, Expr::value(Coded(state)))
        .filter(coverage::Column::EnrolmentId.eq(id))
        .filter(coverage::Column::State.eq(Coded(CoverageState::Pending)))
        .exec(tx)
        .await?;
    Ok(())
}

/// A coverage that follows one of this batch without a gap is a renewal, now that the one before it is in force: in whichever
/// order the two were paid.
async fn renew_followers(app: &App, tx: &impl ConnectionTrait, row: &enrolment::Model) -> Result<(), Problem> {
    use coverage::Column as C;
    let Some(next) = row.period_to.succ_opt() else { return Ok(()) };
    let context = store::context(app, tx, row).await?;
    let of_batch = Query::select()
        .column(C::MemberId)
        .from(coverage::Entity)
        .and_where(C::EnrolmentId.eq(row.id))
        .and_where(C::State.eq(Coded(CoverageState::Active)))
        // One that was ended earlier leaves a gap.
        .and_where(C::PeriodTo.eq(row.period_to))
        .to_owned();
    coverage::Entity::update_many()
        .col_expr(C::Renewed, Expr::value(true))
        .filter(C::PeriodFrom.eq(next))
        .filter(C::State.ne(Coded(CoverageState::Void)))
        .filter(C::PlanVersionId.is_in(context.version_ids))
        .filter(C::MemberId.in_subquery(of_batch))
        .exec(tx)
        .await?;
    Ok(())
}

/// Who made the batch and who confirmed it hear what finance did.
async fn tell(
    tx: &impl ConnectionTrait,
    row: &enrolment::Model,
    action: BatchAction,
    by: Option<&Me>,
) -> Result<(), Problem> {
    let kind = match action {
        BatchAction::ConfirmFee => "enrolment_paid",
        BatchAction::Return => "enrolment_refused",
        BatchAction::Confirm | BatchAction::Discard | BatchAction::Recheck => return Ok(()),
    };
    let mut to: Vec<i64> = [row.created_by_id, row.confirmed_by_id].into_iter().flatten().collect();
    to.dedup();
    to.retain(|id| Some(*id) != by.map(|me| me.id.0));
    notify::tell(tx, to, kind, &json!({ "no": store::no(row) }), about(row.id)).await?;
    Ok(())
}
