//! Identities: rows such as `inv(inv(A)) -> A` in the functions of a formula.

use crate::simplify::rows::head::Head;
use crate::simplify::rows::row::{Row, Sign, Text, functions_of, texts};
use formula::{
    Body, Formula, Function, FunctionId, Matrix, Name, Node, NodeId, Number, Point, Properties, Sizes,
};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use syntax::Library;

/// A row in the functions of a formula.
pub(crate) struct Identity {
    pub(crate) row: &'static Row,
    pub(crate) left: NodeId,
    pub(crate) right: NodeId,
    /// What its left side is first.
    pub(crate) head: Option<Head>,
    functions: HashMap<FunctionId, FunctionId>,
    /// The functions of the left side, in the formula's table.
    pub(crate) of: Vec<FunctionId>,
}

/// What holds of a function at the negative of its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parity {
    /// `g(-x) = -g(x)`
    Odd,
    /// `g(-x) = g(x)`
    Even,
}

/// The rows without a function, which hold in every formula and are always used, by what they are first. They are read when a value
/// of that kind is first made.
pub(crate) fn structural(head: Head) -> &'static [Identity] {
    type Group = (Vec<&'static Text>, OnceLock<HashMap<Head, Vec<Identity>>>);
    static GROUPS: OnceLock<HashMap<&'static str, Group>> = OnceLock::new();
    let groups = GROUPS.get_or_init(|| {
        let mut groups: HashMap<&str, Group> = HashMap::new();
        for text in texts().iter().filter(|text| text.functions.is_empty() && text.sign == Sign::Always) {
            groups.entry(&text.head).or_default().0.push(text);
        }
        groups
    });
    let Some((texts, rows)) = groups.get(head.word()) else { return &[] };
    let rows = rows.get_or_init(|| {
        let mut all: HashMap<Head, Vec<Identity>> = HashMap::new();
        for row in texts.iter().map(|text| text.row()) {
            for [left, right] in [Some([row.left, row.right]), row.mirrored].into_iter().flatten() {
                let identity = Identity::new(row, [left, right], HashMap::new(), Vec::new());
                if let Some(head) = identity.head {
                    all.entry(head).or_default().push(identity);
                }
            }
        }
        all
    });
    rows.get(&head).map_or(&[], Vec::as_slice)
}

/// The rows without a function that are tried.
pub(crate) fn tried() -> &'static [Identity] {
    static TRIED: OnceLock<Vec<Identity>> = OnceLock::new();
    TRIED.get_or_init(|| without_functions(Sign::Tried))
}

/// The rows that name what is done in code.
pub(crate) fn named() -> &'static [Identity] {
    static NAMED: OnceLock<Vec<Identity>> = OnceLock::new();
    NAMED.get_or_init(|| without_functions(Sign::Named))
}

fn without_functions(sign: Sign) -> Vec<Identity> {
    let rows = texts().iter().filter(|text| text.functions.is_empty() && text.sign == sign).map(Text::row);
    rows.map(|row| Identity::new(row, [row.left, row.right], HashMap::new(), Vec::new())).collect()
}

/// The rows about functions of a value; a function that only the right side names is added to the formula's table.
pub(crate) fn about(formula: &mut Formula, root: NodeId) -> Vec<Identity> {
    resolve_all(formula, root, add_function)
}

/// The rows about functions of a value that are in the formula's table.
pub(crate) fn known_about(formula: &mut Formula, root: NodeId) -> Vec<Identity> {
    resolve_all(formula, root, |_, _, _| None)
}

/// How a function of a row that a formula's table lacks gets into it.
type Addition = fn(&mut Formula, &Formula, FunctionId) -> Option<FunctionId>;

fn resolve_all(formula: &mut Formula, root: NodeId, add: Addition) -> Vec<Identity> {
    let used = functions_of(formula, root);
    if used.is_empty() {
        return Vec::new();
    }
    let mut judged = HashMap::new();
    let names: HashSet<Name> = used.iter().map(|id| formula.function(*id).name.clone()).collect();
    let may = |text: &&Text| {
        !text.functions.is_empty() && text.functions.iter().all(|name| names.contains(name.as_str()))
    };
    let rows = texts().iter().filter(may).map(Text::row);
    rows.filter_map(|row| resolve(formula, row, &used, add, &mut judged)).collect()
}

fn resolve(
    formula: &mut Formula,
    row: &'static Row,
    used: &[FunctionId],
    add: Addition,
    judged: &mut HashMap<FunctionId, bool>,
) -> Option<Identity> {
    let mut functions = HashMap::new();
    let mut of = Vec::new();
    for id in &row.functions[0] {
        let known = same_function(formula, &row.formula, *id)?;
        if !used.contains(&known) {
            return None;
        }
        of.push(known);
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
    Some(Identity::new(row, [row.left, row.right], functions, of))
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
            point.variables.insert(parameter.clone(), Matrix::from_fn(rows, cols, entry));
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

impl Identity {
    fn new(
        row: &'static Row,
        [left, right]: [NodeId; 2],
        functions: HashMap<FunctionId, FunctionId>,
        of: Vec<FunctionId>,
    ) -> Identity {
        let head = Head::of_node(row.formula.node(left));
        Identity { row, left, right, head, functions, of }
    }

    /// Whether its letters can be of a formula of whose variables only this is declared.
    pub(crate) fn is_possible(&self, declared: Properties) -> bool {
        let known = declared.with(Properties::SYMMETRIC).with(Properties::POSITIVE);
        self.row.letters.iter().all(|letter| known.has(letter.properties))
    }

    /// The function of the formula that a function of the row is.
    pub(crate) fn function(&self, id: FunctionId) -> Option<FunctionId> {
        self.functions.get(&id).copied()
    }

    /// The same with the row's name and sides.
    pub(crate) fn named_parity(&self) -> Option<(FunctionId, Parity, [Name; 2])> {
        let row = || [self.row.name.clone(), self.row.statement.clone()];
        self.parity().map(|(function, parity)| (function, parity, row()))
    }

    /// What the row says of the sign of an argument, if that is what it is about.
    pub(crate) fn parity(&self) -> Option<(FunctionId, Parity)> {
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
}
