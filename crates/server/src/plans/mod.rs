//! 保障活动 and their versions: published once, never changed, read once.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use huzhu_domain::benefit::Plan;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{
    entity::plan_version,
    platform::{clock, error::Problem},
};

/// The plan versions that this server has read. Rows are never updated, so what was read stays true.
#[derive(Debug, Default)]
pub struct PlanVersions(Mutex<HashMap<i64, Arc<Plan>>>);

impl PlanVersions {
    /// The plan version of a row.
    ///
    /// # Errors
    /// When the database fails, or the stored text is no plan.
    pub async fn get(&self, db: &impl ConnectionTrait, id: i64) -> Result<Arc<Plan>, Problem> {
        let mut found = self.get_all(db, [id]).await?;
        found.remove(&id).ok_or_else(|| Problem::internal(format!("there is no plan version {id}")))
    }

    /// The plan versions of many rows, with one query for those not read before.
    ///
    /// # Errors
    /// When the database fails, or a stored text is no plan.
    pub async fn get_all(
        &self,
        db: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Arc<Plan>>, Problem> {
        let mut out = HashMap::new();
        let mut unread = Vec::new();
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for id in ids {
                match known.get(&id) {
                    Some(plan) => _ = out.insert(id, Arc::clone(plan)),
                    None => unread.push(id),
                }
            }
        }
        if unread.is_empty() {
            return Ok(out);
        }
        let rows = plan_version::Entity::find().filter(plan_version::Column::Id.is_in(unread)).all(db).await?;
        for row in rows {
            let plan = Arc::new(Plan::parse(&row.source).map_err(Problem::internal)?);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, Arc::clone(&plan));
            out.insert(row.id, plan);
        }
        Ok(out)
    }
}

/// Publishes a plan version for an office and returns its id.
///
/// # Errors
/// When the text is no plan, one of its examples doesn't come out, or the version exists.
pub async fn publish(tx: &impl ConnectionTrait, office_id: i64, source: &str) -> Result<i64, Problem> {
    let plan = Plan::parse(source).map_err(Problem::internal)?;
    if let Some(wrong) = plan.check_examples().into_iter().find(|r| !r.passes()) {
        return Err(Problem::internal(format!("plan {}: example {:?} does not come out", plan.code, wrong.name)));
    }
    let row = plan_version::ActiveModel {
        code: Set(plan.code),
        version: Set(plan.version),
        name: Set(plan.name),
        office_id: Set(office_id),
        effective_from: Set(plan.effective_from),
        effective_to: Set(plan.effective_to),
        source: Set(source.to_owned()),
        published_at: Set(clock::now()),
        ..Default::default()
    };
    Ok(plan_version::Entity::insert(row).exec(tx).await?.last_insert_id)
}
