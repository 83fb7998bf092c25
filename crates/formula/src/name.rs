//! Names: cheap to copy, ordered by their text.

use std::fmt;
use std::sync::Arc;

/// A name of a variable, a size, a function or a let.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The two names in the symbol of a derivative: f and Z1 of `df/dZ1`.
pub fn derivative(symbol: &str) -> Option<(&str, &str)> {
    let (of, by) = symbol.split_once('/')?;
    let names = (of.strip_prefix('d')?, by.strip_prefix('d')?);
    (!names.0.is_empty() && !names.1.is_empty()).then_some(names)
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name(Arc::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Name {
        Name(Arc::from(text))
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}
