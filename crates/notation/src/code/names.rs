//! Names of formulas as Python identifiers, no two alike.

use super::functions::{Functions, Use};
use formula::{Formula, Line, Name, NodeId, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// The identifier of every variable, size and function of a module.
pub(super) struct Names {
    variables: BTreeMap<Name, String>,
    functions: BTreeMap<Use, String>,
}

/// The functions of Python that the module calls, of which the library has namesakes.
const CALLED: &str = "abs max";

/// What Python, or the module itself, already means by a name.
#[rustfmt::skip]
const RESERVED: [&str; 67] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "np", "math", "rng", "float",
    "range", "print", "error_function", "value_and_gradients", "draw", "check", "difference", "inputs", "SYMMETRIC",
    "jax", "jnp", "torch", "options", "step", "number", "arrays", "sample",
    "greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "where",
    "value_and_derivatives", "judges", "column", "DERIVATIVES",
];

impl Names {
    /// Chooses identifiers: the name itself where Python allows it, `df_dW1` for `df/dW1`, `lambda_` for `lambda`.
    pub(super) fn choose(
        formula: &Formula,
        lines: &[Line],
        inputs: &[Variable],
        functions: &Functions,
    ) -> Names {
        let mut taken: BTreeSet<String> =
            RESERVED.into_iter().chain(CALLED.split(' ')).map(str::to_owned).collect();
        let mut variables = BTreeMap::new();
        let sizes =
            inputs.iter().map(|input| &input.shape).chain(lines.iter().map(|line| formula.shape(line.value)));
        let sizes = sizes.flat_map(|shape| [shape.rows.names(), shape.cols.names()].concat());
        let bodies: Vec<NodeId> = lines.iter().chain(functions.lines()).map(|line| line.value).collect();
        let sizes = sizes.chain(super::sizes_used(formula, &bodies));
        let parameters = functions.uses().flat_map(|used| {
            let function = formula.function(used.function);
            let shapes = function.signature.iter().flat_map(|signature| &signature.parameters);
            let sizes = shapes.flat_map(|shape| [shape.rows.names(), shape.cols.names()].concat());
            function.parameters.iter().cloned().chain(sizes).collect::<Vec<Name>>()
        });
        // A function's own line is its value, which has no name inside it.
        let is_function =
            |line: &&Line| functions.uses().all(|used| formula.function(used.function).name != line.name);
        let inside = functions.lines().filter(is_function).map(|line| line.name.clone());
        let names = lines.iter().map(|line| line.name.clone()).chain(inside);
        let inputs = inputs.iter().map(|input| input.name.clone());
        for name in inputs.chain(names).chain(sizes).chain(parameters) {
            variables.entry(name.clone()).or_insert_with(|| free(&identifier(&name), &mut taken));
        }
        let mut chosen = BTreeMap::new();
        for used in functions.uses() {
            let function = formula.function(used.function);
            let mut name = identifier(&function.name);
            for axis in function.signature.iter().flat_map(|signature| &signature.axis) {
                name.push_str(&format!("_{axis}"));
            }
            for mark in &used.marks {
                name.push_str("_slope");
                if function.parameters.len() > 1 {
                    name.push_str(&(u32::from(*mark) + 1).to_string());
                }
            }
            chosen.insert(used.clone(), free(&name, &mut taken));
        }
        Names { variables, functions: chosen }
    }

    /// The identifier of a variable, a line or a size.
    pub(super) fn variable<'a>(&'a self, name: &'a Name) -> &'a str {
        self.variables.get(name).map_or(name.as_str(), String::as_str)
    }

    /// The identifier of a function, or of a slope of it, that the module defines.
    pub(super) fn function(&self, used: &Use) -> Option<&str> {
        self.functions.get(used).map(String::as_str)
    }
}

fn identifier(name: &str) -> String {
    let mut text: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        text.insert(0, '_');
    }
    text
}

fn free(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wish.to_owned();
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}
