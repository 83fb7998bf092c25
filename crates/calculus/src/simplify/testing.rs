//! What the tests of simplification share: a reader, a printer and an evaluator of formulas, all as small as they can be,
//! and random formulas.

mod evaluate;
mod generate;
mod print;
mod read;

pub(super) use evaluate::{Values, agree, evaluate, relative_error};
pub(super) use generate::Generator;
pub(super) use print::print;
pub(super) use read::{Reader, library};
