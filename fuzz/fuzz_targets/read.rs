//! Any bytes are read as a formula, as declarations and as a page, or refused with a place and a mend.
#![no_main]

#[path = "../../crates/chainrule/tests/hostile/entries.rs"]
#[allow(dead_code, reason = "another target uses another entry")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::read(bytes));
