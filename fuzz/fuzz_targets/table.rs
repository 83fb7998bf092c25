//! Any bytes are read as a table, or refused with a sentence.
#![no_main]

#[path = "../../crates/chainrule/tests/hostile/entries.rs"]
#[allow(dead_code, reason = "another target uses another entry")]
mod entries;

libfuzzer_sys::fuzz_target!(
    init: {
        // The fuzzer ends at any panic; those within the decoder of Parquet are made errors.
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !table::is_caught() {
                report(panic);
            }
        }));
    },
    |bytes: &[u8]| entries::table(bytes)
);
