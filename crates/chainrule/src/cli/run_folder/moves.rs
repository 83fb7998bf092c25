//! How folders change places.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use table::beside;

/// Two folders in each other's place, in one step where the system has one.
pub(super) fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, left, CWD, right, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let between = free_name(right, "before");
    fs::rename(right, &between)?;
    match fs::rename(left, right) {
        Ok(()) => fs::rename(&between, left),
        Err(error) => {
            fs::rename(&between, right)?;
            Err(error)
        }
    }
}

/// A hidden name beside a path that nothing has.
pub(super) fn free_name(path: &Path, ending: &str) -> PathBuf {
    let numbered = (1..).map(|number: u32| beside(path, &format!("{ending}.{number}")));
    let mut names = std::iter::once(beside(path, ending)).chain(numbered);
    names.find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_else(|| beside(path, ending))
}
