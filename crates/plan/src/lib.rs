//! Formula and sizes to a plan: lowering, fusion, tiles and buffers, as plain data.
//!
//! Its one decision: a plan is *plain data with a text form*. Each stage is a function from plan to plan, so that what one does
//! can be printed, read and compared before the next; [`verify`] checks the rules that an engine relies on; no stage knows
//! a pointer, a thread or a number format. Sizes are known, except the rows of the batch, which are followed by the *name* of
//! their size: that m and n may be equal numbers confuses nothing.
//!
//! ```
//! use chainrule_plan::{Binding, Request, assign_buffers, fuse, lower, tile, verify};
//! use formula::{Formula, Name, Shape, Size, Sizes, Variable};
//!
//! let size = |name: &str| Size::named(Name::from(name));
//! let mut formula = Formula::new();
//! let x = formula.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
//! let w = formula.variable(Variable::new("w", Shape::column(size("n"))));
//! let product = formula.product(&[x, w])?;
//! let f = formula.sum(product)?;
//! let request = Request {
//!     outputs: vec![(Name::from("f"), f)],
//!     inputs: vec![(Name::from("X"), Binding::Data), (Name::from("w"), Binding::Parameter)],
//!     walked: Some(Name::from("m")),
//!     sizes: Sizes::from([(Name::from("n"), 3)]),
//! };
//! let plan = lower(&formula, &request)?;
//! let plan = verify(assign_buffers(tile(fuse(plan))))?;
//! // ones(m)'*X*w sums the columns of X as they pass, and no matrix product is left.
//! assert_eq!(plan.multiply_adds(), (0, 0));
//! println!("{plan}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffers;
mod coded;
mod costs;
mod display;
mod error;
mod fuse;
mod lower;
mod passes;
mod plan;
mod program;
mod reads;
mod request;
mod tile;
mod tiling;
mod verify;

pub use buffers::assign_buffers;
pub use coded::Coded;
pub use costs::Cost;
pub use error::PlanError;
pub use fuse::fuse;
pub use lower::{lower, unfold};
pub use plan::{
    Access, Buffers, Extent, Fill, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Output,
    Place, Plan, Primitive, Product, Reduction, Register, Source, Transpose, Update, Value, ValueId,
};
pub use request::{Binding, Request};
pub use tile::tile;
pub use tiling::{Phase, Sums, Tiling};
pub use verify::verify;
