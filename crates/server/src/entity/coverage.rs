//! 保障区间 of a member, under the version that covers the period.
use huzhu_domain::coverage::CoverageState;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coverages")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub member_id: i64,
    pub unit_id: i64,
    pub plan_version_id: i64,
    pub period_from: Date,
    pub period_to: Date,
    pub shares: i32,
    pub renewed: bool,
    pub state: Coded<CoverageState>,
    pub enrolment_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
