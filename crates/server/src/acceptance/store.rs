//! The queries of 申领受理.
use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::{
    benefit::{Liability, Plan},
    case::{Outcome, Stage},
    claim_type::ClaimType,
    coverage::{self as coverage_rules, Coverage, CoverageState, Ineligible, Wanted},
    dates::Period,
    id_number::IdKind,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select,
};

use crate::{
    cases::{ledger, rows},
    entity::{case, coverage, member, org},
    platform::{
        auth::Me,
        clock,
        coded::Coded,
        error::Problem,
        seal::{self, Sealed},
    },
};

/// Coverages of one ID number that are looked at.
const MAX_COVERAGES: u64 = 200;

/// Coverages that one statement looks at.
const AT_ONCE: usize = 2_000;

/// A coverage with whose it is and where.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Covered {
    pub(super) id: i64,
    pub(super) member_id: i64,
    pub(super) plan_version_id: i64,
    pub(super) period_from: NaiveDate,
    pub(super) period_to: NaiveDate,
    pub(super) shares: i32,
    pub(super) renewed: bool,
    pub(super) state: Coded<CoverageState>,
    pub(super) unit_id: i64,
    pub(super) unit_name: String,
    pub(super) unit_active: bool,
    pub(super) office_id: Option<i64>,
    pub(super) agency_id: Option<i64>,
    pub(super) member_name: String,
    pub(super) id_kind: Coded<IdKind>,
    pub(super) id_number: Sealed,
}

impl Covered {
    pub(super) fn coverage(&self) -> Coverage {
        Coverage {
            period: Period { from: self.period_from, to: self.period_to },
            shares: u32::try_from(self.shares).unwrap_or(1),
            renewed: self.renewed,
        }
    }

    /// The office or agency that looks after it.
    pub(super) fn org_id(&self) -> i64 {
        self.agency_id.or(self.office_id).unwrap_or(self.unit_id)
    }
}

fn covered(me: &Me) -> Select<coverage::Entity> {
    let to_member: RelationDef =
        coverage::Entity::belongs_to(member::Entity).from(coverage::Column::MemberId).to(member::Column::Id).into();
    let to_unit: RelationDef =
        coverage::Entity::belongs_to(org::Entity).from(coverage::Column::UnitId).to(org::Column::Id).into();
    coverage::Entity::find()
        .join(JoinType::InnerJoin, to_member)
        .join(JoinType::InnerJoin, to_unit)
        .filter(me.sees_org_found())
        .filter(coverage::Column::State.ne(Coded(CoverageState::Void)))
        .filter(member::Column::ErasedOn.is_null())
}

fn columns(select: Select<coverage::Entity>) -> Select<coverage::Entity> {
    use coverage::Column as C;
    select
        .select_only()
        .columns([
            C::Id,
            C::MemberId,
            C::PlanVersionId,
            C::PeriodFrom,
            C::PeriodTo,
            C::Shares,
            C::Renewed,
            C::State,
            C::UnitId,
        ])
        .column_as(org::Column::Name, "unit_name")
        .column_as(org::Column::Active, "unit_active")
        .columns([org::Column::OfficeId, org::Column::AgencyId])
        .column_as(member::Column::Name, "member_name")
        .columns([member::Column::IdKind, member::Column::IdNumber])
}

/// The coverages of the caller's branch under an ID number, or under that of a record that was merged into the person's;
/// newest first.
pub(super) async fn by_id_number(
    db: &impl ConnectionTrait,
    me: &Me,
    kind: IdKind,
    number: &str,
) -> Result<Vec<Covered>, Problem> {
    let named =
        Condition::all().add(seal::is(member::Column::IdNumber, number)).add(member::Column::IdKind.eq(Coded(kind)));
    let select = covered(me)
        .filter(coverage::Column::MemberId.in_subquery(rows::people(named)))
        .order_by_desc(coverage::Column::PeriodFrom)
        .order_by_asc(coverage::Column::Id)
        .limit(MAX_COVERAGES);
    Ok(columns(select).into_model::<Covered>().all(db).await?)
}

/// The coverages of the caller's branch under some ID numbers; newest first.
pub(super) async fn by_numbers(db: &impl ConnectionTrait, me: &Me, numbers: &[&str]) -> Result<Vec<Covered>, Problem> {
    let select = covered(me)
        .filter(seal::among(member::Column::IdNumber, numbers.iter().copied()))
        .order_by_desc(coverage::Column::PeriodFrom)
        .order_by_asc(coverage::Column::Id);
    Ok(columns(select).into_model::<Covered>().all(db).await?)
}

/// Those of some ID numbers that are of a record that was merged into another.
pub(super) async fn merged_numbers(db: &impl ConnectionTrait, numbers: &[&str]) -> Result<Vec<String>, Problem> {
    let merged = member::Entity::find()
        .filter(seal::among(member::Column::IdNumber, numbers.iter().copied()))
        .filter(member::Column::MergedIntoId.is_not_null())
        .select_only()
        .column(member::Column::IdNumber);
    let found: Vec<Sealed> = merged.into_tuple().all(db).await?;
    Ok(found.into_iter().map(Sealed::into_string).collect())
}

/// Given coverages of the caller's branch.
pub(super) async fn by_ids(db: &impl ConnectionTrait, me: &Me, ids: &[i64]) -> Result<Vec<Covered>, Problem> {
    let select = covered(me).filter(coverage::Column::Id.is_in(ids.iter().copied()));
    Ok(columns(select).into_model::<Covered>().all(db).await?)
}

/// Holds the coverages until the transaction ends, so that nobody accepts the same incident at the same time.
pub(super) async fn lock(tx: &impl ConnectionTrait, mut ids: Vec<i64>) -> Result<(), Problem> {
    ids.sort_unstable();
    coverage::Entity::find()
        .filter(coverage::Column::Id.is_in(ids))
        .order_by_asc(coverage::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(())
}

/// Holds the units of coverages as they are until the transaction ends, and sees that they still are what was read: a
/// case must not be made in a branch that its unit has left, nor in a unit that is deactivated meanwhile.
///
/// # Errors
/// 409 where a unit was moved or deactivated.
pub(super) async fn hold_units(
    tx: &impl ConnectionTrait,
    covered: impl Iterator<Item = &Covered>,
) -> Result<(), Problem> {
    let covered: Vec<&Covered> = covered.collect();
    let units = org::Entity::find()
        .filter(org::Column::Id.is_in(covered.iter().map(|c| c.unit_id)))
        .order_by_asc(org::Column::Id)
        .lock_shared()
        .all(tx)
        .await?;
    let units: HashMap<i64, (Option<i64>, Option<i64>, bool)> =
        units.into_iter().map(|u| (u.id, (u.office_id, u.agency_id, u.active))).collect();
    let same = |c: &&Covered| units.get(&c.unit_id) == Some(&(c.office_id, c.agency_id, c.unit_active));
    if covered.iter().all(same) { Ok(()) } else { Err(Problem::new(axum::http::StatusCode::CONFLICT, "unit_moved")) }
}

/// The case in which an incident was claimed, by coverage, liability, claim type and day.
type Claimed = HashMap<(i64, String, ClaimType, NaiveDate), String>;

#[derive(FromQueryResult)]
struct ClaimedRow {
    coverage_id: i64,
    liability_code: String,
    claim_type: Coded<ClaimType>,
    incident_date: NaiveDate,
    no: String,
}

/// The incidents of coverages that were claimed before; a denied, withdrawn or deleted claim doesn't count.
async fn claimed(db: &impl ConnectionTrait, coverage_ids: &[i64]) -> Result<Claimed, Problem> {
    use case::Column as C;
    let counts = Condition::any().add(C::Outcome.is_null()).add(C::Outcome.eq(Coded(Outcome::Paid)));
    let rows = case::Entity::find()
        .filter(C::CoverageId.is_in(coverage_ids.iter().copied()))
        .filter(C::Stage.ne(Coded(Stage::Deleted)))
        .filter(counts)
        .select_only()
        .columns([C::CoverageId, C::LiabilityCode, C::ClaimType, C::IncidentDate, C::No])
        .into_model::<ClaimedRow>()
        .all(db)
        .await?;
    let entry = |r: ClaimedRow| ((r.coverage_id, r.liability_code, r.claim_type.0, r.incident_date), r.no);
    Ok(rows.into_iter().map(entry).collect())
}

/// What was claimed and used before, as far as it decides about new claims under some coverages.
pub(super) struct Before {
    claimed: Claimed,
    used: ledger::Used,
}

impl Before {
    pub(super) async fn load(db: &impl ConnectionTrait, coverage_ids: Vec<i64>) -> Result<Self, Problem> {
        let mut out = Self { claimed: HashMap::new(), used: ledger::Used::default() };
        for part in coverage_ids.chunks(AT_ONCE) {
            out.claimed.extend(claimed(db, part).await?);
            out.used.extend(ledger::used(db, part.to_vec()).await?);
        }
        Ok(out)
    }

    /// Why a claim can't be accepted; empty where it can. The list of what is possible and the acceptance both ask here.
    pub(super) fn reasons(
        &self,
        cover: &Covered,
        plan: &Plan,
        liability: &Liability,
        claim_type: ClaimType,
        incident_date: NaiveDate,
    ) -> Vec<Ineligible> {
        let usage = self.used.get(&cover.id).cloned().unwrap_or_default();
        let claimed_in = self.claimed.get(&(cover.id, liability.code.clone(), claim_type, incident_date));
        let wanted = Wanted {
            claim_type,
            incident_date,
            today: clock::today(),
            usage: &usage,
            unit_inactive: !cover.unit_active,
            fee_pending: cover.state.0 == CoverageState::Pending,
            claimed_in: claimed_in.map(String::as_str),
        };
        coverage_rules::ineligible(plan, liability, &cover.coverage(), &wanted)
    }
}
