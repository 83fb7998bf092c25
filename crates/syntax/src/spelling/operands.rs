//! Operands: names with what stands above and below them, functions and their arguments, fractions, roots, bars and norms.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Table};
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};

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
                // `log|Σ|`, `tr X`: a function without brackets.
                if self.is_bare_function(&name) {
                    self.at -= 1;
                    return self.apply(&name);
                }
                if name == "ones" && self.source.slice(typed) != name {
                    let ones = Written::new("vector(1)", typed);
                    return Ok(Piece::new(ones, Level::Whole, Axes::Vector));
                }
                Ok(self.named(&name, typed))
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
                let inner = self.closed(&closes)?;
                self.bounded(inner.at_least(Level::Whole))
            }
            Mark::OpenBlock if self.spelling == Spelling::Latex => {
                let inner = self.closed(&[Mark::CloseBlock, Mark::Part(Part::Close)])?;
                self.bounded(inner.at_least(Level::Whole))
            }
            Mark::OpenBlock | Mark::Part(Part::Begin) => self.block(),
            Mark::OpenGroup => self.closed(&[Mark::CloseGroup]),
            Mark::Part(Part::Fraction) => self.fraction(),
            Mark::Part(Part::Root) => self.root(),
            Mark::Part(Part::Norm | Part::OpenNorm) => self.norm(),
            Mark::Part(Part::Bar | Part::OpenBar) => {
                let (inner, typed) = self.between(Part::Bar)?;
                Ok(Piece::call("bars(", typed, vec![inner]))
            }
            Mark::Part(Part::OpenAngle) => self.inner_product(),
            Mark::Part(Part::Total) => self.total(),
            Mark::Sign("@.") => self.dotted_all(),
            Mark::Part(Part::Change) if self.spelling == Spelling::Latex => {
                let typed = self.advance();
                Ok(Piece::name("d", typed, false))
            }
            _ => Err(self.expected("a value: a name, a number or an opening bracket")),
        }
    }

    /// Whether a name is a function and stands before its argument without brackets.
    fn is_bare_function(&self, name: &str) -> bool {
        self.spelling != Spelling::Latex
            && self.juxtaposes()
            && *self.peek() != Mark::Open
            && super::is_function(name)
            && !self.declared.contains_key(name)
    }

    /// A name, with the axes that are declared of it.
    pub fn named(&self, name: &str, typed: Span) -> Piece {
        let piece = Piece::name(name, typed, self.source.slice(typed) == name);
        if let Some(axes) = self.lets.get(name) {
            return Piece { axes: *axes, ..piece };
        }
        match self.declared.get(name) {
            Some(Some(axes)) => Piece { axes: *axes, ..piece },
            None if Table::named(self.spelling.table()).scalars.contains(name) => {
                Piece { axes: Axes::Perhaps, ..piece }
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
        let start = self.advance();
        let before = self.at;
        if let Some(symbol) = self.derivative(start)? {
            return Ok(symbol);
        }
        self.at = before;
        let above = self.argument()?;
        let below = self.argument()?;
        let axes = super::reader::beside(above.axes, below.axes);
        let sign = if self.joined_by("/", &above, &below) == "/" { "/" } else { " ./ " };
        Ok(above.at_least(Level::Power).join(sign, start, below, Level::Product, axes))
    }

    /// The symbol `df/dX` of a fraction of two changes.
    fn derivative(&mut self, start: Span) -> Result<Option<Piece>, Diagnostic> {
        let mut names = Vec::new();
        for _ in 0..2 {
            if self.eat(&Mark::OpenGroup).is_none() {
                return Ok(None);
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
        let inner = self.argument()?;
        let axes = inner.axes;
        Ok(Piece { axes, ..Piece::call("sqrt(", typed, vec![inner]) })
    }

    /// `‖x‖`, `‖x‖₁`, `‖X‖_F`
    fn norm(&mut self) -> Result<Piece, Diagnostic> {
        let (inner, typed) = self.between(Part::Norm)?;
        let label = match self.peek() {
            Mark::Lower => self.label()?,
            _ => None,
        };
        let name = match label.as_ref().map(|(label, _)| label.as_str()) {
            None | Some("2" | "F" | "Fro" | "fro" | "") => "norm(",
            Some("1") => "norm1(",
            Some("infinity" | "inf" | "infty" | "∞") if inner.axes != Axes::Matrix => {
                let inner = Piece::call("abs(", typed, vec![inner]);
                return Ok(Piece::call("max(", typed, vec![inner]));
            }
            Some(other) => {
                let what = format!("the norm of index {other} has no law");
                let mend = "the norms here are Euclid's and Frobenius's, `\\|x\\|`, and the sum of absolute values, `\\|x\\|_1`";
                let span = label.map_or(typed, |(_, span)| span);
                return Err(self.error(what, mend, span));
            }
        };
        if inner.axes == Axes::Matrix && label.is_some_and(|(label, _)| label == "2") {
            self.note("a norm of index 2 is read as the root of the sum of all squares; of a matrix it may mean the largest singular value, which has no law".to_owned());
        }
        Ok(Piece::call(name, typed, vec![inner]))
    }

    /// `⟨a, b⟩`
    fn inner_product(&mut self) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let left = self.inside(Part::CloseAngle)?;
        if self.eat(&Mark::Comma).is_none() {
            return Err(self.expected("`,`"));
        }
        let right = self.inside(Part::CloseAngle)?;
        match self.eat(&Mark::Part(Part::CloseAngle)) {
            Some(end) => Ok(Piece::call("dot(", open.to(end), vec![left, right])),
            None => Err(self.expected("`⟩`")),
        }
    }

    /// Factors side by side.
    pub fn chain(&mut self) -> Result<Piece, Diagnostic> {
        let mut left = self.power()?;
        while self.juxtaposes() && !matches!(self.peek(), Mark::Apply(_) | Mark::Part(Part::Total)) {
            let start = self.span().start;
            let right = self.power()?;
            let axes = super::reader::beside(left.axes, right.axes);
            let sign = if self.joined_by("*", &left, &right) == "*" { "*" } else { " .* " };
            left = left.join(sign, Span { start, end: start }, right, Level::Product, axes);
        }
        Ok(left)
    }

    /// `\log x`, `\log(x)`, `\sin^2 x`, `\max(0, z)`, `\exp\{x\}`
    fn apply(&mut self, function: &str) -> Result<Piece, Diagnostic> {
        let typed = self.advance();
        let mut function = function.to_owned();
        let (mut power, latex) = (None, Table::named("latex"));
        loop {
            match self.peek() {
                Mark::Raise { .. } => {
                    let sign = self.advance();
                    let inverse =
                        [Mark::OpenGroup, Mark::Sign("-"), Mark::Number("1".to_owned()), Mark::CloseGroup];
                    let is_inverse = (0..4).all(|at| *self.ahead(at) == inverse[at]);
                    let arc = format!("arc{function}");
                    if is_inverse && super::is_function(&arc) {
                        self.at += 4;
                        function = arc;
                        continue;
                    }
                    power = Some((sign, self.argument()?));
                }
                Mark::Lower => {
                    if let Some((base, span)) = self.label()? {
                        // `\log_2` is a row.
                        let row = latex.words.get(format!("{function}_{base}").as_str());
                        function = match row {
                            Some(own) => (*own).to_owned(),
                            None => {
                                let what = format!("`{function}` with {base} below it");
                                let mend =
                                    "write a logarithm to another base as a quotient, `\\log x / \\log 10`";
                                return Err(self.error(what, mend, span));
                            }
                        };
                    }
                }
                _ => break,
            }
        }
        let opening = format!("{function}(");
        let is_open = matches!(self.peek(), Mark::Open | Mark::Part(Part::Open));
        let (arguments, end) = if is_open {
            self.arguments()?
        } else if matches!(self.peek(), Mark::OpenGroup) {
            let inner = self.closed(&[Mark::CloseGroup])?;
            let span = inner.span();
            (vec![inner], span)
        } else {
            let sign = match self.peek() {
                Mark::Sign("-") => Some(self.advance()),
                _ => None,
            };
            let inner = self.chain()?;
            let span = inner.span();
            (
                vec![match sign {
                    Some(typed) => inner.negated(typed),
                    None => inner,
                }],
                span,
            )
        };
        let reduces = matches!(function.as_str(), "det" | "tr" | "logdet");
        let axes =
            if reduces { Axes::Scalar } else { arguments.first().map_or(Axes::Scalar, |first| first.axes) };
        let mut written = Piece { axes, ..Piece::call(&opening, typed, arguments) };
        written.written.sign("", end);
        match power {
            Some((sign, exponent)) => Ok(written.power(false, sign, exponent.at_least(Level::Whole))),
            None => Ok(written),
        }
    }

    /// Whether a name is called by the bracket here.
    pub fn calls(&self, value: &Piece) -> bool {
        let Some(name) = &value.name else { return false };
        let mut at = 0;
        while *self.ahead(at) == Mark::Quote {
            at += 1;
        }
        if !matches!(self.ahead(at), Mark::Open | Mark::Part(Part::Open)) {
            return false;
        }
        match self.spelling {
            Spelling::Latex => {
                let is_word = self.source.slice(value.span()).starts_with('\\')
                    && !name.contains('_')
                    && name.len() > 1;
                let is_word = is_word && self.source.slice(value.span()).contains('{');
                (at > 0 || is_word || is_letter_of_functions(name)) && !self.declared.contains_key(name)
            }
            _ => {
                // In a sum over i, `w_i(x - c)` is a product.
                let index = self.indices.iter().find_map(|index| name.strip_suffix(index.as_str()));
                let is_factor = index.is_some_and(|stem| !is_letter_of_functions(stem));
                let is_declared = self.declared.get(name).is_some_and(Option::is_none);
                (!is_factor || is_declared)
                    && self.tokens.get(self.at + at).is_some_and(|token| !token.is_apart)
            }
        }
    }

    /// `g(Z)`, `g'(Z)`, `\sigma(x)`
    pub fn call(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        if self.spelling != Spelling::Latex {
            return self.named_call(value);
        }
        let name = value.name.clone().unwrap_or_default();
        // A letter that is another function where it is applied, such as `\sigma()`, is a row.
        let row = Table::named("latex").words.get(format!("{name}()").as_str());
        let own = row.map_or(name, |own| (*own).to_owned());
        let mut marks = String::new();
        while self.eat(&Mark::Quote).is_some() {
            marks.push('\'');
        }
        if is_letter_of_functions(&own) && !super::is_function(&own) {
            self.functions.insert(own.clone());
        }
        let typed = value.span();
        let (arguments, _) = self.arguments()?;
        let axes = arguments.first().map_or(Axes::Scalar, |first| first.axes);
        Ok(Piece { axes, ..Piece::call(&format!("{own}{marks}("), typed, arguments) })
    }

    /// Arguments in brackets, and the place of the bracket that closes.
    pub fn arguments(&mut self) -> Result<(Vec<Piece>, Span), Diagnostic> {
        let open = self.advance();
        let mut all = Vec::new();
        while !matches!(self.peek(), Mark::Close | Mark::Part(Part::Close)) {
            all.push(self.inside(Part::Close)?);
            match self.peek() {
                Mark::Comma | Mark::Semicolon => drop(self.advance()),
                _ => break,
            }
        }
        match self.peek() {
            Mark::Close | Mark::Part(Part::Close) => Ok((all, self.advance())),
            Mark::End => Err(self.source.error(crate::diagnostic::Mistake::Unclosed, open)),
            _ => Err(self.expected("`)` or an operator")),
        }
    }
}

/// Whether a paper writes functions with this letter: a bracket behind it is an argument, and no factor.
fn is_letter_of_functions(name: &str) -> bool {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let stem = stem.split('_').next().unwrap_or(stem);
    matches!(stem, "f" | "g" | "h" | "sigma" | "phi" | "psi") || super::is_function(name)
}
