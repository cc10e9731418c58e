//! The organisation tree (机构): 总会 › 办事处 › 代办处 › 参保单位, and the branch that somebody works in.

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
