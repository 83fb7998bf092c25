//! Lines of programs as lines of formulas: what only frames or describes them is left out, `a += b` is `a = a + (b)`, the sizes of
//! `m, n = X.shape` are a line each, and a name that is given a value again is another one.

mod arrows;
mod functors;
mod numbered;

use super::Spelling;
use super::marks::{Mark, Token};
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
pub(super) use arrows::sets_or_maps;
pub(super) use numbered::sets_again;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The marks of a line, with the one that ends it.
type Line = Vec<Token>;

/// The lines of a program.
pub(super) struct Program {
    pub tokens: Vec<Token>,
    /// What is to be said of how it was read.
    pub notes: Vec<String>,
    /// The names that have two axes, as its lines say.
    pub matrices: BTreeSet<String>,
    /// The names that are numbers by their types.
    pub numbers: BTreeSet<String>,
}

/// The lines of a program that has no branches.
///
/// # Errors
/// Where an array has more than two axes.
pub(super) fn straight(
    typed: &Arc<Text>,
    tokens: Vec<Token>,
    spelling: Spelling,
) -> Result<Program, Diagnostic> {
    let (mut notes, mut matrices) = (Vec::new(), BTreeSet::new());
    let mut all = lines(tokens);
    if spelling != Spelling::Python {
        all.iter_mut().for_each(arrows::turned);
    }
    let mut numbers = BTreeSet::new();
    let goal = unframed(typed, &mut all, spelling, (&mut notes, &mut numbers));
    let mut lines: Vec<Line> = Vec::with_capacity(all.len());
    for (at, line) in all.iter().enumerate() {
        match set_at_once(typed, line, spelling, &mut matrices)? {
            Some(several) => lines.extend(several.into_iter().filter(|line| is_read(line, &all[at + 1..]))),
            None => lines.push(line.clone()),
        }
    }
    if spelling == Spelling::Python {
        functors::called(&mut lines);
    }
    if let Some(goal) = goal {
        keep_needed(&mut lines, &goal);
    }
    let last = lines.iter().rposition(|line| line.iter().any(|token| !ends(token)));
    for (at, line) in lines.iter_mut().enumerate() {
        if let Some(whole) = augmented(line, Some(at) == last) {
            *line = whole;
        }
    }
    numbered::numbered(&mut lines);
    Ok(Program { tokens: lines.concat(), notes, matrices, numbers })
}

fn ends(token: &Token) -> bool {
    matches!(token.mark, Mark::Newline | Mark::Semicolon | Mark::End)
}

/// How much deeper a mark goes into brackets.
fn deeper(mark: &Mark) -> isize {
    match mark {
        Mark::Open | Mark::OpenBlock | Mark::OpenGroup => 1,
        Mark::Close | Mark::CloseBlock | Mark::CloseGroup => -1,
        _ => 0,
    }
}

/// The places of the marks that stand in no bracket.
fn outside(tokens: &[Token]) -> impl Iterator<Item = (usize, &Mark)> {
    let mut depth = 0_isize;
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        depth += deeper(&token.mark).min(0);
        let is_outside = depth <= 0;
        depth += deeper(&token.mark).max(0);
        is_outside.then_some((at, &token.mark))
    })
}

fn lines(tokens: Vec<Token>) -> Vec<Line> {
    let (mut all, mut line, mut depth) = (Vec::new(), Vec::new(), 0_isize);
    for token in tokens {
        depth = (depth + deeper(&token.mark)).max(0);
        let is_last = token.mark == Mark::End || depth == 0 && ends(&token);
        line.push(token);
        if is_last {
            all.push(std::mem::take(&mut line));
        }
    }
    all.push(line);
    all
}

fn word(line: &[Token]) -> &str {
    match line.first().map(|token| &token.mark) {
        Some(Mark::Name(word)) => word,
        _ => "",
    }
}

/// The name that a line gives a value.
fn defined(line: &[Token]) -> Option<&str> {
    match line {
        [Token { mark: Mark::Name(name), .. }, Token { mark: Mark::Equals, .. }, ..] => Some(name),
        _ => None,
    }
}

fn mentions(tokens: &[Token], name: &str) -> bool {
    tokens.iter().any(|token| matches!(&token.mark, Mark::Name(known) if known == name))
}

/// Leaves out imports, descriptions, the head of a function and its end, and the word before what it gives back. The name that it
/// gives back, or nothing where that is the last line.
fn unframed(
    typed: &Text,
    lines: &mut Vec<Line>,
    spelling: Spelling,
    (notes, numbers): (&mut Vec<String>, &mut BTreeSet<String>),
) -> Option<String> {
    let is_python = spelling == Spelling::Python;
    let mut goal = None;
    for line in lines.iter_mut() {
        let second = line.get(1).map(|token| &token.mark);
        let is_statement = matches!(second, Some(Mark::Name(_)));
        match word(line) {
            "import" | "from" if is_python && is_statement => line.clear(),
            "def" if is_python && is_statement => {
                numbers.extend(without_types(line));
                let colon = outside(line).find(|(_, mark)| **mark == Mark::Colon).map(|(at, _)| at);
                let place = |at: usize| line.get(at).map_or_else(Span::default, |token| token.span);
                // The head of one line, `def f(w): return ...`, says what is derived by.
                let returns = |at: usize| {
                    line.get(at + 1).is_some_and(|next| next.mark == Mark::Name("return".to_owned()))
                };
                let colon = colon.filter(|at| !returns(*at)).filter(|at| {
                    let between = typed.text.get(place(*at).end..place(at + 1).start);
                    between.is_some_and(|between| between.contains(['\n', '#', '"', '\'']))
                });
                line.drain(..colon.map_or(0, |colon| colon + 1));
            }
            "function"
                if !is_python && matches!(second, Some(Mark::Name(_) | Mark::OpenBlock)) && is_head(line) =>
            {
                let given = outside(line).find(|(_, mark)| **mark == Mark::Equals);
                let given = given.and_then(|(equals, _)| {
                    line[..equals].iter().skip(1).find(|token| matches!(token.mark, Mark::Name(_)))
                });
                goal = given.map(|token| typed.slice(token.span).to_owned()).or(Some(String::new()));
                line.clear();
            }
            "end" | "endfunction" if !is_python && line.iter().skip(1).all(ends) => line.clear(),
            _ => {}
        }
        let is_value = line.get(1).is_some_and(|token| {
            let is_sign = !is_python && matches!(token.mark, Mark::Sign(_));
            !ends(token) && token.mark != Mark::Equals && !is_sign
        });
        if word(line) == "return" && is_value {
            line.remove(0);
            goal = goal.or(Some(String::new()));
            let comma = outside(line).find(|(_, mark)| **mark == Mark::Comma).map(|(at, _)| at);
            if let Some(comma) = comma.filter(|comma| *comma > 0) {
                let [first, all] = [comma - 1, line.len() - 2]
                    .map(|end| line.get(end).map_or("", |last| typed.slice(line[0].span.to(last.span))));
                notes.push(format!("of `{all}` the first is read, `{first}`"));
                line.drain(comma..line.len() - 1);
            }
        }
        let is_description = line.iter().all(|token| matches!(token.mark, Mark::Text(_)) || ends(token));
        if is_description && line.iter().any(|token| matches!(token.mark, Mark::Text(_))) {
            line.clear();
        }
    }
    lines.retain(|line| !line.is_empty());
    goal
}

/// Leaves out the types and the defaults of the head of a function: `def f(w: Array, lam=1.) -> float:` is `def f(w, lam):`. The
/// names whose types are those of numbers.
fn without_types(line: &mut Line) -> Vec<String> {
    let (mut depth, mut is_type, mut kept) = (0_usize, false, Vec::new());
    let mut numbers = Vec::new();
    let mut is_head = true;
    for token in line.drain(..) {
        let is_next = depth == 1 && token.mark == Mark::Comma;
        let is_end = depth == 1 && token.mark == Mark::Close || depth == 0 && token.mark == Mark::Colon;
        if is_type && (is_next || is_end) {
            is_type = false;
        }
        is_type |= is_head && depth == 1 && matches!(token.mark, Mark::Colon | Mark::Equals);
        let is_behind = kept.last().is_some_and(|last: &Token| last.mark == Mark::Close);
        is_type |= is_head && depth == 0 && is_behind && token.mark != Mark::Colon;
        match token.mark {
            Mark::Open | Mark::OpenBlock => depth += 1,
            Mark::Close | Mark::CloseBlock => depth = depth.saturating_sub(1),
            Mark::Colon if depth == 0 => is_head = false,
            _ => {}
        }
        let is_number = matches!(&token.mark, Mark::Name(word) if word == "float" || word == "int");
        match (is_type, kept.last().map(|last: &Token| &last.mark)) {
            (false, _) => kept.push(token),
            (true, Some(Mark::Name(name))) if is_number => numbers.push(name.clone()),
            (true, _) => {}
        }
    }
    *line = kept;
    numbers
}

/// Whether a line is the head of a function, and no definition of one with its value.
fn is_head(line: &[Token]) -> bool {
    let last = line.iter().rposition(|token| !ends(token)).map(|at| &line[at].mark);
    let close = outside(line).filter(|(_, mark)| **mark == Mark::Close).last();
    last == Some(&Mark::Close)
        || close
            .is_none_or(|(at, _)| !matches!(line.get(at + 1).map(|token| &token.mark), Some(Mark::Equals)))
}

/// Leaves only the lines that what a function gives back is made of.
fn keep_needed(lines: &mut Vec<Line>, goal: &str) {
    let last = match goal {
        "" => lines.iter().rposition(|line| line.iter().any(|token| !ends(token))),
        goal => lines.iter().rposition(|line| {
            defined(line) == Some(goal) || word(line) == goal && augmented(line, false).is_some()
        }),
    };
    let Some(last) = last else { return };
    let end = lines.iter().flatten().rev().find(|token| token.mark == Mark::End).cloned();
    lines.truncate(last + 1);
    let mut needed: Vec<Token> = lines[last].clone();
    for at in (0..last).rev() {
        let name = defined(&lines[at]).map(str::to_owned);
        match name {
            Some(name) if !mentions(&needed, &name) => lines[at].clear(),
            Some(name) => {
                needed.retain(|token| token.mark != Mark::Name(name.clone()));
                needed.extend(lines[at].iter().skip(1).cloned());
            }
            None => needed.extend(lines[at].iter().cloned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    if let Some(line) = lines.last_mut() {
        line.retain(|token| !ends(token));
        line.extend(end);
    }
}

/// `a += b` as `a = a + (b)`; alone the value, for its name is that of what it begins with.
fn augmented(line: &[Token], is_last: bool) -> Option<Line> {
    let [name, sign, equals, rest @ ..] = line else { return None };
    let is_one = matches!(name.mark, Mark::Name(_))
        && matches!(sign.mark, Mark::Sign("+" | "-" | "*" | "/"))
        && equals.mark == Mark::Equals
        && !equals.is_apart;
    let value = rest.iter().position(ends).unwrap_or(rest.len());
    let (first, last) = (rest.first()?, rest.get(value.checked_sub(1)?)?);
    let bracket = |mark: Mark, at: usize| Token { mark, span: Span { start: at, end: at }, ..first.clone() };
    let mut whole = if is_last { Vec::new() } else { vec![name.clone(), equals.clone()] };
    whole.extend([name.clone(), sign.clone(), bracket(Mark::Open, first.span.start)]);
    whole.extend_from_slice(&rest[..value]);
    whole.push(bracket(Mark::Close, last.span.end));
    whole.extend_from_slice(&rest[value..]);
    is_one.then_some(whole)
}

/// Whether what a line sets is mentioned in those behind it.
fn is_read(line: &[Token], behind: &[Line]) -> bool {
    defined(line).is_none_or(|name| behind.iter().any(|line| mentions(line, name)))
}

/// `m, n = X.shape`, `[m, n] = size(X)`, `a, b = x + y, x - y`: a line for each name.
fn set_at_once(
    typed: &Arc<Text>,
    line: &[Token],
    spelling: Spelling,
    matrices: &mut BTreeSet<String>,
) -> Result<Option<Vec<Line>>, Diagnostic> {
    let Some((names, start)) = names_set(line) else { return Ok(None) };
    let end = line.iter().position(ends).unwrap_or(line.len());
    let (equals, value) = (&line[start - 1], &line[start..end.max(start)]);
    let last = value.last().map_or(equals.span, |last| last.span);
    let own = |mark: Mark| Token {
        mark,
        span: Span { start: last.end, end: last.end },
        is_apart: false,
        is_bold: false,
    };
    let number = |count: usize| own(Mark::Number(count.to_string()));
    let is_called = |of: &[Token]| {
        let mut inner = outside(of).filter(|(_, mark)| **mark != Mark::Open);
        inner.next().is_none_or(|(at, _)| at + 1 == of.len())
    };
    let values: Vec<Line> = match value {
        [of @ .., Token { mark: Mark::Field(shape), .. }] if shape == "shape" => {
            if let [Token { mark: Mark::Name(name), .. }] = of {
                matrices.extend(name.starts_with(char::is_lowercase).then(|| name.clone()));
            }
            let index = |at| [own(Mark::OpenBlock), number(at), own(Mark::CloseBlock)];
            (0..names.len()).map(|at| [value, &index(at)[..]].concat()).collect()
        }
        [of @ .., Token { mark: Mark::Field(size), .. }, open, close]
            if size == "size" && open.mark == Mark::Open && close.mark == Mark::Close =>
        {
            if let [Token { mark: Mark::Name(name), .. }] = of {
                matrices.extend(name.starts_with(char::is_lowercase).then(|| name.clone()));
            }
            let index = |at| {
                [
                    own(Mark::Field("shape".to_owned())),
                    own(Mark::OpenBlock),
                    number(at),
                    own(Mark::CloseBlock),
                ]
            };
            (0..names.len()).map(|at| [of, &index(at)[..]].concat()).collect()
        }
        [Token { mark: Mark::Name(size), .. }, ..]
            if size == "size" && spelling != Spelling::Python && is_called(&value[1..]) =>
        {
            let counts = ["nrows", "ncols"].map(|word| own(Mark::Name(word.to_owned())));
            counts.into_iter().map(|word| [&[word], &value[1..]].concat()).collect()
        }
        _ => {
            let commas = outside(value).filter(|(_, mark)| **mark == Mark::Comma).map(|(at, _)| at);
            let mut parts = Vec::new();
            let mut from = 0;
            for comma in commas.chain([value.len()]) {
                parts.push(value[from..comma].to_vec());
                from = comma + 1;
            }
            if parts.len() != names.len() {
                return Ok(None);
            }
            parts
        }
    };
    if names.len() > 2 && matches!(value.last().map(|token| &token.mark), Some(Mark::Field(_) | Mark::Close))
    {
        let what = "an array of more than two axes".to_owned();
        let mend = "write the formula of one matrix of the batch".to_owned();
        return Err(typed.error(Mistake::Foreign { what, mend }, line[0].span.to(last)));
    }
    let separator = line.get(end).filter(|token| token.mark != Mark::End).cloned();
    let separator = separator.unwrap_or_else(|| own(Mark::Newline));
    let mut all: Vec<Line> = names
        .into_iter()
        .zip(values)
        .map(|(name, value)| [&[name, equals.clone()][..], &value, std::slice::from_ref(&separator)].concat())
        .collect();
    all.extend(line.get(end).filter(|token| token.mark == Mark::End).map(|token| vec![token.clone()]));
    Ok(Some(all))
}

/// The names of `m, n =` and of `[m, n] =`, and the place behind the sign.
fn names_set(line: &[Token]) -> Option<(Vec<Token>, usize)> {
    let is_open = matches!(line.first()?.mark, Mark::OpenBlock | Mark::Open);
    let (mut names, mut at) = (Vec::new(), usize::from(is_open));
    loop {
        let token = line.get(at)?;
        match token.mark {
            Mark::Name(_) => names.push(token.clone()),
            Mark::Comma => {}
            Mark::CloseBlock | Mark::Close if is_open => {}
            Mark::Equals if names.len() > 1 => return Some((names, at + 1)),
            _ => return None,
        }
        at += 1;
    }
}
