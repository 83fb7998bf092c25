//! Any bytes are read as a model file and as a checkpoint, or refused with a sentence.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for outcome in [chainrule::Model::from_bytes(bytes).err(), chainrule::Checkpoint::from_bytes(bytes).err()] {
        assert!(outcome.is_none_or(|error| !error.to_string().is_empty()));
    }
});
