//! What of a coverage's liability is used: reserved at 申领提交, released on return, denial or withdrawal, settled at 结案. Rows are only ever added; what is used is their sum.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage_entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub coverage_id: i64,
    pub liability_code: String,
    pub kind: String,
    pub amount_fen: i64,
    pub days: i64,
    pub times: i64,
    pub stays: i64,
    pub base_fen: i64,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
