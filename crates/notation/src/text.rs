//! Layout to text in the language of formulas; it reads back equal.

use crate::spell::{Spelled, Spelling, spell};
use formula::{Direction, Formula, NodeId, Shape};
use layout::{Call, Layout, Over, Piece, PieceId, Place, layout};

/// Who is to read a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Chainrule itself, and people.
    #[default]
    Chainrule,
    /// Any reader of formulas: the norm is `norm2`, and `unvec` is written out as a product of Kronecker products. The value must
    /// be built from portable functions; blocks and parts of matrices, which no such product can be, keep their brackets.
    Portable,
}

/// A value as text, such as `2/m*(A2 - Y) .* g2'(Z2)`; `None` when it would be longer than [`LONGEST`](crate::LONGEST).
pub fn text(formula: &Formula, id: NodeId) -> Option<String> {
    text_in(formula, id, Dialect::Chainrule)
}

/// A value as text in a dialect; `None` when it would be longer than [`LONGEST`](crate::LONGEST).
pub fn text_in(formula: &Formula, id: NodeId, dialect: Dialect) -> Option<String> {
    spell(&layout(formula, id), &Text { dialect })
}

struct Text {
    dialect: Dialect,
}

impl Spelling for Text {
    fn needs_brackets(&self, layout: &Layout, id: PieceId, place: Place) -> bool {
        match layout.piece(id) {
            // Written out it is a product.
            Piece::Unvec(..) if self.dialect == Dialect::Portable => !matches!(
                place,
                Place::Open | Place::Term | Place::Negated | Place::Scaled | Place::FirstFactor
            ),
            _ => layout.brackets(id, place),
        }
    }

    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => out.text(number.to_string()),
            Piece::Size(size) => out.text(size.to_string()),
            Piece::Name(name) => out.text(name.to_string()),
            Piece::Pi => out.text("pi"),
            Piece::Ones(shape) => out.text(ones(shape)),
            Piece::Zeros(shape) => out.text(format!("zeros({}, {})", shape.rows, shape.cols)),
            Piece::Identity(size) => out.text(format!("eye({size})")),
            Piece::Call(call) => self.call(layout, call, out),
            Piece::Norm(inner) => {
                let name = match self.dialect {
                    Dialect::Chainrule => "norm(",
                    Dialect::Portable => "norm2(",
                };
                out.text(name).part(*inner, Place::Open).text(")")
            }
            Piece::Operator(operator, inner) => {
                out.text(operator.name()).text("(").part(*inner, Place::Open).text(")")
            }
            Piece::Unvec(inner, Shape { rows, cols }) if self.dialect == Dialect::Portable => out
                .text(format!("kron(vec(eye({cols}))', eye({rows}))*kron(eye({cols}), "))
                .part(*inner, Place::Open)
                .text(")"),
            Piece::Unvec(inner, shape) => out
                .text("unvec(")
                .part(*inner, Place::Open)
                .text(format!(", {}, {})", shape.rows, shape.cols)),
            Piece::Kronecker(pair) => out.text("kron(").list(pair, ", ").text(")"),
            Piece::Commutation([rows, cols]) => out.text(format!("commutation({rows}, {cols})")),
            Piece::MatrixCall(function, arguments) => {
                let function = layout.formula().function(*function);
                out.text(function.name.to_string()).text("(").list(arguments, ", ");
                for axis in function.signature.iter().flat_map(|signature| &signature.axis) {
                    out.text(format!(", {axis}"));
                }
                out.text(")")
            }
            Piece::Block(direction, parts) => {
                let between = match direction {
                    Direction::Across => ", ",
                    Direction::Down => "; ",
                };
                out.text("[").list(parts, between).text("]")
            }
            Piece::Range { of, direction, first, last } => {
                let name = match direction {
                    Direction::Across => "cols(",
                    Direction::Down => "rows(",
                };
                out.text(name).part(*of, Place::Open).text(format!(", {first}, {last})"))
            }
            Piece::Root(inner) => out.text("sqrt(").part(*inner, Place::Open).text(")"),
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => ")",
                    Over::Rows => ", 1)",
                    Over::Columns => ", 2)",
                };
                out.text("sum(").part(*inner, Place::Open).text(axis)
            }
            Piece::Negated(inner) => out.text("-").part(*inner, Place::Negated),
            Piece::Sum(terms) => out.terms(terms),
            Piece::Product { factors, .. } | Piece::Scalars(factors) => {
                out.row(factors, [Place::FirstFactor, Place::LaterFactor], "*")
            }
            Piece::Scaled(scalar, body) => {
                out.part(*scalar, Place::FirstFactor).text("*").part(*body, Place::Scaled)
            }
            Piece::Quotient(value, divisor) => {
                out.part(*value, Place::FirstFactor).text("/").part(*divisor, Place::LaterFactor)
            }
            Piece::Elementwise(factors) => {
                for (index, factor) in factors.iter().enumerate() {
                    let (sign, place) = match (index, factor.is_divisor) {
                        (0, _) => ("", Place::FirstElement),
                        (_, false) => (" .* ", Place::LaterElement),
                        (_, true) => (" ./ ", Place::LaterElement),
                    };
                    out.text(sign).part(factor.piece, place);
                }
                out
            }
            Piece::Power { base, exponent, elementwise } => {
                let sign = if *elementwise { ".^" } else { "^" };
                out.part(*base, Place::Base).text(sign).part(*exponent, Place::Exponent)
            }
            Piece::MatrixPower(base, count) => out.part(*base, Place::Base).text(format!("^{count}")),
            Piece::Transposed(inner) => out.part(*inner, Place::Transposed).text("'"),
            Piece::Grouped(inner) => out.text("(").part(*inner, Place::Open).text(")"),
        };
    }
}

impl Text {
    /// `g(X)`, `g'(X)`, `g''(X)`, `g'1(X, Y)`, `leaky_relu(X, slope = 0.2)`.
    fn call<'o>(&self, layout: &Layout, call: &Call, out: &'o mut Spelled) -> &'o mut Spelled {
        let function = layout.formula().function(call.function);
        let mut name = function.name.to_string();
        for mark in &call.marks {
            name.push('\'');
            if function.parameters.len() > 1 {
                name.push_str(&(u32::from(*mark) + 1).to_string());
            }
        }
        out.text(name).text("(").list(&call.arguments, ", ");
        for setting in function.settings.iter().filter(|setting| setting.value != setting.default) {
            out.text(format!(", {} = {}", setting.name, setting.value));
        }
        out.text(")")
    }
}

fn ones(shape: &Shape) -> String {
    if shape.is_column() {
        format!("ones({})", shape.rows)
    } else {
        format!("ones({}, {})", shape.rows, shape.cols)
    }
}

#[cfg(test)]
pub(crate) mod tests;
