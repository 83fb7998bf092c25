//! What of a run's folder is moved or taken away: never what no run wrote.

use super::{FILES, SLOTS, has_checkpoints};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use table::beside;

/// The names of what lies in a folder and no run wrote.
pub(super) fn foreign(folder: &Path) -> io::Result<Vec<OsString>> {
    let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let ours = |name: &OsString| {
        let is_partial = |slot: &str| beside(Path::new(slot), "partial").as_os_str() == name;
        FILES.iter().any(|file| name == file) || SLOTS.iter().any(|slot| is_partial(slot))
    };
    names.filter(|name| !name.as_ref().is_ok_and(ours)).collect()
}

/// Moves what no run wrote into another folder, where it is of no name that lies there.
pub(super) fn carry_over(from: &Path, to: &Path) -> io::Result<()> {
    for name in foreign(from)?.into_iter().filter(|name| !to.join(name).exists()) {
        fs::rename(from.join(&name), to.join(&name))?;
    }
    Ok(())
}

/// Removes a folder with what runs write; one that holds anything else stays, with that.
pub(super) fn take_away(folder: &Path) -> io::Result<()> {
    for slot in SLOTS {
        let _ = fs::remove_file(beside(&folder.join(slot), "partial"));
    }
    for name in FILES {
        let _ = fs::remove_file(folder.join(name));
    }
    fs::remove_dir(folder)
}

/// Takes away what runs left behind that ended before their first checkpoint.
pub(super) fn clean(above: &Path) {
    let Ok(entries) = fs::read_dir(above) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_prefix('.').and_then(|name| name.strip_suffix(".lock")) else { continue };
        let partial = above.join(format!(".{stem}.partial"));
        // Of a living process the lock is held; any other file of such a name is empty.
        let is_ours = partial.is_dir()
            && !has_checkpoints(&partial)
            && entry.metadata().is_ok_and(|about| about.is_file() && about.len() == 0);
        if is_ours && let Ok(Some(_held)) = table::lock(&entry.path()) {
            let _ = take_away(&partial);
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Two folders in each other's place, in one step where the system has one.
pub(super) fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, left, CWD, right, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let between = beside(right, "before");
    fs::rename(right, &between)?;
    match fs::rename(left, right) {
        Ok(()) => fs::rename(&between, left),
        Err(error) => {
            fs::rename(&between, right)?;
            Err(error)
        }
    }
}
