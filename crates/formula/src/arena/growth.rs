//! How far a formula has grown, and back to there.

use super::Formula;

/// How far a formula had grown at some time.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    functions: usize,
}

impl Formula {
    /// How far it has grown, for [`Formula::rewind`].
    pub fn mark(&self) -> Mark {
        Mark { nodes: self.nodes.len(), functions: self.functions.len() }
    }

    /// Forgets all nodes and functions since a mark: what was tried costs what it added, however large the arena is.
    pub fn rewind(&mut self, mark: Mark) {
        for node in self.nodes.drain(mark.nodes..) {
            self.index.remove(&node);
        }
        self.shapes.truncate(mark.nodes);
        self.functions.truncate(mark.functions);
        for function in &mut self.functions {
            function.slopes.retain(|_, slope| slope.index() < mark.nodes);
        }
    }
}
