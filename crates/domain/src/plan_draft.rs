//! How a plan version comes into force: draft → proposed → published by a second person. Published versions of one plan
//! and office may neither overlap nor leave a gap: every day that a coverage can begin on has one version.
use chrono::NaiveDate;
use serde::Serialize;
use strum::IntoStaticStr;

use crate::{benefit::Plan, case::Actor, dates::Period, ids::UserId, permission::Permission};

code_enum! {
    /// What can happen to a draft.
    DraftEvent {
        /// 保存.
        Save,
        /// 提请发布.
        Propose,
        /// 退回修改.
        Return,
        /// 发布.
        Publish,
        /// 作废.
        Discard,
    }
}

code_enum! {
    /// Where a draft stands.
    DraftState {
        /// 草稿.
        Draft,
        /// 待发布.
        Proposed,
        /// 已发布.
        Published,
        /// 已作废.
        Discarded,
    }
}

/// The steps: from · event · right. A draft stands afterwards where [`DraftState::after`] says.
const STEPS: [(DraftState, DraftEvent, Permission); 6] = [
    (DraftState::Draft, DraftEvent::Save, Permission::ManagePlans),
    (DraftState::Draft, DraftEvent::Propose, Permission::ManagePlans),
    (DraftState::Draft, DraftEvent::Discard, Permission::ManagePlans),
    (DraftState::Proposed, DraftEvent::Return, Permission::PublishPlans),
    (DraftState::Proposed, DraftEvent::Publish, Permission::PublishPlans),
    (DraftState::Proposed, DraftEvent::Discard, Permission::ManagePlans),
];

impl DraftState {
    /// Where a draft stands after an event.
    #[must_use]
    pub const fn after(event: DraftEvent) -> Self {
        match event {
            DraftEvent::Save | DraftEvent::Return => Self::Draft,
            DraftEvent::Propose => Self::Proposed,
            DraftEvent::Publish => Self::Published,
            DraftEvent::Discard => Self::Discarded,
        }
    }

    /// What somebody with these rights may do to a draft that stands here, as far as rights and state go.
    pub fn steps(self, actor: &Actor) -> impl Iterator<Item = DraftEvent> {
        STEPS.iter().filter(move |(from, _, right)| *from == self && actor.may(*right)).map(|(_, event, _)| *event)
    }
}

/// Why something can't happen to a draft (yet). Serialises as `{ "code": …, "args": { … } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DraftBlocker {
    /// It stands where this can't be done.
    DraftState {
        /// Where it stands.
        draft_state: DraftState,
    },
    /// Who proposed may not publish.
    ProposedByYou {},
    /// The text has faults.
    PlanFaults {
        /// How many.
        n: usize,
    },
    /// Examples don't come out.
    ExamplesFail {
        /// How many.
        n: usize,
    },
    /// A liability has no example.
    ExampleNone {
        /// Its name.
        liability: String,
    },
    /// The plan's code has a version of that name.
    VersionExists {
        /// The name.
        version: String,
    },
    /// Another version is in force on some of the days.
    VersionOverlaps {
        /// That version.
        version: String,
        /// First common day.
        from: NaiveDate,
        /// Last common day.
        to: NaiveDate,
    },
    /// Days between two versions that neither covers.
    VersionGap {
        /// First such day.
        from: NaiveDate,
        /// Last such day.
        to: NaiveDate,
    },
}

/// What the decision looks at besides the draft's state.
#[derive(Clone, Debug)]
pub struct DraftFacts<'a> {
    /// Who proposed it, where somebody did.
    pub proposed_by: Option<UserId>,
    /// The plan, or how many faults the text has.
    pub plan: Result<&'a Plan, usize>,
    /// The published versions of the same plan and office: name and effective dates.
    pub published: &'a [(String, Period)],
}

/// Everything that keeps `event` from happening; None where the actor lacks the right.
#[must_use]
pub fn blockers(
    state: DraftState,
    event: DraftEvent,
    actor: &Actor,
    facts: &DraftFacts<'_>,
) -> Option<Vec<DraftBlocker>> {
    if !STEPS.iter().any(|(_, e, right)| *e == event && actor.may(*right)) {
        return None;
    }
    if state.steps(actor).all(|e| e != event) {
        return Some(vec![DraftBlocker::DraftState { draft_state: state }]);
    }
    let mut out = Vec::new();
    if event == DraftEvent::Publish && facts.proposed_by == Some(actor.id) {
        out.push(DraftBlocker::ProposedByYou {});
    }
    if matches!(event, DraftEvent::Propose | DraftEvent::Publish) {
        match facts.plan {
            Err(n) => out.push(DraftBlocker::PlanFaults { n }),
            Ok(plan) => out.extend(unfit(plan, facts.published)),
        }
    }
    Some(out)
}

/// Why a plan that makes sense can't be put into force beside those that are.
#[must_use]
pub fn unfit(plan: &Plan, published: &[(String, Period)]) -> Vec<DraftBlocker> {
    let mut out = Vec::new();
    let failed = plan.check_examples().iter().filter(|r| !r.passes()).count();
    if failed > 0 {
        out.push(DraftBlocker::ExamplesFail { n: failed });
    }
    for liability in plan.liabilities.iter().filter(|l| l.examples.is_empty()) {
        out.push(DraftBlocker::ExampleNone { liability: liability.name.clone() });
    }
    if published.iter().any(|(name, _)| *name == plan.version) {
        out.push(DraftBlocker::VersionExists { version: plan.version.clone() });
    }
    out.extend(succession(Period { from: plan.effective_from, to: plan.effective_to }, published));
    out
}

/// Whether a version's dates follow on those of the others without overlap or gap.
#[must_use]
pub fn succession(new: Period, others: &[(String, Period)]) -> Vec<DraftBlocker> {
    let mut out = Vec::new();
    for (version, other) in others {
        let (from, to) = (new.from.max(other.from), new.to.min(other.to));
        if from <= to {
            out.push(DraftBlocker::VersionOverlaps { version: version.clone(), from, to });
        }
    }
    if !out.is_empty() {
        return out;
    }
    let next = |day: NaiveDate| day.succ_opt().unwrap_or(day);
    let before = |day: NaiveDate| day.pred_opt().unwrap_or(day);
    if let Some(last) = others.iter().map(|(_, p)| p.to).filter(|to| *to < new.from).max()
        && next(last) < new.from
    {
        out.push(DraftBlocker::VersionGap { from: next(last), to: before(new.from) });
    }
    if let Some(first) = others.iter().map(|(_, p)| p.from).filter(|from| *from > new.to).min()
        && next(new.to) < first
    {
        out.push(DraftBlocker::VersionGap { from: next(new.to), to: before(first) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    fn codes(found: &[DraftBlocker]) -> Vec<&'static str> {
        found.iter().map(Into::into).collect()
    }

    fn actor(id: i64) -> Actor {
        Actor::new(UserId(id), vec![Permission::ManagePlans, Permission::PublishPlans])
    }

    fn plan() -> Plan {
        Plan::parse(include_str!("../../../plans/harbin-inpatient-2023.toml")).unwrap()
    }

    #[test]
    fn versions_follow_each_other_without_overlap_or_gap() {
        let others = [
            ("2023".to_owned(), period("2023-01-01", "2023-12-31")),
            ("2025".to_owned(), period("2025-01-01", "2025-12-31")),
        ];
        let found = |from, to| codes(&succession(period(from, to), &others));
        assert!(found("2024-01-01", "2024-12-31").is_empty());
        assert_eq!(found("2023-12-31", "2024-12-31"), ["version_overlaps"]);
        assert_eq!(found("2024-02-01", "2024-12-31"), ["version_gap"]);
        assert_eq!(found("2024-02-01", "2024-11-30"), ["version_gap", "version_gap"]);
        assert!(found("2026-01-01", "2026-12-31").is_empty());
        assert_eq!(found("2026-01-02", "2026-12-31"), ["version_gap"]);
        assert!(succession(period("2024-01-01", "2024-12-31"), &[]).is_empty());
    }

    #[test]
    fn who_proposed_may_not_publish() {
        let plan = plan();
        let facts = DraftFacts { proposed_by: Some(UserId(1)), plan: Ok(&plan), published: &[] };
        let found = |id| blockers(DraftState::Proposed, DraftEvent::Publish, &actor(id), &facts).unwrap();
        assert_eq!(codes(&found(1)), ["proposed_by_you"]);
        assert!(found(2).is_empty());
    }

    #[test]
    fn a_version_whose_examples_fail_or_are_missing_is_not_put_into_force() {
        let mut plan = plan();
        plan.liabilities[0].examples[0].amount = Some(crate::benefit::Amount(crate::money::Fen(1)));
        plan.liabilities[1].examples.clear();
        let facts = DraftFacts { proposed_by: None, plan: Ok(&plan), published: &[] };
        let found = blockers(DraftState::Draft, DraftEvent::Propose, &actor(1), &facts).unwrap();
        assert_eq!(codes(&found), ["examples_fail", "example_none"]);
        let faulty = DraftFacts { plan: Err(3), ..facts };
        let found = blockers(DraftState::Draft, DraftEvent::Propose, &actor(1), &faulty).unwrap();
        assert_eq!(codes(&found), ["plan_faults"]);
    }

    #[test]
    fn nothing_happens_to_what_is_published_or_without_the_right() {
        let plan = plan();
        let facts = DraftFacts { proposed_by: None, plan: Ok(&plan), published: &[] };
        let found = blockers(DraftState::Published, DraftEvent::Save, &actor(1), &facts).unwrap();
        assert_eq!(codes(&found), ["draft_state"]);
        let stranger = Actor::new(UserId(9), vec![]);
        assert_eq!(blockers(DraftState::Draft, DraftEvent::Save, &stranger, &facts), None);
        assert_eq!(DraftState::Published.steps(&actor(1)).count() + DraftState::Discarded.steps(&actor(1)).count(), 0);
    }
}
