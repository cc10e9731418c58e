//! The branch columns (office_id, agency_id, unit_id) are as of the acceptance: authority is one comparison.
use huzhu_domain::case::CaseSource;
use huzhu_domain::case::CorrectionReason;
use huzhu_domain::case::Outcome;
use huzhu_domain::case::Stage;
use huzhu_domain::claim_type::ClaimType;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Coded;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub no: String,
    pub version: i64,
    pub stage: Coded<Stage>,
    pub stage_since: DateTimeUtc,
    pub holder_id: Option<i64>,
    pub source: Coded<CaseSource>,
    pub office_id: i64,
    pub agency_id: Option<i64>,
    pub unit_id: i64,
    pub member_id: i64,
    pub coverage_id: i64,
    pub plan_version_id: i64,
    pub claim_type: Coded<ClaimType>,
    pub liability_code: String,
    pub liability_name: String,
    pub incident_date: Date,
    pub accepted_at: DateTimeUtc,
    pub accepted_on: Date,
    pub accepted_by_id: i64,
    pub submissions: i32,
    pub returned: bool,
    pub submitted_on: Option<Date>,
    pub returned_on: Option<Date>,
    pub incident_cause: String,
    pub incident_from: Option<Date>,
    pub incident_to: Option<Date>,
    pub incident_class: Option<String>,
    pub incident_injuries: String,
    pub warning_reasons: String,
    pub calculated_fen: Option<i64>,
    pub trace: Option<String>,
    pub entered_by_id: Option<i64>,
    pub approved_by_id: Option<i64>,
    pub reviewed_by_id: Option<i64>,
    pub benefit_fen: Option<i64>,
    pub outcome: Option<Coded<Outcome>>,
    pub close_reason: Option<String>,
    pub closed_by_id: Option<i64>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_on: Option<Date>,
    pub paid_on: Option<Date>,
    pub claim_ordinal: Option<i32>,
    pub corrects_id: Option<i64>,
    pub chain_id: Option<i64>,
    pub correction_reason: Option<Coded<CorrectionReason>>,
    pub granted_before_fen: Option<i64>,
    pub granted_usage: Option<String>,
    pub clock_stopped: bool,
    pub event_seq: i64,
    pub event_hash: String,
    pub pictures_erased_on: Option<Date>,
    pub records_erased_on: Option<Date>,
    pub payments_erased_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
