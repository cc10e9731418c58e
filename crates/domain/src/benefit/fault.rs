//! What is wrong with a plan file: a stable code, the place, and what would be right. The sentences are the locales'.
use serde::Serialize;
use serde_json::{Map, Value, json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// One thing that is wrong. Serialises as `{ "code": …, "args": { … }, "path": …, "line": … }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Stable code.
    pub code: String,
    /// What its sentence needs.
    pub args: Map<String, Value>,
    /// The field, `liability.0.benefit.reimbursement.bands.1.to`; list places count from 0.
    pub path: String,
    /// Its line in the file, from 1.
    pub line: Option<usize>,
    /// Its column, from 1.
    pub column: Option<usize>,
}

impl Fault {
    /// A fault at a path, its line not looked up yet.
    pub(super) fn at(path: impl Into<String>, code: &str, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        Self { code: code.to_owned(), args, path: path.into(), line: None, column: None }
    }
}

/// Collects what is wrong, each below a path.
#[derive(Default)]
pub(super) struct Faults {
    path: Vec<String>,
    pub(super) found: Vec<Fault>,
}

impl Faults {
    /// Looks at a part of the file.
    pub(super) fn within(&mut self, part: impl ToString, look: impl FnOnce(&mut Self)) {
        self.path.push(part.to_string());
        look(self);
        self.path.pop();
    }

    /// Something is wrong with a field of the part that is looked at.
    pub(super) fn add(&mut self, field: &str, code: &str, args: &[(&str, &str)]) {
        let mut path = self.path.clone();
        path.extend((!field.is_empty()).then(|| field.to_owned()));
        self.found.push(Fault::at(path.join("."), code, args));
    }

    /// The same where `wrong` holds.
    pub(super) fn when(&mut self, wrong: bool, field: &str, code: &str) {
        if wrong {
            self.add(field, code, &[]);
        }
    }
}

/// A coded message for a deserialiser, whose errors are text.
pub(super) fn coded(code: &str, args: &[(&str, &str)]) -> String {
    let args: Map<String, Value> = args.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({ "code": code, "args": args }).to_string()
}

/// The fault that a TOML error tells of.
pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Fault {
    let mut fault = of_message(error.message());
    (fault.line, fault.column) = place(text, error.span().map_or(0, |span| span.start));
    if let Some(span) = error.span() {
        fault.path = DeTable::parse(text).map(|t| path_at(t.get_ref(), span.start)).unwrap_or_default();
    }
    if fault.code == "duplicate_field" && fault.args.get("name").is_some_and(|n| n == "") {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let at = error.span().and_then(|span| text.get(span.start..)).unwrap_or_default();
        let name: String = at.chars().skip_while(|c| !word(*c)).take_while(|c| word(*c)).collect();
        fault.args.insert("name".to_owned(), json!(name));
    }
    fault
}

/// The fault that a JSON error tells of.
pub(super) fn of_json(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    Fault { line: Some(error.line()), column: Some(error.column()), ..of_message(message) }
}

/// Messages of serde and TOML have a fixed beginning; what stands between backticks is the name it is about.
fn of_message(message: &str) -> Fault {
    if let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(message) {
        let code = object.get("code").and_then(Value::as_str).unwrap_or("plan_unreadable").to_owned();
        if let Some(Value::Object(args)) = object.remove("args") {
            return Fault { code, args, path: String::new(), line: None, column: None };
        }
    }
    let name = message.split('`').nth(1).unwrap_or_default();
    let expected = message.split_once("expected ").map_or("", |(_, rest)| rest).replace('`', "");
    let known = [
        ("unknown field", "unknown_field"),
        ("unknown variant", "unknown_word"),
        ("missing field", "missing_field"),
        ("duplicate field", "duplicate_field"),
        ("duplicate key", "duplicate_field"),
        ("invalid type", "wrong_type"),
        ("invalid value", "wrong_type"),
        ("input is out of range", "not_a_date"),
        ("premature end of input", "not_a_date"),
        ("input contains invalid characters", "not_a_date"),
        ("trailing input", "not_a_date"),
        ("wanted exactly 1 element", "benefit_shape"),
    ];
    match known.into_iter().find(|(start, _)| message.starts_with(start)) {
        Some((_, "wrong_type")) => Fault::at("", "wrong_type", &[("expected", kind_of(&expected))]),
        Some((_, code)) => Fault::at("", code, &[("name", name), ("expected", &expected)]),
        None => Fault::at("", "plan_unreadable", &[("text", message)]),
    }
}

/// The kind of value that serde expected, as a code that the locales have words for.
fn kind_of(expected: &str) -> &'static str {
    let known = [
        ("a number in quotes", "quoted_number"),
        ("a formatted date", "quoted_date"),
        ("a boolean", "yes_or_no"),
        ("a string", "quoted_text"),
        ("string", "quoted_text"),
        ("a sequence", "list"),
        ("u32", "whole_number"),
        ("u64", "whole_number"),
    ];
    known.iter().find(|(start, _)| expected.starts_with(start)).map_or("table", |(_, code)| code)
}

/// Gives faults that have a path their line.
pub(super) fn locate(text: &str, faults: &mut [Fault]) {
    let Ok(table) = DeTable::parse(text) else { return };
    for fault in faults.iter_mut().filter(|f| f.line.is_none()) {
        (fault.line, fault.column) = place(text, offset_of(&table, &fault.path));
    }
}

fn place(text: &str, offset: usize) -> (Option<usize>, Option<usize>) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (Some(line), Some(column))
}

/// Where a path begins in the file: the deepest part of it that is written there.
fn offset_of(table: &Spanned<DeTable<'_>>, path: &str) -> usize {
    let mut offset = 0;
    let mut parts = path.split('.').filter(|p| !p.is_empty());
    let mut here = parts.next().and_then(|part| table.get_ref().iter().find(|(key, _)| key.get_ref() == part));
    while let Some((key, value)) = here {
        offset = if value.get_ref().is_table() { value.span().start } else { key.span().start };
        let mut value = value;
        let mut next = parts.next();
        while let (DeValue::Array(items), Some(index)) = (value.get_ref(), next) {
            let Some(item) = index.parse::<usize>().ok().and_then(|i| items.get(i)) else { return offset };
            (offset, value, next) = (item.span().start, item, parts.next());
        }
        here = match (value.get_ref(), next) {
            (DeValue::Table(inner), Some(part)) => inner.iter().find(|(key, _)| key.get_ref() == part),
            _ => None,
        };
    }
    offset
}

/// The path of the deepest value that an offset lies in.
fn path_at(table: &DeTable<'_>, offset: usize) -> String {
    for (key, value) in table {
        let within = value.span().contains(&offset) || key.span().contains(&offset);
        let below = below(value, offset);
        if within || below.is_some() {
            let below = below.unwrap_or_default();
            let dot = if below.is_empty() { "" } else { "." };
            return format!("{}{dot}{below}", key.get_ref());
        }
    }
    String::new()
}

/// Tables that are written as `[a.b]` lie outside the span of `[a]`, so that every value is looked into.
fn below(value: &Spanned<DeValue<'_>>, offset: usize) -> Option<String> {
    match value.get_ref() {
        DeValue::Table(table) => Some(path_at(table, offset)).filter(|p| !p.is_empty()),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(i, item)| {
            let deeper = below(item, offset);
            let here = item.span().contains(&offset);
            deeper.map(|d| format!("{i}.{d}")).or_else(|| here.then(|| i.to_string()))
        }),
        _ => None,
    }
}
