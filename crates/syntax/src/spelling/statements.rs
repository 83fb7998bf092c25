//! The lines of a typed text: declarations, lets, `f(x) = ...`, `minimize ...`, chains of equalities, and what stands round them.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Level, Piece};
use super::reader::Reader;
use super::symbols::{is_derivative, mentions_derivative};
use super::table::Part;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};

/// One line as it was read.
pub(crate) struct Statement {
    /// `name` before `=`.
    pub name: Option<Piece>,
    /// The arguments of `f(x) = ...`, or what is minimized by.
    pub by: Vec<String>,
    /// Whether the line has arguments on its left.
    pub defines: bool,
    /// What stands on the right, or the line as it stands.
    pub value: Piece,
    /// Whether it is a declaration or a definition, taken as it stands.
    pub stands: bool,
    /// The other sides of a chain of equations, whose last one is the value.
    pub sides: Vec<Piece>,
}

impl Reader<'_> {
    /// The lines of the text.
    pub fn statements(&mut self) -> Result<Vec<Statement>, Diagnostic> {
        let mut all = Vec::new();
        loop {
            while self.is_break()
                || matches!(self.peek(), Mark::Comma | Mark::Part(Part::Align | Part::Remark))
            {
                self.advance();
            }
            if *self.peek() == Mark::End {
                return Ok(all);
            }
            if self.spelling == Spelling::Latex && self.line_has(Part::Domain) {
                self.skip_line();
                continue;
            }
            all.push(self.statement()?);
            if self.spelling == Spelling::Latex {
                self.skip_remark();
            }
            let parted = self.spelling != Spelling::Latex && *self.peek() == Mark::Comma;
            if !parted && !self.is_break() && *self.peek() != Mark::End {
                if self.spelling == Spelling::Latex && matches!(self.peek(), Mark::Text(_)) {
                    return Err(self.prose_inside());
                }
                return Err(self.expected("an operator, or the end of the line"));
            }
        }
    }

    /// Whether the line here has this structure.
    fn line_has(&self, part: Part) -> bool {
        let ends = |mark: &Mark| matches!(mark, Mark::Part(Part::Break) | Mark::End);
        let line = self.tokens.iter().skip(self.at).map(|token| &token.mark).take_while(|mark| !ends(mark));
        line.into_iter().any(|mark| *mark == Mark::Part(part))
    }

    pub fn skip_line(&mut self) {
        while !self.is_break() && *self.peek() != Mark::End {
            self.advance();
        }
    }

    /// `f : G \mapsto \|G\|_F^2`: the name and its argument, up to the arrow.
    fn mapped(&mut self) -> Result<Option<(Piece, Vec<String>)>, Diagnostic> {
        if self.spelling != Spelling::Latex || !self.line_has(Part::Maps) {
            return Ok(None);
        }
        let name = self.power()?;
        if self.eat(&Mark::Colon).is_none() {
            return Err(self.expected("`:`"));
        }
        let argument = self.expression()?;
        match (self.eat(&Mark::Part(Part::Maps)), name.name.is_some()) {
            (Some(_), true) => Ok(Some((name, argument.name.into_iter().collect()))),
            _ => Err(self.expected("`\\mapsto`")),
        }
    }

    pub fn is_break(&self) -> bool {
        matches!(self.peek(), Mark::Newline | Mark::Semicolon | Mark::Part(Part::Break))
    }

    fn statement(&mut self) -> Result<Statement, Diagnostic> {
        if let Some((name, by)) = self.mapped()? {
            let value = self.expression()?;
            return Ok(Statement {
                name: Some(name),
                by,
                defines: true,
                value,
                stands: false,
                sides: Vec::new(),
            });
        }
        if self.stands() {
            return self.standing();
        }
        let mut by = Vec::new();
        let mut name = self.derivative_symbol()?;
        if name.is_some() {
            self.advance();
        }
        by.extend(self.minimized()?);
        if self.spelling == Spelling::Python
            && *self.peek() == Mark::Name("def".to_owned())
            && matches!(self.ahead(1), Mark::Name(_))
        {
            self.advance();
        }
        let mut defines = false;
        if name.is_none()
            && let Some((left, arguments)) = self.defined()?
        {
            (name, by, defines) = (left, arguments, true);
            if *self.peek() == Mark::Colon {
                self.advance();
                while matches!(self.peek(), Mark::Newline) || *self.peek() == Mark::Name("return".to_owned())
                {
                    self.advance();
                }
            } else {
                self.advance();
            }
        }
        let mut sides = Vec::new();
        let mut value = self.side(&mut by)?;
        // What asks for a derivative is another value than what it is of.
        let mut is_asked = self.asked.is_some();
        value = self.derivative_of(value, &mut by, name.is_some())?;
        loop {
            while *self.peek() == Mark::Part(Part::Align) {
                self.advance();
            }
            if self.goes_on() {
                while matches!(self.peek(), Mark::Part(Part::Align | Part::Break)) {
                    self.advance();
                }
            }
            // Of equal sides the last is read.
            let inside = self.inside.take();
            let Some(equals) = self.eat(&Mark::Equals) else {
                match inside {
                    Some(error) => return Err(error),
                    None => break,
                }
            };
            while *self.peek() == Mark::Part(Part::Align) {
                self.advance();
            }
            if value.name.is_none() && is_derivative(&value.written.text) {
                value.name = Some(value.written.text.clone());
            }
            if *self.peek() == Mark::Part(Part::Picture) && (name.is_some() || value.name.is_none()) {
                self.advance();
                self.note("a matrix with dots in it shows what the formula is, and is set aside".to_owned());
                continue;
            }
            // `w^* = \arg\min_w f` is no name for the least value.
            let typed = self.source.slice(self.span());
            if matches!(self.peek(), Mark::Part(Part::Minimize)) && typed.contains("arg") {
                self.note(format!(
                    "`{}` is where the formula is smallest or largest, and no name of it",
                    self.source.slice(value.span())
                ));
                (value, is_asked) = (self.side(&mut by)?, false);
                continue;
            }
            let is_own = !is_asked && inside.is_none() && !mentions_derivative(&value.written.text);
            if value.name.is_none() && !is_own {
                self.tell_uncompared(&value);
            }
            match (&value.name, &name) {
                (Some(_), None) => name = Some(value),
                (Some(_), Some(_)) if self.spelling != Spelling::Python => {}
                (None, None) if self.spelling == Spelling::Latex => sides.extend(is_own.then_some(value)),
                (None, Some(_)) if self.spelling != Spelling::Python => sides.extend(is_own.then_some(value)),
                _ => return Err(self.error("only a name stands before `=`", "write `name = ...`", equals)),
            }
            value = self.side(&mut by)?;
            is_asked = self.asked.is_some();
            value = self.derivative_of(value, &mut by, name.is_some())?;
        }
        if is_asked || mentions_derivative(&value.written.text) {
            sides.drain(..).for_each(|side| self.tell_uncompared(&side));
        }
        if let Some(name) = name.as_ref().and_then(|name| name.name.clone()) {
            self.arguments.insert(name, by.clone());
        }
        if let (Some(name), false) = (name.as_ref().and_then(|name| name.name.clone()), defines) {
            self.inner.insert(name.clone(), value.inner.clone());
            self.lines.extend(value.line.map(|line| (name.clone(), line)));
            self.lets.insert(name, value.axes);
        }
        Ok(Statement { name, by, defines, value, stands: false, sides })
    }

    /// Whether another side of the equation follows: a line of an `align` goes on with the one before, where it begins with `=`.
    pub fn goes_on(&self) -> bool {
        let mut at = 0;
        while matches!(self.ahead(at), Mark::Part(Part::Align | Part::Break)) {
            at += 1;
        }
        *self.ahead(at) == Mark::Equals
    }

    /// One side of an equation; `lambda w: ...` is its body.
    fn side(&mut self, by: &mut Vec<String>) -> Result<Piece, Diagnostic> {
        while *self.peek() == Mark::Part(Part::Align) {
            self.advance();
        }
        by.extend(self.minimized()?);
        // `@(w) norm(X*w - y)^2`
        if self.spelling != Spelling::Python
            && *self.peek() == Mark::Sign("@")
            && *self.ahead(1) == Mark::Open
        {
            self.at += 2;
            while let Mark::Name(name) = self.peek().clone() {
                self.advance();
                by.push(name);
                let _ = self.eat(&Mark::Comma);
            }
            if self.eat(&Mark::Close).is_none() {
                return Err(self.expected("`)`"));
            }
        }
        if self.spelling == Spelling::Python && *self.peek() == Mark::Name("lambda".to_owned()) {
            self.advance();
            while let Mark::Name(name) = self.peek().clone() {
                self.advance();
                by.push(name);
                let _ = self.eat(&Mark::Comma);
            }
            if self.eat(&Mark::Colon).is_none() {
                return Err(self.expected("`:`"));
            }
        }
        self.expression()
    }

    /// Whether a declaration stands here, or a definition with declared arguments: a colon somewhere in the line.
    fn stands(&self) -> bool {
        if self.spelling == Spelling::Python {
            return false;
        }
        let mut depth = 0_usize;
        for token in self.tokens.iter().skip(self.at) {
            match &token.mark {
                // That of `A(:, 1)` declares nothing.
                Mark::Colon if depth == 0 || self.is_definition() => return true,
                Mark::Open | Mark::OpenBlock => depth += 1,
                Mark::Close | Mark::CloseBlock => depth = depth.saturating_sub(1),
                Mark::Newline | Mark::End | Mark::Part(Part::Break) => return false,
                Mark::Comma | Mark::Semicolon if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    /// A line as it stands, its names and signs in the language of formulas.
    fn standing(&mut self) -> Result<Statement, Diagnostic> {
        let mut written = Written::default();
        let mut depth = 0_usize;
        loop {
            let before = self.tokens.get(self.at).is_some_and(|token| token.is_apart);
            let text = match self.peek().clone() {
                Mark::Newline | Mark::End | Mark::Part(Part::Break) => break,
                Mark::Comma | Mark::Semicolon if depth == 0 => break,
                Mark::Name(name) | Mark::Apply(name) => name,
                Mark::Sign("*") if self.source.slice(self.span()) == "×" => " x ".to_owned(),
                Mark::Sign("kron" | "@") | Mark::Part(_) | Mark::Text(_) | Mark::Field(_) => {
                    return Err(self.expected("a declaration such as `X: m x n`"));
                }
                Mark::Raise { .. } if self.ahead(1) == &Mark::OpenGroup => {
                    self.advance();
                    "^".to_owned()
                }
                mark => {
                    match mark {
                        Mark::Open | Mark::OpenBlock => depth += 1,
                        Mark::Close | Mark::CloseBlock => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    match mark {
                        Mark::Sign(sign) => sign.to_owned(),
                        Mark::Number(text) => text,
                        Mark::Lower | Mark::CloseGroup | Mark::OpenGroup => String::new(),
                        _ => self.source.slice(self.span()).to_owned(),
                    }
                }
            };
            let typed = self.advance();
            if before && !written.text.is_empty() {
                written.sign(" ", Span { start: typed.start, end: typed.start });
            }
            written.sign(&text, typed);
        }
        let value = Piece::new(written, Level::Comparison, super::piece::Axes::Scalar);
        Ok(Statement { name: None, by: Vec::new(), defines: false, value, stands: true, sides: Vec::new() })
    }
}
