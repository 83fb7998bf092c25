//! Where one definition ends and the next begins, in a text of several.

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::token::{self, Breaks};
use ::library::Kind;
use std::sync::Arc;

/// The parts of a text that hold one definition each: a line that is not indented begins one, comments before it included.
/// Definitions in the short form may also be parted by commas.
pub(crate) fn parts(text: &Arc<Text>) -> Result<Vec<Span>, Diagnostic> {
    let mut parts: Vec<Span> = Vec::new();
    let mut base = None;
    let (mut at, mut next) = (0, 0);
    for line in text.text.split_inclusive('\n') {
        let end = at + line.len();
        at = end;
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            // Comments belong to the page that follows.
            continue;
        }
        let indent = line.len() - content.len();
        if indent <= *base.get_or_insert(indent) {
            parts.push(Span { start: next, end });
        } else if let Some(last) = parts.last_mut() {
            last.end = end;
        }
        next = end;
    }
    let mut all = Vec::new();
    for part in parts {
        let header = header_start(text, part);
        match kind_word(text.slice(Span { start: header, ..part })) {
            Some(_) => all.push(part),
            None => all.extend(parted_by_commas(text, part)?),
        }
    }
    Ok(all)
}

fn parted_by_commas(text: &Arc<Text>, part: Span) -> Result<Vec<Span>, Diagnostic> {
    let (mut depth, mut start, mut all) = (0_usize, part.start, Vec::new());
    // The lines below a header may hold what is no expression, such as LaTeX.
    let header = header_start(text, part);
    let line = text.slice(Span { start: header, ..part }).find('\n').map_or(part.end, |at| header + at);
    for token in token::tokens(text, Span { start: header, end: line }, Breaks::Space)? {
        match token.kind {
            token::Kind::Open | token::Kind::OpenBlock => depth += 1,
            token::Kind::Close | token::Kind::CloseBlock => depth = depth.saturating_sub(1),
            token::Kind::Comma if depth == 0 => {
                all.push(Span { start, end: token.span.start });
                start = token.span.end;
            }
            _ => {}
        }
    }
    all.push(Span { start, end: part.end });
    all.retain(|part| !text.slice(*part).trim().is_empty());
    Ok(all)
}

/// The kind that the first word names, if it is followed by another word.
pub(crate) fn kind_word(text: &str) -> Option<Kind> {
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let second_begins = words.next()?.chars().next().is_some_and(token::begins_name);
    Kind::ALL.into_iter().find(|kind| kind.word() == first && second_begins)
}

/// Where the first line begins that is neither blank nor a comment.
fn header_start(text: &Text, part: Span) -> usize {
    let mut at = part.start;
    for line in text.slice(part).split_inclusive('\n') {
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            return at;
        }
        at += line.len();
    }
    part.end
}
