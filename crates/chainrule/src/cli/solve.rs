//! `chainrule solve`: where the gradient of a formula is zero, with every step.

use super::arguments::{Solve, SolveFormat};
use super::deadline::Deadline;
use super::derive::doing;
use super::question::{by, hold_sides, restored, standard_input};
use super::{Failure, Status, library, text_or_file};
use calculus::{Equation, Extremum, Need, NoSolution, Solution};
use chainrule::{Question, Solved, Unknown, solve};
use formula::{Formula, Node, NodeId};
use serde_json::{Value, json};
use std::fmt::Write;

/// Solves and prints; the exit status says whether there is a solution that was confirmed.
pub fn run(arguments: &Solve) -> Result<Status, Failure> {
    let formula = match arguments.formula.as_str() {
        "-" => standard_input()?,
        text => text_or_file(text, "formula")?,
    };
    let format = if arguments.json { SolveFormat::Json } else { arguments.format };
    let deadline = Deadline::start(arguments.time_limit, format == SolveFormat::Json)?;
    let pages = library::with(&arguments.define)?;
    let declarations = arguments.declarations.join("\n");
    let mut spelled = syntax::spell_with(formula.trim_end(), &declarations, arguments.spelling, &pages)?;
    hold_sides(&mut spelled, &declarations, &pages)?;
    let unknowns = by(&arguments.unknowns, &spelled)?;
    if unknowns.is_empty() {
        return Err(Failure::bad_input(
            "what to solve for is not said: add `--for w`, a variable of the formula",
        ));
    }
    let wrt: Vec<&str> = unknowns.iter().map(|name| name.as_str()).collect();
    let question = Question {
        formula: &spelled.text,
        declarations: &declarations,
        wrt: &wrt,
        seed: arguments.seed,
        ..Question::default()
    };
    let solved = solve(&question, &pages, &mut |stage| deadline.now(doing(stage)));
    let mut solved = solved.map_err(|error| restored(error, &spelled))?;
    solved.answer.parsed.notes.splice(0..0, spelled.notes.iter().cloned());
    let status = solved.unknowns.iter().map(|unknown| judged(&solved, unknown)).max().unwrap_or(Status::Done);
    deadline.now("writing the answer out");
    let printed: Vec<String> = solved
        .unknowns
        .iter()
        .map(|unknown| match format {
            SolveFormat::Text => text(&solved, unknown),
            SolveFormat::Latex => latex(&solved, unknown),
            SolveFormat::Json => format!("{:#}\n", to_json(&solved, unknown)),
        })
        .collect();
    let whole = match (format, printed.len()) {
        (SolveFormat::Json, 2..) => format!("[{}]\n", printed.join(",").replace("\n,", ",\n")),
        (SolveFormat::Text, _) => head(&solved) + &printed.join("\n"),
        (_, _) => printed.join("\n"),
    };
    drop(deadline);
    super::print(&whole)?;
    Ok(status)
}

/// 0 with a solution at which the gradient vanishes, 1 without one, 3 where numbers do not confirm it.
fn judged(solved: &Solved, unknown: &Unknown) -> Status {
    match (&unknown.outcome, &unknown.vanishes) {
        (Err(NoSolution::NotScalar | NoSolution::Line), _) => Status::BadInput,
        (Err(_), _) => Status::No,
        (Ok(_), Some(vanishes)) if vanishes.passed() && solved.answer.check.passed && are_sums(solved) => {
            Status::Done
        }
        (Ok(_), _) => Status::Undecided,
    }
}

/// Whether the matrix forms are the sums that were written.
fn are_sums(solved: &Solved) -> bool {
    solved.answer.sums.is_none_or(|sums| sums.passed)
}

/// What was read, and how several unknowns are solved for.
fn head(solved: &Solved) -> String {
    let mut text = solved.answer.parsed.text(&solved.answer.declared());
    if let Some(together) = together(solved) {
        let _ = writeln!(text, "unknowns   {together}");
    }
    text + "\n"
}

fn together(solved: &Solved) -> Option<&'static str> {
    let is_alone = solved.unknowns.len() < 2;
    (!is_alone).then_some(match solved.is_joint {
        true => "solved for together, each solution put into the gradients that are left",
        false => "solved for one by one, each with the others held fixed: none was found for all together",
    })
}

fn text(solved: &Solved, unknown: &Unknown) -> String {
    let mut text = String::new();
    let formula = &solved.formula;
    let gradient = &solved.answer.closed[unknown.gradient];
    let _ = writeln!(text, "gradient\n  {} = {}\n", gradient.title, written(formula, gradient.value));
    match &unknown.outcome {
        Ok(solution) => {
            let _ = writeln!(text, "steps");
            let rows: Vec<String> =
                solution.equations.iter().map(|equation| sides(formula, equation)).collect();
            let width = rows.iter().map(|row| row.chars().count()).max().unwrap_or(0).min(70);
            for (row, equation) in rows.iter().zip(&solution.equations) {
                let _ = writeln!(text, "  {row:width$}   {}", equation.rule.says());
            }
            let _ = writeln!(text, "\nsolution\n  {} = {}\n", unknown.name, written(formula, solution.value));
            if let Some(free) = free(solved, unknown) {
                let _ = writeln!(text, "note       {free}");
            }
            for need in needs(formula, solution) {
                let _ = writeln!(text, "needs      {need}");
            }
            let _ = writeln!(text, "{}", extremum(formula, solution));
            let _ = writeln!(text, "check      {}", vanishing(solved, unknown));
            if let Some(sums) = solved.answer.sums {
                let _ = writeln!(text, "sums       {}", sums);
            }
        }
        Err(none) => {
            // What is not affine may well have a zero.
            let is_open = matches!(none, NoSolution::NotAffine(_) | NoSolution::WithTranspose);
            let found = if is_open { "none found" } else { "no solution" };
            let _ = writeln!(text, "{found}   {}", reason(solved, unknown, none));
        }
    }
    text
}

fn written(formula: &Formula, id: NodeId) -> String {
    notation::text(formula, id).unwrap_or_else(|| "(a long value)".to_owned())
}

fn sides(formula: &Formula, equation: &Equation) -> String {
    format!("{} = {}", written(formula, equation.left), written(formula, equation.right))
}

/// What is declared of the unknown beside its symmetry, which does not bind the solution.
fn free(solved: &Solved, unknown: &Unknown) -> Option<String> {
    let unknown = &unknown.name;
    let formula = &solved.formula;
    let known = formula.ids().find_map(|id| match formula.node(id) {
        Node::Variable(variable) if variable.name == *unknown => Some((variable.properties, &variable.shape)),
        _ => None,
    })?;
    let (known, shape) = known;
    let but = if shape.is_scalar() { "" } else { " beyond its symmetry" };
    let told: Vec<&str> =
        calculus::told(known).iter().map(|row| row.name).filter(|name| *name != "symmetric").collect();
    (!told.is_empty()).then(|| {
        format!(
            "that {unknown} is {} is not used{but}: the critical point need not be so",
            told.join(" and ")
        )
    })
}

/// What a solution needs, as sentences.
fn needs(formula: &Formula, solution: &Solution) -> Vec<String> {
    let sentence = |need: &Need| match need {
        Need::FullColumnRank(matrix) => {
            format!("{} has full column rank", written(formula, *matrix))
        }
        Need::Positive(scalar) if solution.provided.contains(scalar) => {
            format!("{} > 0, or another value with which the inverse exists", written(formula, *scalar))
        }
        Need::Positive(scalar) => format!("{} > 0", written(formula, *scalar)),
        Need::Invertible(matrix) => format!("{} has an inverse", written(formula, *matrix)),
        Need::NotZero(scalar) => format!("{} is not 0", written(formula, *scalar)),
    };
    solution.needs.iter().map(sentence).collect()
}

/// The kind of the critical point, as a line.
fn extremum(formula: &Formula, solution: &Solution) -> String {
    let factors: Vec<String> = solution.curvature.iter().map(|factor| written(formula, *factor)).collect();
    let factors = if factors.is_empty() { "the identity".to_owned() } else { factors.join(" and ") };
    let provided: Vec<String> =
        solution.provided.iter().map(|scalar| format!("{} > 0", written(formula, *scalar))).collect();
    let provided =
        if provided.is_empty() { String::new() } else { format!("where {}: ", provided.join(" and ")) };
    match solution.extremum {
        Extremum::Minimum => {
            format!(
                "minimum    {provided}the second derivative, by {factors}, is positive semidefinite everywhere"
            )
        }
        Extremum::Maximum => {
            format!(
                "maximum    {provided}the second derivative, by {factors}, is negative semidefinite everywhere"
            )
        }
        Extremum::Critical => {
            "critical   a critical point; whether it is a minimum or a maximum is not shown".to_owned()
        }
    }
}

fn vanishing(solved: &Solved, unknown: &Unknown) -> String {
    if !solved.answer.check.passed {
        return format!("the gradient itself is not confirmed: {}", solved.answer.check);
    }
    match &unknown.vanishes {
        Some(vanishes) if vanishes.passed() => format!(
            "the gradient is 0 within rounding at the solution, at {} random points (at most {:.1e} of what it is elsewhere): passed",
            vanishes.points, vanishes.largest
        ),
        Some(vanishes) if vanishes.points == 0 => {
            "no random point tells whether the gradient is 0 at the solution: undecided".to_owned()
        }
        Some(_) | None => "the gradient is not 0 at the solution: failed".to_owned(),
    }
}

/// Why there is no solution, as a sentence.
fn reason(solved: &Solved, unknown: &Unknown, none: &NoSolution) -> String {
    let unknown = &unknown.name;
    match none {
        NoSolution::NotScalar => {
            let name = &solved.answer.derivation.result.name;
            let shape = solved.formula.shape(solved.answer.derivation.result.value);
            format!("{name} is {shape}, and what has a gradient is a scalar, such as `norm(...)^2`")
        }
        NoSolution::Line => format!("{unknown} is a line of the formula: solve for a variable in it"),
        NoSolution::Absent => {
            format!(
                "the gradient by {unknown} does not depend on {unknown}: it is 0 for every {unknown}, or for none"
            )
        }
        NoSolution::NotAffine(part) => format!(
            "the gradient is not affine in {unknown}, because of {}, nor in its inverse or a power of it, also when it is \
             multiplied by {unknown} or its denominators: whether it has a zero is not told here, and one is found step by \
             step, with the gradient above",
            written(&solved.formula, *part)
        ),
        NoSolution::WithTranspose => format!(
            "{unknown} and {unknown}' both stand in the gradient: where {unknown} is symmetric, declare it with \
             `--let \"{unknown}: n x n symmetric\"`"
        ),
        NoSolution::Singular(matrix) => format!(
            "{} has no inverse, so {unknown} is not determined: the gradient is 0 at many values, or at none; a term such as \
             `+ lambda*norm({unknown})^2` makes it one",
            written(&solved.formula, *matrix)
        ),
        NoSolution::NoInverse(value) => format!(
            "the gradient has the inverse of {unknown} in it, is 0 for {unknown} = {} alone, and {0} has none",
            written(&solved.formula, *value)
        ),
        NoSolution::Misfit(error) => error.to_string(),
    }
}

fn latex(solved: &Solved, unknown: &Unknown) -> String {
    let formula = &solved.formula;
    let side = |id: NodeId| notation::latex(formula, id).unwrap_or_default();
    match &unknown.outcome {
        Ok(solution) => {
            let row = |equation: &Equation| {
                let says = equation.rule.says();
                format!("  {} &= {} && \\text{{{says}}}", side(equation.left), side(equation.right))
            };
            let rows: Vec<String> = solution.equations.iter().map(row).collect();
            format!("\\begin{{align*}}\n{}\n\\end{{align*}}\n", rows.join(" \\\\\n"))
        }
        Err(none) => format!("% {}\n", reason(solved, unknown, none)),
    }
}

fn to_json(solved: &Solved, unknown: &Unknown) -> Value {
    let formula = &solved.formula;
    let parsed = &solved.answer.parsed;
    let derived = solved.answer.to_json();
    let gradient = &solved.answer.closed[unknown.gradient];
    let value = |id: NodeId| json!({"text": written(formula, id), "latex": notation::latex(formula, id)});
    let mut object = json!({
        "formula": parsed.echo.trim_end(),
        "assumed": parsed.assumptions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "declared": derived["declared"],
        "notes": parsed.notes,
        "vectorization": derived["vectorization"],
        "for": unknown.name.as_str(),
        "unknowns": together(solved),
        "gradient": {"name": gradient.title.as_str(), "value": value(gradient.value)},
    });
    match &unknown.outcome {
        Ok(solution) => {
            let equation = |equation: &Equation| json!({"left": value(equation.left), "right": value(equation.right), "rule": equation.rule.says()});
            object["steps"] = solution.equations.iter().map(equation).collect();
            object["solution"] = value(solution.value);
            object["needs"] = json!(needs(formula, solution));
            object["extremum"] = json!(match solution.extremum {
                Extremum::Minimum => "minimum",
                Extremum::Maximum => "maximum",
                Extremum::Critical => "critical",
            });
            object["check"] = json!({
                "vanishes": unknown.vanishes.is_some_and(|vanishes| vanishes.passed()),
                "says": vanishing(solved, unknown),
                "sums": derived["check"]["sums"],
            });
        }
        Err(none) => object["no_solution"] = json!(reason(solved, unknown, none)),
    }
    object
}
