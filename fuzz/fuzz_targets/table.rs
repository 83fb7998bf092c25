//! Any bytes are read as a table, or refused with a sentence.
#![no_main]

#[path = "../../crates/chainrule/tests/hostile/entries.rs"]
#[allow(dead_code, reason = "another target uses another entry")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::table(bytes));
