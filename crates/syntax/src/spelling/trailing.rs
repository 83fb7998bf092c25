//! What stands behind a formula: conditions such as the `x > 0` of `f(x) = x^2, x > 0`, and values of its arguments.

use super::marks::{Mark, Token};
use super::mentions;
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::token::continues_name;
use std::sync::Arc;

impl Reader<'_> {
    /// The error of words in a text between parts of a formula.
    pub fn prose_inside(&self) -> Diagnostic {
        let what = format!("`{}` is prose, and no part of a formula", self.source.slice(self.span()));
        let before = self.source.text[..self.span().start].trim();
        self.error(what, format!("write the formula alone, `{}`", crate::echo::shorten(before)), self.span())
    }

    /// Goes past `, \qquad i = 1, \dots, n` and a comma or stop at the end of a line.
    pub fn skip_remark(&mut self) {
        // `x^2 \text{ in meters}`
        if matches!(self.peek(), Mark::Text(_)) && self.ahead(1).ends_line() {
            let typed = self.advance();
            self.note(format!("`{}` behind the formula is prose, and set aside", self.source.slice(typed)));
        }
        let comma = *self.peek() == Mark::Comma;
        let next = if comma { self.ahead(1) } else { self.peek() };
        let is_remark = match next {
            Mark::Part(Part::Remark) => true,
            Mark::Part(Part::Align) => comma,
            Mark::Part(Part::Break) | Mark::End => comma,
            _ => false,
        };
        if is_remark {
            let start = self.at;
            self.skip_line();
            self.tell_remark(start);
        }
    }

    /// Says that the values from a mark to here are set aside, where there are any and they are no range of an index.
    fn tell_remark(&mut self, start: usize) {
        let skipped = &self.tokens[start..self.at];
        let is_sign = |token: &&Token| {
            matches!(token.mark, Mark::Comma | Mark::Semicolon | Mark::Part(Part::Remark | Part::Align))
        };
        let shown: Vec<&Token> = skipped.iter().skip_while(is_sign).collect();
        let is_range = shown.iter().any(|token| token.mark == Mark::Part(Part::Dots));
        if let ([first, .., last], false) = (shown.as_slice(), is_range) {
            let typed = self.source.slice(first.span.to(last.span));
            self.note(format!("`{typed}` behind the formula is set aside"));
        }
    }
}

/// What a part of a text between commas, semicolons and line breaks is.
enum Behind<'a> {
    /// `x: vector`
    Declaration,
    /// `f(x) = x^2`: the name, its arguments and the value.
    Definition {
        name: &'a str,
        arguments: &'a str,
        value: &'a str,
    },
    /// `x > 0`
    Condition,
    Expression,
}

/// A text without the conditions behind its formula, and what is said of them; `None` where it has none.
///
/// # Errors
/// Where an argument of the formula is given a value behind it.
pub(super) fn without_conditions(typed: &Arc<Text>) -> Result<Option<(&str, String)>, Diagnostic> {
    let all: Vec<(Span, Behind)> =
        parts(&typed.text).into_iter().map(|span| (span, part(typed.slice(span)))).collect();
    let is_condition = |(_, part): &&(Span, Behind)| matches!(part, Behind::Condition);
    let count = all.iter().rev().take_while(is_condition).count();
    let (before, behind) = all.split_at(all.len() - count);
    check_order(typed, before)?;
    let (Some(first), Some((last, _))) = (behind.first(), before.last()) else { return Ok(None) };
    let conditions = typed.slice(Span { start: first.0.start, end: typed.text.len() }).trim();
    // `a = 2, x > a` is a condition as a formula.
    let is_of_it = |part: &(Span, Behind)| match part.1 {
        Behind::Definition { name, .. } => mentions(conditions, name),
        Behind::Condition => true,
        Behind::Declaration | Behind::Expression => false,
    };
    let is_formula = |part: &(Span, Behind)| matches!(part.1, Behind::Definition { .. } | Behind::Expression);
    if before.iter().any(is_of_it) || !before.iter().any(is_formula) {
        return Ok(None);
    }
    let known: Vec<String> = behind
        .iter()
        .filter_map(|(span, _)| property(typed.slice(*span)))
        .map(|one| format!("`{one}`"))
        .collect();
    let declared = match known.is_empty() {
        true => String::new(),
        false => format!("; to say so declare {}", known.join(" and ")),
    };
    let note = format!("`{conditions}` behind the formula is a condition, and set aside{declared}");
    Ok(Some((&typed.text[..last.end], note)))
}

/// What a condition of a matrix is as a declaration: `P: spd` of `P \succ 0`.
fn property(condition: &str) -> Option<String> {
    const SIGNS: [(&str, &str); 5] =
        [("\\succeq", "psd"), ("⪰", "psd"), ("\\succ", "spd"), ("≻", "spd"), ("=", "symmetric")];
    let (sign, word) = SIGNS.iter().find(|(sign, _)| condition.contains(sign))?;
    let name = condition.split(sign).next()?.split_whitespace().next_back()?;
    name.chars().all(continues_name).then(|| format!("{name}: {word}"))
}

/// An error where the last part gives a value to an argument of the formula before it.
fn check_order(typed: &Arc<Text>, parts: &[(Span, Behind)]) -> Result<(), Diagnostic> {
    let Some(((span, Behind::Definition { name, arguments: "", value }), before)) = parts.split_last() else {
        return Ok(());
    };
    for (_, part) in before {
        let Behind::Definition { name: function, arguments, value: of } = part else { continue };
        if mentions(arguments, name) && !mentions(value, function) {
            let what = format!("`{name}` is an argument of `{function}` and is given a value behind it");
            let mend = format!("write `{name} = {value}; {of}`, or the formula alone");
            return Err(typed.error(Mistake::Foreign { what, mend }, *span));
        }
    }
    Ok(())
}

/// The places of the parts of a text.
fn parts(text: &str) -> Vec<Span> {
    let (mut all, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, letter) in text.char_indices().chain([(text.len(), '\n')]) {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            // The lines of cases are parts of one value.
            '\\' if of_cases(&text[at..], "\\begin") => depth += 1,
            '\\' if of_cases(&text[at..], "\\end") => depth = depth.saturating_sub(1),
            ',' | ';' | '\n' if depth == 0 || at == text.len() => {
                // `\,` is a blank of LaTeX.
                if text[..at].ends_with('\\') {
                    continue;
                }
                let part = &text[start..at];
                let blank = part.len() - part.trim_start().len();
                if !part.trim().is_empty() {
                    all.push(Span { start: start + blank, end: start + part.trim_end().len() });
                }
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    all
}

/// Whether a text begins with `\begin{cases}`, or `\end{cases}`.
fn of_cases(text: &str, command: &str) -> bool {
    let name = text.strip_prefix(command).and_then(|rest| rest.strip_prefix('{')?.split('}').next());
    name.is_some_and(|name| name.trim_end_matches('*').ends_with("cases"))
}

fn part(text: &str) -> Behind<'_> {
    const SIGNS: [&str; 12] = ["<=", ">=", "==", "!=", "<", ">", "≤", "≥", "≠", "≻", "⪰", "∈"];
    const COMMANDS: [&str; 11] = ["le", "leq", "ge", "geq", "ne", "neq", "lt", "gt", "in", "succ", "succeq"];
    let (mut depth, mut at, mut compares) = (0_usize, 0, false);
    while let Some(letter) = text[at..].chars().next() {
        let (before, rest) = text.split_at(at);
        let mut length = letter.len_utf8();
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ':' => return Behind::Declaration,
            '\\' => {
                let end = rest[1..].find(|letter: char| !letter.is_ascii_alphabetic());
                length = end.map_or(rest.len(), |end| end + 1).max(1);
                compares |= COMMANDS.contains(&&rest[1..length]) && !before.trim().is_empty();
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    length = sign.len();
                    let has_sides = !before.trim().is_empty() && !rest[length..].trim().is_empty();
                    compares |= has_sides && !before.ends_with('-');
                }
                None if letter == '=' => return definition(before.trim(), rest[1..].trim()),
                None => {}
            },
        }
        at += length;
    }
    if compares { Behind::Condition } else { Behind::Expression }
}

fn definition<'a>(left: &'a str, value: &'a str) -> Behind<'a> {
    // `A = A^\top`
    let last = left.split_whitespace().next_back().unwrap_or_default();
    let turn = value.strip_prefix(last).map(|turn| turn.trim_matches(['^', '{', '}', ' ']));
    if turn.is_some_and(|turn| ["'", "T", "\\top", "ᵀ"].contains(&turn)) {
        return Behind::Condition;
    }
    let (name, arguments) = left.split_once('(').unwrap_or((left, ""));
    match !name.is_empty() && name.chars().all(continues_name) {
        true => Behind::Definition { name, arguments, value },
        false => Behind::Expression,
    }
}
