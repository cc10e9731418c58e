//! A change that was asked for. The unit is as of the asking; before and after are JSON.
use huzhu_domain::change::{ChangeKind, ChangeState};
use sea_orm::entity::prelude::*;

use crate::platform::{coded::Coded, seal::Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub no: String,
    pub kind: Coded<ChangeKind>,
    pub member_id: i64,
    pub other_member_id: Option<i64>,
    pub unit_id: i64,
    pub coverage_id: Option<i64>,
    pub state: Coded<ChangeState>,
    pub version: i64,
    pub effective_on: Option<Date>,
    pub before: Sealed,
    pub after: Sealed,
    pub reason: String,
    pub asked_by_id: i64,
    pub asked_at: DateTimeUtc,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
