//! What a comparison on numbers comes to.

use formula::Point;

/// What points say of two values.
pub(super) enum Outcome {
    /// They are equal: by their normal forms, or else as far as numbers tell.
    Equal { is_same: bool, points: usize, max_relative_error: f64 },
    /// They differ at this point.
    Different(Box<Apart>),
    /// Why numbers do not tell.
    Undecided(Vec<String>),
}

/// Where two values differ.
pub(super) struct Apart {
    /// The inputs.
    pub point: Point,
    /// The entry, counted row by row from 0.
    pub entry: usize,
    /// The columns of both.
    pub cols: usize,
    pub claimed: f64,
    pub right: f64,
    /// Claimed less right, to all digits that are known.
    pub difference: f64,
}
