//! 参保入会: a batch of a unit under a plan version for a period.
use huzhu_domain::enrolment::BatchState;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub version: i64,
    pub state: Coded<BatchState>,
    pub unit_id: i64,
    pub plan_version_id: i64,
    pub period_from: Date,
    pub period_to: Date,
    pub file_name: String,
    pub file_sha256: String,
    pub rows_read: i64,
    pub good: i64,
    pub warned: i64,
    pub renewed: i64,
    pub new_members: i64,
    pub fee_fen: i64,
    pub fault: Option<String>,
    pub lease_until: Option<DateTimeUtc>,
    pub attempts: i32,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub confirmed_by_id: Option<i64>,
    pub confirmed_at: Option<DateTimeUtc>,
    pub paid_on: Option<Date>,
    pub erased_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
