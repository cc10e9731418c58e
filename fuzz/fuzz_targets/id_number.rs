//! `id_number`, searched.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| huzhu_fuzz::id_number::holds(bytes));
