use huzhu_domain::case::{CutPart, CutReason};
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reductions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub submission: i32,
    pub statement: i32,
    pub part: Coded<CutPart>,
    pub amount_fen: i64,
    pub reason: Coded<CutReason>,
    pub note: String,
    pub before_fen: i64,
    pub after_fen: i64,
    pub made_by_id: i64,
    pub made_at: DateTimeUtc,
    pub withdraws_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
