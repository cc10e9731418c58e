//! 领款人 of a case, as far as they are entered; shares in 万分比.
use huzhu_domain::case::Relation as PayeeRelation;
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_payees")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub relation: Option<Coded<PayeeRelation>>,
    pub name: String,
    pub phone: Sealed,
    pub account_no: Sealed,
    pub bank_name: String,
    pub share: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
