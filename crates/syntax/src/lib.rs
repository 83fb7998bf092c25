//! Text to formula: the language of Chainrule, its pages and its diagnostics.
//!
//! Its one decision: what a formula means is settled here, once. Operators with several meanings are resolved on symbolic
//! shapes, every broadcast is written out as a product with ones, names that were not declared get the kinds that have the
//! least against them, and each such choice is said. What comes after sees a [`formula::Formula`] without overloads.
//!
//! A page of the library is read by the same parser, so what a user defines on the command line and what is shipped go one
//! way. Nothing here reads a file or prints; every error is a [`Diagnostic`] with its place and the mend; no text, however
//! deep or long, overflows the stack.
//!
//! ```
//! use chainrule_syntax::{Library, Source, parse};
//!
//! let library = Library::standard();
//! let text = "norm(g2(g1(X*W1)*W2) - Y)^2/m";
//! let parsed = parse(Source { text, declarations: "g1: function, g2: function" }, &library)?;
//! assert_eq!(parsed.echo, "f = norm(g2(g1(X*W1)*W2) - Y)^2/m");
//! assert_eq!(parsed.assumptions[1].kind, "n x p"); // W1
//!
//! let error = parse("norm(A - Y", &library).unwrap_err();
//! assert_eq!(error.expected().as_deref(), Some("`)`"));
//! # Ok::<(), chainrule_syntax::Diagnostic>(())
//! ```

mod alike;
mod bars;
mod conditions;
mod constant;
mod counted;
mod cursor;
mod definitions;
mod diagnostic;
mod echo;
mod elaborate;
mod fit;
mod fitted_sizes;
mod functionals;
mod functions;
mod index_sums;
mod infer;
mod joins;
mod let_entries;
mod letters;
mod library;
mod lines;
mod matrices;
mod matrix_functions;
mod meanings;
mod misfit;
mod mistake;
mod naming;
mod nearest;
mod optimizer;
mod otherwise;
mod own_pages;
mod page;
mod parse;
mod parser;
mod places;
mod powers;
mod preference;
mod products;
mod program;
mod properties;
mod quantities;
mod range;
mod reductions;
mod replaced;
mod rules;
mod scales;
mod shapes;
mod slices;
mod spelling;
mod sums;
mod token;
mod tree;
mod turns;
mod unify;
mod usage;
mod uses;
mod visible;
mod words;

pub use self::library::{Library, PageText};
pub use ::library::Kind;
pub use diagnostic::{Diagnostic, Mistake, Operand, Origin, Span, Text};
pub use index_sums::{IndexSums, PlainSum, Vectorized};
pub use infer::Assumption;
pub use lines::{ProgramLine, lines};
pub use nearest::nearest;
pub use optimizer::{Optimizer, Schedule, optimizer, schedule};
pub use parse::{Parsed, Source, parse, parse_as, parse_by};
pub use properties::{Bearer, Property, Scaled, declaration, properties, property, told, words};
pub use spelling::{
    Claim, LeftSide, Of, Says, Spelled, Spelling, Turned, spell, spell_beside, spell_claim, spell_with,
};
pub use token::LONGEST_TEXT;
pub use uses::Use;
pub use visible::visible;
