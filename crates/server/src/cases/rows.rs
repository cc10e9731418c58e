//! One row of a list of cases, as every pool and inquiry shows it.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{self as domain, CaseSource, Facts, Outcome, Stage},
    claim_type::ClaimType,
    money::Fen,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::narrow::{
    about, between, named, of_org, open, people, rare, text, to_member, versions_of, visible, visible_about,
};
use super::{
    deadlines::{Deadlines, PaceView},
    state,
};
use crate::{
    entity::{case, member, org, user},
    platform::{
        auth::Me,
        coded::Coded,
        db::Db,
        error::Problem,
        paging::{self, Page, Paging},
        seal::Sealed,
    },
};

/// One row of a list of cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseRow {
    /// The case.
    pub id: i64,
    /// 案件号.
    pub no: String,
    /// For the next act on it.
    pub version: i64,
    /// 所属机构.
    pub org_name: String,
    /// 参保单位.
    pub unit_name: String,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 互助金类型.
    pub liability_name: String,
    /// 姓名.
    pub member_name: String,
    /// 证件号码.
    pub id_number: String,
    /// 案件来源.
    pub source: CaseSource,
    /// 受理日期.
    pub accepted_on: NaiveDate,
    /// 案件状态.
    pub stage: Stage,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who works on it.
    pub holder_name: Option<String>,
    /// 互助金额 in fen: what was decided, before that what was computed last.
    pub benefit_fen: Option<Fen>,
    /// Since when it stands there.
    pub stage_since: DateTime<Utc>,
    /// How it keeps to the limit of its stage; null where it is at an end.
    pub pace: Option<PaceView>,
    /// Whether it came back from review.
    pub returned: bool,
    /// Whether it corrects another case (更正).
    pub correction: bool,
    /// What the caller may do with it now, as far as right, stage and custody say.
    pub actions: Vec<domain::ActionKind>,
}

/// The columns of a case that lists and decisions need, with who it is about.
#[derive(Clone, Debug, FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    version: i64,
    stage: Coded<Stage>,
    stage_since: DateTime<Utc>,
    holder_id: Option<i64>,
    source: Coded<CaseSource>,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    claim_type: Coded<ClaimType>,
    liability_name: String,
    accepted_on: NaiveDate,
    accepted_by_id: i64,
    granted_before_fen: Option<i64>,
    submissions: i32,
    returned: bool,
    clock_stopped: bool,
    calculated_fen: Option<i64>,
    entered_by_id: Option<i64>,
    reviewed_by_id: Option<i64>,
    approved_by_id: Option<i64>,
    benefit_fen: Option<i64>,
    outcome: Option<Coded<Outcome>>,
    close_reason: Option<String>,
    closed_by_id: Option<i64>,
    paid_on: Option<NaiveDate>,
    member_name: String,
    id_number: Sealed,
}

const COLUMNS: [case::Column; 27] = {
    use case::Column as C;
    [
        C::Id,
        C::No,
        C::Version,
        C::Stage,
        C::StageSince,
        C::HolderId,
        C::Source,
        C::OfficeId,
        C::AgencyId,
        C::UnitId,
        C::ClaimType,
        C::LiabilityName,
        C::AcceptedOn,
        C::AcceptedById,
        C::GrantedBeforeFen,
        C::Submissions,
        C::Returned,
        C::ClockStopped,
        C::CalculatedFen,
        C::EnteredById,
        C::ReviewedById,
        C::ApprovedById,
        C::BenefitFen,
        C::Outcome,
        C::CloseReason,
        C::ClosedById,
        C::PaidOn,
    ]
};

/// The order of a list of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// Newest acceptance first.
    #[default]
    Newest,
    /// What has stood longest where it stands first.
    LongestWaiting,
}

/// One page of what `select` finds, newest acceptance first.
///
/// # Errors
/// When the database fails.
pub async fn page(db: &Db, me: &Me, select: Select<case::Entity>, paging: Paging) -> Result<Page<CaseRow>, Problem> {
    page_in(db, me, select, RowOrder::Newest, paging).await
}

/// One page of what `select` finds, in an order.
///
/// # Errors
/// When the database fails.
pub async fn page_in(
    db: &Db,
    me: &Me,
    select: Select<case::Entity>,
    order: RowOrder,
    paging: Paging,
) -> Result<Page<CaseRow>, Problem> {
    let (column, way) = match order {
        RowOrder::Newest => (case::Column::AcceptedAt, Order::Desc),
        RowOrder::LongestWaiting => (case::Column::StageSince, Order::Asc),
    };
    let ordered = select.order_by(column, way.clone()).order_by(case::Column::Id, way);
    let total = paging::count(db.read(), ordered.clone()).await?;
    let items = rows(db, me, ordered.limit(paging.size()).offset(paging.offset())).await?;
    Ok(paging.answer(items, total))
}

/// The rows of a bounded selection: four queries more for names and limits, however many rows there are.
///
/// # Errors
/// When the database fails, or a row is not one that this program wrote.
pub async fn rows(db: &Db, me: &Me, select: Select<case::Entity>) -> Result<Vec<CaseRow>, Problem> {
    let found = select
        .join(JoinType::InnerJoin, to_member())
        .select_only()
        .columns(COLUMNS)
        .column_as(member::Column::Name, "member_name")
        .column_as(member::Column::IdNumber, "id_number")
        .into_model::<Found>()
        .all(db.read())
        .await?;
    let org_ids = found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)]);
    let orgs = org_names(db, org_ids).await?;
    let users = user_names(db, found.iter().filter_map(|f| f.holder_id)).await?;
    let deadlines = Deadlines::since(db.read(), found.iter().map(|f| f.stage_since)).await?;
    found.into_iter().map(|f| row(f, me, &orgs, &users, &deadlines)).collect()
}

fn row(f: Found, me: &Me, orgs: &Names, users: &Names, deadlines: &Deadlines) -> Result<CaseRow, Problem> {
    let evidence = state::Evidence {
        id: f.id,
        claim_type: f.claim_type.0,
        source: f.source.0,
        accepted_by_id: f.accepted_by_id,
        granted_before_fen: f.granted_before_fen,
        submissions: f.submissions,
        stage: f.stage.0,
        holder_id: f.holder_id,
        entered_by_id: f.entered_by_id,
        reviewed_by_id: f.reviewed_by_id,
        approved_by_id: f.approved_by_id,
        benefit_fen: f.benefit_fen,
        outcome: f.outcome.map(|o| o.0),
        close_reason: f.close_reason.as_deref(),
        closed_by_id: f.closed_by_id,
        paid_on: f.paid_on,
    };
    let case = evidence.case()?;
    let holder_name = f.holder_id.map(|id| name(users, id));
    // Whether the content is complete isn't known here; what 申领提交 and 确定 still lack, their page says.
    let facts = Facts {
        holder_name: holder_name.clone().unwrap_or_default(),
        calculation: domain::CalculationState::Current(Fen(1)),
        ..Facts::default()
    };
    let allowed = domain::allowed_actions(&case, &me.actor(), &facts).into_iter();
    let actions = allowed.filter(|a| a.blockers.is_empty()).map(|a| a.action);
    Ok(CaseRow {
        actions: actions.collect(),
        id: f.id,
        no: f.no,
        version: f.version,
        org_name: name(orgs, f.agency_id.unwrap_or(f.office_id)),
        unit_name: name(orgs, f.unit_id),
        claim_type: f.claim_type.0,
        liability_name: f.liability_name,
        member_name: f.member_name,
        id_number: f.id_number.into_string(),
        source: f.source.0,
        accepted_on: f.accepted_on,
        stage: f.stage.0,
        outcome: f.outcome.map(|o| o.0),
        holder_name,
        benefit_fen: f.benefit_fen.or(f.calculated_fen).map(Fen),
        stage_since: f.stage_since,
        pace: deadlines.pace(f.office_id, f.stage.0, f.stage_since, f.clock_stopped),
        returned: f.returned,
        correction: f.granted_before_fen.is_some(),
    })
}

/// Names by id.
pub type Names = HashMap<i64, String>;

/// The name of an id; empty where it isn't known.
#[must_use]
pub fn name(names: &Names, id: i64) -> String {
    names.get(&id).cloned().unwrap_or_default()
}

/// The names of nodes of the organisation.
///
/// # Errors
/// When the database fails.
pub async fn org_names(db: &Db, ids: impl IntoIterator<Item = i64>) -> Result<Names, Problem> {
    let rows: Vec<(i64, String)> = org::Entity::find()
        .filter(org::Column::Id.is_in(distinct(ids)))
        .select_only()
        .columns([org::Column::Id, org::Column::Name])
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The names of operators.
///
/// # Errors
/// When the database fails.
pub async fn user_names(db: &Db, ids: impl IntoIterator<Item = i64>) -> Result<Names, Problem> {
    user_names_in(db.read(), ids).await
}

/// The names of operators, inside a transaction.
///
/// # Errors
/// When the database fails.
pub async fn user_names_in(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = i64>) -> Result<Names, Problem> {
    let rows: Vec<(i64, String)> = user::Entity::find()
        .filter(user::Column::Id.is_in(distinct(ids)))
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Where a unit stands.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// Its name.
    pub unit_name: String,
    /// The office or agency that it hangs on.
    pub org_name: String,
}

/// Where units stand now, by their ids.
///
/// # Errors
/// When the database fails.
pub async fn placed(db: &Db, unit_ids: impl IntoIterator<Item = i64>) -> Result<HashMap<i64, Placed>, Problem> {
    let units = org::Entity::find().filter(org::Column::Id.is_in(distinct(unit_ids))).all(db.read()).await?;
    let above = |u: &org::Model| u.agency_id.or(u.office_id);
    let names = org_names(db, units.iter().filter_map(above)).await?;
    let placed = |u: org::Model| {
        let org_name = above(&u).map(|id| name(&names, id)).unwrap_or_default();
        (u.id, Placed { unit_name: u.name, org_name })
    };
    Ok(units.into_iter().map(placed).collect())
}

fn distinct(ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
