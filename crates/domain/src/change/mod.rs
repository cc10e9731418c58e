//! 变更管理: a change of a member's record, asked for by one person and put into effect by another.
//!
//! [`blockers`] is asked twice: when the change is asked for, and again when it is approved, with the records as they
//! are then. What depends on a case (案件) that still counts can't be changed under it.
mod blocker;
mod decide;
mod duplicate;
mod papers;
mod rules;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use blocker::Blocker;
pub use decide::{Decision, Standing, barred};
pub use duplicate::{Likeness, Person, likeness};
pub use papers::missing_papers;
pub use rules::{CaseFact, CoverageFact, Facts, Progress, blockers, doubled, moving};

use crate::{
    id_number::{IdKind, Sex},
    member::Employment,
};

/// The longest coverage that can be asked for, in days.
pub const MAX_DAYS: i64 = 3_660;
/// The longest reason, in characters.
pub const MAX_REASON: usize = 500;
/// The most pictures of one change.
pub const MAX_FILES: usize = 20;

code_enum! {
    /// What is changed (变更类型).
    ChangeKind {
        /// 基本信息变更.
        MemberData,
        /// 单位调动.
        Transfer,
        /// 新增保障.
        CoverageAdd,
        /// 保障变更: other shares or another period.
        CoverageReplace,
        /// 提前终止保障.
        CoverageEnd,
        /// 新增银行卡.
        BankAccount,
        /// 合并重复会员.
        Merge,
        /// 撤销合并.
        Unmerge,
    }
}

code_enum! {
    /// Where a change stands.
    ChangeState {
        /// 待审核.
        Proposed,
        /// 已生效.
        Approved,
        /// 已驳回.
        Refused,
        /// 已撤回.
        Withdrawn,
    }
}

code_enum! {
    /// What a picture of a change shows.
    PaperKind {
        /// 本人银行卡.
        BankCard,
        /// 基本账户的预留印鉴单照片.
        SealCard,
        /// 其他证明材料.
        Proof,
    }
}

/// A member's data as they are on record, or are to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MemberData {
    /// 姓名.
    pub name: String,
    /// 证件类型.
    pub id_kind: IdKind,
    /// 证件号码.
    pub id_number: String,
    /// 出生日期; of a 居民身份证 the number says it.
    pub birth_date: Option<NaiveDate>,
    /// 性别; of a 居民身份证 the number says it.
    pub sex: Option<Sex>,
    /// 手机号码.
    pub phone: String,
    /// 在职状态.
    pub employment: Employment,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// 基本信息变更.
    MemberData(MemberData),
    /// 单位调动: running coverages of the same office go along from the day on.
    Transfer {
        /// The new unit.
        unit_id: i64,
        /// The first day there.
        from: NaiveDate,
    },
    /// 新增保障 under the version in force on the first day.
    CoverageAdd {
        /// Code of the plan.
        plan: String,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// 份.
        shares: u32,
    },
    /// 保障变更.
    CoverageReplace {
        /// Which coverage.
        coverage_id: i64,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// 份.
        shares: u32,
    },
    /// 提前终止保障.
    CoverageEnd {
        /// Which coverage.
        coverage_id: i64,
        /// Its new last day.
        last_day: NaiveDate,
    },
    /// 新增银行卡, in the member's own name.
    BankAccount {
        /// 银行账号.
        account_no: String,
        /// 银行名称.
        bank_name: String,
    },
    /// 合并: the other record's coverages and cases go over to the member.
    Merge {
        /// The record that goes.
        other_id: i64,
    },
    /// 撤销合并: exactly what went over goes back.
    Unmerge {
        /// The record that comes back.
        other_id: i64,
    },
}

impl Change {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::MemberData(_) => ChangeKind::MemberData,
            Self::Transfer { .. } => ChangeKind::Transfer,
            Self::CoverageAdd { .. } => ChangeKind::CoverageAdd,
            Self::CoverageReplace { .. } => ChangeKind::CoverageReplace,
            Self::CoverageEnd { .. } => ChangeKind::CoverageEnd,
            Self::BankAccount { .. } => ChangeKind::BankAccount,
            Self::Merge { .. } => ChangeKind::Merge,
            Self::Unmerge { .. } => ChangeKind::Unmerge,
        }
    }

    /// The day from which it holds; None where that is the day of its approval.
    #[must_use]
    pub const fn effective_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Transfer { from, .. } | Self::CoverageAdd { from, .. } | Self::CoverageReplace { from, .. } => {
                Some(*from)
            }
            Self::CoverageEnd { last_day, .. } => Some(*last_day),
            _ => None,
        }
    }

    /// The coverage that it is about.
    #[must_use]
    pub const fn coverage_id(&self) -> Option<i64> {
        match self {
            Self::CoverageReplace { coverage_id, .. } | Self::CoverageEnd { coverage_id, .. } => Some(*coverage_id),
            _ => None,
        }
    }

    /// The second record that it is about.
    #[must_use]
    pub const fn other_id(&self) -> Option<i64> {
        match self {
            Self::Merge { other_id } | Self::Unmerge { other_id } => Some(*other_id),
            _ => None,
        }
    }
}
