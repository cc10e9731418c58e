//! A new batch: the unit, the version, the period and the roster, from the wire to the store.
use std::path::Path as FilePath;

use axum::{
    Json,
    extract::{Multipart, State},
    http::StatusCode,
};
use chrono::{Months, NaiveDate};
use huzhu_domain::{enrolment::BatchState, org::OrgKind};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    act,
    view::{self, BatchView},
    work,
};
use crate::{
    app::App,
    entity::{enrolment, org, plan_version},
    pictures::must_be_there,
    platform::{
        auth::{Acting, Me, can},
        clock,
        coded::Coded,
        error::{Problem, ProblemBody},
        intake, secrets, upload as files,
    },
    records,
};

/// The code for a roster that is too large.
const TOO_LARGE: &str = "roster_too_large";
/// How long a coverage may last, in months.
const MAX_MONTHS: u32 = 36;

/// What is sent to make a batch.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the multipart form in the OpenAPI document")]
pub(super) struct RosterForm {
    /// 参保单位.
    unit_id: i64,
    /// The version under which the unit enrols.
    plan_version_id: i64,
    /// 起保日.
    period_from: NaiveDate,
    /// 终保日.
    period_to: NaiveDate,
    /// The roster, .xlsx or .xls, at most 40 MB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// A batch to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch {
    /// 参保单位.
    pub unit_id: i64,
    /// The version under which the unit enrols.
    pub plan_version_id: i64,
    /// 起保日.
    pub period_from: NaiveDate,
    /// 终保日.
    pub period_to: NaiveDate,
}

/// Makes a batch of a roster; its rows are judged in the background.
#[utoipa::path(post, path = "/api/enrolments", tag = "enrolment",
    extensions(("x-right" = json!("enrol_members"))),
    request_body(content = RosterForm, content_type = "multipart/form-data"),
    responses((status = 201, body = BatchView), (status = "4XX", body = ProblemBody)))]
pub(super) async fn upload(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    mut form: Multipart,
) -> Result<(StatusCode, Json<BatchView>), Problem> {
    let (mut fields, mut received) = (std::collections::HashMap::new(), None);
    while let Some(field) = form.next_field().await.map_err(files::cut_off(TOO_LARGE))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let dir = app.config.data_dir.join("uploads");
            let file_name = files::file_name(field.file_name());
            received = Some((file_name, files::receive(field, &dir, intake::MAX_BYTES, TOO_LARGE).await?));
        } else {
            fields.insert(name, field.text().await.map_err(files::cut_off(TOO_LARGE))?);
        }
    }
    let number = |name: &str| fields.get(name).and_then(|v| v.parse::<i64>().ok());
    let day = |name: &str| fields.get(name).and_then(|v| v.parse::<NaiveDate>().ok());
    let required = |name: &str| Problem::invalid_field(name, "required");
    let new = NewBatch {
        unit_id: number("unit_id").ok_or_else(|| required("unit_id"))?,
        plan_version_id: number("plan_version_id").ok_or_else(|| required("plan_version_id"))?,
        period_from: day("period_from").ok_or_else(|| required("period_from"))?,
        period_to: day("period_to").ok_or_else(|| required("period_to"))?,
    };
    let (file_name, file) = received.ok_or_else(|| required("file"))?;
    let batch = create(&app, Some(&me), new, &file_name, file.path()).await?;
    let id = batch.id;
    let worker = app.clone();
    tokio::spawn(async move { work::run(&worker, id).await });
    Ok((StatusCode::CREATED, Json(view::view(&app, &me, batch).await?)))
}

/// Stores a roster as a batch that waits to be judged. `by` is None for the program itself.
///
/// # Errors
/// 422 with the wrong fields; a unit or version outside the branch is unknown.
pub async fn create(
    app: &App,
    by: Option<&Me>,
    new: NewBatch,
    file_name: &str,
    file: &FilePath,
) -> Result<enrolment::Model, Problem> {
    check_new(app, by, new).await?;
    let content = tokio::fs::read(file).await?;
    let sha256 = secrets::sha256(&content);
    drop(content);
    app.blobs.put_file(&sha256, file).await?;
    let tx = app.db.begin().await?;
    let row = enrolment::ActiveModel {
        version: Set(1),
        state: Set(Coded(BatchState::Checking)),
        unit_id: Set(new.unit_id),
        plan_version_id: Set(new.plan_version_id),
        period_from: Set(new.period_from),
        period_to: Set(new.period_to),
        file_name: Set(file_name.to_owned()),
        file_sha256: Set(sha256.clone()),
        created_by_id: Set(by.map(|me| me.id.0)),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let id = enrolment::Entity::insert(row).exec(&tx).await?.last_insert_id;
    must_be_there(app, &sha256).await?;
    let nothing = (&json!(null), &json!({ "state": BatchState::Checking }));
    records::note(&tx, act::about(id), by.map(|me| me.id.0), "upload", "", nothing).await?;
    let batch = enrolment::Entity::find_by_id(id).one(&tx).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(batch)
}

async fn check_new(app: &App, by: Option<&Me>, new: NewBatch) -> Result<(), Problem> {
    let db = app.db.read();
    let mut unit = org::Entity::find_by_id(new.unit_id);
    if let Some(me) = by {
        unit = unit.filter(me.sees_org());
    }
    let unit = unit.one(db).await?.filter(|u| u.kind.0 == OrgKind::Unit);
    let Some(unit) = unit else { return Err(Problem::invalid_field("unit_id", "not_a_unit")) };
    if !unit.active {
        return Err(Problem::invalid_field("unit_id", "inactive"));
    }
    let version = plan_version::Entity::find_by_id(new.plan_version_id).one(db).await?;
    let Some(version) = version.filter(|v| Some(v.office_id) == unit.office_id) else {
        return Err(Problem::invalid_field("plan_version_id", "unknown"));
    };
    if new.period_to < new.period_from {
        return Err(Problem::invalid_field("period_to", "period_order"));
    }
    let latest = new.period_from.checked_add_months(Months::new(MAX_MONTHS));
    if latest.is_none_or(|latest| new.period_to >= latest) {
        return Err(Problem::invalid_field("period_to", "period_too_long"));
    }
    if !(version.effective_from..=version.effective_to).contains(&new.period_from) {
        return Err(Problem::invalid_field("period_from", "plan_not_in_force"));
    }
    Ok(())
}

/// Which unit wants to enrol.
#[derive(Deserialize, ToSchema)]
pub struct PlanQuery {
    unit_id: i64,
}

/// A version that a unit can enrol under.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentPlan {
    id: i64,
    name: String,
    version: String,
    /// First day on which a coverage may begin.
    effective_from: NaiveDate,
    /// Last such day.
    effective_to: NaiveDate,
    /// 保障费用 of one 份, in fen.
    fee_fen: i64,
    min_age: Option<u32>,
    max_age: Option<u32>,
    max_shares: u32,
    retired: bool,
}

/// The versions that a unit can enrol under, the latest first.
#[utoipa::path(post, path = "/api/enrolments/plans", tag = "enrolment", request_body = PlanQuery,
    extensions(("x-right" = json!("enrol_members"))),
    responses((status = 200, body = [EnrolmentPlan]), (status = "4XX", body = ProblemBody)))]
pub(super) async fn plans(
    State(app): State<App>,
    me: Acting<can::EnrolMembers>,
    Json(query): Json<PlanQuery>,
) -> Result<Json<Vec<EnrolmentPlan>>, Problem> {
    let db = app.db.read();
    let unit = org::Entity::find_by_id(query.unit_id).filter(me.sees_org()).one(db).await?;
    let office = unit.and_then(|u| u.office_id).ok_or_else(Problem::not_found)?;
    let versions = plan_version::Entity::find()
        .filter(plan_version::Column::OfficeId.eq(office))
        .order_by_desc(plan_version::Column::EffectiveFrom)
        .limit(100)
        .all(db)
        .await?;
    let texts = app.plans.get_all(db, versions.iter().map(|v| v.id)).await?;
    let option = |v: plan_version::Model| {
        let terms = &texts.get(&v.id)?.enrolment;
        Some(EnrolmentPlan {
            fee_fen: terms.fee_of(1).0,
            min_age: terms.min_age,
            max_age: terms.max_age,
            max_shares: terms.shares_limit(),
            retired: terms.retired,
            id: v.id,
            name: v.name,
            version: v.version,
            effective_from: v.effective_from,
            effective_to: v.effective_to,
        })
    };
    Ok(Json(versions.into_iter().filter_map(option).collect()))
}
