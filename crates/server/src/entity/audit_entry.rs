//! Administrative acts and refused attempts; rows are only ever added.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// None: nothing that this program wrote.
    pub seq: Option<i64>,
    pub at: DateTimeUtc,
    pub user_id: Option<i64>,
    pub act: String,
    pub object: String,
    pub result: String,
    pub detail: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
