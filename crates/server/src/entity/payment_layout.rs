//! How an office's bank wants its file.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_layouts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub office_id: i64,
    pub version: i64,
    pub layout: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
