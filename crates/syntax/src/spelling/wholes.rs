//! Functions of which nothing is known, such as the R of `\|Xw - y\|^2 + \lambda R(w)`: entry by entry, or of all entries, with a number
//! for their value, as the formula round them wants it.

use super::joined::{ENTRYWISE, open_functions};
use super::{Spelled, mentions};
use crate::diagnostic::Diagnostic;
use crate::letters::{self, Kind};
use crate::library::Library;
use crate::parse::{Parsed, Source, parse};
use crate::token::continues_name;
use std::collections::BTreeSet;

/// The letters of sizes.
const SIZES: [&str; 8] = ["n", "m", "p", "q", "k", "r", "s", "t"];

/// A text whose functions are of all entries where they have to be: where the value is a number then, and less is read otherwise than
/// its letters say.
pub(crate) fn settled(spelled: Spelled, declarations: &str, library: &Library) -> Spelled {
    let mut spelled = super::ways::chosen(spelled, declarations, library);
    let open = open_functions(&spelled.notes);
    if open.is_empty() {
        return spelled;
    }
    let read = |text: &str| parse(Source { text, declarations }, library);
    let worst = odd(&spelled.text, &open, &read(&spelled.text));
    if worst == 0 {
        return spelled;
    }
    let better = candidates(&spelled.text, declarations, &open).into_iter().find(|shapes| {
        let parsed = read(&with_shapes(&spelled.text, &open, shapes));
        parsed.as_ref().is_ok_and(is_number) && odd(&spelled.text, &open, &parsed) < worst
    });
    let Some(shapes) = better else { return spelled };
    for (name, shape) in open.iter().zip(&shapes) {
        let (entrywise, whole) = lines_of(name, shape);
        if let Some(places) = &mut spelled.places {
            places.replace(&entrywise, &whole);
        }
        spelled.notes.retain(|note| !note.starts_with(&format!("`{name}`{ENTRYWISE}")));
        spelled.notes.push(format!(
            "`{name}` is read as an arbitrary function of all entries, whose value is a number; for one entry by entry declare `{name}: function`"
        ));
    }
    spelled.text = with_shapes(&spelled.text, &open, &shapes);
    let sides = std::mem::take(&mut spelled.sides);
    spelled.sides = sides.into_iter().map(|side| with_shapes(&side, &open, &shapes)).collect();
    spelled
}

/// What is read otherwise than it is written for: capitals that are no matrices, letters of numbers that are none, numbers that are
/// transposed or added to every entry, and a value that is no number, where a letter of losses is called.
pub(super) fn odd(text: &str, open: &[String], read: &Result<Parsed, Diagnostic>) -> usize {
    let Ok(parsed) = read else { return usize::MAX };
    let measured = arguments_of(text, "norm");
    let is_turned = |name: &str| {
        let turned = format!("{name}'");
        text.match_indices(&turned).any(|(at, _)| !text[..at].ends_with(continues_name))
    };
    let is_odd = |name: &str, kind: &str| match letters::kind(name) {
        Kind::Scalar | Kind::Vector if is_turned(name) => kind == "scalar",
        Kind::Matrix => kind == "scalar" || kind.ends_with(" x 1") || kind.starts_with("1 x "),
        Kind::Scalar => kind != "scalar",
        // Nobody takes the norm of one number.
        Kind::Vector => kind == "scalar" && measured.iter().any(|of| mentions(of, name)),
    };
    let assumed = parsed.assumptions.iter().filter(|one| !one.is_constant && one.kind != "size");
    let odd = assumed.filter(|one| is_odd(&one.name, &one.kind)).count();
    let added = parsed.notes.iter().filter(|note| note.contains("is a number, and is added to every entry"));
    let renamed = parsed.notes.iter().filter(|note| note.contains(crate::index_sums::OWN_MEANING));
    let is_layer = |name: &String| matches!(letters::stem(name), "g" | "h" | "phi" | "psi" | "rho" | "sigma");
    let is_open = !is_number(parsed) && !open.iter().all(is_layer);
    odd + added.count() + renamed.count() + usize::from(is_open)
}

pub(super) fn is_number(parsed: &Parsed) -> bool {
    parsed.formula.result().is_some_and(|result| parsed.formula.shape(result).is_scalar())
}

/// The line that declares a function entry by entry, and the one that declares it of all entries.
fn lines_of(name: &str, shape: &str) -> (String, String) {
    (format!("{name}: function\n"), format!("{name}: {shape} -> scalar\n"))
}

fn with_shapes(text: &str, open: &[String], shapes: &[String]) -> String {
    open.iter().zip(shapes).fold(text.to_owned(), |text, (name, shape)| {
        let (entrywise, whole) = lines_of(name, shape);
        text.replacen(&entrywise, &whole, 1)
    })
}

/// What the functions may be of: columns and matrices by the letters of their arguments, columns, and matrices; or as they
/// are declared. Functions of the same have the same sizes.
fn candidates(text: &str, declarations: &str, open: &[String]) -> Vec<Vec<String>> {
    let is_free = |size: &&str| ![text, declarations].iter().any(|text| mentions(text, size));
    let mut free = SIZES.into_iter().filter(is_free);
    let arguments: Vec<BTreeSet<&str>> = open.iter().map(|name| arguments_of(text, name)).collect();
    let mut shapes: Vec<[String; 3]> = Vec::new();
    for (at, own) in arguments.iter().enumerate() {
        let known = arguments[..at].iter().position(|other| !other.is_disjoint(own));
        let shape = known.and_then(|known| shapes.get(known).cloned()).or_else(|| {
            if let Some(shape) = own.iter().find_map(|name| declared_shape(declarations, name)) {
                return Some([shape.to_owned(), shape.to_owned(), shape.to_owned()]);
            }
            let rows = free.next()?;
            let matrix = format!("{rows} x {}", free.next()?);
            let is_matrix = own.iter().any(|name| letters::kind(name) == Kind::Matrix);
            let by_letter = if is_matrix { matrix.clone() } else { rows.to_owned() };
            Some([by_letter, rows.to_owned(), matrix])
        });
        shapes.extend(shape);
    }
    if shapes.len() < open.len() {
        return Vec::new();
    }
    (0..3).map(|way| shapes.iter().map(|shape| shape[way].clone()).collect()).collect()
}

/// The sizes that a name is declared with.
fn declared_shape<'a>(declarations: &'a str, name: &str) -> Option<&'a str> {
    declarations.split(['\n', ',', ';']).find_map(|line| {
        let (known, shape) = line.split_once(':')?;
        let is_shape =
            shape.contains(" x ") && shape.chars().all(|letter| continues_name(letter) || letter == ' ');
        (known.trim() == name && is_shape).then(|| shape.trim())
    })
}

/// What a function is called of in a text.
fn arguments_of<'a>(text: &'a str, name: &str) -> BTreeSet<&'a str> {
    let call = format!("{name}(");
    let called = text.match_indices(&call).filter(|(at, _)| !text[..*at].ends_with(continues_name));
    let argument = |(at, call): (usize, &str)| {
        let mut depth = 1_usize;
        let rest = &text[at + call.len()..];
        let end = rest.find(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        &rest[..end.unwrap_or(rest.len())]
    };
    called.map(argument).collect()
}
