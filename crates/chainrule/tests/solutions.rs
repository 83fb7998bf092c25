//! Explicit solutions: a table of formulas, each with the solution that textbooks print; and each solution is the least value that
//! numbers find around it, where it is said to be.

use calculus::{Extremum, Need};
use chainrule::{Library, Question, Solved, solve, text};
use formula::{Matrix, Name, NodeId};
use random::{Purpose, Random};
use std::collections::HashMap;

struct Row {
    formula: &'static str,
    declarations: &'static str,
    unknown: &'static str,
    solution: &'static str,
    needs: &'static str,
    kind: &'static str,
}

fn rows() -> Vec<Row> {
    let lines =
        include_str!("solutions.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [formula, declarations, unknown, solution, needs, kind] = columns[..] else {
                panic!("six columns: {line}")
            };
            Row { formula, declarations, unknown, solution, needs, kind }
        })
        .collect()
}

fn solved(row: &Row) -> Solved {
    let wrt = [row.unknown];
    let question =
        Question { formula: row.formula, declarations: row.declarations, wrt: &wrt, ..Question::default() };
    solve(&question, &Library::standard(), &mut |_| {})
        .unwrap_or_else(|error| panic!("{}: {error}", row.formula))
}

fn written(solved: &Solved, id: NodeId) -> String {
    text(&solved.formula, id).unwrap()
}

#[test]
fn solutions_are_those_of_textbooks_and_the_gradient_vanishes_there() {
    let mut wrong = Vec::new();
    for row in rows().iter().filter(|row| !row.solution.starts_with("no: ")) {
        let solved = solved(row);
        let Ok(solution) = &solved.unknowns[0].outcome else {
            wrong.push(format!("{}: {:?}", row.formula, solved.unknowns[0].outcome));
            continue;
        };
        let needs = solution.needs.iter().map(|need| match need {
            Need::FullColumnRank(matrix) => format!("{} has full column rank", written(&solved, *matrix)),
            Need::Positive(scalar) => format!("{} > 0", written(&solved, *scalar)),
            Need::Invertible(matrix) => format!("{} has an inverse", written(&solved, *matrix)),
            Need::NotZero(scalar) => format!("{} is not 0", written(&solved, *scalar)),
        });
        let needs: Vec<String> = needs.collect();
        let kind = match solution.extremum {
            Extremum::Minimum => "minimum",
            Extremum::Maximum => "maximum",
            Extremum::Critical => "critical",
        };
        let found = [written(&solved, solution.value), needs.join(", "), kind.to_owned()];
        if found != [row.solution, row.needs, row.kind] {
            wrong.push(format!("{}\n  {found:?}", row.formula));
        }
        if !solved.unknowns[0].vanishes.is_some_and(|vanishes| vanishes.passed()) {
            wrong.push(format!(
                "{}: the gradient does not vanish: {:?}",
                row.formula, solved.unknowns[0].vanishes
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A formula, declarations, the unknowns, their solutions, and whether these are solutions together.
type Together<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str], bool);

#[test]
fn several_unknowns_are_solved_for_together_where_that_is_possible() {
    let cases: &[Together] = &[
        (
            "m*logdet(S) + tr((X - ones(m)*mu')*inv(S)*(X - ones(m)*mu')')",
            "X: m x n, S: n x n positive definite",
            &["S", "mu"],
            &["X'*(X - ones(m)*sum(X, 1)/m)/m", "sum(X, 1)'/m"],
            true,
        ),
        (
            "norm(y - a - b*x)^2",
            "a: scalar, b: scalar, x: m, y: m",
            &["a", "b"],
            &[
                "(sum(y) - sum(x)*x'*(y - sum(y)/m)/(x'*x - sum(x)^2/m))/m",
                "x'*(y - sum(y)/m)/(x'*x - sum(x)^2/m)",
            ],
            true,
        ),
        (
            "norm(x - a)^2 + norm(x - z)^2 + norm(z - b)^2 + norm(b - y)^2",
            "x: m, z: m, b: m, y: m, a: m",
            &["x", "z", "b"],
            &["0.25*(3*a + y)", "0.5*(a + y)", "0.25*(a + 3*y)"],
            true,
        ),
        // Inverses that exist in few orders of the sizes.
        ("norm(Y - A*X*B)^2", "", &["X"], &["inv(A'*A)*A'*Y*B'*inv(B*B')"], false),
        // A gradient by a multiplier does not have it: equality constraints, the least norm, the least variance, a multinomial.
        (
            "x'*Q*x/2 + c'*x + nu'*(A*x - b)",
            "Q: n x n symmetric, A: m x n, x: n, c: n, nu: m, b: m",
            &["x", "nu"],
            &["inv(Q)*(A'*inv(A*inv(Q)*A')*(A*inv(Q)*c + b) - c)", "-inv(A*inv(Q)*A')*(A*inv(Q)*c + b)"],
            true,
        ),
        (
            "norm(x)^2/2 + nu'*(A*x - b)",
            "A: m x n, x: n, nu: m, b: m",
            &["x", "nu"],
            &["A'*inv(A*A')*b", "-inv(A*A')*b"],
            true,
        ),
        (
            "w'*S*w/2 - k*(ones(n)'*w - 1)",
            "S: n x n positive definite, w: n, k: scalar",
            &["w", "k"],
            &["sum(inv(S), 2)/sum(inv(S))", "1/sum(inv(S))"],
            true,
        ),
        (
            "k*(sum(p) - 1) - sum(n .* log(p))",
            "p: d, n: d positive, k: scalar",
            &["p", "k"],
            &["n/sum(n)", "sum(n)"],
            true,
        ),
        // Where the gradients are 0 at no such values together, each is a solution for the others as they are.
        ("norm(x*y' - M)^2", "", &["x", "y"], &["M*y/(y'*y)", "M'*x/(x'*x)"], false),
        (
            "n*log(s) + norm(x - mu)^2/(2*s)",
            "s: scalar, n: scalar",
            &["s", "mu"],
            &["0.5*norm(x - mu)^2/n", "x"],
            false,
        ),
    ];
    for (formula, declarations, wrt, wanted, is_joint) in cases {
        let question = Question { formula, declarations, wrt, ..Question::default() };
        let solved = solve(&question, &Library::standard(), &mut |_| {}).unwrap();
        assert_eq!(solved.is_joint, *is_joint, "{formula}");
        let values = solved.unknowns.iter().map(|unknown| {
            assert!(unknown.vanishes.is_some_and(|vanishes| vanishes.passed()), "{formula}: {unknown:?}");
            written(&solved, unknown.outcome.as_ref().unwrap().value)
        });
        assert_eq!(values.collect::<Vec<_>>(), *wanted, "{formula}");
    }
}

#[test]
fn what_has_no_explicit_solution_says_why() {
    for row in rows() {
        let Some(reason) = row.solution.strip_prefix("no: ") else { continue };
        let line = ["solve", row.formula, "--let", row.declarations, "--for", row.unknown];
        let outcome =
            std::process::Command::new(env!("CARGO_BIN_EXE_chainrule")).args(line).output().unwrap();
        let printed = String::from_utf8(outcome.stdout).unwrap();
        assert_eq!(outcome.status.code(), Some(1), "{}: {printed}", row.formula);
        assert!(printed.contains(reason), "{}: {printed}", row.formula);
    }
}

#[test]
fn around_a_minimum_every_other_value_is_larger() {
    let mut random = Random::new(7, Purpose::Check, 0);
    for row in rows() {
        let solved = solved(&row);
        let Ok(solution) = &solved.unknowns[0].outcome else { continue };
        let sign = match solution.extremum {
            Extremum::Minimum => 1.0,
            Extremum::Maximum => -1.0,
            Extremum::Critical => continue,
        };
        // The formula itself in its inputs, with every let written out.
        let mut formula = solved.formula.clone();
        let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
        for line in &solved.answer.derivation.lets {
            let symbol = formula::Variable::new(line.name.clone(), formula.shape(line.value).clone());
            let symbol = formula.variable(symbol);
            let value = formula.substitute(line.value, &mut meaning).unwrap();
            meaning.insert(symbol, value);
        }
        let whole = formula.substitute(solved.answer.derivation.result.value, &mut meaning).unwrap();
        let sizes: formula::Sizes = [("m", 5), ("n", 3), ("p", 2), ("q", 4), ("k", 3)]
            .map(|(name, size)| (Name::from(name), size))
            .into();
        let mut point = formula::Point { sizes: sizes.clone(), ..Default::default() };
        let mut unknown = None;
        for id in formula.variables(&[whole, solution.value]) {
            let formula::Node::Variable(variable) = formula.node(id).clone() else { continue };
            let (rows, cols) = (
                variable.shape.rows.evaluate(&sizes).unwrap(),
                variable.shape.cols.evaluate(&sizes).unwrap(),
            );
            let entries = (0..rows * cols).map(|_| random.normal()).collect();
            let mut value = Matrix { rows, cols, entries };
            if variable.properties.is_symmetric() {
                value = value.multiply(&value.transpose());
            } else if variable.properties.is_positive() || rows * cols == 1 {
                value.entries.iter_mut().for_each(|entry| *entry = entry.abs() + 0.1);
            }
            if variable.name.as_str() == row.unknown {
                unknown = Some(variable.name.clone());
            }
            point.variables.insert(variable.name, value);
        }
        let unknown = unknown.unwrap();
        let best = formula.evaluate(&[solution.value], &point).unwrap().swap_remove(0);
        let mut value_at = |step: f64| {
            let mut moved = best.clone();
            moved.entries.iter_mut().for_each(|entry| *entry += step * random.normal());
            point.variables.insert(unknown.clone(), moved);
            sign * formula.evaluate(&[whole], &point).unwrap()[0].entries[0]
        };
        let least = value_at(0.0);
        for step in [1e-3, 0.1, 1.0, 30.0] {
            assert!(value_at(step) >= least, "{}: a step of {step} is better", row.formula);
        }
    }
}
