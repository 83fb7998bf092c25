//! Layout to a NumPy expression, and how NumPy spells the primitives.

use super::functions::Use;
use super::{CodeError, Writer};
use crate::layout::{Call, Layout, Over, Piece, Place, layout};
use crate::spell::{Spelled, Spelling, spell};
use formula::{Body, Direction, Name, NodeId, Operator, Primitive, Shape, Size};

/// A primitive that NumPy does not spell as `np.` and its name.
struct Row {
    primitive: Primitive,
    /// What is called.
    call: &'static str,
    /// What follows the arguments.
    more: &'static str,
    /// What to import and to define beforehand.
    preamble: Option<[&'static str; 2]>,
}

/// The spelling table.
static TABLE: &[Row] = &[
    Row { primitive: Primitive::MAX, call: "np.maximum", more: "", preamble: None },
    Row { primitive: Primitive::MIN, call: "np.minimum", more: "", preamble: None },
    Row { primitive: Primitive::STEP, call: "np.heaviside", more: ", 0.0", preamble: None },
    Row {
        primitive: Primitive::ERF,
        call: "error_function",
        more: "",
        preamble: Some(["import math", "error_function = np.vectorize(math.erf, otypes=[float])"]),
    },
];

/// What stands in for a function of which nothing is known: all its slopes are itself, a quarter turn on.
pub(super) const STAND_IN: &str = "np.sin";

/// What to import and to define before a primitive is used.
pub(super) fn preamble(primitive: Primitive) -> Option<[&'static str; 2]> {
    TABLE.iter().find(|row| row.primitive == primitive)?.preamble
}

fn primitive_call(primitive: Primitive) -> (String, &'static str) {
    match TABLE.iter().find(|row| row.primitive == primitive) {
        Some(row) => (row.call.to_owned(), row.more),
        None => (format!("np.{}", primitive.row().name), ""),
    }
}

impl Writer<'_> {
    /// A value as an expression; `name` is for the error.
    pub(super) fn expression(&self, name: &Name, id: NodeId) -> Result<String, CodeError> {
        spell(&layout(self.formula, id), self).ok_or_else(|| CodeError::TooLong { name: name.clone() })
    }

    /// A size as an expression, such as `n + 2 * p`.
    pub(super) fn size(&self, size: &Size) -> String {
        let mut out = String::new();
        for (index, (names, count)) in size.terms().iter().enumerate() {
            out.push_str(match (index, *count < 0) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            });
            let number =
                (names.is_empty() || count.unsigned_abs() != 1).then(|| count.unsigned_abs().to_string());
            let names = names.iter().map(|name| self.names.variable(name).to_owned());
            out.push_str(&number.into_iter().chain(names).collect::<Vec<_>>().join(" * "));
        }
        if out.is_empty() { "0".to_owned() } else { out }
    }

    /// A shape as a tuple.
    pub(super) fn tuple(&self, shape: &Shape) -> String {
        format!("({}, {})", self.size(&shape.rows), self.size(&shape.cols))
    }

    fn spell_call<'o>(&self, layout: &Layout, call: &Call, out: &'o mut Spelled) -> &'o mut Spelled {
        let function = layout.formula().function(call.function);
        let used = Use { function: call.function, marks: call.marks.clone() };
        let (name, more) = match (self.names.function(&used), function.body) {
            (Some(name), _) => (name.to_owned(), ""),
            (None, Body::Primitive(primitive)) => primitive_call(primitive),
            (None, _) => (function.name.to_string(), ""),
        };
        out.text(name).text("(").list(&call.arguments, ", ").text(more).text(")")
    }
}

impl Spelling for Writer<'_> {
    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => out.text(number.to_string()),
            Piece::Size(size) => out.text(self.size(size)),
            Piece::Name(name) => out.text(self.names.variable(name).to_owned()),
            Piece::Pi => out.text("np.pi"),
            Piece::Ones(shape) => out.text(format!("np.ones({})", self.tuple(shape))),
            Piece::Zeros(shape) => out.text(format!("np.zeros({})", self.tuple(shape))),
            Piece::Identity(size) => out.text(format!("np.eye({})", self.size(size))),
            Piece::Call(call) => self.spell_call(layout, call, out),
            Piece::Norm(inner) => out.text("np.linalg.norm(").part(*inner, Place::Open).text(")"),
            Piece::Operator(operator, inner) => {
                let [open, close] = match operator {
                    Operator::Trace => ["np.trace(", ")"],
                    Operator::Determinant => ["np.linalg.det(", ")"],
                    Operator::LogDeterminant => ["np.linalg.slogdet(", ")[1]"],
                    Operator::Inverse => ["np.linalg.inv(", ")"],
                    Operator::Diagonal => ["np.diag(", ").reshape(-1, 1)"],
                    Operator::DiagonalMatrix => ["np.diag((", ")[:, 0])"],
                    Operator::Vec => ["(", ").reshape((-1, 1), order=\"F\")"],
                };
                out.text(open).part(*inner, Place::Open).text(close)
            }
            Piece::Unvec(inner, shape) => out
                .text("(")
                .part(*inner, Place::Open)
                .text(format!(").reshape({}, order=\"F\")", self.tuple(shape))),
            Piece::Kronecker(pair) => out.text("np.kron(").list(pair, ", ").text(")"),
            Piece::Commutation([rows, cols]) => {
                let (rows, cols) = (self.size(rows), self.size(cols));
                out.text(format!(
                    "np.eye(({rows}) * ({cols}))[np.arange(({rows}) * ({cols})).reshape({rows}, {cols}, order=\"F\").reshape(-1)]"
                ))
            }
            Piece::MatrixCall(function, arguments) => {
                let function = layout.formula().function(*function);
                out.text(function.name.to_string()).text("(").list(arguments, ", ").text(")")
            }
            Piece::Block(direction, parts) => {
                let axis = match direction {
                    Direction::Across => "], axis=1)",
                    Direction::Down => "], axis=0)",
                };
                out.text("np.concatenate([").list(parts, ", ").text(axis)
            }
            Piece::Range { of, direction, first, last } => {
                let (first, last) = (self.size(&first.add(&Size::number(1).negate())), self.size(last));
                let index = match direction {
                    Direction::Across => format!("[:, {first}:{last}]"),
                    Direction::Down => format!("[{first}:{last}, :]"),
                };
                out.part(*of, Place::Transposed).text(index)
            }
            Piece::Root(inner) => out.text("np.sqrt(").part(*inner, Place::Open).text(")"),
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => ")",
                    Over::Rows => ", axis=0, keepdims=True)",
                    Over::Columns => ", axis=1, keepdims=True)",
                };
                out.text("np.sum(").part(*inner, Place::Open).text(axis)
            }
            Piece::Negated(inner) => out.text("-").part(*inner, Place::Negated),
            Piece::Sum(terms) => out.terms(terms),
            Piece::Product { factors, is_scalar } => {
                // A 1 x 1 array becomes the number in it.
                let [open, close] = if *is_scalar { ["(", ").item()"] } else { ["", ""] };
                let places = [Place::FirstFactor, Place::LaterFactor];
                out.text(open).row(factors, places, " @ ").text(close)
            }
            Piece::Scalars(factors) => out.row(factors, [Place::FirstFactor, Place::LaterFactor], " * "),
            Piece::Scaled(scalar, body) => {
                out.part(*scalar, Place::FirstFactor).text(" * ").part(*body, Place::Scaled)
            }
            Piece::Quotient(value, divisor) => {
                out.part(*value, Place::FirstFactor).text(" / ").part(*divisor, Place::LaterFactor)
            }
            Piece::Elementwise(factors) => {
                for (index, factor) in factors.iter().enumerate() {
                    let (sign, place) = match (index, factor.is_divisor) {
                        (0, _) => ("", Place::FirstElement),
                        (_, false) => (" * ", Place::LaterElement),
                        (_, true) => (" / ", Place::LaterElement),
                    };
                    out.text(sign).part(factor.piece, place);
                }
                out
            }
            Piece::Power { base, exponent, elementwise: _ } => {
                out.part(*base, Place::Base).text("**").part(*exponent, Place::Exponent)
            }
            Piece::Transposed(inner) => out.part(*inner, Place::Transposed).text(".T"),
            Piece::Grouped(inner) => out.text("(").part(*inner, Place::Open).text(")"),
        };
    }
}
