//! A run's folder: written whole under another name, then renamed, so that nobody ever sees half of it.

use super::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that a run will be written to.
pub struct RunFolder {
    path: PathBuf,
    is_replaced: bool,
}

/// The file of a run that holds its resolved configuration.
pub const CONFIGURATION: &str = "config.json";
/// The file of a run that holds what its model is compared with.
pub const BASELINES: &str = "baselines.json";

impl RunFolder {
    /// Checks early that the folder may be written, so that no training is lost to a name that is taken.
    ///
    /// # Errors
    /// When something lies there already and is not to be replaced, or is no run.
    pub fn new(path: &Path, overwrite: bool) -> Result<RunFolder, Failure> {
        let shown = path.display();
        let folder = RunFolder { path: path.to_owned(), is_replaced: path.exists() };
        if path.file_name().is_none() {
            return Err(Failure::bad_input(format!(
                "`{shown}` is no name for a new folder: choose one with `--out DIR`"
            )));
        }
        if !folder.is_replaced {
            return Ok(folder);
        }
        if !overwrite {
            return Err(Failure::bad_input(format!(
                "`{shown}` is there already: choose another folder with `--out DIR`, or replace it with `--overwrite`"
            )));
        }
        let is_run = path.is_dir() && (path.join(CONFIGURATION).is_file() || is_empty(path));
        if !is_run {
            return Err(Failure::bad_input(format!(
                "`{shown}` is no run of Chainrule (it has no {CONFIGURATION}), so it is not replaced: choose another folder with \
                 `--out DIR`"
            )));
        }
        Ok(folder)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes files into the folder, all or none.
    ///
    /// # Errors
    /// When the disk or the folder above does not let them be written; nothing is left behind, and a run that was to be replaced
    /// is as it was.
    pub fn write(&self, files: &[(&str, Vec<u8>)]) -> Result<(), Failure> {
        let written = self.sibling("partial");
        let outcome = self.write_to(&written, files).and_then(|()| self.put_in_place(&written));
        outcome.map_err(|error| {
            // That the leftover cannot be removed either adds nothing to the message.
            let _ = fs::remove_dir_all(&written);
            Failure::other(format!(
                "`{}` cannot be written ({error}): choose a folder that you may write to with `--out DIR`",
                self.path.display()
            ))
        })
    }

    fn write_to(&self, folder: &Path, files: &[(&str, Vec<u8>)]) -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        for (name, contents) in files {
            fs::write(folder.join(name), contents)?;
        }
        Ok(())
    }

    fn put_in_place(&self, written: &Path) -> std::io::Result<()> {
        if !self.is_replaced {
            // A folder that came into being meanwhile is not empty and makes this fail, as it should.
            return fs::rename(written, &self.path);
        }
        let old = self.sibling("old");
        fs::rename(&self.path, &old)?;
        match fs::rename(written, &self.path) {
            Ok(()) => fs::remove_dir_all(&old),
            Err(error) => {
                fs::rename(&old, &self.path)?;
                Err(error)
            }
        }
    }

    /// A hidden name beside the folder, so that a rename stays on one disk.
    fn sibling(&self, ending: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.{}.{ending}", std::process::id()))
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
