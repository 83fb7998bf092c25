//! Derivations as text and as LaTeX: the lets, the result, a line for each derivative, and every step with its law.

use crate::LONGEST;
use crate::latex::{Numbers, latex, latex_in, latex_name_in};
use crate::text::text;
use crate::title::title_latex;
use calculus::{Derivation, Gradient, Reading, Step};
use formula::{Formula, Line, Name, NodeId, Shape};

/// A line ready to be printed: `df/dZ1 = df/dA1 .* g1'(Z1)`, its shape and the laws behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedLine {
    /// What stands on the left.
    pub name: Name,
    /// What stands on the right; `None` when it is longer than [`LONGEST`](crate::LONGEST).
    pub text: Option<String>,
    /// The same as LaTeX.
    pub latex: Option<String>,
    /// Rows and columns.
    pub shape: [String; 2],
    /// The laws that led to it, in order; none for a let.
    pub laws: Vec<Name>,
}

/// A step ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedStep {
    /// 1, 2, 3, ...
    pub number: usize,
    /// The law's name.
    pub law: Name,
    /// The law as the library states it.
    pub statement: Name,
    /// The part G that the law acts on; `None` when it is too long, here and below.
    pub of: Option<String>,
    /// The operand X.
    pub by: Option<String>,
    /// df/dG, before.
    pub from: Option<String>,
    /// df/dX, after.
    pub to: Option<String>,
    /// Rows and columns of df/dX.
    pub shape: [String; 2],
}

/// The lines of a derivation, in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedDerivation {
    /// `Z1 = X*W1`, ...
    pub lets: Vec<PrintedLine>,
    /// `f = norm(A2 - Y)^2/m`.
    pub result: PrintedLine,
    /// `df/dA2 = 2/m*(A2 - Y)`, ..., last layer first.
    pub derivatives: Vec<PrintedLine>,
}

/// What a printed derivation shows beside its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DerivationOptions {
    /// Every step with its law.
    pub steps: bool,
    /// Each derivative in the inputs alone, as derived.
    pub closed: bool,
}

/// Prints every line of a derivation.
pub fn print_derivation(derivation: &Derivation) -> PrintedDerivation {
    let formula = &derivation.formula;
    let derivatives = derivation.derivatives.iter();
    PrintedDerivation {
        lets: print_lines(formula, &derivation.lets),
        result: print_value(formula, derivation.result.name.clone(), derivation.result.value, &[]),
        derivatives: derivatives
            .map(|line| print_value(formula, line.symbol.clone(), line.value, &line.laws))
            .collect(),
    }
}

/// Prints every law applied, in order. Written out, the steps of a sum of many parts grow with the square of their number:
/// after two million characters, what is left counts as too long.
pub fn print_steps(derivation: &Derivation) -> Vec<PrintedStep> {
    let mut left = MOST_STEPS;
    let mut print = |step: &Step| {
        let printed = print_step(&derivation.formula, step, left > 0);
        let parts = [&printed.of, &printed.by, &printed.from, &printed.to];
        left = left.saturating_sub(parts.into_iter().flatten().map(String::len).sum());
        printed
    };
    derivation.steps.iter().map(&mut print).collect()
}

/// How many characters the parts of steps may have together.
const MOST_STEPS: usize = 20 * LONGEST;

/// Prints each derivative asked for in the inputs alone, as derived.
fn print_gradients(derivation: &Derivation) -> Vec<PrintedLine> {
    let print = |gradient: &Gradient| {
        let symbol = Name::from(format!("d{}/d{}", derivation.result.name, gradient.by));
        print_value(&derivation.formula, symbol, gradient.value, &[])
    };
    derivation.gradients.iter().map(print).collect()
}

/// Prints the closed forms of a derivation.
pub fn print_readings(derivation: &Derivation, closed: &[Reading]) -> Vec<PrintedLine> {
    let print =
        |reading: &Reading| print_value(&derivation.formula, reading.title.clone(), reading.value, &[]);
    closed.iter().map(print).collect()
}

/// Prints named values of a formula, such as lines with derivatives substituted.
pub fn print_lines(formula: &Formula, lines: &[Line]) -> Vec<PrintedLine> {
    lines.iter().map(|line| print_value(formula, line.name.clone(), line.value, &[])).collect()
}

fn print_value(formula: &Formula, name: Name, value: NodeId, laws: &[Name]) -> PrintedLine {
    PrintedLine {
        name,
        text: text(formula, value),
        latex: latex(formula, value),
        shape: sizes(formula.shape(value)),
        laws: laws.to_vec(),
    }
}

fn print_step(formula: &Formula, step: &Step, has_room: bool) -> PrintedStep {
    let text = |id: NodeId| if has_room { text(formula, id) } else { None };
    PrintedStep {
        number: step.number,
        law: step.law.clone(),
        statement: step.statement.clone(),
        of: text(step.of),
        by: text(step.by),
        from: text(step.from),
        to: text(step.to),
        shape: sizes(formula.shape(step.to)),
    }
}

pub(crate) fn sizes(shape: &Shape) -> [String; 2] {
    [shape.rows.to_string(), shape.cols.to_string()]
}

/// A derivation as text: lets and result, the derivatives with their laws, and on request the steps and the closed forms.
pub fn derivation_text(derivation: &Derivation, options: DerivationOptions) -> String {
    let printed = print_derivation(derivation);
    let value: Vec<PrintedLine> = printed.lets.iter().chain([&printed.result]).cloned().collect();
    let mut sections = vec![lines_text(&value), lines_text(&printed.derivatives)];
    if options.steps {
        let result = &derivation.result.name;
        let steps: Vec<String> = print_steps(derivation).iter().map(|step| step_text(step, result)).collect();
        sections.push(steps.join("\n"));
    }
    if options.closed {
        sections.push(lines_text(&print_gradients(derivation)));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// Lines with their equal signs, shapes and laws in columns, each line ended. A long right-hand side does not push the columns
/// of the others out.
pub fn lines_text(lines: &[PrintedLine]) -> String {
    let name_width = width(lines.iter().map(|line| line.name.chars().count()));
    let value_width = width(lines.iter().map(|line| value_text(&line.text).chars().count()));
    let shape_width = width(lines.iter().map(|line| shape_text(&line.shape).chars().count()));
    let mut out = String::new();
    for line in lines {
        let (value, shape) = (value_text(&line.text), shape_text(&line.shape));
        let row = format!(
            "{:name_width$} = {value:value_width$}   {shape:shape_width$}   {}",
            line.name.as_str(),
            laws_text(&line.laws)
        );
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// The widest that still belongs into a column.
fn width(lengths: impl Iterator<Item = usize>) -> usize {
    const WIDEST: usize = 64;
    lengths.filter(|length| *length <= WIDEST).max().unwrap_or(0)
}

/// `by scaling, then squared Frobenius norm`, of more than two laws the first and how many follow; nothing where no law was
/// needed.
pub fn laws_text(laws: &[Name]) -> String {
    match laws {
        [] => String::new(),
        [only] => format!("by {only}"),
        [first, second] => format!("by {first}, then {second}"),
        [first, rest @ ..] => format!("by {first}, then {} more", rest.len()),
    }
}

/// `m x n`, or `scalar`.
pub fn shape_text(shape: &[String; 2]) -> String {
    let [rows, cols] = shape;
    if rows == "1" && cols == "1" { "scalar".to_owned() } else { format!("{rows} x {cols}") }
}

/// A step on four lines: its law, what it acts on, what comes in, what comes out.
pub fn step_text(step: &PrintedStep, result: &str) -> String {
    let PrintedStep { number, law, statement, of, by, from, to, shape } = step;
    let [of, by, from, to] = [of, by, from, to].map(value_text);
    let shape = shape_text(shape);
    format!(
        "{number:>3}. {law}:   {statement}\n     with G = {of} and X = {by}\n     from d{result}/dG = {from}\n     \
         to   d{result}/dX = {to}   ({shape})\n"
    )
}

pub(crate) fn value_text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("(longer than 100,000 characters)")
}

/// A derivation as LaTeX for the package amsmath: how the derivatives lie, the lets, the result and the derivatives with their
/// laws as rows of one `align*` environment, and the closed forms as those of another.
pub fn derivation_latex(derivation: &Derivation, closed: &[Reading], numbers: Numbers) -> String {
    let row = |name: String, formula: &Formula, value: NodeId, laws: &[Name]| {
        let value = latex_in(formula, value, numbers);
        let value = value.as_deref().unwrap_or(r"\text{(longer than 100,000 characters)}");
        match laws_text(laws) {
            laws if laws.is_empty() => format!("  {name} &= {value}"),
            laws => format!(r"  {name} &= {value} && \text{{{}}}", laws.replace('_', r"\_")),
        }
    };
    let lines = |derivation: &Derivation| {
        let formula = &derivation.formula;
        let value = derivation.lets.iter().chain([&derivation.result]);
        let value = value.map(|line| row(latex_name_in(&line.name, numbers), formula, line.value, &[]));
        let derivatives = derivation.derivatives.iter();
        let derivatives = derivatives
            .map(|line| row(latex_name_in(&line.symbol, numbers), formula, line.value, &line.laws));
        align(&value.chain(derivatives).collect::<Vec<_>>())
    };
    let mut text = format!("Line by line, each derivative with its laws:\n{}", lines(derivation));
    for second in closed.iter().filter_map(|reading| reading.second.as_ref()) {
        text.push_str(&format!("Differentiated again:\n{}", lines(&second.derivation)));
    }
    if !closed.is_empty() {
        let formula = &derivation.formula;
        let rows = closed.iter().map(|form| row(title_latex(form, numbers), formula, form.value, &[]));
        text.push_str(&format!("In closed form:\n{}", align(&rows.collect::<Vec<_>>())));
    }
    let mut sentences: Vec<String> = Vec::new();
    for reading in closed {
        let symbols = reading.symbols.iter().map(|symbol| format!("{} is {}", symbol.name, symbol.meaning));
        for sentence in reading.notes.iter().cloned().chain(symbols) {
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    for sentence in sentences {
        text.push_str(&format!("Here {}.\n", sentence.replace('_', r"\_")));
    }
    text
}

pub(crate) fn align(rows: &[String]) -> String {
    format!("\\begin{{align*}}\n{}\n\\end{{align*}}\n", rows.join(" \\\\\n"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{DerivationOptions, derivation_latex, derivation_text, print_derivation};
    use crate::latex::Numbers;
    use crate::text::tests::{Draft, loss_slope};
    use calculus::{Derivation, DerivativeLine, Gradient, Step};
    use formula::{Formula, FunctionId, Line, Name, NodeId};

    /// `norm(g(X*W) - Y)^2/m` with its derivatives, as differentiation makes them.
    pub(crate) fn one_layer() -> Derivation {
        let mut d = Draft(Formula::new());
        let (x, w, y) = (d.matrix("X", "m", "n"), d.matrix("W", "n", "q"), d.matrix("Y", "m", "q"));
        let (z1, a1) = (d.matrix("Z1", "m", "q"), d.matrix("A2", "m", "q"));
        let z = d.mul(&[x, w]);
        let a = d.g("g", &[], z1);
        let (difference, m, closed_a) = (d.sub(a1, y), d.size("m"), d.g("g", &[], z));
        let norm = d.norm(difference);
        let (square, per_row) = (d.pow(norm, 2, 1), d.pow(m, -1, 1));
        let f = d.scale(per_row, square);
        let da = loss_slope(&mut d);
        let (da_symbol, dz_symbol) = (d.matrix("df/dA2", "m", "q"), d.matrix("df/dZ1", "m", "q"));
        let (slope, transposed) = (d.g("g", &[0], z1), d.t(x));
        let dz = d.times(&[da_symbol, slope]);
        let dw = d.mul(&[transposed, dz_symbol]);
        let dw_symbol = d.matrix("df/dW", "n", "q");
        let mut replaced = std::collections::HashMap::from([(a1, closed_a), (z1, z)]);
        let closed_da = d.0.substitute(da, &mut replaced).unwrap();
        replaced.extend([(da_symbol, closed_da)]);
        let closed_dz = d.0.substitute(dz, &mut replaced).unwrap();
        replaced.extend([(dz_symbol, closed_dz)]);
        let value = d.0.substitute(dw, &mut replaced).unwrap();
        let line = |name: &str, value: NodeId| Line { name: Name::from(name), value };
        let derivative = |by: &str, value: NodeId, laws: &[&str]| DerivativeLine {
            symbol: Name::from(format!("df/d{by}")),
            by: Name::from(by),
            value,
            laws: laws.iter().map(|law| Name::from(*law)).collect(),
        };
        Derivation {
            lets: vec![line("Z1", z), line("A2", a)],
            result: line("f", f),
            seed: None,
            derivatives: vec![
                derivative("A2", da, &["scaling", "squared Frobenius norm"]),
                derivative("Z1", dz, &["elementwise function"]),
                derivative("W", dw, &["left multiplication"]),
            ],
            gradients: vec![Gradient { by: Name::from("W"), symbol: dw_symbol, value }],
            steps: vec![Step {
                number: 1,
                law: Name::from("left multiplication"),
                statement: Name::from("G = W*X   df/dX = W'*df/dG"),
                of: z,
                by: w,
                from: dz_symbol,
                to: dw,
            }],
            formula: d.0,
        }
    }

    /// The same with a body for `g`.
    pub(crate) fn with_body(
        mut derivation: Derivation,
        build: impl FnOnce(&mut Draft, FunctionId, NodeId),
    ) -> Derivation {
        let mut draft = Draft(std::mem::take(&mut derivation.formula));
        let function = draft.function("g", &["x"]);
        let x = draft.scalar("x");
        build(&mut draft, function, x);
        derivation.formula = draft.0;
        derivation
    }

    #[test]
    fn a_derivation_is_a_table_with_laws() {
        let text = derivation_text(&one_layer(), DerivationOptions { steps: true, closed: true });
        assert_eq!(
            text,
            "\
Z1 = X*W                m x q
A2 = g(Z1)              m x q
f  = norm(A2 - Y)^2/m   scalar

df/dA2 = 2/m*(A2 - Y)       m x q   by scaling, then squared Frobenius norm
df/dZ1 = df/dA2 .* g'(Z1)   m x q   by elementwise function
df/dW  = X'*df/dZ1          n x q   by left multiplication

  1. left multiplication:   G = W*X   df/dX = W'*df/dG
     with G = X*W and X = W
     from df/dG = df/dZ1
     to   df/dX = X'*df/dZ1   (n x q)

df/dW = X'*(2/m*(g(X*W) - Y) .* g'(X*W))   n x q
"
        );
    }

    #[test]
    fn a_derivation_is_one_align_environment() {
        assert_eq!(
            derivation_latex(&one_layer(), &[], Numbers::Below),
            r"Line by line, each derivative with its laws:
\begin{align*}
  Z_{1} &= X W \\
  A_{2} &= g(Z_{1}) \\
  f &= \frac{\lVert A_{2} - Y \rVert_{F}^{2}}{m} \\
  \frac{\partial f}{\partial A_{2}} &= \frac{2}{m} \left(A_{2} - Y\right) && \text{by scaling, then squared Frobenius norm} \\
  \frac{\partial f}{\partial Z_{1}} &= \frac{\partial f}{\partial A_{2}} \odot g'(Z_{1}) && \text{by elementwise function} \\
  \frac{\partial f}{\partial W} &= X^{\top} \frac{\partial f}{\partial Z_{1}} && \text{by left multiplication}
\end{align*}
"
        );
    }

    #[test]
    fn a_long_closed_form_is_left_out_and_its_lines_stand() {
        let mut derivation = one_layer();
        let mut draft = Draft(std::mem::take(&mut derivation.formula));
        let mut value = draft.matrix("W", "n", "q");
        for _ in 0..40 {
            value = draft.times(&[value, value]);
            value = draft.g("g", &[], value);
        }
        derivation.gradients[0].value = value;
        derivation.formula = draft.0;
        let printed = print_derivation(&derivation);
        assert_eq!(super::print_gradients(&derivation)[0].text, None);
        assert_eq!(printed.derivatives[2].text.as_deref(), Some("X'*df/dZ1"));
    }
}
