//! Values of nodes, found by their places in the arena.

use crate::{Matrix, NodeId};
use std::ops::Index;

/// The values of some nodes of one arena at one point.
#[derive(Clone, Debug)]
pub struct Values<T = f64> {
    /// For each node one more than where its value is held; 0 where it has none.
    places: Vec<u32>,
    held: Vec<Matrix<T>>,
}

impl<T> Values<T> {
    /// The value of a node, where it is known.
    pub fn get(&self, id: NodeId) -> Option<&Matrix<T>> {
        let place = self.places.get(id.index()).copied().unwrap_or(0);
        self.held.get((place as usize).wrapping_sub(1))
    }

    pub(crate) fn insert(&mut self, id: NodeId, value: Matrix<T>) {
        if self.places.len() <= id.index() {
            self.places.resize(id.index() + 1, 0);
        }
        self.held.push(value);
        self.places[id.index()] = self.held.len() as u32;
    }
}

/// No value is known.
impl<T> Default for Values<T> {
    fn default() -> Self {
        Values { places: Vec::new(), held: Vec::new() }
    }
}

/// The value of a node that has one.
impl<T> Index<NodeId> for Values<T> {
    type Output = Matrix<T>;

    fn index(&self, id: NodeId) -> &Matrix<T> {
        &self.held[self.places[id.index()] as usize - 1]
    }
}
