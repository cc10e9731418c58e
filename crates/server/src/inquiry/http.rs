//! 查询 and 导出.
use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{
    case::{Outcome, Stage},
    claim_type::ClaimType,
    money::Fen,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    audit,
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
        messages,
        paging::{Page, Paging},
        xlsx::{self, Cell, Column, MAX_ROWS, Sheet},
    },
};

/// Rows that an export reads at a time.
const BATCH: u64 = 2_000;

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

/// A closed case.
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
    /// 案件状态.
    pub stage: Stage,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 互助金额 in fen; null where nothing was paid.
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
    let file = write(&app, &me, &search).await?;
    audit::note(&app.db, Some(me.id.0), "export_cases", "", "done").await?;
    Ok(xlsx::answer(file, &format!("claims-{}.xlsx", clock::today().format("%Y%m%d"))))
}

async fn write(app: &App, me: &Me, search: &InquirySearch) -> Result<std::fs::File, Problem> {
    let mut sheet = Sheet::new("申领查询", &COLUMNS).map_err(Problem::internal)?;
    let mut before = None;
    let mut rows: u32 = 0;
    loop {
        let batch = store::batch(&app.db, me, search, before, BATCH).await?;
        let Some(last) = batch.last() else { break };
        before = Some(last.id);
        rows = rows.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        if rows > MAX_ROWS {
            return Err(Problem::refused(&[json!({ "code": "too_many_rows", "args": { "max": MAX_ROWS } })]));
        }
        let (locale, full) = (me.locale, batch.len() as u64 == BATCH);
        sheet = tokio::task::spawn_blocking(move || {
            for row in &batch {
                sheet.push(&cells(row, locale))?;
            }
            Ok::<_, rust_xlsxwriter::XlsxError>(sheet)
        })
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
        if !full {
            break;
        }
    }
    let dir = app.config.data_dir.join("uploads");
    tokio::task::spawn_blocking(move || sheet.into_file(&dir)).await.map_err(Problem::internal)?
}

fn cells(row: &InquiryRow, locale: messages::Locale) -> [Cell; 13] {
    let word = |name: &str, code: &str| Cell::Text(messages::word(locale, name, &Value::from(code)));
    [
        Cell::Text(row.no.clone()),
        Cell::Text(row.member_name.clone()),
        Cell::Text(row.id_number.clone()),
        word("stage", row.stage.into()),
        row.outcome.map_or(Cell::Empty, |o| word("outcome", o.into())),
        word("claim_type", row.claim_type.into()),
        row.benefit_fen.map_or(Cell::Empty, |f| Cell::Money(f.0)),
        row.claim_ordinal.map_or(Cell::Empty, |n| Cell::Count(n.into())),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        Cell::Day(row.accepted_on),
        row.closed_on.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.operator_name.clone()),
    ]
}
