//! Formula to derivation to simplest formula: laws, differentiation, simplification.

mod derivation;
pub mod simplify;

pub use derivation::{Derivation, DerivativeLine, Gradient, Step};
