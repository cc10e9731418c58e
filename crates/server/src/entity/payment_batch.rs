//! 付款批次.
use huzhu_domain::payment::PaymentBatchState;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_batches")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub no: String,
    pub office_id: i64,
    pub agency_id: Option<i64>,
    pub state: Coded<PaymentBatchState>,
    pub version: i64,
    pub cases: i32,
    pub items: i32,
    pub sum_fen: i64,
    pub made_by_id: i64,
    pub made_at: DateTimeUtc,
    pub released_by_id: Option<i64>,
    pub released_at: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
