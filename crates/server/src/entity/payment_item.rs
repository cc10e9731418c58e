//! One share of a case in a batch.
use huzhu_domain::payment::{BounceReason, PaymentItemState};
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_id: i64,
    pub reference: Option<String>,
    pub case_id: i64,
    pub position: i32,
    pub amount_fen: i64,
    pub payee_name: String,
    pub account_no: Sealed,
    pub bank_name: String,
    pub replaces_id: Option<i64>,
    pub state: Coded<PaymentItemState>,
    pub paid_on: Option<Date>,
    pub bounce_reason: Option<Coded<BounceReason>>,
    pub bounce_words: String,
    pub settled_by_id: Option<i64>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
