//! `plan`, searched.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| huzhu_fuzz::plan::holds(bytes));
