//! What the tests of simplification share: a reader, a printer and an evaluator of formulas, all as small as they can be,
//! and random formulas.

mod evaluate;
mod generate;
mod print;
mod read;

pub(crate) use evaluate::{Values, agree, evaluate};
pub(crate) use generate::Generator;
pub(crate) use print::print;
pub(crate) use read::{Reader, library};
