//! 查询 and 导出.
use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{
    case::{CaseSource, Outcome, Stage},
    claim_type::ClaimType,
    money::Fen,
    permission::Permission,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    export::{self, File},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        messages::Locale,
        paging::{Page, Paging},
        xlsx::{Cell, Column},
    },
};

/// Which date 案件日期 means.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// 受理日期.
    #[default]
    Accepted,
    /// 结案日期.
    Closed,
}

/// The search form of 申领查询 (manual 1.3).
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct InquirySearch {
    /// 案件号.
    pub case_no: Option<String>,
    /// 证件号码, or name.
    pub id_number: Option<String>,
    /// 案件状态: how the case ended.
    pub outcome: Option<Outcome>,
    /// Which date 案件日期 means.
    pub date_kind: DateKind,
    /// 案件日期, from.
    pub from: Option<NaiveDate>,
    /// 案件日期, to.
    pub to: Option<NaiveDate>,
    /// 操作人: who accepted, entered or closed; name or sign-in name.
    pub operator: Option<String>,
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
}

/// A case that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InquiryRow {
    /// The case.
    pub id: i64,
    /// 案件号.
    pub no: String,
    /// 姓名.
    pub member_name: String,
    /// 证件号码.
    pub id_number: String,
    /// 案件来源.
    pub source: CaseSource,
    /// 保障活动名称.
    pub plan_name: String,
    /// 互助金类型.
    pub liability_name: String,
    /// 案件状态.
    pub stage: Stage,
    /// Whether it came back from review.
    pub returned: bool,
    /// Whether it corrects another case (更正).
    pub correction: bool,
    /// Who works on it.
    pub holder_name: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 互助金额 in fen: what was decided; of a case that is still on its way, what was computed last.
    pub benefit_fen: Option<Fen>,
    /// 申领次数: which claim of the coverage period.
    pub claim_ordinal: Option<i32>,
    /// 受理机构.
    pub org_name: String,
    /// 参保单位.
    pub unit_name: String,
    /// 受理日期.
    pub accepted_on: NaiveDate,
    /// 处理日期 (结案).
    pub closed_on: Option<NaiveDate>,
    /// 操作人: who closed it.
    pub operator_name: String,
}

/// Closed cases of the unit side.
#[utoipa::path(post, path = "/api/inquiry/search", tag = "inquiry", request_body = InquirySearch,
    extensions(("x-right" = json!("inquire_cases"))),
    responses((status = 200, body = Page<InquiryRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireCases>,
    Json(search): Json<InquirySearch>,
) -> Result<Json<Page<InquiryRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    store::page(&app.db, &me, &search, paging).await.map(Json)
}

const FILE: File =
    File {
        right: Permission::InquireCases, act: "export_cases", name: "claims", sheet: "申领查询", columns: &COLUMNS
    };

const COLUMNS: [Column; 13] = [
    Column { title: "案件号", width: 24 },
    Column { title: "姓名", width: 12 },
    Column { title: "证件号码", width: 22 },
    Column { title: "案件状态", width: 12 },
    Column { title: "处理结果", width: 12 },
    Column { title: "申领类型", width: 16 },
    Column { title: "互助金额（元）", width: 16 },
    Column { title: "申领次数", width: 10 },
    Column { title: "受理机构", width: 18 },
    Column { title: "参保单位", width: 26 },
    Column { title: "受理日期", width: 12 },
    Column { title: "处理日期", width: 12 },
    Column { title: "操作人", width: 12 },
];

/// 导出: all the cases found as an Excel file.
#[utoipa::path(post, path = "/api/inquiry/export", tag = "inquiry", request_body = InquirySearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<InquirySearch>,
) -> Result<Response, Problem> {
    let select = store::narrowed(&app.db, &me, &search).await?;
    let next = |before| store::batch(&app.db, select.clone(), before);
    export::answer(&app, &me, FILE, next, |row| cells(row, me.locale)).await
}

fn cells(row: &InquiryRow, locale: Locale) -> Vec<Cell> {
    vec![
        Cell::Text(row.no.clone()),
        Cell::Text(row.member_name.clone()),
        Cell::Number(row.id_number.clone()),
        export::word(locale, "stage", row.stage.into()),
        row.outcome.map_or(Cell::Empty, |o| export::word(locale, "outcome", o.into())),
        export::word(locale, "claim_type", row.claim_type.into()),
        row.benefit_fen.map_or(Cell::Empty, |f| Cell::Money(f.0)),
        row.claim_ordinal.map_or(Cell::Empty, |n| Cell::Count(n.into())),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        Cell::Day(row.accepted_on),
        row.closed_on.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.operator_name.clone()),
    ]
}
