//! `sheet`, searched.
#![no_main]

// The reader of the old format panics at some files; the intake catches that, so it is no finding. What doesn't hold still is one.
libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|_| ())), |bytes: &[u8]| huzhu_fuzz::sheet::holds(bytes));
