//! Random well-shaped formulas as text, over every kind of node and every function of the language and of the library.

mod functions;
mod structures;

use crate::kinds::Kind;
use chainrule::Library;
use formula::{Node, Primitive};
use std::collections::BTreeSet;

/// The variables of every random formula.
pub const DECLARATIONS: &str = "a: scalar\nb: scalar\nc: scalar positive\nx: n\ny: n\nw: n positive\nu: m\nv: p\n\
    z: m*n\nt: n*n\nX: m x n\nY: m x n\nP: m x n positive\nW: n x p\nV: p x m\nA: n x n\nB: n x n\nC: m x m\nE: p x p\n\
    S: n x n symmetric\nD: n x n positive definite";

/// The sizes at which random formulas are judged.
pub const SIZES: [(&str, usize); 3] = [("m", 3), ("n", 2), ("p", 4)];

/// A size: a name, a product or a sum of names.
type Dim = &'static str;

const VARIABLES: &[(&str, Dim, Dim)] = &[
    ("a", "1", "1"),
    ("b", "1", "1"),
    ("c", "1", "1"),
    ("x", "n", "1"),
    ("y", "n", "1"),
    ("w", "n", "1"),
    ("u", "m", "1"),
    ("v", "p", "1"),
    ("z", "m*n", "1"),
    ("t", "n*n", "1"),
    ("X", "m", "n"),
    ("Y", "m", "n"),
    ("P", "m", "n"),
    ("W", "n", "p"),
    ("V", "p", "m"),
    ("A", "n", "n"),
    ("B", "n", "n"),
    ("C", "m", "m"),
    ("E", "p", "p"),
    ("S", "n", "n"),
    ("D", "n", "n"),
];

const PLAIN: [Dim; 3] = ["m", "n", "p"];
const PRODUCTS: [(Dim, Dim, Dim); 5] = [
    ("m*n", "m", "n"),
    ("m*n", "n", "m"),
    ("n*n", "n", "n"),
    ("n*n + n", "n + 1", "n"),
    ("n*n*n*n", "n*n", "n*n"),
];
const SUMS: [(Dim, Dim, Dim); 8] = [
    ("n*n + n", "n*n", "n"),
    ("m + n", "m", "n"),
    ("m + n", "n", "m"),
    ("n + p", "n", "p"),
    ("n + p", "p", "n"),
    ("n + 1", "n", "1"),
    ("n + 1", "1", "n"),
    ("m + n", "m", "n"),
];

/// What a formula must have in it.
#[derive(Clone, Debug)]
pub enum Focus {
    Kind(Kind),
    Function(String),
}

/// Where a function can be evaluated, and where it stays tame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Domain {
    Anywhere,
    Positive,
    Unit,
    Growing,
}

/// An elementwise function of the library or of the table of primitives.
#[derive(Clone, Debug)]
pub struct Elementwise {
    pub name: String,
    pub arguments: usize,
}

/// Every function that acts entry by entry: those that a test formula with so many arguments accepts.
pub fn elementwise(library: &Library) -> Vec<Elementwise> {
    let names: BTreeSet<String> = library
        .names(chainrule::Kind::Function)
        .iter()
        .map(ToString::to_string)
        .chain(
            Primitive::all()
                .filter(|primitive| *primitive != Primitive::POWER)
                .map(|primitive| primitive.row().name.to_owned()),
        )
        .collect();
    let applied = |name: &str, arguments: usize| {
        let text = format!("{name}({})", ["X", "Y", "P"][..arguments].join(", "));
        let source = syntax::Source { text: &text, declarations: DECLARATIONS };
        let Ok(parsed) = syntax::parse(source, library) else { return false };
        let result = parsed.formula.result().filter(|id| !parsed.formula.is_scalar(*id));
        result.is_some_and(|id| matches!(parsed.formula.node(id), Node::Apply(_)))
    };
    let read = |name: String| {
        let arguments = (1..=3).find(|count| applied(&name, *count))?;
        Some(Elementwise { name, arguments })
    };
    names.into_iter().filter_map(read).collect()
}

/// The functions of whole matrices and the spellings that the reader writes out.
pub const WORDS: &[&str] = &[
    "sum",
    "mean",
    "norm",
    "norm2",
    "norm1",
    "dot",
    "sqrt",
    "tr",
    "det",
    "logdet",
    "inv",
    "adj",
    "solve",
    "diag",
    "vec",
    "unvec",
    "kron",
    "commutation",
    "logsumexp",
    "softmax",
    "ones",
    "zeros",
    "eye",
    "rows",
    "cols",
    "vector",
    "matrix",
];

/// A part of a formula's text.
struct Piece {
    text: String,
    /// Whether it can stand as an operand without brackets.
    atomic: bool,
}

impl Piece {
    /// The text as an operand.
    fn operand(&self) -> String {
        if self.atomic { self.text.clone() } else { format!("({})", self.text) }
    }
}

fn atom(text: impl Into<String>) -> Option<Piece> {
    Some(Piece { text: text.into(), atomic: true })
}

fn joined(text: String) -> Option<Piece> {
    Some(Piece { text, atomic: false })
}

/// Draws formulas.
pub struct Generator<'a> {
    functions: &'a [Elementwise],
    state: u64,
    /// What must still be put in; the first next.
    focus: Vec<Focus>,
    /// Whether something that must be put in did not fit.
    failed: bool,
}

impl Generator<'_> {
    /// The formula of a seed: one number, of at most about twelve operations, with what must be in it.
    pub fn formula(functions: &[Elementwise], seed: u64, focus: &[Focus]) -> Option<String> {
        let mut generator = Generator { functions, state: seed, focus: Vec::new(), failed: false };
        for _ in 0..500 {
            generator.focus = focus.to_vec();
            generator.failed = false;
            let budget = 1 + generator.below(10);
            let drawn = generator.reduced(budget);
            if let Some(piece) = drawn.filter(|_| !generator.failed && generator.focus.is_empty()) {
                return Some(piece.text);
            }
        }
        None
    }

    /// Random numbers (splitmix64).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn shape(&mut self) -> (Dim, Dim) {
        let shapes: [(Dim, Dim); 26] = [
            ("n + 1", "n + 1"),
            ("m + n", "m + n"),
            ("m", "n"),
            ("n", "m"),
            ("n", "n"),
            ("n", "n"),
            ("m", "m"),
            ("n", "p"),
            ("p", "m"),
            ("n", "1"),
            ("m", "1"),
            ("1", "n"),
            ("n", "1"),
            ("1", "1"),
            ("m*n", "1"),
            ("n*n", "n*n"),
            ("m*n", "m*n"),
            ("n + p", "m"),
            ("n + 1", "1"),
            ("m", "n + 1"),
            ("n*n*n*n", "1"),
            ("n*n*n*n", "n*n*n*n"),
            ("n*n + n", "1"),
            ("n*n + n", "n*n"),
            ("1", "m*n"),
            ("n + 1", "n"),
        ];
        self.pick(&shapes)
    }

    /// One number from a value that holds what must be in the formula.
    fn reduced(&mut self, budget: usize) -> Option<Piece> {
        let (rows, cols) = self.shape();
        let value = self.value(rows, cols, budget)?;
        if (rows, cols) == ("1", "1") {
            return Some(value);
        }
        match self.below(6) {
            0 => atom(format!("sum({})", value.text)),
            1 => joined(format!("norm({})^2", value.text)),
            2 => atom(format!("sum(sin({}))", value.text)),
            3 => atom(format!("logsumexp({})", value.text)),
            4 => joined(format!("sum({})^2", value.text)),
            _ if cols == "1" => joined(format!("{}'*{}", self.leaf(rows, "1")?.operand(), value.operand())),
            _ => {
                let other = self.leaf(rows, cols)?;
                atom(format!("sum({} .* {})", other.operand(), value.operand()))
            }
        }
    }

    /// A value of a shape: what must be put in, or anything.
    fn value(&mut self, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        if !self.focus.is_empty() && self.chance(70) {
            let piece = match self.focus.remove(0) {
                Focus::Kind(kind) => self.of_kind(kind, rows, cols, budget.max(1)),
                Focus::Function(name) => self.with_function(&name, rows, cols, budget.max(1)),
            };
            self.failed |= piece.is_none();
            return piece;
        }
        if budget == 0 || self.chance(8) {
            return self.leaf(rows, cols);
        }
        for _ in 0..40 {
            let kind = self.pick(&Kind::ALL);
            // Kinds without parts end a formula early, so they are rarer.
            if !kind.has_parts() && self.chance(85) {
                continue;
            }
            if let Some(piece) = self.of_kind(kind, rows, cols, budget) {
                return Some(piece);
            }
        }
        self.leaf(rows, cols)
    }

    /// Something without parts, or a transpose of a variable.
    fn leaf(&mut self, rows: Dim, cols: Dim) -> Option<Piece> {
        if self.chance(75)
            && let Some(variable) = self.variable(rows, cols)
        {
            return Some(variable);
        }
        if (rows, cols) != ("1", "1")
            && self.chance(75)
            && let Some(variable) = self.variable(cols, rows)
        {
            return atom(format!("{}'", variable.text));
        }
        if (rows, cols) == ("1", "1") {
            return if self.chance(70) {
                self.variable(rows, cols)
            } else {
                atom(self.pick(&["2", "3", "0.5", "m", "n", "pi"]))
            };
        }
        // What has no variable is made of some.
        for (whole, first, second) in PRODUCTS {
            if rows == whole && cols == "1" && self.chance(50) {
                let inner = self.leaf(first, second)?;
                return atom(format!("vec({})", inner.text));
            }
        }
        for (whole, first, second) in SUMS {
            if rows == whole && self.chance(50) {
                let (above, below) = (self.leaf(first, cols)?, self.leaf(second, cols)?);
                return atom(format!("[{}; {}]", above.text, below.text));
            }
            if cols == whole && self.chance(50) {
                let (left, right) = (self.leaf(rows, first)?, self.leaf(rows, second)?);
                return atom(format!("[{}, {}]", left.text, right.text));
            }
        }
        if rows != "1" && cols != "1" && self.chance(70) {
            let (left, right) = (self.leaf(rows, "1")?, self.leaf("1", cols)?);
            return joined(format!("{}*{}", left.operand(), right.operand()));
        }
        if self.chance(60) {
            let scalar = self.variable("1", "1")?;
            return joined(format!("{}*{}", scalar.text, ones(rows, cols)));
        }
        atom(ones(rows, cols))
    }

    fn variable(&mut self, rows: Dim, cols: Dim) -> Option<Piece> {
        let fitting: Vec<&str> =
            VARIABLES.iter().filter(|(_, r, c)| (*r, *c) == (rows, cols)).map(|(name, ..)| *name).collect();
        if fitting.is_empty() { None } else { atom(self.pick(&fitting)) }
    }

    /// A node of a kind and a shape, or nothing where there is none.
    fn of_kind(&mut self, kind: Kind, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let scalar = (rows, cols) == ("1", "1");
        let rest = budget.saturating_sub(1);
        let (left, right) = {
            let left = self.below(rest + 1);
            (left, rest - left)
        };
        match kind {
            Kind::Number if scalar => atom(self.pick(&["2", "3", "0.5", "1.5", "0.25", "7"])),
            Kind::Size if scalar => atom(self.pick(&PLAIN)),
            Kind::Variable => self.variable(rows, cols),
            Kind::Constant if scalar => atom("pi"),
            Kind::Constant if rows == cols && self.chance(60) => atom(format!("eye({rows})")),
            Kind::Constant if rows != "1" && self.chance(70) => atom(ones(rows, cols)),
            Kind::Constant if rows != "1" || cols != "1" => atom(format!("zeros({rows}, {cols})")),
            Kind::Add => {
                let sign = self.pick(&["+", "-"]);
                let first = self.value(rows, cols, left)?;
                let second = match self.below(10) {
                    0 if !scalar => self.value("1", "1", right)?,
                    _ => self.value(rows, cols, right)?,
                };
                joined(format!("{} {sign} {}", first.operand(), second.operand()))
            }
            Kind::Product => self.product(rows, cols, (left, right)),
            Kind::Scale => match self.below(6) {
                0 => joined(format!("-{}", self.value(rows, cols, rest)?.operand())),
                1 => joined(format!("{}/{}", self.value(rows, cols, rest)?.operand(), self.pick(&PLAIN))),
                2 if scalar => {
                    let (r, c) = self.shape();
                    atom(format!("mean({})", self.value(r, c, rest)?.text))
                }
                3 => {
                    let divisor = self.guarded(Domain::Positive, "1", "1", right)?;
                    joined(format!("{}/{}", self.value(rows, cols, left)?.operand(), divisor.operand()))
                }
                _ => {
                    let factor = self.value("1", "1", left)?;
                    joined(format!("{}*{}", factor.operand(), self.value(rows, cols, right)?.operand()))
                }
            },
            Kind::Times if !scalar => {
                let first = self.value(rows, cols, left)?;
                if self.chance(20) {
                    let divisor = self.guarded(Domain::Positive, rows, cols, right)?;
                    return joined(format!("{} ./ {}", first.operand(), divisor.operand()));
                }
                joined(format!("{} .* {}", first.operand(), self.value(rows, cols, right)?.operand()))
            }
            Kind::Apply => self.apply(rows, cols, budget),
            Kind::Transpose if !scalar => atom(format!("{}'", self.value(cols, rows, rest)?.operand())),
            Kind::Norm if scalar => {
                let (r, c) = self.shape();
                let name = self.pick(&["norm", "norm2"]);
                atom(format!("{name}({})", self.value(r, c, rest)?.text))
            }
            Kind::Trace | Kind::Determinant | Kind::LogDeterminant if scalar => {
                let size = self.pick(&["n", "n", "m", "p", "n*n", "n + 1", "m*n"]);
                let name = match kind {
                    Kind::Trace => "tr",
                    Kind::Determinant => "det",
                    _ => "logdet",
                };
                if kind == Kind::LogDeterminant && self.chance(15) {
                    return atom(format!("logdet({})", self.value("1", "1", rest)?.text));
                }
                let regular = kind != Kind::LogDeterminant || !self.focus.is_empty();
                let inner = if regular { self.value(size, size, rest)? } else { self.regular(size, rest)? };
                atom(format!("{name}({})", inner.text))
            }
            Kind::Inverse if !scalar && rows == cols => {
                let inner = if self.focus.is_empty() {
                    self.regular(rows, rest)?
                } else {
                    self.value(rows, rows, rest)?
                };
                atom(format!("inv({})", inner.text))
            }
            Kind::Diagonal if rows != "1" && cols == "1" => {
                atom(format!("diag({})", self.value(rows, rows, rest)?.text))
            }
            Kind::DiagonalMatrix if rows != "1" && rows == cols => {
                atom(format!("diag({})", self.value(rows, "1", rest)?.text))
            }
            Kind::Vec if cols == "1" => {
                let (_, r, c) = self.split(&PRODUCTS, rows)?;
                atom(format!("vec({})", self.value(r, c, rest)?.text))
            }
            Kind::Unvec => {
                let fitting: Vec<_> = PRODUCTS.iter().filter(|(_, r, c)| (*r, *c) == (rows, cols)).collect();
                let (whole, r, c) = **fitting.first()?;
                atom(format!("unvec({}, {r}, {c})", self.value(whole, "1", rest)?.text))
            }
            Kind::Kronecker => {
                let (first_rows, second_rows) = self.factors(rows)?;
                let (first_cols, second_cols) = self.factors(cols)?;
                let is_scalar = |r: Dim, c: Dim| (r, c) == ("1", "1");
                if is_scalar(first_rows, first_cols) || is_scalar(second_rows, second_cols) {
                    return None;
                }
                let first = self.value(first_rows, first_cols, left)?;
                atom(format!("kron({}, {})", first.text, self.value(second_rows, second_cols, right)?.text))
            }
            Kind::Commutation if rows == cols => {
                let (_, first, second) = self.split(&PRODUCTS, rows)?;
                atom(format!("commutation({first}, {second})"))
            }
            Kind::Call => self.call(rows, cols, rest),
            Kind::Block => self.block(rows, cols, (left, right)),
            Kind::Part => self.part(rows, cols, rest),
            Kind::Number
            | Kind::Size
            | Kind::Constant
            | Kind::Times
            | Kind::Transpose
            | Kind::Norm
            | Kind::Trace
            | Kind::Determinant
            | Kind::LogDeterminant
            | Kind::Inverse
            | Kind::Diagonal
            | Kind::DiagonalMatrix
            | Kind::Vec
            | Kind::Commutation => None,
        }
    }

    fn product(&mut self, rows: Dim, cols: Dim, (left, right): (usize, usize)) -> Option<Piece> {
        let rest = left + right;
        match self.below(8) {
            0 if (rows, cols) == ("1", "1") => {
                let (r, c) = self.shape();
                return atom(format!("sum({})", self.value(r, c, rest)?.text));
            }
            1 if (rows, cols) == ("1", "1") => {
                let size = self.pick(&PLAIN);
                let first = self.value(size, "1", left)?;
                return atom(format!("dot({}, {})", first.text, self.value(size, "1", right)?.text));
            }
            0 if rows == "1" => {
                let r = self.pick(&PLAIN);
                return atom(format!("sum({}, 1)", self.value(r, cols, rest)?.text));
            }
            0 if cols == "1" => {
                let c = self.pick(&PLAIN);
                return atom(format!("sum({}, 2)", self.value(rows, c, rest)?.text));
            }
            0 if rows == cols => {
                let power = self.pick(&["2", "2", "3"]);
                return joined(format!("{}^{power}", self.value(rows, rows, rest)?.operand()));
            }
            1 if rows != "1" => {
                let (matrix, value) = (self.regular(rows, left)?, self.value(rows, cols, right)?);
                return if self.chance(50) {
                    joined(format!("{}\\{}", matrix.operand(), value.operand()))
                } else {
                    atom(format!("solve({}, {})", matrix.text, value.text))
                };
            }
            _ => {}
        }
        let outer = rows != "1" && cols != "1";
        let inner = match self.below(12) {
            0 | 1 if outer => "1",
            2 => self.pick(&["m*n", "n*n", "n + 1", "n + p"]),
            _ => self.pick(&PLAIN),
        };
        let first = self.value(rows, inner, left)?;
        joined(format!("{}*{}", first.operand(), self.value(inner, cols, right)?.operand()))
    }

    /// A square matrix that is likely to have an inverse.
    fn regular(&mut self, size: Dim, budget: usize) -> Option<Piece> {
        if budget == 0 || self.chance(25) {
            let variable = self.variable(size, size);
            if variable.is_some() {
                return variable;
            }
        }
        let value = self.value(size, size, budget.saturating_sub(1))?;
        joined(format!("{} + {}*eye({size})", value.operand(), self.pick(&["3", "4", "5"])))
    }
}

fn ones(rows: Dim, cols: Dim) -> String {
    if cols == "1" { format!("ones({rows})") } else { format!("ones({rows}, {cols})") }
}
