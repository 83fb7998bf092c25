//! Formula to derivation to simplest formula: laws, differentiation, simplification.

mod derivation;

pub use derivation::{Derivation, DerivativeLine, Gradient, Step};
