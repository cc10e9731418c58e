//! 案件查询: cases of all stages and sources.
use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{
    case::{CaseSource, Outcome, Stage},
    claim_type::ClaimType,
    permission::Permission,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, SimpleExpr},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{http::InquiryRow, store};
use crate::{
    app::App,
    cases::rows,
    entity::{case, case_event, coverage},
    export::{self, File, Row},
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::Db,
        error::{Problem, ProblemBody},
        messages::Locale,
        paging::{Page, Paging},
        xlsx::{Cell, Column},
    },
};

/// The search form of 案件查询.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CaseSearch {
    /// 案件号, 证件号码 or 姓名.
    text: Option<String>,
    /// 所属机构.
    org_id: Option<i64>,
    /// 参保单位.
    unit_id: Option<i64>,
    /// 申领类型.
    claim_type: Option<ClaimType>,
    /// 案件状态.
    stage: Option<Stage>,
    /// How it ended.
    outcome: Option<Outcome>,
    /// 案件来源.
    source: Option<CaseSource>,
    /// Code of the 保障活动.
    plan: Option<String>,
    /// 受理日期, from.
    accepted_from: Option<NaiveDate>,
    /// 受理日期, to.
    accepted_to: Option<NaiveDate>,
    /// 处理日期, from.
    closed_from: Option<NaiveDate>,
    /// 处理日期, to.
    closed_to: Option<NaiveDate>,
    /// 互助金额 at least, in fen.
    amount_from_fen: Option<i64>,
    /// 互助金额 at most, in fen.
    amount_to_fen: Option<i64>,
    /// 操作人: who accepted, entered or closed; name or sign-in name.
    operator: Option<String>,
    /// Whether it came back from review.
    returned: Option<bool>,
    /// Whether it corrects another case.
    correction: Option<bool>,
    /// Not closed yet.
    open: Option<bool>,
    /// With `org_id`: its own cases alone, without those of its agencies.
    direct: Option<bool>,
    /// Coded reason of a denial or withdrawal.
    close_reason: Option<String>,
    /// Day of the first 申领提交, from.
    submitted_from: Option<NaiveDate>,
    /// Day of the first 申领提交, to.
    submitted_to: Option<NaiveDate>,
    /// Day of the first 退回, from.
    returned_from: Option<NaiveDate>,
    /// Day of the first 退回, to.
    returned_to: Option<NaiveDate>,
    /// First day of the coverage, from.
    begins_from: Option<NaiveDate>,
    /// First day of the coverage, to.
    begins_to: Option<NaiveDate>,
    /// A stage that it has left, if it was ever there.
    passed: Option<Stage>,
    /// From 1.
    page: Option<u64>,
    /// Rows a page.
    size: Option<u64>,
}

async fn narrowed(db: &Db, me: &Me, search: &CaseSearch) -> Result<Select<case::Entity>, Problem> {
    use case::Column as C;
    let by = store::by_operator(db, search.operator.as_deref()).await?;
    let holds = by.into_iter().chain(amount(search.amount_from_fen, search.amount_to_fen));
    let mut select =
        store::visible(db, me, search.text.as_deref(), holds).await?.filter(C::Stage.ne(Coded(Stage::Deleted)));
    select = rows::of_org(db.replica(), select, search.org_id).await?;
    select = rows::between(select, C::AcceptedOn, search.accepted_from, search.accepted_to);
    select = rows::between(select, C::ClosedOn, search.closed_from, search.closed_to);
    select = rows::between(select, C::SubmittedOn, search.submitted_from, search.submitted_to);
    select = rows::between(select, C::ReturnedOn, search.returned_from, search.returned_to);
    let plan = rows::text(search.plan.as_deref()).map(|code| C::PlanVersionId.in_subquery(rows::versions_of(code)));
    let all = Condition::all()
        .add_option(search.unit_id.map(|id| C::UnitId.eq(id)))
        .add_option(search.claim_type.map(|t| C::ClaimType.eq(Coded(t))))
        .add_option(search.stage.map(|s| C::Stage.eq(Coded(s))))
        .add_option(search.outcome.map(|o| C::Outcome.eq(Coded(o))))
        .add_option(search.source.map(|s| C::Source.eq(Coded(s))))
        .add_option(search.returned.map(|r| C::Returned.eq(r)))
        .add_option(
            search.correction.map(|yes| if yes { C::CorrectsId.is_not_null() } else { C::CorrectsId.is_null() }),
        )
        .add_option(search.open.map(open))
        .add_option(search.direct.filter(|d| *d).and(search.org_id).map(direct))
        .add_option(rows::text(search.close_reason.as_deref()).map(|r| C::CloseReason.eq(r)))
        .add_option(covered(search.begins_from, search.begins_to))
        .add_option(search.passed.map(passed))
        .add_option(plan);
    Ok(select.filter(all))
}

fn open(is: bool) -> SimpleExpr {
    let ends = [Stage::Closed, Stage::Deleted].map(Coded);
    if is { rows::open() } else { case::Column::Stage.is_in(ends) }
}

/// Cases whose 所属机构 is this node itself, no agency below it.
fn direct(org_id: i64) -> Condition {
    Condition::any().add(case::Column::AgencyId.is_null()).add(case::Column::AgencyId.eq(org_id))
}

/// Cases under a coverage that begins on days from–to.
fn covered(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<SimpleExpr> {
    use coverage::Column as C;
    from.or(to)?;
    let days =
        Condition::all().add_option(from.map(|d| C::PeriodFrom.gte(d))).add_option(to.map(|d| C::PeriodFrom.lte(d)));
    let begun = coverage::Entity::find().select_only().column(C::Id).filter(days).into_query();
    Some(case::Column::CoverageId.in_subquery(begun))
}

/// Cases that have left a stage.
fn passed(stage: Stage) -> Condition {
    use case_event::Column as E;
    let there = case_event::Entity::find()
        .select_only()
        .column(E::Id)
        .filter(Expr::col((case_event::Entity, E::CaseId)).equals((case::Entity, case::Column::Id)))
        .filter(E::ToStage.eq(Coded(stage)))
        .into_query();
    Condition::all().add(case::Column::Stage.ne(Coded(stage))).add(Expr::exists(there))
}

/// The 互助金额 as the row shows it: what was decided, of a case on its way what was computed last.
fn amount(from: Option<i64>, to: Option<i64>) -> Option<Condition> {
    use case::Column as C;
    from.or(to)?;
    let within = |c: C| Condition::all().add_option(from.map(|f| c.gte(f))).add_option(to.map(|t| c.lte(t)));
    let computed = within(C::CalculatedFen).add(C::BenefitFen.is_null()).add(C::Outcome.is_null());
    Some(Condition::any().add(within(C::BenefitFen)).add(computed))
}

/// Cases of all stages in one's branch, newest acceptance first.
#[utoipa::path(post, path = "/api/inquiry/cases/search", tag = "inquiry", operation_id = "cases", request_body = CaseSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<InquiryRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<CaseSearch>,
) -> Result<Json<Page<InquiryRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    store::page_of(&app.db, narrowed(&app.db, &me, &search).await?, case::Column::AcceptedAt, paging).await.map(Json)
}

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_all_cases",
    name: "cases",
    sheet: "案件查询",
    columns: &COLUMNS,
};

const COLUMNS: [Column; 19] = [
    Column { title: "案件号", width: 24 },
    Column { title: "姓名", width: 12 },
    Column { title: "证件号码", width: 22 },
    Column { title: "所属机构", width: 18 },
    Column { title: "参保单位", width: 26 },
    Column { title: "保障活动", width: 34 },
    Column { title: "申领类型", width: 16 },
    Column { title: "互助金类型", width: 20 },
    Column { title: "案件来源", width: 10 },
    Column { title: "案件状态", width: 12 },
    Column { title: "处理结果", width: 12 },
    Column { title: "退回", width: 8 },
    Column { title: "互助金额（元）", width: 16 },
    Column { title: "申领次数", width: 10 },
    Column { title: "受理日期", width: 12 },
    Column { title: "处理日期", width: 12 },
    Column { title: "处理人", width: 12 },
    Column { title: "操作人", width: 12 },
    Column { title: "更正", width: 8 },
];

impl Row for InquiryRow {
    fn id(&self) -> i64 {
        self.id
    }
}

/// 导出: all the cases found as an Excel file.
#[utoipa::path(post, path = "/api/inquiry/cases/export", tag = "inquiry", operation_id = "export_all_cases", request_body = CaseSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<CaseSearch>,
) -> Result<Response, Problem> {
    let select = narrowed(&app.db, &me, &search).await?;
    let next = |before| store::batch(&app.db, select.clone(), before);
    export::answer(&app, &me, FILE, next, |row| cells(row, me.locale)).await
}

fn cells(row: &InquiryRow, locale: Locale) -> Vec<Cell> {
    vec![
        Cell::Text(row.no.clone()),
        Cell::Text(row.member_name.clone()),
        Cell::Number(row.id_number.clone()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        Cell::Text(row.plan_name.clone()),
        export::word(locale, "claim_type", row.claim_type.into()),
        Cell::Text(row.liability_name.clone()),
        export::word(locale, "source", row.source.into()),
        export::word(locale, "stage", row.stage.into()),
        row.outcome.map_or(Cell::Empty, |o| export::word(locale, "outcome", o.into())),
        export::yes(locale, row.returned),
        row.benefit_fen.map_or(Cell::Empty, |f| Cell::Money(f.0)),
        row.claim_ordinal.map_or(Cell::Empty, |n| Cell::Count(n.into())),
        Cell::Day(row.accepted_on),
        row.closed_on.map_or(Cell::Empty, Cell::Day),
        row.holder_name.clone().map_or(Cell::Empty, Cell::Text),
        Cell::Text(row.operator_name.clone()),
        export::yes(locale, row.correction),
    ]
}
