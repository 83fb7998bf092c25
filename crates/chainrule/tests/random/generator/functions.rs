//! Functions applied to values in their domains.

use super::{Dim, Domain, Generator, PLAIN, Piece, atom, joined, ones};
use crate::kinds::Kind;

impl Generator<'_> {
    /// A value in the domain of a function.
    pub(super) fn guarded(&mut self, domain: Domain, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let matrix = (rows, cols) != ("1", "1");
        let dot = if matrix { "." } else { "" };
        match domain {
            Domain::Anywhere => self.value(rows, cols, budget),
            Domain::Growing if budget < 3 && self.chance(70) => self.value(rows, cols, budget),
            Domain::Growing => match self.below(2) {
                0 => joined(format!("{}/4", self.value(rows, cols, budget)?.operand())),
                _ => atom(format!("tanh({})", self.value(rows, cols, budget)?.text)),
            },
            Domain::Unit => match self.below(2) {
                0 => joined(format!("0.9*tanh({})", self.value(rows, cols, budget)?.text)),
                _ => joined(format!("0.8*sin({})", self.value(rows, cols, budget)?.text)),
            },
            Domain::Positive => match self.below(5) {
                0 => match (rows, cols) {
                    ("1", "1") => atom("c"),
                    ("n", "1") => atom("w"),
                    ("m", "n") => atom("P"),
                    ("n", "m") => atom("P'"),
                    _ => joined(format!("{}{dot}^2 + 1", self.value(rows, cols, budget)?.operand())),
                },
                1 => joined(format!("abs({}) + 0.5", self.value(rows, cols, budget)?.text)),
                2 => joined(format!("softplus({}) + 1", self.value(rows, cols, budget)?.text)),
                _ => joined(format!("1 + {}{dot}^2", self.value(rows, cols, budget)?.operand())),
            },
        }
    }

    /// A function entry by entry, or a power.
    pub(super) fn apply(&mut self, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let dot = if (rows, cols) == ("1", "1") { "" } else { "." };
        let rest = budget.saturating_sub(1);
        match self.below(10) {
            0 => {
                joined(format!("{}{dot}^{}", self.value(rows, cols, rest)?.operand(), self.pick(&["2", "3"])))
            }
            1 => {
                let base = self.guarded(Domain::Positive, rows, cols, rest)?;
                let exponent = match self.below(3) {
                    0 => atom(self.pick(&["0.5", "1.5", "-1", "-2"]))?,
                    1 => self.value("1", "1", rest / 2)?,
                    _ => self.value(rows, cols, rest / 2)?,
                };
                let bare = exponent.atomic && !exponent.text.ends_with('\'');
                let exponent = if bare { exponent.text } else { format!("({})", exponent.text) };
                joined(format!("{}{dot}^{exponent}", base.operand()))
            }
            2 => atom(format!("sqrt({})", self.guarded(Domain::Positive, rows, cols, rest)?.text)),
            _ => {
                let name = self.functions[self.below(self.functions.len())].name.clone();
                self.with_function(&name, rows, cols, budget)
            }
        }
    }

    /// A use of a function or a word of the language.
    pub(super) fn with_function(&mut self, name: &str, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let rest = budget.saturating_sub(1);
        let scalar = (rows, cols) == ("1", "1");
        if let Some(function) = self.functions.iter().find(|function| function.name == name) {
            let domain = match name {
                "log" | "log2" | "log1p" => Domain::Positive,
                // Not at 0, and from 1 on.
                "csc" | "cot" | "csch" | "coth" | "arccosh" => Domain::Positive,
                "arcsin" | "arccos" | "tan" | "sec" | "arctanh" => Domain::Unit,
                "exp" | "expm1" | "sinh" | "cosh" => Domain::Growing,
                // Of a negative number there is no power with a broken exponent.
                "power" => Domain::Positive,
                _ => Domain::Anywhere,
            };
            let arguments = function.arguments;
            let mark = if arguments == 1 && self.chance(4) { "'" } else { "" };
            let mut texts = Vec::new();
            for place in 0..arguments {
                // A number may stand beside a matrix, and a condition before two values.
                let text = if arguments == 3 && place == 0 {
                    let sign = self.pick(&[">", "<", ">=", "<="]);
                    let first = self.value(rows, cols, rest / 3)?;
                    format!("{} {sign} {}", first.operand(), self.value(rows, cols, rest / 3)?.operand())
                } else if place > 0 && self.chance(20) {
                    self.pick(&["0", "1", "0.5"]).to_owned()
                } else {
                    self.guarded(domain, rows, cols, rest / arguments)?.text
                };
                let text = if name == "arccosh" { format!("1 + {text}") } else { text };
                texts.push(text);
            }
            return atom(format!("{name}{mark}({})", texts.join(", ")));
        }
        match name {
            "sum" | "mean" if scalar => {
                let (r, c) = self.shape();
                atom(format!("{name}({})", self.value(r, c, rest)?.text))
            }
            "sum" | "mean" if cols == "1" => {
                let c = self.pick(&PLAIN);
                atom(format!("{name}({}, 2)", self.value(rows, c, rest)?.text))
            }
            "sum" | "mean" if rows == "1" => {
                let r = self.pick(&PLAIN);
                atom(format!("{name}({}, 1)", self.value(r, cols, rest)?.text))
            }
            "norm" | "norm2" | "norm1" if scalar => {
                let (r, c) = self.shape();
                atom(format!("{name}({})", self.value(r, c, rest)?.text))
            }
            "dot" if scalar => {
                let (r, c) = self.pick(&[("n", "1"), ("m", "n"), ("m", "1")]);
                let first = self.value(r, c, rest / 2)?;
                atom(format!("dot({}, {})", first.text, self.value(r, c, rest / 2)?.text))
            }
            "sqrt" => atom(format!("sqrt({})", self.guarded(Domain::Positive, rows, cols, rest)?.text)),
            "tr" => self.of_kind(Kind::Trace, rows, cols, budget),
            "det" => self.of_kind(Kind::Determinant, rows, cols, budget),
            "logdet" => self.of_kind(Kind::LogDeterminant, rows, cols, budget),
            "inv" => self.of_kind(Kind::Inverse, rows, cols, budget),
            "adj" if rows == cols && matches!(rows, "n" | "m") => {
                atom(format!("adj({})", self.regular(rows, rest)?.text))
            }
            "solve" if rows != "1" => {
                let matrix = self.regular(rows, rest / 2)?;
                atom(format!("solve({}, {})", matrix.text, self.value(rows, cols, rest / 2)?.text))
            }
            "diag" if cols == "1" => self.of_kind(Kind::Diagonal, rows, cols, budget),
            "diag" => self.of_kind(Kind::DiagonalMatrix, rows, cols, budget),
            "vec" => self.of_kind(Kind::Vec, rows, cols, budget),
            "unvec" => self.of_kind(Kind::Unvec, rows, cols, budget),
            "kron" => self.of_kind(Kind::Kronecker, rows, cols, budget),
            "commutation" => self.of_kind(Kind::Commutation, rows, cols, budget),
            "softmax" if !scalar => self.call(rows, cols, rest),
            "logsumexp" if rows == "1" || cols == "1" => self.log_sum_exp(rows, cols, rest),
            "ones" if rows != "1" => atom(ones(rows, cols)),
            "zeros" if !scalar => atom(format!("zeros({rows}, {cols})")),
            "eye" if rows == cols && !scalar => atom(format!("eye({rows})")),
            "rows" | "cols" => self.part(rows, cols, rest).filter(|piece| piece.text.starts_with(name)),
            // The shape of these comes from what stands beside them.
            "vector" if cols == "1" && rows != "1" => {
                let constant = self.leaf("1", "1")?;
                let beside = self.value(rows, "1", rest)?;
                joined(format!("{} + vector({})", beside.operand(), constant.text))
            }
            "matrix" if rows != "1" && cols != "1" => {
                let constant = self.leaf("1", "1")?;
                let beside = self.value(rows, cols, rest)?;
                joined(format!("{} .* matrix({})", beside.operand(), constant.text))
            }
            _ => None,
        }
    }

    pub(super) fn call(&mut self, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        if (rows, cols) == ("1", "1") || ((rows == "1" || cols == "1") && self.chance(50)) {
            return self.log_sum_exp(rows, cols, budget);
        }
        let axis = self.pick(&["", ", 2", ", 2", ", 1"]);
        atom(format!("softmax({}{axis})", self.value(rows, cols, budget)?.text))
    }

    fn log_sum_exp(&mut self, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let (r, c, axis) = match (rows, cols) {
            ("1", "1") => {
                let (r, c) = self.pick(&[
                    ("m", "n"),
                    ("n", "1"),
                    ("n", "n"),
                    ("1", "n"),
                    ("m*n", "1"),
                    ("n + 1", "1"),
                ]);
                (r, c, "")
            }
            (rows, "1") => (rows, self.pick(&PLAIN), ", 2"),
            ("1", cols) => (self.pick(&PLAIN), cols, ", 1"),
            _ => return None,
        };
        atom(format!("logsumexp({}{axis})", self.value(r, c, budget)?.text))
    }
}
