//! What happened to a record that isn't a case; rows are only ever added.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub object_kind: String,
    pub object_id: i64,
    pub act: String,
    pub actor_id: Option<i64>,
    pub at: DateTimeUtc,
    pub reason: String,
    /// Sealed JSON.
    pub before: String,
    /// Sealed JSON.
    pub after: String,
    pub hash: String,
    pub erasure_id: Option<i64>,
    pub tombstone: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
