//! Where the names with indices of a claim stand, and which sums round them run over those.

use crate::DeriveError;
use formula::{Name, Shape};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use syntax::{Diagnostic, Mistake, Origin, Span, Text};

/// What a claim may mention: variables and lines with their shapes.
pub(super) type Shapes = BTreeMap<Name, Shape>;

/// A name with an index, where it stands in a claim.
pub(super) struct Place {
    pub at: Range<usize>,
    /// What it is an entry or a row of.
    pub whole: Name,
    /// The indices below it in their order.
    pub labels: Vec<char>,
    /// Those that a sum round it runs over.
    pub bound: Vec<char>,
}

impl Place {
    pub fn free(&self) -> impl Iterator<Item = char> {
        self.labels.iter().copied().filter(|label| !self.bound.contains(label))
    }
}

/// The names with indices in a claim.
pub(super) fn places(text: &str, known: &Shapes) -> Vec<Place> {
    let mut found = Vec::new();
    let mut sums: Vec<(Range<usize>, char)> = Vec::new();
    let all = words(text);
    for at in &all {
        let index = text[at.clone()].strip_prefix("sum_").and_then(single);
        if let (Some(index), Some(end)) = (index, closing(text, at.end)) {
            sums.push((at.end..end, index));
        }
    }
    for at in all {
        let word = &text[at.clone()];
        let Some((stem, labels)) = word.split_once('_').filter(|_| !known.contains_key(word)) else {
            continue;
        };
        let whole =
            [Name::from(stem), Name::from(capital(stem))].into_iter().find(|name| known.contains_key(name));
        let labels: Vec<char> = labels.chars().filter(|letter| *letter != '_').collect();
        let is_index =
            labels.iter().all(|label| label.is_ascii_lowercase()) && (1..=2).contains(&labels.len());
        if let (Some(whole), true) = (whole, is_index) {
            let around = sums.iter().filter(|(range, _)| range.contains(&at.start));
            let bound = around.map(|(_, index)| *index).collect();
            found.push(Place { at, whole, labels, bound });
        }
    }
    found
}

/// One letter.
fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// Where the bracket that opens here closes.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text[open..].char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (letter == ')').then_some(open + at);
        }
    }
    None
}

/// Where the names of a text stand.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, letter) in text.char_indices().filter(|(_, letter)| is_part(*letter)) {
        let end = at + letter.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => found.push(at..end),
        }
    }
    found
}

pub(super) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The error of a part of a claim.
pub(super) fn mistaken(claim: &str, span: Span, what: String, mend: impl Into<String>) -> DeriveError {
    let text = Arc::new(Text { origin: Origin::Claim, text: claim.to_owned() });
    let mistake = Box::new(Mistake::Foreign { what, mend: mend.into() });
    Diagnostic { mistake, span, text }.into()
}

/// A text with other names at some places.
pub(super) fn with_names(text: &str, names: &[(Range<usize>, String)]) -> String {
    let (mut new, mut end) = (String::new(), 0);
    for (at, name) in names {
        new += &text[end..at.start];
        new += name;
        end = at.end;
    }
    new + &text[end..]
}
