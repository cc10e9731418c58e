//! The one path by which a case changes: load → decide (domain) → save → event, in one transaction.
use huzhu_domain::{
    benefit::Usage,
    case::{self as domain, Action, ActionKind, Blocker, Case, Decision, Stage},
    ids::{CaseId, UserId},
};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};

use super::{
    assign,
    events::{self, NewEvent, Signed},
    file::CaseFile,
    ledger, recovery,
    reductions::Cutting,
    rows,
    second::{self, Second},
    store,
    supplements::Asked,
    view::{self, CaseView},
};
use crate::{
    app::App,
    audit,
    entity::case,
    notify,
    platform::{auth::Me, clock, error::Problem},
    records::Object,
};

/// The longest reason in words, in characters.
const MAX_NOTE: usize = 500;

/// An act as a handler asks for it.
#[derive(Clone, Debug)]
pub struct Act {
    /// What is to be done.
    pub action: Action,
    /// The version that the caller saw; None where any will do (pictures don't change the version).
    pub version: Option<i64>,
    /// The reason in words.
    pub note: Option<String>,
    /// What else is saved with it.
    pub change: store::Change,
    /// What else the event keeps. No personal data.
    pub data: Value,
    /// What is asked for, where the case goes back to 材料上传 (补正).
    pub asked: Option<Asked>,
}

impl Act {
    /// An act without more.
    #[must_use]
    pub fn new(action: Action, version: i64) -> Self {
        Self {
            action,
            version: Some(version),
            note: None,
            change: store::Change::default(),
            data: json!({}),
            asked: None,
        }
    }

    /// Adds to what the event keeps.
    fn tell(&mut self, told: Value) {
        if let (Value::Object(data), Value::Object(told)) = (&mut self.data, told) {
            data.extend(told);
        }
    }

    /// The same act with a reason in words.
    #[must_use]
    pub fn because(mut self, note: Option<String>) -> Self {
        self.note = note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        self
    }
}

/// Does an act and answers with the case as it is then.
///
/// # Errors
/// 404 outside the branch, 409 when somebody was quicker, 403 without the right, 422 with all the reasons why not.
pub async fn act(app: &App, me: &Me, id: CaseId, act: Act) -> Result<CaseView, Problem> {
    perform(app, me, id, act).await?;
    view::load(app, me, id).await
}

/// Does an act in a transaction of its own; a refusal is logged.
///
/// # Errors
/// See [`act`].
pub async fn perform(app: &App, me: &Me, id: CaseId, act: Act) -> Result<Acted, Problem> {
    let tx = app.db.begin().await?;
    let kind = act.action.kind();
    match act_in(&tx, app, me, id, act).await {
        Ok(acted) => {
            tx.commit().await?;
            Ok(acted)
        }
        Err(problem) => {
            drop(tx);
            Err(refused(app, me, id, kind, problem).await)
        }
    }
}

/// Logs a refused attempt in a transaction of its own and hands the problem on.
pub async fn refused(app: &App, me: &Me, id: CaseId, kind: ActionKind, problem: Problem) -> Problem {
    match audit::refused(&app.db, me.id.0, kind.into(), &id.to_string(), &problem).await {
        Ok(()) => problem,
        Err(error) => error.into(),
    }
}

/// The case before and after an act.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The row as it was.
    pub before: case::Model,
    /// The case as it is.
    pub after: Case,
}

/// Does an act inside the caller's transaction.
///
/// # Errors
/// See [`act`].
pub async fn act_in(tx: &DatabaseTransaction, app: &App, me: &Me, id: CaseId, mut act: Act) -> Result<Acted, Problem> {
    let mut row = store::lock(tx, me, id).await?;
    let case = super::state::Evidence::from(&row).case()?;
    let kind = act.action.kind();
    let Gathered { facts, file, second, cutting } = facts(tx, app, me, &row, &act.action).await?;
    let decision = domain::apply(&case, &me.actor(), &act.action, &facts).map_err(|reasons| refusal(&reasons))?;
    // Asked after the decision: who lacks the right or the case's hands hears that first, whatever the version.
    if act.version.is_some_and(|seen| seen != row.version) {
        return Err(Problem::stale_version());
    }
    if act.note.as_ref().is_some_and(|n| n.chars().count() > MAX_NOTE) {
        return Err(Problem::invalid_field("note", "too_long"));
    }
    let late = file.as_ref().is_some_and(|file| file.late_since().is_some());
    if (needs_note(&act.action) || (kind == ActionKind::Approve && late)) && act.note.is_none() {
        return Err(Problem::invalid_field("note", "required"));
    }
    prepare(tx, app, me, &row, &mut act).await?;
    if let Some(second) = &second {
        act.tell(second.told());
    }
    if let Some(file) = &file
        && kind == ActionKind::ConfirmMaterials
    {
        act.tell(file.supplement_told());
    }
    if let Some(cutting) = &cutting {
        act.tell(cutting.told());
        cutting.write(tx, act.note.as_deref()).await?;
        let trace = serde_json::to_string(&cutting.calculation.trace)?;
        act.change.calculation = Some((cutting.calculation.amount, trace));
    }
    if let Some(file) = &file {
        file.write_answer(tx, me, &act.action, act.note.as_deref()).await?;
    }
    if let Some(file) = &file
        && kind == ActionKind::Submit
    {
        if row.corrects_id.is_some() {
            act.change.granted_usage = Some(file.calculate().map_err(Problem::invalid)?.usage);
        } else {
            let times = file.usage.of(&file.row.liability_code).times;
            act.change.claim_ordinal = Some(i32::try_from(times + 1).unwrap_or(i32::MAX));
        }
    }
    if kind == ActionKind::Deny && row.corrects_id.is_some() {
        act.change.granted_usage = Some(Usage::default());
    }
    if let Some(usage) = &act.change.granted_usage {
        row.granted_usage = Some(serde_json::to_string(usage)?);
    }
    let event = Signed::after((row.event_seq, &row.event_hash), event(me.id, &case, &decision, &act));
    if kind == ActionKind::EditMaterials {
        store::chain_event(tx, &event).await?;
    } else {
        store::save(tx, &row, kind, &decision.case, act.change.clone(), &event).await?;
    }
    if let Some(effect) = decision.ledger {
        ledger::write(tx, &row, effect, file.as_ref()).await?;
    }
    events::write(tx, [event]).await?;
    tell(tx, me, &row, kind, &decision.case, act.change.stop_clock).await?;
    Ok(Acted { before: row, after: decision.case })
}

/// Tells whoever the act concerns: who accepted and who submitted the case of what a reviewer decided, who held it that
/// somebody else gave it back. Nobody is told of what they did themselves.
async fn tell(
    tx: &DatabaseTransaction,
    me: &Me,
    row: &case::Model,
    kind: ActionKind,
    after: &Case,
    supplement: bool,
) -> Result<(), Problem> {
    let workers = [Some(row.accepted_by_id), row.entered_by_id];
    let (message, concerned) = match kind {
        ActionKind::Return if supplement => ("case_supplement", workers),
        ActionKind::Return => ("case_returned", workers),
        ActionKind::Deny if after.state.stage() == Stage::Recovery => ("case_claims_back", workers),
        ActionKind::Deny => ("case_denied", workers),
        // 申领复审 decides first.
        ActionKind::Approve if after.state.stage() == Stage::SecondReview => return Ok(()),
        ActionKind::Approve if after.state.stage() == Stage::Recovery => ("case_claims_back", workers),
        ActionKind::Approve if after.state.stage() == Stage::Closed => ("case_confirmed", workers),
        ActionKind::Approve => ("case_approved", workers),
        ActionKind::DecideReceipt | ActionKind::DecideWriteOff if after.state.stage() == Stage::Closed => {
            ("case_recovered", workers)
        }
        ActionKind::Release => ("case_released", [row.holder_id, None]),
        // Out of nobody's hands, or of the hands of somebody who is away.
        ActionKind::Take => ("case_taken_over", [row.holder_id, None]),
        ActionKind::Assign => {
            let object = Object { kind: "case", id: row.id };
            let gained: Vec<i64> = after.state.holder().map(|h| h.0).filter(|id| *id != me.id.0).into_iter().collect();
            notify::tell(tx, gained, "case_assigned", &json!({ "no": row.no }), object).await?;
            ("case_reassigned", [row.holder_id, None])
        }
        _ => return Ok(()),
    };
    let mut to: Vec<i64> = concerned.into_iter().flatten().filter(|id| *id != me.id.0).collect();
    to.dedup();
    notify::tell(tx, to, message, &json!({ "no": row.no }), Object { kind: "case", id: row.id }).await?;
    Ok(())
}

/// Writes the list of what is missing, where the act asks for something: from then on the case waits for the member.
async fn prepare(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    row: &case::Model,
    act: &mut Act,
) -> Result<(), Problem> {
    let Some(asked) = act.asked.take().filter(|a| !a.items.is_empty()) else { return Ok(()) };
    let items = asked.items(tx, app, row).await?;
    asked.write(tx, me, row, &items).await?;
    act.change.stop_clock = true;
    act.tell(asked.told(&items));
    Ok(())
}

/// A reason in words belongs to whatever sends a case back or ends it unpaid: the next person has to understand it.
/// 通过 of a claim past its 申领期限 wants one, too: the reviewer answers for it.
const fn needs_note(action: &Action) -> bool {
    match action {
        Action::Return { .. } | Action::Deny { .. } | Action::AskWriteOff { .. } => true,
        Action::DecideReceipt(verdict) | Action::DecideWriteOff(verdict) => !verdict.accepted,
        Action::Reduce { cut } => matches!(cut.reason, domain::CutReason::Other),
        _ => false,
    }
}

/// What an act is decided by: the facts, and what they were read from where the content of the case decides.
struct Gathered {
    facts: domain::Facts,
    file: Option<CaseFile>,
    second: Option<Second>,
    cutting: Option<Cutting>,
}

/// The facts that the decision needs: the whole file only where the content of the case decides.
async fn facts(
    tx: &DatabaseTransaction,
    app: &App,
    me: &Me,
    row: &case::Model,
    action: &Action,
) -> Result<Gathered, Problem> {
    let kind = action.kind();
    let holder_name = match row.holder_id.filter(|id| *id != me.id.0) {
        Some(id) => rows::name(&rows::user_names_in(tx, [id]).await?, id),
        None => String::new(),
    };
    let today = clock::today();
    if matches!(kind, ActionKind::Submit | ActionKind::ConfirmMaterials | ActionKind::Approve) {
        if kind == ActionKind::Submit {
            ledger::lock(tx, row).await?;
        }
        let file = CaseFile::load(tx, app, row.clone()).await?;
        let second = match (kind, row.stage.0) {
            (ActionKind::Approve, Stage::FirstReview) => Some(second::of(tx, me, &file, today).await?),
            _ => None,
        };
        let reasons = second.as_ref().map(|s| s.reasons.clone()).unwrap_or_default();
        let colleagues = if reasons.is_empty() { None } else { Some(assign::everybody(tx, row).await?) };
        let own = file.facts(today, me.id);
        let facts = domain::Facts { holder_name, second: reasons, colleagues, today: Some(today), ..own };
        return Ok(Gathered { facts, file: Some(file), second, cutting: None });
    }
    let at_review = matches!(row.stage.0, Stage::FirstReview | Stage::SecondReview);
    if at_review && matches!(kind, ActionKind::Reduce | ActionKind::Unreduce) {
        ledger::lock(tx, row).await?;
        let mut file = CaseFile::load(tx, app, row.clone()).await?;
        let (cutting, request) = match Cutting::try_on(tx, &mut file, me, action).await? {
            Ok(cutting) => (Some(cutting), Vec::new()),
            Err(reasons) => (None, reasons),
        };
        let calculation = cutting.as_ref().map(|c| domain::CalculationState::Current(c.calculation.amount));
        let calculation = calculation.unwrap_or_default();
        let facts = domain::Facts { holder_name, request, calculation, today: Some(today), ..domain::Facts::default() };
        return Ok(Gathered { facts, file: Some(file), second: None, cutting });
    }
    if at_review && kind == ActionKind::AnswerWarning {
        let file = CaseFile::load(tx, app, row.clone()).await?;
        let request = file.answer_blockers(today, action);
        let facts = domain::Facts { holder_name, request, today: Some(today), ..domain::Facts::default() };
        return Ok(Gathered { facts, file: Some(file), second: None, cutting: None });
    }
    let assignee = match action {
        Action::Assign { to } => assign::actor(tx, row, *to).await?,
        _ => None,
    };
    let recovery = recovery::facts(tx, row).await?;
    let facts = domain::Facts { holder_name, assignee, recovery, today: Some(today), ..domain::Facts::default() };
    Ok(Gathered { facts, file: None, second: None, cutting: None })
}

/// The refusal as the outside sees it: a missing right is 403, somebody else's hands are 409, the rest 422.
fn refusal(reasons: &[Blocker]) -> Problem {
    if reasons.contains(&Blocker::NoRight {}) {
        return Problem::forbidden();
    }
    for reason in reasons {
        if let Blocker::HeldByOther { name } = reason {
            return Problem::new(axum::http::StatusCode::CONFLICT, "held_by_other").with("name", name.clone());
        }
    }
    Problem::refused(reasons)
}

fn event(actor: UserId, case: &Case, decision: &Decision, act: &Act) -> NewEvent<'static> {
    let mut data = act.data.clone();
    if let (domain::State::FirstReview { benefit, .. }, Value::Object(data)) = (decision.case.state, &mut data)
        && act.action.kind() == ActionKind::Submit
    {
        data.insert("benefit_fen".to_owned(), json!(benefit.0));
    }
    NewEvent {
        case_id: case.id,
        kind: events::kind_of(act.action.kind()),
        actor,
        from: Some(case.state.stage()),
        to: decision.case.state.stage(),
        reason_code: act.action.reason_code().map(str::to_owned),
        note: act.note.clone(),
        data,
    }
}
