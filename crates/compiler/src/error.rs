//! What can be wrong on the way from text to a program.

use formula::ShapeError;
use judge::DeriveError;
use std::fmt;
use syntax::Diagnostic;

/// A mistake in a text, or a part of it that the stages after reading cannot treat.
#[derive(Debug)]
pub enum CompileError {
    /// The text cannot be read, or its formula cannot be differentiated.
    Derive(Box<DeriveError>),
    /// The formula cannot be planned.
    Plan(plan::PlanError),
    /// The plan cannot be run with these numbers.
    Engine(engine::EngineError),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Derive(error) => error.fmt(f),
            CompileError::Plan(error) => error.fmt(f),
            CompileError::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CompileError {}

impl From<DeriveError> for CompileError {
    fn from(error: DeriveError) -> CompileError {
        CompileError::Derive(Box::new(error))
    }
}

impl From<Diagnostic> for CompileError {
    fn from(error: Diagnostic) -> CompileError {
        DeriveError::from(error).into()
    }
}

impl From<calculus::CalculusError> for CompileError {
    fn from(error: calculus::CalculusError) -> CompileError {
        DeriveError::from(error).into()
    }
}

impl From<ShapeError> for CompileError {
    fn from(error: ShapeError) -> CompileError {
        DeriveError::from(error).into()
    }
}

impl From<plan::PlanError> for CompileError {
    fn from(error: plan::PlanError) -> CompileError {
        CompileError::Plan(error)
    }
}

impl From<engine::EngineError> for CompileError {
    fn from(error: engine::EngineError) -> CompileError {
        CompileError::Engine(error)
    }
}
