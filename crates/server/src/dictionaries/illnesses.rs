//! 疾病分类: ICD-10 codes or the society's own, offered where 出险原因 or 诊断 is typed.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::dictionary::{Entry, IllnessClass, tidy};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::ExprTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    entries::{self, DictionarySearch, taken},
    initials, refuse,
};
use crate::{
    app::App,
    cases::rows,
    entity::illness_class,
    platform::{
        auth::{Acting, Me, can},
        db::{beginning, containing},
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
    records::{self, Object},
};

/// Classes that are offered at a time.
const MAX_OPTIONS: u64 = 20;

/// An illness class.
#[derive(Serialize, ToSchema)]
pub struct IllnessClassRow {
    id: i64,
    /// For the next change.
    version: i64,
    code: String,
    name: String,
    category: String,
    /// Whether it is offered.
    active: bool,
}

/// What is written about an illness class.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IllnessClassInput {
    code: String,
    name: String,
    #[serde(default)]
    category: String,
    active: bool,
    /// The version that was seen; for a change only.
    version: Option<i64>,
}

impl IllnessClassInput {
    fn entry(&self) -> IllnessClass {
        let code = self.code.trim().to_uppercase();
        IllnessClass { code, name: tidy(&self.name), category: tidy(&self.category), active: self.active }
    }
}

pub(super) fn entry_of(row: &illness_class::Model) -> IllnessClass {
    IllnessClass { code: row.code.clone(), name: row.name.clone(), category: row.category.clone(), active: row.active }
}

fn shown(row: illness_class::Model) -> IllnessClassRow {
    let illness_class::Model { id, code, name, category, active, version, .. } = row;
    IllnessClassRow { id, version, code, name, category, active }
}

pub(super) fn narrowed(search: &DictionarySearch) -> Select<illness_class::Entity> {
    use illness_class::Column as C;
    let mut select = illness_class::Entity::find();
    if let Some(text) = rows::text(search.text.as_deref()) {
        let by_code = C::Code.like(beginning(&text.to_uppercase()));
        let found = C::Name.like(containing(text)).or(by_code).or(C::Initials.like(beginning(&text.to_lowercase())));
        select = select.filter(found.or(C::Category.eq(text)));
    }
    if let Some(active) = search.active {
        select = select.filter(C::Active.eq(active));
    }
    select
}

/// Illness classes, in use first, by code.
#[utoipa::path(post, path = "/api/illness-classes/search", tag = "illness_classes", request_body = DictionarySearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<IllnessClassRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    _me: Acting<can::InquireRecords>,
    Json(search): Json<DictionarySearch>,
) -> Result<Json<Page<IllnessClassRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&search);
    let total = select.clone().count(app.db.read()).await?;
    let ordered = select.order_by_desc(illness_class::Column::Active).order_by_asc(illness_class::Column::Code);
    let found = ordered.limit(paging.size()).offset(paging.offset()).all(app.db.read()).await?;
    Ok(Json(paging.answer(found.into_iter().map(shown).collect(), total)))
}

/// Which illnesses are looked for.
#[derive(Deserialize, ToSchema)]
pub struct IllnessQuery {
    /// Part of the name, or the beginning of the code or of the pinyin initials.
    text: Option<String>,
}

/// An illness to choose.
#[derive(Serialize, ToSchema)]
pub struct IllnessOption {
    code: String,
    name: String,
    category: String,
}

/// Illnesses in use, by code, name or pinyin initials.
#[utoipa::path(post, path = "/api/illness-classes/options", tag = "illness_classes", request_body = IllnessQuery,
    responses((status = 200, body = [IllnessOption]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn options(
    State(app): State<App>,
    _me: Acting<can::Anything>,
    Json(query): Json<IllnessQuery>,
) -> Result<Json<Vec<IllnessOption>>, Problem> {
    let search = DictionarySearch { text: query.text, active: Some(true), ..DictionarySearch::default() };
    let ordered = narrowed(&search).order_by_asc(illness_class::Column::Code).limit(MAX_OPTIONS);
    let found = ordered.all(app.db.read()).await?.into_iter();
    Ok(Json(found.map(|i| IllnessOption { code: i.code, name: i.name, category: i.category }).collect()))
}

/// Adds an illness class.
#[utoipa::path(post, path = "/api/illness-classes", tag = "illness_classes", request_body = IllnessClassInput,
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 201, body = IllnessClassRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Json(input): Json<IllnessClassInput>,
) -> Result<(StatusCode, Json<IllnessClassRow>), Problem> {
    let entry = input.entry();
    refuse(&entry.faults())?;
    let tx = app.db.begin().await?;
    let row = illness_class::Entity::insert(model(&entry))
        .exec_with_returning(&tx)
        .await
        .map_err(taken("code", "illness_taken"))?;
    note(&tx, &me, row.id, (None, &entry)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(shown(row))))
}

/// Changes an illness class, or takes it out of use.
#[utoipa::path(put, path = "/api/illness-classes/{id}", tag = "illness_classes", params(("id" = i64, Path)),
    request_body = IllnessClassInput, extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = IllnessClassRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn update(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(id): Path<i64>,
    Json(input): Json<IllnessClassInput>,
) -> Result<Json<IllnessClassRow>, Problem> {
    let entry = input.entry();
    refuse(&entry.faults())?;
    let tx = app.db.begin().await?;
    let old = illness_class::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?;
    let before = entry_of(&old);
    if before == entry {
        return Ok(Json(shown(old)));
    }
    let mut new = model(&entry);
    new.version = Set(old.version + 1);
    let seen = illness_class::Column::Version.eq(input.version.unwrap_or_default());
    let done = illness_class::Entity::update_many().set(new).filter(illness_class::Column::Id.eq(id)).filter(seen);
    entries::changed(done.exec(&tx).await.map_err(taken("code", "illness_taken"))?)?;
    note(&tx, &me, id, (Some(&before), &entry)).await?;
    tx.commit().await?;
    let IllnessClass { code, name, category, active } = entry;
    Ok(Json(IllnessClassRow { id, version: old.version + 1, code, name, category, active }))
}

pub(super) fn model(entry: &IllnessClass) -> illness_class::ActiveModel {
    illness_class::ActiveModel {
        code: Set(entry.code.clone()),
        initials: Set(initials(&entry.name)),
        name: Set(entry.name.clone()),
        category: Set(entry.category.clone()),
        active: Set(entry.active),
        ..Default::default()
    }
}

async fn note(
    tx: &sea_orm::DatabaseTransaction,
    me: &Me,
    id: i64,
    (before, after): (Option<&IllnessClass>, &IllnessClass),
) -> Result<(), Problem> {
    let act = if before.is_some() { "update" } else { "create" };
    let object = Object { kind: "illness_class", id };
    Ok(records::note(tx, object, Some(me.id.0), act, "", (&before, &after)).await?)
}
