//! What the operator enters at 费用录入 besides the statements: 领款人信息 and 出险信息 (manual 1.2.2).
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Blocker;
use crate::member::is_phone;

code_enum! {
    /// 与被保险人关系: what the payee is to the claimant.
    Relation {
        /// 本人.
        #[serde(rename = "self")]
        #[strum(serialize = "self")]
        Oneself,
        /// 配偶.
        Spouse,
        /// 父母.
        Parent,
        /// 子女.
        Child,
        /// 法定继承人.
        LegalHeir,
        /// 其他.
        Other,
    }
}

/// All of something, in 万分比: 100 %.
pub const WHOLE_SHARE: u32 = 10_000;
/// Payees that one case can have.
pub const MAX_PAYEES: usize = 10;
/// Injuries that one case can have.
pub const MAX_INJURIES: usize = 20;

/// 领款人信息: one payee. Text that isn't known yet is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    /// 与被保险人关系.
    pub relation: Option<Relation>,
    /// 姓名.
    pub name: String,
    /// 手机号码.
    pub phone: String,
    /// 银行账号, digits only.
    pub account_no: String,
    /// 开户银行.
    pub bank_name: String,
    /// 份额 of the benefit in 万分比 (10000 is 100 %); the shares of all payees come to 10000.
    #[serde(default = "whole_share")]
    pub share: u32,
}

const fn whole_share() -> u32 {
    WHOLE_SHARE
}

impl Default for Payee {
    fn default() -> Self {
        let [name, phone, account_no, bank_name] = Default::default();
        Self { relation: None, name, phone, account_no, bank_name, share: WHOLE_SHARE }
    }
}

/// One injury of an accident (伤残部位).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Injury {
    /// 伤残等级, 1 (worst) to 10.
    pub grade: u32,
    /// What is injured, in words; may be empty.
    #[serde(default)]
    pub part: String,
}

/// 出险信息. What isn't known yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// 出险原因/治疗项目.
    pub cause: String,
    /// 开始日期.
    pub from: Option<NaiveDate>,
    /// 结束日期.
    pub to: Option<NaiveDate>,
    /// The class of illness that a fixed sum is paid by; None where the liability needs none.
    pub class_code: Option<String>,
    /// The injuries that a fixed sum is paid by; empty where the liability needs none.
    #[serde(default)]
    pub injuries: Vec<Injury>,
}

/// The longest text that any field of the entry takes, in characters.
pub const MAX_TEXT: usize = 200;

fn wrong(field: &str, problem: &str) -> Blocker {
    Blocker::FieldWrong { field: field.to_owned(), problem: problem.to_owned() }
}

fn text(out: &mut Vec<Blocker>, field: &str, value: &str) {
    if value.trim().is_empty() {
        out.push(wrong(field, "required"));
    } else if value.chars().count() > MAX_TEXT {
        out.push(wrong(field, "too_long"));
    }
}

/// Everything that keeps the payees from being paid. `death`: the member died, so that others are paid, in shares.
#[must_use]
pub fn payee_issues(payees: &[Payee], death: bool) -> Vec<Blocker> {
    if payees.is_empty() {
        return vec![wrong("payees", "required")];
    }
    let mut out: Vec<Blocker> = (0..).zip(payees).flat_map(|(i, payee)| payee.issues(i, death)).collect();
    if payees.len() > if death { MAX_PAYEES } else { 1 } {
        out.push(wrong("payees", if death { "too_many" } else { "only_one" }));
    }
    let shares: u64 = payees.iter().map(|p| u64::from(p.share)).sum();
    if shares != u64::from(WHOLE_SHARE) || payees.iter().any(|p| p.share == 0) {
        out.push(wrong("payees", "shares_not_whole"));
    }
    let accounts: Vec<&str> = payees.iter().map(|p| p.account_no.as_str()).filter(|a| !a.is_empty()).collect();
    if (1..accounts.len()).any(|i| accounts[..i].contains(&accounts[i])) {
        out.push(wrong("payees", "account_twice"));
    }
    out
}

impl Payee {
    fn issues(&self, index: usize, death: bool) -> Vec<Blocker> {
        let mut out = Vec::new();
        let field = |name: &str| format!("payees.{index}.{name}");
        if self.relation.is_none() {
            out.push(wrong(&field("relation"), "required"));
        }
        if death && self.relation == Some(Relation::Oneself) {
            out.push(wrong(&field("relation"), "dead"));
        }
        text(&mut out, &field("name"), &self.name);
        text(&mut out, &field("phone"), &self.phone);
        text(&mut out, &field("account_no"), &self.account_no);
        text(&mut out, &field("bank_name"), &self.bank_name);
        if !self.phone.is_empty() && !is_phone(&self.phone) {
            out.push(wrong(&field("phone"), "not_a_phone"));
        }
        if !self.account_no.is_empty() && !is_account_no(&self.account_no) {
            out.push(wrong(&field("account_no"), "not_an_account"));
        }
        out
    }
}

impl Incident {
    /// Everything that is missing or impossible; `today` bounds the dates, `classes` and `grades` are there to choose from.
    #[must_use]
    pub fn issues(&self, today: NaiveDate, classes: &[&str], grades: &[u32]) -> Vec<Blocker> {
        let mut out = Vec::new();
        text(&mut out, "incident.cause", &self.cause);
        for (field, date) in [("incident.from", self.from), ("incident.to", self.to)] {
            match date {
                None => out.push(wrong(field, "required")),
                Some(date) if date > today => out.push(wrong(field, "in_future")),
                Some(_) => {}
            }
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            out.push(wrong("incident.to", "before_start"));
        }
        match &self.class_code {
            None if !classes.is_empty() => out.push(wrong("incident.class_code", "required")),
            Some(code) if !classes.contains(&code.as_str()) => {
                out.push(wrong("incident.class_code", "unknown"));
            }
            _ => {}
        }
        if self.injuries.is_empty() && !grades.is_empty() {
            out.push(wrong("incident.injuries", "required"));
        }
        if self.injuries.iter().any(|i| !grades.contains(&i.grade)) {
            out.push(wrong("incident.injuries", "unknown"));
        }
        out
    }
}

/// Bank account numbers in China have 8 (old company accounts) to 30 digits.
#[must_use]
pub fn is_account_no(text: &str) -> bool {
    (8..=30).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payee() -> Payee {
        Payee {
            relation: Some(Relation::Oneself),
            name: "李思远".into(),
            phone: "13904510000".into(),
            account_no: "6222020909003028973".into(),
            bank_name: "中国工商银行".into(),
            share: WHOLE_SHARE,
        }
    }

    fn fields(blockers: &[Blocker]) -> Vec<(&str, &str)> {
        fn field(blocker: &Blocker) -> (&str, &str) {
            match blocker {
                Blocker::FieldWrong { field, problem } => (field, problem),
                other => panic!("{other:?}"),
            }
        }
        blockers.iter().map(field).collect()
    }

    #[test]
    fn a_complete_payee_has_no_issue() {
        assert_eq!(payee_issues(&[payee()], false), []);
    }

    #[test]
    fn every_empty_field_of_the_payee_is_named() {
        let issues = payee_issues(&[Payee::default()], false);
        let names: Vec<&str> = fields(&issues).iter().map(|(f, _)| f.trim_start_matches("payees.0.")).collect();
        assert_eq!(names, ["relation", "name", "phone", "account_no", "bank_name"]);
        assert_eq!(fields(&payee_issues(&[], false)), [("payees", "required")]);
    }

    #[test]
    fn heirs_are_paid_in_shares_that_come_to_the_whole() {
        let heir = |share, account: &str| Payee {
            relation: Some(Relation::Child),
            share,
            account_no: account.into(),
            ..payee()
        };
        let (a, b) = ("6222020909003028973", "6222020909003028974");
        assert_eq!(payee_issues(&[heir(3333, a), heir(6667, b)], true), []);
        let short = payee_issues(&[heir(3333, a), heir(6666, b)], true);
        assert_eq!(fields(&short), [("payees", "shares_not_whole")]);
        assert_eq!(fields(&payee_issues(&[heir(5000, a), heir(5000, a)], true)), [("payees", "account_twice")]);
        assert_eq!(fields(&payee_issues(&[heir(5000, a), heir(5000, b)], false)), [("payees", "only_one")]);
        assert_eq!(fields(&payee_issues(&[payee()], true)), [("payees.0.relation", "dead")]);
    }

    #[test]
    fn an_account_with_letters_or_too_few_digits_is_refused() {
        for account_no in ["62220209x9003028973", "1234567", "6222 0209"] {
            let issues = payee_issues(&[Payee { account_no: account_no.into(), ..payee() }], false);
            assert_eq!(fields(&issues), [("payees.0.account_no", "not_an_account")], "{account_no}");
        }
    }

    #[test]
    fn an_incident_may_be_today_but_not_tomorrow_and_ends_after_it_began() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        let incident = |from, to| Incident { cause: "肺炎".into(), from, to, ..Incident::default() };
        let today = day(23).unwrap();
        assert_eq!(incident(day(23), day(23)).issues(today, &[], &[]), []);
        assert_eq!(fields(&incident(day(23), day(24)).issues(today, &[], &[])), [("incident.to", "in_future")]);
        assert_eq!(fields(&incident(day(22), day(21)).issues(today, &[], &[])), [("incident.to", "before_start")]);
    }

    #[test]
    fn a_class_is_wanted_only_where_the_liability_pays_by_it() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        let incident = |code: Option<&str>| Incident {
            cause: "x".into(),
            from: day,
            to: day,
            class_code: code.map(Into::into),
            injuries: vec![],
        };
        let today = day.unwrap();
        assert_eq!(fields(&incident(None).issues(today, &["mild"], &[])), [("incident.class_code", "required")]);
        assert_eq!(fields(&incident(Some("bad")).issues(today, &["mild"], &[])), [("incident.class_code", "unknown")]);
        assert_eq!(incident(Some("mild")).issues(today, &["mild"], &[]), []);
    }

    #[test]
    fn injuries_are_wanted_only_where_the_liability_pays_by_grade() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        let incident = |grades: &[u32]| Incident {
            cause: "x".into(),
            from: day,
            to: day,
            injuries: grades.iter().map(|grade| Injury { grade: *grade, part: String::new() }).collect(),
            ..Incident::default()
        };
        let issues = |grades: &[u32]| incident(grades).issues(day.unwrap(), &[], &[7, 8]);
        assert_eq!(fields(&issues(&[])), [("incident.injuries", "required")]);
        assert_eq!(fields(&issues(&[7, 1])), [("incident.injuries", "unknown")]);
        assert_eq!(issues(&[7, 7]), []);
    }
}
