//! Papers of a case whose picture stands in another case too.
use huzhu_domain::{benefit::Plan, statement::Warning};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

use super::{chain, suspect};
use crate::{
    entity::{case, case_material, picture_alike},
    platform::error::Problem,
};

/// Places of alike pictures that are looked at.
const MAX_FOUND: u64 = 500;

#[derive(FromQueryResult)]
struct Place {
    sha256: String,
    no: String,
    member_id: i64,
}

/// The first paper of a case whose picture stands in another one that still counts, whoever may see that one. What a person's later
/// claims may carry again is looked for among the cases of others.
pub(super) async fn picture_seen(
    db: &impl ConnectionTrait,
    row: &case::Model,
    plan: &Plan,
    pictures: &[case_material::Model],
) -> Result<Option<Warning>, Problem> {
    let own = pictures.iter().map(|p| p.sha256.as_str());
    let alike = picture_alike::Entity::find().filter(picture_alike::Column::Sha256.is_in(own));
    let alike = alike.order_by_asc(picture_alike::Column::OtherSha256).limit(MAX_FOUND).all(db).await?;
    if alike.is_empty() {
        return Ok(None);
    }
    let places = places(db, row, alike.iter().map(|a| a.other_sha256.as_str())).await?;
    let found = pictures.iter().find_map(|picture| {
        let rule = plan.materials_for(&row.liability_code, row.claim_type.0).find(|m| m.kind == picture.kind)?;
        let place = places.iter().find(|place| {
            let same = alike.iter().any(|a| a.sha256 == picture.sha256 && a.other_sha256 == place.sha256);
            same && !rule.may_come_again(place.member_id == row.member_id)
        })?;
        Some(Warning::PictureSeen { case_no: place.no.clone(), material: rule.name.clone() })
    });
    Ok(found)
}

/// Where pictures stand outside the case's own chain, earlier cases first.
async fn places(
    db: &impl ConnectionTrait,
    row: &case::Model,
    pictures: impl Iterator<Item = &str>,
) -> Result<Vec<Place>, Problem> {
    let to_case: RelationDef =
        case_material::Entity::belongs_to(case::Entity).from(case_material::Column::CaseId).to(case::Column::Id).into();
    let first = chain::root(row);
    let corrects_another = Condition::any().add(case::Column::ChainId.is_null()).add(case::Column::ChainId.ne(first));
    let found = case_material::Entity::find()
        .join(JoinType::InnerJoin, to_case)
        .filter(case_material::Column::Sha256.is_in(pictures))
        .filter(case::Column::Id.ne(first))
        .filter(corrects_another)
        .filter(suspect::still_counts())
        .order_by_asc(case::Column::Id)
        .limit(MAX_FOUND)
        .select_only()
        .column(case_material::Column::Sha256)
        .columns([case::Column::No, case::Column::MemberId])
        .into_model::<Place>()
        .all(db)
        .await?;
    Ok(found)
}
