//! What followed some closed cases: an appeal that was allowed and paid, one that waits, money that comes back.
use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use huzhu_domain::{
    case::{Action, ActionKind, CorrectionReason, Outcome, ReceiptWay, Relation, Stage},
    claim_type::ClaimType,
    ids::CaseId,
    money::Fen,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::picture;
use crate::{
    after::{self, AppealDecision, AppealRequest, CorrectionRequest, ReceiptRequest, VerdictRequest},
    app::App,
    cases::{self, Act, store},
    entity::{case, member, payment_batch, recovery_entry},
    expenses, materials, payment,
    platform::{auth::Me, clock, coded::Coded, error::Problem},
};

/// Somebody at work on one case after the other; the clock moves on with every act.
struct Way<'a> {
    app: &'a App,
    people: &'a HashMap<String, Me>,
    id: CaseId,
    at: DateTime<Utc>,
}

/// Leads some closed cases on.
///
/// # Errors
/// When an act is refused: then the demonstration and the product don't fit each other.
pub async fn fill(app: &App, people: &HashMap<String, Me>) -> Result<(), Problem> {
    let reviewer = people.get("review").map_or(0, |me| me.id.0);
    let of = |outcome: Outcome| {
        case::Entity::find()
            .filter(case::Column::Outcome.eq(Coded(outcome)))
            .filter(case::Column::ClosedById.is_not_null())
            .filter(case::Column::ClaimType.eq(Coded(ClaimType::DiseaseInpatient)))
            .filter(case::Column::LiabilityCode.eq("inpatient_medical"))
            .order_by_asc(case::Column::Id)
    };
    // Cases of the office whose reviewer is `review`, so that the senior reviewer is new to them.
    let by_reviewer = case::Column::ClosedById.eq(reviewer);
    let denied = of(Outcome::Denied).filter(by_reviewer).all(app.db.read()).await?;
    let paid = of(Outcome::Paid).filter(case::Column::ApprovedById.eq(reviewer)).all(app.db.read()).await?;
    let mut denied = denied.into_iter();
    if let Some(row) = denied.next() {
        Way::after(app, people, &row).appeal_allowed(&row).await?;
    }
    let mut paid = paid.into_iter();
    if let Some(row) = paid.next() {
        Way::after(app, people, &row).claim_back(&row).await?;
    }
    if let Some(row) = denied.next().or_else(|| paid.next()) {
        Way::after(app, people, &row).appeal(&row, "unit").await?;
    }
    Ok(())
}

impl<'a> Way<'a> {
    fn after(app: &'a App, people: &'a HashMap<String, Me>, row: &case::Model) -> Self {
        let at = row.closed_at.unwrap_or(row.accepted_at) + Duration::days(9);
        Self { app, people, id: CaseId(row.id), at }
    }

    fn person(&self, username: &str) -> Result<Me, Problem> {
        self.people.get(username).cloned().ok_or_else(|| Problem::internal(format!("no demonstration user {username}")))
    }

    fn later(&mut self) -> DateTime<Utc> {
        self.at += Duration::minutes(95);
        self.at
    }

    async fn row(&self) -> Result<case::Model, Problem> {
        let row = case::Entity::find_by_id(self.id.0).one(self.app.db.read()).await?;
        row.ok_or_else(Problem::not_found)
    }

    async fn act(&mut self, username: &str, action: Action) -> Result<(), Problem> {
        let (me, at, version) = (self.person(username)?, self.later(), self.row().await?.version);
        clock::as_of(at, cases::perform(self.app, &me, self.id, Act::new(action, version))).await.map(|_| ())
    }

    /// An appeal with a letter.
    async fn appeal(&mut self, row: &case::Model, username: &str) -> Result<i64, Problem> {
        // Whoever doesn't see the case can't record it; the handler sees all of the agency.
        let own = row.unit_id == self.person("unit")?.org_id.0;
        let me = self.person(if own { username } else { "handler" })?;
        let person = member::Entity::find_by_id(row.member_id).one(self.app.db.read()).await?;
        let person = person.ok_or_else(Problem::not_found)?;
        let at = self.later();
        let asked = AppealRequest {
            appellant_name: person.name,
            appellant_relation: Relation::Oneself,
            appellant_phone: person.phone.into_string(),
            appealed_on: clock::day_of(at),
            grounds: "住院系疾病治疗，出院记录已注明诊断，属于保障范围，请予复核。".to_owned(),
            late_reason: String::new(),
        };
        let id = clock::as_of(at, after::record_appeal(self.app, &me, self.id, asked)).await?;
        let file = tempfile::NamedTempFile::new().map_err(Problem::internal)?;
        std::fs::write(file.path(), picture::paper("申请书", 7)).map_err(Problem::internal)?;
        let letter = materials::store_file(self.app, file.path()).await?;
        clock::as_of(at, after::keep_paper(self.app, &me, id, "申诉书.png", &letter)).await?;
        Ok(id)
    }

    /// A denied case whose appeal was allowed: corrected and paid.
    async fn appeal_allowed(&mut self, row: &case::Model) -> Result<(), Problem> {
        let appeal = self.appeal(row, "unit").await?;
        self.at += Duration::days(4);
        let (senior, at) = (self.person("review2")?, self.later());
        let note = "经复核，出院诊断属于保障范围，原决定适用条款有误，予以支持。".to_owned();
        let decision = AppealDecision { version: 1, allowed: true, note };
        clock::as_of(at, after::decide_appeal(self.app, &senior, appeal, decision)).await?;
        let opened = case::Entity::find().filter(case::Column::CorrectsId.eq(row.id)).one(self.app.db.read()).await?;
        self.id = CaseId(opened.ok_or_else(|| Problem::internal("an allowed appeal without a correction"))?.id);
        self.enter(None).await?;
        self.review().await?;
        self.at += Duration::days(1);
        let (makes, releases) = (self.person("cashier")?, self.person("cashier2")?);
        let asked = payment::NewBatch { cases: vec![self.id.0], ..payment::NewBatch::default() };
        let at = self.later();
        let batch = clock::as_of(at, payment::make(self.app, &makes, asked)).await?;
        let at = self.later();
        clock::as_of(at, payment::release(self.app, &releases, batch, 1)).await?;
        let row =
            payment_batch::Entity::find_by_id(batch).one(self.app.db.read()).await?.ok_or_else(Problem::not_found)?;
        let at = self.later();
        let asked = payment::SettleRequest {
            version: row.version,
            paid: Vec::new(),
            all_others: true,
            paid_on: Some(clock::day_of(at)),
            bounced: Vec::new(),
        };
        clock::as_of(at, payment::settle(self.app, &makes, batch, &asked)).await.map(|_| ())
    }

    /// A paid case whose 个人自付 was entered too high: part of the money has come back, a part waits to be confirmed.
    async fn claim_back(&mut self, row: &case::Model) -> Result<(), Problem> {
        let (senior, at) = (self.person("review2")?, self.later());
        let note = "医保中心回函：该次住院已重新结算，个人自付减少。".to_owned();
        let asked = CorrectionRequest { reason: CorrectionReason::SettlementChanged, note };
        let opened = clock::as_of(at, after::open_correction(self.app, &senior, CaseId(row.id), asked)).await?;
        self.id = CaseId(opened.id);
        self.enter(Some(Fen(60_000))).await?;
        self.review().await?;
        let owed = -self.row().await?.benefit_fen.unwrap_or_default();
        self.at += Duration::days(6);
        self.receipt(owed / 2, "HK20260711003").await?;
        let entries = recovery_entry::Entity::find().filter(recovery_entry::Column::CaseId.eq(self.id.0));
        let entry = entries.one(self.app.db.read()).await?.ok_or_else(|| Problem::internal("no receipt"))?;
        let (cashier, at) = (self.person("cashier")?, self.later());
        let version = self.row().await?.version;
        let verdict = VerdictRequest { version, entry_id: entry.id, accepted: true, note: String::new() };
        let decided = after::decide_entry(self.app, &cashier, self.id, ActionKind::DecideReceipt, verdict);
        clock::as_of(at, decided).await?;
        self.receipt(owed / 4, "HK20260802011").await
    }

    async fn receipt(&mut self, fen: i64, reference: &str) -> Result<(), Problem> {
        let (handler, at) = (self.person("handler")?, self.later());
        let asked = ReceiptRequest {
            version: self.row().await?.version,
            amount_fen: Fen(fen),
            received_on: clock::day_of(at),
            way: ReceiptWay::BankTransfer,
            reference: reference.to_owned(),
            note: String::new(),
        };
        clock::as_of(at, after::record_receipt_of(self.app, &handler, self.id, asked)).await
    }

    /// 费用录入 of a correction: as it was taken over, or with so much less 个人自付.
    async fn enter(&mut self, less: Option<Fen>) -> Result<(), Problem> {
        self.act("handler", Action::Take).await?;
        let handler = self.person("handler")?;
        if let Some(less) = less {
            let db = self.app.db.read();
            let row = self.row().await?;
            let payees = store::payees(db, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
            let mut statements = store::statements(db, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
            for statement in &mut statements {
                let moved = |amount: &mut Option<Fen>, by: Fen| *amount = amount.map(|a| a + by);
                moved(&mut statement.self_pay_fen, -less);
                moved(&mut statement.cash_paid_fen, -less);
                moved(&mut statement.actual_paid_fen, -less);
                moved(&mut statement.pooled_fund_paid_fen, less);
            }
            let incident = huzhu_domain::case::Incident {
                cause: row.incident_cause,
                from: row.incident_from,
                to: row.incident_to,
                class_code: row.incident_class,
                injuries: Vec::new(),
            };
            let version = row.version;
            let draft = expenses::DraftRequest { version, payees, incident, statements, warning_reasons: Vec::new() };
            let at = self.later();
            clock::as_of(at, expenses::save_draft_of(self.app, &handler, self.id, draft)).await?;
        }
        let (at, version) = (self.later(), self.row().await?.version);
        clock::as_of(at, expenses::calculate_case(self.app, &handler, self.id, version)).await?;
        self.act("handler", Action::Submit).await
    }

    /// 申领初审, and 申领复审 where the rules ask for it, by people who didn't open it.
    async fn review(&mut self) -> Result<(), Problem> {
        self.act("review", Action::Take).await?;
        self.act("review", Action::Approve).await?;
        if self.row().await?.stage.0 == Stage::SecondReview {
            self.act("review3", Action::Take).await?;
            self.act("review3", Action::Approve).await?;
        }
        Ok(())
    }
}
