//! Explicit solutions in one call: where the gradient of a formula by a variable is zero.

use crate::derive::{Answer, Question, Stage, derive_telling};
use calculus::{NoSolution, Solution};
use compiler::{CompileError, Library, Vanishes};
use formula::{Formula, Name, Node, NodeId};
use table::{Purpose, Random};

/// A formula with the value of a variable at which its gradient is zero.
#[derive(Debug)]
pub struct Solved {
    /// The derivative, with its check against difference quotients.
    pub answer: Answer,
    /// The arena of the nodes below.
    pub formula: Formula,
    /// The variable that is solved for.
    pub unknown: Name,
    /// The solution with its steps, or why there is none.
    pub outcome: Result<Solution, NoSolution>,
    /// Whether the gradient vanishes at the solution, on numbers; `None` without a solution.
    pub vanishes: Option<Vanishes>,
}

/// Sets the derived gradient of a formula by its one variable of `question.wrt` to zero and solves for the variable.
///
/// # Errors
/// Those of [`derive`](crate::derive()); and when the value is no scalar, or what is asked for is no variable.
pub fn solve(
    question: &Question,
    library: &Library,
    tell: &mut dyn FnMut(Stage),
) -> Result<Solved, CompileError> {
    let answer = derive_telling(question, library, tell)?;
    let mut formula = answer.derivation.formula.clone();
    let reading = &answer.closed[0];
    let (unknown, raw, value) = (reading.by.clone(), reading.raw, reading.value);
    let refused = if !formula.is_scalar(answer.derivation.result.value) {
        Some(NoSolution::NotScalar)
    } else {
        answer.parsed.formula.lines.iter().any(|line| line.name == unknown).then_some(NoSolution::Line)
    };
    if let Some(refused) = refused {
        return Ok(Solved { answer, formula, unknown, outcome: Err(refused), vanishes: None });
    }
    let is_unknown =
        |id: &NodeId| matches!(formula.node(*id), Node::Variable(known) if known.name == unknown);
    let known = formula.variables(&[raw, value]).into_iter().find(is_unknown);
    let Some(variable) = known else {
        return Ok(Solved { answer, formula, unknown, outcome: Err(NoSolution::Absent), vanishes: None });
    };
    let outcome = calculus::solve(&mut formula, value, variable);
    let vanishes = match &outcome {
        Ok(solution) => {
            let mut random = Random::new(question.seed, Purpose::Check, 0);
            let draw = &mut || random.normal();
            Some(compiler::vanishes(&formula, raw, variable, solution.value, draw)?)
        }
        Err(_) => None,
    };
    Ok(Solved { answer, formula, unknown, outcome, vanishes })
}
