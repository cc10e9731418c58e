//! 更正: a closed case never changes. What was decided wrongly is put right by a case of its own that corrects it, as if the
//! corrected one hadn't happened, and pays or claims back the difference to what was granted before.
use super::{Blocker, Closing, DenyReason, Outcome, Stage, State};
use crate::{ids::UserId, money::Fen};

code_enum! {
    /// Why a case is corrected (更正原因).
    CorrectionReason {
        /// 申诉支持.
        AppealAllowed,
        /// 录入有误.
        EntryError,
        /// 补充材料.
        MorePapers,
        /// 医保结算有变化.
        SettlementChanged,
        /// 适用条款有误.
        RuleMisapplied,
        /// 不应给付.
        NotEntitled,
        /// 其他: the note says it.
        Other,
    }
}

/// What a correcting case carries besides what every case has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What the cases before it in the chain granted together.
    pub granted_before: Fen,
    /// Who opened it; that person may not review it.
    pub opened_by: UserId,
}

/// What a case is about to pay, or below zero to claim back, when `computed` comes out.
#[must_use]
pub fn difference(correction: Option<Correction>, computed: Fen) -> Fen {
    correction.map_or(computed, |c| computed - c.granted_before)
}

/// Who had a hand in a case: who entered it, who approved it at 申领初审 where another decides, who decides.
type Hands = (UserId, Option<UserId>, UserId);

/// Where an approved case goes: to be paid, or a correction also to be claimed back, or to its end.
pub(super) const fn approved(correction: Option<Correction>, hands: Hands, benefit: Fen) -> State {
    let (entered_by, reviewed_by, approved_by) = hands;
    if correction.is_none() || benefit.0 > 0 {
        State::Payment { entered_by, reviewed_by, approved_by, benefit }
    } else if benefit.0 < 0 {
        State::Recovery { entered_by, reviewed_by, approved_by, benefit }
    } else {
        State::Closed(Closing::Corrected { by: approved_by })
    }
}

/// Where a denied case goes. A correction that is denied says that nothing is granted: what was, is to come back.
pub(super) fn denied(correction: Option<Correction>, hands: Hands, reason: DenyReason) -> State {
    let (entered_by, reviewed_by, approved_by) = hands;
    match correction {
        Some(Correction { granted_before, .. }) if granted_before > Fen::ZERO => {
            State::Recovery { entered_by, reviewed_by, approved_by, benefit: -granted_before }
        }
        _ => State::Closed(Closing::Denied { reason, by: approved_by }),
    }
}

/// The last case of a chain that came to a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Whether it is the case that is asked about.
    pub is_this: bool,
    /// Its 案件号.
    pub no: String,
}

/// What is known about a case that is to be corrected, or appealed against.
#[derive(Clone, Debug, Default)]
pub struct OpenFacts {
    /// Where it stands.
    pub stage: Option<Stage>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The last case of its chain that came to a decision.
    pub tail: Option<Tail>,
    /// 案件号 of the correction that is on its way in its chain.
    pub open_no: Option<String>,
    /// Whether pictures or personal data of its chain were erased.
    pub erased: bool,
    /// Whether an appeal against it waits.
    pub appeal_open: bool,
    /// Whether an appeal against it was allowed.
    pub appeal_allowed: bool,
    /// Whether an appeal against it was upheld or allowed.
    pub appeal_decided: bool,
}

impl OpenFacts {
    /// What keeps a closed case from being corrected and from being appealed against alike.
    fn common(&self) -> Vec<Blocker> {
        let stage = self.stage.unwrap_or(Stage::Deleted);
        if stage != Stage::Closed {
            return vec![Blocker::WrongStage { stage }];
        }
        if self.outcome == Some(Outcome::Withdrawn) {
            return vec![Blocker::WithdrawnClaim {}];
        }
        if self.erased {
            return vec![Blocker::CaseErased {}];
        }
        let mut out = Vec::new();
        if let Some(no) = &self.open_no {
            out.push(Blocker::CorrectionOpen { no: no.clone() });
        } else if let Some(tail) = self.tail.as_ref().filter(|t| !t.is_this) {
            out.push(Blocker::CorrectedAlready { no: tail.no.clone() });
        }
        if self.appeal_open {
            out.push(Blocker::AppealOpen {});
        }
        out
    }

    /// What keeps the case from being appealed against; empty where it can be.
    #[must_use]
    pub fn appeal_blockers(&self) -> Vec<Blocker> {
        let mut out = self.common();
        if self.appeal_decided {
            out.push(Blocker::AppealDecided {});
        }
        out
    }
}

/// What keeps a case from being corrected; empty where it can be.
#[must_use]
pub fn open_blockers(facts: &OpenFacts) -> Vec<Blocker> {
    let mut out = facts.common();
    if facts.stage == Some(Stage::Closed) && facts.outcome == Some(Outcome::Denied) && !facts.appeal_allowed {
        out.push(Blocker::AppealFirst {});
    }
    out
}
