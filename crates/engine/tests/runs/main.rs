//! Runs of whole plans: the fast path against the reference and against itself, and what a run allocates.

mod agreement;
mod allocation;
mod coded;
mod network;
