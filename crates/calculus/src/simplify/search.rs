//! The search for the smallest form around a normal form: the ways to go on, and what is counted.

pub(super) mod collect;
pub(super) mod expand;
pub(super) mod line;
pub(super) mod measure;
pub(super) mod smallest;
pub(super) mod work;
