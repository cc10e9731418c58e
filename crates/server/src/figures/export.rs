//! 导出 of a report: every row, and the total as the last one.
use axum::{Json, extract::State, response::Response};
use huzhu_domain::{case::DenyReason, permission::Permission};

use super::{
    http::{self, ReportSearch},
    key::Dimension,
    report::FigureRow,
};
use crate::{
    app::App,
    cases::deadlines::STAGES,
    export::{self, File, Row},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        messages::Locale,
        xlsx::{Cell, Column},
    },
};

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_figures",
    name: "figures",
    sheet: "统计报表",
    columns: &COLUMNS,
};

const REASONS: [DenyReason; 11] = {
    use DenyReason as R;
    [
        R::NotCovered,
        R::WaitingPeriod,
        R::CoverEnded,
        R::TimesUsedUp,
        R::AmountUsedUp,
        R::DuplicateInvoice,
        R::OverlappingStay,
        R::OutOfScope,
        R::PastDeadline,
        R::Excluded,
        R::Other,
    ]
};

const fn column(title: &'static str, width: u16) -> Column {
    Column { title, width }
}

const COLUMNS: [Column; 44] = [
    column("统计项", 28),
    column("受理（件）", 11),
    column("首次提交（件）", 14),
    column("退回（件）", 11),
    column("结案（件）", 11),
    column("已给付（件）", 12),
    column("给付金额（元）", 16),
    column("不予给付（件）", 14),
    column("撤案（件）", 11),
    column("已更正（件）", 12),
    column("已追回（件）", 12),
    column("已核销（件）", 12),
    column("追回金额（元）", 16),
    column("保障（份次）", 12),
    column("保障费用（元）", 16),
    column("其中未设费用（份次）", 20),
    column("保障期内给付（件）", 18),
    column("保障期内给付（元）", 18),
    column("赔付率（%）", 12),
    column("全程平均（天）", 14),
    column("全程九成（天）", 14),
    column("材料上传平均（天）", 18),
    column("材料上传九成（天）", 18),
    column("费用录入平均（天）", 18),
    column("费用录入九成（天）", 18),
    column("申领初审平均（天）", 18),
    column("申领初审九成（天）", 18),
    column("申领复审平均（天）", 18),
    column("申领复审九成（天）", 18),
    column("待支付平均（天）", 16),
    column("待支付九成（天）", 16),
    column("追回平均（天）", 16),
    column("追回九成（天）", 16),
    column("不予给付：出险日不在保障区间", 26),
    column("不予给付：观察期内", 18),
    column("不予给付：保障责任已终止", 24),
    column("不予给付：次数已用完", 20),
    column("不予给付：额度已用完", 20),
    column("不予给付：票据重复", 18),
    column("不予给付：住院时间重叠", 22),
    column("不予给付：不属于保障范围", 24),
    column("不予给付：超过申领期限", 22),
    column("不予给付：责任免除", 18),
    column("不予给付：其他", 14),
];

struct Line {
    id: i64,
    row: FigureRow,
}

impl Row for Line {
    fn id(&self) -> i64 {
        self.id
    }
}

/// 导出: all rows of a report and their total as an Excel file.
#[utoipa::path(post, path = "/api/figures/report/export", tag = "figures", request_body = ReportSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(asked): Json<ReportSearch>,
) -> Result<Response, Problem> {
    if !me.may(FILE.right) {
        return Err(Problem::forbidden());
    }
    let (mut rows, total) = http::whole(&app, &me, &asked).await?;
    rows.push(total);
    // The rows are as many as the dimension has; they are handed out in batches like those of any export.
    let lines: Vec<Line> = (0..).zip(rows).map(|(n, row)| Line { id: -n, row }).collect();
    let next = |before: Option<i64>| {
        let done = before.map_or(0, |id| usize::try_from(1 - id).unwrap_or(usize::MAX));
        let batch = lines.iter().skip(done).take(usize::try_from(export::BATCH).unwrap_or(usize::MAX));
        let batch: Vec<Line> = batch.map(|l| Line { id: l.id, row: l.row.clone() }).collect();
        std::future::ready(Ok(batch))
    };
    export::answer(&app, &me, FILE, next, |line| cells(&line.row, asked.by, me.locale)).await
}

fn cells(row: &FigureRow, by: Dimension, locale: Locale) -> Vec<Cell> {
    let mut out = vec![
        name(row, by, locale),
        Cell::Count(row.received),
        Cell::Count(row.submitted),
        Cell::Count(row.returned),
        Cell::Count(row.closed),
        Cell::Count(row.paid),
        Cell::Money(row.paid_fen),
        Cell::Count(row.denied),
        Cell::Count(row.withdrawn),
        Cell::Count(row.corrected),
        Cell::Count(row.recovered),
        Cell::Count(row.written_off),
        Cell::Money(row.recovered_fen),
        Cell::Count(row.coverages),
        Cell::Money(row.fees_fen),
        Cell::Count(row.without_fee),
        Cell::Count(row.cohort_cases),
        Cell::Money(row.cohort_fen),
        // Two decimals, like money: 8 512 basis points are 85.12 %.
        row.ratio.map_or(Cell::Empty, Cell::Money),
    ];
    for stage in std::iter::once(None).chain(STAGES.map(Some)) {
        let stay = row.stays.iter().find(|s| s.stage == stage);
        out.push(stay.map_or(Cell::Empty, |s| days(s.average_seconds)));
        out.push(stay.map_or(Cell::Empty, |s| days(s.p90_seconds)));
    }
    for reason in REASONS {
        out.push(Cell::Count(row.reasons.iter().find(|r| r.reason == reason).map_or(0, |r| r.cases)));
    }
    out
}

/// Seconds as days with two decimals, half up.
fn days(seconds: i64) -> Cell {
    Cell::Money((seconds * 100 + 43_200) / 86_400)
}

fn name(row: &FigureRow, by: Dimension, locale: Locale) -> Cell {
    match by {
        _ if row.key.is_empty() => export::word(locale, "figures", "total"),
        Dimension::ClaimType => export::word(locale, "claim_type", &row.key),
        _ if row.name.is_empty() => Cell::Text(row.key.clone()),
        _ => Cell::Text(row.name.clone()),
    }
}
