//! 暂不清除: somebody's word that a case or a member stays, whatever the rules say.
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Expr};
use serde::Serialize;
use serde_json::json;

use super::cli::{RetentionRefusal, Whom};
use crate::{
    audit::{self, Entry},
    entity::{case, erasure_hold, member},
    platform::{clock, db::Db},
};

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// A hold.
#[derive(Clone, Debug, Serialize)]
pub struct Hold {
    /// `case` or `member`.
    pub kind: String,
    /// The row.
    pub id: i64,
    /// Why.
    pub reason: String,
    /// Since when.
    pub placed_on: chrono::NaiveDate,
}

/// The row that is meant.
async fn found(db: &Db, whom: &Whom) -> Result<(&'static str, i64), RetentionRefusal> {
    match whom {
        Whom { case: Some(no), .. } => {
            let row = case::Entity::find().filter(case::Column::No.eq(no.trim().to_uppercase())).one(db.read()).await?;
            row.map(|c| ("case", c.id))
                .ok_or_else(|| RetentionRefusal::coded("retention_no_case", &json!({ "no": no })))
        }
        Whom { member, .. } => {
            let id = member.unwrap_or_default();
            let row = member::Entity::find_by_id(id).one(db.read()).await?;
            row.map(|m| ("member", m.id))
                .ok_or_else(|| RetentionRefusal::coded("retention_no_member", &json!({ "id": id })))
        }
    }
}

/// Places a hold; where there is one, its reason is the new one.
///
/// # Errors
/// When there is no such row, or no reason.
pub(super) async fn place(db: &Db, whom: &Whom, reason: &str) -> Result<(), RetentionRefusal> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        return Err(RetentionRefusal::coded("retention_reason", &json!({ "max": MAX_REASON })));
    }
    let (kind, id) = found(db, whom).await?;
    let tx = db.begin().await?;
    end_open(&tx, kind, id).await?;
    let row = erasure_hold::ActiveModel {
        object_kind: Set(kind.to_owned()),
        object_id: Set(id),
        reason: Set(reason.to_owned()),
        placed_at: Set(clock::now()),
        ..Default::default()
    };
    erasure_hold::Entity::insert(row).exec_without_returning(&tx).await?;
    Ok(audit::commit(tx, &[Entry::done(None, "retention_hold", format!("{kind} {id}"))]).await?)
}

/// Ends a hold.
///
/// # Errors
/// When there is no such row, or no hold on it.
pub(super) async fn end(db: &Db, whom: &Whom) -> Result<(), RetentionRefusal> {
    let (kind, id) = found(db, whom).await?;
    let tx = db.begin().await?;
    if end_open(&tx, kind, id).await? == 0 {
        return Err(RetentionRefusal::coded("retention_no_hold", &json!({})));
    }
    Ok(audit::commit(tx, &[Entry::done(None, "retention_release", format!("{kind} {id}"))]).await?)
}

async fn end_open(tx: &sea_orm::DatabaseTransaction, kind: &str, id: i64) -> Result<u64, sea_orm::DbErr> {
    use erasure_hold::Column as C;
    let done = erasure_hold::Entity::update_many()
        .col_expr(C::EndedAt, Expr::value(clock::now()))
        .filter(C::ObjectKind.eq(kind))
        .filter(C::ObjectId.eq(id))
        .filter(C::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// The holds in force, the oldest first.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn list(db: &Db) -> Result<Vec<Hold>, RetentionRefusal> {
    use erasure_hold::Column as C;
    let rows = erasure_hold::Entity::find().filter(C::EndedAt.is_null()).order_by_asc(C::Id).all(db.read()).await?;
    let hold = |row: erasure_hold::Model| Hold {
        kind: row.object_kind,
        id: row.object_id,
        reason: row.reason,
        placed_on: clock::day_of(row.placed_at),
    };
    Ok(rows.into_iter().map(hold).collect())
}
