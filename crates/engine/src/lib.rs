//! Plan and numbers to numbers: the plain reference and the fast path.
//!
//! A [`plan::Plan`] says what is computed; this crate computes it, twice. [`run_reference`] runs any plan plainly, in double
//! precision, and is the judge. [`Engine`] translates a plan once (every place resolved, factors packed for the products'
//! kernels, lane programs as machine code or as blocks for an interpreter) and then runs it in `f32` or `f64` without allocating.
//!
//! The one decision: the bits of a result depend on the plan's shapes and the arguments alone. Every entry of a product is
//! one chain of fused multiply-adds in the order of k; every sum is accumulated, in double precision but for groups of eight rows, in an order that
//! shapes determine; every elementary function is the same polynomial on every processor. So the height of a tile, the
//! width of a vector and the size of a block are free to be chosen for speed.
//!
//! Lane programs are emitted as machine code for AVX-512 or AVX2, and interpreted elsewhere, with the same bits. Their functions:
//!
//! | function | largest error, of all `f32` | found in `f64`, of 50,000 |
//! |---|---|---|
//! | exp | 0.99 ulp | 1.00 ulp |
//! | log | 0.84 ulp | 0.79 ulp |
//! | tanh | 1.63 ulp | 1.48 ulp |
//! | erf | 1.25 ulp | 1.21 ulp |
//! | expm1 | 1.44 ulp | 1.78 ulp |
//! | log1p | 0.84 ulp | 0.76 ulp |
//!
//! Infinities give what they should, and a NaN gives a NaN (which one is not promised). While an engine runs, subnormal numbers
//! are flushed: they count as 0 and none is made, since they can cost a hundred times as much as others.
//!
//! `+ - * / sqrt max min abs sign step` and comparisons are exact; a division by a number that is the same for all entries is a
//! product with its reciprocal, where that is a normal number. Other primitives are their table row's value, in double precision.
//! This is the only crate of Chainrule with `unsafe`: for vector instructions, and for the memory of a run. So it is here too that
//! the limits of the machine are measured, [`peak_operations`] and [`bandwidth`].
//!
//! ```
//! use chainrule_engine::{Arguments, Engine};
//! use plan::{Access, Extent, Instruction, LaneInput, LaneOutput, Lanes, Operation, Output, Plan, Reduction, Register, Source, Value, ValueId};
//!
//! // f = sum(X .* X), for an X of two columns and any number of rows.
//! let (walked, one) = (Extent::Walked, Extent::Fixed(1));
//! let x = Value { name: None, rows: walked, cols: Extent::Fixed(2), source: Source::Data(0) };
//! let f = Value { name: None, rows: one, cols: one, source: Source::Computed };
//! let square = Lanes {
//!     rows: walked,
//!     cols: Extent::Fixed(2),
//!     inputs: vec![LaneInput { value: ValueId(0), access: Access::Entry }],
//!     operations: vec![Operation::Multiply(Register(0), Register(0))],
//!     outputs: vec![LaneOutput { register: Register(1), to: ValueId(1), reduction: Reduction::SumAll }],
//! };
//! let plan = Plan {
//!     values: vec![x, f],
//!     instructions: vec![Instruction::Lanes(square)],
//!     data: vec![ValueId(0)],
//!     results: vec![Output { name: "f".into(), value: ValueId(1) }],
//!     ..Plan::default()
//! };
//! let engine = Engine::<f32>::new(plan)?;
//! let mut workspace = engine.workspace(3)?;
//! let mut results = [0.0];
//! engine.run(&mut workspace, Arguments {
//!     rows: 3,
//!     data: &[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]],
//!     order: None,
//!     updated: &mut [],
//!     parameters: &[],
//!     scalars: &[],
//!     results: &mut results,
//!     row_results: &mut [],
//! })?;
//! assert_eq!(results, [91.0]);
//! # Ok::<(), chainrule_engine::EngineError>(())
//! ```

mod arguments;
mod arrangement;
mod check;
mod doors;
mod element;
mod engine;
mod error;
mod gather;
mod lanes;
mod layout;
mod learning;
mod machine;
mod multiplying;
mod phases;
mod pool;
mod product;
mod reference;
mod run;
mod schedule;
mod sharing;
mod simd;
mod sums;
mod training;
mod walking;
mod workspace;

pub use arguments::Arguments;
pub use element::Element;
pub use engine::Engine;
pub use error::EngineError;
#[doc(hidden)]
pub use lanes::measure;
pub use machine::{bandwidth, peak_operations};
pub use pool::MOST_THREADS;
#[doc(hidden)]
pub use product::bench;
pub use reference::run_reference;
pub use simd::Simd;
pub use training::{Batch, Snapshot, Training};
pub use workspace::Workspace;
