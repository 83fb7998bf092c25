//! Where callers enter the engine: what lies behind is compiled once for each precision.

use crate::element::{Element, Number};
use crate::{Arguments, Batch, Engine, EngineError, Simd, Training, Workspace};
use plan::Plan;

/// The doors to what is long: behind them all is compiled once for each precision, in this crate and by its profile. Without them
/// every crate that trains would compile the engine again, by its own. Public in a private module.
pub trait Compiled: Number {
    /// [`Engine::with_simd`].
    fn engine(plan: Plan, simd: Simd) -> Result<Engine<Self>, EngineError>
    where
        Self: Element;
    /// [`Training::with_simd`].
    fn training(
        plans: [Plan; 2],
        states: &[Self],
        threads: usize,
        simd: Simd,
    ) -> Result<Training<Self>, EngineError>
    where
        Self: Element;
    /// [`Engine::run`].
    fn run(
        engine: &Engine<Self>,
        workspace: &mut Workspace<Self>,
        arguments: Arguments<'_, Self>,
    ) -> Result<(), EngineError>
    where
        Self: Element;
    /// [`Training::step`].
    fn step(
        training: &mut Training<Self>,
        batch: Batch<'_, Self>,
        scalars: &[Self],
    ) -> Result<Self, EngineError>
    where
        Self: Element;
}

macro_rules! compiled {
    ($float:ident) => {
        impl Compiled for $float {
            fn engine(plan: Plan, simd: Simd) -> Result<Engine<$float>, EngineError> {
                Engine::with_simd_here(plan, simd)
            }
            fn training(
                plans: [Plan; 2],
                states: &[$float],
                threads: usize,
                simd: Simd,
            ) -> Result<Training<$float>, EngineError> {
                Training::with_simd_here(plans, states, threads, simd)
            }
            fn run(
                engine: &Engine<$float>,
                workspace: &mut Workspace<$float>,
                arguments: Arguments<'_, $float>,
            ) -> Result<(), EngineError> {
                engine.run_here(workspace, arguments)
            }
            fn step(
                training: &mut Training<$float>,
                batch: Batch<'_, $float>,
                scalars: &[$float],
            ) -> Result<$float, EngineError> {
                training.step_here(batch, scalars)
            }
        }
    };
}

compiled!(f32);
compiled!(f64);
