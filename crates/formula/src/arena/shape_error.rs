//! Why a node cannot be built.

use super::Formula;
use crate::Shape;
use std::fmt;

/// Why a node cannot be built: its shape is the reason, or its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// Two shapes that an operation cannot join.
    Misfit {
        /// What was to be done, such as `*` or `+`.
        operation: &'static str,
        /// The shape on its left, or of its argument.
        left: Shape,
        /// The shape on its right, or the one expected.
        right: Shape,
    },
    /// The arena holds as much as it may.
    TooLarge,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::Misfit { operation, left, right } => {
                write!(f, "`{operation}` cannot join the shapes {left} and {right}")
            }
            ShapeError::TooLarge => write!(
                f,
                "written out, the formula has more than {} nodes; use fewer functions and lets that use the one before \
                 several times",
                Formula::MOST_NODES
            ),
        }
    }
}

impl std::error::Error for ShapeError {}
