//! A plan version on its way.
use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::PLANS;
use crate::{
    app::App,
    entity::org,
    plans,
    platform::{auth::Me, error::Problem},
};

/// Harbin's of 2027 at 60 %.
///
/// # Errors
/// When the product refuses it: then the demonstration and the product don't fit each other.
pub(super) async fn fill(app: &App, people: &HashMap<String, Me>) -> Result<(), Problem> {
    let Some(admin) = people.get("admin") else { return Ok(()) };
    let office = org::Entity::find().filter(org::Column::Code.eq("2300")).one(app.db.read()).await?;
    let text = PLANS[1].1.replace("2026", "2027").replace("rate = \"0.50\"", "rate = \"0.60\"");
    let text = text.replace("\namount = \"3283.00\"", "\namount = \"3939.60\"").replace("的一半", "的 60 %");
    plans::begin_draft(app, admin, office.map(|o| o.id).unwrap_or_default(), text).await.map(|_| ())
}
