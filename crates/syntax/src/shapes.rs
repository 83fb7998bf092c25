//! Declared shapes: what stands after the colon of `X: m x n`.

use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::letters;
use crate::parser::Parser;
use crate::properties::{Bearer, is_no_size, misfit, no_property, phrase, properties};
use crate::token::Kind;
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::{Name, Properties, Shape, Size};

/// What a declaration says of a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Declared {
    /// `g: function`
    Function,
    /// `L: m x n -> scalar`, a function of a whole matrix of this shape.
    Functional(Shape),
    /// `X: m x n`, `y: m`, `c: scalar`; a size that is not said is to be inferred (`x: vector`, `X: matrix`).
    Value { rows: Option<Size>, cols: Option<Size>, properties: Properties },
}

impl Declared {
    /// Whether it is of a name that is called.
    pub fn is_called(&self) -> bool {
        match self {
            Declared::Function | Declared::Functional(_) => true,
            Declared::Value { .. } => false,
        }
    }

    /// The names in its sizes.
    pub fn sizes(&self) -> Vec<Name> {
        match self {
            Declared::Function => Vec::new(),
            Declared::Functional(shape) => shape.rows.names().into_iter().chain(shape.cols.names()).collect(),
            Declared::Value { rows, cols, .. } => {
                [rows, cols].into_iter().flatten().flat_map(Size::names).collect()
            }
        }
    }
}

/// Reads what stands after the colon of a declaration of this name.
pub(crate) fn declared(parser: &mut Parser, name: &Name) -> Result<Declared, Diagnostic> {
    let one = Some(Size::number(1));
    let called = parser.ahead(1) == Kind::Open;
    let mut found = Found::default();
    let property = phrase(parser, 0).filter(|(_, length)| {
        let is_size = parser.ahead(*length) == Kind::Name && parser.ahead_word(*length) == "x";
        parser.peek() == Kind::Name && !is_size
    });
    let (rows, cols) = match parser.word() {
        "function" => {
            parser.advance();
            return Ok(Declared::Function);
        }
        "scalar" => {
            parser.advance();
            (one.clone(), one)
        }
        // `vector(n)`, `matrix(m, n)` and `symmetric(n)`, as others write them.
        "vector" if called => (Some(sizes(parser, 1)?.0), one),
        "matrix" if called => {
            let (rows, cols) = sizes(parser, 2)?;
            (Some(rows), Some(cols))
        }
        "vector" => {
            parser.advance();
            (None, one)
        }
        "matrix" => {
            parser.advance();
            (None, None)
        }
        _ if let Some((place, length)) = property => {
            property_alone(parser, name, (place, length), &mut found)?
        }
        word if is_no_size(word) && parser.ahead_word(1) != "x" => {
            return Err(parser.error(no_property(word)));
        }
        _ => {
            let rows = size(parser)?;
            let cols = match by(parser) {
                By::Size => size(parser)?,
                By::Known(cols) => cols,
                By::Nothing => Size::number(1),
            };
            (Some(rows), Some(cols))
        }
    };
    if parser.peek() == Kind::Minus && parser.ahead(1) == Kind::Greater {
        let arrow = parser.advance().span;
        parser.advance();
        let (true, Some(rows), Some(cols)) = (parser.word() == "scalar", rows, cols) else {
            let what = "an arbitrary function of a whole matrix goes from a shape with sizes to a scalar";
            let mend =
                format!("write `{name}: m x n -> scalar`, or `{name}: function` for one entry by entry");
            return Err(parser.error_at(Mistake::Page { what: what.to_owned(), mend }, arrow));
        };
        parser.advance();
        return Ok(Declared::Functional(Shape::new(rows, cols)));
    }
    found.read(parser)?;
    if parser.peek() == Kind::Name {
        let what = format!("the shape of `{name}` is said twice");
        let mend = format!("leave out `{}`", parser.word());
        return Err(parser.error(Mistake::Page { what, mend }));
    }
    let properties = found.checked(parser, (rows.as_ref(), cols.as_ref()))?;
    Ok(Declared::Value { rows, cols, properties })
}

/// The rows and columns of a name of which properties are declared and no size: `S: symmetric`, `S: symmetric(n)`. What the
/// properties are said of decides, or the letter.
fn property_alone(
    parser: &mut Parser,
    name: &Name,
    (place, length): (usize, usize),
    found: &mut Found,
) -> Result<(Option<Size>, Option<Size>), Diagnostic> {
    let (one, start) = (Some(Size::number(1)), parser.token().span);
    let is_called = parser.ahead(length) == Kind::Open;
    parser.at += length - usize::from(is_called);
    if is_called {
        found.rows.push((place, start));
        let rows = Some(sizes(parser, 1)?.0);
        let is_square = properties()[place].of == Bearer::Square;
        return Ok((rows.clone(), if is_square { rows } else { one }));
    }
    found.rows.push((place, start.to(parser.before())));
    found.read(parser)?;
    // `positive scalar` is `scalar positive`.
    let is_end = matches!(parser.ahead(1), Kind::Newline | Kind::Comma | Kind::Semicolon | Kind::End);
    let kind = match parser.word() {
        "scalar" => Some((one.clone(), one.clone())),
        "vector" => Some((None, one.clone())),
        "matrix" => Some((None, None)),
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| is_end && parser.peek() == Kind::Name) {
        parser.advance();
        return Ok(kind);
    }
    let said = |of: Bearer| found.rows.iter().any(|(place, _)| properties()[*place].of == of);
    Ok(match letters::kind(name) {
        _ if said(Bearer::Square) || said(Bearer::Matrix) => (None, None),
        _ if said(Bearer::Vector) => (None, one),
        letters::Kind::Matrix => (None, None),
        letters::Kind::Vector => (None, one),
        letters::Kind::Scalar => (one.clone(), one),
    })
}

/// The words for a shape that may stand behind properties.
const SHAPES: [&str; 3] = ["scalar", "vector", "matrix"];

/// The properties of a declaration: places in their table, and where each is written.
#[derive(Default)]
struct Found {
    rows: Vec<(usize, Span)>,
}

impl Found {
    /// Reads the words behind a shape, and behind a comma where nothing else can be meant.
    fn read(&mut self, parser: &mut Parser) -> Result<(), Diagnostic> {
        loop {
            let comma = usize::from(parser.peek() == Kind::Comma);
            let next = phrase(parser, comma).filter(|(_, length)| {
                let behind = parser.ahead(comma + length);
                comma == 0 || !matches!(behind, Kind::Colon | Kind::Equals | Kind::Open | Kind::Star)
            });
            match next {
                Some((place, length)) => {
                    parser.at += comma;
                    let start = parser.token().span;
                    parser.at += length;
                    self.rows.push((place, start.to(parser.before())));
                }
                None if parser.peek() != Kind::Name => return Ok(()),
                None if SHAPES.contains(&parser.word()) && !self.rows.is_empty() => return Ok(()),
                None if parser.word().len() > 1 => return Err(parser.error(no_property(parser.word()))),
                None if !self.rows.is_empty() => {
                    let size = parser.word();
                    let what = format!("the size `{size}` stands behind the properties");
                    let mend = format!(
                        "write the sizes first, as in `{size} positive` or `{size} x {size} symmetric`"
                    );
                    return Err(parser.error(Mistake::Page { what, mend }));
                }
                None => return Err(parser.expected("`x`, or a property such as `symmetric`")),
            }
        }
    }

    /// All that is declared, where it fits together and the shape.
    fn checked(
        &self,
        parser: &Parser,
        shape: (Option<&Size>, Option<&Size>),
    ) -> Result<Properties, Diagnostic> {
        let mut all = Properties::default();
        let mut others: Vec<usize> = Vec::new();
        for (place, span) in &self.rows {
            if let Some(mistake) = misfit(*place, &others, shape) {
                return Err(parser.error_at(mistake, *span));
            }
            others.push(*place);
            all = all.with(properties()[*place].with_implied);
        }
        Ok(all)
    }
}

/// The one or two sizes in the brackets behind the word here.
fn sizes(parser: &mut Parser, count: usize) -> Result<(Size, Size), Diagnostic> {
    parser.advance();
    let open = parser.advance().span;
    let rows = size(parser)?;
    let cols = match count {
        2 => {
            if parser.peek() != Kind::Comma {
                let expected = "`,` and the columns".to_owned();
                let found = format!("`{}`", parser.word());
                return Err(parser.error(Mistake::Expected { expected, found }));
            }
            parser.advance();
            size(parser)?
        }
        _ => rows.clone(),
    };
    parser.close(open)?;
    Ok((rows, cols))
}

/// What follows the rows.
enum By {
    Size,
    Known(Size),
    Nothing,
}

/// Goes past the `x` of `m x n`; that of `3x4` is read with its number.
fn by(parser: &mut Parser) -> By {
    if parser.peek() != Kind::Name {
        return By::Nothing;
    }
    let word = parser.word().to_owned();
    let Some(digits) = word.strip_prefix('x') else {
        return By::Nothing;
    };
    if digits.is_empty() {
        parser.advance();
        return By::Size;
    }
    match digits.parse() {
        Ok(cols) => {
            parser.advance();
            By::Known(Size::number(cols))
        }
        Err(_) => By::Nothing,
    }
}

/// `size := term ((+ | -) term)*`, `term := atom (* atom)*`
fn size(parser: &mut Parser) -> Result<Size, Diagnostic> {
    let start = parser.token().span;
    let mut sum = match parser.peek() {
        Kind::Minus => {
            parser.advance();
            term(parser)?.negate()
        }
        _ => term(parser)?,
    };
    while matches!(parser.peek(), Kind::Plus | Kind::Minus) && parser.ahead(1) != Kind::Greater {
        let minus = parser.advance().kind == Kind::Minus;
        let term = term(parser)?;
        sum = sum.add(&if minus { term.negate() } else { term });
    }
    if sum.as_number() == Some(0) || sum.is_negative() {
        return Err(not_a_size(parser, start));
    }
    Ok(sum)
}

fn term(parser: &mut Parser) -> Result<Size, Diagnostic> {
    let mut product = atom(parser)?;
    while parser.peek() == Kind::Star {
        parser.advance();
        product = product.multiply(&atom(parser)?);
    }
    Ok(product)
}

fn atom(parser: &mut Parser) -> Result<Size, Diagnostic> {
    let token = parser.token();
    let size = match token.kind {
        Kind::Name => Size::named(Name::from(parser.word())),
        Kind::Number(number) => match number.as_integer().and_then(|value| u32::try_from(value).ok()) {
            Some(value) => Size::number(value),
            None => return Err(not_a_size(parser, token.span)),
        },
        _ => {
            return Err(parser.expected("a shape, such as `m x n`, `m`, `scalar`, `symmetric` or `function`"));
        }
    };
    parser.advance();
    Ok(size)
}

fn not_a_size(parser: &Parser, span: Span) -> Diagnostic {
    let text = parser.source().slice(span).to_owned();
    parser.error_at(Mistake::NotASize { text }, span)
}

/// The size an expression spells, as in `ones(m + 1, 2*n)`; names stand for themselves.
pub(crate) fn size_of(tree: &Tree, root: ExprId) -> Result<Size, Diagnostic> {
    let refuse = |id: ExprId| Err(tree.error(Mistake::NotASize { text: tree.source(id) }, id));
    let mut sizes: Vec<(ExprId, Size)> = Vec::new();
    let find = |sizes: &[(ExprId, Size)], id: ExprId| {
        sizes.iter().find(|(known, _)| *known == id).map(|(_, size)| size.clone())
    };
    for id in tree.within(root) {
        // Sizes are short; a long one is a mistake, and the list is searched in a line.
        if sizes.len() > 30 {
            return refuse(root);
        }
        let size = match tree.expr(id) {
            Expr::Name(name) => Some(Size::named(name.clone())),
            Expr::Number(number, _) => {
                number.as_integer().and_then(|value| u32::try_from(value).ok()).map(Size::number)
            }
            Expr::Negate(part) => find(&sizes, *part).map(|size| size.negate()),
            Expr::Binary(operator, left, right) => match (find(&sizes, *left), find(&sizes, *right)) {
                (Some(left), Some(right)) => match operator {
                    Operator::Add => Some(left.add(&right)),
                    Operator::Subtract => Some(left.add(&right.negate())),
                    Operator::Multiply => Some(left.multiply(&right)),
                    _ => None,
                },
                _ => None,
            },
            Expr::Transpose(_) | Expr::Call(_) | Expr::Block(..) => None,
        };
        match size {
            Some(size) => sizes.push((id, size)),
            None => return refuse(id),
        }
    }
    match find(&sizes, root) {
        Some(size) if !size.is_negative() && size.as_number() != Some(0) => Ok(size),
        _ => refuse(root),
    }
}
