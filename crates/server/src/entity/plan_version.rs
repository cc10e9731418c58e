//! 保障活动, one row a version; the text is the plan file. Rows are only ever added.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_versions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub code: String,
    pub version: String,
    pub name: String,
    pub office_id: i64,
    pub effective_from: Date,
    pub effective_to: Date,
    pub source: String,
    pub published_at: DateTimeUtc,
    pub draft_id: Option<i64>,
    pub proposed_by_id: Option<i64>,
    pub published_by_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
