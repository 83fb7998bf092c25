//! Folds: rows of text by which a part of an answer is written shorter, such as `1 - sigmoid(x) = sigmoid(-x)`.

use super::normal::{Algebra, Id, Kind, Shape};
use super::unfold::unfold;
use crate::law::SIMPLIFICATIONS;
use formula::{
    Body, Formula, Function, FunctionId, Name, Node, NodeId, Number, Part, Point, Primitive, ShapeError,
    Size, Sizes, Variable,
};
use library::{Kind as PageKind, PAGES};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;
use syntax::{Library, Source};

/// A row of the library.
struct Row {
    /// Both sides, over one variable.
    formula: Formula,
    left: NodeId,
    right: NodeId,
    variable: Variable,
    /// The functions of the left side and of the right side.
    functions: [Vec<FunctionId>; 2],
}

/// A row in the functions of a formula.
pub(super) struct Fold {
    row: &'static Row,
    functions: HashMap<FunctionId, FunctionId>,
    /// The functions of the left side, in the formula's table.
    pub(super) of: Vec<FunctionId>,
}

/// What holds of a function at the negative of its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parity {
    /// `g(-x) = -g(x)`
    Odd,
    /// `g(-x) = g(x)`
    Even,
}

/// The text of a row: what X is if the row is about a matrix, and two sides that are equal.
struct Text {
    line: &'static str,
    /// The functions that its left side names.
    functions: Vec<&'static str>,
    row: OnceLock<Row>,
}

impl Text {
    /// The row, read when it is first asked for.
    fn row(&self) -> &Row {
        self.row.get_or_init(|| read_row(self.line).expect("the tests read every row of the library"))
    }
}

fn texts() -> &'static [Text] {
    static TEXTS: OnceLock<Vec<Text>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let page = PAGES.iter().filter(|page| page.kind == PageKind::Law && page.name == SIMPLIFICATIONS);
        let lines = page.flat_map(|page| page.text.lines());
        let lines = lines.map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty()).map(text).collect()
    })
}

fn text(line: &'static str) -> Text {
    let left = line.split(" = ").next().unwrap_or_default();
    // What stands before the last bracket has none behind it.
    let mut called: Vec<&str> = left.split('(').collect();
    called.pop();
    let name = |text: &&'static str| text.rsplit(|letter: char| !letter.is_alphanumeric()).next();
    let is_function = |name: &&str| {
        let is_page = PAGES.iter().any(|page| page.kind == PageKind::Function && page.name == *name);
        is_page || Primitive::named(name).is_some()
    };
    let functions = called.iter().filter_map(name).filter(is_function).collect();
    Text { line, functions, row: OnceLock::new() }
}

fn read_row(line: &str) -> Result<Row, String> {
    let problem = |what: &str| format!("{what} in `{line}`");
    let rest = line.strip_prefix("fold ").ok_or_else(|| problem("no word `fold`"))?.trim();
    let (declarations, equation) = match rest.split_once(':') {
        Some((name, shape)) => {
            let shape = shape.trim();
            let end = shape.find("  ").ok_or_else(|| problem("no equation"))?;
            (format!("{}: {}", name.trim(), &shape[..end]), &shape[end..])
        }
        None => ("x: scalar".to_owned(), rest),
    };
    let (left, right) = equation.split_once(" = ").ok_or_else(|| problem("no ` = `"))?;
    let text = format!("left = {}\nright = {}", left.trim(), right.trim());
    let source = Source { text: &text, declarations: &declarations };
    let mut formula = syntax::parse(source, &Library::standard()).map_err(|error| error.render())?.formula;
    let sides: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    let [left, right] = sides.as_slice() else { return Err(problem("not two sides")) };
    let shapes = |error: ShapeError| problem(&error.to_string());
    let (left, right) =
        (unfold(&mut formula, *left).map_err(shapes)?, unfold(&mut formula, *right).map_err(shapes)?);
    let variables = formula.variables(&[left]);
    let variable = match variables.as_slice() {
        [only] => match formula.node(*only) {
            Node::Variable(variable) => variable.clone(),
            _ => return Err(problem("no variable")),
        },
        _ => return Err(problem("not one variable")),
    };
    let functions = [functions_of(&formula, left), functions_of(&formula, right)];
    Ok(Row { formula, left, right, variable, functions })
}

/// The rows about functions of a value; a function that only the right side names is added to the formula's table.
pub(super) fn folds(formula: &mut Formula, root: NodeId) -> Vec<Fold> {
    resolve_all(formula, root, add_function)
}

/// The functions of a value of which rows say what a sign in front of their argument does.
pub(super) fn parities(formula: &mut Formula, root: NodeId) -> Vec<(FunctionId, Parity)> {
    let folds = resolve_all(formula, root, |_, _, _| None);
    folds.iter().filter_map(Fold::parity).collect()
}

/// How a function of a row that a formula's table lacks gets into it.
type Addition = fn(&mut Formula, &Formula, FunctionId) -> Option<FunctionId>;

fn resolve_all(formula: &mut Formula, root: NodeId, add: Addition) -> Vec<Fold> {
    let used = functions_of(formula, root);
    if used.is_empty() {
        return Vec::new();
    }
    let mut judged = HashMap::new();
    let names: HashSet<Name> = used.iter().map(|id| formula.function(*id).name.clone()).collect();
    let may = |text: &&Text| text.functions.iter().all(|name| names.contains(*name));
    let rows = texts().iter().filter(may).map(Text::row);
    rows.filter_map(|row| resolve(formula, row, &used, add, &mut judged)).collect()
}

fn resolve(
    formula: &mut Formula,
    row: &'static Row,
    used: &[FunctionId],
    add: Addition,
    judged: &mut HashMap<FunctionId, bool>,
) -> Option<Fold> {
    let mut functions = HashMap::new();
    let mut of = Vec::new();
    for id in &row.functions[0] {
        let known = same_function(formula, &row.formula, *id)?;
        let power = formula.function(known).body == Body::Primitive(Primitive::POWER);
        if !power {
            if !used.contains(&known) {
                return None;
            }
            of.push(known);
        }
        functions.insert(*id, known);
    }
    for id in &row.functions[1] {
        let known = match same_function(formula, &row.formula, *id) {
            Some(known) => known,
            None => add(formula, &row.formula, *id)?,
        };
        functions.insert(*id, known);
    }
    // A user may mean another function by a name of the library.
    for id in row.functions.iter().flatten() {
        let (theirs, ours) = (row.formula.function(*id), functions[id]);
        let same = || same_values(&row.formula, theirs, formula, formula.function(ours));
        if !*judged.entry(ours).or_insert_with(same) {
            return None;
        }
    }
    Some(Fold { row, functions, of })
}

/// The functions that a value applies, in order of the arena.
fn functions_of(formula: &Formula, root: NodeId) -> Vec<FunctionId> {
    let mut functions = Vec::new();
    let mut seen: HashSet<FunctionId> = HashSet::new();
    for id in formula.reachable(&[root]) {
        let function = match formula.node(id) {
            Node::Apply(apply) => apply.function,
            Node::Call(call) => call.function,
            _ => continue,
        };
        if seen.insert(function) {
            functions.push(function);
        }
    }
    functions
}

fn same_function(formula: &mut Formula, other: &Formula, id: FunctionId) -> Option<FunctionId> {
    let wanted = other.function(id);
    if let Body::Primitive(primitive) = wanted.body {
        return Some(formula.primitive(primitive));
    }
    let axis = |function: &Function| function.signature.as_ref().map(|signature| signature.axis.clone());
    let same = |(id, function): (FunctionId, &Function)| {
        let same = function.name == wanted.name && function.settings.is_empty();
        (same && axis(function) == axis(wanted)).then_some(id)
    };
    formula.functions().find_map(same)
}

fn add_function(formula: &mut Formula, other: &Formula, id: FunctionId) -> Option<FunctionId> {
    let wanted = other.function(id);
    match &wanted.signature {
        None => Library::standard().function(formula, wanted.name.as_str()).ok(),
        Some(signature) => {
            let axis = signature.axis.clone();
            Library::standard().matrix_function(formula, wanted.name.as_str(), &axis).ok().flatten()
        }
    }
}

/// Whether two functions agree at some points.
fn same_values(first: &Formula, theirs: &Function, second: &Formula, ours: &Function) -> bool {
    if let (Body::Primitive(theirs), Body::Primitive(ours)) = (theirs.body, ours.body) {
        return theirs == ours;
    }
    let value = |formula: &Formula, function: &Function| {
        let Body::Defined(body) = function.body else { return None };
        let mut point = Point { sizes: Sizes::new(), ..Point::default() };
        for (place, parameter) in function.parameters.iter().enumerate() {
            let shape = function.signature.as_ref().and_then(|signature| signature.parameters.get(place));
            let (mut rows, mut cols) = (1, 1);
            if let Some(shape) = shape {
                for (size, extent, count) in [(&shape.rows, &mut rows, 2), (&shape.cols, &mut cols, 3)] {
                    if let Some(name) = size.as_name() {
                        point.sizes.insert(name.clone(), count);
                        *extent = count;
                    }
                }
            }
            let entry = |row: usize, col: usize| 0.375 + row as f64 * 0.75 - col as f64 * 0.625;
            point.variables.insert(parameter.clone(), formula::Matrix::from_fn(rows, cols, entry));
        }
        formula.evaluate(&[body], &point).ok()?.pop()
    };
    match (value(first, theirs), value(second, ours)) {
        (Some(a), Some(b)) => {
            a.entries.len() == b.entries.len()
                && a.entries.iter().zip(&b.entries).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0))
        }
        _ => false,
    }
}

impl Fold {
    /// What the row says of the sign of an argument, if that is what it is about.
    pub(super) fn parity(&self) -> Option<(FunctionId, Parity)> {
        let formula = &self.row.formula;
        let negative = |id: NodeId| match formula.node(id) {
            Node::Scale([scalar, body]) if formula.as_number(*scalar) == Some(Number::MINUS_ONE) => {
                Some(*body)
            }
            _ => None,
        };
        let applied = |id: NodeId| match formula.node(id) {
            Node::Apply(apply) => match apply.arguments.as_slice() {
                [argument] => Some((apply.function, *argument)),
                _ => None,
            },
            _ => None,
        };
        let (function, argument) = applied(self.row.left)?;
        let variable = negative(argument)?;
        let (right, parity) = match negative(self.row.right) {
            Some(right) => (right, Parity::Odd),
            None => (self.row.right, Parity::Even),
        };
        (applied(right)? == (function, variable)).then(|| (self.functions[&function], parity))
    }

    /// Whether the row is about whole matrices.
    pub(super) fn is_of_matrices(&self) -> bool {
        !self.row.variable.shape.is_scalar()
    }

    /// Both sides with a value in place of the variable, if its shape fits.
    pub(super) fn sides(&self, algebra: &mut Algebra, value: Id) -> Option<(Id, Id)> {
        let shape = algebra.shape(value);
        let mut sizes: BTreeMap<Name, Size> = BTreeMap::new();
        let declared = &self.row.variable.shape;
        if !declared.is_scalar() {
            for (declared, actual) in [(&declared.rows, shape.rows), (&declared.cols, shape.cols)] {
                let name = declared.as_name()?;
                sizes.insert(name.clone(), algebra.size(actual).clone());
            }
        }
        let left = self.side(algebra, self.row.left, value, &sizes)?;
        let right = self.side(algebra, self.row.right, value, &sizes)?;
        let (a, b) = (algebra.shape(left), algebra.shape(right));
        if a == b {
            return Some((left, right));
        }
        // A number on the right stands for a matrix of it.
        let ones = algebra.ones(a);
        (b == Shape::SCALAR).then(|| (left, algebra.scale(right, ones)))
    }

    fn side(
        &self,
        algebra: &mut Algebra,
        root: NodeId,
        value: Id,
        sizes: &BTreeMap<Name, Size>,
    ) -> Option<Id> {
        let formula = &self.row.formula;
        let lifted = self.row.variable.shape.is_scalar().then(|| algebra.shape(value));
        let mut known: HashMap<NodeId, Id> = HashMap::new();
        for id in formula.reachable(&[root]) {
            let children: Vec<Id> = formula.node(id).children().iter().map(|child| known[child]).collect();
            let node = match formula.node(id) {
                Node::Number(number) => algebra.number(*number),
                Node::Size(size) => algebra.size_scalar(&size.substitute(sizes)),
                Node::Variable(_) => value,
                Node::Constant(constant, shape) => {
                    let shape = shape.substitute(sizes);
                    super::enter::enter_constant(algebra, *constant, &shape.rows, &shape.cols)
                }
                Node::Add(_) => {
                    let shape = lifted.unwrap_or(Shape::SCALAR);
                    let ones = algebra.ones(shape);
                    let matrix = children.iter().any(|child| !algebra.is_scalar(*child));
                    let parts: Vec<Id> = children
                        .iter()
                        .map(|child| match matrix && algebra.is_scalar(*child) {
                            true => algebra.scale(*child, ones),
                            false => *child,
                        })
                        .collect();
                    algebra.add(&parts)
                }
                Node::Product(_) => algebra.word(&children),
                Node::Scale(_) | Node::Times(_) => {
                    let (scalars, matrices): (Vec<Id>, Vec<Id>) =
                        children.iter().partition(|child| algebra.is_scalar(**child));
                    let factors: Vec<(Id, Id)> =
                        matrices.into_iter().map(|factor| (factor, Id::ONE)).collect();
                    let mut product = algebra.elementwise(&factors);
                    for scalar in scalars {
                        product = algebra.scale(scalar, product);
                    }
                    product
                }
                Node::Apply(apply) => {
                    let function = *self.functions.get(&apply.function)?;
                    algebra.apply(function, &apply.marks, &children)
                }
                Node::Transpose(_) => algebra.transpose(children[0]),
                Node::Call(call) => {
                    let function = *self.functions.get(&call.function)?;
                    algebra.call(function, &children)
                }
                Node::Norm(_) => {
                    let square = algebra.squared_norm(children[0]);
                    let half = algebra.number(Number::ratio(1, 2)?);
                    algebra.power(square, half)
                }
                Node::Operator(operator, _) => algebra.operator(*operator, children[0]),
                Node::Kronecker(_) => algebra.kronecker(children[0], children[1]),
                Node::Block(direction, _) => algebra.block(*direction, &children),
                Node::Unvec(_, shape) => {
                    let shape = shape.substitute(sizes);
                    let shape =
                        Shape { rows: algebra.size_id(&shape.rows), cols: algebra.size_id(&shape.cols) };
                    algebra.unvec(children[0], shape)
                }
                Node::Commutation([rows, cols]) => {
                    let rows = algebra.size_id(&rows.substitute(sizes));
                    let cols = algebra.size_id(&cols.substitute(sizes));
                    algebra.intern(Kind::Commutation(rows, cols))
                }
                Node::Part(Part { direction, before, length, .. }) => {
                    let before = algebra.size_id(&before.substitute(sizes));
                    let length = algebra.size_id(&length.substitute(sizes));
                    algebra.part(children[0], *direction, before, length)
                }
            };
            known.insert(id, node);
        }
        known.get(&root).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_that_a_row_names_are_those_it_is_about() {
        for text in texts() {
            let row = text.row();
            let name = |id: &FunctionId| row.formula.function(*id).name.clone();
            let names: HashSet<Name> = row.functions[0].iter().map(name).collect();
            assert!(!text.functions.is_empty(), "{}", text.line);
            for name in &text.functions {
                assert!(names.contains(*name), "{name} in {}", text.line);
            }
        }
    }

    #[test]
    fn every_row_is_true() {
        for row in texts().iter().map(Text::row) {
            let mut sizes = Sizes::new();
            for (place, size) in [&row.variable.shape.rows, &row.variable.shape.cols].into_iter().enumerate()
            {
                if let Some(name) = size.as_name() {
                    sizes.insert(name.clone(), 3 + place);
                }
            }
            let (rows, cols) = (
                row.variable.shape.rows.evaluate(&sizes).unwrap(),
                row.variable.shape.cols.evaluate(&sizes).unwrap(),
            );
            for start in [-0.9, 0.3, 0.85] {
                let entry = |row: usize, col: usize| start + row as f64 * 0.5 - col as f64 * 0.25;
                let value = formula::Matrix::from_fn(rows, cols, entry);
                let variables = BTreeMap::from([(row.variable.name.clone(), value)]);
                let point = Point { sizes: sizes.clone(), variables };
                let values = row.formula.evaluate(&[row.left, row.right], &point).unwrap();
                let [left, right] = values.as_slice() else { panic!("two sides") };
                assert_eq!((left.rows, left.cols), (right.rows, right.cols));
                for (a, b) in left.entries.iter().zip(&right.entries) {
                    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
                }
            }
        }
    }
}
