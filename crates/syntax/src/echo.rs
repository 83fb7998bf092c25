//! A syntax tree as text again, with brackets as they were understood; it reads back equal.

use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use crate::words::{END, MatrixWord, Meaning, word};
use formula::Direction;

/// How tightly an expression holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Whole,
}

/// What is still to be written.
enum Piece {
    Text(&'static str),
    Owned(String),
    Expr(ExprId),
    /// In brackets.
    Closed(ExprId),
}

/// The text of an expression.
pub(crate) fn echo(tree: &Tree, root: ExprId) -> String {
    let mut text = String::new();
    let mut stack = vec![Piece::Expr(root)];
    while let Some(piece) = stack.pop() {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Owned(part) => text.push_str(&part),
            Piece::Closed(id) => stack.extend([Piece::Text(")"), Piece::Expr(id), Piece::Text("(")]),
            Piece::Expr(id) => stack.extend(pieces(tree, id).into_iter().rev()),
        }
    }
    text
}

/// A text on one line, its middle left out where it is long.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: Vec<char> = words.join(" ").chars().collect();
    if line.len() <= LONGEST {
        return line.into_iter().collect();
    }
    let (head, tail) = (&line[..LONGEST / 2], &line[line.len() - LONGEST / 3..]);
    head.iter().collect::<String>() + " ... " + &tail.iter().collect::<String>()
}

fn pieces(tree: &Tree, id: ExprId) -> Vec<Piece> {
    let at_least = |id: ExprId, wanted: Level| match level(tree, id) >= wanted {
        true => Piece::Expr(id),
        false => Piece::Closed(id),
    };
    match tree.expr(id) {
        Expr::Number(_, text) => vec![Piece::Owned(text.to_string())],
        Expr::Name(name) => vec![Piece::Owned(name.to_string())],
        Expr::Negate(part) => vec![Piece::Text("-"), at_least(*part, Level::Sign)],
        // `X^2'` is `(X^2)'`, but nobody should have to know.
        Expr::Transpose(part) => vec![at_least(*part, Level::Whole), Piece::Text("'")],
        Expr::Call(call) if sliced(tree, call).is_some() => sliced(tree, call).unwrap_or_default(),
        Expr::Call(call) => {
            let mut all = vec![Piece::Owned(call.name.to_string())];
            for mark in &call.marks {
                let several = call.arguments.len() > 1;
                all.push(Piece::Owned(if several { format!("'{}", mark + 1) } else { "'".to_owned() }));
            }
            all.push(Piece::Text("("));
            for (index, argument) in call.arguments.iter().enumerate() {
                all.extend((index > 0).then_some(Piece::Text(", ")));
                all.push(Piece::Expr(*argument));
            }
            for (index, (name, value)) in call.settings.iter().enumerate() {
                let comma = if index + call.arguments.len() > 0 { ", " } else { "" };
                all.push(Piece::Owned(format!("{comma}{name} = ")));
                all.push(Piece::Expr(*value));
            }
            all.push(Piece::Text(")"));
            all
        }
        Expr::Block(direction, parts) => {
            let comma = if *direction == Direction::Across { ", " } else { "; " };
            let mut all = vec![Piece::Text("[")];
            for (index, part) in parts.iter().enumerate() {
                all.extend((index > 0).then_some(Piece::Text(comma)));
                // Rows of blocks need no brackets of their own between semicolons.
                match (direction, tree.expr(*part)) {
                    (Direction::Down, Expr::Block(Direction::Across, row)) => {
                        for (index, part) in row.iter().enumerate() {
                            all.extend((index > 0).then_some(Piece::Text(", ")));
                            all.push(Piece::Expr(*part));
                        }
                    }
                    _ => all.push(Piece::Expr(*part)),
                }
            }
            all.push(Piece::Text("]"));
            all
        }
        Expr::Binary(operator, left, right) => {
            let (spelled, wanted) = match operator {
                Operator::Add => (" + ", Level::Sum),
                Operator::Subtract => (" - ", Level::Sum),
                Operator::Multiply => ("*", Level::Product),
                Operator::Divide => ("/", Level::Product),
                Operator::Times => (" .* ", Level::Product),
                Operator::Over => (" ./ ", Level::Product),
                Operator::Power => ("^", Level::Power),
                Operator::EachPower => (".^", Level::Power),
                Operator::Solve => (" \\ ", Level::Product),
                Operator::Greater => (" > ", Level::Comparison),
                Operator::Less => (" < ", Level::Comparison),
                Operator::GreaterEqual => (" >= ", Level::Comparison),
                Operator::LessEqual => (" <= ", Level::Comparison),
                Operator::Equal => (" == ", Level::Comparison),
                Operator::NotEqual => (" != ", Level::Comparison),
            };
            let (left, right) = match wanted {
                Level::Comparison => (at_least(*left, Level::Sum), at_least(*right, Level::Sum)),
                Level::Sum => (at_least(*left, Level::Sum), at_least_unsigned(tree, *right, Level::Product)),
                Level::Product => {
                    let mixed = mixes(tree, *operator, *left);
                    let left = if mixed { Piece::Closed(*left) } else { at_least(*left, Level::Product) };
                    (left, at_least(*right, Level::Power))
                }
                Level::Sign | Level::Power | Level::Whole => {
                    (at_least(*left, Level::Whole), exponent(tree, *right))
                }
            };
            vec![left, Piece::Text(spelled), right]
        }
    }
}

/// Rows and columns of a name, as they are written in a bracket behind it: `X(1, 2:3)`.
fn sliced(tree: &Tree, call: &Call) -> Option<Vec<Piece>> {
    let part = |call: &Call| match word(&call.name).map(|word| word.meaning) {
        Some(Meaning::Matrix(word @ (MatrixWord::Part(_) | MatrixWord::Entries))) => Some(word),
        _ => None,
    };
    let bounds = |call: &Call| match call.arguments.as_slice() {
        [of, first, last] => Some((*of, (*first, *last))),
        _ => None,
    };
    let (outer, (of, last)) = (part(call)?, bounds(call)?);
    let (of, places) = match (outer, tree.expr(of)) {
        (MatrixWord::Entries, _) => (of, vec![Some(last)]),
        (MatrixWord::Part(Direction::Down), _) => (of, vec![Some(last), None]),
        (_, Expr::Call(inner)) if part(inner) == Some(MatrixWord::Part(Direction::Down)) => {
            let (of, first) = bounds(inner)?;
            (of, vec![Some(first), Some(last)])
        }
        _ => (of, vec![None, Some(last)]),
    };
    let Expr::Name(name) = tree.expr(of) else { return None };
    let is_one = |(first, last): (ExprId, ExprId)| echo(tree, first) == echo(tree, last);
    let is_end = |id: ExprId| tree.names(id).iter().any(|name| &**name == END);
    let is_number = |id: ExprId| matches!(tree.expr(id), Expr::Number(..)) || is_end(id);
    // What is read as a call without a number or a colon stays as it is.
    let is_plain = places.iter().flatten().all(|place| is_one(*place) && !is_number(place.0));
    if is_plain && places.iter().all(Option::is_some) || crate::slices::is_letter_of_functions(name) {
        return None;
    }
    let mut all = vec![Piece::Owned(format!("{name}("))];
    for (at, place) in places.into_iter().enumerate() {
        all.extend((at > 0).then_some(Piece::Text(", ")));
        match place {
            None => all.push(Piece::Text(":")),
            Some(one) if is_one(one) => all.push(Piece::Expr(one.0)),
            Some((first, last)) => all.extend([Piece::Expr(first), Piece::Text(":"), Piece::Expr(last)]),
        }
    }
    all.push(Piece::Text(")"));
    Some(all)
}

/// Whether the left operand joins matrices in the other way than this operator does: `(A'*B) .* C`, `(A \ B)*C`.
fn mixes(tree: &Tree, operator: Operator, left: ExprId) -> bool {
    let each = |operator| matches!(operator, Operator::Times | Operator::Over);
    match tree.expr(left) {
        Expr::Binary(Operator::Multiply, ..) => each(operator),
        Expr::Binary(Operator::Solve, ..) => true,
        Expr::Binary(inner, ..) => each(*inner) && !each(operator),
        _ => false,
    }
}

/// A second operand that begins with a sign is put in brackets, however tightly it holds.
fn at_least_unsigned(tree: &Tree, id: ExprId, wanted: Level) -> Piece {
    let mut first = id;
    while let Expr::Binary(_, left, _) = tree.expr(first)
        && level(tree, first) == Level::Product
    {
        first = *left;
    }
    match level(tree, id) >= wanted && level(tree, first) != Level::Sign {
        true => Piece::Expr(id),
        false => Piece::Closed(id),
    }
}

/// `x^2`, `x^-2` and `x^n` need no brackets.
fn exponent(tree: &Tree, id: ExprId) -> Piece {
    let inner = match tree.expr(id) {
        Expr::Negate(part) => *part,
        _ => id,
    };
    match tree.expr(inner) {
        Expr::Number(..) | Expr::Name(_) | Expr::Call(_) | Expr::Block(..) => Piece::Expr(id),
        Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(..) => Piece::Closed(id),
    }
}

fn level(tree: &Tree, id: ExprId) -> Level {
    match tree.expr(id) {
        Expr::Number(..) | Expr::Name(_) | Expr::Call(_) | Expr::Transpose(_) | Expr::Block(..) => {
            Level::Whole
        }
        Expr::Negate(_) => Level::Sign,
        Expr::Binary(operator, ..) => match operator {
            Operator::Add | Operator::Subtract => Level::Sum,
            Operator::Multiply | Operator::Divide | Operator::Times | Operator::Over | Operator::Solve => {
                Level::Product
            }
            Operator::Power | Operator::EachPower => Level::Power,
            Operator::Greater
            | Operator::Less
            | Operator::GreaterEqual
            | Operator::LessEqual
            | Operator::Equal
            | Operator::NotEqual => Level::Comparison,
        },
    }
}
