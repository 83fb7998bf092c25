//! Networks, the training loop, and the model file.
//!
//! Its one decision: nothing is computed here. A [`Network`] writes its formula; the step is what the derived gradients
//! of that formula compile to, the update what the optimizer's page compiles to, the initial weights' size what the activation's
//! formula gives. So an activation, a loss or an optimizer that a user typed trains as a shipped one does.
//!
//! ```
//! use chainrule_learn::{Epochs, Layer, Network, Options, Rows, Trainer};
//! use compiler::Library;
//! use std::ops::ControlFlow;
//! use table::Matrix;
//!
//! let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
//! let layers = vec![layer(8, "tanh"), layer(1, "identity")];
//! let network = Network { inputs: 1, layers, bias: false, loss: String::from("mse") };
//! assert_eq!(network.formula(), "Z1 = X*W1\nA1 = tanh(Z1)\nZ2 = A1*W2\nA2 = identity(Z2)\nf = mse(A2, Y)\n");
//!
//! let options = Options {
//!     optimizer: String::from("adam(rate = 0.01)"),
//!     schedule: String::from("cosine"),
//!     batch_size: Some(2),
//!     epochs: Epochs::Fixed(100),
//!     ..Options::default()
//! };
//! let mut trainer = Trainer::<f32>::new(&network, &options, &Library::standard())?;
//! let x = Matrix::new(5, 1, vec![-1.0, -0.5, 0.0, 0.5, 1.0])?;
//! let rows = Rows::new(&x, &x)?;
//! let before = trainer.loss(&rows)?;
//! trainer.train(&rows, None, |_| ControlFlow::Continue(()))?;
//! assert!(trainer.loss(&rows)? < before);
//! # Ok::<(), chainrule_learn::LearnError>(())
//! ```

mod budget;
mod checkpoint;
mod class_weights;
mod container;
mod description;
mod each_target;
mod entries;
mod error;
mod experiment;
mod file;
mod initial;
mod linear;
mod metrics;
mod model;
mod network;
mod options;
pub mod picture;
mod preset;
mod progress;
mod rows;
mod scores;
mod task;
mod trainer;

pub use budget::Epochs;
pub use checkpoint::{CHECKPOINT_FILE, Checkpoint};
pub use class_weights::balanced;
pub use description::{Description, Meaning, Precision, Scales};
pub use error::LearnError;
pub use experiment::{
    Baseline, Columns, Experiment, Identity, Judgement, Portion, Portions, Run, SMALL_TABLE, Settings,
    Solver, TargetScale, WrittenBaseline, checksum_of_rows, judge,
};
pub use file::MODEL_FILE;
pub use initial::initial_parameters;
pub use linear::{Linear, least_squares, weighted_least_squares};
pub use metrics::{Cases, METRICS, Metric, confusion};
pub use model::{Model, Predictor, Scratch};
pub use network::{Layer, Network, Parameter};
pub use options::Options;
pub use progress::{End, Epoch, Fault, Halved, Moment, OnNan, Outcome, Watch};
pub use rows::Rows;
pub use scores::{NotFinite, Scores, TargetScores, Truth, scores};
pub use task::{Target, Task, most_probable};
pub use trainer::Trainer;
