//! The queries of this slice.
use std::{ops::ControlFlow, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use huzhu_domain::{
    benefit::Plan,
    dates::Period,
    enrolment::{BatchState, Person},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    Select, prelude::Expr,
};

use super::check::{Candidate, Context, Judged, Sink};
use crate::{
    app::App,
    entity::{enrolment, enrolment_row, org, plan_version},
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// How long a process that judges rows is believed to be alive without a sign.
const LEASE: Duration = Duration::seconds(60);
/// How often judging is begun before the file is given up: one that brings the process down must not do so for ever.
pub(super) const MAX_ATTEMPTS: i32 = 3;

/// Batches of the caller's branch: where the unit lies now.
pub(super) fn visible(me: &Me) -> Select<enrolment::Entity> {
    let to_unit: sea_orm::RelationDef =
        enrolment::Entity::belongs_to(org::Entity).from(enrolment::Column::UnitId).to(org::Column::Id).into();
    enrolment::Entity::find().join(sea_orm::JoinType::InnerJoin, to_unit).filter(me.sees_org())
}

/// A batch of the caller's branch.
///
/// # Errors
/// 404 where it isn't there, or in another branch.
pub(super) async fn find(db: &impl ConnectionTrait, me: &Me, id: i64) -> Result<enrolment::Model, Problem> {
    visible(me).filter(enrolment::Column::Id.eq(id)).one(db).await?.ok_or_else(Problem::not_found)
}

/// The number of a batch: `CB`, the day on which it was made, its id.
pub(super) fn no(batch: &enrolment::Model) -> String {
    format!("CB{}{:06}", clock::day_of(batch.created_at).format("%Y%m%d"), batch.id)
}

/// The id in something that may be a batch's number.
pub(super) fn id_of_no(text: &str) -> Option<i64> {
    let digits = text.trim().to_ascii_uppercase();
    digits.strip_prefix("CB").and_then(|d| d.get(8..)).and_then(|d| d.parse().ok())
}

/// Under what the rows of a batch are judged.
pub(super) async fn context(
    app: &App,
    db: &impl ConnectionTrait,
    batch: &enrolment::Model,
) -> Result<Context, Problem> {
    let plan = app.plans.get(db, batch.plan_version_id).await?;
    let period = Period { from: batch.period_from, to: batch.period_to };
    context_of(db, batch.unit_id, plan, period).await
}

/// Under what a roster of a unit is judged.
pub(super) async fn context_of(
    db: &impl ConnectionTrait,
    unit_id: i64,
    plan: Arc<Plan>,
    period: Period,
) -> Result<Context, Problem> {
    use plan_version::Column as C;
    let version_ids: Vec<i64> = plan_version::Entity::find()
        .filter(C::Code.eq(&plan.code))
        .select_only()
        .column(C::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(Context { unit_id, plan, version_ids, period })
}

/// Batches whose rows wait for somebody to judge them.
pub(super) async fn abandoned(db: &impl ConnectionTrait) -> Result<Vec<i64>, Problem> {
    let expired = Condition::any()
        .add(enrolment::Column::LeaseUntil.is_null())
        .add(enrolment::Column::LeaseUntil.lt(clock::now()));
    let ids = enrolment::Entity::find()
        .filter(enrolment::Column::State.eq(Coded(BatchState::Checking)))
        .filter(expired)
        .select_only()
        .column(enrolment::Column::Id)
        .limit(10)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids)
}

/// Takes the lease of a batch that is to be judged, and removes what an earlier try left. None where another process has it.
pub(super) async fn take_lease(app: &App, id: i64) -> Result<Option<enrolment::Model>, Problem> {
    use enrolment::Column as C;
    let tx = app.db.begin().await?;
    let now = clock::now();
    let free = Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lt(now));
    let taken = enrolment::Entity::update_many()
        .col_expr(C::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(C::RowsRead, Expr::value(0_i64))
        .col_expr(C::Attempts, Expr::col(C::Attempts).add(1))
        .filter(C::Id.eq(id))
        .filter(C::State.eq(Coded(BatchState::Checking)))
        .filter(free)
        .exec(&tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    enrolment_row::Entity::delete_many().filter(enrolment_row::Column::EnrolmentId.eq(id)).exec(&tx).await?;
    let batch = enrolment::Entity::find_by_id(id).one(&tx).await?;
    tx.commit().await?;
    Ok(batch)
}

/// What the rows of a roster come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) rows: i64,
    pub(super) good: i64,
    pub(super) warned: i64,
    pub(super) renewed: i64,
    pub(super) new_members: i64,
    pub(super) fee_fen: i64,
}

impl Totals {
    /// Counts some more rows.
    pub(super) fn add(&mut self, rows: &[Judged]) {
        for r in rows {
            let good = r.judgement.is_good();
            self.rows += 1;
            self.good += i64::from(good);
            self.warned += i64::from(good && !r.judgement.problems.is_empty());
            self.renewed += i64::from(good && r.judgement.renewed);
            self.new_members += i64::from(good && r.judgement.member_id.is_none());
            self.fee_fen += r.fee_fen;
        }
    }
}

/// Stores the verdicts of a batch as they come, and says that the process is alive. Whose lease another process took over
/// stores nothing more: the lease that it knows is its mark.
pub(super) struct Keeper<'a> {
    app: &'a App,
    id: i64,
    lease: Option<DateTime<Utc>>,
    pub(super) totals: Totals,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(app: &'a App, leased: &enrolment::Model) -> Self {
        Self { app, id: leased.id, lease: leased.lease_until, totals: Totals::default() }
    }

    /// Takes the try back that the lease counted.
    pub(super) async fn excuse(&self) -> Result<(), Problem> {
        use enrolment::Column as C;
        let tx = self.app.db.begin().await?;
        let fewer = Expr::col(C::Attempts).sub(1);
        let ours = enrolment::Entity::update_many().col_expr(C::Attempts, fewer).filter(self.held());
        ours.exec(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// The batch, as long as it is this process that judges it.
    pub(super) fn held(&self) -> Condition {
        use enrolment::Column as C;
        Condition::all()
            .add(C::Id.eq(self.id))
            .add(C::State.eq(Coded(BatchState::Checking)))
            .add(C::LeaseUntil.eq(self.lease))
    }
}

impl Sink for Keeper<'_> {
    async fn take(&mut self, rows: Vec<Judged>) -> Result<ControlFlow<()>, Problem> {
        use enrolment::Column as C;
        self.totals.add(&rows);
        let stored = rows.iter().map(|r| stored(self.id, r)).collect::<Result<Vec<_>, _>>()?;
        let tx = self.app.db.begin().await?;
        let lease = Some(clock::now() + LEASE);
        let alive = enrolment::Entity::update_many()
            .col_expr(C::RowsRead, Expr::value(self.totals.rows))
            .col_expr(C::LeaseUntil, Expr::value(lease))
            .filter(self.held())
            .exec(&tx)
            .await?;
        // Given up meanwhile, or taken over.
        if alive.rows_affected == 0 {
            return Ok(ControlFlow::Break(()));
        }
        enrolment_row::Entity::insert_many(stored).exec_without_returning(&tx).await?;
        tx.commit().await?;
        self.lease = lease;
        Ok(ControlFlow::Continue(()))
    }
}

fn stored(enrolment_id: i64, judged: &Judged) -> Result<enrolment_row::ActiveModel, Problem> {
    let Judged { row, person, judgement, fee_fen } = judged;
    let shown: Vec<String> = row.cells.iter().map(huzhu_domain::cells::Cell::shown).collect();
    Ok(enrolment_row::ActiveModel {
        enrolment_id: Set(enrolment_id),
        row_no: Set(row.number.into()),
        cells: Set(serde_json::to_string(&shown)?.into()),
        name: Set(person.name.clone()),
        id_kind: Set(Coded(person.id_kind)),
        id_number: Set(person.id_number.as_str().into()),
        birth_date: Set(person.birth_date),
        sex: Set(person.sex.map(Coded)),
        phone: Set(person.phone.as_str().into()),
        employment: Set(Coded(person.employment)),
        shares: Set(i32::try_from(person.shares).unwrap_or(i32::MAX)),
        fee_fen: Set(*fee_fen),
        renewed: Set(judgement.renewed),
        good: Set(judgement.is_good()),
        warned: Set(judgement.is_good() && !judgement.problems.is_empty()),
        problems: Set(serde_json::to_string(&judgement.problems)?),
        member_id: Set(judgement.member_id),
    })
}

/// Somebody of a stored row, whom reading it found nothing wrong with.
pub(super) fn candidate(row: &enrolment_row::Model) -> Candidate {
    let person = Person {
        name: row.name.clone(),
        id_kind: row.id_kind.0,
        id_number: row.id_number.as_str().to_owned(),
        birth_date: row.birth_date,
        sex: row.sex.map(|s| s.0),
        phone: row.phone.as_str().to_owned(),
        employment: row.employment.0,
        shares: u32::try_from(row.shares).unwrap_or(u32::MAX),
    };
    Candidate { person, problems: Vec::new(), first_row: None }
}
