//! The laws of the calculus: rows of text, each from df/dG to df/dX.

use crate::expression::{Call, Expression, word_length};
use formula::{Call as FunctionCall, Formula, Name, Node, NodeId, Number, Operator, Shape, Size};
use library::{Kind, PAGES};
use std::fmt;
use std::sync::OnceLock;

/// The laws, in the order in which they are tried: the first that fits is used.
#[derive(Clone, Debug)]
pub struct Laws {
    rows: Vec<Law>,
}

/// One law: what G is, and df/dX from df/dG.
#[derive(Clone, Debug)]
pub struct Law {
    /// Its name, such as `right multiplication`.
    pub name: Name,
    /// How the library states it: `G = X*W    df/dX = df/dG*W'`.
    pub statement: Name,
    /// The letters whose shape is declared, and the shape in names of sizes.
    pub(crate) shapes: Vec<(Name, Shape)>,
    /// The letter of the whole: G, or f for a matrix to a scalar.
    pub(crate) whole: Name,
    /// The letter the derivative is by. It occurs once in the pattern.
    pub(crate) operand: Name,
    /// What G is, with sums of entries written out as products with ones.
    pub(crate) pattern: Expression,
    /// df/dX.
    pub(crate) derivative: Expression,
}

/// A row of laws that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawError {
    /// The line, counted from 1.
    pub line: usize,
    /// The row as written.
    pub row: String,
    /// What is wrong with it and how to mend it.
    pub problem: String,
}

impl fmt::Display for LawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is no law: {}; it reads `{}`", self.line, self.problem, self.row)
    }
}

impl std::error::Error for LawError {}

impl Laws {
    /// The laws of the library.
    pub fn standard() -> &'static Laws {
        static STANDARD: OnceLock<Laws> = OnceLock::new();
        STANDARD
            .get_or_init(|| Laws::parse(&standard_text()).expect("the tests read every law of the library"))
    }

    /// Reads laws, one a row: `law NAME`, the shapes of its letters, `G = ...` and `df/dX = ...`, with two blanks
    /// or more between; `#` begins a comment.
    ///
    /// # Errors
    /// The first row that is no law.
    pub fn parse(text: &str) -> Result<Laws, LawError> {
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let row = line.split('#').next().unwrap_or_default().trim();
            if row.is_empty() {
                continue;
            }
            let error = |problem| LawError { line: index + 1, row: row.to_owned(), problem };
            rows.push(Law::parse(row).map_err(error)?);
        }
        Ok(Laws { rows })
    }

    /// The laws, in the order in which they are tried.
    pub fn rows(&self) -> &[Law] {
        &self.rows
    }

    /// Whether a row is about functions like the one of this node: about a function of whole matrices by its name, or about
    /// functions of as many arguments that act entry by entry. What no row is about is written out by its body.
    pub(crate) fn are_about(&self, formula: &Formula, id: NodeId) -> bool {
        self.rows.iter().any(|law| match (&law.pattern, formula.node(id)) {
            (Expression::Call(pattern), Node::Call(call)) => names(pattern, formula, call),
            (Expression::Call(pattern), Node::Apply(apply)) => {
                is_letter(&pattern.function)
                    && !law.is_to_scalar()
                    && pattern.arguments.len() == apply.arguments.len()
            }
            _ => false,
        })
    }
}

/// Whether a call in a law is of the function of a call in a formula: the name and the numbers behind the arguments agree.
pub(crate) fn names(pattern: &Call, formula: &Formula, call: &FunctionCall) -> bool {
    let function = formula.function(call.function);
    let axis = function.signature.as_ref().map_or(&[][..], |signature| &signature.axis);
    let count = call.arguments.len();
    // A letter is any function, also where one is called like it.
    pattern.function == function.name
        && !is_letter(&pattern.function)
        && pattern.arguments.len() == count + axis.len()
        && pattern.arguments[count..]
            .iter()
            .zip(axis)
            .all(|(number, axis)| *number == Expression::Number(Number::integer(i64::from(*axis))))
}

/// The page whose rows are about answers, not derivatives.
pub(crate) const SIMPLIFICATIONS: &str = "simplifications";

/// The text of every page of laws about derivatives.
fn standard_text() -> String {
    let pages = PAGES.iter().filter(|page| page.kind == Kind::Law && page.name != SIMPLIFICATIONS);
    pages.map(|page| page.text).collect::<Vec<_>>().join("\n")
}

impl Law {
    fn parse(row: &str) -> Result<Law, String> {
        let columns: Vec<&str> = row.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
        let (name, declarations, whole, derivative) = match columns.as_slice() {
            [name, whole, derivative] => (name, "", whole, derivative),
            [name, declarations, whole, derivative] => (name, *declarations, whole, derivative),
            _ => {
                return Err("a law has a name, the shapes of its letters, `G = ...` and `df/dX = ...`, \
                            with two blanks or more between them"
                    .to_owned());
            }
        };
        let name = name.strip_prefix("law ").ok_or("it should begin with `law` and a name")?.trim();
        let shapes = declarations
            .split(',')
            .filter(|text| !text.trim().is_empty())
            .map(declaration)
            .collect::<Result<Vec<_>, _>>()?;
        let statement = Name::from(format!("{whole}    {derivative}"));
        let (whole, pattern) = whole.split_once('=').ok_or("`G = ...` should state what G is")?;
        let (by, derivative) = derivative.split_once('=').ok_or("`df/dX = ...` should state df/dX")?;
        let whole = Name::from(whole.trim());
        let operand = match Expression::parse(by)? {
            Expression::Derivative(operand) => operand,
            _ => return Err(format!("`df/dX = ...` should stand in place of `{} = ...`", by.trim())),
        };
        let pattern = written_out(Expression::parse(pattern)?, &shapes)?;
        let derivative = Expression::parse(derivative)?;
        let law = Law { name: Name::from(name), statement, shapes, whole, operand, pattern, derivative };
        law.complete()
    }

    /// The shape declared for a letter.
    pub(crate) fn shape(&self, letter: &Name) -> Option<&Shape> {
        self.shapes.iter().find(|(name, _)| name == letter).map(|(_, shape)| shape)
    }

    /// Whether it is about a matrix to a scalar f.
    pub(crate) fn is_to_scalar(&self) -> bool {
        self.whole.as_str() == "f"
    }

    /// Whether a letter is declared a scalar.
    pub(crate) fn is_scalar(&self, letter: &Expression) -> bool {
        match letter {
            Expression::Name(name) => self.shape(name).is_some_and(Shape::is_scalar),
            _ => false,
        }
    }

    /// The law with the derivative that comes in multiplied to a row about a matrix to a scalar, if every letter is known.
    fn complete(mut self) -> Result<Law, String> {
        match self.pattern.count(&self.operand) {
            1 => {}
            count => {
                return Err(format!(
                    "{0} occurs {count} times in `{1} = ...`; it should occur once",
                    self.operand, self.whole
                ));
            }
        }
        let mut letters = vec![self.whole.clone()];
        collect_letters(&self.pattern, &mut letters);
        let mut sizes: Vec<Name> = Vec::new();
        for (letter, shape) in &self.shapes {
            if !letters.contains(letter) {
                return Err(format!("{letter} is declared and not used"));
            }
            sizes.extend(shape.rows.names());
            sizes.extend(shape.cols.names());
        }
        letters.extend(sizes);
        let mut used = Vec::new();
        collect_letters(&self.derivative, &mut used);
        if let Some(unknown) = used.iter().find(|letter| !letters.contains(letter)) {
            return Err(format!("{unknown} is neither a letter of `{} = ...` nor a size", self.whole));
        }
        let incoming = derivatives(&self.derivative);
        if self.is_to_scalar() {
            if !incoming.is_empty() {
                return Err("a law of a matrix to a scalar f has no derivative on its right side".to_owned());
            }
            let seed = Expression::Derivative(self.whole.clone());
            self.derivative = Expression::Product(vec![seed, self.derivative]);
        } else if let Some(other) = incoming.iter().find(|name| **name != self.whole) {
            return Err(format!("df/d{other} should be df/d{}", self.whole));
        }
        Ok(self)
    }
}

/// Words of the language of laws, beside the names of operators. Any other word before a bracket is a function of whole
/// matrices by its name, and a letter alone is any function that acts entry by entry.
pub(crate) const ONES: &str = "ones";
pub(crate) const ZEROS: &str = "zeros";
pub(crate) const IDENTITY: &str = "eye";
pub(crate) const COMMUTATION: &str = "commutation";
pub(crate) const NORM: &str = "norm";
pub(crate) const SUM: &str = "sum";
pub(crate) const UNVEC: &str = "unvec";
pub(crate) const KRONECKER: &str = "kron";
pub(crate) const ROWS: &str = "rows";
pub(crate) const COLUMNS: &str = "cols";

/// Whether a word before a bracket is a letter for a function that acts entry by entry.
pub(crate) fn is_letter(function: &Name) -> bool {
    function.chars().count() == 1
}

/// The operator that a word means of a matrix of this shape, which tells the two meanings of `diag` apart.
pub(crate) fn operator(word: &Name, of: &Shape) -> Option<Operator> {
    Operator::ALL.into_iter().find(|operator| {
        operator.name() == word.as_str()
            && match operator {
                Operator::DiagonalMatrix => of.is_column(),
                Operator::Diagonal => !of.is_column(),
                Operator::Trace
                | Operator::Determinant
                | Operator::LogDeterminant
                | Operator::Inverse
                | Operator::Vec => true,
            }
    })
}

/// `X: m x n`, `y: m` or `a: scalar`.
fn declaration(text: &str) -> Result<(Name, Shape), String> {
    let wrong = || format!("`{}` should be a letter and its shape, such as `X: m x n`", text.trim());
    let (letter, shape) = text.split_once(':').ok_or_else(wrong)?;
    let sizes: Vec<&str> = shape.split_whitespace().collect();
    let shape = match sizes.as_slice() {
        ["scalar"] => Shape::scalar(),
        [rows] => Shape::column(size(rows).ok_or_else(wrong)?),
        [rows, "x", cols] => Shape::new(size(rows).ok_or_else(wrong)?, size(cols).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let letter = letter.trim();
    if letter.is_empty() || word_length(letter) != letter.len() {
        return Err(wrong());
    }
    Ok((Name::from(letter), shape))
}

/// A size as written: a number, a name, or a polynomial such as `m*n`.
fn size(text: &str) -> Option<Size> {
    Expression::parse(text).ok()?.size(&|name| Some(Size::named(name.clone())))
}

/// The pattern as formulas are stored: sums of entries are products with ones.
fn written_out(pattern: Expression, shapes: &[(Name, Shape)]) -> Result<Expression, String> {
    let Expression::Call(Call { function, slope: None, arguments }) = &pattern else { return Ok(pattern) };
    if function.as_str() != SUM {
        return Ok(pattern);
    }
    let [Expression::Name(letter), axis @ ..] = arguments.as_slice() else {
        return Err("`sum` in `G = ...` should be of a letter".to_owned());
    };
    let (down, along) = match axis {
        [] => (true, true),
        [Expression::Number(axis)] if *axis == Number::integer(1) => (true, false),
        [Expression::Number(axis)] if *axis == Number::integer(2) => (false, true),
        _ => return Err("`sum` is of all entries, down (1) or along (2)".to_owned()),
    };
    let Some((_, shape)) = shapes.iter().find(|(name, _)| name == letter) else {
        return Err(format!("a sum needs the shape of {letter}: declare `{letter}: m x n`"));
    };
    let mut factors = vec![Expression::Name(letter.clone())];
    if down && !shape.rows.is_one() {
        factors.insert(0, Expression::Transpose(Box::new(ones(&shape.rows))));
    }
    if along && !shape.cols.is_one() {
        factors.push(ones(&shape.cols));
    }
    Ok(Expression::Product(factors))
}

fn ones(size: &Size) -> Expression {
    let size = match (size.as_name(), size.as_number().and_then(|number| i64::try_from(number).ok())) {
        (None, Some(number)) => Expression::Number(Number::integer(number)),
        (name, _) => Expression::Name(name.cloned().unwrap_or_else(|| Name::from(size.to_string()))),
    };
    Expression::Call(Call { function: Name::from(ONES), slope: None, arguments: vec![size] })
}

fn collect_letters(expression: &Expression, letters: &mut Vec<Name>) {
    match expression {
        Expression::Name(name) => letters.push(name.clone()),
        Expression::Number(_) | Expression::Derivative(_) => {}
        Expression::Sum(parts)
        | Expression::Product(parts)
        | Expression::Times(parts)
        | Expression::Block(_, parts) => parts.iter().for_each(|part| collect_letters(part, letters)),
        Expression::Power(pair) => pair.iter().for_each(|part| collect_letters(part, letters)),
        Expression::Negative(inner) | Expression::Transpose(inner) => collect_letters(inner, letters),
        Expression::Call(call) => {
            if is_letter(&call.function) {
                letters.push(call.function.clone());
            }
            call.arguments.iter().for_each(|argument| collect_letters(argument, letters));
        }
    }
}

/// The names x of every `df/dx` in an expression.
fn derivatives(expression: &Expression) -> Vec<Name> {
    match expression {
        Expression::Derivative(name) => vec![name.clone()],
        Expression::Name(_) | Expression::Number(_) => Vec::new(),
        Expression::Sum(parts)
        | Expression::Product(parts)
        | Expression::Times(parts)
        | Expression::Block(_, parts) => parts.iter().flat_map(derivatives).collect(),
        Expression::Power(pair) => pair.iter().flat_map(derivatives).collect(),
        Expression::Negative(inner) | Expression::Transpose(inner) => derivatives(inner),
        Expression::Call(call) => call.arguments.iter().flat_map(derivatives).collect(),
    }
}

#[cfg(test)]
mod tests;
