//! 退票: what came back, with the account that is asked for.
use std::collections::HashMap;

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    ids::UserId,
    payment::{BounceReason, CorrectionFact, CorrectionState, PaymentItemState, correction_blockers},
    permission::Permission,
};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::items::{self, PaymentItemRow};
use crate::{
    app::App,
    cases::rows,
    entity::{account_correction, case, payment_item},
    platform::{
        auth::{Acting, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::Paging,
    },
};

/// Which 退票 are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BouncedTab {
    /// 待更正: nobody has asked for an account.
    Waiting,
    /// 待复核: an account was asked for.
    Proposed,
    /// 待再次付款: agreed to; the next batch may have it.
    Repaired,
    /// All of them, those that were paid again, too.
    All,
}

/// The search form of 退票.
#[derive(Deserialize, ToSchema)]
pub struct BouncedSearch {
    tab: BouncedTab,
    /// 案件号.
    case_no: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    reason: Option<BounceReason>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// An account that was asked for.
#[derive(Serialize, ToSchema)]
pub struct AccountCorrectionView {
    state: CorrectionState,
    payee_name: String,
    account_no: String,
    bank_name: String,
    reason: String,
    /// Where its picture is; null where there is none.
    picture_url: Option<String>,
    asked_by_name: String,
    asked_at: DateTime<Utc>,
    decided_by_name: Option<String>,
    decision_note: String,
}

/// What came back.
#[derive(Serialize, ToSchema)]
pub struct BouncedRow {
    #[serde(flatten)]
    item: PaymentItemRow,
    member_name: String,
    unit_name: String,
    bounced_on: Option<NaiveDate>,
    correction: Option<AccountCorrectionView>,
    /// Whether the caller may ask for an account.
    may_ask: bool,
    /// Whether the caller may decide, as far as the right goes; and why not.
    may_decide: bool,
    blockers: Vec<Notice>,
}

/// A page of 退票 with the sum of all pages.
#[derive(Serialize, ToSchema)]
pub struct BouncedPage {
    items: Vec<BouncedRow>,
    total: u64,
    page: u64,
    size: u64,
    /// Sum of everything found, in fen.
    sum_fen: i64,
}

/// What came back, oldest first.
#[utoipa::path(post, path = "/api/bounced/search", tag = "bounced", request_body = BouncedSearch,
    extensions(("x-right" = json!(["enter_expenses", "confirm_payments", "approve_changes"]))),
    responses((status = 200, body = BouncedPage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::SeeBounced>,
    Json(search): Json<BouncedSearch>,
) -> Result<Json<BouncedPage>, Problem> {
    use PaymentItemState as S;
    use payment_item::Column as C;
    let paging = Paging { page: search.page, size: search.size };
    let db = app.db.read();
    let to_case: RelationDef =
        payment_item::Entity::belongs_to(case::Entity).from(C::CaseId).to(case::Column::Id).into();
    let proposed = account_correction::Entity::find()
        .select_only()
        .column(account_correction::Column::ItemId)
        .filter(account_correction::Column::State.eq(Coded(CorrectionState::Proposed)))
        .into_query();
    let mut select = payment_item::Entity::find().join(JoinType::InnerJoin, to_case).filter(me.sees_case());
    let bounced = C::State.eq(Coded(S::Bounced));
    select = match search.tab {
        BouncedTab::Waiting => select.filter(bounced).filter(C::Id.not_in_subquery(proposed)),
        BouncedTab::Proposed => select.filter(bounced).filter(C::Id.in_subquery(proposed)),
        BouncedTab::Repaired => select.filter(C::State.eq(Coded(S::Repaired))),
        BouncedTab::All => select.filter(C::State.is_in([S::Bounced, S::Repaired, S::Replaced].map(Coded))),
    };
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(reason) = search.reason {
        select = select.filter(C::BounceReason.eq(Coded(reason)));
    }
    if let Some(org) = search.org_id {
        use case::Column as K;
        select = select.filter(K::OfficeId.eq(org).or(K::AgencyId.eq(org)).or(K::UnitId.eq(org)));
    }
    let total = select.clone().count(db).await?;
    let sum: Option<Option<i64>> = select
        .clone()
        .select_only()
        .column_as(Expr::col((payment_item::Entity, C::AmountFen)).sum().cast_as("BIGINT"), "sum")
        .into_tuple()
        .one(db)
        .await?;
    let found = select
        .order_by_asc(C::SettledAt)
        .order_by_asc(C::Id)
        .limit(paging.size())
        .offset(paging.offset())
        .all(db)
        .await?;
    let items = bounced_rows(&app, &me, found).await?;
    let sum_fen = sum.flatten().unwrap_or_default();
    Ok(Json(BouncedPage { items, total, page: paging.page(), size: paging.size(), sum_fen }))
}

async fn bounced_rows(
    app: &App,
    me: &crate::platform::auth::Me,
    found: Vec<payment_item::Model>,
) -> Result<Vec<BouncedRow>, Problem> {
    let db = app.db.read();
    let corrections = account_correction::Entity::find()
        .filter(account_correction::Column::ItemId.is_in(found.iter().map(|i| i.id)))
        .order_by_asc(account_correction::Column::Id)
        .all(db)
        .await?;
    let mut last: HashMap<i64, account_correction::Model> = corrections.into_iter().map(|c| (c.item_id, c)).collect();
    let people: Vec<i64> = last.values().flat_map(|c| [Some(c.asked_by_id), c.decided_by_id]).flatten().collect();
    let users = rows::user_names(&app.db, people).await?;
    let ids: Vec<i64> = found.iter().map(|i| i.case_id).collect();
    let cases = rows::rows(&app.db, me, rows::visible(me).filter(case::Column::Id.is_in(ids))).await?;
    let cases: HashMap<i64, rows::CaseRow> = cases.into_iter().map(|c| (c.id, c)).collect();
    let facts: Vec<_> = found.iter().map(|i| (i.state.0, i.settled_at.map(clock::day_of))).collect();
    let items = items::item_rows(app, found).await?;
    let row = |(item, (state, bounced_on)): (PaymentItemRow, (PaymentItemState, Option<NaiveDate>))| {
        let correction = last.remove(&item.id);
        let fact =
            CorrectionFact { item: state, last: correction.as_ref().map(|c| (c.state.0, UserId(c.asked_by_id))) };
        let may_ask = (me.may(Permission::EnterExpenses) || me.may(Permission::ConfirmPayments))
            && correction_blockers(fact, false, me.id).is_empty();
        let waits = state == PaymentItemState::Bounced
            && correction.as_ref().is_some_and(|c| c.state.0 == CorrectionState::Proposed);
        let may_decide = waits && (me.may(Permission::ConfirmPayments) || me.may(Permission::ApproveChanges));
        let blockers = if may_decide { correction_blockers(fact, true, me.id) } else { Vec::new() };
        let view = |c: account_correction::Model| AccountCorrectionView {
            picture_url: c.sha256.is_some().then(|| format!("/api/bounced/{}/picture", c.item_id)),
            asked_by_name: rows::name(&users, c.asked_by_id),
            decided_by_name: c.decided_by_id.map(|id| rows::name(&users, id)),
            state: c.state.0,
            payee_name: c.payee_name,
            account_no: c.account_no.into_string(),
            bank_name: c.bank_name,
            reason: c.reason,
            asked_at: c.asked_at,
            decision_note: c.decision_note,
        };
        let case = cases.get(&item.case_id);
        BouncedRow {
            member_name: case.map(|c| c.member_name.clone()).unwrap_or_default(),
            unit_name: case.map(|c| c.unit_name.clone()).unwrap_or_default(),
            bounced_on,
            correction: correction.map(view),
            may_ask,
            may_decide,
            blockers: blockers.iter().map(|b| Notice::of(b, me.locale)).collect(),
            item,
        }
    };
    Ok(items.into_iter().zip(facts).map(row).collect())
}
