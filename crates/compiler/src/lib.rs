//! The spine: text to a program that computes a value and its gradients.
//!
//! This is the only place where stages are put in order: read, differentiate, tidy, lower, fuse, tile, assign buffers,
//! verify. Its one decision: what trains is compiled from the *lines* of the derivation, each tidied on its own and then put
//! into each other as a shared graph; so no algebra can undo what the lines share, and a network of L layers costs exactly
//! 3L - 1 matrix products a step. The closed form, with all algebra done, is what is shown.
//!
//! ```
//! use chainrule_compiler::{Library, Request, compile, evaluate};
//! use formula::{Name, Sizes};
//!
//! let request = Request {
//!     text: "f = norm(X*w - y)^2",
//!     declarations: "X: m x n, w: n, y: m",
//!     values: &["f"],
//!     gradients: &["w"],
//!     data: &["X", "w", "y"],
//!     sizes: &Sizes::from([(Name::from("m"), 2), (Name::from("n"), 1)]),
//!     ..Request::default()
//! };
//! let plan = compile(&request, &Library::standard())?;
//! // f = (1*3 - 1)^2 + (2*3 - 2)^2 and df/dw = 2*(1*2 + 2*4).
//! assert_eq!(evaluate(&plan, &[&[1.0, 2.0], &[3.0], &[1.0, 2.0]], &[], &[], 1)?, [20.0, 20.0]);
//! # Ok::<(), chainrule_compiler::CompileError>(())
//! ```

mod compile;
mod error;

pub use compile::{Request, compile, compile_schedule, compile_update, evaluate};
pub use error::CompileError;
pub use judge::DeriveError;
pub use syntax::{Diagnostic, Kind, Library, Optimizer, Schedule, Source, Use, optimizer, schedule};
