//! The pool of 费用录入, the draft, 申领计算, 申领提交.
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::NaiveDate;
use huzhu_domain::{
    calendar::Pace,
    case::{Action, Incident, MAX_INJURIES, MAX_PAYEES, MAX_TEXT, Payee, Stage, WHOLE_SHARE},
    claim_type::ClaimType,
    ids::CaseId,
    money::MAX_AMOUNT,
    statement::{HospitalLevel, StatementDraft},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::{
        self, Act, deadlines,
        file::{CaseFile, WarningReason},
        http::Seen,
        rows::{self, CaseRow, RowOrder},
        store::{self, Change},
        view::{self, CaseView},
    },
    entity::{case, hospital},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::{beginning, containing},
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
};

/// Statements that one case can hold.
const MAX_STATEMENTS: usize = 20;

/// Whether the pool's or one's own cases are wanted.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpenseTab {
    /// 待处理.
    Pending,
    /// 处理中.
    Mine,
}

/// The search form of 费用录入 (manual 1.2).
#[derive(Deserialize, ToSchema)]
pub struct ExpenseSearch {
    tab: ExpenseTab,
    /// 案件号.
    case_no: Option<String>,
    /// 出险人: name, ID number or 案件号.
    member: Option<String>,
    /// 申领类型.
    claim_type: Option<ClaimType>,
    /// 受理日期, from.
    accepted_from: Option<NaiveDate>,
    /// 受理日期, to.
    accepted_to: Option<NaiveDate>,
    /// How they keep to the limit of their stage.
    pace: Option<Pace>,
    /// Newest acceptance first where absent.
    order: Option<RowOrder>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

/// The 工作池 of 费用录入.
#[utoipa::path(post, path = "/api/expenses/search", tag = "expenses", request_body = ExpenseSearch,
    extensions(("x-right" = json!("enter_expenses"))),
    responses((status = 200, body = Page<CaseRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::EnterExpenses>,
    Json(search): Json<ExpenseSearch>,
) -> Result<Json<Page<CaseRow>>, Problem> {
    let mut select = rows::visible_about(&me, search.member.as_deref())
        .filter(rows::open())
        .filter(case::Column::Stage.eq(Coded(Stage::ExpenseEntry)));
    select = match search.tab {
        ExpenseTab::Pending => select.filter(case::Column::HolderId.is_null()),
        ExpenseTab::Mine => select.filter(case::Column::HolderId.eq(me.id.0)),
    };
    if let Some(no) = rows::text(search.case_no.as_deref()) {
        select = select.filter(case::Column::No.eq(no.to_uppercase()));
    }
    if let Some(claim_type) = search.claim_type {
        select = select.filter(case::Column::ClaimType.eq(Coded(claim_type)));
    }
    select = rows::between(select, case::Column::AcceptedOn, search.accepted_from, search.accepted_to);
    let select = deadlines::narrowed(app.db.read(), select, search.pace).await?;
    let order = search.order.unwrap_or_default();
    rows::page_in(&app.db, &me, select, order, Paging { page: search.page, size: search.size }).await.map(Json)
}

/// A draft of the expense entry, as far as it goes; it replaces the one before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    /// The version that the caller saw.
    pub version: i64,
    /// 领款人信息: one, or several with shares where the member died.
    pub payees: Vec<Payee>,
    /// 出险信息.
    pub incident: Incident,
    /// 结算单信息.
    pub statements: Vec<StatementDraft>,
    /// Reasons for warnings, by code and statement.
    pub warning_reasons: Vec<WarningReason>,
}

impl DraftRequest {
    /// What not even a draft may be: too long, too many, or amounts that can't be.
    fn issues(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut wrong = |field: String, code: &str| out.push((field, code.to_owned()));
        for (i, payee) in self.payees.iter().enumerate() {
            let texts = [
                ("name", &payee.name),
                ("phone", &payee.phone),
                ("account_no", &payee.account_no),
                ("bank_name", &payee.bank_name),
            ];
            for (field, _) in texts.iter().filter(|(_, text)| text.chars().count() > MAX_TEXT) {
                wrong(format!("payees.{i}.{field}"), "too_long");
            }
            if payee.share > WHOLE_SHARE {
                wrong(format!("payees.{i}.share"), "too_large");
            }
        }
        let words = self.incident.injuries.iter().map(|i| &i.part).chain([&self.incident.cause]);
        if words.into_iter().any(|text| text.chars().count() > MAX_TEXT) {
            wrong("incident.cause".to_owned(), "too_long");
        }
        if self.payees.len() > MAX_PAYEES {
            wrong("payees".to_owned(), "too_many");
        }
        if self.incident.injuries.len() > MAX_INJURIES {
            wrong("incident.injuries".to_owned(), "too_many");
        }
        if self.statements.len() > MAX_STATEMENTS {
            wrong("statements".to_owned(), "too_many");
        }
        for (i, s) in self.statements.iter().enumerate() {
            for (name, amount) in s.amounts() {
                if amount.is_some_and(|a| a.0 < 0) {
                    wrong(format!("statements.{i}.{name}"), "negative");
                } else if amount.is_some_and(|a| a > MAX_AMOUNT) {
                    wrong(format!("statements.{i}.{name}"), "too_large");
                }
            }
            for (name, text) in s.texts() {
                if text.chars().count() > MAX_TEXT {
                    wrong(format!("statements.{i}.{name}"), "too_long");
                }
            }
        }
        for reason in &self.warning_reasons {
            if reason.reason.chars().count() > MAX_TEXT {
                wrong("warning_reasons".to_owned(), "too_long");
            }
        }
        out
    }
}

/// 保存: keeps a draft.
#[utoipa::path(put, path = "/api/cases/{id}/draft", tag = "expenses", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enter_expenses"))), request_body = DraftRequest,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn save_draft(
    State(app): State<App>,
    me: Acting<can::EnterExpenses>,
    Path(id): Path<i64>,
    Json(draft): Json<DraftRequest>,
) -> Result<Json<CaseView>, Problem> {
    let id = CaseId(id);
    save_draft_of(&app, &me, id, draft).await?;
    view::load(&app, &me, id).await.map(Json)
}

/// Keeps a draft.
///
/// # Errors
/// 422 where not even a draft may be so, and as for every act.
pub async fn save_draft_of(app: &App, me: &Me, id: CaseId, draft: DraftRequest) -> Result<(), Problem> {
    let issues = draft.issues();
    if !issues.is_empty() {
        return Err(Problem::invalid(issues));
    }
    let mut act = Act::new(Action::SaveDraft, draft.version);
    act.data = json!({ "statements": draft.statements.len() });
    let reasons = serde_json::to_string(&draft.warning_reasons)?;
    act.change = Change { entry: Some((draft.incident, reasons)), ..Change::default() };
    let tx = app.db.begin().await?;
    let done = match cases::act_in(&tx, app, me, id, act).await {
        Ok(_) => replace(&tx, id, &draft.payees, &draft.statements).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => tx.commit().await?,
        Err(problem) => {
            drop(tx);
            return Err(cases::refused(app, me, id, huzhu_domain::case::ActionKind::SaveDraft, problem).await);
        }
    }
    Ok(())
}

async fn replace(
    tx: &sea_orm::DatabaseTransaction,
    id: CaseId,
    payees: &[Payee],
    statements: &[StatementDraft],
) -> Result<(), Problem> {
    store::replace_payees(tx, id, payees).await?;
    store::replace_statements(tx, id, statements).await
}

/// 申领计算: computes the 互助金额 from what is saved, and keeps it with its trace.
#[utoipa::path(post, path = "/api/cases/{id}/calculate", tag = "expenses", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enter_expenses"))), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn calculate(
    State(app): State<App>,
    me: Acting<can::EnterExpenses>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    calculate_case(&app, &me, CaseId(id), seen.version).await?;
    view::load(&app, &me, CaseId(id)).await.map(Json)
}

/// Computes the benefit from what is saved and keeps it.
///
/// # Errors
/// 422 naming the fields without which nothing can be computed, and as for every act.
pub async fn calculate_case(app: &App, me: &Me, id: CaseId, version: i64) -> Result<(), Problem> {
    let row = store::find(app.db.read(), me, id).await?;
    let file = CaseFile::load(app.db.read(), app, row).await?;
    let calculation = file.calculate().map_err(Problem::invalid)?;
    let trace = serde_json::to_string(&calculation.trace)?;
    let mut act = Act::new(Action::Calculate, version);
    act.data = json!({ "amount_fen": calculation.amount.0 });
    act.change = Change { calculation: Some((calculation.amount, trace)), ..Change::default() };
    cases::perform(app, me, id, act).await.map(|_| ())
}

/// 申领提交: finishes the expense entry and sends the case to 申领初审.
#[utoipa::path(post, path = "/api/cases/{id}/submit", tag = "expenses", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enter_expenses"))), request_body = Seen,
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn submit(
    State(app): State<App>,
    me: Acting<can::EnterExpenses>,
    Path(id): Path<i64>,
    Json(seen): Json<Seen>,
) -> Result<Json<CaseView>, Problem> {
    cases::act(&app, &me, CaseId(id), Act::new(Action::Submit, seen.version)).await.map(Json)
}

/// Which hospitals are looked for.
#[derive(Deserialize, ToSchema)]
pub struct HospitalQuery {
    /// Part of the name, or the beginning of its pinyin initials.
    text: Option<String>,
}

/// A hospital of the dictionary.
#[derive(Serialize, ToSchema)]
pub struct HospitalOption {
    id: i64,
    name: String,
    /// 医院等级.
    level: HospitalLevel,
    region: String,
}

/// Hospitals by name or pinyin initials.
#[utoipa::path(post, path = "/api/hospitals/options", tag = "expenses", request_body = HospitalQuery,
    responses((status = 200, body = [HospitalOption]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn hospital_options(
    State(app): State<App>,
    _me: Acting<can::Anything>,
    Json(query): Json<HospitalQuery>,
) -> Result<Json<Vec<HospitalOption>>, Problem> {
    let mut select = hospital::Entity::find().filter(hospital::Column::Active.eq(true));
    if let Some(text) = rows::text(query.text.as_deref()) {
        let by_initials = hospital::Column::Initials.like(beginning(&text.to_lowercase()));
        select = select.filter(hospital::Column::Name.like(containing(text)).or(by_initials));
    }
    let found = select.order_by_asc(hospital::Column::Name).limit(20).all(app.db.read()).await?;
    let option = |h: hospital::Model| HospitalOption { id: h.id, name: h.name, level: h.level.0, region: h.region };
    Ok(Json(found.into_iter().map(option).collect()))
}
