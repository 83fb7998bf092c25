//! A user's pages among those that are shipped.

use crate::diagnostic::Diagnostic;
use crate::library::Library;
use crate::page::Definition;
use ::library::{Kind, PAGES};
use formula::{Name, Number, Primitive};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Library {
    /// The settings of a function of numbers, with their defaults.
    ///
    /// # Errors
    /// When its page cannot be read.
    pub fn settings(&self, name: &str) -> Result<Vec<(Name, Number)>, Diagnostic> {
        Ok(self.page(Kind::Function, name)?.map(|page| page.settings.clone()).unwrap_or_default())
    }

    /// Whether a function of the user's takes the place of one that is shipped, and so stands in shipped pages too.
    pub fn hides_shipped_functions(&self) -> bool {
        let is_shipped = |page: &Arc<Definition>| {
            Primitive::named(&page.name).is_some()
                || PAGES.iter().any(|known| known.kind == page.kind && known.name == &*page.name)
        };
        self.user.iter().any(|page| page.kind == Kind::Function && is_shipped(page))
    }

    /// The pages that a user has defined, by kind and name, each once; without those that say what a shipped page says.
    pub fn own_pages(&self) -> Vec<(Kind, Name)> {
        let is_shipped = |page: &&Arc<Definition>| {
            PAGES.iter().any(|shipped| {
                shipped.kind == page.kind
                    && page.name.as_str() == shipped.name
                    && page.axis == shipped.axis
                    && page.text.text.trim() == shipped.text.trim()
            })
        };
        let own = self.user.iter().filter(|page| !is_shipped(page));
        let names: BTreeSet<(Kind, Name)> = own.map(|page| (page.kind, page.name.clone())).collect();
        names.into_iter().collect()
    }
}
