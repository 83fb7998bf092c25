//! Which pages a user's definitions take the place of.

use crate::library::Library;
use crate::page::Definition;
use ::library::{Kind, PAGES};
use formula::Primitive;

impl Library {
    /// What the definitions took the place of, as sentences, in their order: pages that are shipped, and pages defined before.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The sentence for a definition that takes the place of another page.
    pub(crate) fn replaced(&self, page: &Definition) -> Option<String> {
        let text = page.text.text.trim();
        let (kind, name) = (page.kind, &page.name);
        if let Some(known) = self.user.iter().find(|known| page.replaces(known)) {
            let is_other = known.text.text.trim() != text;
            return is_other
                .then(|| format!("the {kind} `{name}` is defined twice, and the last definition holds"));
        }
        let shipped =
            PAGES.iter().find(|known| known.kind == kind && known.name == &**name && known.axis == page.axis);
        let is_other = match shipped {
            Some(shipped) => shipped.text.trim() != text,
            None => kind == Kind::Function && Primitive::named(name).is_some(),
        };
        is_other.then(|| format!("the {kind} `{name}` of yours takes the place of the one that is shipped"))
    }
}
