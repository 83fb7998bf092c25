//! The one way in which a file is written: whole or not at all, through devices and pipes, and never over what it is made of.
//!
//! A file is written under another name beside it, one that nobody has, synchronised with the disk, renamed, and the folder
//! synchronised too. Before the rename whoever looks sees the old file, after it the new one; so does who looks after a power cut.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
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
    end: End,
}

/// Where a path leads in the end, past links.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    /// A file, or the place for one.
    File(PathBuf),
    /// A device, a pipe or a fifo, which is written through.
    Stream,
    /// What a process holds open already, such as `/dev/stdout`, with the number that it has where the process is this one. What was
    /// written to it stays.
    Open(Option<u32>),
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
            let is_open = |end: &End| matches!(end, End::Open(_));
            let end = followed(&path).ok().filter(is_open).unwrap_or(End::Stream);
            return Ok(Output { path, end });
        }
        let end = followed(&path).map_err(failed)?;
        // What a process holds open is a file as well.
        let there = if let End::File(file) = &end { file } else { &path };
        if let Some(input) = inputs.iter().find(|input| is_same(input, there)) {
            return Err(unwritable(
                &format!("it is the file {} that is read", input.display()),
                "give another name",
            ));
        }
        let End::File(file) = end else { return Ok(Output { path, end }) };
        if file.file_name().is_none() {
            return Err(unwritable("it is no name of a file", "give one"));
        }
        let output = Output { path: path.clone(), end: End::File(file.clone()) };
        if about.is_some() {
            OpenOptions::new().write(true).open(&file).map_err(failed)?;
        }
        // That a file can be made beside it is known only by making one.
        let (partial, _) = new_beside(&file).map_err(failed)?;
        fs::remove_file(partial).map_err(failed)?;
        Ok(output)
    }

    /// Writes the file whole or not at all; a device, a pipe or a fifo is written through, and so is what is open already.
    ///
    /// # Errors
    /// When it cannot be written; then what was there before is as it was.
    pub fn write(&self, contents: &[u8]) -> Result<(), Error> {
        self.write_by(&mut |to| to.write_all(contents))
    }

    /// The same by a function that writes the contents piece by piece.
    ///
    /// # Errors
    /// As those of [`Output::write`], and those of the function.
    pub fn write_by(&self, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let mut through = |to: &mut dyn Write| write(to).and_then(|()| to.flush());
        let outcome = match &self.end {
            End::File(file) => write_beside(file, write),
            End::Stream => {
                OpenOptions::new().write(true).open(&self.path).and_then(|mut to| through(&mut to))
            }
            End::Open(Some(1)) => through(&mut io::stdout().lock()),
            End::Open(Some(2)) => through(&mut io::stderr().lock()),
            // Opened anew it would be written from its start.
            End::Open(_) => {
                OpenOptions::new().append(true).open(&self.path).and_then(|mut to| through(&mut to))
            }
        };
        outcome.map_err(|error| self.unwritable(&error))
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

/// Writes a file under a name of its own, and gives it its name when it is whole.
fn write_beside(file: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let (partial, mut written) = new_beside(file)?;
    let outcome = (|| {
        write(&mut written)?;
        if let Ok(before) = fs::metadata(file) {
            written.set_permissions(before.permissions())?;
        }
        // Without this a crash of the machine could leave the new name with old or no contents.
        written.sync_all()?;
        fs::rename(&partial, file)?;
        sync_folder_of(file)
    })();
    // That the leftover cannot be removed either adds nothing to the message.
    outcome.inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// A new file beside a path, under a hidden name that nothing has: no file is taken over, and no link followed.
fn new_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    /// Names that are tried; all but the first are taken where files of the kind were put there on purpose.
    const MOST: u32 = 1000;
    let process = std::process::id();
    for number in 0..MOST {
        let name = beside(path, &format!("{process}-{number}.partial"));
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (name, file)),
        }
    }
    Err(io::Error::other("every hidden name beside it is taken"))
}

/// Whether a name is one under which a file called `of` is written before it has its name, by whatever process.
pub fn is_partial_of(name: &str, of: &str) -> bool {
    let middle = name.strip_prefix('.').and_then(|name| name.strip_prefix(of));
    let middle =
        middle.and_then(|name| name.strip_prefix('.')).and_then(|name| name.strip_suffix(".partial"));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    middle
        .and_then(|middle| middle.split_once('-'))
        .is_some_and(|(left, right)| number(left) && number(right))
}

/// A file of this name that this process alone has locked, made where nothing is there; `None` where another process holds it.
/// The lock goes with the process, however that ends.
///
/// # Errors
/// When a link, a folder or a device lies there, when the file cannot be opened, or the file system knows no locks.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let opened = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match fs::symlink_metadata(path) {
                    Ok(about) if !about.is_file() => {
                        return Err(io::Error::other(format!("{} is no plain file", path.display())));
                    }
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                match OpenOptions::new().read(true).write(true).open(path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    opened => opened?,
                }
            }
            opened => opened?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // Whoever held it may have renamed or removed it meanwhile, or put a link there.
        if fs::symlink_metadata(path).is_ok_and(|about| file.metadata().is_ok_and(|own| is_one(&own, &about)))
        {
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
///
/// # Errors
/// When the links go round in a circle, or a folder on the way cannot be looked into.
pub fn past_links(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(match followed(path)? {
        End::File(file) => Some(file),
        End::Stream | End::Open(_) => None,
    })
}

/// Where links lead in the end.
fn followed(path: &Path) -> io::Result<End> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // By whatever way one comes there, as through `/dev/fd` or from within it.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if folder.starts_with("/proc") || folder.starts_with("/dev/fd") {
            let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            return Ok(End::Open(number.filter(|_| is_own(&folder))));
        }
        match fs::symlink_metadata(&path) {
            Ok(about) if about.is_symlink() => {
                let target = fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            Ok(_) => return Ok(End::File(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(End::File(path)),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("its links go round in a circle"))
}

/// Whether a folder holds the open files of this process by their numbers.
fn is_own(folder: &Path) -> bool {
    let own = Path::new("/proc").join(std::process::id().to_string());
    let is_list = folder.file_name().is_some_and(|name| name == "fd");
    is_list && (folder.starts_with(own) || folder == Path::new("/dev/fd"))
}

/// A hidden name beside a path, so that a rename stays on one disk; of a long name, a short one that no other has.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut hidden = OsString::from(".");
    if name.len() <= LONGEST_NAME {
        hidden.push(name);
    } else {
        // FNV-1a, the same in every process and of every build.
        let bytes = name.as_encoded_bytes().iter();
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hidden.push(format!("{hash:016x}"));
    }
    hidden.push(format!(".{ending}"));
    path.with_file_name(hidden)
}
