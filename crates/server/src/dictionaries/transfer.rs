//! The dictionaries as Excel: what goes out, and the file to fill in. The history of an entry, too.
use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use huzhu_domain::dictionary::{BankRow, Hospital, IllnessClass};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{banks, entries::DictionarySearch, hospitals, illnesses, import};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{bank, bank_bin, hospital, illness_class},
    exchange::{self, Stored},
    platform::{
        auth::{Acting, can},
        clock,
        error::{Problem, ProblemBody},
        xlsx,
    },
    records::{self, Object, RecordEventView},
};

/// Which dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dictionary {
    /// 医院.
    Hospitals,
    /// 银行.
    Banks,
    /// 疾病分类.
    IllnessClasses,
}

/// What happened to an entry, newest first.
#[utoipa::path(get, path = "/api/dictionaries/{dictionary}/{id}/history", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path), ("id" = i64, Path)),
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = [RecordEventView]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn history(
    State(app): State<App>,
    _me: Acting<can::InquireRecords>,
    Path((dictionary, id)): Path<(Dictionary, i64)>,
) -> Result<Json<Vec<RecordEventView>>, Problem> {
    let kind = match dictionary {
        Dictionary::Hospitals => Hospital::OBJECT,
        Dictionary::Banks => BankRow::OBJECT,
        Dictionary::IllnessClasses => IllnessClass::OBJECT,
    };
    records::history_view(&app.db, Object { kind, id }).await.map(Json)
}

/// 导出: everything found, in the form in which it can be imported.
#[utoipa::path(post, path = "/api/dictionaries/{dictionary}/export", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path)), request_body = DictionarySearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn export(
    State(app): State<App>,
    me: Acting<can::InquireRecords>,
    Path(dictionary): Path<Dictionary>,
    Json(search): Json<DictionarySearch>,
) -> Result<Response, Problem> {
    let db = app.db.read();
    let most = u64::from(xlsx::MAX_ROWS);
    let file = match dictionary {
        Dictionary::Hospitals => {
            let found = hospitals::narrowed(&search).order_by_asc(hospital::Column::Name).limit(most).all(db).await?;
            exchange::write(&app, found.iter().map(hospitals::entry_of).collect()).await?
        }
        Dictionary::IllnessClasses => {
            let ordered = illnesses::narrowed(&search).order_by_asc(illness_class::Column::Code).limit(most);
            exchange::write(&app, ordered.all(db).await?.iter().map(illnesses::entry_of).collect()).await?
        }
        Dictionary::Banks => exchange::write(&app, bank_rows(&app, &search).await?).await?,
    };
    audit::note(&app.db, Entry::done(Some(me.id.0), "export_dictionary", "")).await?;
    Ok(xlsx::answer(file, &format!("dictionary-{}.xlsx", clock::today().format("%Y%m%d"))))
}

async fn bank_rows(app: &App, search: &DictionarySearch) -> Result<Vec<BankRow>, Problem> {
    let found = banks::narrowed(search).order_by_asc(bank::Column::Name).all(app.db.read()).await?;
    let wanted = banks::narrowed(search).select_only().column(bank::Column::Id).into_query();
    let bins = bank_bin::Entity::find()
        .filter(bank_bin::Column::BankId.in_subquery(wanted))
        .order_by_asc(bank_bin::Column::Prefix)
        .all(app.db.read())
        .await?;
    let mut by_bank = HashMap::<i64, Vec<_>>::new();
    for bin in bins {
        by_bank.entry(bin.bank_id).or_default().push(bin);
    }
    let rows = found.iter().flat_map(|b| match by_bank.remove(&b.id) {
        Some(bins) => bins.into_iter().map(|bin| import::row_of(b, Some(bin))).collect(),
        None => vec![import::row_of(b, None)],
    });
    Ok(rows.collect())
}

const GUIDE: [&str; 4] = [
    "1. 带 * 的列必须填写；列的顺序可以改动，多余的列不会读取。",
    "2. 上传后先逐行检查，不会立即写入；有错误的行不会导入，可以下载标注了错误的文件，改好再传。",
    "3. 已有的条目按名称（疾病按编码，银行按名称和卡号前缀）对应：内容不同的会修改，相同的不变。文件里没有的条目保持原样。",
    "4. 停用的条目不再供选择，已经录入的案件不受影响。",
];

/// The file to fill in.
#[utoipa::path(get, path = "/api/dictionaries/{dictionary}/template", tag = "dictionaries",
    params(("dictionary" = inline(Dictionary), Path)), extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody)))]
pub(super) async fn template(
    _me: Acting<can::MaintainRecords>,
    Path(dictionary): Path<Dictionary>,
) -> Result<Response, Problem> {
    match dictionary {
        Dictionary::Hospitals => exchange::template::<Hospital>(&GUIDE),
        Dictionary::Banks => exchange::template::<BankRow>(&GUIDE),
        Dictionary::IllnessClasses => exchange::template::<IllnessClass>(&GUIDE),
    }
}
