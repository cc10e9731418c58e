//! The shapes in which a whole case goes out.
use chrono::{DateTime, NaiveDate, Utc};
use huzhu_domain::{
    benefit::{Caps, TraceStep, Usage},
    case::{ActionKind, CasePaper, CaseSource, Incident, Outcome, Payee, Stage},
    claim_type::ClaimType,
    id_number::{IdKind, Sex},
    materials::PictureFormat,
    money::Fen,
    statement::StatementDraft,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    after::AfterView, deadlines::PaceView, doubts::WarningAnswer, reductions::ReductionView,
    supplements::SupplementRound, trace,
};
use crate::{
    entity::case_material,
    platform::messages::{Locale, Notice},
};

/// 出险人.
#[derive(Serialize, ToSchema)]
pub struct CaseMember {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) id_kind: IdKind,
    pub(super) id_number: String,
    pub(super) birth_date: Option<NaiveDate>,
    pub(super) sex: Option<Sex>,
    pub(super) phone: String,
}

/// An operator.
#[derive(Serialize, ToSchema)]
pub struct Person {
    pub(super) id: i64,
    pub(super) name: String,
}

/// What other cases used of one liability (or of a group of them) in this coverage, with its caps. Money caps are for all 份.
#[derive(Clone, Serialize, ToSchema)]
pub struct UsageView {
    /// The liability's name, or the group's.
    pub(super) name: String,
    /// Whether it is a group of liabilities that share caps or exclude each other.
    pub(super) group: bool,
    pub(super) times: u32,
    pub(super) stays: u32,
    pub(super) amount_fen: Fen,
    pub(super) days: u32,
    /// 累计费用 that the rule has counted.
    pub(super) base_fen: Fen,
    pub(super) times_cap: Option<u32>,
    pub(super) stays_cap: Option<u32>,
    pub(super) amount_cap_fen: Option<Fen>,
    pub(super) days_cap: Option<u32>,
}

impl UsageView {
    /// Usage beside its caps.
    #[must_use]
    pub fn new(name: &str, group: bool, usage: Usage, caps: &Caps, shares: u32) -> Self {
        Self {
            name: name.to_owned(),
            group,
            times: usage.times,
            stays: usage.stays,
            amount_fen: usage.amount,
            days: usage.days,
            base_fen: usage.base,
            times_cap: caps.times,
            stays_cap: caps.stays,
            amount_cap_fen: caps.amount_for(shares),
            days_cap: caps.days,
        }
    }
}

/// A class that a lump sum is paid by.
#[derive(Serialize, ToSchema)]
pub struct ClassOption {
    pub(super) code: String,
    pub(super) name: String,
}

/// A warning with the answer that was given, empty where none was.
#[derive(Serialize, ToSchema)]
pub struct WarningView {
    pub(super) code: String,
    pub(super) message: String,
    /// Which statement it is about, from 1.
    pub(super) statement: Option<usize>,
    #[schema(value_type = Object)]
    pub(super) args: Map<String, Value>,
    pub(super) reason: String,
    /// What reviewers said to it since the case was submitted.
    pub(super) answers: Vec<WarningAnswer>,
    /// Whether who reviews the case now has to say whether it is acceptable.
    pub(super) wants_answer: bool,
}

/// What is typed off a paper.
#[derive(Serialize, ToSchema)]
pub struct MaterialField {
    pub(super) code: String,
    /// Its name in the user's language.
    pub(super) name: String,
    pub(super) value: String,
}

/// One picture.
#[derive(Serialize, ToSchema)]
pub struct MaterialFile {
    pub(super) id: i64,
    pub(super) file_name: String,
    /// Whether it was erased when its time was over (保管期限与清除): there is no content any more.
    pub(super) erased: bool,
    pub(super) content_type: String,
    pub(super) size: i64,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) uploaded_at: DateTime<Utc>,
    pub(super) uploaded_by_name: String,
    pub(super) url: String,
    pub(super) thumbnail_url: String,
}

impl MaterialFile {
    /// The picture as the page shows it.
    #[must_use]
    pub fn new(row: case_material::Model, uploaded_by_name: String) -> Self {
        let at = format!("/api/cases/{}/materials/{}", row.case_id, row.id);
        Self {
            id: row.id,
            erased: row.sha256.is_empty(),
            file_name: row.file_name,
            content_type: row.content_type,
            size: row.size,
            width: row.width,
            height: row.height,
            uploaded_at: row.uploaded_at,
            uploaded_by_name,
            url: format!("{at}/content"),
            thumbnail_url: format!("{at}/thumbnail"),
        }
    }
}

/// One kind of paper with what there is of it.
#[derive(Serialize, ToSchema)]
pub struct MaterialItem {
    pub(super) kind: String,
    pub(super) name: String,
    /// Whether the case needs it, with the amount known now.
    pub(super) required: bool,
    pub(super) min: u32,
    /// Most pictures.
    pub(super) max: u32,
    /// Where it is required only above an amount: that amount in fen.
    pub(super) above_fen: Option<Fen>,
    /// Kinds of pictures that are taken.
    pub(super) formats: Vec<PictureFormat>,
    /// The largest picture, in MB.
    pub(super) max_mb: u32,
    pub(super) fields: Vec<MaterialField>,
    pub(super) files: Vec<MaterialFile>,
}

/// One line of the 计算过程, in the user's language.
#[derive(Serialize, ToSchema)]
pub struct TraceStepView {
    pub(super) kind: String,
    pub(super) clause: String,
    pub(super) label: String,
    pub(super) detail: String,
    pub(super) amount_fen: Fen,
    /// What the step adds or takes off, exactly, in yuan.
    pub(super) change: String,
    pub(super) statement: Option<usize>,
}

impl TraceStepView {
    /// A step in a language.
    #[must_use]
    pub fn new(step: TraceStep, locale: Locale) -> Self {
        let (kind, label, detail) = trace::sentences(&step.step, locale);
        Self {
            kind,
            clause: step.clause,
            label,
            detail,
            amount_fen: step.amount,
            change: step.change.to_string(),
            statement: step.statement,
        }
    }
}

/// The last 申领计算.
#[derive(Serialize, ToSchema)]
pub struct CalculationView {
    pub(super) amount_fen: Fen,
    /// Whether something changed since.
    pub(super) stale: bool,
    pub(super) trace: Vec<TraceStepView>,
}

/// A step of the way (处理节点).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStage {
    /// 申领受理.
    Acceptance,
    /// 材料上传.
    Materials,
    /// 费用录入.
    ExpenseEntry,
    /// 申领初审.
    FirstReview,
    /// 申领复审; only of a case that goes through it.
    SecondReview,
    /// 支付.
    Payment,
    /// 追回; only of a correction that claims back.
    Recovery,
    /// 结案.
    Closed,
}

/// Whether a step lies behind the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It does.
    Done,
    /// The case stands here.
    Current,
    /// It lies ahead.
    Todo,
    /// The case ended without it.
    Skipped,
}

/// A step with when and by whom it was done.
#[derive(Serialize, ToSchema)]
pub struct CaseStep {
    pub(super) stage: StepStage,
    pub(super) state: StepState,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) by_name: Option<String>,
}

/// Something that happened to the case.
#[derive(Serialize, ToSchema)]
pub struct TimelineEvent {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) at: DateTime<Utc>,
    pub(super) actor_name: String,
    pub(super) from_stage: Option<Stage>,
    pub(super) to_stage: Stage,
    pub(super) reason_code: Option<String>,
    /// Into whose hands the case was put, at 转派.
    pub(super) assignee_name: Option<String>,
    /// What else belongs to the act: what was cut, what was asked for.
    pub(super) remarks: Vec<Notice>,
    /// Why the case went to 申领复审, where this act sent it there.
    pub(super) second_review: Vec<Notice>,
    pub(super) note: Option<String>,
}

/// An act that the caller has the right to here, with what still keeps it from happening.
#[derive(Serialize, ToSchema)]
pub struct AllowedActionView {
    pub(super) action: ActionKind,
    pub(super) blockers: Vec<Notice>,
}

/// How the case ended.
#[derive(Serialize, ToSchema)]
pub struct ClosingView {
    pub(super) outcome: Outcome,
    pub(super) reason_code: Option<String>,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) closed_by_name: String,
    pub(super) paid_on: Option<NaiveDate>,
}

/// A card that an approved change registered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownAccount {
    /// 银行账号.
    pub(super) account_no: String,
    /// 银行名称.
    pub(super) bank_name: String,
}

/// A whole case.
#[derive(Serialize, ToSchema)]
pub struct CaseView {
    pub(super) id: i64,
    pub(super) no: String,
    pub(super) version: i64,
    pub(super) stage: Stage,
    pub(super) source: CaseSource,
    pub(super) claim_type: ClaimType,
    pub(super) liability_code: String,
    pub(super) liability_name: String,
    pub(super) plan_code: String,
    pub(super) plan_name: String,
    pub(super) plan_version: String,
    pub(super) coverage_from: NaiveDate,
    pub(super) coverage_to: NaiveDate,
    pub(super) shares: i32,
    pub(super) renewed: bool,
    pub(super) member: CaseMember,
    /// Remarks about the record: a wrong check digit.
    pub(super) notices: Vec<Notice>,
    pub(super) unit_name: String,
    pub(super) org_name: String,
    pub(super) incident_date: NaiveDate,
    pub(super) accepted_on: NaiveDate,
    pub(super) accepted_by_name: String,
    pub(super) holder: Option<Person>,
    pub(super) entered_by: Option<Person>,
    pub(super) approved_by: Option<Person>,
    /// How it keeps to the limit of its stage; null where it is at an end.
    pub(super) pace: Option<PaceView>,
    /// Whether it came back from review.
    pub(super) returned: bool,
    pub(super) submissions: i32,
    /// 申领次数: which claim of the period it is; null before 申领提交.
    pub(super) claim_ordinal: Option<i32>,
    /// What counts now, in fen; null before 申领提交.
    pub(super) benefit_fen: Option<Fen>,
    /// What was submitted, in fen, where it was cut since (核减).
    pub(super) submitted_benefit_fen: Option<Fen>,
    /// What was cut, the newest first.
    pub(super) reductions: Vec<ReductionView>,
    /// What was asked for (补正), the newest round first.
    pub(super) supplements: Vec<SupplementRound>,
    /// The benefit in 大写.
    pub(super) benefit_words: Option<String>,
    pub(super) closing: Option<ClosingView>,
    /// What other cases used of the liability, then of each group that it belongs to.
    pub(super) usage: Vec<UsageView>,
    pub(super) payees: Vec<Payee>,
    /// The member's own cards on record, newest first; only while a living member's payee is entered.
    pub(super) accounts: Vec<KnownAccount>,
    /// Whether several payees with shares are possible.
    pub(super) several_payees: bool,
    pub(super) incident: Incident,
    pub(super) class_options: Vec<ClassOption>,
    /// Disability grades to choose from; empty where the liability pays by none.
    pub(super) grade_options: Vec<u32>,
    /// Whether 通过 wants a note: the claim is past its 申领期限.
    pub(super) approve_needs_note: bool,
    pub(super) needs_statements: bool,
    pub(super) statements: Vec<StatementDraft>,
    pub(super) warnings: Vec<WarningView>,
    pub(super) materials: Vec<MaterialItem>,
    pub(super) calculation: Option<CalculationView>,
    pub(super) steps: Vec<CaseStep>,
    pub(super) timeline: Vec<TimelineEvent>,
    /// The papers that can be printed of it.
    pub(super) papers: Vec<CasePaper>,
    pub(super) allowed_actions: Vec<AllowedActionView>,
    /// What it corrects, what corrects it, appeals, what comes back.
    pub(super) after: AfterView,
}
