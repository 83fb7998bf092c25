//! Marks to the language of formulas: one grammar for every spelling.

use super::Spelling;
use super::juxtaposed::Standing;
use super::kept::Line;
use super::marks::{Mark, Token};
use super::minimized::Below;
use super::pairs::entries_joined;
use super::piece::{Axes, Level, Piece, beside, matrix_product};
use super::table::Part;
use super::totals::Entrywise;
use super::ways::Ways;
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How deep groups and brackets may nest: 200 levels take more than the two megabytes of a thread.
const DEEPEST: usize = 150;

/// Reads the marks of one text.
pub(crate) struct Reader<'a> {
    pub source: &'a Arc<Text>,
    pub tokens: Vec<Token>,
    pub at: usize,
    pub spelling: Spelling,
    /// What ends the expressions that are open: a bar or a double bar among them closes.
    pub open: Vec<Part>,
    pub depth: usize,
    /// What is to be said of how it was read.
    pub notes: Vec<String>,
    /// The letters that were read as functions, with what each is as a factor where it may be one.
    pub functions: BTreeMap<String, Option<String>>,
    /// The names that are declared, with their axes where they are values.
    pub declared: &'a BTreeMap<String, Option<Axes>>,
    /// The axes of the names that lines before gave values.
    pub lets: BTreeMap<String, Axes>,
    /// The lets that were summed along an axis that is kept.
    pub lines: BTreeMap<String, Line>,
    /// The names of the inner products that those are made of.
    pub inner: BTreeMap<String, Box<[String]>>,
    /// What lines before are functions of: the w of `f(w) = ...`.
    pub arguments: BTreeMap<String, Vec<String>>,
    /// The names with a letter below them, where the text has sums over an index.
    pub indexed: BTreeSet<String>,
    /// What the sums so far run over, as the ends of names: `_i`.
    pub indices: Vec<String>,
    /// Whether the text has the marks of mathematics, where factors stand side by side.
    pub is_mathematics: bool,
    /// The names with which nothing is done but to divide by them.
    pub divisors: BTreeSet<String>,
    /// Letters of scalars that are columns by where they stand, in a language of arrays.
    pub columns: BTreeSet<String>,
    /// Names that are numbers by where they stand, whatever their letters.
    pub scaling: BTreeSet<String>,
    /// Names that are square matrices by where they stand, whatever their letters.
    pub squares: BTreeSet<String>,
    /// Names that are matrices with a row for each example, or are multiplied with such, whatever their letters.
    pub stacked: BTreeSet<String>,
    /// The names that are multiplied as vectors are, where what comes of it is a factor itself.
    pub operands: BTreeSet<String>,
    /// The capitals with which nothing is done but to multiply and divide them.
    pub factors: BTreeSet<String>,
    /// How the names stand in the text.
    pub standing: Standing,
    /// The names that stand below what is asked, such as the w of `\min_w`.
    pub below: Vec<Below>,
    /// Where the derivative of the line that is read was asked for, as in `\frac{d}{dx} x^2`.
    pub asked: Option<Span>,
    /// The error of a derivative inside of the side that is read, which is none where another side follows.
    pub inside: Option<Diagnostic>,
    /// Whether what another language means by the same function is to be said.
    pub tells_theirs: bool,
    /// What is joined entry by entry, in a sum without an index.
    pub entrywise: Entrywise,
    /// The indices of the sum over both indices of matrices that is read.
    pub pair: Option<super::pairs::Pair>,
    /// Those of the sums that were read.
    pub pairs: Vec<super::pairs::Pair>,
    /// The sets that sums over one index run over.
    pub sets: Vec<String>,
    /// How many sums are tried as ones over pairs, one inside of the other.
    pub tried: usize,
    /// How signs are read that have two readings.
    pub ways: Ways,
    /// Which of these signs stand here.
    pub met: Ways,
}

impl Reader<'_> {
    /// What was found of names by where they stand, for the next reading.
    pub fn found(&mut self) -> [&mut BTreeSet<String>; 4] {
        [&mut self.columns, &mut self.scaling, &mut self.squares, &mut self.stacked]
    }

    pub fn peek(&self) -> &Mark {
        self.ahead(0)
    }

    pub fn ahead(&self, count: usize) -> &Mark {
        self.tokens.get(self.at + count).map_or(&Mark::End, |token| &token.mark)
    }

    /// The place of the mark here.
    pub fn span(&self) -> Span {
        let end = Span { start: self.source.text.len(), end: self.source.text.len() };
        self.tokens.get(self.at).map_or(end, |token| token.span)
    }

    pub fn advance(&mut self) -> Span {
        let span = self.span();
        self.at = (self.at + 1).min(self.tokens.len());
        span
    }

    /// Goes past the mark here, if it is this one.
    pub fn eat(&mut self, mark: &Mark) -> Option<Span> {
        (self.peek() == mark).then(|| self.advance())
    }

    pub fn error(&self, what: impl Into<String>, mend: impl Into<String>, span: Span) -> Diagnostic {
        self.source.error(Mistake::Foreign { what: what.into(), mend: mend.into() }, span)
    }

    /// The error that something else ought to stand here.
    pub fn expected(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            Mark::End => "the end".to_owned(),
            Mark::Newline | Mark::Part(Part::Break) => "the end of the line".to_owned(),
            _ => format!("`{}`", self.source.slice(self.span())),
        };
        self.source.error(Mistake::Expected { expected: expected.to_owned(), found }, self.span())
    }

    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// One level deeper; an error where that is too deep.
    pub fn deeper(&mut self) -> Result<(), Diagnostic> {
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(self.source.error(Mistake::TooDeep { limit: DEEPEST }, self.span())),
            false => Ok(()),
        }
    }

    /// A piece, unless brackets were put round it too often.
    pub fn bounded(&self, piece: Piece) -> Result<Piece, Diagnostic> {
        match piece.depth > DEEPEST {
            true => Err(self.source.error(Mistake::TooDeep { limit: DEEPEST }, piece.span())),
            false => Ok(piece),
        }
    }

    /// An expression that this structure closes.
    pub fn inside(&mut self, close: Part) -> Result<Piece, Diagnostic> {
        self.open.push(close);
        let inner = self.expression();
        self.open.pop();
        inner
    }

    /// `sum := product ((+ | -) product)*`
    pub fn sum(&mut self) -> Result<Piece, Diagnostic> {
        let mut left = self.product()?;
        while let Mark::Sign(sign @ ("+" | "-")) = *self.peek() {
            let typed = self.advance();
            let right = self.product()?;
            let spelled = if sign == "+" { " + " } else { " - " };
            self.tell_columns(&left, &right);
            self.tell_alike(sign, &left, &right);
            self.tell_intercept(&left, &right);
            let (fitted_left, fitted_right) = self.aligned(left, right);
            let axes = beside(fitted_left.axes, fitted_right.axes);
            left = self.bounded(fitted_left.join(spelled, typed, fitted_right, Level::Sum, axes))?;
        }
        Ok(left)
    }

    /// `product := sign ((* | / | .* | ./ | \ | kron | nothing) sign)*`
    pub fn product(&mut self) -> Result<Piece, Diagnostic> {
        let mut left = self.sign()?;
        loop {
            let (sign, typed) = match *self.peek() {
                Mark::Sign(sign @ ("*" | "/" | ".*" | "./" | "\\" | "kron" | "@")) => (sign, self.advance()),
                _ if self.juxtaposes() => {
                    let start = self.span().start;
                    ("*", Span { start, end: start })
                }
                _ => return Ok(left),
            };
            if let Some(error) = self.cross(typed).filter(|_| sign == "*") {
                return Err(error);
            }
            if sign == "*" && self.pair.is_none() && self.is_point(typed) {
                let joined = self.inner(left, typed)?;
                left = self.bounded(joined)?;
                continue;
            }
            let right = match sign {
                "/" => self.divisor(&left)?,
                ".*" => self.factors_behind(&left, typed)?,
                _ => self.sign()?,
            };
            let joined = self.joined(left, sign, typed, right)?;
            left = self.bounded(joined)?;
        }
    }

    /// A product of two values. It is no part of the recursion, whose frames stay small so.
    #[inline(never)]
    fn joined(
        &mut self,
        left: Piece,
        sign: &'static str,
        typed: Span,
        right: Piece,
    ) -> Result<Piece, Diagnostic> {
        Ok(match (self.spelling, sign) {
            (_, "*") if left.entries.is_some() || right.entries.is_some() => {
                entries_joined(typed, &left, &right)
            }
            (_, "kron") => Piece { axes: Axes::Matrix, ..Piece::call("kron(", typed, vec![left, right]) },
            (Spelling::Python, _) => self.multiplied(left, sign, typed, right)?,
            (Spelling::Matlab, "/") if self.divides_by_matrix(&left, &right) => {
                self.right_division(left, typed, right)
            }
            // `(x - mu)'/S*(x - mu)`: a row divided by a matrix and multiplied on.
            (Spelling::Text, "/")
                if (left.is_transpose || left.written.text.ends_with('\''))
                    && *self.peek() == Mark::Sign("*")
                    && self.divides_by_matrix(&left, &right) =>
            {
                self.right_division(left, typed, right)
            }
            (_, "\\") => {
                let axes = right.axes;
                Piece { axes, ..Piece::call("solve(", typed, vec![left, right]) }
            }
            _ => {
                if sign == "/" {
                    self.note_count(&left, &right);
                }
                let sign = self.joined_by(sign, &left, &right);
                let axes = matrix_product(&left, sign, &right);
                let is_apart = || self.tokens.iter().any(|token| token.span == typed && token.is_apart);
                let spelled = match sign {
                    ".*" => " .* ",
                    "./" => " ./ ",
                    "/" if is_apart() => " / ",
                    "/" => "/",
                    _ => "*",
                };
                let parts = if spelled == "*" { super::inner::scaled(&left, &right, typed) } else { None };
                Piece { parts, ..left.join(spelled, typed, right, Level::Product, axes) }
            }
        })
    }

    /// Whether the mark here is a factor without a sign before it.
    pub fn juxtaposes(&self) -> bool {
        if matches!(self.spelling, Spelling::Python | Spelling::Matlab) {
            return false;
        }
        match self.peek() {
            Mark::Number(_) | Mark::Name(_) | Mark::Apply(_) | Mark::Accent(_) => true,
            Mark::Open | Mark::OpenGroup => true,
            Mark::OpenBlock => self.spelling == Spelling::Latex || self.is_bracket(),
            Mark::Part(part) => match part {
                Part::Fraction | Part::Root | Part::Open | Part::OpenNorm | Part::OpenBar => true,
                Part::OpenAngle | Part::Begin | Part::Cases | Part::Total | Part::Slope => true,
                Part::Norm | Part::Bar => !self.closes(*part),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a bar here closes the one that is open.
    fn closes(&self, part: Part) -> bool {
        self.open.last() == Some(&part)
    }

    /// `sign := (- | +)* power`
    pub fn sign(&mut self) -> Result<Piece, Diagnostic> {
        let mut signs = Vec::new();
        while let Mark::Sign(sign @ ("-" | "+")) = *self.peek() {
            let typed = self.advance();
            signs.extend((sign == "-").then_some(typed));
        }
        let mut value = self.power()?;
        // A sign twice is none, and a long row of them is not written out.
        let kept = signs.len().min(2 - signs.len() % 2);
        signs.truncate(kept);
        for typed in signs.into_iter().rev() {
            value = value.negated(typed);
        }
        Ok(value)
    }

    /// `power := primary postfix*`
    pub fn power(&mut self) -> Result<Piece, Diagnostic> {
        self.deeper()?;
        let value = self.operand_with_marks()?;
        self.depth -= 1;
        Ok(value)
    }

    fn operand_with_marks(&mut self) -> Result<Piece, Diagnostic> {
        let mut value = self.primary()?;
        loop {
            if let Some(indicator) = self.indicator(&value)? {
                value = indicator;
                continue;
            }
            self.expectation(&value)?;
            self.spectrum(&value)?;
            value = match self.peek() {
                _ if self.calls(&value) => self.call(value)?,
                Mark::Quote => {
                    let typed = self.advance();
                    // A vector of one axis is its own transpose there.
                    match (self.spelling, value.axes) {
                        (Spelling::Python, Axes::Vector | Axes::Perhaps | Axes::Number | Axes::Scalar) => {
                            value
                        }
                        _ => value.transposed(typed),
                    }
                }
                Mark::Raise { each } => {
                    let each = *each;
                    self.raised(value, each)?
                }
                Mark::Lower => {
                    let lowered = self.lowered(value)?;
                    // `log₂ x`
                    match &lowered.name {
                        Some(name) if self.spelling == Spelling::Text && self.is_bare_function(name) => {
                            self.at -= 1;
                            self.apply(&name.clone())?
                        }
                        _ => lowered,
                    }
                }
                Mark::All => {
                    let typed = self.advance();
                    Piece { axes: Axes::Vector, ..Piece::call("vec(", typed, vec![value]) }
                }
                Mark::Field(_) if self.spelling == Spelling::Python => self.method(value)?,
                Mark::OpenBlock if self.spelling == Spelling::Python => self.entry(value)?,
                Mark::OpenBlock
                    if self.spelling != Spelling::Latex
                        && self.is_tight()
                        && !(value.is_number() && self.is_bracket()) =>
                {
                    self.entry(value)?
                }
                _ => {
                    self.note_factor(&value);
                    return Ok(value);
                }
            };
            value = self.bounded(value)?;
        }
    }

    /// A value in round brackets, or what stands in a structure.
    pub fn closed(&mut self, close: &[Mark]) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let inner = self.inside(Part::Close)?;
        match close.contains(self.peek()) {
            true => {
                self.advance();
                Ok(inner)
            }
            false if *self.peek() == Mark::End => Err(self.source.error(Mistake::Unclosed, open)),
            false => Err(self.expected("`)` or an operator")),
        }
    }

    /// What stands between two bars.
    pub fn between(&mut self, part: Part) -> Result<(Piece, Span), Diagnostic> {
        let open = self.advance();
        let inner = self.inside(part)?;
        let other = if part == Part::Bar { Part::CloseBar } else { Part::CloseNorm };
        match self.peek() {
            Mark::Part(found) if *found == part || *found == other => Ok((inner, open.to(self.advance()))),
            Mark::End => Err(self.source.error(Mistake::Unclosed, open)),
            _ => Err(self.expected("the bar that closes, or an operator")),
        }
    }
}
