//! Sentences for codes, in the user's language. `locales/*.toml` hold them; a test compares the sets.
use std::{collections::HashMap, sync::LazyLock};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// 简体中文.
    #[default]
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// The language that `Accept-Language` asks for first; Chinese when in doubt.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if wanted.trim_start().to_ascii_lowercase().starts_with("en") { Self::En } else { Self::ZhCn }
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

/// A coded remark for the user: a blocker, a warning, a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notice {
    /// Stable code.
    pub code: String,
    /// The sentence in the user's language.
    pub message: String,
    /// What the sentence was made from.
    #[schema(value_type = Object)]
    pub args: Map<String, Value>,
}

impl Notice {
    /// From anything that serialises as `{ "code": …, "args": { … } }`.
    #[must_use]
    pub fn of(coded: &impl Serialize, locale: Locale) -> Self {
        let (code, args) = split(coded);
        Self { message: sentence(locale, &code, &args), code, args }
    }
}

/// The code and arguments of a value that serialises as `{ "code": …, "args": { … } }`, or as a bare code.
#[must_use]
pub fn split(coded: &impl Serialize) -> (String, Map<String, Value>) {
    match serde_json::to_value(coded) {
        Ok(Value::String(code)) => (code, Map::new()),
        Ok(Value::Object(mut object)) => {
            let args = match object.remove("args") {
                Some(Value::Object(args)) => args,
                _ => Map::new(),
            };
            match object.remove("code") {
                Some(Value::String(code)) => (code, args),
                _ => ("internal".to_owned(), args),
            }
        }
        _ => ("internal".to_owned(), Map::new()),
    }
}

type Table = HashMap<String, String>;

/// A language: the main file, and one for each slice.
macro_rules! texts {
    ($lang:literal) => {
        texts!(
            $lang;
            "orgs",
            "enrolment",
            "changes",
            "records",
            "inquiry",
            "notices",
            "after",
            "absences",
            "review",
            "payment",
            "figures",
            "papers",
            "intake",
            "retention"
        )
    };
    ($lang:literal; $($slice:literal),+) => {
        [
            include_str!(concat!("../../locales/", $lang, ".toml")),
            $(include_str!(concat!("../../locales/", $lang, "/", $slice, ".toml"))),+
        ]
    };
}

static ZH_CN: LazyLock<Table> = LazyLock::new(|| merged(&texts!("zh-CN")));
static EN: LazyLock<Table> = LazyLock::new(|| merged(&texts!("en")));

fn merged(texts: &[&str]) -> Table {
    texts.iter().flat_map(|text| parse(text)).collect()
}

/// `[section] key = "text"` becomes `section.key`; the sections `problem` and `notice` share one name space of codes.
fn parse(text: &str) -> Table {
    let sections: HashMap<String, HashMap<String, String>> = toml::from_str(text).unwrap_or_default();
    let entries = sections
        .into_iter()
        .flat_map(|(section, entries)| entries.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text)));
    entries.collect()
}

/// All keys of a language, for the tests.
#[must_use]
pub fn keys(locale: Locale) -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = table(locale).keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn table(locale: Locale) -> &'static Table {
    match locale {
        Locale::ZhCn => &ZH_CN,
        Locale::En => &EN,
    }
}

/// The sentence for a code; the code itself where none is written.
#[must_use]
pub fn sentence(locale: Locale, code: &str, args: &Map<String, Value>) -> String {
    let Some(template) = table(locale).get(&format!("sentence.{code}")) else { return code.to_owned() };
    let mut out = template.clone();
    for (name, value) in args {
        let hole = format!("{{{name}}}");
        if out.contains(&hole) {
            out = out.replace(&hole, &word(locale, name, value));
        }
    }
    out
}

/// The words for an argument: the locale's, where the argument is itself a code, a list of codes, a sentence
/// (`{ "code": …, "args": … }`) or a formula; else the value as it is.
#[must_use]
pub fn word(locale: Locale, name: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(|item| word(locale, name, item)).collect();
            let by = table(locale).get(&format!("join.{name}")).or_else(|| table(locale).get("join.list"));
            return words.join(by.map_or("", String::as_str));
        }
        Value::Object(object) if object.contains_key("code") => {
            let (code, args) = split(value);
            return sentence(locale, &code, &args);
        }
        Value::Object(object) => {
            let pieces = object.get("formula").and_then(Value::as_array);
            let pieces = pieces.into_iter().flatten().filter_map(Value::as_str);
            return pieces.map(|piece| quantity(locale, &formula_sign(locale, piece))).collect();
        }
        other => other.to_string(),
    };
    match (name, value.as_i64()) {
        ("field", _) => return field_name(locale, &text),
        (name, Some(fen)) if name == "difference" || name.ends_with("_fen") => {
            return huzhu_domain::money::Fen(fen).to_string();
        }
        _ => {}
    }
    let of = |name: &str| table(locale).get(&format!("{name}.{text}")).cloned();
    of(name).or_else(|| of(name.trim_end_matches('s'))).unwrap_or(text)
}

/// A quantity that a formula names; what is none stays as it is.
#[must_use]
pub fn quantity(locale: Locale, name: &str) -> String {
    let of = |key: String| table(locale).get(&key).cloned();
    of(format!("quantity.{name}")).or_else(|| of(format!("field.{name}_fen"))).unwrap_or_else(|| name.to_owned())
}

/// A sign of a formula, spaced as it is read.
#[must_use]
pub fn formula_sign(locale: Locale, sign: &str) -> String {
    match sign {
        "+" => " + ".to_owned(),
        "-" => " − ".to_owned(),
        "*" => " × ".to_owned(),
        "," => ", ".to_owned(),
        other => table(locale).get(&format!("formula.{other}")).cloned().unwrap_or_else(|| other.to_owned()),
    }
}

/// The label of a field by its JSON path; `statements.1.total_fen` is «结算单 2 · 结算总金额».
#[must_use]
pub fn field_name(locale: Locale, path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    if let [list, index, field] = parts[..]
        && let Ok(index) = index.parse::<usize>()
    {
        let label = |key: &str| table(locale).get(&format!("field.{key}")).cloned().unwrap_or_else(|| key.to_owned());
        return format!("{} {} · {}", label(list), index + 1, label(field));
    }
    table(locale).get(&format!("field.{path}")).cloned().unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::parse;

    #[test]
    fn no_key_stands_in_two_files_of_a_language() {
        for texts in [texts!("zh-CN"), texts!("en")] {
            let mut seen = HashSet::new();
            let keys = texts.iter().flat_map(|text| parse(text).into_keys());
            let twice: Vec<String> = keys.filter(|key| !seen.insert(key.clone())).collect();
            assert!(twice.is_empty(), "{twice:?}");
        }
    }

    #[test]
    fn every_file_can_be_read() {
        for text in texts!("zh-CN") {
            assert!(!parse(text).is_empty(), "{text}");
        }
    }
}
