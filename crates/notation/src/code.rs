//! A derivation as a Python module, for NumPy, JAX or PyTorch: the functions it uses, the value with its gradients, and a check.

mod check;
mod functions;
mod language;
mod names;
mod output;
mod product;
mod share;
mod spelling;

pub use language::Language;

use calculus::{Derivation, Reading, Request};
use formula::{Formula, Line, Name, Node, NodeId, Operator, Part, Shape, Variable};
use functions::Functions;
use language::Row;
use names::Names;
use output::Output;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// What keeps a derivation from being written as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// A slope is used of which neither a page nor the calculus gave the text.
    UnknownSlope {
        /// The function.
        function: Name,
        /// The arguments by which slopes were taken, counted from 0.
        marks: Vec<u8>,
    },
    /// One line would be longer than [`LONGEST`](crate::LONGEST).
    TooLong {
        /// What stands on its left.
        name: Name,
    },
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodeError::UnknownSlope { function, marks } => {
                let order = marks.len();
                write!(
                    f,
                    "no slope of order {order} of `{function}` is known; derive it before the code is written, or give \
                     its page a line `slope`"
                )
            }
            CodeError::TooLong { name } => write!(
                f,
                "`{name}` is longer than 100,000 characters; name parts of the formula by lets to keep its lines short"
            ),
        }
    }
}

impl std::error::Error for CodeError {}

/// A self-contained Python module: `value_and_gradients(X, W1, ...)` returns the value and a dictionary of gradients, each
/// with the shape of its variable; where other forms are asked for, `value_and_derivatives` returns those. `check()` compares
/// them with central differences. Every array has two dimensions, a vector is one column, a scalar is a number. `readings` are
/// the closed forms that answer the request; gradients come from them or from the lines of the derivation, whichever is less
/// work.
///
/// # Errors
/// When a slope is not known, or a line is too long.
pub fn code(
    derivation: &Derivation,
    readings: &[Reading],
    request: &Request,
    language: Language,
) -> Result<String, CodeError> {
    let mut formula = derivation.formula.clone();
    let outputs: Vec<Output> =
        readings.iter().map(|reading| Output::new(&formula, reading, request)).collect();
    let lines = cheapest_lines(&mut formula, derivation, readings, &outputs);
    let mut taken: BTreeSet<Name> = lines.iter().map(|line| line.name.clone()).collect();
    taken.extend(names_of(&formula, &lines));
    let shown = lines.clone();
    let lines = share::share(&mut formula, &lines, &mut taken);
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let functions = Functions::used(&mut formula, &roots, language)?;
    let inputs = inputs(&formula, &lines);
    let names = Names::choose(&formula, &lines, &inputs, &functions);
    let result = derivation.result.name.clone();
    let row = language.row();
    Writer { formula: &formula, row, shown, lines, result, outputs, inputs, names, functions }.module()
}

/// The lets, the result and the derivatives: as derived, or in closed form with the lets in it, whichever is less work. A let
/// that is an inverse is put in where it is used, so that products with it become solves.
fn cheapest_lines(
    formula: &mut Formula,
    derivation: &Derivation,
    readings: &[Reading],
    outputs: &[Output],
) -> Vec<Line> {
    let mut inverses: HashMap<NodeId, NodeId> = HashMap::new();
    let mut inlined: HashMap<NodeId, NodeId> = HashMap::new();
    let mut symbols: HashMap<NodeId, NodeId> = HashMap::new();
    let mut lets = Vec::with_capacity(derivation.lets.len());
    for line in &derivation.lets {
        let symbol = Variable::new(line.name.clone(), formula.shape(line.value).clone());
        let symbol = formula.variable(symbol);
        let whole = replace(formula, line.value, &mut inlined);
        inlined.insert(symbol, whole);
        let value = replace(formula, line.value, &mut inverses);
        if matches!(formula.node(value), Node::Operator(Operator::Inverse, _)) {
            inverses.insert(symbol, value);
            symbols.insert(whole, value);
        } else {
            symbols.insert(whole, symbol);
            lets.push(Line { name: line.name.clone(), value });
        }
    }
    let mut put_in = |formula: &mut Formula, name: &Name, value: NodeId| Line {
        name: name.clone(),
        value: replace(formula, value, &mut inverses),
    };
    let result = put_in(formula, &derivation.result.name, derivation.result.value);
    let value: Vec<Line> = lets.into_iter().chain([result]).collect();
    let mut derived = value.clone();
    derived.extend(derivation.derivatives.iter().map(|line| put_in(formula, &line.symbol, line.value)));
    slopes_by_values(formula, &mut derived);
    let mut short = value;
    for (reading, output) in readings.iter().zip(outputs) {
        let value = replace(formula, reading.value, &mut symbols);
        short.push(Line { name: output.symbol.clone(), value });
    }
    // Only plain gradients are what the lines are.
    let is_derived = outputs.iter().all(|output| output.is_plain_gradient());
    if is_derived && share::work(formula, &derived) <= share::work(formula, &short) { derived } else { short }
}

/// Slopes that are given by the function's own value are written so, since the value is there: `A1*(1 - A1)` for `sigmoid'(Z1)`.
fn slopes_by_values(formula: &mut Formula, lines: &mut [Line]) {
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let mut written: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&roots) {
        let Node::Apply(apply) = formula.node(id).clone() else { continue };
        let slope = formula.function(apply.function).slopes.get(&apply.marks).copied();
        let Some(slope) = slope.filter(|_| !apply.marks.is_empty()) else { continue };
        let by_value = formula.reachable(&[slope]).into_iter().any(|part| match formula.node(part) {
            Node::Apply(inner) => inner.function == apply.function && inner.marks.is_empty(),
            _ => false,
        });
        if let Some(unfolded) = formula.unfold(&apply).ok().flatten().filter(|_| by_value) {
            written.insert(id, unfolded);
        }
    }
    for line in lines {
        line.value = replace(formula, line.value, &mut written);
    }
}

/// A value with nodes replaced by others of their shapes, which therefore fit.
fn replace(formula: &mut Formula, value: NodeId, replaced: &mut HashMap<NodeId, NodeId>) -> NodeId {
    formula.substitute(value, replaced).unwrap_or(value)
}

/// The names of variables and sizes that lines mention.
fn names_of(formula: &Formula, lines: &[Line]) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    for id in formula.reachable(&lines.iter().map(|line| line.value).collect::<Vec<_>>()) {
        let shape = formula.shape(id);
        names.extend([shape.rows.names(), shape.cols.names()].concat());
        if let Node::Variable(variable) = formula.node(id) {
            names.insert(variable.name.clone());
        }
    }
    names
}

/// The variables that no line defines, in order of appearance.
fn inputs(formula: &Formula, lines: &[Line]) -> Vec<Variable> {
    let defined: BTreeSet<&Name> = lines.iter().map(|line| &line.name).collect();
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let variables = formula.variables(&roots).into_iter();
    variables
        .filter_map(|id| match formula.node(id) {
            Node::Variable(variable) if !defined.contains(&variable.name) => Some(variable.clone()),
            _ => None,
        })
        .collect()
}

struct Writer<'f> {
    formula: &'f Formula,
    row: &'static Row,
    /// The lines as a reader knows them, for the module's first words.
    shown: Vec<Line>,
    lines: Vec<Line>,
    result: Name,
    outputs: Vec<Output>,
    inputs: Vec<Variable>,
    names: Names,
    functions: Functions,
}

impl Writer<'_> {
    fn module(&self) -> Result<String, CodeError> {
        let mut out =
            String::from("\"\"\"Generated by Chainrule: a value and its gradients, line by line.\n\n");
        for Line { name, value } in &self.shown {
            if let Some(text) = crate::text(self.formula, *value).filter(|text| text.len() < 500) {
                out.push_str(&format!("    {name} = {text}\n"));
            }
        }
        out.push_str("\"\"\"\n\n");
        let imports: Vec<&str> = self.preambles().map(|[import, _]| import).collect();
        if imports.iter().any(|import| !import.is_empty()) {
            out.push_str(&format!("{}\n", imports.concat()));
        }
        out.push_str(self.row.imports);
        if !self.row.imports.contains("numpy as np") {
            out.push_str("import numpy as np\n");
        }
        self.write_functions(&mut out)?;
        let mut lines = Vec::with_capacity(self.lines.len());
        for Line { name, value } in &self.lines {
            let code = self.expression(name, *value)?;
            let shape = shape_text(self.formula.shape(*value));
            lines.push(format!("    {} = {code}  # {shape}\n", self.names.variable(name)));
        }
        let lines = lines.concat();
        let sizes = self.sizes(&lines);
        self.write_value(&mut out, &lines, &sizes);
        let hidden = sizes.into_iter().filter(|(_, source)| source.is_none());
        self.write_check(&mut out, &hidden.map(|(name, _)| name).collect::<Vec<_>>());
        Ok(out)
    }

    /// `def value_and_gradients(X, W1):`, with the shapes documented and the sizes read from the arrays.
    fn write_value(&self, out: &mut String, lines: &str, sizes: &[(Name, Option<String>)]) {
        let arguments: Vec<&str> = self.inputs.iter().map(|input| self.names.variable(&input.name)).collect();
        let unknown = sizes.iter().filter(|(_, source)| source.is_none());
        let unknown: Vec<&str> = unknown.map(|(name, _)| self.names.variable(name)).collect();
        let all = [arguments, unknown].concat().join(", ");
        out.push_str(&format!(
            "\n\ndef {}({all}):\n    \"\"\"{}\n\n",
            self.function(),
            if self.gives_gradients() {
                "The value and its gradients by name."
            } else {
                "The value and its derivatives by name."
            }
        ));
        for input in &self.inputs {
            let name = self.names.variable(&input.name);
            out.push_str(&format!("    {name}: {}\n", shape_text(&input.shape)));
        }
        for note in self.outputs.iter().flat_map(|output| output.notes()) {
            out.push_str(&format!("    {note}\n"));
        }
        out.push_str("    \"\"\"\n");
        self.write_options(out, lines);
        for (name, source) in sizes {
            if let Some(source) = source {
                out.push_str(&format!("    {} = {source}\n", self.names.variable(name)));
            }
        }
        out.push_str(lines);
        let entries = self
            .outputs
            .iter()
            .map(|output| format!("{}: {}", output.key(&self.names), self.names.variable(&output.symbol)));
        let result = self.names.variable(&self.result);
        out.push_str(&format!("    return {result}, {{{}}}\n", entries.collect::<Vec<_>>().join(", ")));
    }

    fn gives_gradients(&self) -> bool {
        self.outputs.iter().all(Output::is_gradient)
    }

    /// The name of the module's function.
    fn function(&self) -> &'static str {
        if self.gives_gradients() { "value_and_gradients" } else { "value_and_derivatives" }
    }

    /// What a language needs to know before it makes arrays of its own, and scalars as arrays.
    fn write_options(&self, out: &mut String, lines: &str) {
        let Some(options) = self.row.options else { return };
        for input in self.inputs.iter().filter(|input| input.shape.is_scalar()) {
            let name = self.names.variable(&input.name);
            let [open, close] = self.row.scalar;
            out.push_str(&format!("    {name} = {open}{name}{close}\n"));
        }
        if !mentions(lines, "options") {
            return;
        }
        let matrix = self.inputs.iter().find(|input| !input.shape.is_scalar());
        if let Some(input) = matrix.or(self.inputs.first()) {
            let line = options.replace("{}", self.names.variable(&input.name));
            out.push_str(&format!("    {line}\n"));
        }
    }

    /// The sizes that the lines use, each with the array's size it is read from; a size that no input shows has none.
    fn sizes(&self, lines: &str) -> Vec<(Name, Option<String>)> {
        let roots: Vec<NodeId> = self.lines.iter().map(|line| line.value).collect();
        let mut used = sizes_used(self.formula, &roots);
        let is_input = |name: &Name| self.inputs.iter().any(|input| input.name == *name);
        used.retain(|name| !is_input(name) && mentions(lines, self.names.variable(name)));
        let shapes: Vec<(&Name, &Shape)> =
            self.inputs.iter().map(|input| (&input.name, &input.shape)).collect();
        used.into_iter().map(|name| (name.clone(), self.size_source(&name, &shapes))).collect()
    }

    /// `X.shape[0]` for a size that some array shows.
    fn size_source(&self, name: &Name, arrays: &[(&Name, &Shape)]) -> Option<String> {
        arrays.iter().find_map(|(array, shape)| {
            let axes = [&shape.rows, &shape.cols];
            let axis = axes.iter().position(|size| size.as_name() == Some(name))?;
            Some(format!("{}.shape[{axis}]", self.names.variable(array)))
        })
    }
}

/// The names of sizes that have to be known to compute values.
fn sizes_used(formula: &Formula, roots: &[NodeId]) -> BTreeSet<Name> {
    let mut used = BTreeSet::new();
    let mut shape_used = |shape: &Shape| used.extend([shape.rows.names(), shape.cols.names()].concat());
    for id in formula.reachable(roots) {
        match formula.node(id) {
            Node::Number(_)
            | Node::Variable(_)
            | Node::Add(_)
            | Node::Product(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Kronecker(_)
            | Node::Call(_)
            | Node::Block(..) => {}
            Node::Size(size) => shape_used(&Shape::column(size.clone())),
            Node::Constant(_, shape) | Node::Unvec(_, shape) => shape_used(shape),
            Node::Commutation([rows, cols]) => shape_used(&Shape::new(rows.clone(), cols.clone())),
            Node::Part(Part { before, length, .. }) => {
                shape_used(&Shape::new(before.clone(), length.clone()));
            }
        }
    }
    used
}

/// Whether a program's text mentions an identifier; what stands in a formula may be gone in code, as `ones` are in sums.
fn mentions(text: &str, identifier: &str) -> bool {
    let code = text.lines().map(|line| line.split_once("  # ").map_or(line, |(code, _)| code));
    let mut words = code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')));
    words.any(|word| word == identifier)
}

fn shape_text(shape: &Shape) -> String {
    if shape.is_scalar() { "scalar".to_owned() } else { shape.to_string() }
}

#[cfg(test)]
mod tests;
