//! From the normal form back to a formula, and the ways in which one value may be written.

pub(super) mod products;
pub(super) mod read_back;
pub(super) mod root;
pub(super) mod typed;
pub(super) mod ways;
