//! The one way in which a file is written: whole or not at all, through devices and pipes, and never over what it is made of.
//!
//! A file is written under another name beside it, synchronised with the disk, renamed, and the folder synchronised too. Before
//! the rename whoever looks sees the old file, after it the new one; so does who looks after a power cut.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Writes a file whole or not at all.
///
/// # Errors
/// As those of [`Output::new`] and [`Output::write`].
pub fn write_atomically(path: impl AsRef<Path>, contents: &[u8]) -> Result<(), Error> {
    Output::new(path, &[])?.write(contents)
}

/// A place that may be written to, known before the work whose result will lie there.
#[derive(Clone, Debug)]
pub struct Output {
    path: PathBuf,
    /// The file that the path leads to, past links; `None` for a device, a pipe or a fifo, which is written through.
    file: Option<PathBuf>,
}

/// A path leads past no more links than this.
const MOST_LINKS: usize = 40;
/// The longest name that stands in the names beside it.
const LONGEST_NAME: usize = 200;

impl Output {
    /// Looks at a path, and at what will be read for what lies there in the end.
    ///
    /// # Errors
    /// When it is one of these inputs, a folder, a file that may not be written, or within a folder that is not there or may not
    /// be written.
    pub fn new(path: impl AsRef<Path>, inputs: &[&Path]) -> Result<Output, Error> {
        let path = path.as_ref().to_owned();
        let unwritable =
            |reason: &str, mend| Error::Unwritable { path: path.clone(), reason: reason.to_owned(), mend };
        let failed = |error: io::Error| unwritable(&error.to_string(), mend_of(&error));
        let about = match fs::metadata(&path) {
            Ok(about) => Some(about),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if about.as_ref().is_some_and(Metadata::is_dir) {
            return Err(unwritable("it is a folder", "give the name of a file in it"));
        }
        if about.as_ref().is_some_and(|about| !about.is_file()) {
            return Ok(Output { path, file: None });
        }
        let Some(file) = followed(&path).map_err(failed)? else {
            return Ok(Output { path, file: None });
        };
        if file.file_name().is_none() {
            return Err(unwritable("it is no name of a file", "give one"));
        }
        if let Some(input) = inputs.iter().find(|input| is_same(input, &file)) {
            return Err(unwritable(
                &format!("it is the file {} that is read", input.display()),
                "give another name",
            ));
        }
        let output = Output { path: path.clone(), file: Some(file.clone()) };
        if about.is_some() {
            OpenOptions::new().write(true).open(&file).map_err(failed)?;
        }
        // That a file can be made beside it is known only by making one.
        let partial = output.lock_partial(&file)?;
        drop(partial);
        fs::remove_file(beside(&file, "partial")).map_err(failed)?;
        Ok(output)
    }

    /// Writes the file whole or not at all; a device, a pipe or a fifo is written through.
    ///
    /// # Errors
    /// When it cannot be written, or another process is writing it; then what was there before is as it was.
    pub fn write(&self, contents: &[u8]) -> Result<(), Error> {
        let Some(file) = &self.file else {
            let stream = OpenOptions::new().write(true).open(&self.path);
            return stream
                .and_then(|mut stream| stream.write_all(contents).and_then(|()| stream.flush()))
                .map_err(|error| self.unwritable(&error));
        };
        let partial = beside(file, "partial");
        let mut written = self.lock_partial(file)?;
        let outcome = (|| {
            written.write_all(contents)?;
            if let Ok(before) = fs::metadata(file) {
                written.set_permissions(before.permissions())?;
            }
            // Without this a crash of the machine could leave the new name with old or no contents.
            written.sync_all()?;
            fs::rename(&partial, file)?;
            sync_folder_of(file)
        })();
        outcome.map_err(|error| {
            // That the leftover cannot be removed either adds nothing to the message.
            let _ = fs::remove_file(&partial);
            self.unwritable(&error)
        })
    }

    /// The partial file, empty and this process's own. One that a dead process left behind is taken over.
    fn lock_partial(&self, file: &Path) -> Result<File, Error> {
        let name = beside(file, "partial");
        lock(&name)
            .and_then(|held| held.map(|held| held.set_len(0).map(|()| held)).transpose())
            .map_err(|error| self.unwritable(&error))?
            .ok_or_else(|| Error::Unwritable {
                path: self.path.clone(),
                reason: String::from("another process is writing it"),
                mend: "wait for it, or give another name",
            })
    }

    fn unwritable(&self, error: &io::Error) -> Error {
        Error::Unwritable { path: self.path.clone(), reason: error.to_string(), mend: mend_of(error) }
    }
}

/// What to do where the system does not let a file be written.
pub fn mend_of(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room there, or choose a place that has more"
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "choose a folder that exists",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to"
        }
        _ => "choose another place",
    }
}

/// A file of this name that this process alone has locked, made where it is not there; `None` where another process holds it.
/// The lock goes with the process, however that ends.
///
/// # Errors
/// When the file cannot be opened or the file system knows no locks.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // Whoever held it may have renamed or removed it meanwhile.
        if fs::metadata(path).is_ok_and(|about| file.metadata().is_ok_and(|own| is_one(&own, &about))) {
            return Ok(Some(file));
        }
    }
}

/// Makes the entries of the folder that holds this path survive a power cut.
///
/// # Errors
/// When the folder cannot be synchronised.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Whether two paths lead to one file.
fn is_same(left: &Path, right: &Path) -> bool {
    match (fs::metadata(left), fs::metadata(right)) {
        (Ok(about), Ok(other)) if cfg!(unix) => is_one(&about, &other),
        (Ok(_), Ok(_)) => {
            fs::canonicalize(left).is_ok_and(|left| fs::canonicalize(right).is_ok_and(|right| left == right))
        }
        _ => false,
    }
}

#[cfg(unix)]
fn is_one(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

#[cfg(not(unix))]
fn is_one(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Where links lead in the end; `None` where that is an open file of a process, such as `/dev/stdout`.
fn followed(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if path.starts_with("/proc") || path.starts_with("/dev/fd") {
            return Ok(None);
        }
        match fs::symlink_metadata(&path) {
            Ok(about) if about.is_symlink() => {
                let target = fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            Ok(_) => return Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(path)),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("its links go round in a circle"))
}

/// A hidden name beside a path, so that a rename stays on one disk; of a long name, a short one that no other has.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut hidden = OsString::from(".");
    if name.len() <= LONGEST_NAME {
        hidden.push(name);
    } else {
        // The same in every process: the hasher's keys are fixed.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hidden.push(format!("{:016x}", hasher.finish()));
    }
    hidden.push(format!(".{ending}"));
    path.with_file_name(hidden)
}
