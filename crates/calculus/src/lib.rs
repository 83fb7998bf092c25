//! Formula to derivation to simplest formula: laws, differentiation, simplification.
//!
//! Its one decision: every step is one named law, and every law is text. A law turns df/dG into df/dX, both in the shape of
//! what they are the derivative by, so no derivative of a matrix by a matrix is ever written out. [`differentiate`] applies
//! one law to each edge of a formula, from the result down, and keeps what it did as a straight-line list of named lines,
//! which is the table of backpropagation. No function is known by name here: an elementwise one is differentiated as
//! g, and its slope comes from its page or, by the same laws, from its body.
//!
//! ```
//! use chainrule_calculus::{Laws, differentiate};
//! use formula::{Formula, Line, Name, Shape, Size, Variable};
//!
//! let size = |name: &str| Size::named(Name::from(name));
//! let mut formula = Formula::new();
//! let x = formula.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
//! let w = formula.variable(Variable::new("w", Shape::column(size("n"))));
//! let product = formula.product(&[x, w])?;
//! let value = formula.norm(product);
//! formula.lines.push(Line { name: Name::from("f"), value });
//!
//! let derivation = differentiate(&formula, &[Name::from("w")], Laws::standard())?;
//! let line = &derivation.derivatives[0];
//! assert_eq!(line.symbol.as_str(), "df/dw");
//! assert_eq!(derivation.formula.shape(line.value).to_string(), "n x 1");
//! assert_eq!(line.laws, ["norm", "left multiplication"].map(Name::from));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alternative;
mod bodies;
mod derivation;
mod derive;
mod differentiate;
mod entries;
mod error;
mod expression;
mod law;
mod linear_map;
mod matching;
mod naming;
mod reading;
mod request;
mod scalars;
mod simplify;
mod slope;
mod solve;
mod straight_line;
mod sweep;
mod template;
#[cfg(test)]
mod testing;
mod why;

pub use derivation::{Derivation, DerivativeLine, Gradient, Step};
pub use derive::{derive, derive_telling};
pub use differentiate::differentiate;
pub use entries::{Factor, Index, Term};
pub use error::CalculusError;
pub use law::{Law, LawError, Laws};
pub use reading::{AlgebraSteps, Derived, Reading, Second, Symbol};
pub use request::{Form, Layout, Order, Request, Symmetric};
pub use simplify::{AlgebraStep, Used, closed_form, shorter, simplify, tidy};
pub use slope::{slope, write_out_slopes};
pub use solve::{Equation, Extremum, Need, NoSolution, Rule, Solution, solve, solve_jointly};
pub use straight_line::in_lets;
pub use syntax::{Property, told};
pub use why::{Entrywise, Why, why};
