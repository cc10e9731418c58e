//! The queries of 申领查询.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{CaseSource, Outcome, Stage},
    claim_type::ClaimType,
    money::Fen,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use super::http::{DateKind, InquiryRow, InquirySearch};
use crate::{
    cases::rows,
    entity::{case, member, user},
    platform::{
        auth::Me,
        clock,
        coded::Coded,
        db::Db,
        error::Problem,
        paging::{Page, Paging},
    },
};

#[derive(Clone, Debug, FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    member_name: String,
    id_number: String,
    stage: Coded<Stage>,
    outcome: Option<Coded<Outcome>>,
    claim_type: Coded<ClaimType>,
    benefit_fen: Option<i64>,
    claim_ordinal: Option<i32>,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    accepted_on: NaiveDate,
    closed_at: Option<DateTime<Utc>>,
    closed_by_id: Option<i64>,
}

/// The cases that a search means, in the caller's branch.
pub(super) fn narrowed(me: &Me, search: &InquirySearch) -> Select<case::Entity> {
    let mut select = rows::visible(me)
        .filter(case::Column::Stage.eq(Coded(Stage::Closed)))
        .filter(case::Column::Source.eq(Coded(CaseSource::Unit)));
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(text) = rows::text(search.id_number.as_deref()) {
        select = select.filter(rows::about(text));
    }
    if let Some(outcome) = search.outcome {
        select = select.filter(case::Column::Outcome.eq(Coded(outcome)));
    }
    if let Some(text) = rows::text(search.operator.as_deref()) {
        let named = Condition::any().add(user::Column::Name.eq(text)).add(user::Column::Username.eq(text));
        let ids = user::Entity::find().select_only().column(user::Column::Id).filter(named).into_query();
        let by = Condition::any()
            .add(case::Column::AcceptedById.in_subquery(ids.clone()))
            .add(case::Column::EnteredById.in_subquery(ids.clone()))
            .add(case::Column::ClosedById.in_subquery(ids));
        select = select.filter(by);
    }
    match search.date_kind {
        DateKind::Accepted => rows::between(select, case::Column::AcceptedOn, search.from, search.to),
        DateKind::Closed => {
            if let Some(from) = search.from {
                select = select.filter(case::Column::ClosedAt.gte(clock::start_of(from)));
            }
            if let Some(after) = search.to.and_then(|to| to.succ_opt()) {
                select = select.filter(case::Column::ClosedAt.lt(clock::start_of(after)));
            }
            select
        }
    }
}

/// One page, last closed first.
pub(super) async fn page(
    db: &Db,
    me: &Me,
    search: &InquirySearch,
    paging: Paging,
) -> Result<Page<InquiryRow>, Problem> {
    let select = narrowed(me, search);
    let total = select.clone().count(db.read()).await?;
    let newest = select.order_by(case::Column::ClosedAt, Order::Desc).order_by(case::Column::Id, Order::Desc);
    let items = rows_of(db, newest.limit(paging.size()).offset(paging.offset())).await?;
    Ok(paging.answer(items, total))
}

/// The next batch of an export: cases with an id below `before`, newest acceptance first.
pub(super) async fn batch(
    db: &Db,
    me: &Me,
    search: &InquirySearch,
    before: Option<i64>,
    size: u64,
) -> Result<Vec<InquiryRow>, Problem> {
    let mut select = narrowed(me, search);
    if let Some(id) = before {
        select = select.filter(case::Column::Id.lt(id));
    }
    rows_of(db, select.order_by(case::Column::Id, Order::Desc).limit(size)).await
}

async fn rows_of(db: &Db, select: Select<case::Entity>) -> Result<Vec<InquiryRow>, Problem> {
    use case::Column as C;
    let found = select
        .select_only()
        .columns([C::Id, C::No, C::Stage, C::Outcome, C::ClaimType, C::BenefitFen, C::ClaimOrdinal, C::OfficeId])
        .columns([C::AgencyId, C::UnitId, C::AcceptedOn, C::ClosedAt, C::ClosedById])
        .column_as(member::Column::Name, "member_name")
        .column_as(member::Column::IdNumber, "id_number")
        .into_model::<Found>()
        .all(db.read())
        .await?;
    let orgs = rows::org_names(db, found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)])).await?;
    let users = rows::user_names(db, found.iter().filter_map(|f| f.closed_by_id)).await?;
    let row = |f: Found| InquiryRow {
        id: f.id,
        no: f.no,
        member_name: f.member_name,
        id_number: f.id_number,
        stage: f.stage.0,
        outcome: f.outcome.map(|o| o.0),
        claim_type: f.claim_type.0,
        benefit_fen: f.benefit_fen.map(Fen),
        claim_ordinal: f.claim_ordinal,
        org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
        unit_name: rows::name(&orgs, f.unit_id),
        accepted_on: f.accepted_on,
        closed_on: f.closed_at.map(clock::day_of),
        operator_name: f.closed_by_id.map(|id| rows::name(&users, id)).unwrap_or_default(),
    };
    Ok(found.into_iter().map(row).collect())
}
