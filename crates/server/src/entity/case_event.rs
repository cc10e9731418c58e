//! Everything that happened to a case, chained by hash; rows are only ever added.
use huzhu_domain::case::Stage;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub seq: i64,
    pub kind: String,
    pub actor_id: i64,
    pub at: DateTimeUtc,
    pub from_stage: Option<Coded<Stage>>,
    pub to_stage: Coded<Stage>,
    pub reason_code: Option<String>,
    pub note: Option<String>,
    pub data: String,
    pub previous_hash: String,
    pub hash: String,
    pub erasure_id: Option<i64>,
    pub tombstone: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
