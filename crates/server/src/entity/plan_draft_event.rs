//! What happened to a draft of a plan version; rows are only ever added.
use huzhu_domain::plan_draft::DraftEvent;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_draft_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub draft_id: i64,
    pub seq: i64,
    pub kind: Coded<DraftEvent>,
    pub actor_id: i64,
    pub at: DateTimeUtc,
    pub note: String,
    pub source: String,
    pub code: String,
    pub version: String,
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
