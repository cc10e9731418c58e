//! The decision: may this act happen to this case now, and what is the case then?
use chrono::NaiveDate;

use super::{
    Action, ActionKind, Blocker, CaseSource, Closing, Correction, Recovery, ReturnTo, SecondReason, State, correction,
    moves::{self, Custody, Move},
};
use crate::{
    claim_type::ClaimType,
    ids::{CaseId, UserId},
    money::Fen,
    permission::Permission,
};

/// 审批限额: the largest benefit that somebody may grant alone; None: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// At 申领初审: what is above goes to 申领复审.
    pub first_review: Option<Fen>,
    /// At 申领复审: what is above is somebody else's to decide.
    pub second_review: Option<Fen>,
}

/// Who acts, with the rights of all their roles.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The operator.
    pub id: UserId,
    /// What they may do.
    pub permissions: Vec<Permission>,
    /// Up to which benefit.
    pub limits: Limits,
    /// Who is away today and named them as stand-in (请假代理).
    pub stands_in_for: Vec<UserId>,
}

impl Actor {
    /// Somebody without limits, who stands in for nobody.
    #[must_use]
    pub fn new(id: UserId, permissions: Vec<Permission>) -> Self {
        Self { id, permissions, limits: Limits::default(), stands_in_for: Vec::new() }
    }

    /// Whether the actor has the right.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

/// A case as far as the workflow looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which case.
    pub id: CaseId,
    /// 申领类型.
    pub claim_type: ClaimType,
    /// 案件来源.
    pub source: CaseSource,
    /// How often it was submitted (申领提交).
    pub submissions: u32,
    /// What the case corrects; None of a case that corrects none.
    pub correction: Option<Correction>,
    /// Where it stands, with the evidence for it.
    pub state: State,
}

impl Case {
    /// What an approval of the case lets go: its benefit, of a correction the larger of what moves and what is granted in the end.
    #[must_use]
    pub fn at_stake(&self) -> Fen {
        let benefit = self.state.benefit().unwrap_or_default();
        let whole = self.correction.map_or(Fen::ZERO, |c| c.granted_before + benefit);
        benefit.abs().max(whole)
    }
}

/// What is known of the 互助金额.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CalculationState {
    /// 申领计算 has not been done.
    #[default]
    Missing,
    /// The entry, or what was used before, changed since.
    Stale,
    /// Computed from what is entered now.
    Current(Fen),
}

/// What the decision needs to know besides the case itself; gathered by the caller.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Name of who holds the case, where somebody does.
    pub holder_name: String,
    /// Required papers that are not there, as blockers.
    pub materials: Vec<Blocker>,
    /// What is missing or wrong in payee, incident and statements, and warnings without an answer.
    pub entry: Vec<Blocker>,
    /// The state of the calculation.
    pub calculation: CalculationState,
    /// Warnings that the reviewer hasn't answered, or doesn't accept, as blockers.
    pub warnings: Vec<Blocker>,
    /// What keeps this very request from happening: a cut of more than there is, an answer to a warning that is gone.
    pub request: Vec<Blocker>,
    /// What sends the case to 申领复审 when it is approved at 申领初审.
    pub second: Vec<SecondReason>,
    /// Everybody of the case's branch, where it goes on to 申领复审; None where nobody is asked for.
    pub colleagues: Option<Vec<Actor>>,
    /// Who the case is assigned to, at 转派, where there is such a person in the case's branch.
    pub assignee: Option<Actor>,
    /// What has come back and what waits, of a case at 追回.
    pub recovery: Recovery,
    /// Today in the society's time zone; None refuses nothing by date.
    pub today: Option<NaiveDate>,
}

/// What happens to the usage ledger together with a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerEffect {
    /// 申领提交 sets the benefit aside.
    Reserve,
    /// 核减, or one that is taken back, changes what was set aside.
    Adjust,
    /// 退回, 不予给付, 撤案 after a submit give it back.
    Release,
    /// 结案 after payment makes it final; of a correction it brings the chain to what is granted now.
    Settle,
}

/// What an act leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The case afterwards.
    pub case: Case,
    /// What the usage ledger does.
    pub ledger: Option<LedgerEffect>,
}

/// An act that the actor has the right to at this stage, with what still keeps it from happening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedAction {
    /// The act.
    pub action: ActionKind,
    /// Why not yet; empty where it can be done now.
    pub blockers: Vec<Blocker>,
}

/// Every act that the actor has the right to at the case's stage, for the screen to draw.
#[must_use]
pub fn allowed_actions(case: &Case, actor: &Actor, facts: &Facts) -> Vec<AllowedAction> {
    let mut out: Vec<AllowedAction> = Vec::new();
    for m in moves::from(case.state.stage()).filter(|m| actor.may(m.permission)) {
        if out.iter().all(|a| a.action != m.action) {
            out.push(AllowedAction { action: m.action, blockers: blockers(case, actor, m.action, facts) });
        }
    }
    out
}

/// Everything that keeps `actor` from doing `action` to `case` now; empty where it can be done.
#[must_use]
pub fn blockers(case: &Case, actor: &Actor, action: ActionKind, facts: &Facts) -> Vec<Blocker> {
    let stage = case.state.stage();
    if !moves::MOVES.iter().any(|m| m.action == action && actor.may(m.permission)) {
        return vec![Blocker::NoRight {}];
    }
    let rows: Vec<&Move> = moves::from(stage).filter(|m| m.action == action).collect();
    if rows.is_empty() {
        return vec![Blocker::WrongStage { stage }];
    }
    // Where two rights lead the same way (释放 by the holder or by who manages the pool), the easier way counts.
    let by_row = rows.iter().filter(|m| actor.may(m.permission)).map(|m| {
        let reasons = [custody_blocker(m.custody, case, actor, facts), duty_blocker(m, case, actor)];
        reasons.into_iter().flatten().collect::<Vec<Blocker>>()
    });
    let Some(mut out) = by_row.min_by_key(Vec::len) else {
        return vec![Blocker::NoRight {}];
    };
    out.extend(content_blockers(action, case, facts));
    out
}

fn custody_blocker(custody: Custody, case: &Case, actor: &Actor, facts: &Facts) -> Option<Blocker> {
    let other = || Some(Blocker::HeldByOther { name: facts.holder_name.clone() });
    match (custody, case.state.holder()) {
        (Custody::Anyone | Custody::Pool | Custody::NotOthers, None) => None,
        (Custody::Anyone | Custody::Taken, Some(_)) => None,
        (Custody::Own | Custody::Taken, None) => Some(Blocker::NotTaken {}),
        (Custody::Pool, Some(holder)) if holder == actor.id => Some(Blocker::AlreadyTaken {}),
        (Custody::Own | Custody::NotOthers, Some(holder)) if holder == actor.id => None,
        (Custody::Pool, Some(holder)) if actor.stands_in_for.contains(&holder) => None,
        (Custody::Pool | Custody::Own | Custody::NotOthers, Some(_)) => other(),
    }
}

/// Separation of duties: who entered may not review, who reviewed first may not review again, who did either may not pay.
fn duty_blocker(m: &Move, case: &Case, actor: &Actor) -> Option<Blocker> {
    match case.state {
        State::FirstReview { entered_by, .. } if entered_by == actor.id && m.permission == Permission::FirstReview => {
            Some(Blocker::EnteredByYou {})
        }
        State::FirstReview { .. } | State::SecondReview { .. }
            if case.correction.is_some_and(|c| c.opened_by == actor.id) && m.permission != Permission::ManagePool =>
        {
            Some(Blocker::OpenedByYou {})
        }
        State::SecondReview { entered_by, reviewed_by, .. } if m.permission == Permission::SecondReview => {
            if entered_by == actor.id {
                return Some(Blocker::EnteredByYou {});
            }
            if reviewed_by == actor.id {
                return Some(Blocker::ReviewedByYou {});
            }
            let decides = matches!(m.action, ActionKind::Take | ActionKind::Approve);
            let limit_fen = actor.limits.second_review.filter(|limit| decides && case.at_stake() > *limit)?;
            Some(Blocker::AboveYourLimit { limit_fen })
        }
        State::Payment { entered_by, .. } if entered_by == actor.id => Some(Blocker::EnteredByYou {}),
        State::Payment { approved_by, reviewed_by, .. }
            if [Some(approved_by), reviewed_by].contains(&Some(actor.id)) =>
        {
            Some(Blocker::ApprovedByYou {})
        }
        _ => None,
    }
}

fn content_blockers(action: ActionKind, case: &Case, facts: &Facts) -> Vec<Blocker> {
    match action {
        ActionKind::ConfirmMaterials => facts.materials.clone(),
        ActionKind::Delete if case.correction.is_some() => vec![Blocker::CorrectionStays {}],
        ActionKind::Delete if case.submissions > 0 => vec![Blocker::AlreadySubmitted {}],
        // What was submitted was computed by what was used before; 退回 lets it be computed anew.
        ActionKind::Approve => {
            let stale = (facts.calculation == CalculationState::Stale).then_some(Blocker::UsageChanged {});
            stale.into_iter().chain(facts.warnings.iter().cloned()).collect()
        }
        ActionKind::Reduce | ActionKind::Unreduce | ActionKind::AnswerWarning => facts.request.clone(),
        ActionKind::Submit => {
            let calculation = match facts.calculation {
                CalculationState::Missing => Some(Blocker::NotCalculated {}),
                CalculationState::Stale => Some(Blocker::CalculationStale {}),
                CalculationState::Current(amount) if amount <= Fen::ZERO && case.correction.is_none() => {
                    Some(Blocker::BenefitZero {})
                }
                CalculationState::Current(_) => None,
            };
            let content = facts.materials.iter().chain(&facts.entry).cloned();
            content.chain(calculation).collect()
        }
        _ => match case.state {
            State::Recovery { benefit, .. } => facts.recovery.blockers(-benefit, action),
            _ => Vec::new(),
        },
    }
}

/// Decides an act.
///
/// # Errors
/// All the reasons why it can't be done now.
pub fn apply(case: &Case, actor: &Actor, action: &Action, facts: &Facts) -> Result<Decision, Vec<Blocker>> {
    let mut reasons = blockers(case, actor, action.kind(), facts);
    if let Action::ConfirmPayment { paid_on } = action
        && facts.today.is_some_and(|today| *paid_on > today)
    {
        reasons.push(Blocker::PaidOnImpossible {});
    }
    if let Action::Assign { to } = action {
        reasons.extend(assignee_blocker(case, *to, facts));
    }
    if let State::Recovery { benefit, .. } = case.state {
        reasons.extend(facts.recovery.refusals(-benefit, actor.id, action, facts.today));
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut after = *case;
    if matches!(action, Action::Submit) {
        after.submissions += 1;
    }
    after.state = next_state(case, actor.id, action, facts)
        .ok_or_else(|| vec![Blocker::WrongStage { stage: case.state.stage() }])?;
    if let (State::SecondReview { .. }, Action::Approve, Some(all)) = (after.state, action, &facts.colleagues)
        && !all.iter().any(|who| may_take(&after, who))
    {
        return Err(vec![Blocker::NoSecondReviewer {}]);
    }
    Ok(Decision { case: after, ledger: ledger_effect(case, action, &after.state) })
}

/// Whether somebody could take the case if it lay in the pool: who it may be assigned to.
#[must_use]
pub fn may_take(case: &Case, who: &Actor) -> bool {
    let pooled = Case { state: case.state.held_by(None).unwrap_or(case.state), ..*case };
    blockers(&pooled, who, ActionKind::Take, &Facts::default()).is_empty()
}

fn assignee_blocker(case: &Case, to: UserId, facts: &Facts) -> Option<Blocker> {
    if case.state.holder() == Some(to) {
        return Some(Blocker::AssigneeHasIt {});
    }
    let fit = facts.assignee.as_ref().is_some_and(|who| who.id == to && may_take(case, who));
    (!fit).then_some(Blocker::AssigneeUnfit {})
}

/// The state after an act that nothing blocks; None where the act doesn't belong to the state.
fn next_state(case: &Case, me: UserId, action: &Action, facts: &Facts) -> Option<State> {
    let state = match (case.state, action) {
        (State::Materials, Action::ConfirmMaterials) => State::ExpenseEntry { holder: None },
        (State::Materials | State::ExpenseEntry { .. }, Action::Delete) => State::Deleted,
        (same, Action::EditMaterials | Action::SaveDraft | Action::Calculate | Action::AnswerWarning { .. }) => same,
        (reviewed, Action::Reduce { .. } | Action::Unreduce { .. }) => {
            let CalculationState::Current(benefit) = facts.calculation else { return None };
            reviewed.of_benefit(benefit)?
        }
        (held, Action::Take) => held.held_by(Some(me))?,
        (held, Action::Release) => held.held_by(None)?,
        (held, Action::Assign { to }) => held.held_by(Some(*to))?,
        (State::ExpenseEntry { .. }, Action::Submit) => {
            let CalculationState::Current(benefit) = facts.calculation else { return None };
            State::FirstReview { entered_by: me, benefit, holder: None }
        }
        (State::FirstReview { entered_by, benefit, .. }, Action::Approve) if facts.second.is_empty() => {
            correction::approved(case.correction, (entered_by, None, me), benefit)
        }
        (State::FirstReview { entered_by, benefit, .. }, Action::Approve) => {
            State::SecondReview { entered_by, reviewed_by: me, benefit, holder: None }
        }
        (State::SecondReview { entered_by, reviewed_by, benefit, .. }, Action::Approve) => {
            correction::approved(case.correction, (entered_by, Some(reviewed_by), me), benefit)
        }
        // A returned case goes back into the hands of who entered it: 处理中, not 待处理.
        (
            State::FirstReview { entered_by, .. } | State::SecondReview { entered_by, .. },
            Action::Return { to: ReturnTo::ExpenseEntry, .. },
        ) => State::ExpenseEntry { holder: Some(entered_by) },
        (State::FirstReview { .. } | State::SecondReview { .. }, Action::Return { to: ReturnTo::Materials, .. }) => {
            State::Materials
        }
        (State::FirstReview { entered_by, .. }, Action::Deny { reason }) => {
            correction::denied(case.correction, (entered_by, None, me), *reason)
        }
        (State::SecondReview { entered_by, reviewed_by, .. }, Action::Deny { reason }) => {
            correction::denied(case.correction, (entered_by, Some(reviewed_by), me), *reason)
        }
        (_, Action::Withdraw { reason }) => State::Closed(Closing::Withdrawn { reason: *reason, by: me }),
        (State::Payment { .. }, Action::ConfirmPayment { paid_on }) => {
            State::Closed(Closing::Paid { paid_on: *paid_on, by: me })
        }
        (open @ State::Recovery { benefit, .. }, act) => facts.recovery.after(open, -benefit, me, act)?,
        _ => return None,
    };
    Some(state)
}

const fn ledger_effect(case: &Case, action: &Action, after: &State) -> Option<LedgerEffect> {
    match (&case.state, action) {
        (_, Action::Approve | Action::DecideReceipt(_) | Action::DecideWriteOff(_))
            if matches!(after, State::Closed(_)) =>
        {
            Some(LedgerEffect::Settle)
        }
        (_, Action::Deny { .. }) if case.correction.is_some() && matches!(after, State::Closed(_)) => {
            Some(LedgerEffect::Settle)
        }
        (_, Action::Submit) => Some(LedgerEffect::Reserve),
        (_, Action::Reduce { .. } | Action::Unreduce { .. }) => Some(LedgerEffect::Adjust),
        (
            State::FirstReview { .. } | State::SecondReview { .. } | State::Payment { .. },
            Action::Return { .. } | Action::Deny { .. } | Action::Withdraw { .. },
        ) => Some(LedgerEffect::Release),
        (_, Action::ConfirmPayment { .. }) => Some(LedgerEffect::Settle),
        _ => None,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
