//! 追回: receipts and write-offs; rows are only ever added.
use huzhu_domain::case::{ReceiptWay, WriteOffReason};
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub kind: String,
    pub amount_fen: i64,
    pub received_on: Option<Date>,
    pub way: Option<Coded<ReceiptWay>>,
    pub reference: String,
    pub reason: Option<Coded<WriteOffReason>>,
    pub note: String,
    pub recorded_at: DateTimeUtc,
    pub recorded_by_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
