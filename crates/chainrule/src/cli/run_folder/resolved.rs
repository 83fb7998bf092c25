//! The path of a run's folder: one name for it, however it was written.

use super::place::cannot_be_written;
use crate::cli::Failure;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The path without points in it and past links, with a name at its end; what is plain is left as it was written.
///
/// # Errors
/// When it is no name for a folder, or cannot be looked at.
pub fn resolve(path: &Path) -> Result<PathBuf, Failure> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|error| cannot_be_written(path, &error));
    // Points and strokes at the end are no part of these.
    let mut plain: PathBuf = path.components().collect();
    if plain.file_name().is_none() && plain.is_dir() {
        plain = real(&plain)?;
    }
    if plain.file_name().is_none() {
        return Err(Failure::bad_input(format!(
            "`{}` is no name for a new folder: choose one with `--out DIR`",
            path.display()
        )));
    }
    match fs::symlink_metadata(&plain) {
        Ok(about) if about.is_symlink() => match table::past_links(&plain) {
            // Of a run that is not done the place is not there yet.
            Ok(Some(place)) if fs::symlink_metadata(&place).is_err() => Ok(place),
            _ => real(&plain),
        },
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_be_written(path, &error)),
        _ => Ok(plain),
    }
}

/// Whether a disk or another folder is mounted there: such a folder can be neither renamed nor replaced.
pub fn is_mount_point(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        if let Ok(about) = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)
            && about.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
        {
            return about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
        }
    }
    is_on_another_disk(path)
}

/// Whether the folder lies on another disk than the one above it.
#[cfg(unix)]
fn is_on_another_disk(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let disk = |path: &Path| fs::symlink_metadata(path).ok().map(|about| about.dev());
    let own = disk(path);
    own.is_some() && own != disk(&path.join(".."))
}

#[cfg(not(unix))]
fn is_on_another_disk(_: &Path) -> bool {
    false
}
