//! How far a formula has grown, how far it may, and back to an earlier time.

use super::{Formula, ShapeError};
use crate::Node;

/// What a node takes up beside its parts, counted in parts.
const NODE: usize = 128;

/// What a node takes up.
pub(super) fn weight(node: &Node) -> usize {
    NODE + node.children().len()
}

/// How far a formula had grown at some time.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    functions: usize,
}

impl Formula {
    /// The most nodes that a formula may hold; of a long sum or product, every 128 parts count as one more. Functions written out
    /// by their bodies, and lets that use the one before several times, grow beyond any number.
    pub const MOST_NODES: usize = 250_000;

    /// What the nodes and their parts take up; at most [`Formula::MOST_NODES`], in which every 128 parts count as one.
    pub fn extent(&self) -> usize {
        self.taken / NODE
    }

    /// An error where a node with so many parts finds no room, before any memory is taken for it.
    pub(crate) fn room_for(&self, parts: usize) -> Result<(), ShapeError> {
        match self.taken.saturating_add(parts) < Formula::MOST_NODES * NODE {
            true => Ok(()),
            false => Err(ShapeError::TooLarge),
        }
    }

    /// How far it has grown, for [`Formula::rewind`].
    pub fn mark(&self) -> Mark {
        Mark { nodes: self.nodes.len(), functions: self.functions.len() }
    }

    /// Forgets all nodes and functions since a mark: what was tried costs what it added, however large the arena is.
    pub fn rewind(&mut self, mark: Mark) {
        for node in self.nodes.drain(mark.nodes..) {
            self.taken -= weight(&node);
            self.index.remove(&node);
        }
        self.shapes.truncate(mark.nodes);
        self.functions.truncate(mark.functions);
        for function in &mut self.functions {
            function.slopes.retain(|_, slope| slope.index() < mark.nodes);
        }
    }
}
