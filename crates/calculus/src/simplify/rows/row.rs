//! Rows of the library that state identities, read from their text.

use crate::law::SIMPLIFICATIONS;
use crate::simplify::rows::head::Head;
use crate::simplify::unfold::unfold;
use formula::{Formula, FunctionId, Name, Node, NodeId, Primitive, Properties, ShapeError, Variable};
use library::{Kind as PageKind, PAGES};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use syntax::{Bearer, Library, Property, Source};

/// A row of the library, read.
pub(crate) struct Row {
    pub(crate) name: Name,
    /// Its two sides as they are written.
    pub(crate) statement: Name,
    /// Both sides, over the letters.
    pub(crate) formula: Formula,
    pub(crate) left: NodeId,
    pub(crate) right: NodeId,
    /// The transposes of both sides of a row about a product, which hold as well.
    pub(crate) mirrored: Option<[NodeId; 2]>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) sign: Sign,
    /// The functions of the left side and of the right side, powers left out.
    pub(crate) functions: [Vec<FunctionId>; 2],
}

/// What stands between the two sides of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// `->`: the left side is always written as the right side.
    Always,
    /// `=`: either is tried for the other where the answer gets smaller.
    Tried,
    /// `==`: it is done in code, and the row names it.
    Named,
}

/// What a row is about.
pub(crate) struct Letter {
    pub(crate) variable: Variable,
    /// What must be known of what it stands for.
    pub(crate) properties: Properties,
}

/// The text of a row.
pub(crate) struct Text {
    line: String,
    pub(crate) sign: Sign,
    /// The word that the left side is a call of, `'` for a transpose, `*` for anything else: so a row is read only where it may fit.
    pub(crate) head: String,
    /// The functions that its left side names.
    pub(crate) functions: Vec<String>,
    row: OnceLock<Row>,
}

impl Text {
    /// The row, read when it is first asked for.
    pub(crate) fn row(&self) -> &Row {
        self.row.get_or_init(|| read_row(&self.line).expect("the tests read every row of the library"))
    }
}

pub(crate) fn texts() -> &'static [Text] {
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
    let (sign, left, _) = parted(equation).unwrap_or((Sign::Named, "", ""));
    let head = word_of(left);
    // What stands before the last bracket has none behind it.
    let mut called: Vec<&str> = left.split('(').collect();
    called.pop();
    let name = |text: &&str| text.rsplit(|letter: char| !letter.is_alphanumeric()).next().map(str::to_owned);
    let is_function = |name: &String| {
        let is_page = PAGES.iter().any(|page| page.kind == PageKind::Function && page.name == name);
        is_page || Primitive::named(name).is_some()
    };
    let functions = called.iter().filter_map(name).filter(is_function).collect();
    Text { line, sign, head, functions, row: OnceLock::new() }
}

/// A sign and what stands on both of its sides.
fn parted(statement: &str) -> Option<(Sign, &str, &str)> {
    let signs = [(" -> ", Sign::Always), (" == ", Sign::Named), (" = ", Sign::Tried)];
    signs
        .into_iter()
        .find_map(|(text, sign)| statement.split_once(text).map(|(left, right)| (sign, left, right)))
}

/// The word that a side is a call of, or the sign that it is first.
fn word_of(side: &str) -> String {
    let (word, rest) =
        side.split_at(side.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(side.len()));
    let mut depth = 0;
    let closes = rest.char_indices().find(|(_, letter)| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        depth == 0
    });
    match closes.map(|(place, _)| &rest[place + 1..]) {
        // Other words, such as `sum`, are written out as products.
        Some("") if rest.starts_with('(') && Head::is_word(word) => word.to_owned(),
        Some("'") if rest.starts_with('(') => "'".to_owned(),
        _ if side == format!("{word}'") => "'".to_owned(),
        _ => "*".to_owned(),
    }
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
    let (sign, left, right) = parted(statement).ok_or_else(|| problem("neither ` -> ` nor ` = `"))?;
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
    Ok(Row { name, statement, formula, left, right, mirrored, letters, sign, functions })
}

/// A shape and the words behind it.
fn apart(declared: &str) -> (String, String) {
    let words: Vec<&str> = declared.split_whitespace().collect();
    let shape = if words.get(1) == Some(&"x") { 3 } else { 1 };
    let (shape, rest) = words.split_at(shape.min(words.len()));
    (shape.join(" "), rest.join(" "))
}

/// The two sides of the row of this name.
pub(crate) fn statement(name: &str) -> Option<Name> {
    texts().iter().map(Text::row).find(|row| row.name.as_str() == name).map(|row| row.statement.clone())
}

impl Row {
    /// Whether its letters are numbers, for which a matrix may stand entry by entry.
    pub(crate) fn is_of_entries(&self) -> bool {
        !self.letters.is_empty() && self.letters.iter().all(|letter| letter.variable.shape.is_scalar())
    }
}

/// The functions that a value applies, powers left out, in order of the arena.
pub(crate) fn functions_of(formula: &Formula, root: NodeId) -> Vec<FunctionId> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simplify::{algebra, closed_form};
    use formula::{Matrix, Number, Point, Sizes};

    /// A row's sides with what is declared of its letters, and a point of it.
    fn shown(row: &Row) -> (Formula, [NodeId; 2], Point<f64>) {
        let mut formula = row.formula.clone();
        let sizes: Vec<(&str, usize)> = vec![("k", 2), ("l", 3), ("m", 3), ("n", 4), ("p", 2), ("q", 3)];
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
                let value = closed_form(&mut formula, whole);
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
