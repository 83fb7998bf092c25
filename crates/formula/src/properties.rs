//! What is declared of a variable beside its shape: a set of rows of the library's table of properties.

/// Declared properties of a variable: places in the table of properties, with those that they imply.
///
/// Which rows there are is a matter of the table; the formula itself and the calculus look at the first two only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Properties(u32);

impl Properties {
    /// How many rows the table may have.
    pub const MOST: usize = 32;
    /// It equals its transpose.
    pub const SYMMETRIC: Properties = Properties(1);
    /// Every entry is above 0.
    pub const POSITIVE: Properties = Properties(2);

    /// The property of a row of the table, counted from 0; nothing beyond [`Properties::MOST`].
    pub fn row(place: usize) -> Properties {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        Properties(1_u32.checked_shl(place).unwrap_or(0))
    }

    /// These and others.
    pub fn with(self, other: Properties) -> Properties {
        Properties(self.0 | other.0)
    }

    /// Whether all of the others are among them.
    pub fn has(self, other: Properties) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is declared.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it equals its transpose.
    pub fn is_symmetric(self) -> bool {
        self.has(Properties::SYMMETRIC)
    }

    /// Whether every entry is above 0.
    pub fn is_positive(self) -> bool {
        self.has(Properties::POSITIVE)
    }

    /// The rows of the table, in order.
    pub fn rows(self) -> impl Iterator<Item = usize> {
        (0..Properties::MOST).filter(move |place| self.has(Properties::row(*place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_into_it() {
        let both = Properties::row(3).with(Properties::SYMMETRIC);
        assert!(both.is_symmetric() && both.has(Properties::row(3)) && !both.is_positive());
        assert_eq!(both.rows().collect::<Vec<_>>(), [0, 3]);
        assert!(Properties::default().is_empty() && Properties::row(Properties::MOST).is_empty());
    }
}
