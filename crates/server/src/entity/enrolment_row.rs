//! Every row of a roster as it was judged.
use huzhu_domain::{
    id_number::{IdKind, Sex},
    member::Employment,
};
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolment_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub enrolment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_no: i64,
    pub cells: Sealed,
    pub name: String,
    pub id_kind: Coded<IdKind>,
    pub id_number: Sealed,
    pub birth_date: Option<Date>,
    pub sex: Option<Coded<Sex>>,
    pub phone: Sealed,
    pub employment: Coded<Employment>,
    pub shares: i32,
    pub fee_fen: i64,
    pub renewed: bool,
    pub good: bool,
    pub warned: bool,
    pub problems: String,
    pub member_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
