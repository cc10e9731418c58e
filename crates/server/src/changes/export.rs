//! 导出: all the changes found as an Excel file.
use axum::{Json, extract::State, response::Response};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::{
    http::{ChangeRow, ChangeSearch},
    store,
};
use crate::{
    app::App,
    audit,
    entity::change,
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
        messages::{self, Locale},
        xlsx::{self, Cell, Column, MAX_ROWS, Sheet},
    },
};

/// Rows that an export reads at a time.
const BATCH: u64 = 2_000;

const COLUMNS: [Column; 11] = [
    Column { title: "变更号", width: 22 },
    Column { title: "变更类型", width: 16 },
    Column { title: "状态", width: 10 },
    Column { title: "姓名", width: 12 },
    Column { title: "证件号码", width: 22 },
    Column { title: "所属机构", width: 18 },
    Column { title: "参保单位", width: 26 },
    Column { title: "生效日期", width: 12 },
    Column { title: "申请人", width: 12 },
    Column { title: "申请日期", width: 12 },
    Column { title: "审核人", width: 12 },
];

/// 导出: all the changes found as an Excel file.
#[utoipa::path(post, path = "/api/changes/export", tag = "changes", request_body = ChangeSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<ChangeSearch>,
) -> Result<Response, Problem> {
    let file = write(&app, &me, &search).await?;
    audit::note(&app.db, Some(me.id.0), "export_changes", "", "done").await?;
    Ok(xlsx::answer(file, &format!("changes-{}.xlsx", clock::today().format("%Y%m%d"))))
}

async fn write(app: &App, me: &Me, search: &ChangeSearch) -> Result<std::fs::File, Problem> {
    let mut sheet = Sheet::new("变更管理", &COLUMNS).map_err(Problem::internal)?;
    let (mut before, mut rows) = (i64::MAX, 0_u32);
    loop {
        let select = store::narrowed(me, search).filter(change::Column::Id.lt(before));
        let batch = store::rows_of(&app.db, select.limit(BATCH)).await?;
        let Some(last) = batch.last() else { break };
        before = last.id;
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

fn cells(row: &ChangeRow, locale: Locale) -> [Cell; 11] {
    let word = |name: &str, code: &str| Cell::Text(messages::word(locale, name, &Value::from(code)));
    [
        Cell::Text(row.no.clone()),
        word("change_kind", row.kind.into()),
        word("change_state", row.state.into()),
        Cell::Text(row.member_name.clone()),
        Cell::Text(row.id_number.clone()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        row.effective_on.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.asked_by_name.clone()),
        Cell::Day(clock::day_of(row.asked_at)),
        row.decided_by_name.clone().map_or(Cell::Empty, Cell::Text),
    ]
}
