//! Who may do what with a change that was asked for.
use super::{Blocker, ChangeState};
use crate::{case::Actor, ids::UserId, permission::Permission};

code_enum! {
    /// What can be done with a change.
    Decision {
        /// 审核通过.
        Approve,
        /// 驳回.
        Refuse,
        /// 撤回.
        Withdraw,
    }
}

/// Where a change stands, and who asked for it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Where it stands.
    pub state: ChangeState,
    /// Who asked.
    pub asked_by: UserId,
}

/// Everything about the actor and the state that keeps a decision from being made; what the records say is asked of
/// [`super::blockers`].
#[must_use]
pub fn barred(decision: Decision, standing: Standing, actor: &Actor) -> Vec<Blocker> {
    let mut out = Vec::new();
    let own = standing.asked_by == actor.id;
    let right = match decision {
        Decision::Approve | Decision::Refuse => Permission::ApproveChanges,
        Decision::Withdraw => Permission::RequestChanges,
    };
    if !actor.permissions.contains(&right) {
        out.push(Blocker::NoRight {});
    }
    if standing.state != ChangeState::Proposed {
        out.push(Blocker::ChangeDecided { change_state: standing.state });
    }
    match decision {
        Decision::Approve | Decision::Refuse if own => out.push(Blocker::AskedByYou {}),
        Decision::Withdraw if !own => out.push(Blocker::AskedByOther {}),
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_are_needed_and_a_decision_is_made_once() {
        let all = vec![Permission::ApproveChanges, Permission::RequestChanges];
        let asker = Actor::new(UserId(1), all.clone());
        let other = Actor::new(UserId(2), all);
        let nobody = Actor::new(UserId(3), Vec::new());
        let asked = |state| Standing { state, asked_by: UserId(1) };
        let codes = |decision, state, actor: &Actor| -> Vec<&'static str> {
            barred(decision, asked(state), actor).iter().map(Blocker::code).collect()
        };
        let open = ChangeState::Proposed;
        assert_eq!(codes(Decision::Approve, open, &asker), ["asked_by_you"]);
        assert_eq!(codes(Decision::Refuse, open, &asker), ["asked_by_you"]);
        assert!(codes(Decision::Withdraw, open, &asker).is_empty());
        assert!(codes(Decision::Approve, open, &other).is_empty());
        assert_eq!(codes(Decision::Withdraw, open, &other), ["asked_by_other"]);
        assert_eq!(codes(Decision::Approve, open, &nobody), ["no_right"]);
        for done in [ChangeState::Approved, ChangeState::Refused, ChangeState::Withdrawn] {
            assert_eq!(codes(Decision::Approve, done, &other), ["change_decided"]);
        }
    }
}
