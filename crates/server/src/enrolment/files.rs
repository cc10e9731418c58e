//! Excel files out: the template, the faulty rows with what is wrong, the list of batches.
use axum::{
    extract::{Json, Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use huzhu_domain::{
    enrolment::{COLUMNS, RosterField},
    permission::Permission,
};
use rust_xlsxwriter::XlsxError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    http::{BatchSearch, narrowed},
    store,
    view::{self, BatchRow},
};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{enrolment, enrolment_row},
    export::{self, File, Row},
    platform::{
        auth::{Acting, can},
        error::{Problem, ProblemBody},
        messages::Locale,
        xlsx::{self, Blank, Cell, Column, Sheet},
    },
};

/// Rows that are read for a file at once.
const BATCH: u64 = 1_000;

const NOTES: [(RosterField, u16, &str); 8] = [
    (RosterField::Name, 14, "与证件一致，不要加空格。"),
    (RosterField::IdKind, 24, "从下拉框选择；不填按居民身份证。"),
    (RosterField::IdNumber, 24, "居民身份证填 18 位号码。单元格已设为文本，不要改成数字，否则 Excel 会丢失末尾几位。"),
    (RosterField::Sex, 8, "居民身份证可以不填，按号码识别。"),
    (RosterField::BirthDate, 14, "写成 1985-03-12。居民身份证可以不填，按号码识别。"),
    (RosterField::Phone, 16, "本人手机号码，可以不填。"),
    (RosterField::Employment, 10, "从下拉框选择；不填按在职。"),
    (RosterField::Shares, 8, "不填按 1 份。"),
];

const GUIDE: [&str; 6] = [
    "1. 每人一行，标 * 的列必须填写；其他列可以空着，也可以删除。",
    "2. 列的先后不限，表头上方可以有标题行；系统读取第一张有表头的可见工作表。",
    "3. 上传后逐行检查，未通过的行可以导出，改正后另建批次上传；确认只会参保通过的人员。",
    "4. 日期可以写成 2023-01-05、2023.1.5、2023/01/05 或 20230105。",
    "5. 同一保障活动在同一期间每人只能参保一次；与上期首尾相连的自动识别为连续参保，免观察期。",
    "6. 一个文件最多 200000 行、40 MB。",
];

/// The empty roster as an Excel file.
///
/// # Errors
/// Never in practice: headings and notes are fixed.
pub fn template_file() -> Result<Vec<u8>, XlsxError> {
    let choices: Vec<Vec<&'static str>> = COLUMNS.iter().map(huzhu_domain::enrolment::Column::choices).collect();
    let blank = |(c, choices)| {
        let c: &huzhu_domain::enrolment::Column = c;
        let (_, width, note) = NOTES.iter().find(|(f, ..)| *f == c.field).copied().unwrap_or((c.field, 12, ""));
        let choices: &[&str] = choices;
        (c, width, note, choices)
    };
    let parts: Vec<_> = COLUMNS.iter().zip(choices.iter().map(Vec::as_slice)).map(blank).collect();
    let columns: Vec<Blank<'_>> = parts
        .iter()
        .map(|(c, width, note, choices)| Blank {
            title: c.names[0],
            required: c.required,
            width: *width,
            note,
            choices,
        })
        .collect();
    xlsx::template("参保名册", &columns, ("填写说明", &GUIDE))
}

/// The empty roster: drop-downs and notes are in the file.
#[utoipa::path(get, path = "/api/enrolments/template", tag = "enrolment",
    extensions(("x-right" = json!("enrol_members"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn template(_me: Acting<can::EnrolMembers>) -> Result<Response, Problem> {
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"roster.xlsx\""),
    ];
    Ok((headers, template_file().map_err(Problem::internal)?).into_response())
}

/// The faulty rows of a batch as an Excel file: what stood there, the wrong cells marked, and what is wrong. Corrected, it can
/// be uploaded as it is.
#[utoipa::path(get, path = "/api/enrolments/{id}/faulty", tag = "enrolment", params(("id" = i64, Path)),
    extensions(("x-right" = json!("enrol_members"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn faulty(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    use enrolment_row::Column as R;
    let batch = store::find(app.db.read(), &me, id).await?;
    let width = |f: RosterField| NOTES.iter().find(|(field, ..)| *field == f).map_or(12, |(_, width, _)| *width);
    let mut columns: Vec<Column> =
        COLUMNS.iter().map(|c| Column { title: c.names[0], width: width(c.field) }).collect();
    columns.push(Column { title: "原行号", width: 8 });
    columns.push(Column { title: "问题", width: 70 });
    let mut sheet = Sheet::new("未通过人员", &columns)?;
    let mut after = 0;
    loop {
        let rows = enrolment_row::Entity::find()
            .filter(R::EnrolmentId.eq(id))
            .filter(R::Good.eq(false))
            .filter(R::RowNo.gt(after))
            .order_by_asc(R::RowNo)
            .limit(BATCH)
            .all(app.db.read())
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.row_no;
        for row in rows {
            sheet.push(&faulty_cells(row, me.locale))?;
        }
    }
    let dir = app.config.data_dir.join("uploads");
    let name = format!("{}-faulty.xlsx", store::no(&batch));
    audit::note(&app.db, Entry::done(Some(me.id.0), "export_faulty_rows", id)).await?;
    let file = tokio::task::spawn_blocking(move || sheet.into_file(&dir)).await.map_err(Problem::internal)??;
    Ok(xlsx::answer(file, &name))
}

fn faulty_cells(row: enrolment_row::Model, locale: Locale) -> Vec<Cell> {
    let row = view::roster_row(row, locale);
    let wrong = |column: &str| row.problems.iter().any(|p| !p.warning && p.column == column);
    let mut cells: Vec<Cell> = COLUMNS
        .iter()
        .zip(&row.cells)
        .map(|(c, text)| if wrong(c.field.into()) { Cell::Wrong(text.clone()) } else { Cell::Text(text.clone()) })
        .collect();
    let errors = row.problems.iter().filter(|p| !p.warning).map(|p| view::sentence(p, locale));
    cells.push(Cell::Count(row.id));
    cells.push(Cell::Text(errors.collect::<Vec<_>>().join("；")));
    cells
}

const LIST: [Column; 12] = [
    Column { title: "批次号", width: 22 },
    Column { title: "所属机构", width: 18 },
    Column { title: "参保单位", width: 28 },
    Column { title: "保障活动名称", width: 36 },
    Column { title: "版本", width: 10 },
    Column { title: "起保日", width: 12 },
    Column { title: "终保日", width: 12 },
    Column { title: "状态", width: 10 },
    Column { title: "名册人数", width: 10 },
    Column { title: "参保人数", width: 10 },
    Column { title: "保障费用（元）", width: 16 },
    Column { title: "到账日期", width: 12 },
];

impl Row for BatchRow {
    fn id(&self) -> i64 {
        self.id
    }
}

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_enrolments",
    name: "enrolments",
    sheet: "参保批次",
    columns: &LIST,
};

/// Every batch found as an Excel file.
#[utoipa::path(post, path = "/api/enrolments/export", tag = "enrolment", request_body = BatchSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<BatchSearch>,
) -> Result<Response, Problem> {
    let next = |before: Option<i64>| {
        let select = narrowed(&me, &search).filter(enrolment::Column::Id.lt(before.unwrap_or(i64::MAX)));
        let select = select.order_by_desc(enrolment::Column::Id).limit(export::BATCH);
        let app = &app;
        async move { view::rows_of(app, select.all(app.db.read()).await?).await }
    };
    export::answer(&app, &me, FILE, next, |row| list_cells(row, me.locale)).await
}

fn list_cells(row: &BatchRow, locale: Locale) -> Vec<Cell> {
    vec![
        Cell::Text(row.no.clone()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        Cell::Text(row.plan_name.clone()),
        Cell::Text(row.plan_version.clone()),
        Cell::Day(row.period_from),
        Cell::Day(row.period_to),
        export::word(locale, "batch_state", row.state.into()),
        Cell::Count(row.rows),
        Cell::Count(row.good),
        Cell::Money(row.fee_fen),
        row.paid_on.map_or(Cell::Empty, Cell::Day),
    ]
}
