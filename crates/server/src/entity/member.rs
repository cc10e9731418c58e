//! id_number isn't unique: an existing record may be wrong or stand twice (the same person under an old number).
use huzhu_domain::id_number::IdKind;
use huzhu_domain::id_number::Sex;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub unit_id: i64,
    pub name: String,
    pub id_kind: Coded<IdKind>,
    pub id_number: String,
    pub birth_date: Option<Date>,
    pub sex: Option<Coded<Sex>>,
    pub phone: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
