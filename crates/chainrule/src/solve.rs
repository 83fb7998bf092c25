//! Explicit solutions in one call: where the gradients of a formula by some variables are zero.

use crate::answer::{Answer, Question, Stage, derive_telling};
use calculus::{NoSolution, Reading, Solution};
use formula::{Formula, Name, Node, NodeId};
use judge::{DeriveError, Library, Vanishes};
use random::{Purpose, Random};
use std::collections::HashMap;

/// A formula with the values of variables at which its gradients are zero.
#[derive(Debug)]
pub struct Solved {
    /// The derivatives, with their check against difference quotients.
    pub answer: Answer,
    /// The arena of the nodes below.
    pub formula: Formula,
    /// What was solved for, in the order of the question.
    pub unknowns: Vec<Unknown>,
    /// Whether several unknowns are solved for together; else each with the others held fixed.
    pub is_joint: bool,
}

/// A variable that is solved for.
#[derive(Debug)]
pub struct Unknown {
    /// Its name.
    pub name: Name,
    /// The gradient by it: its place in the answer's closed forms.
    pub gradient: usize,
    /// The solution with its steps, or why there is none.
    pub outcome: Result<Solution, NoSolution>,
    /// Whether the gradient vanishes at the solution, on numbers; `None` without a solution.
    pub vanishes: Option<Vanishes>,
}

/// Sets the derived gradients of a formula by the variables of `question.wrt` to zero and solves for these: for several together
/// where that is possible, else for each with the others held fixed.
///
/// # Errors
/// Those of [`derive`](crate::derive()).
pub fn solve(
    question: &Question,
    library: &Library,
    tell: &mut dyn FnMut(Stage),
) -> Result<Solved, DeriveError> {
    let answer = derive_telling(question, library, tell)?;
    let mut formula = answer.derivation.formula.clone();
    let is_scalar = formula.is_scalar(answer.derivation.result.value);
    let found: Vec<Result<NodeId, NoSolution>> = answer
        .closed
        .iter()
        .map(|reading| match is_scalar {
            true => variable(&formula, reading, &answer),
            false => Err(NoSolution::NotScalar),
        })
        .collect();
    let equations: Option<Vec<(NodeId, NodeId)>> = found
        .iter()
        .zip(&answer.closed)
        .map(|(unknown, reading)| Some((reading.value, *unknown.as_ref().ok()?)))
        .collect();
    let together = match equations {
        Some(equations) if equations.len() > 1 => calculus::solve_jointly(&mut formula, &equations).ok(),
        _ => None,
    };
    let is_joint = together.is_some();
    let outcomes: Vec<Result<Solution, NoSolution>> = match together {
        Some(solutions) => solutions.into_iter().map(Ok).collect(),
        None => found
            .iter()
            .zip(&answer.closed)
            .map(|(unknown, reading)| calculus::solve(&mut formula, reading.value, unknown.clone()?))
            .collect(),
    };
    let mut unknowns = Vec::with_capacity(outcomes.len());
    let pair = |(id, one): (&Result<NodeId, NoSolution>, &Result<Solution, NoSolution>)| {
        Some((*id.as_ref().ok()?, one.as_ref().ok()?.value))
    };
    let values: Vec<Option<(NodeId, NodeId)>> = found.iter().zip(&outcomes).map(pair).collect();
    for (at, (reading, outcome)) in answer.closed.iter().zip(outcomes).enumerate() {
        let vanishes = match values[at] {
            Some(own) => {
                let all: HashMap<NodeId, NodeId> = match is_joint {
                    true => values.iter().flatten().copied().collect(),
                    false => HashMap::from([own]),
                };
                let mut random = Random::new(question.seed, Purpose::Check, 0);
                let draw = &mut || random.normal();
                Some(judge::vanishes(&formula, reading.raw, all, draw)?)
            }
            None => None,
        };
        unknowns.push(Unknown { name: reading.by.clone(), gradient: at, outcome, vanishes });
    }
    Ok(Solved { answer, formula, unknowns, is_joint })
}

/// The variable that a gradient is by. The gradient itself need not have it: that of a Lagrangian by a multiplier does not.
fn variable(formula: &Formula, reading: &Reading, answer: &Answer) -> Result<NodeId, NoSolution> {
    if answer.parsed.formula.lines.iter().any(|line| line.name == reading.by) {
        return Err(NoSolution::Line);
    }
    let is_it = |id: &NodeId| matches!(formula.node(*id), Node::Variable(known) if known.name == reading.by);
    let roots: Vec<NodeId> = answer.closed.iter().flat_map(|reading| [reading.raw, reading.value]).collect();
    formula.variables(&roots).into_iter().find(is_it).ok_or(NoSolution::Absent)
}
