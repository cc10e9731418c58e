//! What the operator enters at 费用录入 besides the statements: 领款人信息 and 出险信息 (manual 1.2.2).
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Blocker;

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

/// 领款人信息. Text that isn't known yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// The illness class or grade that a lump sum is paid by; None where the liability needs none.
    pub class_code: Option<String>,
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

impl Payee {
    /// Everything that keeps the payee from being paid.
    #[must_use]
    pub fn issues(&self) -> Vec<Blocker> {
        let mut out = Vec::new();
        if self.relation.is_none() {
            out.push(wrong("payee.relation", "required"));
        }
        text(&mut out, "payee.name", &self.name);
        text(&mut out, "payee.phone", &self.phone);
        text(&mut out, "payee.account_no", &self.account_no);
        text(&mut out, "payee.bank_name", &self.bank_name);
        if !self.phone.is_empty() && !is_phone(&self.phone) {
            out.push(wrong("payee.phone", "not_a_phone"));
        }
        if !self.account_no.is_empty() && !is_account_no(&self.account_no) {
            out.push(wrong("payee.account_no", "not_an_account"));
        }
        out
    }
}

impl Incident {
    /// Everything that is missing or impossible; `today` bounds the dates, `classes` are the codes to choose from.
    #[must_use]
    pub fn issues(&self, today: NaiveDate, classes: &[&str]) -> Vec<Blocker> {
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
        out
    }
}

/// A mainland mobile or landline number: 7 to 15 digits, `-` and a leading `+` allowed.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&count) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-')
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
        assert_eq!(payee().issues(), []);
    }

    #[test]
    fn every_empty_field_of_the_payee_is_named() {
        let issues = Payee::default().issues();
        let names: Vec<&str> = fields(&issues).iter().map(|(f, _)| *f).collect();
        assert_eq!(names, ["payee.relation", "payee.name", "payee.phone", "payee.account_no", "payee.bank_name"]);
    }

    #[test]
    fn an_account_with_letters_or_too_few_digits_is_refused() {
        for account_no in ["62220209x9003028973", "1234567", "6222 0209"] {
            let issues = Payee { account_no: account_no.into(), ..payee() }.issues();
            assert_eq!(fields(&issues), [("payee.account_no", "not_an_account")], "{account_no}");
        }
    }

    #[test]
    fn an_incident_may_be_today_but_not_tomorrow_and_ends_after_it_began() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        let incident = |from, to| Incident { cause: "肺炎".into(), from, to, class_code: None };
        let today = day(23).unwrap();
        assert_eq!(incident(day(23), day(23)).issues(today, &[]), []);
        assert_eq!(fields(&incident(day(23), day(24)).issues(today, &[])), [("incident.to", "in_future")]);
        assert_eq!(fields(&incident(day(22), day(21)).issues(today, &[])), [("incident.to", "before_start")]);
    }

    #[test]
    fn a_class_is_wanted_only_where_the_liability_pays_by_it() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        let incident =
            |code: Option<&str>| Incident { cause: "x".into(), from: day, to: day, class_code: code.map(Into::into) };
        let today = day.unwrap();
        assert_eq!(fields(&incident(None).issues(today, &["mild"])), [("incident.class_code", "required")]);
        assert_eq!(fields(&incident(Some("bad")).issues(today, &["mild"])), [("incident.class_code", "unknown")]);
        assert_eq!(incident(Some("mild")).issues(today, &["mild"]), []);
    }
}
