//! The queries of 申领查询.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use huzhu_domain::{
    case::{CaseSource, Outcome, Stage},
    claim_type::ClaimType,
    money::Fen,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::http::{DateKind, InquiryRow, InquirySearch};
use crate::{
    cases::rows,
    entity::{case, member, plan_version, user},
    export::BATCH,
    platform::{
        auth::Me,
        coded::Coded,
        db::Db,
        error::Problem,
        paging::{self, Page, Paging},
        seal::Sealed,
    },
};

#[derive(Clone, Debug, FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    member_name: String,
    id_number: Sealed,
    source: Coded<CaseSource>,
    liability_name: String,
    plan_version_id: i64,
    stage: Coded<Stage>,
    returned: bool,
    holder_id: Option<i64>,
    corrects_id: Option<i64>,
    calculated_fen: Option<i64>,
    outcome: Option<Coded<Outcome>>,
    claim_type: Coded<ClaimType>,
    benefit_fen: Option<i64>,
    claim_ordinal: Option<i32>,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    accepted_on: NaiveDate,
    closed_on: Option<NaiveDate>,
    closed_by_id: Option<i64>,
}

/// The cases that a search means, in the caller's branch.
///
/// # Errors
/// When the database fails.
pub(super) async fn narrowed(db: &Db, me: &Me, search: &InquirySearch) -> Result<Select<case::Entity>, Problem> {
    let by = by_operator(db, search.operator.as_deref()).await?;
    let mut select = visible(db, me, search.id_number.as_deref(), by)
        .await?
        .filter(case::Column::Stage.eq(Coded(Stage::Closed)))
        .filter(case::Column::Source.eq(Coded(CaseSource::Unit)));
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(outcome) = search.outcome {
        select = select.filter(case::Column::Outcome.eq(Coded(outcome)));
    }
    Ok(match search.date_kind {
        DateKind::Accepted => rows::between(select, case::Column::AcceptedOn, search.from, search.to),
        DateKind::Closed => rows::between(select, case::Column::ClosedOn, search.from, search.to),
    })
}

/// Cases that somebody accepted, entered or closed, by name or sign-in name. Who that is, is asked first: then each of the three has its
/// index.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_operator(db: &Db, typed: Option<&str>) -> Result<Option<Condition>, Problem> {
    let Some(text) = rows::text(typed) else { return Ok(None) };
    let named = Condition::any().add(user::Column::Name.eq(text)).add(user::Column::Username.eq(text));
    let found = user::Entity::find().select_only().column(user::Column::Id).filter(named);
    let ids: Vec<i64> = found.into_tuple().all(db.replica()).await?;
    let by = Condition::any()
        .add(case::Column::AcceptedById.is_in(ids.iter().copied()))
        .add(case::Column::EnteredById.is_in(ids.iter().copied()))
        .add(case::Column::ClosedById.is_in(ids));
    Ok(Some(by))
}

/// The caller's cases that a text means, and for which all of some things hold that have an index each.
///
/// # Errors
/// When the database fails.
pub(super) async fn visible(
    db: &Db,
    me: &Me,
    text: Option<&str>,
    holds: impl IntoIterator<Item = Condition>,
) -> Result<Select<case::Entity>, Problem> {
    let (mut common, mut pinned) = (Condition::all(), rows::text(text).is_some());
    for holds in holds {
        match rows::rare(db.replica(), holds.clone()).await? {
            Some(ids) => {
                pinned = true;
                common = common.add(case::Column::Id.is_in(ids));
            }
            None => common = common.add(holds),
        }
    }
    let branch = if pinned { me.sees_case_found() } else { me.sees_case() };
    let about = rows::text(text).map(rows::about);
    Ok(case::Entity::find().filter(branch).filter(common.add_option(about)))
}

/// One page, last closed first.
pub(super) async fn page(
    db: &Db,
    me: &Me,
    search: &InquirySearch,
    paging: Paging,
) -> Result<Page<InquiryRow>, Problem> {
    page_of(db, narrowed(db, me, search).await?, case::Column::ClosedAt, paging).await
}

/// One page of what `select` finds, the latest `by` first.
pub(super) async fn page_of(
    db: &Db,
    select: Select<case::Entity>,
    by: case::Column,
    paging: Paging,
) -> Result<Page<InquiryRow>, Problem> {
    let newest = select.order_by(by, Order::Desc).order_by(case::Column::Id, Order::Desc);
    let total = paging::count(db.replica(), newest.clone()).await?;
    let items = rows_of(db, newest.limit(paging.size()).offset(paging.offset())).await?;
    Ok(paging.answer(items, total))
}

/// The next batch of an export: cases with an id below `before`, newest acceptance first.
pub(super) async fn batch(
    db: &Db,
    mut select: Select<case::Entity>,
    before: Option<i64>,
) -> Result<Vec<InquiryRow>, Problem> {
    if let Some(id) = before {
        select = select.filter(case::Column::Id.lt(id));
    }
    rows_of(db, select.order_by(case::Column::Id, Order::Desc).limit(BATCH)).await
}

async fn rows_of(db: &Db, select: Select<case::Entity>) -> Result<Vec<InquiryRow>, Problem> {
    use case::Column as C;
    let found = select
        .join(JoinType::InnerJoin, rows::to_member())
        .select_only()
        .columns([C::Id, C::No, C::Stage, C::Outcome, C::ClaimType, C::BenefitFen, C::ClaimOrdinal, C::OfficeId])
        .columns([C::AgencyId, C::UnitId, C::AcceptedOn, C::ClosedOn, C::ClosedById])
        .columns([
            C::Source,
            C::LiabilityName,
            C::PlanVersionId,
            C::Returned,
            C::HolderId,
            C::CorrectsId,
            C::CalculatedFen,
        ])
        .column_as(member::Column::Name, "member_name")
        .column_as(member::Column::IdNumber, "id_number")
        .into_model::<Found>()
        .all(db.replica())
        .await?;
    let nodes: Vec<i64> = found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)]).collect();
    let orgs = rows::org_names(db, nodes).await?;
    let operators: Vec<i64> = found.iter().flat_map(|f| [f.closed_by_id, f.holder_id]).flatten().collect();
    let users = rows::user_names(db, operators).await?;
    let versions: Vec<i64> = found.iter().map(|f| f.plan_version_id).collect();
    let plans = plan_names(db, versions).await?;
    let row = |f: Found| InquiryRow {
        id: f.id,
        no: f.no,
        member_name: f.member_name,
        id_number: f.id_number.into_string(),
        stage: f.stage.0,
        outcome: f.outcome.map(|o| o.0),
        claim_type: f.claim_type.0,
        benefit_fen: f.benefit_fen.or(f.calculated_fen.filter(|_| f.outcome.is_none())).map(Fen),
        source: f.source.0,
        liability_name: f.liability_name,
        plan_name: rows::name(&plans, f.plan_version_id),
        returned: f.returned,
        correction: f.corrects_id.is_some(),
        holder_name: f.holder_id.map(|id| rows::name(&users, id)),
        claim_ordinal: f.claim_ordinal,
        org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
        unit_name: rows::name(&orgs, f.unit_id),
        accepted_on: f.accepted_on,
        closed_on: f.closed_on,
        operator_name: f.closed_by_id.map(|id| rows::name(&users, id)).unwrap_or_default(),
    };
    Ok(found.into_iter().map(row).collect())
}

/// 保障活动名称 with its version, by the version's id.
pub(super) async fn plan_names(db: &Db, ids: impl IntoIterator<Item = i64>) -> Result<rows::Names, Problem> {
    use plan_version::Column as C;
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let found: Vec<(i64, String, String)> = plan_version::Entity::find()
        .filter(C::Id.is_in(ids))
        .select_only()
        .columns([C::Id, C::Name, C::Version])
        .into_tuple()
        .all(db.replica())
        .await?;
    Ok(found.into_iter().map(|(id, name, version)| (id, format!("{name} {version}"))).collect())
}
