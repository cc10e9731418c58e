//! The whole file of a case as the rules look at it: entry, papers, plan version, what was used before.
use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use huzhu_domain::{
    benefit::{self, Calculation, Claim, Liability, Plan, TraceStep, UsageBook},
    case::{
        Blocker, CalculationState, CasePaper, Facts, Incident, Injury, Payee, Stage, difference, papers_of,
        payee_issues,
    },
    coverage::Coverage,
    dates::Period,
    ids::UserId,
    materials::{MaterialRule, Present},
    money::Fen,
    statement::{self, Earlier, Statement, StatementDraft, Warning},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{alike, doubts, ledger, reductions, state::Evidence, store, supplements, suspect};
use crate::{
    app::App,
    entity::{case, case_material, case_material_field, coverage, member, reduction, supplement, warning_answer},
    platform::{clock, error::Problem},
};

/// The answer to a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WarningReason {
    /// The warning's code.
    pub code: String,
    /// Which statement it is about, from 1; null where it is about the case.
    pub statement: Option<usize>,
    /// The reason in words.
    pub reason: String,
}

/// Everything that the rules need to know of a case.
pub struct CaseFile {
    /// The case's row.
    pub row: case::Model,
    /// 出险人.
    pub member: member::Model,
    /// 保障区间.
    pub coverage: coverage::Model,
    /// The plan version of the coverage.
    pub plan: Arc<Plan>,
    /// 领款人, as far as they are entered.
    pub payees: Vec<Payee>,
    /// 结算单, as far as they are entered.
    pub statements: Vec<StatementDraft>,
    /// Pictures in the order of their upload.
    pub pictures: Vec<case_material::Model>,
    /// What was typed off the papers: by kind and field.
    pub fields: HashMap<(String, String), String>,
    /// What other cases use of the coverage; from 申领提交 on what they used before it.
    pub usage: UsageBook,
    /// The day on which the claim was accepted: of a correction, the first case of its chain.
    pub claimed_on: NaiveDate,
    /// Everything that was asked for (补正), in its order.
    pub supplements: Vec<supplement::Model>,
    /// Every cut (核减) and what takes one back, in their order.
    pub reductions: Vec<reduction::Model>,
    /// What reviewers said to warnings, in its order.
    pub answers: Vec<warning_answer::Model>,
    earlier: Vec<(Earlier, bool)>,
    /// The earlier case in which the incident seems to be claimed.
    incident_seen: Option<String>,
    /// The paper whose picture is in another case too.
    picture_seen: Option<Warning>,
}

impl CaseFile {
    /// Gathers the file of a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &impl ConnectionTrait, app: &App, row: case::Model) -> Result<Self, Problem> {
        let gone = |what: &str| Problem::internal(format!("case {} lacks its {what}", row.id));
        let member = member::Entity::find_by_id(row.member_id).one(db).await?.ok_or_else(|| gone("member"))?;
        let coverage = coverage::Entity::find_by_id(row.coverage_id).one(db).await?.ok_or_else(|| gone("coverage"))?;
        let plan = app.plans.get(db, row.plan_version_id).await?;
        let statements = store::statements(db, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
        let payees = store::payees(db, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
        let pictures = case_material::Entity::find()
            .filter(case_material::Column::CaseId.eq(row.id))
            .order_by_asc(case_material::Column::Id)
            .all(db)
            .await?;
        let fields =
            case_material_field::Entity::find().filter(case_material_field::Column::CaseId.eq(row.id)).all(db).await?;
        let usage = match row.stage.0 {
            // What was submitted is judged by what was used before it, not by what came after.
            Stage::FirstReview | Stage::SecondReview => ledger::used_before(db, &row).await?,
            _ => ledger::used_by_others(db, &row).await?,
        };
        let earlier = suspect::earlier(db, &row, &member, &statements).await?;
        let claimed_on = match row.chain_id {
            None => row.accepted_on,
            Some(id) => case::Entity::find_by_id(id).one(db).await?.ok_or_else(|| gone("chain"))?.accepted_on,
        };
        // What reviewers write.
        let (supplements, reductions, answers) = if row.submissions == 0 {
            (Vec::new(), Vec::new(), Vec::new())
        } else {
            (supplements::of(db, row.id).await?, reductions::of(db, row.id).await?, doubts::of(db, row.id).await?)
        };
        let incident_seen = suspect::incident_seen(db, &row, &member).await?;
        let picture_seen = alike::picture_seen(db, &row, &plan, &pictures).await?;
        let fields = fields.into_iter().map(|f| ((f.kind, f.field), f.value.into_string())).collect();
        Ok(Self {
            row,
            member,
            coverage,
            plan,
            payees,
            statements,
            pictures,
            fields,
            usage,
            claimed_on,
            supplements,
            reductions,
            answers,
            earlier,
            incident_seen,
            picture_seen,
        })
    }

    /// The liability that the case is claimed under.
    ///
    /// # Errors
    /// When the plan version has lost it.
    pub fn liability(&self) -> Result<&Liability, Problem> {
        let code = &self.row.liability_code;
        self.plan.liability(code).ok_or_else(|| Problem::internal(format!("plan version without liability {code}")))
    }

    /// The papers that can be printed of the case.
    #[must_use]
    pub fn papers(&self) -> Vec<CasePaper> {
        let submissions = u32::try_from(self.row.submissions).unwrap_or_default();
        papers_of(self.row.stage.0, self.row.outcome.map(|o| o.0), submissions, !self.supplements.is_empty())
    }

    /// 保障区间.
    #[must_use]
    pub const fn period(&self) -> Period {
        Period { from: self.coverage.period_from, to: self.coverage.period_to }
    }

    /// 出险信息.
    #[must_use]
    pub fn incident(&self) -> Incident {
        Incident {
            cause: self.row.incident_cause.clone(),
            from: self.row.incident_from,
            to: self.row.incident_to,
            class_code: self.row.incident_class.clone(),
            injuries: self.injuries(),
        }
    }

    fn injuries(&self) -> Vec<Injury> {
        serde_json::from_str(&self.row.incident_injuries).unwrap_or_default()
    }

    /// The coverage as the rules look at it.
    #[must_use]
    pub fn covered(&self) -> Coverage {
        Coverage {
            period: self.period(),
            shares: u32::try_from(self.coverage.shares).unwrap_or(1),
            renewed: self.coverage.renewed,
        }
    }

    /// Computes the benefit from what is saved.
    ///
    /// # Errors
    /// The fields without which nothing can be computed: path and code each.
    pub fn calculate(&self) -> Result<Calculation, Vec<(String, String)>> {
        let today = clock::today();
        let liability = self.liability().map_err(|_| vec![("liability".to_owned(), "unknown".to_owned())])?;
        let mut issues = Vec::new();
        let statements = parsed(&self.counted_statements(), today).unwrap_or_else(|blockers| {
            issues = fields_of(blockers);
            Vec::new()
        });
        if liability.needs_statements() && self.statements.is_empty() {
            issues.push(("statements".to_owned(), "required".to_owned()));
        }
        let grades: Vec<u32> = self.injuries().iter().map(|i| i.grade).collect();
        // Dates and words are for 申领提交; what the amount depends on must be there and known now.
        let (classes, known) = (liability.classes(), liability.grades());
        let wrong = |field: &str, problem: &str| (format!("incident.{field}"), problem.to_owned());
        match &self.row.incident_class {
            None if !classes.is_empty() => issues.push(wrong("class_code", "required")),
            Some(code) if classes.iter().all(|(c, _)| c != code) => issues.push(wrong("class_code", "unknown")),
            _ => {}
        }
        if grades.is_empty() && !known.is_empty() {
            issues.push(wrong("injuries", "required"));
        } else if grades.iter().any(|g| !known.contains(g)) {
            issues.push(wrong("injuries", "unknown"));
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        let claim = Claim {
            claim_type: self.row.claim_type.0,
            incident_date: self.row.incident_date,
            coverage: self.covered(),
            statements: &statements,
            class_code: self.row.incident_class.as_deref(),
            grades: &grades,
            usage: &self.usage,
        };
        Ok(benefit::calculate(&self.plan, liability, &claim))
    }

    /// The last day on which the claim was in time, where it was accepted later.
    #[must_use]
    pub fn late_since(&self) -> Option<NaiveDate> {
        let deadline = self.liability().ok()?.deadline?;
        let complete: Vec<Statement> =
            self.statements.iter().enumerate().filter_map(|(i, s)| s.parse(i, NaiveDate::MAX).ok()).collect();
        deadline.last_day(self.row.incident_date, &complete).filter(|last| self.claimed_on > *last)
    }

    /// What the claim is worth by a calculation: of a correction, with what was granted before.
    #[must_use]
    pub fn worth(&self, calculation: CalculationState) -> Option<Fen> {
        match calculation {
            CalculationState::Current(benefit) => Some(benefit + Fen(self.row.granted_before_fen.unwrap_or_default())),
            CalculationState::Missing | CalculationState::Stale => None,
        }
    }

    /// Whether the stored calculation is what computing anew would give.
    #[must_use]
    pub fn calculation_state(&self) -> CalculationState {
        let (Some(amount), Some(trace)) = (self.row.calculated_fen, &self.row.trace) else {
            return CalculationState::Missing;
        };
        let submitted = matches!(self.row.stage.0, Stage::FirstReview | Stage::SecondReview);
        let same = |now: &[TraceStep]| serde_json::to_string(now).is_ok_and(|t| t == *trace);
        match self.calculate() {
            // What was submitted stands while its amount does: only what is used of the coverage can have changed.
            Ok(now) if now.amount == Fen(amount) && (submitted || same(&now.trace)) => {
                CalculationState::Current(difference(Evidence::from(&self.row).correction(), now.amount))
            }
            _ => CalculationState::Stale,
        }
    }

    /// The warnings about the case, and about the statements that are complete: those with the statement's number from 1.
    #[must_use]
    pub fn warnings(&self, today: NaiveDate) -> Vec<(Option<usize>, Warning)> {
        let late = self.late_since().map(|until| (None, Warning::PastDeadline { until }));
        let seen = self.incident_seen.clone().map(|case_no| (None, Warning::IncidentSeen { case_no }));
        let picture = self.picture_seen.clone().map(|warning| (None, warning));
        let mut out: Vec<(Option<usize>, Warning)> = late.into_iter().chain(seen).chain(picture).collect();
        for (i, draft) in self.statements.iter().enumerate() {
            let Ok(statement) = draft.parse(i, today) else { continue };
            let others = self.others(i);
            out.extend(statement::warnings(&statement, self.period(), &others).into_iter().map(|w| (Some(i + 1), w)));
        }
        out
    }

    /// The answers to warnings, as saved.
    #[must_use]
    pub fn reasons(&self) -> Vec<WarningReason> {
        serde_json::from_str(&self.row.warning_reasons).unwrap_or_default()
    }

    /// What there is of a kind of paper.
    #[must_use]
    pub fn present(&self, rule: &MaterialRule) -> Present {
        let files = self.pictures.iter().filter(|p| p.kind == rule.kind).count();
        let filled = |f: &&String| self.fields.get(&(rule.kind.clone(), (*f).clone())).is_some_and(|v| !v.is_empty());
        Present {
            files: u32::try_from(files).unwrap_or(u32::MAX),
            fields: rule.fields.iter().filter(filled).cloned().collect(),
        }
    }

    /// What the decision needs to know, where `who` decides.
    #[must_use]
    pub fn facts(&self, today: NaiveDate, who: UserId) -> Facts {
        let calculation = self.calculation_state();
        let benefit = self.worth(calculation);
        let rules = self.plan.materials_for(&self.row.liability_code, self.row.claim_type.0);
        let papers = rules.flat_map(|rule| rule.missing(&self.present(rule), benefit));
        let materials = papers.chain(self.open_supplements()).collect();
        let warnings = self.open_warnings(today, who);
        Facts { materials, entry: self.entry_issues(today), calculation, warnings, ..Facts::default() }
    }

    fn entry_issues(&self, today: NaiveDate) -> Vec<Blocker> {
        let liability = self.liability().ok();
        let classes: Vec<&str> = liability.map(|l| l.classes().iter().map(|c| c.0).collect()).unwrap_or_default();
        let grades = liability.map(Liability::grades).unwrap_or_default();
        let mut out = payee_issues(&self.payees, self.row.claim_type.0.is_death());
        out.extend(self.incident().issues(today, &classes, &grades));
        if liability.is_some_and(Liability::needs_statements) && self.statements.is_empty() {
            out.push(Blocker::StatementMissing {});
        }
        out.extend(parsed(&self.statements, today).err().unwrap_or_default());
        let reasons = self.reasons();
        for (statement, warning) in self.warnings(today) {
            let answers =
                |r: &WarningReason| r.code == warning.code() && r.statement == statement && !r.reason.trim().is_empty();
            if reasons.iter().any(answers) {
                continue;
            }
            let warning = warning.code().to_owned();
            out.push(match statement {
                Some(statement) => Blocker::WarningUnanswered { warning, statement },
                None => Blocker::CaseWarningUnanswered { warning },
            });
        }
        out
    }

    /// The statements that the `index`-th is compared with: those of other cases, and the case's own others.
    fn others(&self, index: usize) -> Vec<Earlier> {
        let own = self.statements.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, s)| Earlier {
            case_no: self.row.no.clone(),
            stay: s.admitted_on.zip(s.discharged_on).and_then(|(from, to)| Period::new(from, to)),
            invoice_no: s.invoice_no.trim().to_owned(),
        });
        let foreign = self.earlier.iter().map(|(e, same_person)| match same_person {
            true => e.clone(),
            false => Earlier { stay: None, ..e.clone() },
        });
        own.chain(foreign).collect()
    }
}

fn parsed(drafts: &[StatementDraft], today: NaiveDate) -> Result<Vec<Statement>, Vec<Blocker>> {
    let mut complete = Vec::new();
    let mut wrong = Vec::new();
    for (i, draft) in drafts.iter().enumerate() {
        match draft.parse(i, today) {
            Ok(statement) => complete.push(statement),
            Err(blockers) => wrong.extend(blockers),
        }
    }
    if wrong.is_empty() { Ok(complete) } else { Err(wrong) }
}

fn fields_of(blockers: Vec<Blocker>) -> Vec<(String, String)> {
    let field = |b| match b {
        Blocker::FieldWrong { field, problem } => Some((field, problem)),
        _ => None,
    };
    blockers.into_iter().filter_map(field).collect()
}
