//! Random plans that make sense, and random claims under them.
#![allow(dead_code, reason = "properties and fuzz each use their part of it")]
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

pub mod claims;
pub mod examples;
pub mod plans;
pub mod rules;

use chrono::NaiveDate;
use huzhu_domain::{
    benefit::{Amount, Factor, Rate},
    money::{Fen, MAX_AMOUNT},
};
use proptest::{prelude::*, test_runner::RngSeed};
use rust_decimal::Decimal;

/// The same cases in every run; PROPTEST_CASES and PROPTEST_RNG_SEED look further.
pub fn config() -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let asked = ProptestConfig { cases: asked.cases.max(1000), ..asked };
    match asked.rng_seed {
        RngSeed::Random => ProptestConfig { rng_seed: RngSeed::Fixed(20_261_124), ..asked },
        RngSeed::Fixed(_) => asked,
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Amounts as papers have them, and those at the edges.
pub fn fen() -> BoxedStrategy<i64> {
    prop_oneof![6 => 0..=3_000_000_i64, 2 => 0..=2000_i64, 1 => Just(0), 1 => Just(1), 1 => Just(MAX_AMOUNT.0)].boxed()
}

pub fn amount() -> BoxedStrategy<Amount> {
    fen().prop_map(|n| Amount(Fen(n))).boxed()
}

pub fn above_zero() -> BoxedStrategy<Amount> {
    fen().prop_map(|n| Amount(Fen(n.max(1)))).boxed()
}

/// Whole percents, edges, and the six decimals that a rate may have.
pub fn rate() -> BoxedStrategy<Rate> {
    let exact = |n: i64, scale| Rate(Decimal::new(n, scale));
    prop_oneof![
        4 => (0_i64..=100).prop_map(move |n| exact(n, 2)),
        1 => (0_i64..=1_000_000).prop_map(move |n| exact(n, 6)),
        1 => Just(exact(0, 0)),
        1 => Just(exact(1, 0)),
    ]
    .boxed()
}

pub fn factor(from: i64, to: i64) -> BoxedStrategy<Factor> {
    prop_oneof![
        (from..=to).prop_map(|n| Factor(Decimal::new(n, 2))),
        (from * 10_000..=to * 10_000).prop_map(|n| Factor(Decimal::new(n, 6)))
    ]
    .boxed()
}

/// One of these, or nothing.
pub fn maybe<T: Clone + std::fmt::Debug + 'static>(some: BoxedStrategy<T>) -> BoxedStrategy<Option<T>> {
    prop::option::weighted(0.4, some).boxed()
}

pub fn pick<T: Clone + std::fmt::Debug + 'static>(words: Vec<T>) -> BoxedStrategy<T> {
    prop::sample::select(words).boxed()
}

/// A few of these, in order, perhaps none.
pub fn few<T: Clone + std::fmt::Debug + 'static>(words: Vec<T>, least: usize) -> BoxedStrategy<Vec<T>> {
    let most = words.len();
    prop::sample::subsequence(words, least..=most).boxed()
}
