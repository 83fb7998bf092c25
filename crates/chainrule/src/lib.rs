//! Chainrule turns a formula over matrices into its derivative, with every step named, and into a program that trains with that
//! derivative.
//!
//! This crate is the face of the library: the names below are all that a user needs, and each is decided in the crate it
//! comes from. The crates themselves stand beside them, so that every type that occurs in a signature can be spelt:
//! [`plan::Cost`], [`syntax::Parsed`]. As a library it prints nothing, takes no signals and owns no thread pool.
//!
//! The feature `derive` is the mathematician's half, without files, threads or memory maps; `train` is the machinist's. The
//! program `chainrule` (feature `cli`) is built on both; all are on by default.
//!
//! Derive a formula:
//!
//! ```
//! use chainrule::{Library, Question, derive};
//!
//! let question = Question { formula: "norm(X*w - y)^2", wrt: &["w"], ..Question::default() };
//! let answer = derive(&question, &Library::standard())?;
//! assert!(answer.check.passed);
//! let closed = chainrule::text(&answer.derivation.formula, answer.closed[0].value);
//! assert_eq!(closed.as_deref(), Some("2*X'*(X*w - y)"));
//! # Ok::<(), chainrule::DeriveError>(())
//! ```
//!
//! Train a network and use it: see [`Trainer`] and [`Model`].

#[cfg(feature = "derive")]
mod answer;
#[cfg(feature = "derive")]
mod claim;
#[cfg(feature = "derive")]
mod in_lets;
#[cfg(feature = "derive")]
pub mod json;
#[cfg(feature = "derive")]
mod solve;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod workloads;

#[doc(no_inline)]
pub use ::{calculus, formula, judge, library, random, syntax};
pub use calculus::{
    AlgebraStep, Derivation, DerivativeLine, Form, Gradient, Layout, Order, Reading,
    Request as DerivativeRequest, Step, Symbol, Symmetric, Used, Why,
};
pub use formula::{Formula, Line, Name, Node, NodeId, Shape, Size, Sizes};
pub use judge::{
    AlgebraCheck, Check, ClaimAnswer, ClaimQuestion, DeriveError, Difference, Entry, EqualAnswer, Example,
    Judged, JudgedLine, LinesAnswer, Shown, Slip, SumCheck, Verdict, check_sums,
};
pub use random::{Purpose, Random};
pub use syntax::{Assumption, Claim, Diagnostic, Kind, LeftSide, Library, Parsed, Source, property};
#[cfg(feature = "derive")]
mod derive_face {
    pub use crate::answer::{Answer, Otherwise, Question, Stage, Steps, derive, derive_telling, why};
    pub use crate::claim::{check_claim, check_equal, check_lines, slip_text};
    pub use crate::solve::{Solved, Unknown, solve};
    #[doc(no_inline)]
    pub use ::notation;
    pub use notation::{
        DerivationOptions, Language, code, derivation_latex, derivation_text, latex, lines_text,
        print_derivation, text,
    };
}
#[cfg(feature = "derive")]
pub use derive_face::*;
#[cfg(feature = "train")]
mod train_face {
    #[doc(no_inline)]
    pub use ::{compiler, engine, learn, plan, table};
    pub use compiler::{CompileError, Request, compile, evaluate};
    pub use engine::{Element, bandwidth, peak_operations};
    pub use learn::{
        Baseline, CHECKPOINT_FILE, Checkpoint, Columns, Description, End, Epoch, Epochs, Experiment, Fault,
        Halved, Identity, Judgement, Layer, LearnError, Linear, MODEL_FILE, Meaning, Model, Moment, Network,
        NotFinite, OnNan, Options, Outcome, Parameter, Portion, Portions, Precision, Rows, Run, Scales,
        Scores, Scratch, Settings, Solver, Target, TargetScale, TargetScores, Task, Trainer, Truth, Watch,
        initial_parameters, judge, least_squares, scores,
    };
    pub use plan::{Cost, Phase, Plan};
    pub use table::{
        Choices, ColumnKind, Dataset, Encoding, Error as TableError, Matrix, NumberScaling, Scaling,
        ScalingKind, Split, Table, Tally, TargetKind, Wanted,
    };
}
#[cfg(feature = "train")]
pub use train_face::*;
