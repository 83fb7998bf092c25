//! Functions and their arguments, with brackets and without, and what a letter before a bracket is.

use super::Spelling;
use super::marks::Mark;
use super::minimized::is_extreme;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Table};
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::continues_name;
use std::collections::{BTreeMap, BTreeSet};

impl Reader<'_> {
    /// Factors side by side.
    pub fn chain(&mut self) -> Result<Piece, Diagnostic> {
        let mut left = self.power()?;
        while self.juxtaposes() && !matches!(self.peek(), Mark::Apply(_) | Mark::Part(Part::Total)) {
            // `2 sin x cos x`
            if matches!(self.peek(), Mark::Name(name) if super::is_function(name) && !self.declared.contains_key(name) && !self.lets.contains_key(name))
            {
                break;
            }
            let start = self.span().start;
            let right = self.power()?;
            let axes = super::piece::beside(left.axes, right.axes);
            let sign = if self.joined_by("*", &left, &right) == "*" { "*" } else { " .* " };
            left = left.join(sign, Span { start, end: start }, right, Level::Product, axes);
        }
        Ok(left)
    }

    /// `\log x`, `\log(x)`, `\sin^2 x`, `\max(0, z)`, `\exp\{x\}`
    pub fn apply(&mut self, function: &str) -> Result<Piece, Diagnostic> {
        let typed = self.advance();
        let mut function = function.to_owned();
        let (mut power, latex) = (None, Table::named("latex"));
        loop {
            match self.peek() {
                // `\operatorname{sigmoid}'(x)`
                Mark::Quote => {
                    self.advance();
                    function.push('\'');
                }
                Mark::Raise { .. } => {
                    let sign = self.advance();
                    let inverse =
                        [Mark::OpenGroup, Mark::Sign("-"), Mark::Number("1".to_owned()), Mark::CloseGroup];
                    let is_inverse = (0..4).all(|at| *self.ahead(at) == inverse[at]);
                    let arc = format!("arc{function}");
                    let arc = Some(arc).filter(|arc| super::is_function(arc));
                    let row = latex.words.get(format!("{function}^-1").as_str());
                    if let (true, Some(own)) = (is_inverse, row.map(|own| (*own).to_owned()).or(arc)) {
                        self.at += 4;
                        function = own;
                        continue;
                    }
                    if is_inverse {
                        return Err(self.inverse_function(&function, typed));
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
                                let whole = format!("\\operatorname{{{function}}}(x)");
                                let mend = match function.as_str() {
                                    "log" => {
                                        "write a logarithm to another base as a quotient, `\\log x / \\log 10`".to_owned()
                                    }
                                    extreme if is_extreme(extreme) => {
                                        format!("write `{whole}` for that of all entries of a column x, and what a formula is to be small by before all of it")
                                    }
                                    _ => format!("write the function of the whole column, such as `{whole}`"),
                                };
                                return Err(self.error(what, mend, typed.to(span)));
                            }
                        };
                    }
                }
                _ => break,
            }
        }
        let around = self.enter_whole(&function);
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
            let start = self.at;
            let mut inner = self.chain()?;
            // The logarithm of a density: `\log \frac{1}{Z}\exp(-E)`.
            while function == "log" && *self.peek() == Mark::Apply("exp".to_owned()) {
                let at = self.span().start;
                let (axes, next) = (inner.axes, self.power()?);
                inner = inner.join("*", Span { start: at, end: at }, next, Level::Product, axes);
            }
            self.note_reach(&function, start, &inner);
            let span = inner.span();
            (
                vec![match sign {
                    Some(typed) => inner.negated(typed),
                    None => inner,
                }],
                span,
            )
        };
        self.leave_whole(around);
        let arguments = self.along_rows(&function, typed.to(end), arguments);
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

    /// The arguments of a function that papers take along each row of a matrix, as the softmax of attention is, with the number that
    /// says so.
    pub fn along_rows(&mut self, function: &str, typed: Span, mut arguments: Vec<Piece>) -> Vec<Piece> {
        let is_paper = self.is_mathematics || self.spelling == Spelling::Latex;
        let own = format!("{function}(X, 2)");
        let mut rows = Table::named("latex").calls.get(function).into_iter().flatten();
        if let [Piece { axes: Axes::Matrix, .. }] = arguments.as_slice()
            && is_paper
            && rows.any(|row| row.own == own)
        {
            let whole = self.source.slice(typed).trim().to_owned();
            self.note(format!("`{whole}` is of a matrix, and is taken along each row of it, as in papers"));
            let end = Span { start: typed.end, end: typed.end };
            arguments.push(Piece::new(Written::new("2", end), Level::Whole, Axes::Scalar));
        }
        arguments
    }

    /// The call of such a function of a matrix.
    pub fn taken_along_rows(&mut self, function: &str, typed: Span, of: &Piece) -> Option<Piece> {
        let arguments = self.along_rows(function, typed, vec![of.clone()]);
        let call =
            |arguments| Piece { axes: of.axes, ..Piece::call(&format!("{function}("), typed, arguments) };
        (arguments.len() > 1).then(|| call(arguments))
    }

    /// Says how far a function without brackets reaches where several factors stand behind it: `log x y`.
    fn note_reach(&mut self, function: &str, start: usize, inner: &Piece) {
        let behind = std::mem::replace(&mut self.at, start);
        let (count, first) = (self.notes.len(), self.power());
        let is_one = self.at >= behind;
        self.at = behind;
        self.notes.truncate(count);
        let Ok(first) = first else { return };
        let is_number = first.written.text.bytes().all(|byte| byte.is_ascii_digit());
        let (all, first) = (&inner.written.text, &first.written.text);
        let rest = all.strip_prefix(first.as_str()).map(|rest| rest.trim_start_matches([' ', '*', '.']));
        if let (Some(rest), false) = (rest, is_one || is_number)
            && all.len() < 120
        {
            self.note(format!(
                "`{function}` is read as that of all factors behind it, `{function}({all})`; the other reading is `{function}({first})*{rest}`"
            ));
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
                let is_letter = is_letter_of_functions(name)
                    && !(at == 0 && name == "sigma" && self.standing.alone.contains(name));
                let is_loss = self.source.slice(value.span()) == "\\ell";
                match self.declared.get(name) {
                    Some(declared) => declared.is_none(),
                    None => at > 0 || is_word || is_letter || is_loss || self.is_applied(value, at),
                }
            }
            _ => {
                // In a sum over i, `w_i(x - c)` is a product.
                let index = self.indices.iter().find_map(|index| name.strip_suffix(index.as_str()));
                let is_factor = index.is_some_and(|stem| !is_letter_of_functions(stem));
                let is_declared = self.declared.get(name).is_some_and(Option::is_none)
                    || self.standing.defined.contains(name);
                let is_factor = is_factor || self.is_factor(value, name, at);
                (!is_factor || is_declared || self.is_applied(value, at))
                    && self.tokens.get(self.at + at).is_some_and(|token| !token.is_apart)
            }
        }
    }

    /// Whether a letter before a bracket is a factor in a text of mathematics: no function is named by it, and the bracket holds a
    /// sum or a product, and no entry.
    fn is_factor(&self, value: &Piece, name: &str, marks: usize) -> bool {
        let typed = self.source.slice(value.span());
        let letter =
            typed.trim_end_matches(|l: char| l.is_ascii_digit() || !l.is_ascii() && !l.is_alphabetic());
        if !self.is_mathematics || letter.chars().count() > 1 {
            return false;
        }
        if is_letter_of_functions(name) {
            return marks == 0 && name == "sigma" && self.standing.alone.contains(name);
        }
        // `x'(A + B)x`
        if marks > 0 || self.is_matrix_applied(name) {
            return true;
        }
        let (mut at, mut depth, mut marks) = (1, 1_usize, 0);
        while depth > 0 {
            match self.ahead(at) {
                Mark::Open | Mark::OpenBlock => depth += 1,
                Mark::Close | Mark::CloseBlock => depth -= 1,
                Mark::Comma | Mark::Colon | Mark::Semicolon if depth == 1 => return false,
                Mark::End => return false,
                _ => {}
            }
            (at, marks) = (at + 1, marks + usize::from(depth > 0));
        }
        marks > 1
    }

    /// `g(Z)`, `g'(Z)`, `\sigma(x)`
    pub fn call(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        // `ReLU(x)` is a row of the table of LaTeX, where it is none of the language.
        if self.is_mathematics
            && let Some(name) = value.name.as_deref()
            && !super::is_function(name)
            && !self.declared.contains_key(name)
            && !self.standing.defined.contains(name)
            && let Some(own) = Table::named("latex").words.get(name)
        {
            let name = Some((*own).to_owned());
            return self.named_call(Piece { name, ..value });
        }
        let is_sigmoid = self.is_mathematics
            && self.source.slice(value.span()) == "σ"
            && *self.peek() == Mark::Open
            && !self.declared.contains_key("sigma")
            && !self.standing.defined.contains("sigma");
        let is_applied = self.is_applied(&value, 0);
        if self.spelling != Spelling::Latex && !is_sigmoid {
            if let Some(name) = value.name.as_deref().filter(|_| is_applied) {
                self.found_function(name);
            }
            let function = value.name.clone().filter(|name| super::is_function(name));
            let around = function.and_then(|function| self.enter_whole(&function));
            let called = self.named_call(value)?;
            self.leave_whole(around);
            return Ok(called);
        }
        let name = value.name.clone().unwrap_or_default();
        // A letter that is another function where it is applied, such as `\sigma()`, is a row.
        let row = Table::named("latex").words.get(format!("{name}()").as_str());
        let row =
            row.filter(|_| !self.standing.defined.contains(&name) && !self.declared.contains_key(&name));
        let own = row.map_or(name, |own| (*own).to_owned());
        let mut marks = String::new();
        while self.eat(&Mark::Quote).is_some() {
            marks.push('\'');
        }
        let is_loss = self.source.slice(value.span()) == "\\ell";
        if (is_loss || is_applied || is_letter_of_functions(&own)) && !super::is_function(&own) {
            self.found_function(&own);
        }
        let typed = value.span();
        if self.functions.contains_key(&own) {
            self.parametrized(&own, typed)?;
        }
        // `\ell_i(w)` in a sum over i
        let index = self.indices.iter().find(|index| own.ends_with(index.as_str()));
        if let (true, Some(index)) = (self.functions.contains_key(&own), index) {
            let index = index.trim_start_matches('_');
            let what = format!("`{}` is another function for each {index}", self.source.slice(typed));
            let mend = format!(
                "write one function of what changes with {index}, as in `\\sum_{index} \\ell(y_{index} - x_{index}^T w)`"
            );
            return Err(self.error(what, mend, typed));
        }
        let around = if super::is_function(&own) { self.enter_whole(&own) } else { None };
        let (arguments, _) = self.arguments()?;
        self.leave_whole(around);
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

impl Reader<'_> {
    /// Whether a name that the bracket here calls is a letter of functions that nothing is said of: the g of `sum(g(x))`.
    pub fn is_open_function(&self, name: &str) -> bool {
        is_letter_of_functions(name)
            && !super::is_function(name)
            && !self.declared.contains_key(name)
            && !self.lets.contains_key(name)
            && !self.standing.defined.contains(name)
            && self.has_one_argument()
    }

    /// Whether the bracket here holds one argument, which is no place of an entry.
    fn has_one_argument(&self) -> bool {
        let (mut at, mut depth, mut has_name) = (0, 0_usize, false);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::OpenBlock => depth += 1,
                Mark::Close | Mark::CloseBlock => depth = depth.saturating_sub(1),
                Mark::Comma | Mark::Semicolon if depth == 1 => return false,
                Mark::End => return false,
                Mark::Name(_) => has_name = true,
                _ => {}
            }
            // The marks of `g'(x)` stand before the bracket.
            if depth == 0 && *self.ahead(at) != Mark::Quote {
                return has_name;
            }
            at += 1;
        }
    }
}

/// Whether a text in the language of formulas calls a letter of functions that it neither declares nor defines.
pub(super) fn calls_letters(text: &str, declared: &BTreeMap<String, Option<Axes>>) -> bool {
    let (mut called, mut defined) = (BTreeSet::new(), BTreeSet::new());
    for (open, _) in text.match_indices('(') {
        let before = text[..open].trim_end_matches('\'');
        let start = before.rfind(|letter| !continues_name(letter));
        let start = start.map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let name = &before[start..];
        if is_letter_of_functions(name) && !super::is_function(name) && !declared.contains_key(name) {
            let close = text[open..].find(')').map_or(text.len(), |close| open + close + 1);
            let behind = text[close..].trim_start();
            match behind.starts_with('=') && !behind.starts_with("==") {
                true => defined.insert(name),
                false => called.insert(name),
            };
        }
    }
    let declares = |name: &&str| text.contains(&format!("{name}: "));
    called.difference(&defined).any(|name| !declares(name))
}

/// Whether a paper writes functions with this letter: a bracket behind it is an argument, and no factor.
pub(super) fn is_letter_of_functions(name: &str) -> bool {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let stem = stem.split('_').next().unwrap_or(stem);
    matches!(stem, "f" | "g" | "h" | "sigma" | "phi" | "psi") || super::is_function(name)
}
