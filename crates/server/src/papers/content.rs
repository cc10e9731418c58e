//! What stands on a paper, read off the case's file and its log.
use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};

use chrono::NaiveDate;
use huzhu_domain::{
    appeal,
    benefit::{Liability, TraceStep},
    case::{CasePaper, DenyReason, Stage, masked},
    money::Fen,
    org::OrgKind,
    statement::{StatementDraft, Warning},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};
use serde_json::{Map, Value, json};

use super::paper::{
    Paper, PaperCase, PaperCounted, PaperDecision, PaperDenial, PaperMaterial, PaperOffice, PaperPayee, PaperStatement,
    PaperSupplement, PaperWarning,
};
use crate::{
    app::App,
    cases::{
        file::CaseFile,
        rows::{self, Names},
        store,
        view::{self, StepStage, TraceStepView},
    },
    entity::{case_event, org, supplement},
    platform::{
        auth::Me,
        clock,
        coded::Coded,
        error::Problem,
        messages::{self, Locale, Notice},
    },
};

/// What of the log is a decision that a paper tells.
const DECISIONS: [&str; 7] = ["accept", "submit", "approve", "return", "deny", "withdraw", "confirm_payment"];

/// One paper of each of some cases of the caller's branch, in the order asked for.
///
/// # Errors
/// 404 where there is no such case in the branch, 422 where one has no such paper.
pub(super) async fn load(app: &App, me: &Me, ids: &[i64], kind: CasePaper) -> Result<Vec<Paper>, Problem> {
    let db = app.db.read();
    let mut files = Vec::with_capacity(ids.len());
    for row in store::find_all(db, me, ids).await? {
        let file = CaseFile::load(db, app, row).await?;
        if !file.papers().contains(&kind) {
            let no = file.row.no;
            return Err(Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "paper_not_there").with("no", no));
        }
        files.push(file);
    }
    let events = decisions_of(db, ids).await?;
    let people = files.iter().flat_map(|f| f.reviewers().into_iter().chain([f.row.accepted_by_id]));
    let users = rows::user_names(&app.db, people.chain(events.values().flatten().map(|e| e.actor_id))).await?;
    let orgs = orgs_of(db, &files).await?;
    let paper = |file: &CaseFile| {
        let events = events.get(&file.row.id).map(Vec::as_slice).unwrap_or_default();
        let appeal_days = app.config.appeal_days;
        Content { me, appeal_days, file, events, users: &users, orgs: &orgs, kind }.paper()
    };
    files.iter().map(paper).collect()
}

/// What was decided in each case, oldest first.
async fn decisions_of(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, Vec<case_event::Model>>, Problem> {
    let events = case_event::Entity::find()
        .filter(case_event::Column::CaseId.is_in(ids.iter().copied()))
        .filter(case_event::Column::Kind.is_in(DECISIONS))
        .order_by_asc(case_event::Column::Seq)
        .all(db)
        .await?;
    let mut out: HashMap<i64, Vec<case_event::Model>> = HashMap::new();
    for event in events {
        out.entry(event.case_id).or_default().push(event);
    }
    Ok(out)
}

/// The society, and every office, agency and unit that the cases belong to.
async fn orgs_of(db: &impl ConnectionTrait, files: &[CaseFile]) -> Result<HashMap<i64, org::Model>, Problem> {
    let own = |f: &CaseFile| [Some(f.row.unit_id), f.row.agency_id, Some(f.row.office_id)];
    let ids: HashSet<i64> = files.iter().flat_map(own).flatten().collect();
    let wanted = org::Column::Id.is_in(ids).or(org::Column::Kind.eq(Coded(OrgKind::Society)));
    let nodes = org::Entity::find().filter(wanted).all(db).await?;
    Ok(nodes.into_iter().map(|o| (o.id, o)).collect())
}

struct Content<'a> {
    me: &'a Me,
    appeal_days: u32,
    file: &'a CaseFile,
    events: &'a [case_event::Model],
    users: &'a Names,
    orgs: &'a HashMap<i64, org::Model>,
    kind: CasePaper,
}

impl Content<'_> {
    fn paper(&self) -> Result<Paper, Problem> {
        let row = &self.file.row;
        let benefit = row.benefit_fen.map(Fen);
        let of = |kinds: &[CasePaper]| kinds.contains(&self.kind);
        let with_amount = of(&[CasePaper::Calculation, CasePaper::Approval, CasePaper::Payout]);
        let inner = of(&[CasePaper::Calculation, CasePaper::Approval]);
        Ok(Paper {
            kind: self.kind,
            number: self.number(),
            dated: self.dated(),
            printed_at: clock::now(),
            printed_by_name: self.me.name.clone(),
            society: self.society(),
            office: reached(self.org(row.office_id)?),
            case: self.case()?,
            materials: if of(&[CasePaper::Receipt]) { self.materials() } else { Vec::new() },
            supplement: if of(&[CasePaper::Supplement]) { self.supplement()? } else { None },
            amount: benefit.filter(|_| with_amount).map(Into::into),
            submitted: benefit.and(self.file.submitted_benefit()).filter(|_| inner).map(Into::into),
            statements: if inner { self.statements() } else { Vec::new() },
            cuts: if inner { self.file.standing_views(self.users) } else { Vec::new() },
            trace: if of(&[CasePaper::Calculation]) { self.trace() } else { Vec::new() },
            granted_before: row.granted_before_fen.filter(|_| with_amount).map(|fen| Fen(fen).into()),
            payees: benefit
                .filter(|_| of(&[CasePaper::Approval, CasePaper::Payout]))
                .map(|b| self.payees(b))
                .unwrap_or_default(),
            warnings: if of(&[CasePaper::Approval]) { self.warnings() } else { Vec::new() },
            decisions: if of(&[CasePaper::Approval]) { self.decisions() } else { Vec::new() },
            paid_on: row.paid_on.filter(|_| of(&[CasePaper::Payout, CasePaper::Approval])),
            denial: if of(&[CasePaper::Denial, CasePaper::Approval]) { self.denial() } else { None },
        })
    }

    fn org(&self, id: i64) -> Result<&org::Model, Problem> {
        self.orgs.get(&id).ok_or_else(|| Problem::internal("a case without its office or unit"))
    }

    fn society(&self) -> String {
        let society = self.orgs.values().find(|o| o.kind.0 == OrgKind::Society);
        society.map(|o| o.name.clone()).unwrap_or_default()
    }

    /// 受理机构: the agency, or the office where there is none.
    fn accepting(&self) -> Result<&org::Model, Problem> {
        self.org(self.file.row.agency_id.unwrap_or(self.file.row.office_id))
    }

    /// What was asked for last.
    fn asked(&self) -> impl Iterator<Item = &supplement::Model> {
        let round = self.file.supplements.last().map(|s| s.round);
        self.file.supplements.iter().filter(move |s| Some(s.round) == round)
    }

    /// Where the accepting agency has no telephone or address of its own, those of its office stand there.
    fn supplement(&self) -> Result<Option<PaperSupplement>, Problem> {
        let Some(first) = self.asked().next() else { return Ok(None) };
        let office = reached(self.org(self.file.row.office_id)?);
        let own = reached(self.accepting()?);
        let or = |own: String, office: String| if own.is_empty() { office } else { own };
        Ok(Some(PaperSupplement {
            round: first.round,
            asked_on: clock::day_of(first.asked_at),
            due_on: first.due_on,
            items: self.asked().map(|s| s.what.clone()).collect(),
            bring_to: PaperOffice {
                name: own.name,
                phone: or(own.phone, office.phone),
                address: or(own.address, office.address),
            },
        }))
    }

    /// A case that came back has a 计算书 for each time that it was submitted, and a 补正通知 for each that it was returned.
    fn number(&self) -> String {
        let row = &self.file.row;
        let time = match self.kind {
            CasePaper::Calculation => row.submissions,
            CasePaper::Supplement => self.asked().next().map_or(1, |s| s.round),
            _ => 1,
        };
        let again = if time > 1 { format!("-{time}") } else { String::new() };
        format!("{}-{}{again}", row.no, self.kind.suffix())
    }

    fn dated(&self) -> NaiveDate {
        let row = &self.file.row;
        let last = |kinds: &[&str]| {
            let event = self.events.iter().rfind(|e| kinds.contains(&e.kind.as_str()));
            event.map_or(row.accepted_on, |e| clock::day_of(e.at))
        };
        match self.kind {
            CasePaper::Receipt => row.accepted_on,
            CasePaper::Supplement => self.asked().next().map_or(row.accepted_on, |s| clock::day_of(s.asked_at)),
            CasePaper::Calculation => last(&["submit"]),
            CasePaper::Approval => last(&["submit", "approve", "deny"]),
            CasePaper::Payout => row.paid_on.unwrap_or_else(|| last(&["approve"])),
            CasePaper::Denial => last(&["deny"]),
        }
    }

    fn shown(&self, number: &str, head: usize) -> String {
        if self.kind.shows_whole_numbers() { number.to_owned() } else { masked(number, head, 4) }
    }

    fn case(&self) -> Result<PaperCase, Problem> {
        let CaseFile { row, member, coverage, plan, .. } = self.file;
        Ok(PaperCase {
            id: row.id,
            no: row.no.clone(),
            source: row.source.0,
            claim_type: row.claim_type.0,
            liability_name: row.liability_name.clone(),
            plan_name: plan.name.clone(),
            plan_version: plan.version.clone(),
            basis: plan.basis.clone(),
            coverage_from: coverage.period_from,
            coverage_to: coverage.period_to,
            shares: coverage.shares,
            member_name: member.name.clone(),
            id_kind: member.id_kind.0,
            id_number: self.shown(member.id_number.as_str(), 6),
            unit_name: self.org(row.unit_id)?.name.clone(),
            org_name: self.accepting()?.name.clone(),
            incident_date: row.incident_date,
            incident_cause: row.incident_cause.clone(),
            accepted_on: row.accepted_on,
            accepted_by_name: rows::name(self.users, row.accepted_by_id),
            claim_ordinal: row.claim_ordinal,
        })
    }

    /// What was handed in, and what is still wanted.
    fn materials(&self) -> Vec<PaperMaterial> {
        let row = &self.file.row;
        let rules = self.file.plan.materials_for(&row.liability_code, row.claim_type.0);
        let materials = rules.map(|rule| PaperMaterial {
            name: rule.name.clone(),
            required: rule.is_required(row.benefit_fen.map(Fen)),
            files: self.file.pictures.iter().filter(|p| p.kind == rule.kind).count(),
        });
        materials.filter(|m| m.required || m.files > 0).collect()
    }

    fn statements(&self) -> Vec<PaperStatement> {
        let counted = self.file.counted_statements();
        let statement = |(s, counts): (&StatementDraft, &StatementDraft)| PaperStatement {
            hospital: s.hospital.clone(),
            admitted_on: s.admitted_on,
            discharged_on: s.discharged_on,
            days: s.stay_days(),
            invoice_no: s.invoice_no.clone(),
            total_fen: s.total_fen,
            pooled_fund_paid_fen: s.pooled_fund_paid_fen,
            other_paid_fen: s.other_paid_fen,
            self_pay_fen: s.self_pay_fen,
            out_of_scope_fen: s.out_of_scope_fen,
            counted: (s != counts).then_some(PaperCounted {
                total_fen: counts.total_fen,
                self_pay_fen: counts.self_pay_fen,
                out_of_scope_fen: counts.out_of_scope_fen,
            }),
        };
        self.file.statements.iter().zip(&counted).map(statement).collect()
    }

    fn trace(&self) -> Vec<TraceStepView> {
        let trace = self.file.row.trace.as_deref().unwrap_or("[]");
        let steps: Vec<TraceStep> = serde_json::from_str(trace).unwrap_or_default();
        steps.into_iter().map(|step| TraceStepView::new(step, self.me.locale)).collect()
    }

    fn payees(&self, benefit: Fen) -> Vec<PaperPayee> {
        let payees = &self.file.payees;
        let shares: Vec<u32> = payees.iter().map(|p| p.share).collect();
        let payee = |(p, part): (&huzhu_domain::case::Payee, Fen)| PaperPayee {
            relation: p.relation,
            name: p.name.clone(),
            account_no: self.shown(&p.account_no, 0),
            bank_name: p.bank_name.clone(),
            amount: part.into(),
        };
        payees.iter().zip(benefit.split(&shares)).map(payee).collect()
    }

    fn warnings(&self) -> Vec<PaperWarning> {
        let reasons = self.file.reasons();
        let warning = |(statement, warning): (Option<usize>, Warning)| {
            let Notice { code, message, .. } = Notice::of(&warning, self.me.locale);
            let given = reasons.iter().find(|r| r.code == code && r.statement == statement);
            let reason = given.map(|r| r.reason.clone()).unwrap_or_default();
            let answers = self.file.said_to(statement, &warning, self.users);
            PaperWarning { statement, message, reason, answers }
        };
        self.file.warnings(clock::today()).into_iter().map(warning).collect()
    }

    fn decisions(&self) -> Vec<PaperDecision> {
        let decision = |e: &case_event::Model| {
            let data: Value = serde_json::from_str(&e.data).unwrap_or_default();
            let reasons = data["second_review"].as_array().into_iter().flatten();
            PaperDecision {
                step: e.from_stage.map_or(StepStage::Acceptance, |s| step(s.0)),
                kind: e.kind.clone(),
                by_name: rows::name(self.users, e.actor_id),
                at: e.at,
                reason_code: e.reason_code.clone(),
                note: e.note.clone(),
                remarks: view::remarks(&data, self.me.locale),
                second_review: reasons.map(|reason| Notice::of(reason, self.me.locale)).collect(),
            }
        };
        self.events.iter().map(decision).collect()
    }

    fn denial(&self) -> Option<PaperDenial> {
        let row = &self.file.row;
        let event = self.events.iter().rfind(|e| e.kind == "deny" && row.stage.0 == Stage::Closed)?;
        let reason_code = event.reason_code.clone()?;
        let reason = DenyReason::from_str(&reason_code).ok()?;
        let liability = self.file.liability().ok();
        let clause = liability.map(|l| clause_of(l, reason).to_owned()).unwrap_or_default();
        let CaseFile { coverage, .. } = self.file;
        let args = [
            ("incident_date", json!(row.incident_date)),
            ("from", json!(coverage.period_from)),
            ("to", json!(coverage.period_to)),
            ("liability", json!(row.liability_name)),
        ];
        let args: Map<String, Value> = args.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        Some(PaperDenial {
            sentence: sentence(self.me.locale, reason, &args),
            clause: if clause.is_empty() { self.file.plan.basis.clone() } else { clause },
            note: event.note.clone().unwrap_or_default(),
            appeal_until: appeal::last_day(clock::day_of(event.at), self.appeal_days),
            reason_code,
        })
    }
}

/// The name of an organisation, and how to reach it.
fn reached(org: &org::Model) -> PaperOffice {
    PaperOffice { name: org.name.clone(), phone: org.contact_phone.clone(), address: org.address.clone() }
}

/// The reason as the member reads it.
fn sentence(locale: Locale, reason: DenyReason, args: &Map<String, Value>) -> String {
    messages::sentence(locale, &format!("denied_{reason}"), args)
}

/// The clause that a refusal rests on.
fn clause_of(liability: &Liability, reason: DenyReason) -> &str {
    let own = match reason {
        DenyReason::WaitingPeriod => &liability.clauses.waiting,
        DenyReason::TimesUsedUp | DenyReason::AmountUsedUp => &liability.clauses.caps,
        _ => &liability.clause,
    };
    if own.is_empty() { &liability.clause } else { own }
}

const fn step(stage: Stage) -> StepStage {
    match stage {
        Stage::Materials => StepStage::Materials,
        Stage::ExpenseEntry => StepStage::ExpenseEntry,
        Stage::FirstReview => StepStage::FirstReview,
        Stage::SecondReview => StepStage::SecondReview,
        Stage::Payment => StepStage::Payment,
        Stage::Recovery => StepStage::Recovery,
        Stage::Closed | Stage::Deleted => StepStage::Closed,
    }
}
