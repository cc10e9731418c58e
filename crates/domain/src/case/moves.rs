//! THE workflow: from · action · right · whose hands it must be in · to. Nothing else in the product names a from–to pair.
use super::{ActionKind, Stage};
use crate::permission::Permission;

/// Whose hands (处理中) a case must be in for a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// It doesn't matter: nobody takes cases at this stage.
    Anyone,
    /// Nobody's: it lies in the pool (待处理). Or of somebody whom the actor stands in for (请假代理).
    Pool,
    /// The actor's own.
    Own,
    /// The actor's own or nobody's.
    NotOthers,
    /// Somebody's, whoever it is.
    Taken,
}

/// One row of the workflow.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Where the case stands.
    pub from: Stage,
    /// What is done.
    pub action: ActionKind,
    /// The right that it takes.
    pub permission: Permission,
    /// Whose hands the case must be in.
    pub custody: Custody,
    /// Where the case can be afterwards.
    pub to: &'static [Stage],
}

const fn row(from: Stage, action: ActionKind, permission: Permission, custody: Custody, to: &'static [Stage]) -> Move {
    Move { from, action, permission, custody, to }
}

/// The table of moves (manual 1.1–1.3; the steps between 申领初审 and 结案 are what the chapter implies).
pub const MOVES: &[Move] = {
    use ActionKind as A;
    use Custody::{Anyone, NotOthers, Own, Pool, Taken};
    use Permission as P;
    use Stage::{Closed, Deleted, ExpenseEntry, FirstReview, Materials, Payment, Recovery, SecondReview};
    &[
        row(Materials, A::EditMaterials, P::UploadMaterials, Anyone, &[Materials]),
        row(Materials, A::ConfirmMaterials, P::UploadMaterials, Anyone, &[ExpenseEntry]),
        row(Materials, A::Delete, P::AcceptClaims, Anyone, &[Deleted]),
        row(Materials, A::Withdraw, P::AcceptClaims, Anyone, &[Closed]),
        row(ExpenseEntry, A::Take, P::EnterExpenses, Pool, &[ExpenseEntry]),
        row(ExpenseEntry, A::Release, P::EnterExpenses, Own, &[ExpenseEntry]),
        row(ExpenseEntry, A::Release, P::ManagePool, Taken, &[ExpenseEntry]),
        row(ExpenseEntry, A::Assign, P::ManagePool, Anyone, &[ExpenseEntry]),
        row(ExpenseEntry, A::EditMaterials, P::EnterExpenses, Own, &[ExpenseEntry]),
        row(ExpenseEntry, A::SaveDraft, P::EnterExpenses, Own, &[ExpenseEntry]),
        row(ExpenseEntry, A::Calculate, P::EnterExpenses, Own, &[ExpenseEntry]),
        row(ExpenseEntry, A::Submit, P::EnterExpenses, Own, &[FirstReview]),
        row(ExpenseEntry, A::Delete, P::AcceptClaims, NotOthers, &[Deleted]),
        row(ExpenseEntry, A::Withdraw, P::EnterExpenses, Own, &[Closed]),
        row(FirstReview, A::Take, P::FirstReview, Pool, &[FirstReview]),
        row(FirstReview, A::Release, P::FirstReview, Own, &[FirstReview]),
        row(FirstReview, A::Release, P::ManagePool, Taken, &[FirstReview]),
        row(FirstReview, A::Assign, P::ManagePool, Anyone, &[FirstReview]),
        row(FirstReview, A::Reduce, P::FirstReview, Own, &[FirstReview]),
        row(FirstReview, A::Unreduce, P::FirstReview, Own, &[FirstReview]),
        row(FirstReview, A::AnswerWarning, P::FirstReview, Own, &[FirstReview]),
        row(FirstReview, A::Approve, P::FirstReview, Own, &[Payment, SecondReview, Recovery, Closed]),
        row(FirstReview, A::Return, P::FirstReview, Own, &[ExpenseEntry, Materials]),
        row(FirstReview, A::Deny, P::FirstReview, Own, &[Closed, Recovery]),
        row(FirstReview, A::Withdraw, P::FirstReview, Own, &[Closed]),
        row(SecondReview, A::Take, P::SecondReview, Pool, &[SecondReview]),
        row(SecondReview, A::Release, P::SecondReview, Own, &[SecondReview]),
        row(SecondReview, A::Release, P::ManagePool, Taken, &[SecondReview]),
        row(SecondReview, A::Assign, P::ManagePool, Anyone, &[SecondReview]),
        row(SecondReview, A::Reduce, P::SecondReview, Own, &[SecondReview]),
        row(SecondReview, A::Unreduce, P::SecondReview, Own, &[SecondReview]),
        row(SecondReview, A::AnswerWarning, P::SecondReview, Own, &[SecondReview]),
        row(SecondReview, A::Approve, P::SecondReview, Own, &[Payment, Recovery, Closed]),
        row(SecondReview, A::Return, P::SecondReview, Own, &[ExpenseEntry, Materials]),
        row(SecondReview, A::Deny, P::SecondReview, Own, &[Closed, Recovery]),
        row(SecondReview, A::Withdraw, P::SecondReview, Own, &[Closed]),
        row(Payment, A::ConfirmPayment, P::ConfirmPayments, Anyone, &[Closed]),
        row(Recovery, A::RecordReceipt, P::EnterExpenses, Anyone, &[Recovery]),
        row(Recovery, A::RecordReceipt, P::ConfirmPayments, Anyone, &[Recovery]),
        row(Recovery, A::DecideReceipt, P::ConfirmPayments, Anyone, &[Recovery, Closed]),
        row(Recovery, A::AskWriteOff, P::ConfirmPayments, Anyone, &[Recovery]),
        row(Recovery, A::DecideWriteOff, P::SecondReview, Anyone, &[Recovery, Closed]),
    ]
};

/// The rows that lead on from `stage`.
pub fn from(stage: Stage) -> impl Iterator<Item = &'static Move> {
    MOVES.iter().filter(move |m| m.from == stage)
}

/// The stages from which `action` is possible at all: what an UPDATE's WHERE names.
pub fn stages_for(action: ActionKind) -> impl Iterator<Item = Stage> {
    MOVES.iter().filter(move |m| m.action == action).map(|m| m.from)
}

/// The workflow as a Mermaid diagram and a table, for docs/workflow.md.
#[must_use]
pub fn as_markdown() -> String {
    let mut diagram = String::from(
        "stateDiagram-v2\n    [*] --> materials: accept (疾病住院, 意外住院)\n    [*] --> expense_entry: accept (every other type)\n    [*] --> expense_entry: correct (更正)\n",
    );
    let mut table = String::from("| from | action | right | custody | to |\n|---|---|---|---|---|\n");
    for m in MOVES {
        let to: Vec<&str> = m.to.iter().map(|s| s.into()).collect();
        for target in m.to.iter().filter(|t| **t != m.from) {
            diagram.push_str(&format!("    {} --> {target}: {}\n", m.from, m.action));
        }
        table.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            m.from,
            m.action,
            m.permission,
            format!("{:?}", m.custody).to_lowercase(),
            to.join(", ")
        ));
    }
    for end in ["closed", "deleted"] {
        diagram.push_str(&format!("    {end} --> [*]\n"));
    }
    format!(
        "# The workflow\n\nGenerated from `crates/domain/src/case/moves.rs` by `huzhu workflow`; do not edit.\n\n```mermaid\n{diagram}```\n\n{table}"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strum::IntoEnumIterator;

    use super::*;
    use crate::claim_type::ClaimType;

    fn reachable_from(start: Stage) -> BTreeSet<Stage> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(stage) = open.pop() {
            for next in from(stage).flat_map(|m| m.to) {
                if seen.insert(*next) {
                    open.push(*next);
                }
            }
        }
        seen
    }

    #[test]
    fn every_stage_can_be_reached() {
        let starts = ClaimType::iter().map(Stage::first);
        let reached: BTreeSet<Stage> = starts.flat_map(reachable_from).collect();
        assert_eq!(reached, Stage::iter().collect());
    }

    #[test]
    fn every_stage_can_reach_an_end() {
        for stage in Stage::iter() {
            assert!(reachable_from(stage).iter().any(|s| s.is_end()), "{stage} is a dead end");
        }
    }

    #[test]
    fn nothing_leads_on_from_an_end() {
        for stage in Stage::iter().filter(|s| s.is_end()) {
            assert_eq!(from(stage).count(), 0, "{stage} is an end");
        }
    }

    #[test]
    fn every_action_is_in_the_table() {
        for action in ActionKind::iter() {
            assert!(stages_for(action).next().is_some(), "{action} can never be done");
        }
    }
}
