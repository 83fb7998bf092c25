//! What a formula is: shapes with symbolic or known sizes, a closed set of node kinds, the primitives (one row each), and
//! the arena that holds them.
//!
//! Its one decision: a formula is a *value*. Nodes lie in a flat list, children before parents, equal nodes once, and
//! refer to each other by number. So a formula can be cloned, sent and compared, a walk over it is a loop, no depth overflows
//! a stack, and what is shared is seen to be shared. Shapes are checked where a node is built: a wrong formula cannot be.
//!
//! Mathematics is not here: a function that is no primitive is a page of the library, whose body and slopes become nodes
//! of the arena over its parameters.
//!
//! ```
//! use chainrule_formula::{Formula, Name, Shape, Size, Variable};
//!
//! let size = |name: &str| Size::named(Name::from(name));
//! let mut formula = Formula::new();
//! let x = formula.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
//! let w = formula.variable(Variable::new("W", Shape::new(size("n"), size("p"))));
//! let z = formula.product(&[x, w])?;
//! assert_eq!(formula.shape(z).to_string(), "m x p");
//! assert!(formula.product(&[w, x]).is_err());
//! # Ok::<(), chainrule_formula::ShapeError>(())
//! ```

mod arena;
mod evaluate;
mod function_table;
mod graft;
mod matrices;
mod matrix;
mod name;
mod node;
mod number;
mod precise;
mod primitive;
mod properties;
mod real;
mod rebuild;
mod shape;
mod stable_hasher;
mod sums;
mod twofold;
mod twofold_functions;
mod values;
mod weighed;

pub use arena::{Formula, Line, Mark, ShapeError};
pub use evaluate::{NoValue, Point};
pub use matrix::Matrix;
pub use name::{Name, derivative};
pub use node::{
    Apply, Body, Call, Constant, Direction, Function, FunctionId, Node, NodeId, Operator, Part, Setting,
    Signature, Variable,
};
pub use number::Number;
pub use precise::{Bounded, Digits, Precise, Rough};
pub use primitive::{Kink, Primitive, Row};
pub use properties::Properties;
pub use real::{Arithmetic, Real};
pub use shape::{Shape, Size, Sizes};
pub use stable_hasher::StableHasher;
pub use twofold::Twofold;
pub use values::Values;
