//! What is generated and committed is fresh; every code has a sentence in every language.
use huzhu::{
    app,
    platform::messages::{Locale, keys},
};
use huzhu_domain::case::moves;

fn committed(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_default()
}

#[test]
fn the_committed_openapi_document_is_the_programs() {
    assert_eq!(committed("docs/openapi.json").trim(), app::openapi().to_pretty_json().unwrap(), "run `make gen`");
}

#[test]
fn the_committed_workflow_is_the_tables() {
    assert_eq!(committed("docs/workflow.md").trim(), moves::as_markdown().trim(), "run `make gen`");
}

#[test]
fn both_languages_have_the_same_sentences() {
    assert_eq!(keys(Locale::ZhCn), keys(Locale::En));
    assert!(keys(Locale::ZhCn).len() > 150, "the locale files were read");
}

/// Codes are written as literals where they arise; each needs its sentence.
#[test]
fn every_code_in_the_source_has_a_sentence() {
    let known = keys(Locale::ZhCn);
    let mut missing = Vec::new();
    for (path, text) in super::tidy::sources(&["crates/server/src"]) {
        for start in ["Problem::new(StatusCode::", "Problem::new(axum::http::StatusCode::"] {
            for piece in text.split(start).skip(1) {
                let Some(code) = piece.split('"').nth(1) else { continue };
                let literal = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if literal && !known.contains(&format!("sentence.{code}").as_str()) {
                    missing.push(format!("{path}: {code}"));
                }
            }
        }
        for piece in text.split("invalid_field(").skip(1) {
            let words: Vec<&str> = piece.split(')').next().unwrap_or_default().split('"').collect();
            let [_, _, ", ", code, ""] = words[..] else { continue };
            let literal = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if literal && !known.contains(&format!("sentence.field_{code}").as_str()) {
                missing.push(format!("{path}: field_{code}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
