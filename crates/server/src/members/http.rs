//! Finding members, and taking what was found out as a file.
use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{
    id_number::{IdKind, Sex},
    member::Employment,
    permission::Permission,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    cases::rows::{self, Placed},
    entity::member,
    export::{self, BATCH, File, Row},
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
        messages::Locale,
        paging::{self, Page, Paging},
        xlsx::{Cell, Column},
    },
};

/// The search form of 会员.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct MemberSearch {
    /// 证件号码, name, 案件号 or phone number, each whole.
    pub text: Option<String>,
    /// 办事处 or 代办处.
    pub org_id: Option<i64>,
    /// 参保单位.
    pub unit_id: Option<i64>,
    /// 在职状态.
    pub employment: Option<Employment>,
    /// Whether covered on the day; both where absent.
    pub covered: Option<bool>,
    /// That day; today where absent.
    pub covered_on: Option<NaiveDate>,
    /// From 1.
    pub page: Option<u64>,
    /// Rows a page.
    pub size: Option<u64>,
}

/// A member in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberRow {
    id: i64,
    name: String,
    id_kind: IdKind,
    id_number: String,
    sex: Option<Sex>,
    birth_date: Option<NaiveDate>,
    phone: String,
    employment: Employment,
    /// 办事处 or 代办处 of the unit.
    org_name: String,
    unit_name: String,
    /// Whether covered on the day of the search, today where it names none.
    covered: bool,
}

/// Members of one's branch, newest first; merged records aren't found.
#[utoipa::path(post, path = "/api/members/search", tag = "members", request_body = MemberSearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<MemberRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Json(search): Json<MemberSearch>,
) -> Result<Json<Page<MemberRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = store::narrowed(&me, &search, clock::today());
    let total = paging::count(app.db.read(), select.clone()).await?;
    let newest = select.order_by_desc(member::Column::Id).limit(paging.size()).offset(paging.offset());
    Ok(Json(paging.answer(rows_of(&app, newest, &search).await?, total)))
}

async fn rows_of(app: &App, select: Select<member::Entity>, search: &MemberSearch) -> Result<Vec<MemberRow>, Problem> {
    let found = select.all(app.db.read()).await?;
    let day = search.covered_on.unwrap_or_else(clock::today);
    let covered = store::covered_among(&app.db, found.iter().map(|m| m.id).collect(), day).await?;
    let placed = rows::placed(&app.db, found.iter().map(|m| m.unit_id)).await?;
    let row = |m: member::Model| {
        let Placed { unit_name, org_name } = placed.get(&m.unit_id).cloned().unwrap_or_default();
        MemberRow {
            covered: covered.contains(&m.id),
            id: m.id,
            name: m.name,
            id_kind: m.id_kind.0,
            id_number: m.id_number.into_string(),
            sex: m.sex.map(|s| s.0),
            birth_date: m.birth_date,
            phone: m.phone.into_string(),
            employment: m.employment.0,
            org_name,
            unit_name,
        }
    };
    Ok(found.into_iter().map(row).collect())
}

const COLUMNS: [Column; 10] = [
    Column { title: "姓名", width: 12 },
    Column { title: "证件类型", width: 16 },
    Column { title: "证件号码", width: 22 },
    Column { title: "性别", width: 8 },
    Column { title: "出生日期", width: 12 },
    Column { title: "手机号码", width: 16 },
    Column { title: "在职状态", width: 10 },
    Column { title: "所属机构", width: 18 },
    Column { title: "参保单位", width: 26 },
    Column { title: "是否在保", width: 10 },
];

impl Row for MemberRow {
    fn id(&self) -> i64 {
        self.id
    }
}

const FILE: File = File {
    right: Permission::InquireRecords,
    act: "export_members",
    name: "members",
    sheet: "会员",
    columns: &COLUMNS,
};

/// 导出: all the members found as an Excel file.
#[utoipa::path(post, path = "/api/members/export", tag = "members", request_body = MemberSearch,
    extensions(("x-right" = json!("export_cases"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::ExportCases>,
    Json(search): Json<MemberSearch>,
) -> Result<Response, Problem> {
    let select = store::narrowed(&me, &search, clock::today()).order_by_desc(member::Column::Id).limit(BATCH);
    let next = |before: Option<i64>| {
        let below = select.clone().filter(member::Column::Id.lt(before.unwrap_or(i64::MAX)));
        rows_of(&app, below, &search)
    };
    export::answer(&app, &me, FILE, next, |row| cells(row, me.locale)).await
}

fn cells(row: &MemberRow, locale: Locale) -> Vec<Cell> {
    let word = |name: &str, code: &str| export::word(locale, name, code);
    vec![
        Cell::Text(row.name.clone()),
        word("id_kind", row.id_kind.into()),
        Cell::Number(row.id_number.clone()),
        row.sex.map_or(Cell::Empty, |s| word("sex", s.into())),
        row.birth_date.map_or(Cell::Empty, Cell::Day),
        Cell::Number(row.phone.clone()),
        word("employment", row.employment.into()),
        Cell::Text(row.org_name.clone()),
        Cell::Text(row.unit_name.clone()),
        word("covered", if row.covered { "yes" } else { "no" }),
    ]
}
