//! Formulas and derivations as text, LaTeX and code.
//!
//! Its one decision: a value is first arranged in a *layout* ([`layout`]), once, and every notation spells that same tree.
//! What goes in front, what becomes a quotient, which product with ones is a sum and where brackets stand is decided there;
//! a notation knows only its own signs. So the text, the LaTeX and the program of a derivative always show the same thing,
//! and a new notation is one file. No mathematics is decided here: a layout has the value of its formula, and its text reads
//! back equal.
//!
//! ```
//! use formula::{Formula, Name, Shape, Size, Variable};
//!
//! let size = |name: &str| Size::named(Name::from(name));
//! let mut formula = Formula::new();
//! let x = formula.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
//! let w = formula.variable(Variable::new("w1", Shape::column(size("n"))));
//! let product = formula.product(&[x, w])?;
//! let norm = formula.norm(product);
//! let rows = formula.size(&size("m"));
//! let per_row = formula.reciprocal(rows)?;
//! let value = formula.scale(per_row, norm)?;
//! assert_eq!(chainrule_notation::text(&formula, value).as_deref(), Some("norm(X*w1)/m"));
//! assert_eq!(chainrule_notation::latex(&formula, value).as_deref(), Some(r"\frac{\lVert X w_{1} \rVert}{m}"));
//! # Ok::<(), formula::ShapeError>(())
//! ```

mod algebra;
mod code;
mod derivation;
mod drawn;
mod html;
mod latex;
mod mathml;
mod spell;
mod text;
mod title;
mod told;
mod why;

pub use algebra::{PrintedAlgebra, algebra_latex, algebra_text, names_text, print_algebra, used_text};
pub use code::{CodeError, Language, code};
pub use derivation::{
    DerivationOptions, PrintedDerivation, PrintedLine, PrintedStep, derivation_latex, derivation_text,
    laws_text, lines_text, print_derivation, print_lines, print_readings, print_steps, shape_text, step_text,
};
pub use html::{Page, html};
pub use latex::{Numbers, latex, latex_in, latex_name, latex_name_in};
pub use layout::{Call, Factor, Layout, Over, Piece, PieceId, Place, Term, layout};
pub use mathml::{mathml, mathml_name};
pub use spell::LONGEST;
pub use text::{Dialect, text, text_in};
pub use title::{title_latex, title_mathml};
pub use told::{Told, ToldSteps, told};
pub use why::why_text;
