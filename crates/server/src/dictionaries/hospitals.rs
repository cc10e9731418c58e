//! 医院.
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use huzhu_domain::{
    dictionary::{Entry, Hospital, tidy},
    statement::HospitalLevel,
};
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
    entity::hospital,
    platform::{
        auth::{Acting, Me, can},
        coded::Coded,
        db::{beginning, containing},
        error::{Problem, ProblemBody},
        paging::{Page, Paging},
    },
    records::{self, Object},
};

/// A hospital.
#[derive(Serialize, ToSchema)]
pub struct HospitalRow {
    id: i64,
    /// For the next change.
    version: i64,
    name: String,
    level: HospitalLevel,
    region: String,
    /// 拼音首字母.
    initials: String,
    /// Whether it is offered at 费用录入.
    active: bool,
}

/// What is written about a hospital.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HospitalInput {
    name: String,
    level: HospitalLevel,
    #[serde(default)]
    region: String,
    /// Computed from the name where absent or blank.
    initials: Option<String>,
    active: bool,
    /// The version that was seen; for a change only.
    version: Option<i64>,
}

impl HospitalInput {
    fn entry(&self) -> Hospital {
        let name = tidy(&self.name);
        let typed = rows::text(self.initials.as_deref()).map(str::to_lowercase);
        Hospital {
            initials: typed.unwrap_or_else(|| initials(&name)),
            name,
            level: self.level,
            region: tidy(&self.region),
            active: self.active,
        }
    }
}

pub(super) fn entry_of(row: &hospital::Model) -> Hospital {
    Hospital {
        name: row.name.clone(),
        level: row.level.0,
        region: row.region.clone(),
        initials: row.initials.clone(),
        active: row.active,
    }
}

fn shown(row: hospital::Model) -> HospitalRow {
    let hospital::Model { id, name, initials, level, region, active, version } = row;
    HospitalRow { id, version, name, level: level.0, region, initials, active }
}

pub(super) fn narrowed(search: &DictionarySearch) -> Select<hospital::Entity> {
    use hospital::Column as C;
    let mut select = hospital::Entity::find();
    if let Some(text) = rows::text(search.text.as_deref()) {
        select = select.filter(C::Name.like(containing(text)).or(C::Initials.like(beginning(&text.to_lowercase()))));
    }
    if let Some(level) = search.level {
        select = select.filter(C::Level.eq(Coded(level)));
    }
    if let Some(active) = search.active {
        select = select.filter(C::Active.eq(active));
    }
    select
}

/// Hospitals, in use first, by name.
#[utoipa::path(post, path = "/api/hospitals/search", tag = "hospitals", request_body = DictionarySearch,
    extensions(("x-right" = json!("inquire_records"))),
    responses((status = 200, body = Page<HospitalRow>), (status = "4XX", body = ProblemBody)))]
pub(super) async fn search(
    State(app): State<App>,
    _me: Acting<can::InquireRecords>,
    Json(search): Json<DictionarySearch>,
) -> Result<Json<Page<HospitalRow>>, Problem> {
    let paging = Paging { page: search.page, size: search.size };
    let select = narrowed(&search);
    let total = select.clone().count(app.db.read()).await?;
    let ordered = select.order_by_desc(hospital::Column::Active).order_by_asc(hospital::Column::Name);
    let found = ordered.limit(paging.size()).offset(paging.offset()).all(app.db.read()).await?;
    Ok(Json(paging.answer(found.into_iter().map(shown).collect(), total)))
}

/// Adds a hospital.
#[utoipa::path(post, path = "/api/hospitals", tag = "hospitals", request_body = HospitalInput,
    extensions(("x-right" = json!("maintain_records"))),
    responses((status = 201, body = HospitalRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Json(input): Json<HospitalInput>,
) -> Result<(StatusCode, Json<HospitalRow>), Problem> {
    let entry = input.entry();
    refuse(&entry.faults())?;
    let tx = app.db.begin().await?;
    let row = hospital::Entity::insert(model(&entry))
        .exec_with_returning(&tx)
        .await
        .map_err(taken("name", "hospital_taken"))?;
    note(&tx, &me, row.id, (None, &entry)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(shown(row))))
}

/// Changes a hospital, or takes it out of use.
#[utoipa::path(put, path = "/api/hospitals/{id}", tag = "hospitals", params(("id" = i64, Path)),
    request_body = HospitalInput, extensions(("x-right" = json!("maintain_records"))),
    responses((status = 200, body = HospitalRow), (status = "4XX", body = ProblemBody)))]
pub(super) async fn update(
    State(app): State<App>,
    me: Acting<can::MaintainRecords>,
    Path(id): Path<i64>,
    Json(input): Json<HospitalInput>,
) -> Result<Json<HospitalRow>, Problem> {
    let entry = input.entry();
    refuse(&entry.faults())?;
    let tx = app.db.begin().await?;
    let old = hospital::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?;
    let before = entry_of(&old);
    if before == entry {
        return Ok(Json(shown(old)));
    }
    let mut new = model(&entry);
    new.version = Set(old.version + 1);
    let seen = hospital::Column::Version.eq(input.version.unwrap_or_default());
    let done = hospital::Entity::update_many().set(new).filter(hospital::Column::Id.eq(id)).filter(seen);
    entries::changed(done.exec(&tx).await.map_err(taken("name", "hospital_taken"))?)?;
    note(&tx, &me, id, (Some(&before), &entry)).await?;
    tx.commit().await?;
    let (version, active) = (old.version + 1, entry.active);
    let Hospital { name, level, region, initials, .. } = entry;
    Ok(Json(HospitalRow { id, version, name, level, region, initials, active }))
}

pub(super) fn model(entry: &Hospital) -> hospital::ActiveModel {
    hospital::ActiveModel {
        name: Set(entry.name.clone()),
        initials: Set(entry.initials.clone()),
        level: Set(Coded(entry.level)),
        region: Set(entry.region.clone()),
        active: Set(entry.active),
        ..Default::default()
    }
}

async fn note(
    tx: &sea_orm::DatabaseTransaction,
    me: &Me,
    id: i64,
    (before, after): (Option<&Hospital>, &Hospital),
) -> Result<(), Problem> {
    let act = if before.is_some() { "update" } else { "create" };
    let object = Object { kind: "hospital", id };
    Ok(records::note(tx, object, Some(me.id.0), act, "", (&before, &after)).await?)
}
