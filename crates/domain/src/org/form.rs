//! What is kept about a node, and a unit as a row of a file.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OrgKind;
use crate::{
    case::ALL,
    credit_code,
    dictionary::{Entry, Fault, fault},
    member::is_phone,
    money::MAX_AMOUNT,
};

/// More people than any employer has.
const MAX_HEADCOUNT: i32 = 10_000_000;

/// What is kept about a node; what doesn't belong to its level stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OrgForm {
    /// Its name.
    pub name: String,
    /// Whom to ask.
    pub contact_name: String,
    /// Their telephone.
    pub contact_phone: String,
    /// Where it is.
    pub address: String,
    /// People who work there; of a unit.
    pub headcount: Option<i32>,
    /// 统一社会信用代码; of a unit.
    pub credit_code: String,
    /// From which benefit in fen on a case of the branch wants 申领复审, null for none; of an office or agency, where the agency's
    /// own comes before its office's.
    pub review_limit_fen: Option<i64>,
    /// Which share of the other cases is drawn for 申领复审, in basis points; of an office.
    pub review_share: i32,
}

impl OrgForm {
    /// As it is kept: without blanks at the ends, the credit code as it is compared.
    #[must_use]
    pub fn tidied(self) -> Self {
        let trimmed = |text: String| text.trim().to_owned();
        Self {
            name: trimmed(self.name),
            contact_name: trimmed(self.contact_name),
            contact_phone: trimmed(self.contact_phone),
            address: trimmed(self.address),
            credit_code: credit_code::normalise(&self.credit_code),
            ..self
        }
    }

    /// Everything that is wrong with it for a node of the level `kind`.
    #[must_use]
    pub fn faults(&self, kind: OrgKind) -> Vec<Fault> {
        let mut out = Vec::new();
        let texts = [
            ("name", &self.name, 100),
            ("contact_name", &self.contact_name, 60),
            ("contact_phone", &self.contact_phone, 20),
            ("address", &self.address, 200),
        ];
        for (column, text, max) in texts {
            if text.chars().count() > max {
                out.push(fault(column, "too_long"));
            } else if text.chars().any(char::is_control) {
                out.push(fault(column, "control_signs"));
            } else if column == "name" && text.is_empty() {
                out.push(fault(column, "required"));
            } else if column == "contact_phone" && !text.is_empty() && !is_phone(text) {
                out.push(fault(column, "not_a_phone"));
            }
        }
        let is_unit = kind == OrgKind::Unit;
        if !self.credit_code.is_empty() && !is_unit {
            out.push(fault("credit_code", "not_of_this_level"));
        } else if !self.credit_code.is_empty()
            && let Err(found) = credit_code::check(&self.credit_code)
        {
            out.push(fault("credit_code", found.into()));
        }
        match self.headcount {
            Some(_) if !is_unit => out.push(fault("headcount", "not_of_this_level")),
            Some(n) if n < 0 => out.push(fault("headcount", "negative")),
            Some(n) if n > MAX_HEADCOUNT => out.push(fault("headcount", "too_large")),
            _ => {}
        }
        match self.review_limit_fen {
            Some(_) if !matches!(kind, OrgKind::Office | OrgKind::Agency) => {
                out.push(fault("review_limit_fen", "not_of_this_level"));
            }
            Some(n) if n < 0 => out.push(fault("review_limit_fen", "negative")),
            Some(n) if n > MAX_AMOUNT.0 => out.push(fault("review_limit_fen", "too_large")),
            _ => {}
        }
        match self.review_share {
            0 => {}
            _ if kind != OrgKind::Office => out.push(fault("review_share", "not_of_this_level")),
            n if n < 0 => out.push(fault("review_share", "negative")),
            n if u32::try_from(n).is_ok_and(|n| n > ALL) => out.push(fault("review_share", "too_large")),
            _ => {}
        }
        out
    }
}

/// What is wrong with the code of a node: four digits; of a unit eight, which begin with those of its parent.
#[must_use]
pub fn code_fault(kind: OrgKind, code: &str, parent_code: &str) -> Option<&'static str> {
    let (width, wrong) = if kind == OrgKind::Unit { (8, "unit_code_digits") } else { (4, "org_code_digits") };
    if code.len() != width || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Some(wrong);
    }
    (kind == OrgKind::Unit && !code.starts_with(parent_code)).then_some("code_of_another_parent")
}

/// A unit (参保单位) as a row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitRow {
    /// 单位代码; empty for a new one that gets the next free code.
    pub code: String,
    /// Code of what it hangs on.
    pub parent_code: String,
    /// Whether it is in use; None where the file doesn't say.
    pub active: Option<bool>,
    /// What is kept about it.
    #[serde(flatten)]
    pub form: OrgForm,
}

impl Entry for UnitRow {
    const KEY: &'static str = "credit_code";

    /// The code, else the 统一社会信用代码: what has neither can't be told from another.
    fn key(&self) -> String {
        (if self.code.is_empty() { &self.form.credit_code } else { &self.code }).clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut out = self.form.faults(OrgKind::Unit);
        if self.key().is_empty() {
            out.push(fault("credit_code", "required"));
        }
        out
    }
}

/// What a row of units says against what is there: a unit is moved and deactivated by acts that want a reason, a new one hangs
/// on a node in use and has a code that is free.
#[derive(Clone, Copy, Debug)]
pub struct UnitFacts<'a> {
    /// The unit with this code in one's branch.
    pub known: Option<&'a UnitRow>,
    /// Whether what the row hangs the unit on is in one's branch, and whether it is in use.
    pub parent_active: Option<bool>,
    /// Whether the code is a node's outside of one's branch.
    pub code_elsewhere: bool,
    /// Whether the credit code is another unit's, or of a row before this one.
    pub credit_code_twice: bool,
}

impl UnitFacts<'_> {
    /// What is wrong with the row.
    #[must_use]
    pub fn faults(&self, row: &UnitRow) -> Vec<Fault> {
        let mut out = Vec::new();
        match (self.known, self.parent_active) {
            (Some(old), _) if old.parent_code != row.parent_code => out.push(fault("parent_code", "by_move")),
            (Some(_), _) => {}
            (None, _) if row.parent_code.is_empty() => out.push(fault("parent_code", "required")),
            (None, None) => out.push(fault("parent_code", "unknown")),
            (None, Some(false)) => out.push(fault("parent_code", "inactive")),
            (None, Some(true)) if row.code.is_empty() => {}
            (None, Some(true)) => {
                let wrong = code_fault(OrgKind::Unit, &row.code, &row.parent_code);
                let wrong = wrong.or_else(|| self.code_elsewhere.then_some("taken"));
                out.extend(wrong.map(|code| fault("code", code)));
            }
        }
        let active = self.known.is_none_or(|old| old.active == Some(true));
        if row.active.is_some_and(|said| said != active) {
            out.push(fault("active", "by_act"));
        }
        if self.credit_code_twice {
            out.push(fault("credit_code", "of_another_unit"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, parent_code: &str) -> UnitRow {
        let form = OrgForm { name: "示例单位".into(), credit_code: String::new(), ..OrgForm::default() };
        UnitRow { code: code.into(), parent_code: parent_code.into(), active: None, form }
    }

    const FREE: UnitFacts<'_> =
        UnitFacts { known: None, parent_active: Some(true), code_elsewhere: false, credit_code_twice: false };

    #[test]
    fn a_new_unit_wants_a_parent_in_use_and_a_free_code() {
        let told = |facts: UnitFacts, row: &UnitRow| facts.faults(row);
        assert_eq!(told(FREE, &row("", "2301")), []);
        assert_eq!(told(FREE, &row("23010007", "2301")), []);
        assert_eq!(told(FREE, &row("", "")), [fault("parent_code", "required")]);
        assert_eq!(told(FREE, &row("24010007", "2301")), [fault("code", "code_of_another_parent")]);
        assert_eq!(told(FREE, &row("7", "2301")), [fault("code", "unit_code_digits")]);
        assert_eq!(
            told(UnitFacts { code_elsewhere: true, ..FREE }, &row("23010007", "2301")),
            [fault("code", "taken")]
        );
        assert_eq!(
            told(UnitFacts { parent_active: None, ..FREE }, &row("", "9999")),
            [fault("parent_code", "unknown")]
        );
        let off = UnitFacts { parent_active: Some(false), ..FREE };
        assert_eq!(told(off, &row("", "2301")), [fault("parent_code", "inactive")]);
        let twice = UnitFacts { credit_code_twice: true, ..FREE };
        assert_eq!(told(twice, &row("", "2301")), [fault("credit_code", "of_another_unit")]);
        assert_eq!(told(FREE, &UnitRow { active: Some(false), ..row("", "2301") }), [fault("active", "by_act")]);
    }

    #[test]
    fn a_unit_that_is_there_is_neither_moved_nor_put_out_of_use_by_a_file() {
        let old = UnitRow { active: Some(false), ..row("23010007", "2301") };
        let facts = UnitFacts { known: Some(&old), ..FREE };
        assert_eq!(facts.faults(&old), []);
        let moved = UnitRow { parent_code: "2302".into(), active: Some(true), ..old.clone() };
        assert_eq!(facts.faults(&moved), [fault("parent_code", "by_move"), fault("active", "by_act")]);
    }

    #[test]
    fn a_row_is_known_by_its_code_or_else_by_its_credit_code() {
        let named = |code: &str, credit_code: &str| UnitRow {
            form: OrgForm { credit_code: credit_code.into(), ..row(code, "2301").form },
            ..row(code, "2301")
        };
        assert_eq!(named("23010007", "91230100MA00000000").key(), "23010007");
        assert_eq!(named("", "91230100MA00000000").key(), "91230100MA00000000");
        assert_eq!(named("", "").faults(), [fault("credit_code", "required")]);
    }
}
