//! Plan and numbers to numbers: the plain reference and the fast path.
