//! The list of what is to be paid, is on its way, and was paid.
use std::collections::HashMap;

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{Outcome, Stage},
    money::Fen,
    payment::{self as domain, PaymentItemState, put_blockers},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, ToPay};
use crate::{
    app::App,
    cases::{
        deadlines::{Deadlines, PaceView},
        due, rows,
    },
    entity::{case, case_payee, member, payment, payment_item},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::containing,
        error::{Problem, ProblemBody},
        messages::Notice,
        paging::{self, Paging},
    },
};

/// Which benefits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentTab {
    /// 待付款: the next batch may have them.
    Pending,
    /// 付款中: in a batch that isn't settled.
    Open,
    /// 已付款.
    Done,
}

/// The search form of 支付.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PaymentSearch {
    tab: PaymentTab,
    /// 案件号, 证件号码 or 姓名 of the 出险人.
    case_no: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// 领款人.
    payee_name: Option<String>,
    /// A part of the name of a payee's bank.
    bank_name: Option<String>,
    /// The least 互助金额, in fen.
    min_fen: Option<i64>,
    /// The most, in fen.
    max_fen: Option<i64>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// One benefit to be paid, or paid.
#[derive(Serialize, ToSchema)]
pub struct PaymentRow {
    id: i64,
    no: String,
    version: i64,
    org_name: String,
    unit_name: String,
    member_name: String,
    /// Who gets how much, and at a case to be paid what is due of it.
    payees: Vec<PayeePart>,
    /// 互助金额 in fen.
    benefit_fen: Fen,
    /// What the list is about: what is due, on its way or paid; in fen.
    amount_fen: Fen,
    /// When it was approved or, once paid, closed.
    stage_since: DateTime<Utc>,
    /// How long it has waited for its payment, while it does.
    pace: Option<PaceView>,
    approved_by_name: String,
    paid_on: Option<NaiveDate>,
    /// The batch that holds it, of a case on its way.
    batch_id: Option<i64>,
    batch_no: Option<String>,
    /// Whether something of it came back before.
    bounced: bool,
    /// Why the caller may not put it into a batch.
    blockers: Vec<Notice>,
}

/// What one payee gets.
#[derive(Serialize, ToSchema)]
pub struct PayeePart {
    name: String,
    account_no: String,
    bank_name: String,
    /// In fen.
    amount_fen: Fen,
}

/// A page of benefits with the sum of all pages.
#[derive(Serialize, ToSchema)]
pub struct PaymentPage {
    items: Vec<PaymentRow>,
    total: u64,
    page: u64,
    size: u64,
    /// Sum of everything found, in fen: what is due, on its way or paid.
    sum_fen: i64,
}

/// What is to be paid and on its way, oldest approval first, or was paid, newest first.
#[utoipa::path(post, path = "/api/payments/search", tag = "payment", request_body = PaymentSearch,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentPage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Json(search): Json<PaymentSearch>,
) -> Result<Json<PaymentPage>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(app.db.read(), &me, &search).await?;
    let total = match search.tab {
        PaymentTab::Done => paging::count(app.db.read(), select.clone()).await?,
        // A batch is made of exactly as many as were counted.
        PaymentTab::Pending | PaymentTab::Open => select.clone().count(app.db.read()).await?,
    };
    let sum_fen = sum(&app, &select, search.tab).await?;
    // What is closed came there when it was closed; by that it stands in an index.
    let (order, direction) = match search.tab {
        PaymentTab::Done => (case::Column::ClosedAt, Order::Desc),
        PaymentTab::Pending | PaymentTab::Open => (case::Column::StageSince, Order::Asc),
    };
    let found: Vec<i64> = select
        .order_by(order, direction)
        .limit(paging.size())
        .offset(paging.offset())
        .select_only()
        .column(case::Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let items = rows_of(&app, &me, found, search.tab).await?;
    Ok(Json(PaymentPage { items, total, page: paging.page(), size: paging.size(), sum_fen }))
}

/// What is due, on its way or paid of everything found.
async fn sum(app: &App, select: &Select<case::Entity>, tab: PaymentTab) -> Result<i64, Problem> {
    let benefits: Option<Option<i64>> = select
        .clone()
        .select_only()
        .column_as(Expr::col((case::Entity, case::Column::BenefitFen)).sum().cast_as("BIGINT"), "sum")
        .into_tuple()
        .one(app.db.read())
        .await?;
    let benefits = benefits.flatten().unwrap_or_default();
    if tab == PaymentTab::Done {
        return Ok(benefits);
    }
    use PaymentItemState as S;
    let ids = select.clone().select_only().column(case::Column::Id).into_query();
    let counted = match tab {
        PaymentTab::Open => [S::Draft, S::Sent],
        _ => [S::Paid, S::Bounced],
    };
    let items: Option<Option<i64>> = payment_item::Entity::find()
        .filter(payment_item::Column::CaseId.in_subquery(ids))
        .filter(payment_item::Column::State.is_in(counted.map(Coded)))
        .select_only()
        .column_as(Expr::col((payment_item::Entity, payment_item::Column::AmountFen)).sum().cast_as("BIGINT"), "sum")
        .into_tuple()
        .one(app.db.read())
        .await?;
    let items = items.flatten().unwrap_or_default();
    Ok(if tab == PaymentTab::Open { items } else { benefits - items })
}

async fn rows_of(app: &App, me: &Me, ids: Vec<i64>, tab: PaymentTab) -> Result<Vec<PaymentRow>, Problem> {
    let db = app.db.read();
    let found = case::Entity::find().filter(case::Column::Id.is_in(ids.clone())).all(db).await?;
    let nodes: Vec<i64> = found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)]).collect();
    let orgs = rows::org_names(&app.db, nodes).await?;
    let people: Vec<i64> = found.iter().filter_map(|f| f.approved_by_id).collect();
    let users = rows::user_names(&app.db, people).await?;
    let members = member::Entity::find().filter(member::Column::Id.is_in(found.iter().map(|f| f.member_id)));
    let members: HashMap<i64, String> = members.all(db).await?.into_iter().map(|m| (m.id, m.name)).collect();
    let mut paid: HashMap<i64, Vec<PayeePart>> = HashMap::new();
    if tab == PaymentTab::Done {
        let rows = payment::Entity::find().filter(payment::Column::CaseId.is_in(ids.clone()));
        for p in rows.order_by_asc(payment::Column::Position).all(db).await? {
            let part = PayeePart {
                name: p.payee_name,
                account_no: p.account_no.into_string(),
                bank_name: p.bank_name,
                amount_fen: Fen(p.amount_fen),
            };
            paid.entry(p.case_id).or_default().push(part);
        }
    }
    let cases = store::to_pay(db, found).await?;
    let of_items = cases.iter().flat_map(|c| c.last.values());
    let batches = store::batch_nos(db, of_items.clone().map(|i| i.batch_id).collect()).await?;
    let again = of_items.filter(|i| i.state.0 == PaymentItemState::Repaired).map(|i| i.id).collect();
    let accounts = store::approved_accounts(db, again).await?;
    let actor = me.actor();
    let deadlines = Deadlines::since(db, cases.iter().map(|c| c.row.stage_since)).await?;
    let row = |case: ToPay| {
        let payees = match tab {
            PaymentTab::Done => paid.remove(&case.row.id).unwrap_or_default(),
            PaymentTab::Pending => due_parts(&case, &accounts),
            PaymentTab::Open => open_items(&case).map(part_of).collect(),
        };
        let open = open_items(&case).next();
        let fact = case.fact(case.row.office_id, &batches);
        let blockers = if tab == PaymentTab::Pending { put_blockers(&fact, &actor) } else { Vec::new() };
        let f = &case.row;
        PaymentRow {
            amount_fen: payees.iter().map(|p| p.amount_fen).sum(),
            payees,
            batch_id: open.map(|i| i.batch_id),
            batch_no: open.and_then(|i| batches.get(&i.batch_id).cloned()),
            bounced: case.last.values().any(|i| i.replaces_id.is_some() || i.bounce_reason.is_some()),
            blockers: blockers.iter().map(|b| Notice::of(b, me.locale)).collect(),
            id: f.id,
            no: f.no.clone(),
            version: f.version,
            org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
            unit_name: rows::name(&orgs, f.unit_id),
            member_name: members.get(&f.member_id).cloned().unwrap_or_default(),
            benefit_fen: Fen(f.benefit_fen.unwrap_or_default()),
            stage_since: f.stage_since,
            pace: deadlines.pace(f.office_id, f.stage.0, f.stage_since, f.clock_stopped),
            approved_by_name: f.approved_by_id.map(|id| rows::name(&users, id)).unwrap_or_default(),
            paid_on: f.paid_on,
        }
    };
    let mut by_id: HashMap<i64, PaymentRow> = cases.into_iter().map(row).map(|r| (r.id, r)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

fn open_items(case: &ToPay) -> impl Iterator<Item = &payment_item::Model> {
    let mut open: Vec<&payment_item::Model> =
        case.last.values().filter(|i| matches!(i.state.0, PaymentItemState::Draft | PaymentItemState::Sent)).collect();
    open.sort_by_key(|i| i.position);
    open.into_iter()
}

fn part_of(item: &payment_item::Model) -> PayeePart {
    PayeePart {
        name: item.payee_name.clone(),
        account_no: item.account_no.as_str().to_owned(),
        bank_name: item.bank_name.clone(),
        amount_fen: Fen(item.amount_fen),
    }
}

/// What is due of a case, with the accounts that hold now.
fn due_parts(case: &ToPay, accounts: &HashMap<i64, crate::entity::account_correction::Model>) -> Vec<PayeePart> {
    let part = |share: &domain::Share| {
        let payee = usize::try_from(share.position).ok().and_then(|i| case.payees.get(i))?;
        let account = case.last.get(&share.position).and_then(|i| accounts.get(&i.id));
        Some(match account {
            Some(a) => PayeePart {
                name: a.payee_name.clone(),
                account_no: a.account_no.as_str().to_owned(),
                bank_name: a.bank_name.clone(),
                amount_fen: share.amount,
            },
            None => PayeePart {
                name: payee.name.clone(),
                account_no: payee.account_no.clone(),
                bank_name: payee.bank_name.clone(),
                amount_fen: share.amount,
            },
        })
    };
    domain::due(&case.shares).filter_map(part).collect()
}

/// The cases of the caller's branch that a search asks for.
///
/// # Errors
/// When the database fails.
pub(super) async fn narrowed(
    db: &impl ConnectionTrait,
    me: &Me,
    search: &PaymentSearch,
) -> Result<Select<case::Entity>, Problem> {
    use PaymentItemState as S;
    use case::Column as C;
    let mut select = rows::visible_about(me, search.case_no.as_deref());
    select = match search.tab {
        PaymentTab::Pending => select.filter(due::to_pay()),
        PaymentTab::Open => {
            select.filter(C::Stage.eq(Coded(Stage::Payment))).filter(due::with_item(&[S::Draft, S::Sent]))
        }
        PaymentTab::Done => select.filter(C::Outcome.eq(Coded(Outcome::Paid))),
    };
    if let Some(unit) = search.unit_id {
        select = select.filter(C::UnitId.eq(unit));
    }
    if let Some(least) = search.min_fen {
        select = select.filter(C::BenefitFen.gte(least));
    }
    if let Some(most) = search.max_fen {
        select = select.filter(C::BenefitFen.lte(most));
    }
    let payee = || case_payee::Entity::find().select_only().column(case_payee::Column::CaseId);
    if let Some(name) = rows::text(search.payee_name.as_deref()) {
        select = select.filter(C::Id.in_subquery(payee().filter(case_payee::Column::Name.eq(name)).into_query()));
    }
    if let Some(bank) = rows::text(search.bank_name.as_deref()) {
        let own = Expr::col((case_payee::Entity, case_payee::Column::CaseId)).equals((case::Entity, C::Id));
        let of = payee()
            .filter(own)
            .filter(Expr::col((case_payee::Entity, case_payee::Column::BankName)).like(containing(bank)));
        select = select.filter(Expr::exists(of.into_query()));
    }
    rows::of_org(db, select, search.org_id).await
}
