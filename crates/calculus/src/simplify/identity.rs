//! Identities: rows of text such as `inv(inv(A)) -> A`, and what they are in the functions of a formula.

use super::normal::Kind;
use super::unfold::unfold;
use crate::law::SIMPLIFICATIONS;
use formula::{
    Body, Formula, Function, FunctionId, Matrix, Name, Node, NodeId, Number, Operator, Point, Primitive,
    Properties, ShapeError, Sizes, Variable,
};
use library::{Kind as PageKind, PAGES};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use syntax::{Bearer, Library, Property, Source};

/// A row of the library, read.
pub(super) struct Row {
    pub(super) name: Name,
    /// Its two sides as they are written.
    pub(super) statement: Name,
    /// Both sides, over the letters.
    pub(super) formula: Formula,
    pub(super) left: NodeId,
    pub(super) right: NodeId,
    /// The transposes of both sides of a row about a product, which hold as well.
    mirrored: Option<[NodeId; 2]>,
    pub(super) letters: Vec<Letter>,
    /// Whether the left side is always written as the right side; else where the answer gets smaller.
    pub(super) always: bool,
    /// The functions of the left side and of the right side, powers left out.
    functions: [Vec<FunctionId>; 2],
}

/// What a row is about.
pub(super) struct Letter {
    pub(super) variable: Variable,
    /// What must be known of what it stands for.
    pub(super) properties: Properties,
}

/// A row in the functions of a formula.
pub(super) struct Identity {
    pub(super) row: &'static Row,
    pub(super) left: NodeId,
    pub(super) right: NodeId,
    /// What its left side is first.
    pub(super) head: Option<Head>,
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

/// The text of a row.
struct Text {
    line: String,
    /// The functions that its left side names.
    functions: Vec<String>,
    row: OnceLock<Row>,
}

impl Text {
    /// The row, read when it is first asked for.
    fn row(&self) -> &Row {
        self.row.get_or_init(|| read_row(&self.line).expect("the tests read every row of the library"))
    }
}

fn texts() -> &'static [Text] {
    static TEXTS: OnceLock<Vec<Text>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let page = PAGES.iter().filter(|page| page.kind == PageKind::Law && page.name == SIMPLIFICATIONS);
        let lines = page.flat_map(|page| page.text.lines());
        let lines = lines.map(|line| line.split('#').next().unwrap_or_default().trim());
        let rows = lines.filter(|line| !line.is_empty()).map(|line| text(line.to_owned()));
        rows.chain(syntax::properties().iter().filter_map(declared)).collect()
    })
}

/// What holds of a value with a declared property, as a row; nothing where that is no equation that rows are used for, or what
/// every formula with such a variable knows.
fn declared(property: &Property) -> Option<Text> {
    let (left, right) = property.holds.split_once(" = ")?;
    let shape = match property.of {
        Bearer::Square => "n x n",
        Bearer::Vector => "n",
        Bearer::Matrix | Bearer::Any => "m x n",
    };
    // A letter alone would be written as more, again and again.
    let (left, right) = if left == "X" { (right, left) } else { (left, right) };
    let name = property.name;
    let text = text(format!("identity {name}  X: {shape} {name}  {left} -> {right}"));
    let row = read_row(&text.line).ok()?;
    let used = Head::of_node(row.formula.node(row.left)).is_some()
        && !row.letters.iter().any(|letter| letter.properties == Properties::SYMMETRIC);
    used.then_some(text)
}

fn text(line: String) -> Text {
    let equation = line.rsplit("  ").next().unwrap_or_default();
    let left = equation.split(" -> ").next().and_then(|left| left.split(" = ").next()).unwrap_or_default();
    // What stands before the last bracket has none behind it.
    let mut called: Vec<&str> = left.split('(').collect();
    called.pop();
    let name = |text: &&str| text.rsplit(|letter: char| !letter.is_alphanumeric()).next().map(str::to_owned);
    let is_function = |name: &String| {
        let is_page = PAGES.iter().any(|page| page.kind == PageKind::Function && page.name == name);
        is_page || Primitive::named(name).is_some()
    };
    let functions = called.iter().filter_map(name).filter(is_function).collect();
    Text { line, functions, row: OnceLock::new() }
}

fn read_row(line: &str) -> Result<Row, String> {
    let problem = |what: &str| format!("{what} in `{line}`");
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    let (name, declarations, statement) = match columns.as_slice() {
        [name, statement] => (*name, "x: scalar", *statement),
        [name, "-", statement] => (*name, "", *statement),
        [name, declarations, statement] => (*name, *declarations, *statement),
        _ => return Err(problem("neither two nor three columns")),
    };
    let name = name.strip_prefix("identity ").ok_or_else(|| problem("no word `identity`"))?.trim();
    let sides = statement.split_once(" -> ").map(|sides| (true, sides));
    let sides = sides.or_else(|| statement.split_once(" = ").map(|sides| (false, sides)));
    let (always, (left, right)) = sides.ok_or_else(|| problem("neither ` -> ` nor ` = `"))?;
    let mut told = Vec::new();
    let mut properties = HashMap::new();
    for declaration in declarations.split(',').filter(|text| !text.trim().is_empty()) {
        let (letter, shape) = declaration.split_once(':').ok_or_else(|| problem("no colon"))?;
        // What a letter has is not told to the reader, which would settle both sides by it.
        let (shape, words) = apart(shape);
        if !words.is_empty() {
            let row = syntax::properties().iter().find(|row| row.name == words);
            let row = row.ok_or_else(|| problem("an unknown property"))?;
            properties.insert(Name::from(letter.trim()), row.with_implied);
        }
        told.push(format!("{}: {shape}", letter.trim()));
    }
    let text = format!("left = {}\nright = {}", left.trim(), right.trim());
    let source = Source { text: &text, declarations: &told.join(", ") };
    let mut formula = syntax::parse(source, &Library::standard()).map_err(|error| error.render())?.formula;
    let sides: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    let [left, right] = sides.as_slice() else { return Err(problem("not two sides")) };
    let shapes = |error: ShapeError| problem(&error.to_string());
    let (left, right) =
        (unfold(&mut formula, *left).map_err(shapes)?, unfold(&mut formula, *right).map_err(shapes)?);
    let known = formula.variables(&[left]);
    if formula.variables(&[right]).iter().any(|letter| !known.contains(letter)) {
        return Err(problem("a letter on the right that is not on the left"));
    }
    let letters = known.iter().filter_map(|id| match formula.node(*id) {
        Node::Variable(variable) => Some(Letter {
            variable: variable.clone(),
            properties: properties.get(&variable.name).copied().unwrap_or_default(),
        }),
        _ => None,
    });
    let letters = letters.collect();
    let functions = [functions_of(&formula, left), functions_of(&formula, right)];
    // What becomes a product again may only have changed its order, which its transpose would change back.
    let mirrored = match formula.node(left).clone() {
        Node::Product(parts) if !matches!(formula.node(right), Node::Product(_)) => {
            let parts: Vec<NodeId> = parts.iter().rev().map(|part| formula.transpose(*part)).collect();
            let sides = [formula.product(&parts).map_err(shapes)?, formula.transpose(right)];
            (sides != [left, right]).then_some(sides)
        }
        _ => None,
    };
    let (name, statement) = (Name::from(name), Name::from(statement));
    Ok(Row { name, statement, formula, left, right, mirrored, letters, always, functions })
}

/// A shape and the words behind it.
fn apart(declared: &str) -> (String, String) {
    let words: Vec<&str> = declared.split_whitespace().collect();
    let shape = if words.get(1) == Some(&"x") { 3 } else { 1 };
    let (shape, rest) = words.split_at(shape.min(words.len()));
    (shape.join(" "), rest.join(" "))
}

/// The rows without a function, which hold in every formula and are always used, by what they are first.
pub(super) fn structural(head: Head) -> &'static [Identity] {
    static STRUCTURAL: OnceLock<HashMap<Head, Vec<Identity>>> = OnceLock::new();
    let rows = STRUCTURAL.get_or_init(|| {
        let rows = texts().iter().filter(|text| text.functions.is_empty()).map(Text::row);
        let mut all: HashMap<Head, Vec<Identity>> = HashMap::new();
        for row in rows.filter(|row| row.always) {
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
pub(super) fn tried() -> &'static [Identity] {
    static TRIED: OnceLock<Vec<Identity>> = OnceLock::new();
    TRIED.get_or_init(|| {
        let rows = texts().iter().filter(|text| text.functions.is_empty()).map(Text::row);
        let rows = rows.filter(|row| !row.always);
        rows.map(|row| Identity::new(row, [row.left, row.right], HashMap::new(), Vec::new())).collect()
    })
}

/// The rows about functions of a value; a function that only the right side names is added to the formula's table.
pub(super) fn about(formula: &mut Formula, root: NodeId) -> Vec<Identity> {
    resolve_all(formula, root, add_function)
}

/// The rows about functions of a value that are in the formula's table.
pub(super) fn known_about(formula: &mut Formula, root: NodeId) -> Vec<Identity> {
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

/// The functions that a value applies, powers left out, in order of the arena.
fn functions_of(formula: &Formula, root: NodeId) -> Vec<FunctionId> {
    let mut functions = Vec::new();
    let mut seen: HashSet<FunctionId> = HashSet::new();
    for id in formula.reachable(&[root]) {
        let function = match formula.node(id) {
            Node::Apply(apply) if !formula.is_power(apply) => apply.function,
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

impl Row {
    /// Whether its letters are numbers, for which a matrix may stand entry by entry.
    pub(super) fn is_of_entries(&self) -> bool {
        !self.letters.is_empty() && self.letters.iter().all(|letter| letter.variable.shape.is_scalar())
    }
}

/// What a value is first, by which the rows about it are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Head {
    Product,
    Transpose,
    Operator(Operator),
    Unvec,
    Kronecker,
    Commutation,
    Apply,
    Call,
    Block,
    Part,
}

impl Head {
    pub(super) fn of_node(node: &Node) -> Option<Head> {
        Some(match node {
            Node::Product(_) => Head::Product,
            Node::Transpose(_) => Head::Transpose,
            Node::Operator(operator, _) => Head::Operator(*operator),
            Node::Unvec(..) => Head::Unvec,
            Node::Kronecker(_) => Head::Kronecker,
            Node::Commutation(_) => Head::Commutation,
            Node::Apply(_) => Head::Apply,
            Node::Call(_) => Head::Call,
            Node::Block(..) => Head::Block,
            Node::Part(_) => Head::Part,
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Add(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Norm(_) => return None,
        })
    }

    /// Of words only closed ones; the others meet rows while they are made.
    pub(super) fn of_kind(kind: &Kind) -> Option<Head> {
        Some(match kind {
            Kind::Closed(_) => Head::Product,
            Kind::Transpose(_) => Head::Transpose,
            Kind::Operator(operator, _) => Head::Operator(*operator),
            Kind::Unvec(..) => Head::Unvec,
            Kind::Kronecker(..) => Head::Kronecker,
            Kind::Commutation(..) => Head::Commutation,
            Kind::Apply(..) => Head::Apply,
            Kind::Call(..) => Head::Call,
            Kind::Block(..) => Head::Block,
            Kind::Part(..) => Head::Part,
            Kind::Term(_)
            | Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Add(_)
            | Kind::Word(_)
            | Kind::Trace(_)
            | Kind::Elementwise(_) => return None,
        })
    }
}

impl Identity {
    fn new(
        row: &'static Row,
        [left, right]: [NodeId; 2],
        functions: HashMap<FunctionId, FunctionId>,
        of: Vec<FunctionId>,
    ) -> Identity {
        Identity { row, left, right, head: Head::of_node(row.formula.node(left)), functions, of }
    }

    /// The function of the formula that a function of the row is.
    pub(super) fn function(&self, id: FunctionId) -> Option<FunctionId> {
        self.functions.get(&id).copied()
    }

    /// The same with the row's name and sides.
    pub(super) fn named_parity(&self) -> Option<(FunctionId, Parity, [Name; 2])> {
        let row = || [self.row.name.clone(), self.row.statement.clone()];
        self.parity().map(|(function, parity)| (function, parity, row()))
    }

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
}

#[cfg(test)]
mod tests {
    use super::super::{algebra, simplify};
    use super::*;

    /// A row's sides with what is declared of its letters, and a point of it.
    fn shown(row: &Row) -> (Formula, [NodeId; 2], Point<f64>) {
        let mut formula = row.formula.clone();
        let sizes: Vec<(&str, usize)> = vec![("k", 2), ("l", 3), ("m", 4), ("n", 3), ("p", 2), ("q", 3)];
        let sizes: Sizes = sizes.into_iter().map(|(name, size)| (Name::from(name), size)).collect();
        let mut point = Point { sizes, ..Point::default() };
        let mut told = HashMap::new();
        for (place, id) in row.formula.variables(&[row.left]).into_iter().enumerate() {
            let letter = row
                .letters
                .iter()
                .find(|letter| *row.formula.node(id) == Node::Variable(letter.variable.clone()));
            let letter = letter.expect("a letter of the row");
            let size = |size: &formula::Size| size.evaluate(&point.sizes).expect("a size") as usize;
            let (rows, cols) = (size(&letter.variable.shape.rows), size(&letter.variable.shape.cols));
            let entry = |row: usize, col: usize| {
                let diagonal = if row == col { 1.7 } else { 0.0 };
                let one = if rows == 1 && cols == 1 { 0.3 } else { diagonal };
                one + ((row * 7 + col * 3 + place * 5 + 2) as f64 * 0.618 % 1.0 - 0.5)
            };
            let mut value = Matrix::from_fn(rows, cols, entry);
            for place in letter.properties.rows().collect::<Vec<_>>().into_iter().rev() {
                let property = &syntax::properties()[place];
                let source = Source { text: property.draw, declarations: "X: m x n, n: size" };
                let square = Source { text: property.draw, declarations: "X: n x n" };
                let vector = Source { text: property.draw, declarations: "X: n" };
                let source = match property.of {
                    Bearer::Square => square,
                    Bearer::Vector => vector,
                    Bearer::Matrix => Source { declarations: "X: m x n", ..source },
                    Bearer::Any if rows == cols => square,
                    Bearer::Any => Source { declarations: "X: m x n", ..source },
                };
                let drawn = syntax::parse(source, &Library::standard()).expect("a way to draw").formula;
                let mut at = Point {
                    sizes: [("m".into(), rows), ("n".into(), if cols == 1 { rows } else { cols })].into(),
                    ..Point::default()
                };
                at.variables.insert("X".into(), value);
                value = drawn.evaluate(&[drawn.result().expect("a result")], &at).expect("a value").remove(0);
            }
            point.variables.insert(letter.variable.name.clone(), value);
            let variable = Variable { properties: letter.properties, ..letter.variable.clone() };
            let variable = formula.variable(variable);
            // A variable that is declared symmetric leaves no transpose to be seen.
            let shown = if letter.properties == Properties::SYMMETRIC {
                let turned = formula.transpose(id);
                formula.add(&[id, turned]).expect("one shape")
            } else {
                variable
            };
            told.insert(id, shown);
        }
        let sides =
            [row.left, row.right].map(|side| formula.substitute(side, &mut told.clone()).expect("a side"));
        (formula, sides, point)
    }

    #[test]
    fn every_row_is_true_and_a_thousandth_more_is_caught() {
        for row in texts().iter().map(Text::row) {
            let (formula, sides, point) = shown(row);
            let values = formula.evaluate(&sides, &point).unwrap();
            let [left, right] = values.as_slice() else { panic!("two sides") };
            assert_eq!((left.rows, left.cols), (right.rows, right.cols), "{}", row.name);
            let error = |scale: f64, more: f64| {
                let pairs = left.entries.iter().zip(&right.entries);
                pairs.map(|(a, b)| (a - (scale * b + more)).abs()).fold(0.0, f64::max)
            };
            let large = right.entries.iter().fold(1.0, |all: f64, entry| all.max(entry.abs()));
            assert!(error(1.0, 0.0) < 1e-12 * large, "{}: {}", row.name, error(1.0, 0.0));
            let is_zero = right.entries.iter().all(|entry| *entry == 0.0);
            let spoilt = if is_zero { error(1.0, 0.001) } else { error(1.001, 0.0) };
            assert!(spoilt > 1e-6, "{} times 1.001 is not told from it", row.name);
        }
    }

    /// Each side alone, and both in one sum, where one of them has to become the other.
    #[test]
    fn every_row_names_itself_where_it_is_used() {
        let mut silent = Vec::new();
        for row in texts().iter().map(Text::row) {
            let (mut formula, [left, right], _) = shown(row);
            if left == right {
                // The constructors of formulas see it.
                continue;
            }
            let numbers = [2, 3].map(|number| formula.number(Number::integer(number)));
            let parts =
                [(0, left), (1, right)].map(|(place, side)| formula.scale(numbers[place], side).unwrap());
            let sum = formula.add(&parts);
            let names = [Ok(left), Ok(right), sum].map(|whole| {
                let Ok(whole) = whole else { return Vec::new() };
                let value = simplify(&mut formula, whole);
                let steps = algebra(&mut formula, [whole, whole, value]);
                steps.into_iter().flat_map(|step| step.used).map(|used| used.name).collect::<Vec<_>>()
            });
            if !names.iter().flatten().any(|name| *name == row.name) {
                silent.push(format!("{}: {:?}", row.name, names));
            }
        }
        assert!(silent.is_empty(), "{}", silent.join("\n"));
    }

    #[test]
    fn the_functions_that_a_row_names_are_those_it_is_about() {
        for text in texts() {
            let row = text.row();
            let name = |id: &FunctionId| row.formula.function(*id).name.to_string();
            let names: HashSet<String> = row.functions[0].iter().map(name).collect();
            assert_eq!(text.functions.iter().cloned().collect::<HashSet<_>>(), names, "{}", text.line);
        }
    }
}
