use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplements")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_id: i64,
    pub round: i32,
    pub position: i32,
    pub kind: Option<String>,
    pub what: String,
    pub asked_by_id: i64,
    pub asked_at: DateTimeUtc,
    pub due_on: Option<Date>,
    pub answer: String,
    pub answered_by_id: Option<i64>,
    pub answered_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
