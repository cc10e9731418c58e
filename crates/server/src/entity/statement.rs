//! The table `statements`.
use huzhu_domain::statement::HospitalLevel;
use huzhu_domain::statement::InsuranceType;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub hospital: String,
    pub hospital_level: Option<Coded<HospitalLevel>>,
    pub insurance_type: Option<Coded<InsuranceType>>,
    pub admitted_on: Option<Date>,
    pub discharged_on: Option<Date>,
    pub total_fen: Option<i64>,
    pub pooled_fund_paid_fen: Option<i64>,
    pub other_paid_fen: Option<i64>,
    pub self_pay_fen: Option<i64>,
    pub deductible_fen: Option<i64>,
    pub upfront_self_pay_fen: Option<i64>,
    pub out_of_scope_fen: Option<i64>,
    pub personal_account_paid_fen: Option<i64>,
    pub cash_paid_fen: Option<i64>,
    pub actual_paid_fen: Option<i64>,
    pub non_local: bool,
    pub non_local_registered: bool,
    pub invoice_no: String,
    pub diagnosis: String,
    pub department: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
