//! What is declared beside a text, as far as its spelling has to know it.

use super::piece::{Axes, Piece};
use crate::diagnostic::Span;
use crate::library::Library;
use crate::token::continues_name;
use crate::words::word;
use ::library::{Kind, PAGES};
use formula::{Name, Primitive};
use std::collections::BTreeMap;

/// What is declared beside a text, and a user's own functions. A column is a vector, as what is assumed of a vector is told; where
/// the text turns one, `b.T`, all columns have the two axes that they are declared with.
pub(crate) fn known(declarations: &str, text: &str, library: &Library) -> BTreeMap<String, Option<Axes>> {
    let mut known = declared(declarations);
    let columns = || declarations.split(['\n', ',', ';']).filter_map(column);
    if columns().any(|name| turns(text, name)) {
        known.extend(columns().map(|name| (name.to_owned(), Some(Axes::Matrix))));
    }
    known.extend(library.own_names().map(|name| (name.to_string(), None)));
    known
}

/// Whether a name is a function of the language or of the shipped library.
pub(crate) fn is_function(name: &str) -> bool {
    word(name).is_some_and(|word| word.meaning.is_usable())
        || Primitive::named(name).is_some()
        || PAGES.iter().any(|page| page.kind == Kind::Function && page.name == name)
}

/// The names that declarations in the language of formulas declare or define, with their axes; `None` of a function.
fn declared(declarations: &str) -> BTreeMap<String, Option<Axes>> {
    let mut declared = BTreeMap::new();
    for line in declarations.split(['\n', ',', ';']) {
        if let Some((name, shape)) = line.split_once(':') {
            declared.insert(name.trim().to_owned(), axes(shape));
        } else if let Some((name, _)) = line.split_once('=') {
            let name = name.trim();
            declared.insert(name.to_owned(), Some(Piece::name(name, Span::default(), true).axes));
        }
    }
    declared
}

/// The name that is declared a column, `b: n x 1`.
fn column(declaration: &str) -> Option<&str> {
    let (name, shape) = declaration.split_once(':')?;
    let words: Vec<&str> = shape.split_whitespace().collect();
    matches!(words[..], [_, "x", "1", ..]).then(|| name.trim())
}

/// Whether `name.T` stands in a text.
fn turns(text: &str, name: &str) -> bool {
    text.match_indices(".T").any(|(at, _)| {
        let before = text[..at].strip_suffix(name);
        before.is_some_and(|before| !before.ends_with(continues_name))
    })
}

/// The functions that a text in the language of formulas declares.
pub(super) fn functions(text: &str) -> BTreeMap<String, Option<Axes>> {
    let mut declared = declared(text);
    declared.retain(|_, axes| axes.is_none());
    declared
}

/// How many axes a declared value has; `None` of a function.
fn axes(shape: &str) -> Option<Axes> {
    if shape.contains("->") {
        return None;
    }
    let mut words = shape.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("function"), ..) => None,
        (Some("scalar"), ..) => Some(Axes::Scalar),
        (Some(_), Some("x"), Some("1")) => Some(Axes::Vector),
        (Some(_), Some("x"), _) => Some(Axes::Matrix),
        (Some(word), ..) if word.starts_with("matrix") || is_of_matrices(shape) => Some(Axes::Matrix),
        _ => Some(Axes::Vector),
    }
}

/// Whether a property that is said of matrices stands here alone.
fn is_of_matrices(shape: &str) -> bool {
    let of = crate::properties::property(shape.split('(').next().unwrap_or(shape));
    let of_matrices =
        |row: &&crate::Property| matches!(row.of, crate::Bearer::Square | crate::Bearer::Matrix);
    of.is_some_and(|of| crate::told(of).iter().any(of_matrices))
}

/// Whether a function acts entry by entry.
pub(super) fn is_of_entries(name: &str) -> bool {
    let of_matrices =
        |text: &str| text.contains(&format!("{name}(X: ")) || text.contains(&format!("{name}(A: "));
    Primitive::named(name).is_some()
        || PAGES
            .iter()
            .any(|page| page.kind == Kind::Function && page.name == name && !of_matrices(page.text))
}

/// Whether a text has this name as a word of its own.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    text.split(|letter| !continues_name(letter)).any(|word| word == name)
}

/// The name as a text mentions it: itself, or its entries or rows in a sum over an index, the `q_i` of `q`.
pub(super) fn mentioned(text: &str, name: &Name) -> Option<Name> {
    if mentions(text, name) {
        return Some(name.clone());
    }
    let sums = text.match_indices("sum_").map(|(at, sum)| &text[at + sum.len()..]);
    let mut entries = sums.filter_map(|rest| {
        let index = &rest[..rest.find(|letter| !continues_name(letter))?];
        Some(Name::from(format!("{name}_{index}")))
    });
    entries.find(|entry| mentions(text, entry))
}
