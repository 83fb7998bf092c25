//! The steps of algebra: what made a form of another, by name.

pub(super) mod explain;
pub(super) mod reasons;
pub(super) mod reword;
pub(super) mod step;
