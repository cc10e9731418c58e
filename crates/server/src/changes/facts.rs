//! The records as the rules look at them.
use std::collections::HashMap;

use chrono::NaiveDate;
use huzhu_domain::{
    case::{Outcome, Stage},
    change::{CaseFact, Change, CoverageFact, Facts, Progress, doubled},
    coverage::CoverageState,
    dates::Period,
    enrolment::{BatchState, EnrolmentTerms},
    id_number,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use super::store::{self, Before, CoverageData, Moved};
use crate::{
    app::App,
    entity::{case, coverage, enrolment, member, member_account, org, plan_version},
    platform::{auth::Me, clock, coded::Coded, error::Problem, seal},
};

/// A coverage with its plan.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Covered {
    pub(super) id: i64,
    pub(super) member_id: i64,
    pub(super) unit_id: i64,
    pub(super) period_from: NaiveDate,
    pub(super) period_to: NaiveDate,
    pub(super) shares: i32,
    pub(super) state: Coded<CoverageState>,
    pub(super) renewed: bool,
    pub(super) plan: String,
    pub(super) plan_name: String,
    pub(super) plan_office_id: i64,
}

impl Covered {
    fn fact(&self) -> CoverageFact {
        CoverageFact {
            id: self.id,
            plan: self.plan.clone(),
            office_id: self.plan_office_id,
            period: Period { from: self.period_from, to: self.period_to },
            shares: u32::try_from(self.shares).unwrap_or_default(),
            state: self.state.0,
            renewed: self.renewed,
        }
    }
}

/// The records of a change: the rows, what the rules know of them, and what of them the change is about.
pub(super) struct Records {
    pub(super) member: member::Model,
    pub(super) other: Option<member::Model>,
    pub(super) covered: Vec<Covered>,
    pub(super) facts: Facts,
    pub(super) before: Before,
}

/// The coverages of members, void ones too, newest first.
pub(super) async fn covered(db: &impl ConnectionTrait, member_ids: &[i64]) -> Result<Vec<Covered>, Problem> {
    use coverage::Column as C;
    let to_version: RelationDef =
        coverage::Entity::belongs_to(plan_version::Entity).from(C::PlanVersionId).to(plan_version::Column::Id).into();
    let found = coverage::Entity::find()
        .join(JoinType::InnerJoin, to_version)
        .filter(C::MemberId.is_in(member_ids.iter().copied()))
        .order_by_desc(C::PeriodFrom)
        .order_by_asc(C::Id)
        .select_only()
        .columns([C::Id, C::MemberId, C::UnitId, C::PeriodFrom, C::PeriodTo, C::Shares, C::State, C::Renewed])
        .column_as(plan_version::Column::Code, "plan")
        .column_as(plan_version::Column::Name, "plan_name")
        .column_as(plan_version::Column::OfficeId, "plan_office_id")
        .into_model::<Covered>()
        .all(db)
        .await?;
    Ok(found)
}

/// Holds the coverages of members until the transaction ends: an acceptance waits for the same rows.
pub(super) async fn lock_coverages(tx: &impl ConnectionTrait, member_ids: &[i64]) -> Result<(), Problem> {
    coverage::Entity::find()
        .filter(coverage::Column::MemberId.is_in(member_ids.iter().copied()))
        .order_by_asc(coverage::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct CaseRow {
    id: i64,
    no: String,
    member_id: i64,
    coverage_id: i64,
    incident_date: NaiveDate,
    stage: Coded<Stage>,
    outcome: Option<Coded<Outcome>>,
}

impl CaseRow {
    /// None where the case doesn't count: it was deleted, denied or withdrawn.
    fn fact(&self) -> Option<CaseFact> {
        let progress = match (self.stage.0, self.outcome.map(|o| o.0)) {
            (Stage::Materials | Stage::ExpenseEntry, _) => Progress::Entering,
            (Stage::FirstReview | Stage::SecondReview, _) => Progress::InReview,
            (Stage::Payment | Stage::Recovery, _) => Progress::InPayment,
            (Stage::Closed, Some(Outcome::Paid)) => Progress::Paid,
            (Stage::Closed | Stage::Deleted, _) => return None,
        };
        Some(CaseFact {
            no: self.no.clone(),
            coverage_id: self.coverage_id,
            incident_date: self.incident_date,
            progress,
        })
    }
}

async fn cases(db: &impl ConnectionTrait, member_ids: &[i64]) -> Result<Vec<CaseRow>, Problem> {
    use case::Column as C;
    let found = case::Entity::find()
        .filter(C::MemberId.is_in(member_ids.iter().copied()))
        .order_by_asc(C::Id)
        .select_only()
        .columns([C::Id, C::No, C::MemberId, C::CoverageId, C::IncidentDate, C::Stage, C::Outcome])
        .into_model::<CaseRow>()
        .all(db)
        .await?;
    Ok(found)
}

/// Gathers the records of a change. `except` is the change itself where it was asked for already: then it is about to be
/// approved.
///
/// # Errors
/// 404 where a member lies outside the branch.
pub(super) async fn load(
    app: &App,
    db: &impl ConnectionTrait,
    me: &Me,
    change: &Change,
    member_id: i64,
    except: Option<i64>,
) -> Result<Records, Problem> {
    let member = store::member(db, me, member_id).await?;
    let other = match change.other_id() {
        Some(id) => Some(store::member(db, me, id).await?),
        None => None,
    };
    let ids: Vec<i64> = std::iter::once(member_id).chain(other.as_ref().map(|o| o.id)).collect();
    let covered = covered(db, &ids).await?;
    let cases = cases(db, &ids).await?;
    let came = match change {
        Change::Unmerge { other_id } => store::merge_of(db, member_id, *other_id).await?,
        _ => None,
    };
    let merge_on_record = came.is_some();
    let mut going = going(db, change, &covered, &cases, came.unwrap_or_default()).await?;
    let live = covered.iter().filter(|c| c.state.0 != CoverageState::Void);
    let (own, others): (Vec<&Covered>, Vec<&Covered>) = live.partition(|c| c.member_id == member_id);
    let other_cases = match change {
        Change::Unmerge { .. } => cases.iter().filter(|c| going.cases.contains(&c.id)).collect::<Vec<_>>(),
        _ => cases.iter().filter(|c| c.member_id != member_id).collect(),
    };
    let facts = Facts {
        today: clock::today(),
        approving: except.is_some(),
        member_id,
        member: store::data_of(&member),
        merged_into: member.merged_into_id,
        unit_id: member.unit_id,
        new_office_id: new_office(db, me, change).await?,
        coverages: own.iter().map(|c| c.fact()).collect(),
        cases: cases.iter().filter(|c| c.member_id == member_id).filter_map(CaseRow::fact).collect(),
        terms: terms(app, db, version_on(db, change, &member, &covered).await?).await?,
        id_number_taken: taken(db, change, &member).await?,
        account_known: account_known(db, change, member_id).await?,
        other_merged_into: other.as_ref().and_then(|o| o.merged_into_id),
        merge_on_record,
        other_coverages: others.iter().map(|c| c.fact()).collect(),
        other_cases: other_cases.into_iter().filter_map(CaseRow::fact).collect(),
        apart: apart(change, &covered, &going),
        open: store::open(db, change, member_id, except).await?,
    };
    if let Change::Merge { .. } = change {
        let superfluous = doubled(&facts);
        let of_merge = covered.iter().filter(|c| superfluous.contains(&c.id));
        going.doubled = of_merge.map(|c| (c.id, c.state.0)).collect();
    }
    let before = before(change, &member, other.as_ref(), &covered, going);
    Ok(Records { member, other, covered, facts, before })
}

/// What the two records have after 撤销合并: the one that stays, and the one that is given back.
fn apart(change: &Change, covered: &[Covered], going: &Moved) -> [Vec<CoverageFact>; 2] {
    let Change::Unmerge { other_id } = change else { return Default::default() };
    let state = |c: &Covered| going.doubled.iter().find(|(id, _)| *id == c.id).map_or(c.state.0, |(_, state)| *state);
    let live = covered.iter().filter(|c| state(c) != CoverageState::Void);
    let (back, stays): (Vec<&Covered>, Vec<&Covered>) =
        live.partition(|c| c.member_id == *other_id || going.coverages.contains(&c.id));
    [stays, back].map(|all| all.into_iter().map(|c| CoverageFact { state: state(c), ..c.fact() }).collect())
}

fn before(
    change: &Change,
    member: &member::Model,
    other: Option<&member::Model>,
    covered: &[Covered],
    moved: Moved,
) -> Before {
    let coverage = change.coverage_id().and_then(|id| covered.iter().find(|c| c.id == id));
    Before {
        member: matches!(change, Change::MemberData(_) | Change::Merge { .. }).then(|| store::data_of(member)),
        other: other.map(store::data_of),
        unit_id: matches!(change, Change::Transfer { .. }).then_some(member.unit_id),
        coverage: coverage.map(|c| CoverageData {
            plan: c.plan.clone(),
            plan_name: c.plan_name.clone(),
            from: c.period_from,
            to: c.period_to,
            shares: c.shares,
        }),
        moved,
    }
}

/// What would go over to another record. At 撤销合并: what came with the merge, and the cases that were accepted under these
/// coverages since.
async fn going(
    db: &impl ConnectionTrait,
    change: &Change,
    covered: &[Covered],
    cases: &[CaseRow],
    came: Moved,
) -> Result<Moved, Problem> {
    match change {
        Change::Merge { other_id } => {
            let followers = member::Entity::find()
                .filter(member::Column::MergedIntoId.eq(*other_id))
                .select_only()
                .column(member::Column::Id)
                .into_tuple()
                .all(db)
                .await?;
            Ok(Moved {
                coverages: covered.iter().filter(|c| c.member_id == *other_id).map(|c| c.id).collect(),
                cases: cases.iter().filter(|c| c.member_id == *other_id).map(|c| c.id).collect(),
                followers,
                doubled: Vec::new(),
            })
        }
        Change::Unmerge { .. } => {
            let back = |c: &&CaseRow| came.cases.contains(&c.id) || came.coverages.contains(&c.coverage_id);
            let back = cases.iter().filter(back).map(|c| c.id).collect();
            Ok(Moved { cases: back, doubled: due(db, came.doubled).await?, ..came })
        }
        _ => Ok(Moved::default()),
    }
}

/// The states that coverages have when they are given back: as they were, unless their batch has gone on meanwhile.
async fn due(
    db: &impl ConnectionTrait,
    doubled: Vec<(i64, CoverageState)>,
) -> Result<Vec<(i64, CoverageState)>, Problem> {
    let to_batch: RelationDef = coverage::Entity::belongs_to(enrolment::Entity)
        .from(coverage::Column::EnrolmentId)
        .to(enrolment::Column::Id)
        .into();
    let batches: HashMap<i64, Coded<BatchState>> = coverage::Entity::find()
        .join(JoinType::InnerJoin, to_batch)
        .filter(coverage::Column::Id.is_in(doubled.iter().map(|(id, _)| *id)))
        .select_only()
        .column(coverage::Column::Id)
        .column(enrolment::Column::State)
        .into_tuple::<(i64, Coded<BatchState>)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let of = |id: i64| batches.get(&id).and_then(|state| state.0.coverage_state());
    Ok(doubled.into_iter().map(|(id, was)| (id, of(id).unwrap_or(was))).collect())
}

/// The terms of a version.
async fn terms(
    app: &App,
    db: &impl ConnectionTrait,
    version: Option<plan_version::Model>,
) -> Result<Option<EnrolmentTerms>, Problem> {
    match version {
        Some(version) => Ok(Some(app.plans.get(db, version.id).await?.enrolment.clone())),
        None => Ok(None),
    }
}

/// The office of the unit that a transfer leads to.
async fn new_office(db: &impl ConnectionTrait, me: &Me, change: &Change) -> Result<Option<i64>, Problem> {
    let Change::Transfer { unit_id, .. } = change else { return Ok(None) };
    let unit = org::Entity::find_by_id(*unit_id).filter(me.sees_org()).filter(org::Column::Active.eq(true)).one(db);
    let unit = unit.await?.filter(|u| u.kind.0 == huzhu_domain::org::OrgKind::Unit);
    Ok(unit.and_then(|u| u.office_id))
}

/// The plan version that a coverage begins under on the first day asked for.
///
/// # Errors
/// When the database fails.
pub(super) async fn version_on(
    db: &impl ConnectionTrait,
    change: &Change,
    member: &member::Model,
    covered: &[Covered],
) -> Result<Option<plan_version::Model>, Problem> {
    use plan_version::Column as C;
    let (plan, office, day) = match change {
        Change::CoverageAdd { plan, from, .. } => {
            let unit = org::Entity::find_by_id(member.unit_id).one(db).await?;
            (plan.clone(), unit.and_then(|u| u.office_id).unwrap_or_default(), *from)
        }
        Change::CoverageReplace { coverage_id, from, .. } => {
            let Some(now) = covered.iter().find(|c| c.id == *coverage_id) else { return Ok(None) };
            (now.plan.clone(), now.plan_office_id, *from)
        }
        _ => return Ok(None),
    };
    let found = plan_version::Entity::find()
        .filter(C::Code.eq(plan))
        .filter(C::OfficeId.eq(office))
        .filter(C::EffectiveFrom.lte(day))
        .filter(C::EffectiveTo.gte(day))
        .order_by_desc(C::Id)
        .one(db)
        .await?;
    Ok(found)
}

async fn taken(db: &impl ConnectionTrait, change: &Change, member: &member::Model) -> Result<bool, Problem> {
    let Change::MemberData(data) = change else { return Ok(false) };
    if data.id_number == member.id_number.as_str() && data.id_kind == member.id_kind.0 {
        return Ok(false);
    }
    let number = id_number::identity(data.id_kind, &data.id_number);
    let old = id_number::to_15(&number);
    let same = Condition::all()
        .add(seal::among(member::Column::IdNumber, old.into_iter().chain([number])))
        .add(member::Column::IdKind.eq(Coded(data.id_kind)))
        .add(member::Column::Id.ne(member.id));
    Ok(member::Entity::find().filter(same).count(db).await? > 0)
}

async fn account_known(db: &impl ConnectionTrait, change: &Change, member_id: i64) -> Result<bool, Problem> {
    let Change::BankAccount { account_no, .. } = change else { return Ok(false) };
    let same = member_account::Entity::find()
        .filter(member_account::Column::MemberId.eq(member_id))
        .filter(seal::is(member_account::Column::AccountNo, account_no.as_str()))
        .filter(member_account::Column::EndedChangeId.is_null());
    Ok(same.count(db).await? > 0)
}
