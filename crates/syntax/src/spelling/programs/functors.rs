//! Objects that are called, as PyTorch has them: `loss_fn = nn.MSELoss(reduction='sum')` and `loss_fn(a, b)` are
//! `nn.mse_loss(a, b, reduction='sum')`.

use super::{Line, defined, ends};
use crate::spelling::marks::{Mark, Token};
use crate::spelling::table::Table;
use std::collections::BTreeMap;

/// Writes the calls of objects as those of the functions that they are.
pub(super) fn called(lines: &mut Vec<Line>) {
    let mut objects: BTreeMap<String, Line> = BTreeMap::new();
    let mut kept: Vec<Line> = Vec::with_capacity(lines.len());
    for line in std::mem::take(lines) {
        let line = with_functions(&in_place(line, &objects));
        let value = line.iter().position(ends).unwrap_or(line.len());
        match defined(&line) {
            Some(name) if makes(&line[2..value]) => {
                objects.insert(name.to_owned(), line[2..value].to_vec());
            }
            _ => kept.push(line),
        }
    }
    *lines = kept;
}

/// The function that an object of this class is.
fn function(mark: &Mark) -> Option<&'static str> {
    match mark {
        Mark::Field(name) | Mark::Name(name) => Table::named("python").makes.get(name.as_str()).copied(),
        _ => None,
    }
}

/// Whether a value is an object: a path to its class and its settings in brackets.
fn makes(value: &[Token]) -> bool {
    let path = value.iter().take_while(|token| matches!(token.mark, Mark::Name(_) | Mark::Field(_))).count();
    let is_class = path.checked_sub(1).is_some_and(|last| function(&value[last].mark).is_some());
    is_class && close(value, path) == Some(value.len() - 1)
}

/// Where the bracket that opens there closes.
fn close(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_isize;
    (tokens.get(open)?.mark == Mark::Open).then_some(())?;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += super::deeper(&token.mark);
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// A line with what objects are in the place of the names that are called.
fn in_place(line: Line, objects: &BTreeMap<String, Line>) -> Line {
    if objects.is_empty() {
        return line;
    }
    let mut all = Vec::with_capacity(line.len());
    for (at, token) in line.iter().enumerate() {
        let is_called = line.get(at + 1).is_some_and(|next| next.mark == Mark::Open);
        match &token.mark {
            Mark::Name(name) if is_called && objects.contains_key(name) => {
                all.extend_from_slice(&objects[name]);
            }
            _ => all.push(token.clone()),
        }
    }
    all
}

/// `MSELoss(settings)(a, b)` is `mse_loss(a, b, settings)`.
fn with_functions(line: &[Token]) -> Line {
    let (mut all, mut at) = (Vec::with_capacity(line.len()), 0);
    while let Some(token) = line.get(at) {
        let found = function(&token.mark).and_then(|own| {
            let settings = close(line, at + 1)?;
            Some((own, settings, close(line, settings + 1)?))
        });
        let Some((own, settings, end)) = found else {
            all.push(token.clone());
            at += 1;
            continue;
        };
        let mark = match token.mark {
            Mark::Field(_) => Mark::Field(own.to_owned()),
            _ => Mark::Name(own.to_owned()),
        };
        all.push(Token { mark, ..token.clone() });
        all.extend(with_functions(&line[settings + 1..end]));
        if settings > at + 2 {
            all.push(Token { mark: Mark::Comma, ..line[end].clone() });
            all.extend_from_slice(&line[at + 2..settings]);
        }
        all.push(line[end].clone());
        at = end + 1;
    }
    all
}
