//! When the demonstration is filled.
use huzhu_domain::benefit::Plan;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{PASSWORD, fill, lay};
use crate::{
    app::App,
    audit::{self, Entry},
    entity::{audit_entry, org, plan_version},
    platform::{error::Problem, secrets},
};

/// Why the demonstration can't begin.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder was filled by a program whose plans this one can't read.
    #[error("{0} was filled by an older program; use an empty folder")]
    Older(String),
    /// The folder isn't the demonstration's.
    #[error("{0} holds other data, or a demonstration that was not finished; use an empty folder")]
    NotOurs(String),
    /// An act was refused.
    #[error("the demonstration could not be filled: {0:?}")]
    Refused(Problem),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
}

/// Fills an empty database. What was begun and not finished, or belongs to somebody else, is not touched.
///
/// # Errors
/// When the folder holds something else, or an act is refused.
pub async fn begin(app: &App) -> Result<(), DemoError> {
    let dir = || app.config.data_dir.display().to_string();
    let filled = audit_entry::Entity::find().filter(audit_entry::Column::Act.eq("demo")).count(app.db.read()).await?;
    if filled > 0 {
        let versions = plan_version::Entity::find().all(app.db.read()).await?;
        let ours = versions.iter().all(|v| Plan::parse(&v.source).is_ok());
        return if ours { Ok(()) } else { Err(DemoError::Older(dir())) };
    }
    if org::Entity::find().count(app.db.read()).await? > 0 {
        return Err(DemoError::NotOurs(dir()));
    }
    tracing::info!("filling the demonstration");
    let hash = secrets::hash_password(PASSWORD.to_owned()).await.map_err(DemoError::Refused)?;
    let tx = app.db.begin().await?;
    let ground = lay(&tx, &hash, None).await.map_err(DemoError::Refused)?;
    tx.commit().await?;
    fill(app, &ground, &hash).await.map_err(DemoError::Refused)?;
    Ok(audit::note(&app.db, Entry::done(None, "demo", "")).await?)
}
