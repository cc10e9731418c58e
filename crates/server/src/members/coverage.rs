//! Coverages come into being one after the other ([`turn`]). Here a single one by the command line; rosters are `enrolment`'s.
use chrono::NaiveDate;
use huzhu_domain::{
    coverage::{CoverageState, Held, renews},
    dates::Period,
    id_number,
    org::OrgKind,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};

use crate::{
    audit::{self, Entry},
    entity::{coverage, member, org, plan_version},
    platform::{coded::Coded, db::Db, seal},
};

/// A coverage to be entered.
#[derive(Clone, Debug)]
pub struct NewCoverage {
    /// 证件号码 of a member that is there.
    pub id_number: String,
    /// Code of the plan; the version is the one in force on the first day.
    pub plan: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Number of 份.
    pub shares: u32,
}

/// Why a coverage can't be entered.
#[derive(Debug, thiserror::Error)]
pub enum CoverageError {
    /// No member, or more than one.
    #[error("{0} members have this ID number; exactly one is wanted")]
    Member(usize),
    /// The days are in the wrong order, or there are no shares.
    #[error("the coverage ends before it begins, or has no shares")]
    Senseless,
    /// No published version is in force on the first day.
    #[error("no published version of {plan} covers {from} in the member's office")]
    NoVersion {
        /// The plan's code.
        plan: String,
        /// The first day.
        from: NaiveDate,
    },
    /// The member is covered by the plan on some of the days.
    #[error("the member is covered by this plan from {0} to {1} already")]
    Covered(NaiveDate, NaiveDate),
    /// The database fails.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The office can't be found.
    #[error("the member's unit has no office")]
    NoOffice,
}

/// Whoever gives, moves or merges coverages waits here for whoever does, until the transaction ends: two at a time could cover
/// one person twice. Taken before any row of a member or a coverage is held.
///
/// # Errors
/// When the database fails.
pub async fn turn(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    let root = org::Entity::find().filter(org::Column::Kind.eq(Coded(OrgKind::Society)));
    root.lock(LockType::NoKeyUpdate).one(tx).await.map(|_| ())
}

/// Enters a coverage under the version that its first day falls under. It is a renewal where it follows another of the
/// same plan without a gap.
///
/// # Errors
/// See [`CoverageError`].
pub async fn add(db: &Db, new: &NewCoverage) -> Result<i64, CoverageError> {
    if new.to < new.from || new.shares == 0 {
        return Err(CoverageError::Senseless);
    }
    let period = Period { from: new.from, to: new.to };
    let tx = db.begin().await?;
    turn(&tx).await?;
    let number = id_number::normalise(&new.id_number);
    let found = member::Entity::find().filter(seal::is(member::Column::IdNumber, number)).all(&tx).await?;
    let [found] = &found[..] else { return Err(CoverageError::Member(found.len())) };
    // A record that was merged leads on to the one that counts.
    let counting = found.merged_into_id.unwrap_or(found.id);
    let member = member::Entity::find_by_id(counting).one(&tx).await?.ok_or(CoverageError::Member(0))?;
    let unit = org::Entity::find_by_id(member.unit_id).one(&tx).await?;
    let office = unit.and_then(|u| u.office_id).ok_or(CoverageError::NoOffice)?;
    let versions = plan_version::Entity::find().filter(plan_version::Column::Code.eq(&new.plan)).all(&tx).await?;
    let in_force =
        |v: &&plan_version::Model| v.office_id == office && (v.effective_from..=v.effective_to).contains(&new.from);
    let version = versions
        .iter()
        .find(in_force)
        .ok_or_else(|| CoverageError::NoVersion { plan: new.plan.clone(), from: new.from })?;
    let before = of_plan(&tx, member.id, versions.iter().map(|v| v.id).collect()).await?;
    if let Some(other) = before.iter().find(|c| c.period.overlaps(period)) {
        return Err(CoverageError::Covered(other.period.from, other.period.to));
    }
    let row = coverage::ActiveModel {
        member_id: Set(member.id),
        unit_id: Set(member.unit_id),
        plan_version_id: Set(version.id),
        period_from: Set(new.from),
        period_to: Set(new.to),
        shares: Set(i32::try_from(new.shares).unwrap_or(i32::MAX)),
        renewed: Set(renews(before, new.from)),
        ..Default::default()
    };
    let id = coverage::Entity::insert(row).exec(&tx).await?.last_insert_id;
    audit::commit(tx, &[Entry::done(None, "coverage_add", id)]).await?;
    Ok(id)
}

async fn of_plan(db: &impl ConnectionTrait, member_id: i64, version_ids: Vec<i64>) -> Result<Vec<Held>, DbErr> {
    let found = coverage::Entity::find()
        .filter(coverage::Column::MemberId.eq(member_id))
        .filter(coverage::Column::PlanVersionId.is_in(version_ids))
        .filter(coverage::Column::State.ne(Coded(CoverageState::Void)))
        .all(db)
        .await?;
    let held = |c: coverage::Model| Held { period: Period { from: c.period_from, to: c.period_to }, state: c.state.0 };
    Ok(found.into_iter().map(held).collect())
}
