//! The short run of every day: what was found once stays mended, and a few changes to it do no harm either.
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` look further; `make fuzz` looks far.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::{fs, path::Path};

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{RngSeed, TestRunner},
};

/// Every file of some folders, by name.
fn files_in(folders: &[&str]) -> Vec<(String, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(here.join(folder)).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = |path: std::path::PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    files.into_iter().map(named).collect()
}

/// The same cases in every run, unless others are asked for.
fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases };
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_127),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    ProptestConfig { cases, rng_seed, ..asked }
}

#[derive(Clone, Debug)]
enum Change {
    Overwrite(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Drop(Index, usize),
    Double(Index, usize, Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let bytes = || prop_oneof![any::<u8>().prop_map(|b| vec![b]), prop::collection::vec(any::<u8>(), 1..8)];
    let change = prop_oneof![
        4 => (at(), bytes()).prop_map(|(i, b)| Change::Overwrite(i, b)),
        2 => (at(), bytes()).prop_map(|(i, b)| Change::Insert(i, b)),
        2 => (at(), 1..64_usize).prop_map(|(i, n)| Change::Drop(i, n)),
        2 => (at(), 1..64_usize, at()).prop_map(|(i, n, j)| Change::Double(i, n, j)),
    ];
    prop::collection::vec(change, 1..5)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |i: &Index| i.index(bytes.len() + 1);
        let run = |i: &Index, n: usize| place(i)..bytes.len().min(place(i) + n);
        match change {
            Change::Overwrite(i, b) => drop(bytes.splice(run(i, b.len()), b.iter().copied())),
            Change::Insert(i, b) => drop(bytes.splice(run(i, 0), b.iter().copied())),
            Change::Drop(i, n) => drop(bytes.drain(run(i, *n))),
            Change::Double(i, n, j) => {
                let copy = bytes[run(i, *n)].to_vec();
                drop(bytes.splice(run(j, 0), copy));
            }
        }
    }
    bytes
}

/// Asks `holds` of every file of the folders, and of so many changed ones.
fn short_run(folders: &[&str], cases: u32, holds: fn(&[u8])) {
    let corpus = files_in(folders);
    assert!(!corpus.is_empty());
    for (name, bytes) in &corpus {
        let held = std::panic::catch_unwind(|| holds(bytes));
        assert!(held.is_ok(), "{name}");
    }
    let input = (any::<Index>(), changes()).prop_map(|(i, all)| changed(corpus[i.index(corpus.len())].1.clone(), &all));
    let asked = |bytes: Vec<u8>| {
        holds(&bytes);
        Ok(())
    };
    if let Err(found) = TestRunner::new(config(cases)).run(&input, asked) {
        panic!("{found}");
    }
}

#[test]
fn id_numbers_hold() {
    short_run(&["corpus/id_number"], 10_000, huzhu_fuzz::id_number::holds);
}

#[test]
fn plans_hold() {
    short_run(&["corpus/plan", "../plans", "../crates/domain/tests/golden"], 500, huzhu_fuzz::plan::holds);
}

#[test]
fn pictures_hold() {
    short_run(&["corpus/picture"], 500, huzhu_fuzz::picture::holds);
}

#[test]
fn sheets_hold() {
    short_run(&["corpus/sheet"], 1_000, huzhu_fuzz::sheet::holds);
}

/// A harness by which everything is refused searches for nothing.
#[test]
fn what_is_right_is_taken_in() {
    for (name, bytes) in files_in(&["corpus/sheet"]).iter().filter(|(name, _)| name.contains("/list-")) {
        let mut rows = Vec::new();
        let taken = huzhu_fuzz::sheet::read(bytes, &mut rows);
        assert!(taken.is_ok() && !rows.is_empty(), "{name}: {taken:?}");
    }
    for (name, bytes) in files_in(&["corpus/picture"]).into_iter().filter(|(name, _)| name.contains("/made-")) {
        assert!(huzhu_intake::picture::inspect(&bytes.into()).is_ok(), "{name}");
    }
}
