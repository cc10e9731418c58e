//! The shape in which a paper goes out. Each kind fills in what stands on it; the rest is empty.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    case::{CasePaper, CaseSource, Relation},
    claim_type::ClaimType,
    id_number::IdKind,
    money::Fen,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    cases::{
        doubts::WarningAnswer,
        reductions::ReductionView,
        view::{StepStage, TraceStepView},
    },
    platform::messages::Notice,
};

/// One paper of one case.
#[derive(Serialize, ToSchema)]
pub struct Paper {
    pub(super) kind: CasePaper,
    /// 编号: the 案件号 and what kind of paper it is; the same whenever it is printed.
    pub(super) number: String,
    /// The day of the act that it tells of.
    pub(super) dated: NaiveDate,
    pub(super) printed_at: DateTime<Utc>,
    pub(super) printed_by_name: String,
    /// The society's name.
    pub(super) society: String,
    /// The office that issues it.
    pub(super) office: PaperOffice,
    pub(super) case: PaperCase,
    /// 受理回执: the papers that were handed in.
    pub(super) materials: Vec<PaperMaterial>,
    /// 补正通知: what is asked for.
    pub(super) supplement: Option<PaperSupplement>,
    /// 互助金额; null where nothing is paid.
    pub(super) amount: Option<PaperAmount>,
    /// Of a correction: what was granted before; the amount is the difference, below zero where it is claimed back.
    pub(super) granted_before: Option<PaperAmount>,
    /// Of a benefit that was cut (核减): what was submitted; the amount is what is left.
    pub(super) submitted: Option<PaperAmount>,
    pub(super) statements: Vec<PaperStatement>,
    /// The cuts that stand, the oldest first.
    pub(super) cuts: Vec<ReductionView>,
    pub(super) trace: Vec<TraceStepView>,
    pub(super) payees: Vec<PaperPayee>,
    /// Warnings with what was said to them at entry and at review.
    pub(super) warnings: Vec<PaperWarning>,
    /// Who did what, oldest first.
    pub(super) decisions: Vec<PaperDecision>,
    /// The day the money left.
    pub(super) paid_on: Option<NaiveDate>,
    pub(super) denial: Option<PaperDenial>,
}

/// An office with how to reach it.
#[derive(Serialize, ToSchema)]
pub struct PaperOffice {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) address: String,
}

/// What the paper is about. Numbers are masked unless the paper stays in the house.
#[derive(Serialize, ToSchema)]
pub struct PaperCase {
    pub(super) id: i64,
    pub(super) no: String,
    pub(super) source: CaseSource,
    pub(super) claim_type: ClaimType,
    pub(super) liability_name: String,
    pub(super) plan_name: String,
    pub(super) plan_version: String,
    /// 依据 of the plan.
    pub(super) basis: String,
    pub(super) coverage_from: NaiveDate,
    pub(super) coverage_to: NaiveDate,
    pub(super) shares: i32,
    pub(super) member_name: String,
    pub(super) id_kind: IdKind,
    pub(super) id_number: String,
    pub(super) unit_name: String,
    pub(super) org_name: String,
    pub(super) incident_date: NaiveDate,
    pub(super) incident_cause: String,
    pub(super) accepted_on: NaiveDate,
    pub(super) accepted_by_name: String,
    /// 申领次数.
    pub(super) claim_ordinal: Option<i32>,
}

/// A kind of paper with how many pages of it there are.
#[derive(Serialize, ToSchema)]
pub struct PaperMaterial {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) files: usize,
}

/// 补正: the last request.
#[derive(Serialize, ToSchema)]
pub struct PaperSupplement {
    /// 第几次补正, from 1.
    pub(super) round: i32,
    pub(super) asked_on: NaiveDate,
    /// The last day on which it is in time; null where none was said.
    pub(super) due_on: Option<NaiveDate>,
    /// What is missing, in words.
    pub(super) items: Vec<String>,
    /// Where it is brought: 受理机构.
    pub(super) bring_to: PaperOffice,
}

/// An amount in figures and in 大写.
#[derive(Serialize, ToSchema)]
pub struct PaperAmount {
    pub(super) fen: Fen,
    pub(super) words: String,
}

impl From<Fen> for PaperAmount {
    fn from(fen: Fen) -> Self {
        Self { fen, words: fen.in_words() }
    }
}

/// 结算单.
#[derive(Serialize, ToSchema)]
pub struct PaperStatement {
    pub(super) hospital: String,
    pub(super) admitted_on: Option<NaiveDate>,
    pub(super) discharged_on: Option<NaiveDate>,
    pub(super) days: Option<u32>,
    pub(super) invoice_no: String,
    pub(super) total_fen: Option<Fen>,
    pub(super) pooled_fund_paid_fen: Option<Fen>,
    pub(super) other_paid_fen: Option<Fen>,
    pub(super) self_pay_fen: Option<Fen>,
    pub(super) out_of_scope_fen: Option<Fen>,
    /// What is left after cuts, where there are any.
    pub(super) counted: Option<PaperCounted>,
}

/// What counts of a statement after cuts (核减后); what others paid is not cut.
#[derive(Serialize, ToSchema)]
pub struct PaperCounted {
    pub(super) total_fen: Option<Fen>,
    pub(super) self_pay_fen: Option<Fen>,
    pub(super) out_of_scope_fen: Option<Fen>,
}

/// 领款人 with their part of the benefit.
#[derive(Serialize, ToSchema)]
pub struct PaperPayee {
    pub(super) relation: Option<Relation>,
    pub(super) name: String,
    pub(super) account_no: String,
    pub(super) bank_name: String,
    pub(super) amount: PaperAmount,
}

/// A warning as it was answered.
#[derive(Serialize, ToSchema)]
pub struct PaperWarning {
    /// Which statement it is about, from 1; null where it is about the case.
    pub(super) statement: Option<usize>,
    pub(super) message: String,
    /// What was said to it at 费用录入.
    pub(super) reason: String,
    /// What reviewers said to it, the oldest first.
    pub(super) answers: Vec<WarningAnswer>,
}

/// A step of the way that somebody answers for.
#[derive(Serialize, ToSchema)]
pub struct PaperDecision {
    /// Where the case stood.
    pub(super) step: StepStage,
    /// What was done, as the log calls it.
    pub(super) kind: String,
    pub(super) by_name: String,
    pub(super) at: DateTime<Utc>,
    pub(super) reason_code: Option<String>,
    /// The opinion in words.
    pub(super) note: Option<String>,
    /// What else belongs to the act: what was asked for.
    pub(super) remarks: Vec<Notice>,
    /// Why the case went to 申领复审, where this act sent it there.
    pub(super) second_review: Vec<Notice>,
}

/// Why nothing is paid.
#[derive(Serialize, ToSchema)]
pub struct PaperDenial {
    pub(super) reason_code: String,
    /// The sentence for the member.
    pub(super) sentence: String,
    /// The clause that it rests on.
    pub(super) clause: String,
    /// What the reviewer added.
    pub(super) note: String,
    /// The last day on which an appeal is in time.
    pub(super) appeal_until: NaiveDate,
}
