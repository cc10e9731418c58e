//! Money that left, one row a payee; rows are only ever added.
use sea_orm::entity::prelude::*;

use crate::platform::seal::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub position: i32,
    pub amount_fen: i64,
    pub payee_name: String,
    pub account_no: Sealed,
    pub bank_name: String,
    pub paid_on: Date,
    pub note: String,
    pub confirmed_at: DateTimeUtc,
    pub confirmed_by_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
