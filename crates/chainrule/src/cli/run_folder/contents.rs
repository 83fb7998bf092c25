//! What lies in a run's folder: which of it runs wrote, and what is taken away.

use super::{CHECKSUM_OF_RUN, CONFIGURATION, FILES, MARK, SLOTS};
use learn::CHECKPOINT_FILE;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How many files are named that stand in the way.
const MOST_NAMED: usize = 3;

/// Whether a path is a file that a run wrote, or one that it may write: a name of a run's file in a run's folder.
pub fn is_part_of_a_run(path: &Path) -> bool {
    let Ok(Some(path)) = table::past_links(path) else { return false };
    let is_file_of_runs =
        path.file_name().is_some_and(|name| name == MARK || FILES.iter().any(|file| name == *file));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    is_file_of_runs && (is_run(folder) || is_marked(folder))
}

/// Whether a folder is the run of this checksum: a run that is done, or one under way or its checkpoints and nothing else.
pub fn is_run_of(folder: &Path, checksum: &str) -> bool {
    match is_run(folder) {
        true => configuration(folder)[CHECKSUM_OF_RUN].as_str().is_none_or(|of_run| of_run == checksum),
        false => is_marked(folder) || foreign(folder).is_empty(),
    }
}

/// Whether a folder is a run: its configuration says so.
pub(super) fn is_run(folder: &Path) -> bool {
    const KEYS: [&str; 9] =
        ["schema", "version", "table", "target", "layers", "loss", "solver", "optimizer", "batch_size"];
    let told = configuration(folder);
    KEYS.iter().all(|key| told.get(key).is_some())
}

/// What the configuration in a folder tells, where it is readable.
fn configuration(folder: &Path) -> Value {
    /// Longer ones are none of ours.
    const LONGEST: u64 = 1 << 24;
    let file = folder.join(CONFIGURATION);
    let is_readable = fs::metadata(&file).is_ok_and(|about| about.is_file() && about.len() <= LONGEST);
    let text = if is_readable { fs::read(&file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice::<Value>(&text).unwrap_or_default()
}

/// The names of the files in a folder that runs write: of a run that is done those that it wrote, as its configuration says, which
/// comes last, and checkpoints in turns; of one under way all, and in another folder checkpoints alone.
fn files_of(folder: &Path) -> Vec<&'static str> {
    let told = configuration(folder);
    let wrote = told["files"].as_array();
    let is_of_runs = is_run(folder) || is_marked(folder);
    let is_own = |name: &&str| match wrote.filter(|_| is_of_runs) {
        Some(wrote) => SLOTS.contains(name) || wrote.iter().any(|wrote| wrote == name),
        None => is_of_runs || SLOTS.contains(name) || *name == CHECKPOINT_FILE,
    };
    let mut names: Vec<&str> = FILES.into_iter().filter(is_own).collect();
    names.sort_by_key(|name| *name == CONFIGURATION);
    names
}

/// The names of what no run wrote in a folder, in order; a link that lies in its place is all foreign.
pub(super) fn foreign(folder: &Path) -> Vec<OsString> {
    let files = files_of(folder);
    let is_ours = |entry: &fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
        is_file && (name == MARK || files.contains(&name.as_str()) || is_unfinished(&name))
    };
    let mut names: Vec<OsString> =
        entries(folder).filter(|entry| !is_ours(entry)).map(|entry| entry.file_name()).collect();
    names.sort();
    names
}

/// The first of them, if there are any.
pub(super) fn first_foreign(folder: &Path) -> Option<String> {
    let names = foreign(folder);
    (!names.is_empty()).then(|| first_of(&names))
}

/// Some of the names, and how many more there are.
pub(super) fn first_of(names: &[OsString]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names.iter().take(MOST_NAMED).map(|name| name.to_string_lossy());
    let named = named.collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// Whether a run lies there that can go on; a link to a folder is none.
pub(super) fn has_checkpoints(folder: &Path) -> bool {
    is_folder(folder) && SLOTS.iter().any(|slot| folder.join(slot).exists())
}

/// Removes the checkpoints of a run that is done; those that stay are taken away with the run.
pub(super) fn remove_checkpoints(folder: &Path) {
    for slot in SLOTS {
        let _ = fs::remove_file(folder.join(slot));
    }
}

/// Removes a folder with what runs write; one that holds anything else stays, with that.
pub(super) fn take_away(folder: &Path) -> io::Result<()> {
    empty(folder);
    let _ = fs::remove_file(folder.join(MARK));
    fs::remove_dir(folder)
}

/// Removes what runs write from a folder, but for the mark; a link to a folder is none.
pub(super) fn empty(folder: &Path) {
    if !is_folder(folder) {
        return;
    }
    remove_unfinished(folder);
    for name in files_of(folder) {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Removes files that a process which ended was writing.
pub(super) fn remove_unfinished(folder: &Path) {
    for entry in entries(folder).filter(|entry| is_unfinished(&entry.file_name().to_string_lossy())) {
        let _ = fs::remove_file(entry.path());
    }
}

/// Whether it is the name of a checkpoint that is not whole yet.
fn is_unfinished(name: &str) -> bool {
    SLOTS.iter().any(|slot| table::is_partial_of(name, slot))
}

pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok)
}

/// Whether what lies where a run would be written is one that a process left: marked, or empty.
pub(super) fn may_be_taken_over(partial: &Path) -> bool {
    is_folder(partial) && (is_empty(partial) || is_marked(partial))
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())
}

/// Whether a folder bears the mark of one in which a run is written.
pub(super) fn is_marked(folder: &Path) -> bool {
    is_folder(folder) && fs::symlink_metadata(folder.join(MARK)).is_ok_and(|about| about.is_file())
}

/// The name of the run that a hidden folder is for, where a path is that of one.
pub fn hidden_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(".partial").filter(|name| !name.is_empty())
}

/// Takes away what runs left behind that ended before their first checkpoint.
pub(super) fn clean(above: &Path) {
    for entry in entries(above) {
        let partial = entry.path();
        let is_left = hidden_name(&partial).is_some() && is_marked(&partial) && is_old(&partial);
        // Of a living process the lock is held. What no run wrote is not lost sight of in a hidden folder without a run.
        if is_left
            && !has_checkpoints(&partial)
            && foreign(&partial).is_empty()
            && let Ok(Some(_held)) = table::lock(&partial.join(MARK))
        {
            let _ = take_away(&partial);
        }
    }
}

/// Whether a folder was marked longer ago than it takes to lock its mark then.
fn is_old(folder: &Path) -> bool {
    const SOON: Duration = Duration::from_secs(5);
    let marked = fs::symlink_metadata(folder.join(MARK)).and_then(|about| about.modified());
    marked.is_ok_and(|marked| marked.elapsed().is_ok_and(|age| age > SOON))
}

pub(super) fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
