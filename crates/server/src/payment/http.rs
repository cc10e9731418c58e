//! The list of what is to be paid and was paid, and the confirmation.
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{Action, ActionKind, Outcome, Payee, Stage, State as CaseState},
    ids::CaseId,
    money::Fen,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{self, Act, rows, store},
    entity::{case, case_payee, member, payment},
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        paging::Paging,
    },
};

/// Cases that one confirmation can hold.
const MAX_AT_ONCE: usize = 200;

/// Whether what waits or what was paid is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentTab {
    /// 待支付.
    Pending,
    /// 已支付.
    Done,
}

/// The search form of 支付.
#[derive(Deserialize, ToSchema)]
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
    /// Who gets how much; the parts come to the 互助金额.
    payees: Vec<PayeePart>,
    /// 互助金额 in fen.
    benefit_fen: Fen,
    /// When it was approved or, once paid, closed.
    stage_since: DateTime<Utc>,
    approved_by_name: String,
    paid_on: Option<NaiveDate>,
    /// Whether the caller may confirm its payment.
    payable: bool,
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

/// The parts of a benefit by the payees' shares.
fn parts(payees: &[Payee], benefit: Fen) -> Vec<PayeePart> {
    let shares: Vec<u32> = payees.iter().map(|p| p.share).collect();
    let part = |(payee, amount_fen): (&Payee, Fen)| PayeePart {
        name: payee.name.clone(),
        account_no: payee.account_no.clone(),
        bank_name: payee.bank_name.clone(),
        amount_fen,
    };
    payees.iter().zip(benefit.split(&shares)).map(part).collect()
}

/// A page of benefits with the sum of all pages.
#[derive(Serialize, ToSchema)]
pub struct PaymentPage {
    items: Vec<PaymentRow>,
    total: u64,
    page: u64,
    size: u64,
    /// Sum of everything found, in fen.
    sum_fen: i64,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    no: String,
    version: i64,
    office_id: i64,
    agency_id: Option<i64>,
    unit_id: i64,
    member_name: String,
    benefit_fen: Option<i64>,
    stage_since: DateTime<Utc>,
    approved_by_id: Option<i64>,
    paid_on: Option<NaiveDate>,
}

/// What is to be paid, oldest approval first, or was paid, newest first.
#[utoipa::path(post, path = "/api/payments/search", tag = "payment", request_body = PaymentSearch,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentPage), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Json(search): Json<PaymentSearch>,
) -> Result<Json<PaymentPage>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(rows::visible(&me), &search);
    let total = select.clone().count(app.db.read()).await?;
    let sum: Option<Option<i64>> = select
        .clone()
        .select_only()
        .column_as(Expr::col((case::Entity, case::Column::BenefitFen)).sum().cast_as("BIGINT"), "sum")
        .into_tuple()
        .one(app.db.read())
        .await?;
    let order = if search.tab == PaymentTab::Pending { Order::Asc } else { Order::Desc };
    let found = select
        .order_by(case::Column::StageSince, order)
        .limit(paging.size())
        .offset(paging.offset())
        .select_only()
        .columns([case::Column::Id, case::Column::No, case::Column::Version, case::Column::OfficeId])
        .columns([case::Column::AgencyId, case::Column::UnitId, case::Column::BenefitFen])
        .columns([case::Column::StageSince, case::Column::ApprovedById, case::Column::PaidOn])
        .column_as(member::Column::Name, "member_name")
        .into_model::<Found>()
        .all(app.db.read())
        .await?;
    let orgs =
        rows::org_names(&app.db, found.iter().flat_map(|f| [f.unit_id, f.agency_id.unwrap_or(f.office_id)])).await?;
    let users = rows::user_names(&app.db, found.iter().filter_map(|f| f.approved_by_id)).await?;
    let mut payees = store::payees(app.db.read(), found.iter().map(|f| f.id).collect()).await?;
    let row = |f: Found| PaymentRow {
        payees: parts(&payees.remove(&f.id).unwrap_or_default(), Fen(f.benefit_fen.unwrap_or_default())),
        id: f.id,
        no: f.no,
        version: f.version,
        org_name: rows::name(&orgs, f.agency_id.unwrap_or(f.office_id)),
        unit_name: rows::name(&orgs, f.unit_id),
        member_name: f.member_name,
        benefit_fen: Fen(f.benefit_fen.unwrap_or_default()),
        stage_since: f.stage_since,
        approved_by_name: f.approved_by_id.map(|id| rows::name(&users, id)).unwrap_or_default(),
        payable: search.tab == PaymentTab::Pending && f.approved_by_id != Some(me.id.0),
        paid_on: f.paid_on,
    };
    let items = found.into_iter().map(row).collect();
    let sum_fen = sum.flatten().unwrap_or_default();
    Ok(Json(PaymentPage { items, total, page: paging.page(), size: paging.size(), sum_fen }))
}

fn narrowed(mut select: Select<case::Entity>, search: &PaymentSearch) -> Select<case::Entity> {
    select = match search.tab {
        PaymentTab::Pending => select.filter(case::Column::Stage.eq(Coded(Stage::Payment))),
        PaymentTab::Done => select.filter(case::Column::Outcome.eq(Coded(Outcome::Paid))),
    };
    select = rows::of_text(select, search.case_no.as_deref());
    if let Some(unit) = search.unit_id {
        select = select.filter(case::Column::UnitId.eq(unit));
    }
    if let Some(name) = rows::text(search.payee_name.as_deref()) {
        let named = case_payee::Entity::find().select_only().column(case_payee::Column::CaseId);
        let named = named.filter(case_payee::Column::Name.eq(name)).into_query();
        select = select.filter(case::Column::Id.in_subquery(named));
    }
    rows::of_org(select, search.org_id)
}

/// One case of a confirmation.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaidCase {
    /// The case.
    pub id: i64,
    /// The version that the caller saw.
    pub version: i64,
}

/// 确认支付.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentConfirmation {
    /// At most 200.
    pub cases: Vec<PaidCase>,
    /// The day the money left.
    pub paid_on: NaiveDate,
    /// A remark.
    pub note: Option<String>,
}

/// What was confirmed.
#[derive(Serialize, ToSchema)]
pub struct PaymentsConfirmed {
    /// How many cases.
    confirmed: usize,
    /// Their sum in fen.
    total_fen: i64,
}

/// 确认支付: closes the cases, all of them or none.
#[utoipa::path(post, path = "/api/payments/confirm", tag = "payment", request_body = PaymentConfirmation,
    extensions(("x-right" = json!("confirm_payments"))),
    responses((status = 200, body = PaymentsConfirmed), (status = "4XX", body = ProblemBody)))]
pub(super) async fn confirm(
    State(app): State<App>,
    me: Acting<can::ConfirmPayments>,
    Json(asked): Json<PaymentConfirmation>,
) -> Result<Json<PaymentsConfirmed>, Problem> {
    confirm_all(&app, &me, asked).await.map(Json)
}

/// Closes the cases of a confirmation, all of them or none.
///
/// # Errors
/// As for every act; none of the cases is closed then.
pub async fn confirm_all(app: &App, me: &Me, mut asked: PaymentConfirmation) -> Result<PaymentsConfirmed, Problem> {
    if asked.cases.is_empty() || asked.cases.len() > MAX_AT_ONCE {
        return Err(Problem::invalid_field("cases", if asked.cases.is_empty() { "required" } else { "too_many" }));
    }
    // One order for everybody, so that two confirmations never wait for each other's rows.
    asked.cases.sort_unstable_by_key(|c| c.id);
    asked.cases.dedup_by_key(|c| c.id);
    let tx = app.db.begin().await?;
    let mut total = Fen::ZERO;
    for paid in &asked.cases {
        let id = CaseId(paid.id);
        let act = Act::new(Action::ConfirmPayment { paid_on: asked.paid_on }, paid.version).because(asked.note.clone());
        let acted = match cases::act_in(&tx, app, me, id, act).await {
            Ok(acted) => acted,
            Err(problem) => {
                drop(tx);
                return Err(cases::refused(app, me, id, ActionKind::ConfirmPayment, problem).await);
            }
        };
        let row = acted.before;
        let CaseState::Payment { benefit, .. } = cases::state::Evidence::from(&row).case()?.state else {
            return Err(Problem::internal("a paid case was not to be paid"));
        };
        let payees = store::payees(&tx, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
        let rows = (0..).zip(parts(&payees, benefit)).map(|(position, part)| payment::ActiveModel {
            case_id: Set(row.id),
            position: Set(position),
            amount_fen: Set(part.amount_fen.0),
            payee_name: Set(part.name),
            account_no: Set(part.account_no),
            bank_name: Set(part.bank_name),
            paid_on: Set(asked.paid_on),
            note: Set(asked.note.clone().unwrap_or_default()),
            confirmed_at: Set(clock::now()),
            confirmed_by_id: Set(me.id.0),
            ..Default::default()
        });
        payment::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        total = Fen(total.0 + benefit.0);
    }
    tx.commit().await?;
    Ok(PaymentsConfirmed { confirmed: asked.cases.len(), total_fen: total.0 })
}
