//! The judge: whether a derivative, a claim, a step of algebra, a solution or a page is right, on numbers.
//!
//! Nothing is judged by the calculus that found it. A derivative is held against difference quotients of the formula as it was
//! read ([`check`]), a claim against the derivative and at random points ([`judge_claim`]), an algebra step against the value of
//! the part before it ([`check_algebra`]), a solution by the gradient there ([`vanishes`]), and a user's page against its own
//! lines ([`judge_page`]). Where rounding could explain a difference, nothing is said to be wrong.
//!
//! ```
//! use calculus::{Laws, Request};
//! use chainrule_judge::{Library, Source, check};
//!
//! let source = Source { text: "x'*A*x", declarations: "" };
//! let parsed = syntax::parse(source, &Library::standard())?;
//! let request = Request { wrt: vec!["x".into()], ..Request::default() };
//! let derived = calculus::derive(&parsed.formula, &request, Laws::standard())?;
//! let mut random = random::Random::new(0, random::Purpose::Check, 0);
//! assert!(check(&derived.derivation, &derived.readings, &request, 3, &mut || random.normal())?.passed);
//! # Ok::<(), chainrule_judge::DeriveError>(())
//! ```

mod algebra;
mod along;
mod arrangement;
mod check;
mod claim;
mod closed;
mod error;
mod examine;
mod hand;
mod kinks;
mod pages;
mod properties;
mod quotient;
mod reach;
mod sample;
mod sizes;
mod sums;
mod vanish;
mod work;

pub use algebra::{AlgebraCheck, check_algebra};
pub use check::{Check, Example, Shown, TOLERANCE, check};
pub use claim::{Claim, Difference, Entry, Judged, Part, Slip, Verdict, judge_claim};
pub use error::DeriveError;
pub use hand::{
    ClaimAnswer, ClaimQuestion, EqualAnswer, JudgedLine, LinesAnswer, check_claim, check_equal, check_lines,
};
pub use pages::{judge_borrowed_pages, judge_own_pages, judge_page};
pub use sums::{SumCheck, check_sums};
pub use syntax::{Diagnostic, Library, Source};
pub use vanish::{Vanishes, vanishes};
