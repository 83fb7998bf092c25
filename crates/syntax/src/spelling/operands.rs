//! Operands: names with what stands above and below them, functions and their arguments, fractions, roots, bars and norms.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Row, Table};
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};

/// How many marks are looked at for the end of a bracket.
pub(super) const MOST_IN_BRACKET: usize = 1000;

impl Reader<'_> {
    /// A number, a name, a structure, or an expression in brackets.
    pub fn primary(&mut self) -> Result<Piece, Diagnostic> {
        self.deeper()?;
        let value = self.operand()?;
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<Piece, Diagnostic> {
        match self.peek().clone() {
            Mark::Number(text) if text == "11" && self.is_turned() => Ok(self.ones()),
            Mark::Number(text) if text == "1" && self.is_after_turn() => {
                let typed = self.advance();
                Ok(Piece::new(Written::new("vector(1)", typed), Level::Whole, Axes::Vector))
            }
            Mark::Number(text) => {
                let typed = self.advance();
                let level = if text.contains('/') { Level::Product } else { Level::Whole };
                Ok(Piece::new(Written::new(text.trim_end_matches('.'), typed), level, Axes::Scalar))
            }
            Mark::Name(name) => {
                let typed = self.advance();
                if self.spelling == Spelling::Python {
                    return self.dotted(name, typed);
                }
                if name == "ones" && self.source.slice(typed) != name {
                    let ones = Written::new("vector(1)", typed);
                    return Ok(Piece::new(ones, Level::Whole, Axes::Vector));
                }
                let behind = self.source.text.get(typed.end..).unwrap_or_default();
                if self.is_mathematics && name.contains('_') && super::minimized::minimizes(&name, behind) {
                    let what = format!("`{name}` asks for the least or the largest inside of a formula");
                    let mend = "write `max(x)` for the largest entry of a column x, `min(x)` for the smallest, and what a formula is to be small by before all of it";
                    return Err(self.error(what, mend, typed));
                }
                // `log|Σ|`, `tr X`: a function without brackets.
                if self.is_bare_function(&name) {
                    self.at -= 1;
                    // `ln x`, `log_2 x`
                    let own = Table::named("latex").words.get(name.as_str());
                    return self.apply(own.copied().unwrap_or(&name));
                }
                let is_bold = self.tokens.get(self.at - 1).is_some_and(|token| token.is_bold);
                let piece = self.named(&name, typed);
                // A small letter in bold type is a column.
                let is_column = is_bold
                    && name.starts_with(char::is_lowercase)
                    && !self.declared.contains_key(&name)
                    && !self.lets.contains_key(&name);
                Ok(if is_column { Piece { axes: Axes::Vector, ..piece } } else { piece })
            }
            Mark::Accent(accent) => {
                let start = self.advance();
                let inner = self.argument()?;
                match &inner.name {
                    Some(name) => Ok(Piece::name(&format!("{name}_{accent}"), start.to(inner.span()), false)),
                    None => Err(self.error(
                        "a mark over more than a name",
                        "put the mark over one letter",
                        start.to(inner.span()),
                    )),
                }
            }
            Mark::Apply(function) => self.apply(&function),
            Mark::Open | Mark::Part(Part::Open) => {
                let closes = [Mark::Close, Mark::Part(Part::Close)];
                let around = self.is_bracket_of_pair().then(|| std::mem::take(&mut self.entrywise));
                let inner = self.closed(&closes)?;
                self.entrywise = around.unwrap_or(self.entrywise);
                self.bounded(inner.at_least(Level::Whole))
            }
            Mark::OpenBlock if self.spelling == Spelling::Latex || self.is_bracket() => {
                let inner = self.bracketed()?;
                self.bounded(inner.at_least(Level::Whole))
            }
            Mark::OpenBlock | Mark::Part(Part::Begin) => self.block(),
            Mark::Part(Part::Cases) => self.cases(),
            Mark::OpenGroup => self.closed(&[Mark::CloseGroup]),
            Mark::Part(Part::Fraction) => self.fraction(),
            Mark::Part(Part::Root) => self.root(),
            Mark::Part(Part::Norm | Part::OpenNorm) => self.norm(),
            Mark::Part(Part::Bar | Part::OpenBar) => {
                let (inner, typed) = self.between(Part::Bar)?;
                self.lower_first();
                match self.peek() {
                    Mark::Lower => self.norm_of(inner, typed),
                    _ if self.pair.is_some() => {
                        Ok(Piece { axes: inner.axes, ..Piece::call("abs(", typed, vec![inner]) })
                    }
                    _ => Ok(Piece::call("bars(", typed, vec![inner])),
                }
            }
            Mark::Part(Part::OpenAngle) => self.inner_product(),
            Mark::Part(Part::Total) => self.total(),
            Mark::Part(Part::Picture) => Err(self.picture()),
            Mark::Sign("@.") => self.dotted_all(),
            Mark::Part(Part::Slope) => Err(self.derivative_inside()),
            Mark::Part(Part::Change) if matches!(self.ahead(1), Mark::Raise { .. }) => {
                Err(self.second_derivative(self.span()))
            }
            Mark::Part(Part::Change) if *self.ahead(1) == Mark::Sign("/") && self.is_change_ahead(2) => {
                Err(self.derivative_inside())
            }
            Mark::Part(Part::Change) if self.spelling != Spelling::Python && self.is_symbol() => {
                let start = self.advance();
                let of = self.changed()?.unwrap_or_default();
                self.at += 2;
                let by = self.changed()?.unwrap_or_default();
                let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
                Ok(Piece::name(&format!("d{of}/d{by}"), start.to(end), false))
            }
            // `\mathrm{d}X` is a change of X.
            Mark::Part(Part::Change) if matches!(self.ahead(1), Mark::Name(_)) => {
                let start = self.advance();
                let of = self.changed()?.unwrap_or_default();
                let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
                Ok(Piece::name(&format!("d{of}"), start.to(end), false))
            }
            Mark::Part(Part::Change) => {
                self.inside = Some(self.derivative_inside());
                Ok(Piece::name("d", self.advance(), false))
            }
            _ => Err(self.expected("a value: a name, a number or an opening bracket")),
        }
    }

    /// Whether `∂f/∂x` stands here, the symbol of a derivative.
    fn is_symbol(&self) -> bool {
        let name = |at: usize| matches!(self.ahead(at), Mark::Name(_));
        name(1) && *self.ahead(2) == Mark::Sign("/") && self.is_change_ahead(3) && name(4)
    }

    fn is_change_ahead(&self, ahead: usize) -> bool {
        *self.ahead(ahead) == Mark::Part(Part::Change)
    }

    /// Whether a name is a function and stands before its argument without brackets.
    pub fn is_bare_function(&self, name: &str) -> bool {
        let latex = Table::named("latex");
        // `exp −x`: a name that papers write before its argument.
        let is_negative = self.is_mathematics
            && *self.peek() == Mark::Sign("-")
            && matches!(latex.rows.get(format!("\\{name}").as_str()), Some(Row::Apply(_)));
        let is_word = self.is_mathematics && latex.words.contains_key(name);
        // `sin²(x)`
        let is_raised = self.is_mathematics && matches!(self.peek(), Mark::Raise { each: false });
        self.spelling != Spelling::Latex
            && (self.juxtaposes() || is_raised || is_negative)
            && *self.peek() != Mark::Open
            && (super::is_function(name) || is_word)
            && !self.declared.contains_key(name)
            && !self.lets.contains_key(name)
    }

    /// Whether `[` here is a bracket of mathematics, and no row or index: what is in it has no comma, semicolon or colon of its own.
    pub fn is_bracket(&self) -> bool {
        let mut depth = 0_usize;
        for at in 0..MOST_IN_BRACKET {
            match self.ahead(at) {
                Mark::Open | Mark::OpenBlock | Mark::OpenGroup => depth += 1,
                Mark::Close | Mark::CloseGroup => depth = depth.saturating_sub(1),
                Mark::CloseBlock if depth == 1 => return self.is_mathematics,
                Mark::CloseBlock => depth = depth.saturating_sub(1),
                Mark::Comma | Mark::Semicolon | Mark::Colon if depth == 1 => return false,
                Mark::Newline | Mark::End => return false,
                _ => {}
            }
        }
        false
    }

    /// A name, with the axes that are declared of it.
    pub fn named(&self, name: &str, typed: Span) -> Piece {
        let piece = Piece::name(name, typed, self.source.slice(typed) == name);
        if let Some(axes) = self.lets.get(name) {
            let inner = self.inner.get(name).cloned().unwrap_or_default();
            return Piece { axes: *axes, inner, line: self.lines.get(name).copied(), ..piece };
        }
        match self.declared.get(name) {
            Some(Some(axes)) => Piece { axes: *axes, ..piece },
            None if self.squares.contains(name) || self.stacked.contains(name) => {
                Piece { axes: Axes::Matrix, ..piece }
            }
            None if Table::named(self.spelling.table()).is_number(name) => {
                Piece { axes: Axes::Number, ..piece }
            }
            None if self.scaling.contains(name) => Piece { axes: Axes::Number, ..piece },
            None if piece.axes == Axes::Perhaps && self.columns.contains(name) => {
                Piece { axes: Axes::Vector, ..piece }
            }
            _ => piece,
        }
    }

    /// The argument of a structure: a group, or one mark.
    pub fn argument(&mut self) -> Result<Piece, Diagnostic> {
        if let Mark::Number(text) = self.peek().clone()
            && self.spelling == Spelling::Latex
            && text.len() > 1
        {
            // `\frac12`: each digit is an argument.
            let span = self.span();
            let (first, rest) = text.split_at(1);
            let typed = Span { start: span.start, end: span.start + 1 };
            if let Some(token) = self.tokens.get_mut(self.at) {
                token.mark = Mark::Number(rest.to_owned());
                token.span.start += 1;
            }
            return Ok(Piece::new(Written::same(first, typed), Level::Whole, Axes::Scalar));
        }
        self.primary()
    }

    /// `\frac{a}{b}`, and `\frac{df}{dX}`, which is one symbol.
    fn fraction(&mut self) -> Result<Piece, Diagnostic> {
        if self.is_fraction_of_changes() || self.is_fraction_of_change().is_some() {
            self.inside = Some(self.derivative_inside());
        }
        let start = self.advance();
        let before = self.at;
        if let Some(symbol) = self.derivative(start)? {
            return Ok(symbol);
        }
        self.at = before;
        let above = self.argument()?;
        let below = self.argument()?;
        let axes = super::piece::beside(above.axes, below.axes);
        let sign = if self.joined_by("/", &above, &below) == "/" { "/" } else { " ./ " };
        Ok(above.at_least(Level::Power).join(sign, start, below, Level::Product, axes))
    }

    /// The symbol `df/dX` of a fraction of two changes.
    fn derivative(&mut self, start: Span) -> Result<Option<Piece>, Diagnostic> {
        let mut names = Vec::new();
        for _ in 0..2 {
            let start = self.span();
            if self.eat(&Mark::OpenGroup).is_none() {
                return Ok(None);
            }
            let is_second =
                *self.peek() == Mark::Part(Part::Change) && matches!(self.ahead(1), Mark::Raise { .. });
            if is_second && names.is_empty() {
                return Err(self.second_derivative(start));
            }
            let is_change =
                matches!(self.peek(), Mark::Part(Part::Change)) || *self.peek() == Mark::Name("d".to_owned());
            if !is_change || !matches!(self.ahead(1), Mark::Name(_) | Mark::OpenGroup | Mark::Accent(_)) {
                return Ok(None);
            }
            self.advance();
            let Piece { name: Some(name), .. } = self.power()? else { return Ok(None) };
            if *self.peek() != Mark::CloseGroup {
                return Ok(None);
            }
            names.push((name, self.advance()));
        }
        let [(of, _), (by, end)] = names.as_slice() else { return Ok(None) };
        Ok(Some(Piece::name(&format!("d{of}/d{by}"), start.to(*end), false)))
    }

    /// `\sqrt{x}`, `√x`, `√(x + y)`
    fn root(&mut self) -> Result<Piece, Diagnostic> {
        let typed = self.advance();
        if *self.peek() == Mark::OpenBlock {
            return Err(self.error(
                "a root of another degree",
                "write it as a power, such as `x^{1/3}`",
                typed,
            ));
        }
        let mut inner = self.argument()?;
        // `√x₁`, `√f(x)`: what stands below a name and the bracket of a function belong to it.
        if self.spelling == Spelling::Text && inner.name.is_some() {
            while *self.peek() == Mark::Lower {
                inner = self.lowered(inner)?;
            }
            if self.calls(&inner) {
                inner = self.call(inner)?;
            }
        }
        let axes = inner.axes;
        Ok(Piece { axes, ..Piece::call("sqrt(", typed, vec![inner]) })
    }

    /// `⟨a, b⟩`
    fn inner_product(&mut self) -> Result<Piece, Diagnostic> {
        if self.pair.is_some() {
            return self.products_of_rows().ok_or_else(|| self.expected("rows of two matrices"));
        }
        let open = self.advance();
        let left = self.inside(Part::CloseAngle)?;
        if self.eat(&Mark::Comma).is_none() {
            return Err(self.expected("`,`"));
        }
        let right = self.inside(Part::CloseAngle)?;
        let Some(end) = self.eat(&Mark::Part(Part::CloseAngle)) else { return Err(self.expected("`⟩`")) };
        self.lower_first();
        if *self.peek() == Mark::Lower
            && let Some((label, span)) = self.label()?
            && !matches!(label.as_str(), "F" | "Fro" | "fro" | "2")
        {
            let what = format!("the inner product of index {label} has no law");
            let mend = "write the product itself, such as `a'*M*b` for that of a matrix M";
            return Err(self.error(what, mend, span));
        }
        Ok(Piece::call("dot(", open.to(end), vec![left, right]))
    }
}
