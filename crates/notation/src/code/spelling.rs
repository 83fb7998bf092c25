//! Layout to an expression of a language.

use super::functions::Use;
use super::product::{Inverse, written_out};
use super::{CodeError, Writer};
use crate::spell::{Spelled, Spelling, spell};
use formula::{Body, Direction, FunctionId, Name, NodeId, Operator, Shape, Size};
use layout::{Call, Layout, Over, Piece, PieceId, Place, layout};

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

    /// What the language's row says of a matrix of these sizes.
    fn sized(&self, template: &str, rows: &Size, cols: &Size) -> String {
        template.replace("{rows}", &self.size(rows)).replace("{cols}", &self.size(cols))
    }

    /// `np.linalg.inv(`, say.
    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.row.prefix)
    }

    /// An argument of a function that wants an array.
    fn argument(&self, layout: &Layout, id: PieceId, out: &mut Spelled) {
        if layout.is_number(id) {
            let [open, close] = self.row.number;
            out.text(open).part(id, Place::Open).text(close);
        } else {
            out.part(id, Place::Open);
        }
    }

    fn arguments(&self, layout: &Layout, ids: &[PieceId], out: &mut Spelled) {
        for (index, id) in ids.iter().enumerate() {
            out.text(if index == 0 { "" } else { ", " });
            self.argument(layout, *id, out);
        }
    }

    /// A part that has to be a matrix even where it is a scalar.
    fn matrix(&self, layout: &Layout, id: PieceId, out: &mut Spelled) {
        if layout.is_scalar(id) {
            out.text(self.named("reshape("));
            self.argument(layout, id, out);
            out.text(", (1, 1))");
        } else {
            out.part(id, Place::Open);
        }
    }

    fn call(&self, layout: &Layout, call: &Call, out: &mut Spelled) {
        let function = layout.formula().function(call.function);
        let used = Use { function: call.function, marks: call.marks.clone() };
        let (name, more) = match (self.names.function(&used), function.body) {
            (Some(name), _) => (name.to_owned(), ""),
            (None, Body::Primitive(primitive)) => self.row.call(primitive),
            (None, _) => (function.name.to_string(), ""),
        };
        out.text(name).text("(");
        self.arguments(layout, &call.arguments, out);
        out.text(more).text(")");
    }

    /// A function of whole matrices. A `1 x 1` matrix that comes out of it is the number in it.
    fn matrix_call(&self, layout: &Layout, id: FunctionId, arguments: &[PieceId], out: &mut Spelled) {
        let formula = layout.formula();
        let function = formula.function(id);
        let used = Use { function: id, marks: Vec::new() };
        let name = self.names.function(&used).unwrap_or(&function.name).to_owned();
        out.text(name).text("(");
        let Some(signature) = &function.signature else {
            self.arguments(layout, arguments, out);
            out.text(")");
            return;
        };
        for (index, (argument, parameter)) in arguments.iter().zip(&signature.parameters).enumerate() {
            out.text(if index == 0 { "" } else { ", " });
            if parameter.is_scalar() {
                self.argument(layout, *argument, out);
            } else {
                self.matrix(layout, *argument, out);
            }
        }
        out.text(")");
        let shapes = signature.parameters.iter().zip(arguments);
        let is_one = |size: &Size| {
            size.is_one()
                || shapes.clone().any(|(declared, argument)| {
                    layout.shape(*argument).is_some_and(|actual| {
                        declared.rows == *size && actual.rows.is_one()
                            || declared.cols == *size && actual.cols.is_one()
                    })
                })
        };
        let result = &signature.result;
        if !result.is_scalar() && is_one(&result.rows) && is_one(&result.cols) {
            out.text("[0, 0]");
        }
    }

    fn operator(&self, layout: &Layout, operator: Operator, inner: PieceId, out: &mut Spelled) {
        if operator == Operator::LogDeterminant && layout.is_scalar(inner) {
            out.text(self.named("log(")).text(self.named("abs("));
            self.argument(layout, inner, out);
            out.text("))");
            return;
        }
        let (open, close) = match operator {
            Operator::Trace => (self.named("trace("), ")"),
            Operator::Determinant => (self.named("linalg.det("), ")"),
            Operator::LogDeterminant => (self.named("linalg.slogdet("), ")[1]"),
            Operator::Inverse => (self.named("linalg.inv("), ")"),
            Operator::Diagonal => (self.named("diag("), ").reshape(-1, 1)"),
            Operator::DiagonalMatrix => (self.named("diag(("), ")[:, 0])"),
            // The columns of a matrix are the rows of its transpose, and rows are what Python's arrays are made of.
            Operator::Vec => {
                out.part(inner, Place::Transposed).text(".T.reshape(-1, 1)");
                return;
            }
        };
        out.text(open).part(inner, Place::Open).text(close);
    }

    /// A product, with solves in the place of inverses; a `1 x 1` array becomes the number in it.
    fn product(&self, layout: &Layout, factors: &[PieceId], is_scalar: bool, out: &mut Spelled) {
        out.text(if is_scalar { "(" } else { "" });
        let factors = written_out(layout, factors);
        let mut rest = factors.as_slice();
        let mut open = 0;
        loop {
            let Some((place, inverse)) = Inverse::first(layout, rest) else {
                self.word(layout, rest, out);
                break;
            };
            let (left, right) = (&rest[..place], &rest[place + 1..]);
            match (left, right) {
                ([], []) => {
                    out.part(rest[place], Place::LaterFactor);
                    break;
                }
                // B*inv(A) solves A'*X' = B'.
                (_, []) => {
                    out.text(self.named("linalg.solve("));
                    inverse.spell(true, out);
                    if let [only] = left {
                        out.text(", ").part(*only, Place::Transposed).text(".T).T");
                    } else {
                        out.text(", (");
                        self.word(layout, left, out);
                        out.text(").T).T");
                    }
                    break;
                }
                // inv(A)*B solves A*X = B.
                (_, [..]) => {
                    if !left.is_empty() {
                        self.word(layout, left, out);
                        out.text(" @ ");
                    }
                    out.text(self.named("linalg.solve("));
                    inverse.spell(false, out).text(", ");
                    open += 1;
                    rest = right;
                }
            }
        }
        out.text(")".repeat(open)).text(if is_scalar { ")[0, 0]" } else { "" });
    }

    /// A product without inverses; what ends in a column is multiplied from the right, which is less work.
    fn word(&self, layout: &Layout, factors: &[PieceId], out: &mut Spelled) {
        let is_column = |id: &PieceId| layout.shape(*id).is_some_and(Shape::is_column);
        let is_row = |id: &PieceId| layout.shape(*id).is_some_and(|shape| shape.rows.is_one());
        let from_right = factors.len() > 2
            && factors.last().is_some_and(is_column)
            && !factors.iter().rev().skip(1).any(|factor| is_row(factor) || is_column(factor));
        if !from_right {
            out.row(factors, [Place::FirstFactor, Place::LaterFactor], " @ ");
            return;
        }
        for (index, factor) in factors.iter().enumerate() {
            let between = match index {
                0 => "",
                _ if index + 1 < factors.len() => " @ (",
                _ => " @ ",
            };
            out.text(between).part(*factor, Place::LaterFactor);
        }
        out.text(")".repeat(factors.len() - 2));
    }
}

impl Spelling for Writer<'_> {
    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => {
                out.text(number.to_string());
            }
            Piece::Size(size) => {
                out.text(self.size(size));
            }
            Piece::Name(name) => {
                out.text(self.names.variable(name).to_owned());
            }
            Piece::Pi => {
                out.text(self.named("pi"));
            }
            Piece::Ones(shape) => {
                out.text(self.sized(self.row.ones, &shape.rows, &shape.cols));
            }
            Piece::Zeros(shape) => {
                out.text(self.sized(self.row.zeros, &shape.rows, &shape.cols));
            }
            Piece::Identity(size) => {
                out.text(self.sized(self.row.identity, size, size));
            }
            Piece::Call(call) => self.call(layout, call, out),
            Piece::Norm(inner) => {
                let is_scalar = layout.is_scalar(*inner);
                out.text(self.named(if is_scalar { "abs(" } else { "linalg.norm(" }));
                self.argument(layout, *inner, out);
                out.text(")");
            }
            Piece::Operator(operator, inner) => self.operator(layout, *operator, *inner, out),
            Piece::Unvec(inner, shape) => {
                let transposed = self.tuple(&shape.transpose());
                out.part(*inner, Place::Transposed).text(format!(".reshape({transposed}).T"));
            }
            Piece::Kronecker([left, right]) => {
                let factor = self.row.factor;
                let place = if factor.is_empty() { Place::Open } else { Place::Transposed };
                out.text(self.named("kron(")).part(*left, place).text(factor);
                out.text(", ").part(*right, place).text(factor).text(")");
            }
            Piece::Commutation([rows, cols]) => {
                out.text(self.sized(self.row.commutation, rows, cols));
            }
            Piece::MatrixCall(function, arguments) => self.matrix_call(layout, *function, arguments, out),
            Piece::Block(direction, parts) => {
                let [open, across, down] = self.row.concatenate;
                out.text(open);
                for (index, part) in parts.iter().enumerate() {
                    out.text(if index == 0 { "" } else { ", " });
                    self.matrix(layout, *part, out);
                }
                out.text(match direction {
                    Direction::Across => across,
                    Direction::Down => down,
                });
            }
            Piece::Range { of, direction, first, last } => {
                let one = layout.shape(*of).is_some_and(|shape| match direction {
                    Direction::Across => shape.rows.is_one() && first == last,
                    Direction::Down => shape.cols.is_one() && first == last,
                });
                let (first, last) = (self.size(&first.add(&Size::number(1).negate())), self.size(last));
                let index = match direction {
                    Direction::Across => format!("[:, {first}:{last}]"),
                    Direction::Down => format!("[{first}:{last}, :]"),
                };
                out.part(*of, Place::Transposed).text(index).text(if one { "[0, 0]" } else { "" });
            }
            Piece::Root(inner) => {
                out.text(self.named("sqrt("));
                self.argument(layout, *inner, out);
                out.text(")");
            }
            Piece::Total(over, inner) => {
                let [rows, columns] = self.row.sums;
                let close = match over {
                    Over::All => ")",
                    Over::Rows => rows,
                    Over::Columns => columns,
                };
                out.text(self.named("sum(")).part(*inner, Place::Open).text(close);
            }
            Piece::Negated(inner) => {
                out.text("-").part(*inner, Place::Negated);
            }
            Piece::Sum(terms) => {
                out.terms(terms);
            }
            Piece::Product { factors, is_scalar } => self.product(layout, factors, *is_scalar, out),
            Piece::Scalars(factors) => {
                out.row(factors, [Place::FirstFactor, Place::LaterFactor], " * ");
            }
            Piece::Scaled(scalar, body) => {
                out.part(*scalar, Place::FirstFactor).text(" * ").part(*body, Place::LaterFactor);
            }
            Piece::Quotient(value, divisor) => {
                out.part(*value, Place::FirstFactor).text(" / ").part(*divisor, Place::LaterFactor);
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
            }
            Piece::Power { base, exponent, elementwise: _ } => {
                out.part(*base, Place::Base).text("**").part(*exponent, Place::Exponent);
            }
            Piece::MatrixPower(base, count) => self.product(layout, &vec![*base; *count], false, out),
            Piece::Transposed(inner) => {
                out.part(*inner, Place::Transposed).text(".T");
            }
            Piece::Grouped(inner) => {
                out.text("(").part(*inner, Place::Open).text(")");
            }
        };
    }
}
