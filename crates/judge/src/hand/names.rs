//! What a claim calls by its own names: sizes that the formula leaves unnamed, and the identity.

use formula::{Formula, Name, NodeId};
use std::collections::BTreeSet;

/// How many readings of a claim are tried at most.
const MOST: usize = 12;

/// The name of the identity matrix where nothing else has it.
const IDENTITY: &str = "I";

/// A claim whose own names are read as what the formula has.
pub(super) struct Renamed {
    /// The claim in the names of the formula.
    pub text: String,
    /// What was taken for what, as sentences.
    pub says: Vec<String>,
    /// Whether a claim that is not right so is no claim at all: a name that is no size is unknown.
    pub only_if_right: bool,
}

/// Readings of a claim by other names. `written` is what the user wrote of the formula: a size that is not named there has a name
/// of the program's choice, and the claim's author may call it otherwise. `unknown` is a name that the formula does not have.
pub(super) fn renamed(
    claim: &str,
    unknown: Option<&Name>,
    written: [&str; 2],
    formula: &Formula,
    values: &[NodeId],
) -> Vec<Renamed> {
    let named: BTreeSet<&str> = written.into_iter().flat_map(words).collect();
    let mut sizes: Vec<String> = Vec::new();
    let mut free: Vec<String> = Vec::new();
    for variable in crate::sample::variables(formula, values) {
        for size in [&variable.shape.rows, &variable.shape.cols].into_iter().filter(|size| !size.is_one()) {
            let text = size.to_string();
            if let [name] = &size.names()[..]
                && name.as_str() == text
                && !named.contains(name.as_str())
                && !free.contains(&text)
            {
                free.push(text.clone());
            }
            if !sizes.contains(&text) {
                sizes.push(text);
            }
        }
    }
    if unknown.is_some_and(|name| name.as_str() == IDENTITY) {
        let reading = |size: &String| Renamed {
            text: replaced(claim, &[(IDENTITY, format!("eye({size})"))]),
            says: vec![format!("{IDENTITY} of the claim is the identity, {size} x {size}")],
            only_if_right: false,
        };
        return sizes.iter().take(MOST).map(reading).collect();
    }
    let mut own: Vec<&str> = words(claim).filter(|word| free.iter().any(|size| size == word)).collect();
    own.extend(unknown.map(Name::as_str));
    own.sort_unstable();
    own.dedup();
    if own.is_empty() || own.len() > 2 {
        return Vec::new();
    }
    // Each name as each size, but for the reading that is the text itself.
    let count = free.len().pow(own.len() as u32);
    let choices = (0..count).map(|choice| {
        let size = |place: usize| free[choice / free.len().pow(place as u32) % free.len()].clone();
        own.iter().enumerate().map(|(place, name)| (*name, size(place))).collect::<Vec<_>>()
    });
    choices
        .filter(|taken| taken.iter().any(|(name, size)| name != size))
        .take(MOST)
        .map(|taken| Renamed {
            text: replaced(claim, &taken),
            says: taken
                .iter()
                .filter(|(name, size)| name != size)
                .map(|(name, size)| {
                    format!("{name} of the claim is the size {size}: the formula names no sizes")
                })
                .collect(),
            only_if_right: unknown.is_some(),
        })
        .collect()
}

/// The names in a text, in order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    super::places::words(text).into_iter().map(|at| &text[at])
}

/// A text in which names stand for others, all at once.
fn replaced(text: &str, by: &[(&str, String)]) -> String {
    let mut new = String::with_capacity(text.len());
    let mut rest = text;
    for word in words(text) {
        let Some(at) = rest.find(word) else { break };
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        new.push_str(before);
        new.push_str(by.iter().find(|(name, _)| *name == word).map_or(word, |(_, size)| size));
        rest = after;
    }
    new + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_replaced_at_once() {
        let swap = [("n", String::from("m")), ("m", String::from("n"))];
        assert_eq!(replaced("2/n*mean(n_1)*m + nm", &swap), "2/m*mean(n_1)*n + nm");
        assert_eq!(replaced("1/n", &[("n", String::from("m"))]), "1/m");
    }
}
