//! Left sides of definitions: `f(x, y) =`, `p(y | x) =`, `\log p(y | x) =`.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Level, Piece};
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::Diagnostic;
use crate::token::continues_name;

/// What stands on the left of a formula: the value that it names, where it names one, and what that depends on.
type Defined = (Option<Piece>, Vec<String>);

impl Reader<'_> {
    /// `f(x, y) =`: the name and its arguments, up to the sign; nothing is gone past where it is something else. What is given beside a
    /// bar, as in `p(y | x) =` and `KL(q || p) =`, leaves open what is derived by; the logarithm of it, `\log p(y | x) =`, is no name.
    pub fn defined(&mut self) -> Result<Option<Defined>, Diagnostic> {
        let start = self.at;
        let lead = self.marks_of_logarithm();
        if lead > 0 && self.is_logarithm_of_name(lead) {
            while *self.peek() != Mark::Equals {
                self.advance();
            }
            return Ok(Some((None, Vec::new())));
        }
        if !matches!(self.ahead(lead), Mark::Name(_) | Mark::OpenGroup) || !self.is_definition() {
            return Ok(None);
        }
        self.at += lead;
        let typed = self.span();
        let mut left = match self.peek().clone() {
            Mark::Name(name) => {
                self.advance();
                self.named(&name, typed)
            }
            _ => self.primary()?,
        };
        loop {
            left = match self.peek() {
                Mark::Lower => self.lowered(left)?,
                Mark::Raise { .. } => self.raised(left, false)?,
                _ => break,
            };
        }
        let (mut arguments, mut is_given) = (Vec::new(), lead > 0);
        self.advance();
        while !matches!(self.peek(), Mark::Close | Mark::Part(Part::Close)) {
            let argument = self.power()?;
            match argument.name {
                Some(name) => arguments.push(name),
                // `\ell(\mu, \sigma^2)` is derived by sigma as well.
                None if argument.level == Level::Power && !is_given => {
                    let text = argument.written.text.clone();
                    if let Some((base, _)) =
                        text.split_once('^').filter(|(base, _)| base.chars().all(continues_name))
                    {
                        arguments.push(base.to_owned());
                        self.note(format!(
                            "it is derived by `{base}`; for `{text}` itself ask with `--wrt '{text}'`"
                        ));
                    }
                }
                // `N(x; \mu, \sigma^2)`, `P(y = 1 | x)`
                None if argument.level == Level::Power || is_given || arguments.len() == 1 => {}
                None => {
                    self.at = start;
                    return Ok(None);
                }
            }
            is_given |= matches!(self.peek(), Mark::Part(Part::Bar | Part::Norm) | Mark::Equals);
            // `KL(q||p)`, `p(y | x)`
            let parts = Mark::Part(Part::Norm) == *self.peek() || Mark::Part(Part::Bar) == *self.peek();
            if parts || matches!(self.peek(), Mark::Comma | Mark::Semicolon | Mark::Equals) {
                self.advance();
            }
        }
        self.advance();
        let is_name = left.name.is_some();
        while *self.peek() == Mark::Part(Part::Align) {
            self.advance();
        }
        if !is_name || !matches!(self.peek(), Mark::Equals | Mark::Colon) {
            self.at = start;
            return Ok(None);
        }
        let left = Some(left).filter(|_| lead == 0);
        Ok(Some((left, if is_given { Vec::new() } else { arguments })))
    }

    /// How many marks of a logarithm, and of a minus before it, stand here without a bracket behind them.
    fn marks_of_logarithm(&self) -> usize {
        let minus = usize::from(*self.peek() == Mark::Sign("-"));
        match self.ahead(minus) {
            Mark::Apply(word) | Mark::Name(word) if word == "log" || word == "ln" => {
                let is_bare = matches!(self.ahead(minus + 1), Mark::Name(_) | Mark::OpenGroup);
                if is_bare { minus + 1 } else { 0 }
            }
            _ => 0,
        }
    }

    /// Whether so far ahead stands a name with what is below it, and `=` behind it: the logarithm of what the formula is of. A name that
    /// stands elsewhere too is a value.
    fn is_logarithm_of_name(&self, ahead: usize) -> bool {
        let Mark::Name(name) = self.ahead(ahead) else { return false };
        let mut end = ahead + 1;
        while matches!(self.ahead(end), Mark::Lower | Mark::OpenGroup | Mark::CloseGroup | Mark::Name(_)) {
            end += 1;
        }
        while *self.ahead(end) == Mark::Part(Part::Align) {
            end += 1;
        }
        let count = self.tokens.iter().filter(|token| token.mark == Mark::Name(name.clone())).count();
        *self.ahead(end) == Mark::Equals && count == 1 && !self.declared.contains_key(name)
    }

    /// Whether a name, a bracket of names and `=` stand here.
    pub fn is_definition(&self) -> bool {
        let (mut at, mut opened) = (self.marks_of_logarithm(), false);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::Part(Part::Open) if !opened => opened = true,
                Mark::Close | Mark::Part(Part::Close) if opened => break,
                Mark::Open | Mark::Close if !opened => return false,
                Mark::Name(_) | Mark::Number(_) | Mark::OpenGroup | Mark::CloseGroup | Mark::Lower => {}
                Mark::OpenBlock | Mark::CloseBlock | Mark::Raise { .. } | Mark::Accent(_) => {}
                Mark::Comma | Mark::Semicolon | Mark::Part(Part::Norm | Part::Bar) | Mark::Equals
                    if opened => {}
                _ => return false,
            }
            at += 1;
            if at > 60 {
                return false;
            }
        }
        at += 1;
        while *self.ahead(at) == Mark::Part(Part::Align) {
            at += 1;
        }
        *self.ahead(at) == Mark::Equals || self.spelling == Spelling::Python && *self.ahead(at) == Mark::Colon
    }
}
