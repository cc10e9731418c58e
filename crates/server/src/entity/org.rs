//! 机构: 总会 › 办事处 › 代办处 › 参保单位. A branch is an office, an agency or a unit with all that hangs on it; office_id and agency_id name the branches that a node belongs to (itself included).
use huzhu_domain::org::OrgKind;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orgs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub parent_id: Option<i64>,
    pub kind: Coded<OrgKind>,
    pub code: String,
    pub name: String,
    pub office_id: Option<i64>,
    pub agency_id: Option<i64>,
    pub active: bool,
    pub credit_code: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub address: String,
    pub headcount: Option<i32>,
    pub review_limit_fen: Option<i64>,
    pub review_share: i32,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
