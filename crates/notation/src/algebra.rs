//! Steps of algebra as text and as LaTeX: the identities by name, the part before and after.

use crate::derivation::{shape_text, sizes, value_text};
use crate::latex::{Numbers, latex_in};
use crate::text::text;
use calculus::{AlgebraStep, Used};
use formula::{Formula, Name};
use std::fmt::Write;

/// A step of algebra ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedAlgebra {
    /// Its number, which goes on from those of the laws.
    pub number: usize,
    /// The identities, in the order in which they are used.
    pub names: Vec<Name>,
    /// The part before; `None` when it is longer than [`LONGEST`](crate::LONGEST), and the next alike.
    pub from: Option<String>,
    /// What it becomes.
    pub to: Option<String>,
    /// Rows and columns.
    pub shape: [String; 2],
}

/// Prints steps of algebra, the first with this number.
pub fn print_algebra(formula: &Formula, steps: &[AlgebraStep], first: usize) -> Vec<PrintedAlgebra> {
    let print = |(place, step): (usize, &AlgebraStep)| PrintedAlgebra {
        number: first + place,
        names: step.used.iter().map(|used| used.name.clone()).collect(),
        from: text(formula, step.from),
        to: text(formula, step.to),
        shape: sizes(formula.shape(step.to)),
    };
    steps.iter().enumerate().map(print).collect()
}

/// How many steps are shown at the beginning and at the end of many, where not all are asked for.
pub const SHOWN: usize = 10;
/// So many are shown as they are.
pub const MOST: usize = 30;

/// Steps of algebra, three lines each; of many those in the middle are left out, unless all are asked for.
pub fn algebra_text(steps: &[PrintedAlgebra], all: bool) -> String {
    let mut out = String::new();
    let skipped = if all || steps.len() <= MOST { 0 } else { steps.len() - 2 * SHOWN };
    for (place, step) in steps.iter().enumerate() {
        if skipped > 0 && (SHOWN..SHOWN + skipped).contains(&place) {
            if place == SHOWN {
                let _ = writeln!(out, "     ... {skipped} steps more, which `--all-steps` shows");
            }
            continue;
        }
        out += &step_text(step);
    }
    out
}

fn step_text(step: &PrintedAlgebra) -> String {
    let PrintedAlgebra { number, from, to, shape, .. } = step;
    let shape = shape_text(shape);
    let names = names_text(&step.names);
    format!("{number:>3}. {names}\n       {}\n     = {}   ({shape})\n", value_text(from), value_text(to))
}

/// `transpose of a product, like terms`
pub fn names_text(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

/// A step opened: each identity as the library states it, with what its letters stand for.
pub fn used_text(formula: &Formula, used: &Used) -> String {
    let mut out = format!("{}", used.name);
    if let Some(statement) = &used.statement {
        let _ = write!(out, ":   {statement}");
    }
    out.push('\n');
    for (letter, value) in &used.letters {
        let _ = writeln!(
            out,
            "  {letter} = {}   ({})",
            value_text(&text(formula, *value)),
            shape_text(&sizes(formula.shape(*value)))
        );
    }
    out
}

/// The steps to one closed form as rows of an `align*` environment, each with its identities.
pub fn algebra_latex(formula: &Formula, steps: &[AlgebraStep], numbers: Numbers) -> String {
    let row = |step: &AlgebraStep| {
        let [from, to] = [step.from, step.to].map(|part| {
            latex_in(formula, part, numbers)
                .unwrap_or_else(|| r"\text{(longer than 100,000 characters)}".to_owned())
        });
        let names: Vec<Name> = step.used.iter().map(|used| used.name.clone()).collect();
        format!("  {from} &= {to} && \\text{{{}}}", names_text(&names).replace('_', r"\_"))
    };
    crate::derivation::align(&steps.iter().map(row).collect::<Vec<_>>())
}
