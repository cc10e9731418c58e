//! 批次号 of an office and day: the next ordinal.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_numbers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub office_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    pub next: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
