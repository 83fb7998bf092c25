//! Layout to LaTeX: fractions, the circled dot, Greek letters, subscripts.

use crate::drawn::{Drawn, Factor, Stem, factors};
use crate::spell::{Spelled, Spelling, spell};
use formula::{Direction, Formula, Function, NodeId, Number, Operator, Shape, Size};
use layout::{Call, Layout, Over, Piece, PieceId, Place, layout};

/// Where the number at the end of a name is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Below: `W_{1}`.
    #[default]
    Below,
    /// Above and in brackets, as the number of a layer: `W^{[1]}`.
    Above,
}

/// A value as LaTeX, for a mathematics environment; `None` when it would be longer than [`LONGEST`](crate::LONGEST).
pub fn latex(formula: &Formula, id: NodeId) -> Option<String> {
    latex_in(formula, id, Numbers::Below)
}

/// A value as LaTeX with the numbers of names below or above.
pub fn latex_in(formula: &Formula, id: NodeId, numbers: Numbers) -> Option<String> {
    spell(&layout(formula, id), &Latex { numbers })
}

/// A name as LaTeX: `W1` is `W_{1}`, `lambda` is `\lambda`, `df/dW1` is a fraction of partial derivatives.
pub fn latex_name(name: &str) -> String {
    latex_name_in(name, Numbers::Below)
}

/// A name as LaTeX with its number below or above.
pub fn latex_name_in(name: &str, numbers: Numbers) -> String {
    let Drawn { stem, label, number, .. } = match Drawn::new(name) {
        Ok(drawn) => drawn,
        Err([value, by]) => {
            let [value, by] = [value, by].map(|name| latex_name_in(name, numbers));
            return format!(r"\frac{{\partial {value}}}{{\partial {by}}}");
        }
    };
    // A hat, a bar or a tilde stands above its letter; letters are italic below one, words upright.
    let accent = label.filter(|label| matches!(*label, "hat" | "bar" | "tilde"));
    let label = if accent.is_some() { None } else { label };
    let stem = match stem {
        Stem::Greek(name) => format!(r"\{name}"),
        Stem::Letter(letter) => letter.to_owned(),
        Stem::Change(letter) => format!(r"\mathrm{{d}}{letter}"),
        Stem::Word(word) => format!(r"\mathrm{{{}}}", escaped(word)),
    };
    let stem = accent.map_or(stem.clone(), |accent| format!(r"\{accent}{{{stem}}}"));
    let below = label.map(|label| match label.chars().count() {
        1 => label.to_owned(),
        _ => format!(r"\mathrm{{{}}}", escaped(label)),
    });
    let mut below: Vec<String> = below.into_iter().collect();
    let mut above = String::new();
    match number {
        "" => {}
        number if numbers == Numbers::Above => above = format!("^{{[{number}]}}"),
        number => below.push(number.to_owned()),
    }
    let below = if below.is_empty() { below.concat() } else { format!("_{{{}}}", below.join(", ")) };
    format!("{stem}{below}{above}")
}

struct Latex {
    numbers: Numbers,
}

impl Spelling for Latex {
    fn brackets(&self) -> [&'static str; 2] {
        [r"\left(", r"\right)"]
    }

    fn needs_brackets(&self, layout: &Layout, id: PieceId, place: Place) -> bool {
        layout.brackets_drawn(id, place)
    }

    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => out.text(latex_number(*number)),
            Piece::Size(size) => out.text(self.size(size)),
            Piece::Name(name) => out.text(self.name(name)),
            Piece::Pi => out.text(r"\pi"),
            Piece::Ones(shape) if shape.is_column() => {
                out.text(format!(r"\mathbf{{1}}_{{{}}}", self.size(&shape.rows)))
            }
            Piece::Ones(shape) => out.text(format!(
                r"\mathbf{{1}}_{{{} \times {}}}",
                self.size(&shape.rows),
                self.size(&shape.cols)
            )),
            Piece::Zeros(shape) => out.text(format!(
                r"\mathbf{{0}}_{{{} \times {}}}",
                self.size(&shape.rows),
                self.size(&shape.cols)
            )),
            Piece::Identity(size) => out.text(format!("I_{{{}}}", self.size(size))),
            Piece::Call(call) => self.call(layout, call, out),
            Piece::Norm(inner) => {
                let is_column = layout.shape(*inner).is_some_and(Shape::is_column);
                let close = if is_column { r" \rVert" } else { r" \rVert_{F}" };
                out.text(r"\lVert ").part(*inner, Place::Open).text(close)
            }
            Piece::Operator(Operator::Inverse, inner) => {
                self.raised(layout, *inner, Place::Base, out).text("^{-1}")
            }
            Piece::Operator(Operator::LogDeterminant, inner) => {
                out.text(r"\log\left|").part(*inner, Place::Open).text(r"\right|")
            }
            Piece::Operator(operator, inner) => {
                let name = match operator {
                    Operator::Trace => r"\operatorname{tr}",
                    Operator::Determinant => r"\det",
                    Operator::Diagonal | Operator::DiagonalMatrix => r"\operatorname{diag}",
                    Operator::Vec | Operator::Inverse | Operator::LogDeterminant => r"\operatorname{vec}",
                };
                out.text(name).text(r"\left(").part(*inner, Place::Open).text(r"\right)")
            }
            Piece::Unvec(inner, shape) => out
                .text(format!(
                    r"\operatorname{{unvec}}_{{{} \times {}}}\left(",
                    self.size(&shape.rows),
                    self.size(&shape.cols)
                ))
                .part(*inner, Place::Open)
                .text(r"\right)"),
            Piece::Kronecker([left, right]) => {
                out.part(*left, Place::LaterFactor).text(r" \otimes ").part(*right, Place::LaterFactor)
            }
            Piece::Commutation([rows, cols]) => {
                out.text(format!("K_{{{}, {}}}", self.size(rows), self.size(cols)))
            }
            Piece::MatrixCall(function, arguments) => {
                let function = layout.formula().function(*function);
                out.text(self.function(function)).text(r"\left(").list(arguments, ", ");
                for axis in function.signature.iter().flat_map(|signature| &signature.axis) {
                    out.text(format!(", {axis}"));
                }
                out.text(r"\right)")
            }
            Piece::Block(direction, parts) => {
                let between = match direction {
                    Direction::Across => " & ",
                    Direction::Down => r" \\ ",
                };
                out.text(r"\begin{bmatrix} ").list(parts, between).text(r" \end{bmatrix}")
            }
            Piece::Range { of, direction, first, last } => {
                let range = format!("{}:{}", self.size(first), self.size(last));
                let index = match direction {
                    Direction::Across => format!("_{{:,\\,{range}}}"),
                    Direction::Down => format!("_{{{range},\\,:}}"),
                };
                if layout.is_letter(*of) {
                    out.part(*of, Place::Open).text(index)
                } else {
                    out.text(r"\left[").part(*of, Place::Open).text(r"\right]").text(index)
                }
            }
            Piece::Root(inner) => out.text(r"\sqrt{").part(*inner, Place::Open).text("}"),
            // The sum of absolute values is a norm.
            Piece::Total(Over::All, inner) if absolute(layout, *inner).is_some() => {
                let inner = absolute(layout, *inner).unwrap_or(*inner);
                out.text(r"\lVert ").part(inner, Place::Open).text(r" \rVert_{1}")
            }
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => r"\right)",
                    Over::Rows => r", 1\right)",
                    Over::Columns => r", 2\right)",
                };
                out.text(r"\operatorname{sum}\left(").part(*inner, Place::Open).text(axis)
            }
            Piece::Negated(inner) => out.text("-").part(*inner, Place::Negated),
            Piece::Sum(terms) => out.terms(terms),
            Piece::Product { factors, .. } => out.row(factors, [Place::FirstFactor, Place::LaterFactor], " "),
            Piece::Scalars(factors) => {
                for (index, factor) in factors.iter().enumerate() {
                    let place = if index == 0 { Place::FirstFactor } else { Place::LaterFactor };
                    let between = match (index, layout.piece(*factor)) {
                        (0, _) => "",
                        (_, Piece::Number(_)) => r" \cdot ",
                        _ => " ",
                    };
                    out.text(between).part(*factor, place);
                }
                out
            }
            Piece::Scaled(scalar, body) => {
                out.part(*scalar, Place::FirstFactor).text(" ").part(*body, Place::Scaled)
            }
            Piece::Quotient(value, divisor) => {
                out.text(r"\frac{").part(*value, Place::Open).text("}{").part(*divisor, Place::Open).text("}")
            }
            Piece::Elementwise(factors) => {
                for (index, factor) in factors.iter().enumerate() {
                    let (sign, place) = match (index, factor.is_divisor) {
                        (0, _) => ("", Place::FirstElement),
                        (_, false) => (r" \odot ", Place::LaterElement),
                        (_, true) => (r" \oslash ", Place::LaterElement),
                    };
                    out.text(sign).part(factor.piece, place);
                }
                out
            }
            Piece::Power { base, exponent, elementwise } => {
                let sign = if *elementwise { r"^{\circ " } else { "^{" };
                self.raised(layout, *base, Place::Base, out)
                    .text(sign)
                    .part(*exponent, Place::Exponent)
                    .text("}")
            }
            // Z^{-\top}
            Piece::Transposed(inner) if inverse(layout, *inner).is_some() => {
                let of = inverse(layout, *inner).unwrap_or(*inner);
                self.raised(layout, of, Place::Base, out).text(r"^{-\top}")
            }
            Piece::MatrixPower(base, count) => match inverse(layout, *base) {
                Some(of) => self.raised(layout, of, Place::Base, out).text(format!("^{{-{count}}}")),
                None => self.raised(layout, *base, Place::Base, out).text(format!("^{{{count}}}")),
            },
            Piece::Transposed(inner) => self.raised(layout, *inner, Place::Transposed, out).text(r"^{\top}"),
            Piece::Grouped(inner) => out.text(r"\left(").part(*inner, Place::Open).text(r"\right)"),
        };
    }
}

/// Of which entries a piece is the absolute values.
fn absolute(layout: &Layout, id: PieceId) -> Option<PieceId> {
    let Piece::Call(call) = layout.piece(id) else { return None };
    let (before, argument, after) = around(layout, call)?;
    let bars = before.ends_with('|') && after.ends_with('|');
    (bars && layout.shape(argument).is_some_and(|shape| !shape.is_scalar())).then_some(argument)
}

/// What LaTeX writes around the argument of a call, where it writes no name in front.
fn around<'l>(layout: &'l Layout, call: &Call) -> Option<(&'l str, PieceId, &'l str)> {
    let latex = layout.formula().function(call.function).latex.as_ref()?;
    let (before, after) = latex.split_once("{0}")?;
    match call.arguments.as_slice() {
        [argument] if call.marks.is_empty() => Some((before, *argument, after)),
        _ => None,
    }
}

/// What a piece is the inverse of.
fn inverse(layout: &Layout, id: PieceId) -> Option<PieceId> {
    match layout.piece(id) {
        Piece::Operator(Operator::Inverse, of) => Some(*of),
        _ => None,
    }
}

impl Latex {
    fn name(&self, name: &str) -> String {
        latex_name_in(name, self.numbers)
    }

    fn function(&self, function: &Function) -> String {
        match &function.latex {
            Some(latex) if !latex.contains("{0}") => latex.clone(),
            _ => match Drawn::new(&function.name) {
                Ok(Drawn { stem: Stem::Word(_), .. }) => {
                    format!(r"\operatorname{{{}}}", escaped(&function.name))
                }
                _ => self.name(&function.name),
            },
        }
    }

    /// `m`, `2 m n`, `n + p`.
    fn size(&self, size: &Size) -> String {
        let mut out = String::new();
        for Factor { before, number, names } in factors(size) {
            let names = names.iter().map(|name| self.name(name));
            out.push_str(before);
            out.push_str(&number.into_iter().chain(names).collect::<Vec<_>>().join(" "));
        }
        out
    }

    /// What something is written above of. LaTeX refuses two superscripts in a row, but for braces between them.
    fn raised<'o>(
        &self,
        layout: &Layout,
        id: PieceId,
        place: Place,
        out: &'o mut Spelled,
    ) -> &'o mut Spelled {
        let is_above = match layout.piece(id) {
            Piece::Name(name) => self.name(name).ends_with("]}"),
            _ => false,
        };
        if is_above { out.text("{").part(id, place).text("}") } else { out.part(id, place) }
    }

    /// `g_{1}'(Z_{1})`, `\partial_{2} g(X, Y)`, `\operatorname{gelu}(Z)`.
    fn call<'o>(&self, layout: &Layout, call: &Call, out: &'o mut Spelled) -> &'o mut Spelled {
        let function = layout.formula().function(call.function);
        // |x| of a number; of a vector or a matrix bars would mean a norm or a determinant.
        if let Some((before, argument, after)) = around(layout, call)
            && layout.is_scalar(argument)
        {
            return out.text(before.to_owned()).part(argument, Place::Open).text(after.to_owned());
        }
        let mut name = self.function(function);
        if name.ends_with("]}") && !call.marks.is_empty() {
            name = format!("{{{name}}}");
        }
        for mark in &call.marks {
            if function.parameters.len() > 1 {
                name.insert_str(0, &format!(r"\partial_{{{}}} ", u32::from(*mark) + 1));
            } else {
                name.push('\'');
            }
        }
        let is_low = |id: &PieceId| matches!(layout.piece(*id), Piece::Name(name) if formula::derivative(name).is_none());
        let is_low =
            call.arguments.iter().all(|id| is_low(id) || matches!(layout.piece(*id), Piece::Number(_)));
        let [open, close] = if is_low { ["(", ")"] } else { self.brackets() };
        out.text(name).text(open).list(&call.arguments, ", ");
        let set = function.settings.iter().filter(|setting| setting.value != setting.default);
        for (index, setting) in set.enumerate() {
            let between = if index == 0 { r";\, " } else { ", " };
            let value = latex_number(setting.value);
            out.text(format!("{between}{} = {value}", self.name(&setting.name)));
        }
        out.text(close)
    }
}

fn latex_number(number: Number) -> String {
    let text = number.to_string();
    // 0.5 is a half; what was typed as a decimal, such as 0.1, stays one.
    if let (Some((above, below @ (2 | 4 | 8))), true) = (number.as_ratio(), text.contains('.')) {
        return format!(r"\frac{{{above}}}{{{below}}}");
    }
    match text.split_once('e') {
        Some(("1", exponent)) => format!("10^{{{exponent}}}"),
        Some((mantissa, exponent)) => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        None => text,
    }
}

fn escaped(name: &str) -> String {
    name.replace('_', r"\_")
}

#[cfg(test)]
mod tests {
    use super::{latex, latex_name};
    use crate::text::tests::{Draft, loss_slope, size};
    use formula::{Formula, NodeId};

    fn check(build: impl FnOnce(&mut Draft) -> NodeId, want: &str) {
        let mut draft = Draft(Formula::new());
        let id = build(&mut draft);
        assert_eq!(latex(&draft.0, id).as_deref(), Some(want));
    }

    #[test]
    fn names_become_letters_with_subscripts() {
        assert_eq!(latex_name("W1"), "W_{1}");
        assert_eq!(latex_name("lambda"), r"\lambda");
        assert_eq!(latex_name("rate"), r"\mathrm{rate}");
        assert_eq!(latex_name("W_out2"), r"W_{\mathrm{out}, 2}");
        assert_eq!(latex_name("beta_1"), r"\beta_{1}");
        assert_eq!(latex_name("df/dW1"), r"\frac{\partial f}{\partial W_{1}}");
        assert_eq!(latex_name("dloss/dmu"), r"\frac{\partial \mathrm{loss}}{\partial \mu}");
    }

    #[test]
    fn the_lines_of_the_article() {
        check(
            |d| {
                let (front, z) = (loss_slope(d), d.matrix("Z2", "m", "q"));
                let slope = d.g("g2", &[0], z);
                d.times(&[front, slope])
            },
            r"\frac{2}{m} \left(A_{2} - Y\right) \odot g_{2}'(Z_{2})",
        );
        check(
            |d| {
                let (a, y) = (d.matrix("A2", "m", "q"), d.matrix("Y", "m", "q"));
                let (difference, m) = (d.sub(a, y), d.size("m"));
                let norm = d.norm(difference);
                let square = d.pow(norm, 2, 1);
                let per_row = d.pow(m, -1, 1);
                d.scale(per_row, square)
            },
            r"\frac{\lVert A_{2} - Y \rVert_{F}^{2}}{m}",
        );
        check(
            |d| {
                let (x, dz) = (d.matrix("X", "m", "n"), d.matrix("df/dZ1", "m", "p"));
                let (x, dz) = (d.t(x), d.t(dz));
                let dz = d.t(dz);
                d.mul(&[x, dz])
            },
            r"X^{\top} \frac{\partial f}{\partial Z_{1}}",
        );
        check(
            |d| {
                let dz = d.matrix("df/dZ1", "m", "p");
                d.t(dz)
            },
            r"\left(\frac{\partial f}{\partial Z_{1}}\right)^{\top}",
        );
    }

    #[test]
    fn superscripts_never_meet() {
        check(
            |d| {
                let x = d.matrix("X", "m", "n");
                let transposed = d.t(x);
                d.pow(transposed, 2, 1)
            },
            r"\left(X^{\top}\right)^{\circ 2}",
        );
        check(
            |d| {
                let (x, c) = (d.matrix("X", "m", "n"), d.scalar("c"));
                let (three, over) = (d.n(3), d.pow(c, -2, 1));
                let (x, scalar) = (d.t(x), d.scale(three, over));
                let all = d.scale(scalar, x);
                d.t(all)
            },
            r"\left(\frac{3}{c^{2}} X^{\top}\right)^{\top}",
        );
    }

    #[test]
    fn sizes_are_subscripts() {
        check(
            |d| {
                let shape = formula::Shape::new(size("m").multiply(&size("n1")), size("n").add(&size("2")));
                d.0.ones(shape)
            },
            r"\mathbf{1}_{m n_{1} \times n + 2}",
        );
        check(|d| d.ratio(3, 100_000_000), r"3 \cdot 10^{-8}");
    }
}
