//! The queries of 材料上传.
use huzhu_domain::{
    case::Action,
    ids::CaseId,
    materials::{MaterialRule, PictureFormat},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde_json::json;

use crate::{
    app::App,
    cases::{self, Act, store as cases_store},
    entity::{case, case_material, case_material_field},
    pictures::{Picture, must_be_there, write_alike},
    platform::{auth::Me, clock, error::Problem},
};

/// An act on the papers; it doesn't change the case's version.
pub(super) fn editing(data: serde_json::Value) -> Act {
    Act { version: None, data, ..Act::new(Action::EditMaterials, 0) }
}

/// The rule of a kind of paper that a case carries.
///
/// # Errors
/// 422 where the case has no such kind.
pub(super) async fn rule(
    db: &impl ConnectionTrait,
    app: &App,
    row: &case::Model,
    kind: &str,
) -> Result<MaterialRule, Problem> {
    let plan = app.plans.get(db, row.plan_version_id).await?;
    let rule = plan.materials_for(&row.liability_code, row.claim_type.0).find(|m| m.kind == kind).cloned();
    rule.ok_or_else(|| Problem::invalid_field("kind", "unknown"))
}

/// Adds a stored picture to a case, in the place of another where `replaces` names one.
///
/// # Errors
/// 404, 403, 409 as for every act; 422 where the kind is full or not the case's.
pub async fn add(
    app: &App,
    me: &Me,
    id: CaseId,
    kind: &str,
    file_name: &str,
    picture: &Picture,
    replaces: Option<i64>,
) -> Result<case_material::Model, Problem> {
    let tx = app.db.begin().await?;
    match add_in(&tx, app, me, id, kind, file_name, picture, replaces).await {
        Ok(model) => {
            tx.commit().await?;
            Ok(model)
        }
        Err(problem) => {
            drop(tx);
            Err(cases::refused(app, me, id, huzhu_domain::case::ActionKind::EditMaterials, problem).await)
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "one call, one row: a struct would only repeat these names")]
async fn add_in(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    id: CaseId,
    kind: &str,
    file_name: &str,
    picture: &Picture,
    replaces: Option<i64>,
) -> Result<case_material::Model, Problem> {
    let act = editing(json!({ "added": kind, "sha256": picture.sha256 }));
    let row = cases::act_in(tx, app, me, id, act).await?.before;
    let rule = rule(tx, app, &row, kind).await?;
    check(&rule, picture)?;
    if let Some(old) = replaces {
        delete(tx, id, old).await?;
    }
    let have = case_material::Entity::find()
        .filter(case_material::Column::CaseId.eq(id.0))
        .filter(case_material::Column::Kind.eq(kind))
        .count(tx)
        .await?;
    if have >= u64::from(rule.max_files()) {
        let full = Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "material_full");
        return Err(full.with("max", rule.max_files()).with("name", rule.name));
    }
    let model = case_material::ActiveModel {
        case_id: Set(id.0),
        kind: Set(kind.to_owned()),
        sha256: Set(picture.sha256.clone()),
        file_name: Set(file_name.to_owned()),
        content_type: Set(picture.content_type.to_owned()),
        size: Set(i64::try_from(picture.size).unwrap_or(i64::MAX)),
        width: Set(i32::try_from(picture.width).unwrap_or(i32::MAX)),
        height: Set(i32::try_from(picture.height).unwrap_or(i32::MAX)),
        uploaded_at: Set(clock::now()),
        uploaded_by_id: Set(me.id.0),
        ..Default::default()
    };
    let added = case_material::Entity::insert(model).exec_with_returning(tx).await?;
    write_alike(tx, picture).await?;
    must_be_there(app, &added.sha256).await?;
    Ok(added)
}

/// Whether the plan takes such a picture for this kind of paper.
fn check(rule: &MaterialRule, picture: &Picture) -> Result<(), Problem> {
    let format = if picture.content_type == "image/png" { PictureFormat::Png } else { PictureFormat::Jpeg };
    let refused = |code| Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, code);
    if !rule.takes(format) {
        let formats: Vec<&str> = rule.formats.iter().map(Into::into).collect();
        return Err(refused("picture_format").with("name", rule.name.clone()).with("formats", formats.join("/")));
    }
    if picture.size > rule.max_bytes() {
        return Err(refused("picture_over_limit").with("name", rule.name.clone()).with("max", rule.max_bytes() >> 20));
    }
    Ok(())
}

/// Takes a picture off a case. The content stays in the store: other cases may show it, and the log names it.
///
/// # Errors
/// 404 where the case has no such picture.
pub(super) async fn delete(tx: &impl ConnectionTrait, id: CaseId, file_id: i64) -> Result<(), Problem> {
    let done = case_material::Entity::delete_many()
        .filter(case_material::Column::Id.eq(file_id))
        .filter(case_material::Column::CaseId.eq(id.0))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Problem::not_found()) }
}

/// A picture of a case of the caller's branch.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(app: &App, me: &Me, id: CaseId, file_id: i64) -> Result<case_material::Model, Problem> {
    cases_store::find(app.db.read(), me, id).await?;
    let found = case_material::Entity::find_by_id(file_id)
        .filter(case_material::Column::CaseId.eq(id.0))
        .one(app.db.read())
        .await?;
    found.ok_or_else(Problem::not_found)
}

/// Puts what was typed off a paper in the place of what was before.
///
/// # Errors
/// When the database fails.
pub(super) async fn replace_fields(
    tx: &impl ConnectionTrait,
    id: CaseId,
    kind: &str,
    fields: &[(String, String)],
) -> Result<(), Problem> {
    use case_material_field::Column as C;
    case_material_field::Entity::delete_many().filter(C::CaseId.eq(id.0)).filter(C::Kind.eq(kind)).exec(tx).await?;
    let filled: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| case_material_field::ActiveModel {
            case_id: Set(id.0),
            kind: Set(kind.to_owned()),
            field: Set(field.clone()),
            value: Set(value.as_str().into()),
        })
        .collect();
    if !filled.is_empty() {
        case_material_field::Entity::insert_many(filled).exec_without_returning(tx).await?;
    }
    Ok(())
}
