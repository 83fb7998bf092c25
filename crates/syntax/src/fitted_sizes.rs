//! Sizes that a text spells, in one try at the shapes of a program.

use crate::fit::Fit;
use crate::unify::{Dims, Place, Unequal};
use crate::words::END;
use formula::{Name, Shape, Size};
use std::collections::BTreeMap;

impl Fit<'_> {
    /// Rows and columns that a text spells.
    pub fn constant(&mut self, shape: &Shape) -> Dims {
        let rows = self.size(&shape.rows);
        Dims { rows, cols: self.size(&shape.cols), ..self.sizes.scalar() }
    }

    pub fn size(&mut self, size: &Size) -> Place {
        let named = &self.named;
        if named.is_empty() {
            return self.sizes.known(size);
        }
        self.sizes.polynomial(size, |all, name| {
            named.get(name).copied().unwrap_or_else(|| all.known(&Size::named(name.clone())))
        })
    }

    /// How much is taken of so many rows or columns, the last of which is `end`.
    pub fn size_of_part(&mut self, size: &Size, whole: Place) -> Place {
        if size.names().iter().all(|name| &**name != END) {
            return self.size(size);
        }
        self.sizes.polynomial(size, |all, name| match &**name {
            END => whole,
            _ => all.known(&Size::named(name.clone())),
        })
    }

    /// A size that a page declares, in this use of it.
    pub fn instance(&mut self, size: &Size, sizes: &mut BTreeMap<Name, Place>) -> Place {
        self.sizes.polynomial(size, |all, name| *sizes.entry(name.clone()).or_insert_with(|| all.free(false)))
    }

    /// The rows of a matrix are as long as it is wide.
    pub fn tie_rows(&mut self) -> Result<(), Unequal> {
        for (part, whole) in &self.program.rows {
            let (Some(part), Some(whole)) = (self.names.get(part), self.names.get(whole)) else { continue };
            let length = if self.sizes.is_one(part.rows) { part.cols } else { part.rows };
            let width = whole.cols;
            self.sizes.unify(width, length)?;
        }
        Ok(())
    }
}
