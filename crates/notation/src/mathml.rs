//! Layout to MathML, which browsers draw without scripts or fonts of their own.

use crate::drawn::{Drawn, Factor, GREEK, Stem, factors};
use crate::latex::Numbers;
use crate::spell::{LONGEST, Spelled, Spelling, spell};
use formula::{Direction, Formula, Function, NodeId, Number, Operator, Shape, Size};
use layout::{Call, Layout, Over, Piece, PieceId, Place, layout};

/// A value as the inside of a `<math>` element; `None` when it would be longer than some [`LONGEST`](crate::LONGEST)
/// characters of a formula.
pub fn mathml(formula: &Formula, id: NodeId, numbers: Numbers) -> Option<String> {
    spell(&layout(formula, id), &MathMl { numbers })
}

/// A name as the inside of a `<math>` element.
pub fn mathml_name(name: &str, numbers: Numbers) -> String {
    let Drawn { stem, label, number } = match Drawn::new(name) {
        Ok(drawn) => drawn,
        Err(names) => {
            let [value, by] =
                names.map(|name| format!("<mrow><mo>∂</mo>{}</mrow>", mathml_name(name, numbers)));
            return format!("<mfrac>{value}{by}</mfrac>");
        }
    };
    let stem = match stem {
        Stem::Greek(name) => {
            greek(name).map_or_else(|| identifier(name), |letter| identifier(&letter.to_string()))
        }
        Stem::Letter(name) | Stem::Word(name) => identifier(name),
        Stem::Change(letter) => {
            format!("<mrow><mi mathvariant=\"normal\">d</mi>{}</mrow>", identifier(letter))
        }
    };
    let label = label.map(identifier);
    let below = |number: &str| format!("<mn>{number}</mn>");
    let (below, above) = match (number, numbers) {
        ("", _) => (label.into_iter().collect::<Vec<_>>(), None),
        (number, Numbers::Below) => (label.into_iter().chain([below(number)]).collect(), None),
        (number, Numbers::Above) => {
            (label.into_iter().collect(), Some(format!("<mrow><mo>[</mo><mn>{number}</mn><mo>]</mo></mrow>")))
        }
    };
    let below = format!("<mrow>{}</mrow>", below.join("<mo>,</mo>"));
    match (below == "<mrow></mrow>", above) {
        (true, None) => stem,
        (true, Some(above)) => format!("<msup>{stem}{above}</msup>"),
        (false, None) => format!("<msub>{stem}{below}</msub>"),
        (false, Some(above)) => format!("<msubsup>{stem}{below}{above}</msubsup>"),
    }
}

/// A text as XML has to have it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn identifier(name: &str) -> String {
    format!("<mi>{}</mi>", escaped(name))
}

fn greek(name: &str) -> Option<char> {
    GREEK.iter().find(|(greek, _)| *greek == name).map(|(_, letter)| *letter)
}

/// Between factors that stand beside one another.
const TIMES: &str = "<mo>&#x2062;</mo><mspace width=\"0.16em\"/>";
/// Between a function and its arguments.
const APPLY: &str = "<mo>&#x2061;</mo><mrow><mo>(</mo>";
const CLOSE: &str = "<mo>)</mo></mrow>";
const COMMA: &str = "<mo>,</mo>";

struct MathMl {
    numbers: Numbers,
}

impl Spelling for MathMl {
    fn brackets(&self) -> [&'static str; 2] {
        ["<mrow><mo>(</mo>", CLOSE]
    }

    fn needs_brackets(&self, layout: &Layout, id: PieceId, place: Place) -> bool {
        layout.brackets_drawn(id, place)
    }

    fn longest(&self) -> usize {
        20 * LONGEST
    }

    fn spell(&self, layout: &Layout, piece: &Piece, out: &mut Spelled) {
        match piece {
            Piece::Number(number) => out.text(number_text(*number)),
            Piece::Size(size) => out.text(format!("<mrow>{}</mrow>", self.size(size))),
            Piece::Name(name) => out.text(mathml_name(name, self.numbers)),
            Piece::Pi => out.text("<mi>π</mi>"),
            Piece::Ones(shape) => out.text(self.constant("<mn>𝟏</mn>", shape)),
            Piece::Zeros(shape) => out.text(self.constant("<mn>𝟎</mn>", shape)),
            Piece::Identity(size) => {
                out.text(format!("<msub><mi>I</mi><mrow>{}</mrow></msub>", self.size(size)))
            }
            Piece::Call(call) => self.call(layout, call, out),
            Piece::Norm(inner) => {
                let [open, close] = match is_column(layout, *inner) {
                    true => ["<mrow><mo>‖</mo>", "<mo>‖</mo></mrow>"],
                    false => ["<msub><mrow><mo>‖</mo>", "<mo>‖</mo></mrow><mi>F</mi></msub>"],
                };
                out.text(open).part(*inner, Place::Open).text(close)
            }
            Piece::Operator(Operator::Inverse, inner) => self
                .row(*inner, Place::Base, out.text("<msup>"))
                .text("<mrow><mo>−</mo><mn>1</mn></mrow></msup>"),
            Piece::Operator(Operator::LogDeterminant, inner) => out
                .text("<mi>log</mi><mrow><mo>|</mo><mi>det</mi>")
                .text(APPLY)
                .part(*inner, Place::Open)
                .text(CLOSE)
                .text("<mo>|</mo></mrow>"),
            Piece::Operator(operator, inner) => {
                out.text(identifier(operator.name())).text(APPLY).part(*inner, Place::Open).text(CLOSE)
            }
            Piece::Unvec(inner, shape) => out
                .text(self.constant("<mi>unvec</mi>", shape))
                .text(APPLY)
                .part(*inner, Place::Open)
                .text(CLOSE),
            Piece::Kronecker([left, right]) => {
                out.part(*left, Place::LaterFactor).text("<mo>⊗</mo>").part(*right, Place::LaterFactor)
            }
            Piece::Commutation([rows, cols]) => out.text(format!(
                "<msub><mi>K</mi><mrow>{}{COMMA}{}</mrow></msub>",
                self.size(rows),
                self.size(cols)
            )),
            Piece::MatrixCall(function, arguments) => {
                let function = layout.formula().function(*function);
                out.text(self.function(function)).text(APPLY).list(arguments, COMMA);
                for axis in function.signature.iter().flat_map(|signature| &signature.axis) {
                    out.text(format!("{COMMA}<mn>{axis}</mn>"));
                }
                out.text(CLOSE)
            }
            Piece::Block(direction, parts) => {
                let between = match direction {
                    Direction::Across => "</mtd><mtd>",
                    Direction::Down => "</mtd></mtr><mtr><mtd>",
                };
                out.text("<mrow><mo>[</mo><mtable><mtr><mtd>")
                    .list(parts, between)
                    .text("</mtd></mtr></mtable><mo>]</mo></mrow>")
            }
            Piece::Range { of, direction, first, last } => {
                let range = format!("{}<mo>:</mo>{}", self.size(first), self.size(last));
                let index = match direction {
                    Direction::Across => format!("<mo>:</mo>{COMMA}{range}"),
                    Direction::Down => format!("{range}{COMMA}<mo>:</mo>"),
                };
                let [open, close] =
                    if layout.is_letter(*of) { ["", ""] } else { ["<mo>[</mo>", "<mo>]</mo>"] };
                out.text("<msub><mrow>").text(open).part(*of, Place::Open).text(close);
                out.text(format!("</mrow><mrow>{index}</mrow></msub>"))
            }
            Piece::Root(inner) => out.text("<msqrt>").part(*inner, Place::Open).text("</msqrt>"),
            Piece::Total(over, inner) => {
                let axis = match over {
                    Over::All => "",
                    Over::Rows => "<mo>,</mo><mn>1</mn>",
                    Over::Columns => "<mo>,</mo><mn>2</mn>",
                };
                out.text("<mi>sum</mi>").text(APPLY).part(*inner, Place::Open).text(axis).text(CLOSE)
            }
            Piece::Negated(inner) => {
                out.text("<mrow><mo form=\"prefix\">−</mo>").part(*inner, Place::Negated).text("</mrow>")
            }
            Piece::Sum(terms) => {
                out.text("<mrow>");
                for (index, term) in terms.iter().enumerate() {
                    out.text(match (index, term.is_negative) {
                        (0, false) => "",
                        (0, true) => "<mo form=\"prefix\">−</mo>",
                        (_, false) => "<mo>+</mo>",
                        (_, true) => "<mo>−</mo>",
                    });
                    out.part(term.piece, Place::Term);
                }
                out.text("</mrow>")
            }
            Piece::Product { factors, .. } => {
                out.text("<mrow>");
                out.row(factors, [Place::FirstFactor, Place::LaterFactor], TIMES).text("</mrow>")
            }
            Piece::Scalars(factors) => {
                out.text("<mrow>");
                for (index, factor) in factors.iter().enumerate() {
                    let place = if index == 0 { Place::FirstFactor } else { Place::LaterFactor };
                    let between = match (index, layout.piece(*factor)) {
                        (0, _) => "",
                        (_, Piece::Number(_)) => "<mo>⋅</mo>",
                        _ => TIMES,
                    };
                    out.text(between).part(*factor, place);
                }
                out.text("</mrow>")
            }
            Piece::Scaled(scalar, body) => out
                .text("<mrow>")
                .part(*scalar, Place::FirstFactor)
                .text(TIMES)
                .part(*body, Place::Scaled)
                .text("</mrow>"),
            Piece::Quotient(value, divisor) => {
                self.row(*value, Place::Open, out.text("<mfrac>"));
                self.row(*divisor, Place::Open, out).text("</mfrac>")
            }
            Piece::Elementwise(factors) => {
                out.text("<mrow>");
                for (index, factor) in factors.iter().enumerate() {
                    let (sign, place) = match (index, factor.is_divisor) {
                        (0, _) => ("", Place::FirstElement),
                        (_, false) => ("<mo>⊙</mo>", Place::LaterElement),
                        (_, true) => ("<mo>⊘</mo>", Place::LaterElement),
                    };
                    out.text(sign).part(factor.piece, place);
                }
                out.text("</mrow>")
            }
            Piece::Power { base, exponent, elementwise: false } if matches!(layout.piece(*base), Piece::Norm(inner) if !is_column(layout, *inner)) =>
            {
                let Piece::Norm(inner) = layout.piece(*base) else { return };
                out.text("<msubsup><mrow><mo>‖</mo>").part(*inner, Place::Open);
                out.text("<mo>‖</mo></mrow><mi>F</mi><mrow>");
                out.part(*exponent, Place::Exponent).text("</mrow></msubsup>")
            }
            Piece::Power { base, exponent, elementwise } => {
                self.row(*base, Place::Base, out.text("<msup>"));
                out.text(if *elementwise { "<mrow><mo>∘</mo>" } else { "<mrow>" });
                out.part(*exponent, Place::Exponent).text("</mrow></msup>")
            }
            Piece::MatrixPower(base, count) => {
                self.row(*base, Place::Base, out.text("<msup>")).text(format!("<mn>{count}</mn></msup>"))
            }
            Piece::Transposed(inner) => {
                self.row(*inner, Place::Transposed, out.text("<msup>")).text("<mi>⊤</mi></msup>")
            }
            Piece::Grouped(inner) => out.text("<mrow><mo>(</mo>").part(*inner, Place::Open).text(CLOSE),
        };
    }
}

impl MathMl {
    /// A part as one element, as those around powers, fractions and indices have to be.
    fn row<'o>(&self, id: PieceId, place: Place, out: &'o mut Spelled) -> &'o mut Spelled {
        out.text("<mrow>").part(id, place).text("</mrow>")
    }

    fn constant(&self, sign: &str, shape: &Shape) -> String {
        let (rows, cols) = (self.size(&shape.rows), self.size(&shape.cols));
        let index = if shape.is_column() { rows } else { format!("{rows}<mo>×</mo>{cols}") };
        format!("<msub>{sign}<mrow>{index}</mrow></msub>")
    }

    fn size(&self, size: &Size) -> String {
        let mut out = String::new();
        for Factor { before, number, names } in factors(size) {
            out.push_str(match before.trim() {
                "" => "",
                "-" => "<mo>−</mo>",
                _ => "<mo>+</mo>",
            });
            let number = number.map(|number| format!("<mn>{number}</mn>"));
            let names = names.iter().map(|name| mathml_name(name, self.numbers));
            out.push_str(&number.into_iter().chain(names).collect::<Vec<_>>().join("<mo>&#x2062;</mo>"));
        }
        out
    }

    /// What LaTeX writes for a function is one command, a command with an index, or the function's own name.
    fn function(&self, function: &Function) -> String {
        let Some(latex) = &function.latex else { return mathml_name(&function.name, self.numbers) };
        let word = latex.strip_prefix(r"\operatorname{").and_then(|rest| rest.strip_suffix('}'));
        if let Some(word) = word {
            return identifier(&word.replace('\\', ""));
        }
        let command = |command: &str| match greek(command) {
            Some(letter) => identifier(&letter.to_string()),
            None => identifier(command),
        };
        match latex.strip_prefix('\\').map(|rest| rest.split_once('_').unwrap_or((rest, ""))) {
            Some((name, index))
                if [name, index].iter().all(|part| part.chars().all(char::is_alphanumeric)) =>
            {
                match index {
                    "" => command(name),
                    index => format!("<msub>{}<mn>{index}</mn></msub>", command(name)),
                }
            }
            _ => mathml_name(&function.name, self.numbers),
        }
    }

    /// `g'(Z)`, `∂₂ g(X, Y)`.
    fn call<'o>(&self, layout: &Layout, call: &Call, out: &'o mut Spelled) -> &'o mut Spelled {
        let function = layout.formula().function(call.function);
        let mut name = self.function(function);
        if function.parameters.len() > 1 {
            for mark in &call.marks {
                name.insert_str(0, &format!("<msub><mo>∂</mo><mn>{}</mn></msub>", u32::from(*mark) + 1));
            }
        } else if !call.marks.is_empty() {
            name = format!("<msup><mrow>{name}</mrow><mo>{}</mo></msup>", "′".repeat(call.marks.len()));
        }
        out.text(name).text(APPLY).list(&call.arguments, COMMA);
        let set = function.settings.iter().filter(|setting| setting.value != setting.default);
        for setting in set {
            let (name, value) = (mathml_name(&setting.name, self.numbers), number_text(setting.value));
            out.text(format!("{COMMA}{name}<mo>=</mo>{value}"));
        }
        out.text(CLOSE)
    }
}

fn is_column(layout: &Layout, id: PieceId) -> bool {
    layout.shape(id).is_some_and(Shape::is_column)
}

fn number_text(number: Number) -> String {
    let text = number.to_string().replace('-', "−");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            format!("<mrow><mn>{mantissa}</mn><mo>⋅</mo><msup><mn>10</mn><mn>{exponent}</mn></msup></mrow>")
        }
        None => format!("<mn>{text}</mn>"),
    }
}
