//! 银行卡 of a member; rows are added by an approved change, and ended by one.
use sea_orm::entity::prelude::*;

use crate::platform::seal::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_accounts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub member_id: i64,
    pub account_no: Sealed,
    pub bank_name: String,
    pub holder_name: String,
    pub change_id: i64,
    pub added_at: DateTimeUtc,
    pub ended_change_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
