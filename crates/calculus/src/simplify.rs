//! Simplification: light tidying of lines, and the closed form that a textbook prints.

mod coefficient;
#[cfg(test)]
mod testing;
mod tidy;

pub use tidy::tidy;
