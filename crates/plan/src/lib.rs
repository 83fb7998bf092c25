//! Formula and sizes to a plan: lowering, fusion, tiles and buffers, as plain data.

mod buffers;
mod display;
mod error;
mod fuse;
mod lower;
mod plan;
mod program;
mod reads;
mod request;
mod tile;
mod verify;

pub use buffers::assign_buffers;
pub use error::PlanError;
pub use fuse::fuse;
pub use lower::lower;
pub use plan::{
    Access, Buffers, Extent, Fill, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Output,
    Phase, Place, Plan, Primitive, Product, Reduction, Register, Source, Tiling, Transpose, Update, Value,
    ValueId,
};
pub use request::{Binding, Request};
pub use tile::tile;
pub use verify::verify;
