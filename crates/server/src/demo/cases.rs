//! Cases of the demonstration, led to their places by the product's own acts.
use std::collections::HashMap;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use huzhu_domain::{
    case::{Action, DenyReason, Incident, Payee, Relation, ReturnReason, ReturnTo, Stage, WithdrawReason},
    claim_type::ClaimType,
    ids::CaseId,
    money::Fen,
    statement::{HospitalLevel, InsuranceType, StatementDraft},
};
use sea_orm::EntityTrait;

use super::{
    dictionaries, drafts,
    ground::{Covered, Ground},
    notices, orgs, people, picture,
};
use crate::{
    acceptance::{self, AcceptRow},
    app::App,
    cases::{self, Act},
    entity::case,
    expenses, materials,
    platform::{auth::Me, clock, error::Problem},
};

/// Cases of the demonstration.
const CASES: u32 = 96;

/// Where a case is led.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Goal {
    Materials,
    ExpensePending,
    ExpenseHeld,
    Returned,
    ReviewPending,
    ReviewHeld,
    Payment,
    Withdrawn,
    Denied,
    Paid,
}

const GOALS: [Goal; 16] = {
    use Goal::*;
    [
        Paid,
        Materials,
        ExpensePending,
        Paid,
        ReviewPending,
        Payment,
        Paid,
        ExpenseHeld,
        Denied,
        ReviewHeld,
        Paid,
        Materials,
        ReviewPending,
        Returned,
        ExpensePending,
        Withdrawn,
    ]
};

pub(super) struct Filler<'a> {
    pub(super) app: &'a App,
    people: HashMap<String, Me>,
    pictures: HashMap<(String, u64), materials::Picture>,
    /// Cases that are to be paid, with the instant of their approval.
    pub(super) paid: Vec<(i64, DateTime<Utc>)>,
    /// Cases that wait for payment.
    waiting: Vec<i64>,
}

/// Fills a laid ground with cases.
///
/// # Errors
/// When an act is refused: then the demonstration and the product don't fit each other.
pub async fn fill(app: &App, ground: &Ground, password_hash: &str) -> Result<(), Problem> {
    people::add(app, password_hash).await?;
    let people = people::all(app).await?;
    orgs::fill(app, &people).await?;
    dictionaries::fill(app).await?;
    drafts::fill(app, &people).await?;
    notices::fill(app, &people).await?;
    let mut filler = Filler { app, people, pictures: HashMap::new(), paid: Vec::new(), waiting: Vec::new() };
    // The first members of each unit keep a clean slate, for whoever tries 新增受理; nobody has two cases.
    let eligible = ground.covered.iter().enumerate().filter(|(i, _)| i % 45 >= 8 && i % 5 != 4).map(|(_, c)| c);
    let (own, others): (Vec<&Covered>, Vec<&Covered>) = eligible.partition(|c| c.unit_code == "23010001");
    let (mut own, mut others) = (own.into_iter(), others.into_iter().step_by(4));
    for n in 0..CASES {
        // Every fourth case is of the unit that the demonstration's 单位操作员 works for.
        let next = if n % 4 == 0 { own.next() } else { others.next() };
        let Some(cover) = next else { continue };
        filler.lead(n, cover, GOALS[(n / 4 + n) as usize % GOALS.len()]).await?;
    }
    super::history::fill(&mut filler, ground).await?;
    super::payments::fill(app, &filler.people, &filler.paid, &filler.waiting).await?;
    super::judging::fill(&filler).await?;
    super::after::fill(app, &filler.people).await?;
    super::changes::fill(app, &filler.people, ground).await?;
    super::enrolments::fill(app, &filler.people).await
}

/// Who enters and reviews for a unit.
pub(super) struct Team {
    pub(super) enters: Me,
    pub(super) reviews: Me,
    /// Whoever else may review a second time.
    pub(super) reviews_again: Me,
}

impl Filler<'_> {
    pub(super) fn person(&self, username: &str) -> Result<Me, Problem> {
        self.people.get(username).cloned().ok_or_else(|| Problem::internal(format!("no demonstration user {username}")))
    }

    pub(super) fn team(&self, n: u32, unit_code: &str) -> Result<Team, Problem> {
        let clerk = if unit_code == "23010001" { "unit".to_owned() } else { format!("unit{unit_code}") };
        let (handler, reviewer) = match &unit_code[..4] {
            "2302" => ("handler-qqhe", "review-hlj"),
            "1101" => ("handler-bj", "review-bj"),
            "3701" => ("handler-sd", "review-sd"),
            _ if n.is_multiple_of(2) => ("handler", "review"),
            _ => ("handler2", "review2"),
        };
        let enters = if n % 4 == 2 { handler.to_owned() } else { clerk };
        Ok(Team {
            enters: self.person(&enters)?,
            reviews: self.person(reviewer)?,
            reviews_again: self.person(if reviewer == "review2" { "review3" } else { "review2" })?,
        })
    }

    async fn lead(&mut self, n: u32, cover: &Covered, goal: Goal) -> Result<(), Problem> {
        let team = self.team(n, cover.unit_code)?;
        let claim_type = match n % 8 {
            3 => ClaimType::AccidentInpatient,
            5 if !cover.unit_code.starts_with("11") && goal > Goal::Materials => ClaimType::CriticalIllness,
            _ => ClaimType::DiseaseInpatient,
        };
        let at = accepted_at(n, goal);
        let incident_date = clock::day_of(at) - Days::new(u64::from(18 + n % 9));
        let liability_code = match claim_type {
            ClaimType::CriticalIllness => "critical_illness",
            _ if cover.unit_code.starts_with("11") => "inpatient_allowance",
            _ => "inpatient_medical",
        };
        let row = AcceptRow {
            coverage_id: cover.coverage_id,
            liability_code: liability_code.to_owned(),
            claim_type,
            incident_date,
            duplicate_reason: None,
        };
        let key = format!("demo-{n}");
        let made = clock::as_of(at, acceptance::accept(self.app, &team.enters, &key, &[row])).await?;
        let id = CaseId(made.cases.first().map_or(0, |c| c.id));
        let mut way = Way { filler: self, id, at, n };
        way.go(claim_type, incident_date, cover, goal, &team).await
    }

    /// A drawn paper, stored once however many cases show it.
    async fn picture(&mut self, kind: &str, title: &str, seed: u64) -> Result<materials::Picture, Problem> {
        let key = (kind.to_owned(), seed);
        if let Some(known) = self.pictures.get(&key) {
            return Ok(known.clone());
        }
        let file = tempfile::NamedTempFile::new().map_err(Problem::internal)?;
        std::fs::write(file.path(), picture::paper(title, seed)).map_err(Problem::internal)?;
        let stored = materials::store_file(self.app, file.path()).await?;
        self.pictures.insert(key, stored.clone());
        Ok(stored)
    }
}

/// One case on its way; the clock moves on with every act.
pub(super) struct Way<'a, 'b> {
    pub(super) filler: &'a mut Filler<'b>,
    pub(super) id: CaseId,
    pub(super) at: DateTime<Utc>,
    pub(super) n: u32,
}

impl Way<'_, '_> {
    async fn go(
        &mut self,
        claim_type: ClaimType,
        incident: NaiveDate,
        cover: &Covered,
        goal: Goal,
        team: &Team,
    ) -> Result<(), Problem> {
        let hospital = claim_type.is_hospital();
        if hospital {
            if goal == Goal::Materials && self.n.is_multiple_of(2) {
                return Ok(());
            }
            self.papers(&team.enters, if goal == Goal::Materials { 2 } else { 9 }).await?;
            if goal == Goal::Materials {
                return Ok(());
            }
            self.act(&team.enters, Action::ConfirmMaterials, None).await?;
        }
        if goal == Goal::ExpensePending {
            return Ok(());
        }
        self.act(&team.enters, Action::Take, None).await?;
        if !hospital {
            self.papers(&team.enters, 9).await?;
        }
        self.draft(claim_type, incident, cover, &team.enters).await?;
        self.calculate(&team.enters).await?;
        if goal == Goal::ExpenseHeld {
            return Ok(());
        }
        if goal == Goal::Withdrawn {
            let withdraw = Action::Withdraw { reason: WithdrawReason::MemberRequest };
            return self.act(&team.enters, withdraw, Some("会员电话要求撤回申领")).await;
        }
        self.act(&team.enters, Action::Submit, None).await?;
        if goal == Goal::ReviewPending {
            return Ok(());
        }
        self.act(&team.reviews, Action::Take, None).await?;
        match goal {
            Goal::ReviewHeld => return Ok(()),
            Goal::Returned => {
                let back = Action::Return { to: ReturnTo::ExpenseEntry, reason: ReturnReason::AmountsMismatch };
                return self.act(&team.reviews, back, Some("结算单个人自付金额与照片不一致，请核对后重新提交")).await;
            }
            Goal::Denied => {
                let deny = Action::Deny { reason: DenyReason::OutOfScope };
                return self.act(&team.reviews, deny, Some("住院原因不属于本活动保障范围")).await;
            }
            _ => self.act(&team.reviews, Action::Approve, None).await?,
        }
        if self.stage().await? == Stage::SecondReview {
            // Some wait in the pool.
            if goal != Goal::Paid {
                return Ok(());
            }
            self.act(&team.reviews_again, Action::Take, None).await?;
            self.act(&team.reviews_again, Action::Approve, None).await?;
        }
        if goal == Goal::Payment {
            self.filler.waiting.push(self.id.0);
        }
        if goal == Goal::Paid {
            self.filler.paid.push((self.id.0, self.at));
        }
        Ok(())
    }

    /// An hour or so later.
    fn later(&mut self) -> DateTime<Utc> {
        self.at += Duration::minutes(i64::from(35 + self.n * 7 % 90));
        self.at
    }

    async fn row(&self) -> Result<case::Model, Problem> {
        let row = case::Entity::find_by_id(self.id.0).one(self.filler.app.db.read()).await?;
        row.ok_or_else(Problem::not_found)
    }

    async fn version(&self) -> Result<i64, Problem> {
        self.row().await.map(|r| r.version)
    }

    pub(super) async fn stage(&self) -> Result<Stage, Problem> {
        self.row().await.map(|r| r.stage.0)
    }

    pub(super) async fn act(&mut self, me: &Me, action: Action, note: Option<&str>) -> Result<(), Problem> {
        let at = self.later();
        let act = Act::new(action, self.version().await?).because(note.map(str::to_owned));
        clock::as_of(at, cases::perform(self.filler.app, me, self.id, act)).await.map(|_| ())
    }

    /// The papers that the case wants, at most `kinds` kinds of them, with the bank card's fields.
    pub(super) async fn papers(&mut self, me: &Me, kinds: usize) -> Result<(), Problem> {
        let row = self.row().await?;
        let plan = self.filler.app.plans.get(self.filler.app.db.read(), row.plan_version_id).await?;
        let wanted: Vec<_> = plan
            .materials_for(&row.liability_code, row.claim_type.0)
            .filter(|m| m.required)
            .take(kinds)
            .cloned()
            .collect();
        for (seed, rule) in (u64::from(self.n % 3)..).zip(wanted) {
            let picture = self.filler.picture(&rule.kind, &rule.name, seed % 3).await?;
            let name = format!("{}.png", rule.name);
            let at = self.at + Duration::minutes(5);
            let added = materials::add(self.filler.app, me, self.id, &rule.kind, &name, &picture, None);
            clock::as_of(at, added).await?;
            if rule.fields.iter().any(|f| f == "account_no") {
                let fields = [("account_no", account_no(self.n)), ("bank_name", BANK.to_owned())];
                let fields = fields.map(|(f, v)| (f.to_owned(), v)).into();
                clock::as_of(at, materials::keep_fields(self.filler.app, me, self.id, &rule.kind, fields)).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn draft(
        &mut self,
        claim_type: ClaimType,
        incident_date: NaiveDate,
        cover: &Covered,
        me: &Me,
    ) -> Result<(), Problem> {
        let days = u64::from(4 + self.n % 11);
        let discharged = incident_date + Days::new(days);
        let hospital = claim_type.is_hospital();
        let draft = expenses::DraftRequest {
            version: self.version().await?,
            payees: vec![Payee {
                relation: Some(Relation::Oneself),
                name: cover.member_name.clone(),
                phone: format!("1380000{:04}", self.n),
                account_no: account_no(self.n),
                bank_name: BANK.to_owned(),
                ..Payee::default()
            }],
            incident: Incident {
                cause: CAUSES[self.n as usize % CAUSES.len()].to_owned(),
                from: Some(incident_date),
                to: Some(discharged),
                injuries: Vec::new(),
                class_code: (!hospital).then(|| if self.n.is_multiple_of(2) { "mild" } else { "severe" }.to_owned()),
            },
            statements: if hospital { vec![statement(self.n, incident_date, discharged)] } else { Vec::new() },
            warning_reasons: Vec::new(),
        };
        let at = self.later();
        clock::as_of(at, expenses::save_draft_of(self.filler.app, me, self.id, draft)).await
    }

    pub(super) async fn calculate(&mut self, me: &Me) -> Result<(), Problem> {
        let (at, version) = (self.later(), self.version().await?);
        clock::as_of(at, expenses::calculate_case(self.filler.app, me, self.id, version)).await.map(|_| ())
    }
}

const BANK: &str = "示例银行股份有限公司示例支行";
const CAUSES: [&str; 8] =
    ["社区获得性肺炎", "急性阑尾炎", "2 型糖尿病", "腰椎间盘突出", "冠心病", "胆囊结石", "右踝骨折", "高血压 3 级"];

fn account_no(n: u32) -> String {
    format!("62220000{:011}", u64::from(n) * 7_919 + 100_003)
}

/// Closed cases lie in the past of the year, open ones in November.
fn accepted_at(n: u32, goal: Goal) -> DateTime<Utc> {
    let closed = matches!(goal, Goal::Paid | Goal::Denied | Goal::Withdrawn);
    let first = if closed { NaiveDate::from_ymd_opt(2026, 3, 2) } else { NaiveDate::from_ymd_opt(2026, 11, 4) };
    let day = first.unwrap_or_default() + Days::new(u64::from(if closed { n * 2 % 220 } else { n % 14 }));
    clock::start_of(day) + Duration::minutes(i64::from(8 * 60 + 30 + n * 13 % 400))
}

fn statement(n: u32, admitted_on: NaiveDate, discharged_on: NaiveDate) -> StatementDraft {
    let fen = |amount: u32| Some(Fen(i64::from(amount)));
    let self_pay = 120_000 + n * 104_729 % 1_300_000;
    let (pooled, out_of_scope, account) = (self_pay * 3, 30_000 + n * 7_919 % 90_000, 50_000);
    let hospitals = ["示例大学附属第一医院", "哈尔滨示例区人民医院", "示例大学附属第二医院"];
    let levels = [HospitalLevel::Tertiary, HospitalLevel::Secondary, HospitalLevel::Tertiary];
    let pick = n as usize % hospitals.len();
    StatementDraft {
        hospital: hospitals[pick].to_owned(),
        hospital_level: Some(levels[pick]),
        insurance_type: Some(InsuranceType::Employee),
        admitted_on: Some(admitted_on),
        discharged_on: Some(discharged_on),
        days: None,
        total_fen: fen(pooled + self_pay + out_of_scope),
        pooled_fund_paid_fen: fen(pooled),
        other_paid_fen: fen(0),
        self_pay_fen: fen(self_pay),
        deductible_fen: fen(60_000),
        upfront_self_pay_fen: fen(0),
        out_of_scope_fen: fen(out_of_scope),
        personal_account_paid_fen: fen(account),
        cash_paid_fen: fen(self_pay + out_of_scope - account),
        actual_paid_fen: fen(self_pay + out_of_scope),
        non_local: false,
        non_local_registered: false,
        invoice_no: format!("SL2026{n:06}"),
        diagnosis: CAUSES[n as usize % CAUSES.len()].to_owned(),
        department: "内科".to_owned(),
    }
}
