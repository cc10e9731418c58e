//! The house rules that no compiler knows.
use std::{fs, path::Path};

const MAX_RUST: usize = 420;
const MAX_VUE: usize = 320;

/// Path and text of the sources under some folders of the repository.
pub fn sources(under: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut out = Vec::new();
    let mut open: Vec<_> = under.iter().map(|u| root.join(u)).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            out.push((path.strip_prefix(&root).unwrap().display().to_string(), text));
        }
    }
    assert!(!out.is_empty(), "nothing under {under:?}");
    out
}

fn having(under: &[&str], ending: &str) -> Vec<(String, String)> {
    sources(under).into_iter().filter(|(path, _)| path.ends_with(ending)).collect()
}

#[test]
fn files_stay_short() {
    let rust = having(&["crates"], ".rs").into_iter().map(|f| (f, MAX_RUST));
    let web = having(&["web/src"], ".vue").into_iter().map(|f| (f, MAX_VUE));
    let long = rust.chain(web).filter(|((_, text), max)| text.lines().count() > *max);
    let long: Vec<String> = long.map(|((path, text), _)| format!("{path}: {} lines", text.lines().count())).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_domain_is_pure() {
    let manifest = &having(&["crates/domain"], "Cargo.toml")[0].1;
    for impure in ["tokio", "axum", "sea-orm", "reqwest", "rand", "clock"] {
        assert!(!manifest.contains(&format!("\n{impure}")) && !manifest.contains(&format!("\"{impure}\"")), "{impure}");
    }
    for (path, text) in having(&["crates/domain/src"], ".rs") {
        for word in ["f64", "f32", "SystemTime", "Utc::now", "Local::now", "async fn", "std::fs", "std::env"] {
            assert!(!text.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn what_reads_foreign_files_knows_neither_network_nor_database() {
    let manifest = &having(&["crates/intake"], "Cargo.toml")[0].1;
    let uses = manifest.split("[dev-dependencies]").next().unwrap();
    for far in ["tokio", "axum", "sea-orm", "reqwest", "huzhu ="] {
        assert!(!uses.contains(&format!("\n{far}")), "{far}");
    }
}

#[test]
fn only_the_store_writes_cases_and_only_the_table_names_moves() {
    for (path, text) in having(&["crates/server/src"], ".rs") {
        let writes = ["case::Entity::update", "case::Entity::insert", "case::Entity::delete"];
        if writes.iter().any(|w| text.replace("entity::", "").contains(w)) {
            assert_eq!(path, "crates/server/src/cases/store.rs");
        }
    }
}

#[test]
fn slices_do_not_use_each_other() {
    let slices = [
        "acceptance",
        "after",
        "materials",
        "expenses",
        "review",
        "payment",
        "inquiry",
        "figures",
        "pools",
        "members",
        "plans",
        "enrolment",
        "changes",
        "dictionaries",
        "notices",
    ];
    for slice in slices {
        for (path, text) in having(&[&format!("crates/server/src/{slice}")], ".rs") {
            for other in slices.iter().filter(|o| **o != slice) {
                assert!(!text.contains(&format!("crate::{other}::")), "{path} uses {other}");
            }
        }
    }
}

#[test]
fn what_is_inserted_only_is_never_updated() {
    for (path, text) in having(&["crates/server/src"], ".rs") {
        for table in [
            "case_event",
            "usage_entry",
            "payment",
            "recovery_entry",
            "recovery_verdict",
            "plan_version",
            "plan_draft",
            "plan_draft_event",
            "audit_entry",
            "record_event",
        ] {
            for verb in ["update", "delete"] {
                assert!(!text.contains(&format!("{table}::Entity::{verb}")), "{path} {verb}s {table}");
            }
        }
    }
}

/// Events and payments lose their words in one place (保管期限与清除), and are sealed anew in another; nobody else goes around the rule
/// above.
#[test]
fn only_erasing_and_sealing_update_columns_by_name() {
    let may =
        ["enrolment/act.rs", "platform/seal.rs", "retention/erase.rs"].map(|path| format!("crates/server/src/{path}"));
    for (path, text) in having(&["crates/server/src"], ".rs") {
        assert!(!text.contains("Query::update()") || may.contains(&path), "{path}");
    }
}

#[test]
fn no_test_sleeps() {
    for (path, text) in having(&["crates"], ".rs").into_iter().filter(|(path, _)| !path.ends_with("tidy.rs")) {
        assert!(!text.contains("sleep("), "{path} sleeps");
    }
}

/// What is logged, as the sources name it.
#[test]
fn every_act_of_the_log_has_its_word() {
    let words = &having(&["web/src/locales/zh-CN"], "logs.ts")[0].1;
    let mut acts = Vec::new();
    for (_, text) in having(&["crates/server/src"], ".rs") {
        let marks = ["Entry::done(", "audit::finish(", "audit::finish_with(", "audit::refused(", "    act: \"export_"];
        for mark in marks {
            for after in text.split(mark).skip(1) {
                let call = if mark.contains("act:") { &format!("\"export_{after}") } else { after };
                let statement = call.split([';', '\n']).next().unwrap_or_default();
                let named = statement.split('"').nth(1).filter(|a| a.contains('_') && !a.contains('{'));
                acts.extend(named.map(str::to_owned));
            }
        }
    }
    assert!(acts.len() > 25, "{acts:?}");
    for act in acts {
        assert!(words.contains(&format!(" {act}: '")), "{act}");
    }
}
