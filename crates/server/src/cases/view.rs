//! The whole case as its page shows it: facts, papers, calculation, history, and what may be done next.
use chrono::NaiveDate;
use huzhu_domain::{
    benefit::{Liability, TraceStep},
    case::{self as domain, Facts, Outcome, Recovery, Stage},
    id_number::{self, IdKind},
    ids::CaseId,
    materials::{MAX_PICTURE_MB, MaterialRule},
    money::Fen,
    permission::Permission,
    statement::StatementDraft,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

pub use super::answer::*;
use super::{
    accounts,
    after::{After, AfterView},
    deadlines::Deadlines,
    file::CaseFile,
    recovery,
    rows::{self, Names},
    state::Evidence,
    store,
};
use crate::{
    app::App,
    entity::case_event,
    platform::{
        auth::Me,
        clock,
        error::Problem,
        messages::{self, Locale, Notice},
    },
};

/// A case of the caller's branch.
///
/// # Errors
/// 404 where there is no such case in the branch.
pub async fn load(app: &App, me: &Me, id: CaseId) -> Result<CaseView, Problem> {
    let db = app.db.read();
    let row = store::find(db, me, id).await?;
    let file = CaseFile::load(db, app, row).await?;
    let events = case_event::Entity::find()
        .filter(case_event::Column::CaseId.eq(id.0))
        .order_by_asc(case_event::Column::Seq)
        .all(db)
        .await?;
    let row = &file.row;
    let people = [Some(row.accepted_by_id), row.holder_id, row.entered_by_id, row.approved_by_id, row.closed_by_id];
    let people = people.into_iter().flatten();
    let people = people.chain(events.iter().map(|e| e.actor_id)).chain(file.pictures.iter().map(|p| p.uploaded_by_id));
    let people = people.chain(events.iter().filter_map(assignee));
    let after = After::load(db, row).await?;
    let people = people.chain(after.people());
    let users = rows::user_names(&app.db, people.chain(file.reviewers())).await?;
    let accounts = known_accounts(db, me, &file).await?;
    let pace = Deadlines::since(db, std::iter::once(row.stage_since)).await?.of(row);
    let orgs = rows::org_names(&app.db, [row.unit_id, row.agency_id.unwrap_or(row.office_id)]).await?;
    let (after, timeline) = after.view(app, me, row, &users);
    let recovery = recovery::facts(db, row).await?;
    let mut view = build(me, file, recovery, &events, &users, &orgs, after)?;
    view.timeline.extend(timeline);
    view.timeline.sort_by_key(|e| e.at);
    Ok(CaseView { accounts, pace, ..view })
}

/// What the payee's account may be filled in with: cards under the name that the member has now.
async fn known_accounts(db: &impl ConnectionTrait, me: &Me, file: &CaseFile) -> Result<Vec<KnownAccount>, Problem> {
    let entering = file.row.stage.0 == Stage::ExpenseEntry && me.may(Permission::EnterExpenses);
    if !entering || file.row.claim_type.0.is_death() {
        return Ok(Vec::new());
    }
    let own = accounts::of(db, file.row.member_id).await?.into_iter().filter(|a| a.holder_name == file.member.name);
    Ok(own.map(|a| KnownAccount { account_no: a.account_no.into_string(), bank_name: a.bank_name }).collect())
}

fn build(
    me: &Me,
    file: CaseFile,
    recovery: Recovery,
    events: &[case_event::Model],
    users: &Names,
    orgs: &Names,
    after: AfterView,
) -> Result<CaseView, Problem> {
    let today = clock::today();
    let locale = me.locale;
    let person = |id: Option<i64>| id.map(|id| Person { id, name: rows::name(users, id) });
    let row = &file.row;
    let case = Evidence::from(row).case()?;
    let holder_name = row.holder_id.map(|id| rows::name(users, id)).unwrap_or_default();
    let facts = Facts { holder_name, recovery, today: Some(today), ..file.facts(today, me.id) };
    let liability = file.liability()?;
    let action = |a: domain::AllowedAction| AllowedActionView {
        action: a.action,
        blockers: a.blockers.iter().map(|b| Notice::of(b, locale)).collect(),
    };
    let statements = file.statements.iter().map(|s| StatementDraft { days: s.stay_days(), ..s.clone() });
    Ok(CaseView {
        after,
        allowed_actions: domain::allowed_actions(&case, &me.actor(), &facts).into_iter().map(action).collect(),
        warnings: warnings(&file, today, users, locale),
        supplements: file.supplement_rounds(users),
        reductions: file.reduction_views(users),
        submitted_benefit_fen: file.submitted_benefit(),
        materials: materials(&file, &facts, users, locale),
        calculation: calculation(&file, &facts, locale),
        steps: steps(&file, events, users),
        timeline: events.iter().map(|e| timeline(e, users, locale)).collect(),
        papers: file.papers(),
        statements: statements.collect(),
        needs_statements: liability.needs_statements(),
        class_options: liability
            .classes()
            .iter()
            .map(|(code, name)| ClassOption { code: (*code).to_owned(), name: (*name).to_owned() })
            .collect(),
        usage: usage(&file, liability),
        payees: file.payees.clone(),
        accounts: Vec::new(),
        pace: None,
        several_payees: row.claim_type.0.is_death(),
        grade_options: liability.grades(),
        approve_needs_note: file.late_since().is_some(),
        incident: file.incident(),
        notices: id_notices(&file, locale),
        member: member(&file),
        plan_code: file.plan.code.clone(),
        plan_name: file.plan.name.clone(),
        plan_version: file.plan.version.clone(),
        coverage_from: file.coverage.period_from,
        coverage_to: file.coverage.period_to,
        shares: file.coverage.shares,
        renewed: file.coverage.renewed,
        id: row.id,
        no: row.no.clone(),
        version: row.version,
        stage: row.stage.0,
        source: row.source.0,
        claim_type: row.claim_type.0,
        liability_code: row.liability_code.clone(),
        liability_name: row.liability_name.clone(),
        unit_name: rows::name(orgs, row.unit_id),
        org_name: rows::name(orgs, row.agency_id.unwrap_or(row.office_id)),
        incident_date: row.incident_date,
        accepted_on: row.accepted_on,
        accepted_by_name: rows::name(users, row.accepted_by_id),
        holder: person(row.holder_id),
        entered_by: person(row.entered_by_id),
        approved_by: person(row.approved_by_id),
        returned: row.returned,
        submissions: row.submissions,
        claim_ordinal: row.claim_ordinal,
        benefit_fen: row.benefit_fen.map(Fen),
        // Of a correction the calculation comes to another amount than what moves.
        benefit_words: row.benefit_fen.filter(|_| row.corrects_id.is_none()).map(|fen| Fen(fen).in_words()),
        closing: row.outcome.map(|outcome| ClosingView {
            outcome: outcome.0,
            reason_code: row.close_reason.clone(),
            closed_at: row.closed_at,
            closed_by_name: row.closed_by_id.map(|id| rows::name(users, id)).unwrap_or_default(),
            paid_on: row.paid_on,
        }),
    })
}

fn usage(file: &CaseFile, liability: &Liability) -> Vec<UsageView> {
    let shares = file.covered().shares;
    let own = file.usage.of(&liability.code);
    let mut out = vec![UsageView::new(&liability.name, false, own, &liability.caps, shares)];
    out.extend(
        file.plan
            .groups_of(&liability.code)
            .map(|group| UsageView::new(&group.name, true, file.usage.of_group(group), &group.caps, shares)),
    );
    out
}

fn member(file: &CaseFile) -> CaseMember {
    let m = &file.member;
    CaseMember {
        id: m.id,
        name: m.name.clone(),
        id_kind: m.id_kind.0,
        id_number: m.id_number.as_str().to_owned(),
        birth_date: m.birth_date,
        sex: m.sex.map(|s| s.0),
        phone: m.phone.as_str().to_owned(),
    }
}

fn id_notices(file: &CaseFile, locale: Locale) -> Vec<Notice> {
    let resident = file.member.id_kind.0 == IdKind::ResidentId;
    let fault = (resident && file.member.erased_on.is_none())
        .then(|| id_number::inspect(file.member.id_number.as_str()).fault)
        .flatten();
    fault.iter().map(|f| Notice::of(f, locale)).collect()
}

fn warnings(file: &CaseFile, today: NaiveDate, users: &Names, locale: Locale) -> Vec<WarningView> {
    let reasons = file.reasons();
    let view = |(statement, warning): (Option<usize>, huzhu_domain::statement::Warning)| {
        let Notice { code, message, args } = Notice::of(&warning, locale);
        let given = reasons.iter().find(|r| r.code == code && r.statement == statement);
        let reason = given.map(|r| r.reason.clone()).unwrap_or_default();
        let answers = file.said_to(statement, &warning, users);
        let wants_answer = file.wants_answer(&warning);
        WarningView { code, message, statement, args, reason, answers, wants_answer }
    };
    file.warnings(today).into_iter().map(view).collect()
}

fn materials(file: &CaseFile, facts: &Facts, users: &Names, locale: Locale) -> Vec<MaterialItem> {
    let decided = if file.row.corrects_id.is_some() { file.row.calculated_fen } else { file.row.benefit_fen };
    let benefit = file.worth(facts.calculation).or(decided.map(Fen));
    let item = |rule: &MaterialRule| MaterialItem {
        kind: rule.kind.clone(),
        name: rule.name.clone(),
        required: rule.is_required(benefit),
        min: rule.min,
        max: rule.max_files(),
        above_fen: rule.above.map(|a| a.0),
        formats: rule.taken(),
        max_mb: rule.max_mb.unwrap_or(MAX_PICTURE_MB),
        fields: rule
            .fields
            .iter()
            .map(|field| MaterialField {
                code: field.clone(),
                name: messages::field_name(locale, field),
                value: file.fields.get(&(rule.kind.clone(), field.clone())).cloned().unwrap_or_default(),
            })
            .collect(),
        files: file
            .pictures
            .iter()
            .filter(|p| p.kind == rule.kind)
            .map(|p| MaterialFile::new(p.clone(), rows::name(users, p.uploaded_by_id)))
            .collect(),
    };
    file.plan.materials_for(&file.row.liability_code, file.row.claim_type.0).map(item).collect()
}

fn calculation(file: &CaseFile, facts: &Facts, locale: Locale) -> Option<CalculationView> {
    let amount = file.row.calculated_fen.map(Fen)?;
    let steps: Vec<TraceStep> = serde_json::from_str(file.row.trace.as_deref()?).unwrap_or_default();
    // Once submitted the trace is what the case was decided by, whatever other cases did since.
    let open = matches!(file.row.stage.0, Stage::Materials | Stage::ExpenseEntry);
    let stale = open && facts.calculation == domain::CalculationState::Stale;
    Some(CalculationView {
        amount_fen: amount,
        stale,
        trace: steps.into_iter().map(|s| TraceStepView::new(s, locale)).collect(),
    })
}

fn steps(file: &CaseFile, events: &[case_event::Model], users: &Names) -> Vec<CaseStep> {
    let way = [
        (StepStage::Materials, Stage::Materials),
        (StepStage::ExpenseEntry, Stage::ExpenseEntry),
        (StepStage::FirstReview, Stage::FirstReview),
        (StepStage::SecondReview, Stage::SecondReview),
        (StepStage::Payment, Stage::Payment),
        (StepStage::Recovery, Stage::Recovery),
    ];
    let now = file.row.stage.0;
    let mut out = vec![CaseStep {
        stage: StepStage::Acceptance,
        state: StepState::Done,
        at: Some(file.row.accepted_at),
        by_name: Some(rows::name(users, file.row.accepted_by_id)),
    }];
    let corrects = file.row.corrects_id.is_some();
    let first = if corrects { Stage::ExpenseEntry } else { Stage::first(file.row.claim_type.0) };
    // Of what a correction may come to, only what it came to is a step.
    let claims_back = events.iter().any(|e| e.to_stage.0 == Stage::Recovery);
    let confirmed = file.row.outcome.is_some_and(|o| o.0 == Outcome::Corrected);
    let beside = |stage| match stage {
        Stage::Payment => claims_back || confirmed,
        Stage::Recovery => !claims_back,
        _ => false,
    };
    let way = way.into_iter().filter(|(_, stage)| !beside(*stage));
    for (step, stage) in way.filter(|(_, stage)| *stage >= first) {
        let left = events.iter().rfind(|e| e.from_stage.is_some_and(|f| f.0 == stage) && e.to_stage.0 != stage);
        if stage == Stage::SecondReview && now != stage && left.is_none() {
            continue;
        }
        let state = match (stage.cmp(&now), left) {
            (std::cmp::Ordering::Equal, _) => StepState::Current,
            (std::cmp::Ordering::Greater, _) => StepState::Todo,
            (std::cmp::Ordering::Less, Some(_)) => StepState::Done,
            (std::cmp::Ordering::Less, None) => StepState::Skipped,
        };
        let left = left.filter(|_| state == StepState::Done);
        let by_name = left.map(|e| rows::name(users, e.actor_id));
        out.push(CaseStep { stage: step, state, at: left.map(|e| e.at), by_name });
    }
    let closed = now == Stage::Closed;
    out.push(CaseStep {
        stage: StepStage::Closed,
        state: if closed { StepState::Done } else { StepState::Todo },
        at: file.row.closed_at,
        by_name: file.row.closed_by_id.map(|id| rows::name(users, id)),
    });
    out
}

/// Who an event put the case into the hands of.
fn assignee(e: &case_event::Model) -> Option<i64> {
    let assigned = (e.kind == "assign").then(|| serde_json::from_str::<Value>(&e.data).ok()).flatten();
    assigned?["assignee_id"].as_i64()
}

fn timeline(e: &case_event::Model, users: &Names, locale: Locale) -> TimelineEvent {
    let data: Value = serde_json::from_str(&e.data).unwrap_or_default();
    let reasons = data["second_review"].as_array().into_iter().flatten();
    TimelineEvent {
        seq: e.seq,
        kind: e.kind.clone(),
        at: e.at,
        actor_name: rows::name(users, e.actor_id),
        from_stage: e.from_stage.map(|s| s.0),
        to_stage: e.to_stage.0,
        reason_code: e.reason_code.clone(),
        assignee_name: assignee(e).map(|id| rows::name(users, id)),
        second_review: reasons.map(|reason| Notice::of(reason, locale)).collect(),
        note: e.note.clone(),
        remarks: remarks(&data, locale),
    }
}

/// What an act cut or asked for, in a sentence.
#[must_use]
pub fn remarks(data: &Value, locale: Locale) -> Vec<Notice> {
    let mut out = Vec::new();
    if let Some(cut) = data.get("cut") {
        out.push(Notice::of(&json!({ "code": "cut_made", "args": cut }), locale));
    }
    let list = data["supplement"].as_array().into_iter().flatten();
    let asked: Vec<&str> = list.filter_map(|item| item["what"].as_str()).collect();
    if !asked.is_empty() {
        let args = json!({ "list": asked.join("；") });
        out.push(Notice::of(&json!({ "code": "supplement_asked", "args": args }), locale));
    }
    if let Some(accepted) = data["accepted"].as_bool() {
        let code = if accepted { "warning_accepted" } else { "warning_declined" };
        out.push(Notice::of(&json!({ "code": code, "args": { "warning": data["warning"] } }), locale));
    }
    out
}
