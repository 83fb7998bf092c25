//! Sizes that are not known yet, made equal where an operation wants them equal.

use formula::{Shape, Size};

/// A size, known or not, of a [`Sizes`].
pub(crate) type Place = usize;

/// Rows and columns of a value whose shape is being inferred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dims {
    pub rows: Place,
    pub cols: Place,
    /// Whether it is a scalar only because some name was taken for one.
    pub guessed: bool,
    /// Whether it is a vector that was declared.
    pub declared: bool,
    /// Whether it is a scalar that a sum, a norm or a product of vectors gave.
    pub computed: bool,
}

/// Sizes, each known, unknown, or equal to another.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    slots: Vec<Slot>,
}

#[derive(Clone, Debug)]
enum Slot {
    Free { not_one: bool },
    Known(Size),
    Same(Place),
}

/// Two sizes that cannot be equal.
pub(crate) struct Unequal;

impl Sizes {
    /// No sizes but 1, at the first place.
    pub fn new() -> Sizes {
        Sizes { slots: vec![Slot::Known(Size::number(1))] }
    }

    pub fn free(&mut self, not_one: bool) -> Place {
        self.push(Slot::Free { not_one })
    }

    pub fn known(&mut self, size: &Size) -> Place {
        if size.is_one() { 0 } else { self.push(Slot::Known(size.clone())) }
    }

    fn push(&mut self, slot: Slot) -> Place {
        self.slots.push(slot);
        self.slots.len() - 1
    }

    /// The place that stands for all sizes equal to this one.
    pub fn root(&self, mut place: Place) -> Place {
        while let Slot::Same(next) = self.slots[place] {
            place = next;
        }
        place
    }

    /// The size, where it is known.
    pub fn size(&self, place: Place) -> Option<&Size> {
        match &self.slots[self.root(place)] {
            Slot::Known(size) => Some(size),
            Slot::Free { .. } | Slot::Same(_) => None,
        }
    }

    pub fn is_one(&self, place: Place) -> bool {
        self.size(place).is_some_and(Size::is_one)
    }

    pub fn is_scalar(&self, dims: Dims) -> bool {
        self.is_one(dims.rows) && self.is_one(dims.cols)
    }

    pub fn same(&self, a: Place, b: Place) -> bool {
        self.root(a) == self.root(b) || self.size(a).is_some_and(|size| self.size(b) == Some(size))
    }

    /// Makes two sizes equal.
    pub fn unify(&mut self, a: Place, b: Place) -> Result<(), Unequal> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return Ok(());
        }
        let (from, to) = match (&self.slots[a], &self.slots[b]) {
            (Slot::Known(x), Slot::Known(y)) if x == y => return Ok(()),
            (Slot::Known(_), Slot::Known(_)) => return Err(Unequal),
            (Slot::Free { not_one: true }, Slot::Known(size))
            | (Slot::Known(size), Slot::Free { not_one: true })
                if size.is_one() =>
            {
                return Err(Unequal);
            }
            (Slot::Known(_), _) => (b, a),
            (Slot::Free { not_one: true }, Slot::Free { .. }) => (b, a),
            _ => (a, b),
        };
        self.slots[from] = Slot::Same(to);
        Ok(())
    }

    /// Rows and columns of a shape that is known.
    pub fn dims(&mut self, shape: &Shape) -> Dims {
        Dims { rows: self.known(&shape.rows), cols: self.known(&shape.cols), ..self.scalar() }
    }

    /// A scalar.
    pub fn scalar(&self) -> Dims {
        Dims { rows: 0, cols: 0, guessed: false, declared: false, computed: false }
    }
}
