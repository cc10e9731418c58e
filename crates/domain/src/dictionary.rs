//! 字典: hospitals, banks with their card prefixes, illness classes. What an entry must be like, and what a row of an
//! imported file means for a dictionary that is there already.
use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::{
    bank_card::{CARD_LENGTHS, CardKind, MAX_PREFIX, MIN_PREFIX},
    statement::HospitalLevel,
};

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// The longest of the other texts, in characters.
pub const MAX_TEXT: usize = 60;
/// The longest code of an illness class, in characters.
pub const MAX_CODE: usize = 20;
/// Prefixes that one bank may have.
pub const MAX_BINS: usize = 500;

/// What is wrong with one column of an entry; the code has the sentence `field_<code>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column, by its field name.
    pub column: &'static str,
    /// Stable code.
    pub code: &'static str,
}

/// A fault of a column.
#[must_use]
pub const fn fault(column: &'static str, code: &'static str) -> Fault {
    Fault { column, code }
}

/// An entry of a dictionary, known by its natural key.
pub trait Entry: PartialEq {
    /// The column that a double entry is told at.
    const KEY: &'static str;

    /// The natural key: two entries with the same one are the same entry.
    fn key(&self) -> String;

    /// Everything that is wrong with it by itself.
    fn faults(&self) -> Vec<Fault>;
}

code_enum! {
    /// What a row of a file would do.
    RowState {
        /// It can't be taken.
        Faulty,
        /// It changes an entry.
        Changed,
        /// It makes an entry.
        New,
        /// The entry is there as the row says.
        Unchanged,
    }
}

/// A row of a file, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<E> {
    /// What the row says.
    pub entry: E,
    /// What it would do.
    pub state: RowState,
    /// Why it can't be taken.
    pub faults: Vec<Fault>,
}

/// Judges the rows of a file, each with the faults that reading it found, against the entries that are known by key.
/// Of rows with the same key the first one counts, the others are told.
#[must_use]
pub fn judge<E: Entry>(rows: Vec<(E, Vec<Fault>)>, known: &HashMap<String, E>) -> Vec<Judged<E>> {
    let mut seen = HashSet::new();
    let mut one = |(entry, mut faults): (E, Vec<Fault>)| {
        for own in entry.faults() {
            if faults.iter().all(|f| f.column != own.column) {
                faults.push(own);
            }
        }
        let key = entry.key();
        let state = match known.get(&key) {
            Some(old) if *old == entry => RowState::Unchanged,
            Some(_) => RowState::Changed,
            None => RowState::New,
        };
        if !seen.insert(key) && faults.iter().all(|f| f.column != E::KEY) {
            faults.push(fault(E::KEY, "twice_in_file"));
        }
        let state = if faults.is_empty() { state } else { RowState::Faulty };
        Judged { entry, state, faults }
    };
    rows.into_iter().map(&mut one).collect()
}

fn check_text(out: &mut Vec<Fault>, column: &'static str, text: &str, (required, max): (bool, usize)) {
    if required && text.is_empty() {
        out.push(fault(column, "required"));
    } else if text.chars().count() > max {
        out.push(fault(column, "too_long"));
    } else if text.chars().any(char::is_control) {
        out.push(fault(column, "unknown"));
    }
}

/// A name as it is stored and compared: without blanks at its ends, one blank at most inside, full-width brackets.
#[must_use]
pub fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('(', "（").replace(')', "）")
}

/// 医院.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hospital {
    /// 医院名称: the key.
    pub name: String,
    /// 医院等级.
    pub level: HospitalLevel,
    /// 地区.
    pub region: String,
    /// 拼音首字母, by which it is found.
    pub initials: String,
    /// Whether it is offered at 费用录入.
    pub active: bool,
}

impl Entry for Hospital {
    const KEY: &'static str = "name";

    fn key(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut out = Vec::new();
        check_text(&mut out, "name", &self.name, (true, MAX_NAME));
        check_text(&mut out, "region", &self.region, (false, MAX_TEXT));
        if self.initials.len() > MAX_NAME
            || !self.initials.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        {
            out.push(fault("initials", "not_initials"));
        }
        out
    }
}

/// One card prefix of a bank, or a bank without any: a row of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BankRow {
    /// 银行名称: with the prefix the key.
    pub name: String,
    /// 简称.
    pub short_name: String,
    /// Whether it is recognised.
    pub active: bool,
    /// The digits that its cards begin with; empty for a bank without prefixes.
    pub prefix: String,
    /// Digits of a card.
    pub card_length: Option<i32>,
    /// 卡种.
    pub card_kind: Option<CardKind>,
}

impl Entry for BankRow {
    const KEY: &'static str = "prefix";

    fn key(&self) -> String {
        format!("{}\n{}", self.name, self.prefix)
    }

    fn faults(&self) -> Vec<Fault> {
        let mut out = bank_faults(&self.name, &self.short_name);
        if self.prefix.is_empty() {
            if self.card_length.is_some() || self.card_kind.is_some() {
                out.push(fault("prefix", "required"));
            }
        } else {
            out.extend(bin_faults(&self.prefix, self.card_length));
        }
        out
    }
}

/// What is wrong with a bank.
#[must_use]
pub fn bank_faults(name: &str, short_name: &str) -> Vec<Fault> {
    let mut out = Vec::new();
    check_text(&mut out, "name", name, (true, MAX_NAME));
    check_text(&mut out, "short_name", short_name, (false, MAX_TEXT));
    out
}

/// What is wrong with a card prefix.
#[must_use]
pub fn bin_faults(prefix: &str, card_length: Option<i32>) -> Vec<Fault> {
    let mut out = Vec::new();
    if !(MIN_PREFIX..=MAX_PREFIX).contains(&prefix.len()) || !prefix.bytes().all(|b| b.is_ascii_digit()) {
        out.push(fault("prefix", "not_a_prefix"));
    }
    if card_length.is_some_and(|n| !CARD_LENGTHS.contains(&n)) {
        out.push(fault("card_length", "not_a_card_length"));
    }
    out
}

/// What rows of banks say against each other and against the prefixes that are given out: a prefix is one bank's, and
/// rows of one bank agree about it. One list of faults a row.
#[must_use]
pub fn bank_conflicts(rows: &[BankRow], owners: &HashMap<String, String>) -> Vec<Vec<Fault>> {
    let mut owner_in_file: HashMap<&str, &str> = HashMap::new();
    let mut first: HashMap<&str, &BankRow> = HashMap::new();
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut out = Vec::new();
        let owner = *owner_in_file.entry(row.prefix.as_str()).or_insert(row.name.as_str());
        let owner = owners.get(&row.prefix).map_or(owner, String::as_str);
        if !row.prefix.is_empty() && owner != row.name {
            out.push(fault("prefix", "prefix_of_another_bank"));
        }
        let before = *first.entry(row.name.as_str()).or_insert(row);
        if before.short_name != row.short_name {
            out.push(fault("short_name", "differs_in_file"));
        }
        if before.active != row.active {
            out.push(fault("active", "differs_in_file"));
        }
        all.push(out);
    }
    all
}

/// 疾病分类.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IllnessClass {
    /// 编码: an ICD-10 code or the society's own; the key.
    pub code: String,
    /// 名称.
    pub name: String,
    /// 类别.
    pub category: String,
    /// Whether it is offered.
    pub active: bool,
}

impl Entry for IllnessClass {
    const KEY: &'static str = "code";

    fn key(&self) -> String {
        self.code.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut out = Vec::new();
        check_text(&mut out, "code", &self.code, (true, MAX_CODE));
        let sign = |c: char| c.is_ascii_alphanumeric() || ".-_+*/".contains(c);
        if !self.code.chars().all(sign) && out.is_empty() {
            out.push(fault("code", "not_a_code"));
        }
        check_text(&mut out, "name", &self.name, (true, MAX_NAME));
        check_text(&mut out, "category", &self.category, (false, MAX_TEXT));
        out
    }
}

#[cfg(test)]
#[path = "dictionary_tests.rs"]
mod tests;
