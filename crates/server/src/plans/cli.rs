//! `huzhu plan …`: plan files looked at without a server.
use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use huzhu_domain::{
    benefit::{Example, Fault, Plan},
    dates::Period,
    plan_draft::{self, DraftBlocker},
};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::check;
use crate::{
    cases::view::TraceStepView,
    platform::messages::{Locale, Notice},
};

/// What a command prints, and whether everything was in order.
pub struct Printed {
    /// For standard output.
    pub text: String,
    /// Whether the command succeeds.
    pub ok: bool,
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

fn told(file: &Path, faults: &[Fault], locale: Locale) -> String {
    let line = |f: &Fault| format!("    {}: {}", file.display(), check::fault_line(f, locale));
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads a plan file.
///
/// # Errors
/// Everything that is wrong with it: file, line, field, and what would be right.
fn plan_of(file: &Path, locale: Locale) -> Result<Plan, String> {
    Plan::parse(&read(file)?).map_err(|faults| told(file, &faults, locale))
}

/// A folder stands for the plan files in it; among several files, those that are no plan files are passed over.
fn plan_files(given: &[PathBuf], text: &mut String) -> Result<Vec<PathBuf>, String> {
    let mut out = Vec::new();
    for path in given {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let mut inside: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
            inside.sort();
            out.extend(inside.into_iter().filter(|p| is_plan(p)));
        } else if is_plan(path) || given.len() == 1 {
            out.push(path.clone());
        } else {
            let _ = writeln!(text, "– {}: not *.toml, passed over", path.display());
        }
    }
    if out.is_empty() { Err("no plan file (*.toml) among them".to_owned()) } else { Ok(out) }
}

fn is_plan(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "toml")
}

/// `plan check FILE…`: structure, sense, examples, and that versions of one plan follow each other.
///
/// # Errors
/// When a file can't be read at all.
pub fn check(files: &[PathBuf], locale: Locale) -> Result<Printed, String> {
    let (mut text, mut wrong) = (String::new(), 0_usize);
    let mut versions: BTreeMap<String, Vec<(String, Period)>> = BTreeMap::new();
    for file in plan_files(files, &mut text)? {
        let parsed = read(&file).map_err(|e| (1, e)).and_then(|source| {
            Plan::parse(&source).map_err(|f| (f.len(), format!("{}\n{}", file.display(), told(&file, &f, locale))))
        });
        let plan = match parsed {
            Ok(plan) => plan,
            Err((count, told)) => {
                wrong += count;
                let _ = writeln!(text, "✗ {told}");
                continue;
            }
        };
        let results = check::examples(&plan);
        let failed = results.iter().filter(|r| !r.passes).count();
        let mark = if failed == 0 { "✓" } else { "✗" };
        let count = results.len();
        let _ = writeln!(text, "{mark} {} {} {}: {count} examples", file.display(), plan.code, plan.version);
        for r in &results {
            let (mark, name, amount) = (if r.passes { "✓" } else { "✗" }, &r.name, r.expected_fen);
            let _ = write!(text, "    {mark} {} «{name}» {amount}", r.liability);
            if !r.passes {
                let _ = write!(text, " ≠ {}", r.actual_fen);
            }
            text.push('\n');
        }
        wrong += failed;
        let siblings = versions.entry(plan.code.clone()).or_default();
        // Failed examples are told above; how the versions follow each other is told below, for all of them.
        let own = |b: &DraftBlocker| matches!(b, DraftBlocker::ExampleNone { .. } | DraftBlocker::VersionExists { .. });
        for blocker in plan_draft::unfit(&plan, siblings).iter().filter(|b| own(b)) {
            wrong += 1;
            let _ = writeln!(text, "    ✗ {}", Notice::of(blocker, locale).message);
        }
        siblings.push((plan.version, Period { from: plan.effective_from, to: plan.effective_to }));
    }
    for (code, versions) in &versions {
        for (i, (version, period)) in versions.iter().enumerate() {
            let others: Vec<_> = versions.iter().take(i).cloned().collect();
            let all: Vec<_> = versions.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, v)| v.clone()).collect();
            let gap = |b: &DraftBlocker| matches!(b, DraftBlocker::VersionGap { .. });
            let overlaps = plan_draft::succession(*period, &others).into_iter().filter(|b| !gap(b));
            let gaps = plan_draft::succession(*period, &all).into_iter().filter(gap).take(1).filter(|_| i > 0);
            for blocker in overlaps.chain(gaps) {
                wrong += 1;
                let _ = writeln!(text, "✗ {code} {version}: {}", Notice::of(&blocker, locale).message);
            }
        }
    }
    let _ = write!(text, "{}", if wrong == 0 { "all in order".to_owned() } else { format!("{wrong} wrong") });
    Ok(Printed { text, ok: wrong == 0 })
}

/// `plan calc FILE --liability CODE --facts FACTS.json`: the amount and the trace as JSON.
///
/// # Errors
/// Everything that is wrong with the plan or the facts.
pub fn calc(file: &Path, liability: &str, facts: &Path, locale: Locale) -> Result<Printed, String> {
    let plan = plan_of(file, locale)?;
    let Some(liability) = plan.liability(liability) else {
        let codes: Vec<&str> = plan.liabilities.iter().map(|l| l.code.as_str()).collect();
        return Err(format!("{}: no liability {liability:?}; there are {}", file.display(), codes.join(", ")));
    };
    let text = read(facts)?;
    let example =
        Example::from_json(&text).or_else(|fault| match exact_numbers(&text).map(|t| Example::from_json(&t)) {
            Some(Ok(example)) => Ok(example),
            _ => Err(told(facts, &[fault], locale)),
        })?;
    let calculation = example.calculate(&plan, liability).map_err(|faults| told(facts, &faults, locale))?;
    let late = example.late_since(&plan, liability);
    let warning = late.map(|until| huzhu_domain::statement::Warning::PastDeadline { until });
    let data: Vec<Value> = calculation.trace.iter().map(|s| json!(s.step)).collect();
    let steps = calculation.trace.into_iter().zip(data).map(|(step, data)| {
        let view = TraceStepView::new(step, locale);
        let mut step = json!(view);
        if let Value::Object(step) = &mut step {
            step.insert("args".to_owned(), data.get("args").cloned().unwrap_or_else(|| json!({})));
        }
        step
    });
    let yuan = calculation.amount.to_yuan().to_string();
    let answer = json!({
        "amount": yuan,
        "amount_fen": calculation.amount,
        "usage": {
            "times": calculation.usage.times,
            "stays": calculation.usage.stays,
            "days": calculation.usage.days,
            "amount": yuan,
            "base": calculation.usage.base.to_yuan().to_string(),
        },
        "warnings": warning.iter().map(|w| Notice::of(w, locale)).collect::<Vec<_>>(),
        "trace": steps.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&answer).map_err(|e| e.to_string())?;
    Ok(Printed { text, ok: true })
}

/// Facts may write amounts as JSON numbers; they are read as the text that stands there. None where it is no JSON.
fn exact_numbers(text: &str) -> Option<String> {
    fn texts(value: Value) -> Value {
        match value {
            Value::Number(n) if !n.is_i64() && !n.is_u64() => Value::String(n.to_string()),
            Value::Array(items) => Value::Array(items.into_iter().map(texts).collect()),
            Value::Object(fields) => Value::Object(fields.into_iter().map(|(k, v)| (k, texts(v))).collect()),
            other => other,
        }
    }
    let value: Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&texts(value)).ok()
}

/// `plan explain FILE`: the rule in sentences.
///
/// # Errors
/// Everything that is wrong with the plan.
pub fn explain(file: &Path, locale: Locale) -> Result<Printed, String> {
    let plan = plan_of(file, locale)?;
    let mut text = format!("{} {} ({})", plan.name, plan.version, plan.code);
    for part in check::words(&plan, locale) {
        text.push('\n');
        if !part.name.is_empty() {
            let _ = write!(text, "\n{}", part.name);
        }
        if !part.clause.is_empty() {
            let _ = write!(text, " ({})", part.clause);
        }
        for sentence in part.sentences {
            let _ = write!(text, "\n  {sentence}");
        }
    }
    Ok(Printed { text, ok: true })
}

#[derive(OpenApi)]
#[openapi(components(schemas(Plan)))]
struct Document;

/// `plan schema`: the JSON Schema of a plan file, for editors.
///
/// # Errors
/// Never in practice: the schema is made from the program's own types.
pub fn schema() -> Result<Printed, String> {
    let document = serde_json::to_string(&Document::openapi()).map_err(|e| e.to_string())?;
    let document = document.replace("#/components/schemas/", "#/$defs/");
    let document: Value = serde_json::from_str(&document).map_err(|e| e.to_string())?;
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("保障活动 plan version (plans/*.toml)"));
    schema.insert("$ref".to_owned(), json!("#/$defs/Plan"));
    schema.insert("$defs".to_owned(), document.pointer("/components/schemas").cloned().unwrap_or_default());
    let text = serde_json::to_string_pretty(&schema).map_err(|e| e.to_string())?;
    Ok(Printed { text, ok: true })
}

/// The language of the command line.
#[must_use]
pub fn locale(name: &str) -> Locale {
    if name.starts_with("en") { Locale::En } else { Locale::ZhCn }
}
