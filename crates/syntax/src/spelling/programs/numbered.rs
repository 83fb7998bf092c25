//! Names that are given a value again, as in `J = 0; J = J + norm(w)^2`.

use super::{Line, defined, mentions};
use crate::spelling::marks::Mark;
use crate::token::{begins_name, continues_name};
use std::collections::{BTreeMap, BTreeSet};

/// Gives a name that has several values one after the other another name for each, where the last keeps it unless the first is made of
/// what has no value yet; a value that nothing reads goes.
pub(super) fn numbered(lines: &mut Vec<Line>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in lines.iter().filter_map(|line| defined(line)) {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    if counts.is_empty() {
        return;
    }
    let all: BTreeSet<String> = lines
        .iter()
        .flatten()
        .filter_map(|token| match &token.mark {
            Mark::Name(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let is_given = |name: &String| {
        let first = lines.iter().position(|line| defined(line) == Some(name)).unwrap_or(0);
        lines[..first].iter().any(|line| mentions(line, name)) || mentions(&lines[first][1..], name)
    };
    let given: BTreeSet<String> = counts.keys().filter(|name| is_given(name)).cloned().collect();
    let (mut seen, mut current) = (BTreeMap::new(), BTreeMap::new());
    let mut kept: Vec<Line> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        let name = defined(&line).filter(|name| counts.contains_key(*name)).map(str::to_owned);
        for index in usize::from(name.is_some())..line.len() {
            let is_keyword = index > 0 && line.get(index + 1).is_some_and(|next| next.mark == Mark::Equals);
            if let (Mark::Name(known), false) = (&line[index].mark, is_keyword)
                && let Some(own) = current.get(known)
            {
                line[index].mark = Mark::Name(String::clone(own));
            }
        }
        let Some(name) = name else {
            kept.push(line);
            continue;
        };
        let number = seen.entry(name.clone()).or_insert(0_usize);
        *number += 1;
        let is_last = *number == counts[&name] && !given.contains(&name);
        let mut own = if is_last { name.clone() } else { format!("{name}_{number}") };
        while !is_last && all.contains(&own) {
            own.push_str(&format!("_{number}"));
        }
        let next = lines[at + 1..].iter().position(|line| defined(line) == Some(&name));
        let reach = next.map_or(lines.len(), |next| at + 2 + next);
        let is_read = next.is_none()
            || lines[at + 1..reach]
                .iter()
                .any(|line| mentions(&line[usize::from(defined(line) == Some(&name))..], &name));
        if let Some(first) = line.first_mut() {
            first.mark = Mark::Name(own.clone());
        }
        current.insert(name, own);
        if is_read {
            kept.push(line);
        }
    }
    *lines = kept;
}

/// Whether a text in the language of formulas gives a name a value again as programs do: one made of the value before, or one in the
/// place of a number that it begins with.
pub(in crate::spelling) fn sets_again(text: &str) -> bool {
    let mut numbers: BTreeMap<&str, bool> = BTreeMap::new();
    text.split(['\n', ';']).any(|line| {
        let Some((name, value)) = line.split_once('=') else { return false };
        let (name, value) = (name.trim(), value.trim());
        let is_name = name.starts_with(begins_name) && name.chars().all(continues_name);
        if !is_name || value.starts_with('=') {
            return false;
        }
        let before = numbers.insert(name, value.parse::<f64>().is_ok());
        before.is_some_and(|is_number| is_number || crate::spelling::mentions(value, name))
    })
}
