//! Numbers in the precision of a training, so that they take no more memory than there.

use crate::Precision;
use crate::container::Numbers;
use std::any::Any;

/// Numbers of one precision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entries {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

impl Entries {
    /// Those of an array; none where its numbers are of another kind.
    pub(crate) fn new<T: 'static>(numbers: Vec<T>) -> Option<Entries> {
        let numbers: Box<dyn Any> = Box::new(numbers);
        match numbers.downcast::<Vec<f32>>() {
            Ok(numbers) => Some(Entries::Single(*numbers)),
            Err(numbers) => numbers.downcast::<Vec<f64>>().ok().map(|numbers| Entries::Double(*numbers)),
        }
    }

    /// The array, where its numbers are of this kind.
    pub(crate) fn array<T: 'static>(&self) -> Option<&[T]> {
        let numbers: &dyn Any = match self {
            Entries::Single(numbers) => numbers,
            Entries::Double(numbers) => numbers,
        };
        numbers.downcast_ref::<Vec<T>>().map(Vec::as_slice)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Entries::Single(numbers) => numbers.len(),
            Entries::Double(numbers) => numbers.len(),
        }
    }

    pub(crate) fn precision(&self) -> Precision {
        match self {
            Entries::Single(_) => Precision::F32,
            Entries::Double(_) => Precision::F64,
        }
    }

    pub(crate) fn are_finite(&self) -> bool {
        match self {
            Entries::Single(numbers) => numbers.iter().all(|number| number.is_finite()),
            Entries::Double(numbers) => numbers.iter().all(|number| number.is_finite()),
        }
    }

    /// To be written as they are.
    pub(crate) fn numbers(&self) -> Numbers<'_> {
        match self {
            Entries::Single(numbers) => Numbers::Single(numbers),
            Entries::Double(numbers) => Numbers::Double(numbers),
        }
    }
}
