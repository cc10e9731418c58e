//! A picture of a change; change_id is null until the change is asked for.
use huzhu_domain::change::PaperKind;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_files")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub change_id: Option<i64>,
    pub kind: Coded<PaperKind>,
    pub sha256: String,
    pub file_name: String,
    pub content_type: String,
    pub size: i64,
    pub uploaded_at: DateTimeUtc,
    pub uploaded_by_id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
