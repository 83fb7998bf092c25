//! Several unknowns together: one is eliminated after the other.

use super::{Equation, Extremum, NoSolution, Rule, Solution, at, solve, zero_like};
use crate::simplify::{simplify, weight};
use formula::{Formula, NodeId};

/// Unknowns up to this many are put in every order.
const MOST_ORDERED: usize = 3;

/// Solves `gradient = 0` for several unknowns together, given as pairs of a gradient and its unknown: one after the other, each
/// solution put into the gradients that are left, and in the end into the solutions before it.
///
/// # Errors
/// Why there is no explicit solution, in the order in which they are given. Of several orders the one with the shortest solutions
/// is taken.
pub fn solve_jointly(
    formula: &mut Formula,
    equations: &[(NodeId, NodeId)],
) -> Result<Vec<Solution>, NoSolution> {
    let mut why = None;
    let mut shortest: Option<(usize, Vec<Solution>)> = None;
    for order in orders(equations.len()) {
        match eliminated(formula, equations, &order) {
            Ok(solutions) => {
                let length = solutions.iter().map(|solution| weight(formula, solution.value)).sum();
                if shortest.as_ref().is_none_or(|(least, _)| length < *least) {
                    shortest = Some((length, solutions));
                }
            }
            Err(no) => why = why.or(Some(no)),
        }
    }
    match shortest {
        Some((_, solutions)) => Ok(solutions),
        None => Err(why.unwrap_or(NoSolution::Absent)),
    }
}

/// The orders in which unknowns are eliminated, the given one first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count > MOST_ORDERED {
        return vec![(0..count).collect()];
    }
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count {
        let longer = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let left = (0..count).filter(|at| !order.contains(at));
            left.map(|at| order.iter().copied().chain([at]).collect()).collect()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

fn eliminated(
    formula: &mut Formula,
    given: &[(NodeId, NodeId)],
    order: &[usize],
) -> Result<Vec<Solution>, NoSolution> {
    let mut found: Vec<(usize, Solution)> = Vec::new();
    for &place in order {
        let (gradient, unknown) = given[place];
        let gradient = simplify(formula, gradient);
        let mut value = gradient;
        for (before, solution) in &found {
            value = at(formula, value, given[*before].1, solution.value)?;
        }
        let mut solution = solve(formula, value, unknown)?;
        if value != gradient {
            let right = zero_like(formula, gradient);
            solution.equations[0].rule = Rule::PutIn;
            solution.equations.insert(0, Equation { left: gradient, right, rule: Rule::Critical });
        }
        found.push((place, solution));
    }
    // From the last, which has no other unknown in it.
    for place in (0..found.len()).rev() {
        let mut value = found[place].1.value;
        for (after, solution) in &found[place + 1..] {
            value = at(formula, value, given[*after].1, solution.value)?;
        }
        let solved: Vec<(NodeId, NodeId)> =
            found[place + 1..].iter().map(|(after, solution)| (given[*after].1, solution.value)).collect();
        for need in &mut found[place].1.needs {
            // What is needed of an unknown is needed of its solution.
            if let Some((_, value)) = solved.iter().find(|(unknown, _)| *unknown == need.of()) {
                *need = need.with(*value);
            }
        }
        let (at, solution) = &mut found[place];
        if value != solution.value {
            solution.value = value;
            let left = given[*at].1;
            solution.equations.push(Equation { left, right: value, rule: Rule::PutIn });
        }
    }
    // The least value over one unknown, for every value of the others, and then the least of these is the least of all.
    let kind = |extremum: Extremum| found.iter().all(|(_, solution)| solution.extremum == extremum);
    let is_one_kind = [Extremum::Minimum, Extremum::Maximum].into_iter().any(kind);
    found.sort_by_key(|(at, _)| *at);
    let mut solutions: Vec<Solution> = found.into_iter().map(|(_, solution)| solution).collect();
    if !is_one_kind {
        solutions.iter_mut().for_each(|solution| solution.extremum = Extremum::Critical);
    }
    Ok(solutions)
}
