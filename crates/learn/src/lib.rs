//! Networks, the training loop, and the model file.
//!
//! Its one decision: nothing is computed here. A [`Network`] writes its formula; the step is what the derived gradients
//! of that formula compile to, the update what the optimizer's page compiles to, the initial weights' size what the activation's
//! formula gives. So an activation, a loss or an optimizer that a user typed trains as a shipped one does.

mod error;
mod experiment;
mod file;
mod initial;
mod linear;
mod model;
mod network;
pub mod picture;
mod rows;
mod scores;
mod trainer;

pub use error::LearnError;
pub use experiment::{Baselines, Experiment, Judgement, Portion, Portions, Run, Settings, Solver, judge};
pub use file::MODEL_FILE;
pub use initial::initial_parameters;
pub use linear::{Linear, least_squares};
pub use model::{Description, Model, Precision, Scales, Scratch};
pub use network::{Layer, Network, Parameter};
pub use rows::Rows;
pub use scores::{Scores, scores};
pub use trainer::{End, Epoch, Options, Outcome, Trainer};
