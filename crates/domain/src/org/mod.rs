//! The organisation tree (机构): 总会 › 办事处 › 代办处 › 参保单位, and the branch that somebody works in.
mod form;

use serde::Serialize;

pub use form::{OrgForm, UnitFacts, UnitRow, code_fault};

use crate::ids::OrgId;

code_enum! {
    /// The levels of the tree, from the top.
    OrgKind {
        /// 总会.
        Society,
        /// 办事处.
        Office,
        /// 代办处.
        Agency,
        /// 参保单位: an employer.
        Unit,
    }
}

/// The part of the tree that somebody may see: a node and all that hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Everything.
    Society,
    /// One 办事处.
    Office(OrgId),
    /// One 代办处.
    Agency(OrgId),
    /// One 参保单位.
    Unit(OrgId),
}

impl Branch {
    /// The branch that hangs on a node.
    #[must_use]
    pub const fn of(kind: OrgKind, id: OrgId) -> Self {
        match kind {
            OrgKind::Society => Self::Society,
            OrgKind::Office => Self::Office(id),
            OrgKind::Agency => Self::Agency(id),
            OrgKind::Unit => Self::Unit(id),
        }
    }
}

impl OrgKind {
    /// Whether a node of this level may hang on one of the level `parent`.
    #[must_use]
    pub const fn hangs_on(self, parent: Self) -> bool {
        matches!(
            (self, parent),
            (Self::Office, Self::Society) | (Self::Agency, Self::Office) | (Self::Unit, Self::Office | Self::Agency)
        )
    }

    /// Whether a node of this level may be moved to another parent (调整隶属): an office always hangs on the society.
    #[must_use]
    pub const fn is_movable(self) -> bool {
        matches!(self, Self::Agency | Self::Unit)
    }
}

code_enum! {
    /// What is done to a node of the organisation.
    OrgAct {
        /// 修改: name, contacts, address, headcount, review limit, credit code.
        Edit,
        /// 调整隶属: hang it on another node, with all that hangs on it.
        Move,
        /// 停用: no new users, acceptances or children; its users can't sign in.
        Deactivate,
        /// 启用.
        Activate,
        /// 删除: only where nothing ever hung on it.
        Delete,
    }
}

/// Why something can't be done to a node now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
pub enum OrgBlocker {
    /// One belongs to this node oneself.
    NodeIsYours {},
    /// Cases on their way hang on it.
    OpenCases {
        /// How many.
        n: u64,
    },
    /// Enrolment batches on their way hang on it.
    OpenBatches {
        /// How many.
        n: u64,
    },
    /// Nodes in use hang on it.
    ActiveChildren {
        /// How many.
        n: u64,
    },
    /// What it hangs on is deactivated.
    ParentInactive {},
    /// Something hangs or hung on it.
    NodeInUse {
        /// Nodes, deactivated ones included.
        children: u64,
        /// Users, disabled ones included.
        users: u64,
        /// Member records.
        members: u64,
        /// Cases of all stages.
        cases: u64,
    },
}

/// What decides about acts on a node.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrgFacts {
    /// Whether who acts belongs to the node.
    pub yours: bool,
    /// Whether it is in use.
    pub active: bool,
    /// Whether what it hangs on is in use; true for the society.
    pub parent_active: bool,
    /// Cases on their way.
    pub open_cases: u64,
    /// 参保批次 that aren't in force, sent back or given up yet.
    pub open_batches: u64,
    /// Cases of all stages.
    pub cases: u64,
    /// Nodes that hang on it directly.
    pub children: u64,
    /// Those of them that are in use.
    pub active_children: u64,
    /// Users of the node itself, disabled ones included.
    pub users: u64,
    /// Member records.
    pub members: u64,
}

/// Why `act` can't be done to a node of the level `kind`; None where that act isn't for it at all.
#[must_use]
pub fn blockers(kind: OrgKind, act: OrgAct, facts: &OrgFacts) -> Option<Vec<OrgBlocker>> {
    let mut out = Vec::new();
    if facts.yours && act != OrgAct::Edit {
        out.push(OrgBlocker::NodeIsYours {});
    }
    match act {
        OrgAct::Edit => {}
        OrgAct::Move if !kind.is_movable() => return None,
        OrgAct::Move => {}
        OrgAct::Deactivate | OrgAct::Activate | OrgAct::Delete if kind == OrgKind::Society => return None,
        OrgAct::Deactivate if !facts.active => return None,
        OrgAct::Deactivate => {
            if facts.active_children > 0 {
                out.push(OrgBlocker::ActiveChildren { n: facts.active_children });
            }
            if facts.open_cases > 0 {
                out.push(OrgBlocker::OpenCases { n: facts.open_cases });
            }
            if facts.open_batches > 0 {
                out.push(OrgBlocker::OpenBatches { n: facts.open_batches });
            }
        }
        OrgAct::Activate if facts.active => return None,
        OrgAct::Activate => {
            if !facts.parent_active {
                out.push(OrgBlocker::ParentInactive {});
            }
        }
        OrgAct::Delete => {
            let OrgFacts { children, users, members, cases, .. } = *facts;
            if children + users + members + cases > 0 {
                out.push(OrgBlocker::NodeInUse { children, users, members, cases });
            }
        }
    }
    Some(out)
}

/// The free codes of `width` digits after `prefix`, given all codes with that prefix: those above the largest, then the gaps.
/// A code is never given twice, so codes of nodes that moved away count.
pub fn free_codes(prefix: &str, width: usize, taken: &[String]) -> impl Iterator<Item = String> + use<> {
    let digits = width.saturating_sub(prefix.len());
    let end = u32::try_from(digits).ok().and_then(|n| 10_u32.checked_pow(n)).unwrap_or(0);
    let number = |code: &String| code.strip_prefix(prefix).filter(|d| d.len() == digits)?.parse::<u32>().ok();
    let taken: std::collections::BTreeSet<u32> = taken.iter().filter_map(number).collect();
    let after = taken.last().map_or(1, |last| last + 1);
    let prefix = prefix.to_owned();
    (after..end)
        .chain((1..after.min(end)).filter(move |n| !taken.contains(n)))
        .map(move |n| format!("{prefix}{n:0digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_hangs_only_where_it_belongs() {
        use OrgKind::{Agency, Office, Society, Unit};
        let levels = [Society, Office, Agency, Unit];
        let allowed = [(Office, Society), (Agency, Office), (Unit, Office), (Unit, Agency)];
        for child in levels {
            for parent in levels {
                assert_eq!(child.hangs_on(parent), allowed.contains(&(child, parent)), "{child} on {parent}");
            }
        }
    }

    #[test]
    fn what_can_be_done_to_a_node_and_what_keeps_it_from_happening() {
        use OrgAct::{Activate, Deactivate, Delete, Edit, Move};
        use OrgKind::{Agency, Office, Society, Unit};
        let free = OrgFacts { active: true, parent_active: true, ..OrgFacts::default() };
        let yours = OrgFacts { yours: true, ..free };
        let busy = OrgFacts { open_cases: 2, cases: 9, children: 4, active_children: 3, users: 1, members: 7, ..free };
        let enrolling = OrgFacts { open_batches: 1, ..free };
        let off = OrgFacts { active: false, ..free };
        let below_off = OrgFacts { parent_active: false, ..off };
        let in_use = OrgBlocker::NodeInUse { children: 4, users: 1, members: 7, cases: 9 };
        let deactivate = vec![OrgBlocker::ActiveChildren { n: 3 }, OrgBlocker::OpenCases { n: 2 }];
        let cases = [
            (Unit, Edit, yours, Some(vec![])),
            (Unit, Move, free, Some(vec![])),
            (Agency, Move, busy, Some(vec![])),
            (Agency, Move, yours, Some(vec![OrgBlocker::NodeIsYours {}])),
            (Office, Move, free, None),
            (Society, Deactivate, free, None),
            (Society, Delete, free, None),
            (Office, Deactivate, yours, Some(vec![OrgBlocker::NodeIsYours {}])),
            (Office, Deactivate, busy, Some(deactivate)),
            (Office, Deactivate, off, None),
            (Unit, Deactivate, enrolling, Some(vec![OrgBlocker::OpenBatches { n: 1 }])),
            (Unit, Activate, free, None),
            (Unit, Activate, off, Some(vec![])),
            (Unit, Activate, below_off, Some(vec![OrgBlocker::ParentInactive {}])),
            (Unit, Delete, off, Some(vec![])),
            (Agency, Delete, busy, Some(vec![in_use])),
        ];
        for (kind, act, facts, expected) in cases {
            assert_eq!(blockers(kind, act, &facts), expected, "{act} on {kind} {facts:?}");
        }
    }

    #[test]
    fn free_codes_come_after_the_largest_and_then_fill_the_gaps() {
        let codes = |list: &[&str]| list.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let next = |prefix, width, list: &[&str]| free_codes(prefix, width, &codes(list)).next();
        assert_eq!(next("2301", 8, &[]).as_deref(), Some("23010001"));
        assert_eq!(next("2301", 8, &["23010001", "23010006"]).as_deref(), Some("23010007"));
        assert_eq!(next("2301", 8, &["23010001", "23019999"]).as_deref(), Some("23010002"));
        assert_eq!(next("23", 4, &["2300", "2301", "23010001", "1199"]).as_deref(), Some("2302"));
        let all: Vec<String> = (0..100).map(|n| format!("23{n:02}")).collect();
        assert_eq!(free_codes("23", 4, &all).next(), None);
        assert_eq!(next("23010001", 4, &[]), None);
        let all: Vec<String> = free_codes("2", 2, &codes(&["20", "23", "26"])).collect();
        assert_eq!(all, ["27", "28", "29", "21", "22", "24", "25"]);
    }
}
