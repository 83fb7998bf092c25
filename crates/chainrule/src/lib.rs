//! Chainrule turns a formula over matrices into its derivative, with every step named, and into a program that trains with that
//! derivative.
//!
//! This crate is the face of the library: the names below are all that a user needs, and each is decided in the crate it
//! comes from. The crates themselves stand beside them, so that every type that occurs in a signature can be spelt:
//! [`plan::Cost`], [`syntax::Parsed`]. As a library it prints nothing, takes no signals and owns no thread pool. The program `chainrule` (feature `cli`,
//! on by default) is built on it.
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
//! # Ok::<(), chainrule::CompileError>(())
//! ```
//!
//! Train a network and use it: see [`Trainer`] and [`Model`].

mod claim;
mod derive;
mod in_lets;
mod solve;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod workloads;

#[doc(no_inline)]
pub use ::{calculus, compiler, engine, formula, learn, library, notation, plan, syntax, table};
pub use calculus::{
    AlgebraStep, Derivation, DerivativeLine, Form, Gradient, Layout, Order, Reading,
    Request as DerivativeRequest, Step, Symbol, Symmetric, Used, Why,
};
pub use claim::{check_claim, check_equal, check_lines, slip_text};
pub use compiler::{
    AlgebraCheck, Check, ClaimAnswer, ClaimQuestion, CompileError, Diagnostic, Difference, Entry,
    EqualAnswer, Example, Judged, JudgedLine, Kind, Library, LinesAnswer, Request, Shown, Slip, Source,
    SumCheck, Verdict, check_sums, compile, evaluate,
};
pub use derive::why;
pub use derive::{Answer, Otherwise, Question, Stage, derive, derive_telling};
pub use engine::{Element, bandwidth, peak_operations};
pub use formula::{Formula, Line, Name, Node, NodeId, Shape, Size, Sizes};
pub use learn::{
    Baseline, CHECKPOINT_FILE, Checkpoint, Columns, Description, End, Epoch, Epochs, Experiment, Fault,
    Halved, Identity, Judgement, Layer, LearnError, Linear, MODEL_FILE, Meaning, Model, Moment, Network,
    NotFinite, OnNan, Options, Outcome, Parameter, Portion, Portions, Precision, Rows, Run, Scales, Scores,
    Scratch, Settings, Solver, Target, TargetScale, TargetScores, Task, Trainer, Truth, Watch,
    initial_parameters, judge, least_squares, scores,
};
pub use notation::{
    DerivationOptions, Language, code, derivation_latex, derivation_text, latex, lines_text,
    print_derivation, text,
};
pub use plan::{Cost, Phase, Plan};
pub use solve::{Solved, Unknown, solve};
pub use syntax::{Assumption, Claim, LeftSide, Parsed, property};
pub use table::{
    Choices, ColumnKind, Dataset, Encoding, Error as TableError, Matrix, NumberScaling, Purpose, Random,
    Scaling, ScalingKind, Split, Table, Tally, TargetKind, Wanted,
};
