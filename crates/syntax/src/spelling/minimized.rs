//! What is asked of a formula, before it: to be as small as it can be, `minimize`, `min_x`, `\arg\min_w`, or its derivative,
//! `\frac{d}{dx}`, `\nabla_w`. What stands below is what the formula is derived by.

use super::Spelling;
use super::marks::{Mark, Token};
use super::piece::{Level, Piece};
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::begins_name;

/// Words that say so where they stand before a value; they are functions as well, or names.
const MAY_SAY: &str = "min max argmin argmax";

/// Whether a word is the function of the largest or the smallest, which asks for it of a formula where it has no bracket.
pub(super) fn is_extreme(word: &str) -> bool {
    MAY_SAY.split(' ').take(2).any(|extreme| extreme == word)
}

/// A name that stands below what is asked, and all that asks.
pub(crate) struct Below {
    pub name: String,
    pub asked: Span,
}

impl Reader<'_> {
    /// `minimize`, `\min_w`, `\arg\min_w`, `\frac{d}{dw}`: goes past it; what it is by.
    pub fn minimized(&mut self) -> Result<Vec<String>, Diagnostic> {
        let mut by = Vec::new();
        loop {
            let start = self.span();
            if self.derivative_asked(&mut by)? {
                continue;
            }
            let word = match self.peek() {
                Mark::Part(Part::Minimize) => true,
                Mark::Apply(name) => {
                    let bare =
                        !matches!(self.ahead(1), Mark::Open | Mark::Part(Part::Open) | Mark::OpenGroup);
                    is_extreme(name) && bare
                }
                // `minₓ`
                Mark::Name(name) if *self.ahead(1) == Mark::Lower && self.spelling == Spelling::Text => {
                    MAY_SAY.split(' ').any(|word| word == name)
                }
                Mark::Name(name) => {
                    let rest = self.source.text.get(self.span().end..).unwrap_or_default();
                    let begins = minimizes(name, rest);
                    let below = name.split_once('_').filter(|_| begins).map(|(_, name)| name.to_owned());
                    if let Some(name) = below {
                        self.below.push(Below { name: name.clone(), asked: start });
                        by.push(name);
                    }
                    begins
                }
                _ => false,
            };
            if !word {
                return Ok(by);
            }
            self.advance();
            // `minimize over x ...`
            if *self.peek() == Mark::Name("over".to_owned()) && matches!(self.ahead(1), Mark::Name(_)) {
                self.advance();
                by.extend(self.primary()?.name);
            }
            self.names_below(start, &mut by)?;
            while matches!(self.peek(), Mark::Part(Part::Remark | Part::Align)) {
                self.advance();
            }
        }
    }

    /// The names below what is asked, as in `\min_{W, b}`.
    fn names_below(&mut self, start: Span, by: &mut Vec<String>) -> Result<(), Diagnostic> {
        if self.eat(&Mark::Lower).is_none() {
            return Ok(());
        }
        let asked = self.source.slice(start).to_owned();
        let grouped = self.eat(&Mark::OpenGroup).is_some();
        let begin = self.span();
        let constrained = |reader: &Self| {
            let what = format!("something else than names stands below `{asked}`");
            let mend = "write the names alone, as in `\\min_w \\|X w - y\\|^2`, and add a constraint with a multiplier, as in `\\min_x x^T x + \\lambda^T (A x - b)`";
            reader.error(what, mend, begin)
        };
        let mut names = Vec::new();
        loop {
            let piece = if grouped { self.power() } else { self.argument() };
            let Ok(Piece { name: Some(name), .. }) = piece else { return Err(constrained(self)) };
            names.push(name);
            if !grouped || self.eat(&Mark::Comma).is_none() {
                break;
            }
        }
        if grouped && self.eat(&Mark::CloseGroup).is_none() {
            return Err(constrained(self));
        }
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
        let below = names.iter().map(|name| Below { name: name.clone(), asked: start.to(end) });
        self.below.extend(below);
        by.extend(names);
        Ok(())
    }

    /// `\frac{d}{dx}`, `∂/∂x`, `\nabla_x`: goes past it, where one stands here.
    fn derivative_asked(&mut self, by: &mut Vec<String>) -> Result<bool, Diagnostic> {
        let start = self.span();
        let count = by.len();
        if *self.peek() == Mark::Part(Part::Slope) {
            self.advance();
            self.names_below(start, by)?;
            if matches!(self.peek(), Mark::Raise { .. }) {
                return Err(self.second_derivative(start));
            }
            if self.is_slope_of_function() {
                return Err(self.derivative_inside());
            }
        } else if let Some((close, end)) = self.is_fraction_of_change() {
            // `\frac{∂ f}{∂ x}` is `\frac{∂}{∂ x} {f}`.
            let behind = self.ahead(end + 1);
            let is_all = behind.ends_line()
                || matches!(behind, Mark::Equals | Mark::Comma | Mark::Part(Part::Align | Part::Remark));
            if !is_all {
                return Ok(false);
            }
            let bare = |mark: Mark, token: &Token| Token { mark, ..token.clone() };
            let Some(part) = self.tokens.get(self.at..=self.at + end) else { return Ok(false) };
            let mut moved = part[..3].to_vec();
            moved.extend_from_slice(&part[close..]);
            moved.push(bare(Mark::OpenGroup, &part[1]));
            moved.extend_from_slice(&part[3..=close]);
            let all = self.at..=self.at + end;
            self.tokens.splice(all, moved);
            return self.derivative_asked(by);
        } else if let Some((close, length)) = self.is_change_of_bracket() {
            // `∂(f)/∂x` is `∂/∂x (f)`.
            if !self.ahead(length).ends_line() {
                return Err(self.derivative_inside());
            }
            let bracket = self.at + 1..self.at + length;
            let Some(part) = self.tokens.get_mut(bracket) else { return Ok(false) };
            part.rotate_left(close);
            return self.derivative_asked(by);
        } else if self.is_fraction_of_changes() {
            self.at += 6;
            by.extend(self.power()?.name);
            if self.eat(&Mark::CloseGroup).is_none() {
                return Err(self.second_derivative(start));
            }
        } else if let Some(length) = self.is_quotient_of_changes() {
            self.at += length;
            by.extend(self.changed()?);
            if matches!(self.peek(), Mark::Raise { .. }) {
                return Err(self.second_derivative(start));
            }
        } else {
            return Ok(false);
        }
        if count > 0 || self.asked.is_some() {
            return Err(self.second_derivative(start));
        }
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
        self.asked = Some(start.to(end));
        self.reach_of_asked(start)?;
        Ok(true)
    }

    /// An error where `\frac{d}{dx} (x^2) \cdot x` asks for the derivative of a bracket that is a factor.
    fn reach_of_asked(&self, start: Span) -> Result<(), Diagnostic> {
        let closes = |mark: &Mark| matches!(mark, Mark::Close | Mark::Part(Part::Close));
        let opens = |mark: &Mark| matches!(mark, Mark::Open | Mark::Part(Part::Open));
        let (mut at, mut depth) = (0, 0_usize);
        loop {
            match self.ahead(at) {
                mark if opens(mark) => depth += 1,
                mark if depth == 0 || *mark == Mark::End => return Ok(()),
                mark if closes(mark) => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        while matches!(self.ahead(at), Mark::Quote | Mark::Raise { .. }) {
            at += if *self.ahead(at) == Mark::Quote { 1 } else { 1 + self.operand_length(at + 1) };
        }
        if !matches!(self.ahead(at), Mark::Sign("*" | "/" | ".*" | "./" | "@")) {
            return Ok(());
        }
        let bracket = self.span().to(self.tokens.get(self.at + at - 1).map_or(start, |token| token.span));
        let (asked, bracket) = (self.source.slice(start.to(bracket)), self.source.slice(bracket));
        let what = format!("`{asked}` asks for a derivative inside of a formula");
        let mend =
            format!("write `{bracket}` alone for its derivative, or put all that is derived in one bracket");
        Err(self.error(what, mend, start))
    }

    /// The name behind the d of a derivative, with what stands below it.
    pub fn changed(&mut self) -> Result<Option<String>, Diagnostic> {
        let mut piece = self.primary()?;
        while *self.peek() == Mark::Lower {
            piece = self.lowered(piece)?;
        }
        Ok(piece.name)
    }

    fn is_change(&self, ahead: usize) -> bool {
        match self.ahead(ahead) {
            Mark::Part(Part::Change) => true,
            Mark::Name(name) => name == "d" && !self.declared.contains_key("d"),
            _ => false,
        }
    }

    /// Whether `\frac{d}{dx}` stands here.
    pub fn is_fraction_of_changes(&self) -> bool {
        let group = |at: usize| *self.ahead(at) == Mark::OpenGroup && self.is_change(at + 1);
        *self.peek() == Mark::Part(Part::Fraction)
            && group(1)
            && (*self.ahead(3) == Mark::CloseGroup && group(4)
                || matches!(self.ahead(3), Mark::Raise { .. }) && self.raises_twice())
    }

    /// Where the bracket of `∂(x'*A*x)/∂x` and `d(x'*A*x)/dx` ends and how many marks the whole has, if such a quotient stands here.
    fn is_change_of_bracket(&self) -> Option<(usize, usize)> {
        if !self.is_change(0) || *self.ahead(1) != Mark::Open {
            return None;
        }
        let (mut close, mut depth) = (1, 0_usize);
        loop {
            match self.ahead(close) {
                Mark::Open => depth += 1,
                Mark::Close => depth -= 1,
                Mark::End => return None,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            close += 1;
        }
        if *self.ahead(close + 1) != Mark::Sign("/") {
            return None;
        }
        match (self.ahead(close + 2), self.ahead(close + 3)) {
            (_, Mark::Name(_)) if self.is_change(close + 2) => Some((close, close + 4)),
            (Mark::Name(name), _) if name.len() > 1 && name.starts_with('d') => Some((close, close + 3)),
            _ => None,
        }
    }

    /// Where the first group and the whole of `\frac{∂ x^T A x}{∂ x}` end, if such a fraction stands here: something above that is
    /// more than a name.
    pub fn is_fraction_of_change(&self) -> Option<(usize, usize)> {
        let group = |at: usize| *self.ahead(at) == Mark::OpenGroup && self.is_change(at + 1);
        let closed =
            matches!(self.ahead(3), Mark::CloseGroup | Mark::Raise { .. } | Mark::Sign(_) | Mark::Lower);
        if *self.peek() != Mark::Part(Part::Fraction) || !group(1) || closed {
            return None;
        }
        let close = self.operand_length(1);
        let below = close + 1;
        let name = matches!(self.ahead(below + 2), Mark::Name(_) | Mark::Accent(_));
        // A name above is the symbol of a derivative.
        let is_symbol = matches!(self.ahead(3), Mark::Name(_))
            && (4..close).all(|at| {
                matches!(self.ahead(at), Mark::Lower | Mark::OpenGroup | Mark::CloseGroup | Mark::Comma)
                    || matches!(self.ahead(at - 1), Mark::Lower | Mark::OpenGroup | Mark::Comma)
                    || matches!(self.ahead(at), Mark::Raise { .. } | Mark::OpenBlock | Mark::CloseBlock)
            });
        let is_symbol = is_symbol || matches!(self.ahead(3), Mark::Accent(_) | Mark::OpenGroup);
        (group(below) && name && !is_symbol).then(|| (close, close + self.operand_length(below)))
    }

    /// Whether a fraction here is `\frac{d^2}{dx^2}`.
    fn raises_twice(&self) -> bool {
        let number = |at: usize| matches!(self.ahead(at), Mark::Number(_));
        let close = if number(4) { 5 } else { 7 };
        *self.ahead(close) == Mark::CloseGroup && self.is_change(close + 2)
    }

    /// How many marks stand before the x of `∂/∂x` and `d/dx`, if one stands here; the x has a mark of its own then.
    pub fn is_quotient_of_changes(&mut self) -> Option<usize> {
        if !self.is_change(0) || *self.ahead(1) != Mark::Sign("/") {
            return None;
        }
        if self.is_change(2) && matches!(self.ahead(3), Mark::Name(_) | Mark::Accent(_)) {
            return Some(3);
        }
        // `dx` is one name in a text that is no LaTeX.
        let Mark::Name(name) = self.ahead(2) else { return None };
        let by = name.strip_prefix('d').filter(|by| by.starts_with(begins_name))?.to_owned();
        let is_taken = self.declared.contains_key(name) || self.spelling != Spelling::Text;
        let begins = |mark: &Mark| {
            !mark.ends_line()
                && !matches!(mark, Mark::Sign(_) | Mark::Close | Mark::Raise { .. } | Mark::Quote)
        };
        if is_taken || !begins(self.ahead(3)) {
            return None;
        }
        let token = self.tokens.get_mut(self.at + 2)?;
        token.mark = Mark::Name(by);
        token.span.start += 1;
        Some(2)
    }

    /// The error of a derivative of a derivative.
    pub fn second_derivative(&self, start: Span) -> Diagnostic {
        let what = "a derivative of a derivative is asked for";
        let mend =
            "write the formula alone, such as `x^T A x`, and ask for its second derivative with `--order 2`";
        self.error(what, mend, start)
    }

    /// What a value is that a derivative was asked of: where `=` follows, the name of the derivative itself.
    /// Beside a name that stands before it, it is one side of several.
    pub fn derivative_of(
        &mut self,
        value: Piece,
        by: &mut Vec<String>,
        is_named: bool,
    ) -> Result<Piece, Diagnostic> {
        let Some(asked) = self.asked.take() else { return Ok(value) };
        let spelled = self.source.slice(asked).to_owned();
        if self.goes_on() && is_named {
            by.clear();
            return Ok(value);
        }
        if self.goes_on() {
            let what = format!("this says what `{spelled}` of a formula is, and is no formula");
            let mend = "write the formula alone whose derivative is wanted, such as `x^T A x`";
            return Err(self.error(what, mend, asked));
        }
        if value.level <= Level::Sum {
            self.note(format!("`{spelled}` is read as that of the whole sum behind it"));
        }
        Ok(value)
    }
}

/// Whether a word is a name for making a formula small or large, and no function.
pub(super) fn says(word: &str) -> bool {
    matches!(word, "argmin" | "argmax" | "minimize" | "minimise" | "maximize" | "maximise")
}

/// Whether `d` and what follows it ask for a derivative, as in `d/dx (x^2)`.
pub(super) fn asks(word: &str, rest: &str) -> bool {
    let Some(by) = rest.strip_prefix("/d").filter(|_| word == "d") else { return false };
    let length = by.find(|letter| !crate::token::continues_name(letter)).unwrap_or(by.len());
    let value = by[length..].trim_start_matches([' ', '\t']);
    let is_apart = value.len() < by.len() - length || value.starts_with('(');
    length > 0
        && is_apart
        && value.starts_with(|first| begins_name(first) || matches!(first, '(' | '[' | '|'))
}

/// Whether a word says that what follows is to be as small, or as large, as it can be: `minimize`, `min_x`, `argmin_w`.
pub(crate) fn minimizes(word: &str, rest: &str) -> bool {
    let stem = word.split('_').next().unwrap_or(word);
    let is_named = stem.len() < word.len();
    let says = matches!(stem, "minimize" | "minimise" | "maximize" | "maximise");
    let may_say = MAY_SAY.split(' ').any(|word| word == stem);
    let behind = rest.trim_start_matches([' ', '\t']);
    let is_apart = behind.len() < rest.len();
    let next = behind.chars().next().unwrap_or('=');
    // What a name stands before is no value of that name.
    let begins =
        begins_name(next) || next.is_ascii_digit() || matches!(next, '|' | '‖' | '[' | '√' | '½' | '\\');
    match (says, may_say) {
        (true, _) | (_, true) if begins => is_apart,
        (true, _) => next == '(' && is_apart,
        (_, true) => next == '(' && is_named && is_apart,
        (false, false) => false,
    }
}

/// The error of the largest or smallest of values with an index.
pub(super) fn over_entries(typed: &std::sync::Arc<crate::diagnostic::Text>, below: &Below) -> Diagnostic {
    let (asked, name) = (typed.slice(below.asked), &below.name);
    let what = format!("`{asked}` is over the index {name} and not over a value");
    let mend = "write `max(x)` for the largest entry of a column x, `min(x)` for the smallest, or the formula alone whose derivative is wanted";
    typed.error(crate::diagnostic::Mistake::Foreign { what, mend: mend.to_owned() }, below.asked)
}

/// Whether a name is an index of a text: the i of `x_i` and `x_ij`.
pub(super) fn is_index(text: &str, name: &str) -> bool {
    let words = text.split(|letter: char| !crate::token::continues_name(letter));
    words.filter_map(|word| word.split_once('_')).any(|(_, below)| {
        below
            .split('_')
            .any(|label| label == name || label.len() == 2 && name.len() == 1 && label.contains(name))
    })
}
