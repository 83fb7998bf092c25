//! `f(x) = ...` as the last line of a text in the language of formulas.

use super::joined::keep_mentioned;
use super::symbols::is_derivative;
use super::written::Written;
use super::{Spelled, Spelling, is_function};
use crate::diagnostic::{Span, Text};
use formula::Name;
use std::sync::Arc;

/// `f(x) = x'*A*x` in the language of formulas, where it is the last line and every other one a declaration or a definition: the
/// formula is its right side.
pub(super) fn defined_last(typed: &Arc<Text>) -> Option<Spelled> {
    use crate::token::{Breaks, Kind as Token, tokens};
    let all = tokens(typed, typed.whole(), Breaks::Part).ok()?;
    let (mut depth, mut start, mut lines) = (0_usize, 0, Vec::new());
    for (at, token) in all.iter().enumerate() {
        match token.kind {
            Token::Open | Token::OpenBlock => depth += 1,
            Token::Close | Token::CloseBlock => depth = depth.saturating_sub(1),
            Token::Newline | Token::Comma | Token::Semicolon if depth > 0 => {}
            Token::Newline | Token::Comma | Token::Semicolon | Token::End => {
                lines.extend((at > start).then(|| &all[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    // The names in the first bracket of `f(x, y) =`, and the place behind it.
    let arguments = |line: &[crate::token::Token]| {
        let [first, open, rest @ ..] = line else { return None };
        let close = rest.iter().position(|token| token.kind == Token::Close)?;
        let names = &rest[..close];
        let fits = names.iter().enumerate().all(|(at, token)| match at % 2 {
            0 => token.kind == Token::Name,
            _ => matches!(token.kind, Token::Comma | Token::Semicolon),
        });
        let is_definition = first.kind == Token::Name
            && open.kind == Token::Open
            && fits
            && names.len() % 2 == 1
            && rest.get(close + 1).is_some_and(|token| token.kind == Token::Equals);
        let by: Vec<Name> =
            names.iter().step_by(2).map(|token| Name::from(typed.slice(token.span))).collect();
        is_definition.then_some((by, Span { start: open.span.start, end: rest[close].span.end }))
    };
    let declares = |line: &[crate::token::Token]| {
        line.iter().any(|token| token.kind == Token::Colon)
            && line.first().is_some_and(|token| token.kind == Token::Name)
    };
    // Below the formula its derivatives may stand, `df/dx = ...`.
    let is_derived = |line: &&&[crate::token::Token]| match line {
        [above, slash, below, ..] if slash.kind == Token::Slash => {
            is_derivative(typed.slice(above.span.to(below.span)))
        }
        _ => false,
    };
    let derived = lines.iter().rev().take_while(is_derived).count();
    let (last, before) = lines[..lines.len() - derived].split_last()?;
    let (mut by, hole) = arguments(last)?;
    let notes = keep_mentioned(&mut by, typed.slice(Span { start: hole.end, end: typed.text.len() }));
    if !before.iter().all(|line| declares(line) || arguments(line).is_some()) {
        return None;
    }
    let name = typed.slice(last.first()?.span);
    let calls_itself =
        last.iter().skip(1).any(|token| token.kind == Token::Name && typed.slice(token.span) == name);
    if calls_itself || is_function(name) {
        return None;
    }
    let mut written =
        Written::same(typed.slice(Span { start: 0, end: hole.start }), Span { start: 0, end: hole.start });
    let rest = Span { start: hole.end, end: typed.text.len() };
    written.push(&Written::same(typed.slice(rest), rest));
    Some(Spelled {
        text: written.text.clone(),
        spelling: Spelling::Text,
        by,
        notes,
        sides: Vec::new(),
        typed: typed.clone(),
        places: Some(written),
        others: Vec::new(),
    })
}
