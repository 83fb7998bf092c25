//! Lane programs: translated once, then interpreted over blocks of entries that stay in the first cache.

mod block;
#[cfg(target_arch = "x86_64")]
mod emit;
pub(crate) mod functions;
mod lane;
pub mod measure;
mod program;
mod run;
mod sums;
mod translation;

pub(crate) use program::{LaneMemory, Program};
pub(crate) use run::{Cells, slot_stride};
