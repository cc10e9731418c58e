//! Finding members, and taking what was found out as a file.
use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use huzhu_domain::{
    id_number::{IdKind, Sex},
    member::Employment,
    permission::Permission,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store;
use crate::{
    app::App,
    audit,
    cases::rows,
    entity::{member, org},
    platform::{
        auth::{Acting, Me, can},
        clock,
        error::{Problem, ProblemBody},
        messages::{self, Locale},
        paging::{Page, Paging},
        xlsx::{self, Cell, Column, MAX_ROWS, Sheet},
    },
};

/// Rows that an export reads at a time.
const BATCH: u64 = 2_000;

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
    let total = select.clone().count(app.db.read()).await?;
    let newest = select.order_by_desc(member::Column::Id).limit(paging.size()).offset(paging.offset());
    Ok(Json(paging.answer(rows_of(&app, newest, &search).await?, total)))
}

async fn rows_of(app: &App, select: Select<member::Entity>, search: &MemberSearch) -> Result<Vec<MemberRow>, Problem> {
    let found = select.all(app.db.read()).await?;
    let day = search.covered_on.unwrap_or_else(clock::today);
    let covered = store::covered_among(&app.db, found.iter().map(|m| m.id).collect(), day).await?;
    let mut unit_ids: Vec<i64> = found.iter().map(|m| m.unit_id).collect();
    unit_ids.sort_unstable();
    unit_ids.dedup();
    let units = org::Entity::find().filter(org::Column::Id.is_in(unit_ids)).all(app.db.read()).await?;
    let units: std::collections::HashMap<i64, org::Model> = units.into_iter().map(|u| (u.id, u)).collect();
    let above = units.values().filter_map(|u| u.agency_id.or(u.office_id));
    let above = rows::org_names(&app.db, above).await?;
    let row = |m: member::Model| {
        let unit = units.get(&m.unit_id);
        let org = unit.and_then(|u| u.agency_id.or(u.office_id));
        MemberRow {
            covered: covered.contains(&m.id),
            id: m.id,
            name: m.name,
            id_kind: m.id_kind.0,
            id_number: m.id_number,
            sex: m.sex.map(|s| s.0),
            birth_date: m.birth_date,
            phone: m.phone,
            employment: m.employment.0,
            org_name: org.map(|id| rows::name(&above, id)).unwrap_or_default(),
            unit_name: unit.map(|u| u.name.clone()).unwrap_or_default(),
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
    if !me.may(Permission::InquireRecords) {
        return Err(Problem::forbidden());
    }
    let file = write(&app, &me, &search).await?;
    audit::note(&app.db, Some(me.id.0), "export_members", "", "done").await?;
    Ok(xlsx::answer(file, &format!("members-{}.xlsx", clock::today().format("%Y%m%d"))))
}

async fn write(app: &App, me: &Me, search: &MemberSearch) -> Result<std::fs::File, Problem> {
    let mut sheet = Sheet::new("会员", &COLUMNS).map_err(Problem::internal)?;
    let select = store::narrowed(me, search, clock::today()).order_by_desc(member::Column::Id);
    let mut before = None;
    let mut rows: u32 = 0;
    loop {
        let mut next = select.clone().limit(BATCH);
        if let Some(id) = before {
            next = next.filter(member::Column::Id.lt(id));
        }
        let batch = rows_of(app, next, search).await?;
        let Some(last) = batch.last() else { break };
        before = Some(last.id);
        rows = rows.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        if rows > MAX_ROWS {
            return Err(Problem::refused(&[json!({ "code": "too_many_rows", "args": { "max": MAX_ROWS } })]));
        }
        let locale = me.locale;
        sheet = tokio::task::spawn_blocking(move || {
            batch.into_iter().try_for_each(|row| sheet.push(&cells(row, locale)))?;
            Ok::<_, rust_xlsxwriter::XlsxError>(sheet)
        })
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    }
    let dir = app.config.data_dir.join("uploads");
    tokio::task::spawn_blocking(move || sheet.into_file(&dir)).await.map_err(Problem::internal)?
}

fn cells(row: MemberRow, locale: Locale) -> [Cell; 10] {
    let word = |name: &str, code: &str| Cell::Text(messages::word(locale, name, &Value::from(code)));
    [
        Cell::Text(row.name),
        word("id_kind", row.id_kind.into()),
        Cell::Text(row.id_number),
        row.sex.map_or(Cell::Empty, |s| word("sex", s.into())),
        row.birth_date.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.phone),
        word("employment", row.employment.into()),
        Cell::Text(row.org_name),
        Cell::Text(row.unit_name),
        word("covered", if row.covered { "yes" } else { "no" }),
    ]
}
