//! What lies at a path, to tell whether it is still the same.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// A file or folder as it was seen: which one, and of a file how long and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    is_folder: bool,
    #[cfg(unix)]
    number: (u64, u64),
    contents: Option<(u64, Option<SystemTime>)>,
}

impl Seen {
    /// What lies there, a link as such; `None` where nothing does.
    pub fn of(path: &Path) -> Option<Seen> {
        let about = fs::symlink_metadata(path).ok()?;
        // What is put into a folder makes it no other.
        let contents = (!about.is_dir()).then(|| (about.len(), about.modified().ok()));
        Some(Seen {
            is_folder: about.is_dir(),
            #[cfg(unix)]
            number: {
                use std::os::unix::fs::MetadataExt;
                (about.dev(), about.ino())
            },
            contents,
        })
    }

    /// Which file or folder it is, as text; empty where the system does not tell.
    pub fn number(&self) -> String {
        #[cfg(unix)]
        return format!("{}:{}", self.number.0, self.number.1);
        #[cfg(not(unix))]
        String::new()
    }
}
