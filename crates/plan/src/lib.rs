//! Formula and sizes to a plan: lowering, fusion, tiles and buffers, as plain data.

mod plan;

pub use plan::{
    Access, Buffers, Extent, Fill, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Output,
    Phase, Place, Plan, Primitive, Product, Reduction, Register, Source, Tiling, Transpose, Update, Value,
    ValueId,
};
