//! The newest whole checkpoint of two.

use super::SLOTS;
use learn::Checkpoint;
use std::path::Path;
use std::time::SystemTime;

/// The bytes of a checkpoint, which is a plain file: what has no end holds none.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err(String::from("it is no plain file"));
    }
    table::read_file(file).map_err(|error| error.to_string())
}

/// The newest whole checkpoint of a run that is not done.
pub(super) struct Newest {
    pub slot: usize,
    pub bytes: Vec<u8>,
    place: u64,
    /// What is said of another that is not used.
    pub newer: Option<String>,
}

pub(super) fn newest(folder: &Path) -> Option<Newest> {
    let mut best: Option<Newest> = None;
    let mut broken = None;
    for (slot, name) in SLOTS.iter().enumerate() {
        let file = folder.join(name);
        if std::fs::symlink_metadata(&file).is_err() {
            continue;
        }
        let bytes = read(&file);
        match bytes.and_then(|bytes| match Checkpoint::from_bytes(&bytes) {
            Ok((checkpoint, ..)) => Ok((checkpoint.place(), bytes)),
            Err(error) => Err(error.to_string()),
        }) {
            Ok((place, bytes)) => {
                if best.as_ref().is_none_or(|best| place > best.place) {
                    best = Some(Newest { slot, bytes, place, newer: None });
                }
            }
            Err(error) => broken = Some((file, error)),
        }
    }
    best.map(|best| {
        let newer = broken.map(|(file, error)| {
            match written_at(&file) <= written_at(&folder.join(SLOTS[best.slot])) {
                true => {
                    format!("the checkpoint before the last is not whole, and the last one is used: {error}")
                }
                false => format!("the last checkpoint is not whole, so the one before it is used: {error}"),
            }
        });
        Newest { newer, ..best }
    })
}

fn written_at(file: &Path) -> Option<SystemTime> {
    std::fs::symlink_metadata(file).and_then(|about| about.modified()).ok()
}
