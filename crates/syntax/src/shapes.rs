//! Declared shapes: what stands after the colon of `X: m x n`.

use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::parser::Parser;
use crate::token::Kind;
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::{Name, Properties, Size};

/// What a declaration says of a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Declared {
    /// `g: function`
    Function,
    /// `X: m x n`, `y: m`, `c: scalar`; a size that is not said is to be inferred (`x: vector`, `X: matrix`).
    Value { rows: Option<Size>, cols: Option<Size>, properties: Properties },
}

/// Reads what stands after the colon.
pub(crate) fn declared(parser: &mut Parser) -> Result<Declared, Diagnostic> {
    let one = Some(Size::number(1));
    let start = parser.token().span;
    let (rows, cols) = match parser.word() {
        "function" => {
            parser.advance();
            return Ok(Declared::Function);
        }
        "scalar" => {
            parser.advance();
            (one.clone(), one)
        }
        "vector" => {
            parser.advance();
            (None, one)
        }
        "matrix" => {
            parser.advance();
            (None, None)
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
    let properties = properties(parser)?;
    if (properties.symmetric || properties.definite) && rows != cols {
        let what = "a symmetric or positive definite matrix has as many rows as columns".to_owned();
        let mend = "write `n x n`".to_owned();
        return Err(parser.error_at(Mistake::Page { what, mend }, start));
    }
    Ok(Declared::Value { rows, cols, properties })
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

fn properties(parser: &mut Parser) -> Result<Properties, Diagnostic> {
    let mut properties = Properties::default();
    while parser.peek() == Kind::Name {
        match parser.word() {
            "symmetric" => properties.symmetric = true,
            "definite" if properties.positive => {
                properties.positive = false;
                properties.definite = true;
            }
            "positive" => properties.positive = true,
            _ => return Err(parser.expected("`x`, `symmetric`, `positive` or `positive definite`")),
        }
        parser.advance();
    }
    Ok(properties)
}

/// `size := term (+ term)*`, `term := atom (* atom)*`
fn size(parser: &mut Parser) -> Result<Size, Diagnostic> {
    let start = parser.token().span;
    let mut sum = term(parser)?;
    while parser.peek() == Kind::Plus {
        parser.advance();
        sum = sum.add(&term(parser)?);
    }
    if sum.as_number() == Some(0) {
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
        _ => return Err(parser.expected("a shape, such as `m x n`, `m`, `scalar` or `function`")),
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
    let find = |sizes: &[(ExprId, Size)], id: ExprId| sizes.iter().find(|(known, _)| *known == id).cloned();
    for id in tree.within(root) {
        // Sizes are short; a long one is a mistake, and the list is searched in a line.
        if sizes.len() > 30 {
            return refuse(root);
        }
        let size = match tree.expr(id) {
            Expr::Name(name) => Size::named(name.clone()),
            Expr::Number(number, _) => {
                match number.as_integer().and_then(|value| u32::try_from(value).ok()) {
                    Some(value) if value > 0 => Size::number(value),
                    _ => return refuse(id),
                }
            }
            Expr::Binary(operator @ (Operator::Add | Operator::Multiply), left, right) => {
                let (Some((_, left)), Some((_, right))) = (find(&sizes, *left), find(&sizes, *right)) else {
                    return refuse(id);
                };
                if *operator == Operator::Add { left.add(&right) } else { left.multiply(&right) }
            }
            Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(..) | Expr::Call(_) => return refuse(id),
        };
        sizes.push((id, size));
    }
    match find(&sizes, root) {
        Some((_, size)) => Ok(size),
        None => refuse(root),
    }
}
