//! Any lines that claim a derivative or an equality are judged, or refused.
#![no_main]

#[path = "../../crates/chainrule/tests/hostile/entries.rs"]
#[allow(dead_code, reason = "another target uses another entry")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::claim(bytes));
