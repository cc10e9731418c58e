//! 导出: all the changes found as an Excel file.
use axum::{Json, extract::State, response::Response};
use huzhu_domain::permission::Permission;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::{
    http::{ChangeRow, ChangeSearch},
    store,
};
use crate::{
    app::App,
    entity::change,
    export::{self, BATCH, File, Row},
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
        messages::Locale,
        xlsx::{Cell, Column},
    },
};

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_changes",
    name: "changes",
    sheet: "变更管理",
    columns: &COLUMNS,
};

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

impl Row for ChangeRow {
    fn id(&self) -> i64 {
        self.id
    }
}

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
    let next = |before: Option<i64>| {
        let select = store::narrowed(&me, &search).filter(change::Column::Id.lt(before.unwrap_or(i64::MAX)));
        store::rows_of(&app.db, select.limit(BATCH))
    };
    export::answer(&app, &me, FILE, next, |row| cells(row, me.locale)).await
}

fn cells(row: &ChangeRow, locale: Locale) -> Vec<Cell> {
    vec![
        Cell::Text(row.no.clone()),
        export::word(locale, "change_kind", row.kind.into()),
        export::word(locale, "change_state", row.state.into()),
        Cell::Text(row.member_name.clone()),
        Cell::Number(row.id_number.clone()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        row.effective_on.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.asked_by_name.clone()),
        Cell::Day(clock::day_of(row.asked_at)),
        row.decided_by_name.clone().map_or(Cell::Empty, Cell::Text),
    ]
}
