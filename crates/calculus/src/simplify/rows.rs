//! Rows of the library that state identities: read, matched with values in normal form, used.

pub(super) mod head;
pub(super) mod identity;
pub(super) mod matched;
pub(super) mod rewrite;
pub(super) mod row;
pub(super) mod ruling;
