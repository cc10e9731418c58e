//! id_number isn't unique: an existing record may be wrong or stand twice (the same person under an old number).
use huzhu_domain::{
    id_number::{IdKind, Sex},
    member::Employment,
};
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub unit_id: i64,
    pub name: String,
    pub id_kind: Coded<IdKind>,
    pub id_number: Sealed,
    pub birth_date: Option<Date>,
    pub sex: Option<Coded<Sex>>,
    pub phone: Sealed,
    pub employment: Coded<Employment>,
    pub version: i64,
    pub enrolment_id: Option<i64>,
    pub merged_into_id: Option<i64>,
    pub erased_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
