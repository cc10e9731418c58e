//! 申诉 against how a case ended.
use huzhu_domain::appeal::AppealState;
use huzhu_domain::case::Relation as Appellant;
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeals")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub state: Coded<AppealState>,
    pub version: i64,
    pub appellant_name: String,
    pub appellant_relation: Coded<Appellant>,
    pub appellant_phone: Sealed,
    pub appealed_on: Date,
    pub grounds: String,
    pub late_reason: String,
    pub recorded_by_id: i64,
    pub recorded_at: DateTimeUtc,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_note: String,
    pub correction_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
