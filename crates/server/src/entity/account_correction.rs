//! Another account for what came back.
use huzhu_domain::payment::CorrectionState;
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_corrections")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub item_id: i64,
    pub payee_name: String,
    pub account_no: Sealed,
    pub bank_name: String,
    pub reason: String,
    pub state: Coded<CorrectionState>,
    pub sha256: Option<String>,
    pub file_name: String,
    pub content_type: String,
    pub asked_by_id: i64,
    pub asked_at: DateTimeUtc,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
