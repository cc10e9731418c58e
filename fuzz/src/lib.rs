//! What must hold of everything that reads foreign bytes, whatever the bytes are: `holds` of each module panics where it doesn't.
//!
//! The same four functions are asked by the ordinary tests (`tests/short.rs`: the corpus, and a few changes to it) and by the
//! guided search (`fuzz_targets`, `make fuzz`).
#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "what doesn't hold is said by a panic")]

pub mod id_number;
pub mod picture;
pub mod plan;
pub mod sheet;
