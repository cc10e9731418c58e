//! 保管期限与清除: how long personal data is kept, and when it may go. Nothing goes that no rule names.
//!
//! A rule names a kind of data and a term. The term counts from a day that the kind says (a case ended, the last coverage ended …);
//! what the law wants kept can't be given a shorter one. What is due is still held back where somebody may need it: an open case of
//! the same person, an appeal, a change that waits, or somebody's word (暂不清除).
mod rules;

use chrono::{Days, Months, NaiveDate};
use serde::Serialize;

pub use rules::{RetentionFault, Rule, Rules};

/// What stands where a name, a number or words were (已清除). Data, not a sentence: every list, page, file and export shows it.
pub const ERASED: &str = "已清除";

code_enum! {
    /// A kind of personal data that a rule can be about.
    RetentionKind {
        /// 案件材料: pictures of ended cases, of their appeals and of account corrections.
        CasePictures,
        /// 案件个人信息: payees, diagnoses, what was typed off papers, appellants, and all words of ended cases.
        CaseRecords,
        /// 付款收款人: names and accounts of payments, shares and bank results. Amounts, days and references stay.
        PaymentRecords,
        /// 会员档案: members with neither coverage nor case, their accounts, changes, papers and history.
        MemberRecords,
        /// 参保名册: rows and files of rosters that came to an end.
        RosterRows,
        /// 已保存的查询.
        SavedSearches,
        /// 站内消息.
        Messages,
        /// 重复提交的应答: what acceptances were answered, kept for whoever asks twice.
        RepeatedAnswers,
        /// 登录会话 that ended.
        Sessions,
        /// 登录失败 counters.
        SignInFailures,
    }
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Whole years.
    Years(u32),
    /// Whole days.
    Days(u32),
}

/// Days that a year has at least.
const SHORT_YEAR: u32 = 365;
/// The longest term, in years.
const MAX_YEARS: u32 = 100;

impl Term {
    /// The first day on which something that counts from `start` may go. Of 29 February the years end on 1 March.
    #[must_use]
    pub fn due_on(self, start: NaiveDate) -> NaiveDate {
        let due = match self {
            Self::Days(days) => start.checked_add_days(Days::new(days.into())),
            Self::Years(years) => {
                let end = start.checked_add_months(Months::new(years.saturating_mul(12)));
                let shortened = |end: &NaiveDate| chrono::Datelike::day(end) != chrono::Datelike::day(&start);
                end.and_then(|end| if shortened(&end) { end.succ_opt() } else { Some(end) })
            }
        };
        due.unwrap_or(NaiveDate::MAX)
    }

    /// The latest start of what is due `today`; nothing is due where there is no such day.
    #[must_use]
    pub fn latest_start(self, today: NaiveDate) -> NaiveDate {
        let start = match self {
            Self::Days(days) => today.checked_sub_days(Days::new(days.into())),
            Self::Years(years) => today.checked_sub_months(Months::new(years.saturating_mul(12))),
        };
        start.unwrap_or(NaiveDate::MIN)
    }

    /// Whether the term is shorter than another one, whatever days it begins on.
    #[must_use]
    fn is_shorter_than(self, other: Self) -> bool {
        let least = |term| match term {
            Self::Years(years) => years.saturating_mul(SHORT_YEAR),
            Self::Days(days) => days,
        };
        match (self, other) {
            (Self::Days(days), Self::Years(years)) => days < years.saturating_mul(SHORT_YEAR + 1),
            _ => least(self) < least(other),
        }
    }

    fn is_too_long(self) -> bool {
        Self::Years(MAX_YEARS).is_shorter_than(self)
    }
}

impl RetentionKind {
    /// The shortest term that a rule may give.
    ///
    /// 30 years: 会计档案管理办法, of vouchers. 3 years: 民法典 188, in which a claim can still be brought to court.
    #[must_use]
    pub const fn minimum(self) -> Term {
        match self {
            Self::PaymentRecords => Term::Years(30),
            Self::CasePictures | Self::CaseRecords | Self::MemberRecords | Self::RosterRows => Term::Years(3),
            Self::SavedSearches | Self::Messages | Self::RepeatedAnswers | Self::Sessions | Self::SignInFailures => {
                Term::Days(1)
            }
        }
    }
}

code_enum! {
    /// Why something that is due is held back.
    Holding {
        /// Somebody said so (暂不清除).
        Hold,
        /// A case of the same chain isn't at its end: it is worked on, paid or claimed back.
        CaseOpen,
        /// An appeal waits.
        AppealOpen,
        /// The person has another case that isn't at its end.
        OtherCaseOpen,
        /// A change of the record waits for its decision.
        ChangeOpen,
        /// A roster that names the member isn't in force yet.
        RosterOpen,
        /// There is no day to count from.
        NoDay,
    }
}

/// What is known of something that a rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The day from which its term counts.
    pub start: Option<NaiveDate>,
    /// What speaks against it, whatever the day.
    pub held: Vec<Holding>,
}

/// Whether something goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes; its term counted from this day.
    Due(NaiveDate),
    /// Its term isn't over.
    NotYet,
    /// Its term is over, or has no beginning, and it stays all the same.
    Held(Vec<Holding>),
}

/// Whether something goes `today`.
#[must_use]
pub fn decide(known: &Known, keep: Term, today: NaiveDate) -> Verdict {
    match known.start {
        Some(start) if keep.due_on(start) > today => Verdict::NotYet,
        _ if !known.held.is_empty() => Verdict::Held(known.held.clone()),
        Some(start) => Verdict::Due(start),
        None => Verdict::Held(vec![Holding::NoDay]),
    }
}

#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
