//! Layout to LaTeX: fractions, the circled dot, Greek letters, subscripts.

use crate::layout::{Call, Layout, Over, Piece, PieceId, Place, layout};
use crate::spell::{Spelled, Spelling, spell};
use formula::{Direction, Formula, Function, NodeId, Number, Operator};

/// A value as LaTeX, for a mathematics environment; `None` when it would be longer than [`LONGEST`](crate::LONGEST).
pub fn latex(formula: &Formula, id: NodeId) -> Option<String> {
    spell(&layout(formula, id), &Latex)
}

/// A name as LaTeX: `W1` is `W_{1}`, `lambda` is `\lambda`, `df/dW1` is a fraction of partial derivatives.
pub fn latex_name(name: &str) -> String {
    if let Some((value, by)) = derivative(name) {
        return format!(r"\frac{{\partial {}}}{{\partial {}}}", latex_name(value), latex_name(by));
    }
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (stem, index) = name.split_at(digits);
    let (stem, label) = match stem.trim_end_matches('_').split_once('_') {
        Some((stem, label)) if !stem.is_empty() => (stem, Some(label)),
        _ => (stem.trim_end_matches('_'), None),
    };
    let subscript: Vec<String> = label
        .map(|label| format!(r"\mathrm{{{}}}", escaped(label)))
        .into_iter()
        .chain((!index.is_empty()).then(|| index.to_owned()))
        .collect();
    let stem = if GREEK.contains(&stem) {
        format!(r"\{stem}")
    } else if stem.chars().count() == 1 {
        stem.to_owned()
    } else {
        format!(r"\mathrm{{{}}}", escaped(stem))
    };
    if subscript.is_empty() { stem } else { format!("{stem}_{{{}}}", subscript.join(", ")) }
}

/// The letters that LaTeX has commands for; the capitals that look Latin are not among them.
const GREEK: [&str; 34] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta",
    "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
];

struct Latex;

impl Spelling for Latex {
    fn brackets(&self) -> [&'static str; 2] {
        [r"\left(", r"\right)"]
    }

    fn needs_brackets(&self, layout: &Layout, id: PieceId, place: Place) -> bool {
        let is_raised = matches!(place, Place::Base | Place::Transposed);
        match layout.piece(id) {
            // A fraction's bar groups it, but an exponent would look like the numerator's.
            Piece::Quotient(..) => is_raised,
            Piece::Name(name) => is_raised && derivative(name).is_some(),
            // LaTeX refuses two superscripts in a row.
            Piece::Transposed(_) => is_raised,
            _ => layout.brackets(id, place),
        }
    }

    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => out.text(latex_number(*number)),
            Piece::Size(size) => out.text(latex_size(size)),
            Piece::Name(name) => out.text(latex_name(name)),
            Piece::Pi => out.text(r"\pi"),
            Piece::Ones(shape) if shape.is_column() => {
                out.text(format!(r"\mathbf{{1}}_{{{}}}", latex_size(&shape.rows)))
            }
            Piece::Ones(shape) => out.text(format!(
                r"\mathbf{{1}}_{{{} \times {}}}",
                latex_size(&shape.rows),
                latex_size(&shape.cols)
            )),
            Piece::Zeros(shape) => out.text(format!(
                r"\mathbf{{0}}_{{{} \times {}}}",
                latex_size(&shape.rows),
                latex_size(&shape.cols)
            )),
            Piece::Identity(size) => out.text(format!("I_{{{}}}", latex_size(size))),
            Piece::Call(call) => spell_call(layout, call, out),
            Piece::Norm(inner) => out.text(r"\lVert ").part(*inner, Place::Open).text(r" \rVert_{F}"),
            Piece::Operator(Operator::Inverse, inner) => out.part(*inner, Place::Base).text("^{-1}"),
            Piece::Operator(operator, inner) => {
                let name = match operator {
                    Operator::Trace => r"\operatorname{tr}",
                    Operator::Determinant => r"\det",
                    Operator::LogDeterminant => r"\log\left|\det",
                    Operator::Diagonal | Operator::DiagonalMatrix => r"\operatorname{diag}",
                    Operator::Vec | Operator::Inverse => r"\operatorname{vec}",
                };
                let close =
                    if *operator == Operator::LogDeterminant { r"\right)\right|" } else { r"\right)" };
                out.text(name).text(r"\left(").part(*inner, Place::Open).text(close)
            }
            Piece::Unvec(inner, shape) => out
                .text(format!(
                    r"\operatorname{{unvec}}_{{{} \times {}}}\left(",
                    latex_size(&shape.rows),
                    latex_size(&shape.cols)
                ))
                .part(*inner, Place::Open)
                .text(r"\right)"),
            Piece::Kronecker([left, right]) => {
                out.part(*left, Place::Base).text(r" \otimes ").part(*right, Place::Base)
            }
            Piece::Commutation([rows, cols]) => {
                out.text(format!("K_{{{}, {}}}", latex_size(rows), latex_size(cols)))
            }
            Piece::MatrixCall(function, arguments) => {
                let function = layout.formula().function(*function);
                out.text(latex_function(function)).text(r"\left(").list(arguments, ", ");
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
                let range = format!("{}:{}", latex_size(first), latex_size(last));
                let index = match direction {
                    Direction::Across => format!("_{{:,\\,{range}}}"),
                    Direction::Down => format!("_{{{range},\\,:}}"),
                };
                out.part(*of, Place::Transposed).text(index)
            }
            Piece::Root(inner) => out.text(r"\sqrt{").part(*inner, Place::Open).text("}"),
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => ")",
                    Over::Rows => ", 1)",
                    Over::Columns => ", 2)",
                };
                out.text(r"\operatorname{sum}(").part(*inner, Place::Open).text(axis)
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
                out.part(*base, Place::Base).text(sign).part(*exponent, Place::Open).text("}")
            }
            Piece::Transposed(inner) => out.part(*inner, Place::Transposed).text(r"^{\top}"),
            Piece::Grouped(inner) => out.text(r"\left(").part(*inner, Place::Open).text(r"\right)"),
        };
    }
}

/// `g_{1}'(Z_{1})`, `\partial_{2} g(X, Y)`, `\operatorname{gelu}(Z)`.
fn spell_call<'o>(layout: &Layout, call: &Call, out: &'o mut Spelled) -> &'o mut Spelled {
    let function = layout.formula().function(call.function);
    let mut name = latex_function(function);
    for mark in &call.marks {
        if function.parameters.len() > 1 {
            name.insert_str(0, &format!(r"\partial_{{{}}} ", u32::from(*mark) + 1));
        } else {
            name.push('\'');
        }
    }
    out.text(name).text("(").list(&call.arguments, ", ");
    let set = function.settings.iter().filter(|setting| setting.value != setting.default);
    for (index, setting) in set.enumerate() {
        let between = if index == 0 { r";\, " } else { ", " };
        let value = latex_number(setting.value);
        out.text(format!("{between}{} = {value}", latex_name(&setting.name)));
    }
    out.text(")")
}

fn latex_function(function: &Function) -> String {
    let stem = function.name.trim_end_matches(|c: char| c.is_ascii_digit());
    match &function.latex {
        Some(latex) => latex.clone(),
        None if stem.chars().count() == 1 || GREEK.contains(&stem) => latex_name(&function.name),
        None => format!(r"\operatorname{{{}}}", escaped(&function.name)),
    }
}

fn latex_number(number: Number) -> String {
    let text = number.to_string();
    match text.split_once('e') {
        Some(("1", exponent)) => format!("10^{{{exponent}}}"),
        Some((mantissa, exponent)) => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        None => text,
    }
}

/// `m`, `2 m n`, `n + p`.
pub(crate) fn latex_size(size: &formula::Size) -> String {
    size.to_string()
        .split(' ')
        .map(|term| {
            let factors = term.split('*').map(|factor| match factor.strip_prefix('-') {
                Some(factor) => format!("-{}", latex_size_factor(factor)),
                None => latex_size_factor(factor),
            });
            factors.collect::<Vec<_>>().join(" ")
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn latex_size_factor(factor: &str) -> String {
    match factor {
        "+" | "-" | "" => factor.to_owned(),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
        name => latex_name(name),
    }
}

/// The two names of a derivative's symbol `df/dX`.
pub(crate) fn derivative(name: &str) -> Option<(&str, &str)> {
    let (value, by) = name.strip_prefix('d')?.split_once("/d")?;
    (!value.is_empty() && !by.is_empty()).then_some((value, by))
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
