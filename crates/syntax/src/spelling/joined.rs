//! Statements to one text: the lines of the language of formulas.

use super::declared::mentioned;
use super::piece::Axes;
use super::statements::Statement;
use super::symbols::is_derivative;
use super::written::Written;
use super::{Spelled, Spelling};
use crate::diagnostic::{Span, Text};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was found of the names of a text while it was read, and what is to be said.
pub(super) struct Said {
    /// The letters that are functions, with what each is as a factor where it may be one.
    pub functions: BTreeMap<String, Option<String>>,
    /// The names that are numbers by where they stand.
    pub scales: BTreeSet<String>,
    /// The names that are square matrices by where they stand.
    pub squares: BTreeSet<String>,
    /// The names that are matrices with a row for each example, or are multiplied with such.
    pub stacked: BTreeSet<String>,
    /// The names that are vectors by where they stand.
    pub operands: BTreeSet<String>,
    pub notes: Vec<String>,
}

/// What is said of a letter that is a function of which nothing is known.
pub(super) const ENTRYWISE: &str = " is read as an arbitrary function, entry by entry";

/// The letters that notes say are functions of which nothing is known.
pub(super) fn open_functions(notes: &[String]) -> Vec<String> {
    let named = |note: &String| Some(note.split_once(ENTRYWISE)?.0.trim_matches('`').to_owned());
    notes.iter().filter_map(named).collect()
}

/// The lines as one text.
pub(super) fn joined(
    typed: &Arc<Text>,
    spelling: Spelling,
    statements: Vec<Statement>,
    said: Said,
    declared: &BTreeMap<String, Option<Axes>>,
) -> Spelled {
    let Said { functions, scales, squares, stacked, operands, mut notes } = said;
    let mut written = Written::default();
    let nowhere = Span::default();
    let defined: BTreeSet<&str> = statements
        .iter()
        .filter(|statement| statement.defines)
        .filter_map(|statement| statement.name.as_ref()?.name.as_deref())
        .collect();
    let is_known = |name: &str| declared.contains_key(name) || defined.contains(name);
    for (name, product) in functions.iter().filter(|(name, _)| !is_known(name)) {
        written.sign(&format!("{name}: function\n"), nowhere);
        let other = product
            .as_ref()
            .map_or_else(String::new, |product| format!("; for the product write `{product}`"));
        notes.push(format!("`{name}`{ENTRYWISE}{other}"));
    }
    for name in scales.iter().filter(|name| !squares.contains(*name) && !stacked.contains(*name)) {
        written.sign(&format!("{name}: scalar\n"), nowhere);
        notes.push(match name.starts_with(char::is_uppercase) {
            true => format!(
                "`{name}` is read as one number, which scales what stands behind it; for a matrix declare `{name}: matrix`"
            ),
            false => format!("`{name}` is read as one number; for one for each entry declare `{name}: vector`"),
        });
    }
    for name in &squares {
        written.sign(&format!("{name}: matrix\n"), nowhere);
        notes.push(format!("`{name}` is read as a matrix, as what stands there is"));
    }
    for name in stacked.difference(&squares) {
        written.sign(&format!("{name}: matrix\n"), nowhere);
    }
    let shown: Vec<String> = stacked.difference(&squares).map(|name| format!("`{name}`")).collect();
    if let Some(first) = shown.first() {
        let all = if shown.len() > 1 { "are read as matrices" } else { "is read as a matrix" };
        notes.push(format!(
            "{} {all}, as what stands there has two axes; for one example declare {first} and the like as vectors",
            shown.join(", ")
        ));
    }
    let is_left = |name: &str| {
        let left = statements.iter().filter_map(|statement| statement.name.as_ref()?.name.as_deref());
        left.into_iter().any(|left| left == name)
    };
    let is_other = |name: &&String| {
        !is_known(name) && !is_left(name) && !squares.contains(*name) && !stacked.contains(*name)
    };
    let columns: Vec<&String> = operands.iter().filter(is_other).collect();
    for name in &columns {
        written.sign(&format!("{name}: vector\n"), nowhere);
    }
    let shown: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    match shown.as_slice() {
        [] => {}
        [one] => notes.push(format!("{one} is read as a vector, by where it stands")),
        all => notes.push(format!("{} are read as vectors, by where they stand", all.join(", "))),
    }
    // The last of nothing but definitions is the formula.
    let is_derived = |statement: &&Statement| {
        let name = statement.name.as_ref().and_then(|name| name.name.as_deref());
        name.is_some_and(|name| is_derivative(name) || name.ends_with("_grad"))
    };
    let derived = statements.iter().rev().take_while(is_derived).count();
    let last = (statements.len() - derived).saturating_sub(1);
    let before = &statements[..statements.len() - derived];
    let is_all = before.iter().all(|statement| statement.defines || statement.stands);
    let (mut by, mut sides) = (Vec::new(), Vec::new());
    for (index, statement) in statements.iter().enumerate() {
        if index > 0 {
            written
                .sign("\n", Span { start: statement.value.span().start, end: statement.value.span().start });
        }
        if let Some(name) = &statement.name {
            let is_called = name.name.as_ref().is_some_and(|name| functions.contains_key(name));
            let stays = statement.defines
                && (is_called || spelling != Spelling::Latex && !(is_all && index == last))
                && !(index == last && is_all);
            written.push(&name.written);
            if stays {
                written.sign(&format!("({})", statement.by.join(", ")), name.span());
            }
            let end = name.span().end;
            written.sign(" = ", Span { start: end, end });
        }
        // A line that begins with a minus could go on with the line before.
        let value = &statement.value.written;
        let goes_on = !written.text.is_empty() && statement.name.is_none() && value.text.starts_with('-');
        let (start, end) = (statement.value.span().start, statement.value.span().end);
        if goes_on {
            written.sign("(", Span { start, end: start });
        }
        let from = written.text.len();
        written.push(value);
        sides.extend(statement.sides.iter().map(|side| (from..written.text.len(), &side.written.text)));
        if goes_on {
            written.sign(")", Span { start: end, end });
        }
        if index == last {
            by = statement.by.iter().map(|name| Name::from(name.as_str())).collect();
        }
    }
    notes.extend(keep_mentioned(&mut by, &written.text));
    let text = written.text.clone();
    let with = |(at, side): (std::ops::Range<usize>, &String)| {
        format!("{}{side}{}", &text[..at.start], &text[at.end..])
    };
    let sides = sides.into_iter().map(with).collect();
    Spelled {
        text,
        spelling,
        by,
        notes,
        sides,
        typed: typed.clone(),
        places: Some(written),
        others: Vec::new(),
    }
}

/// Leaves out the arguments of a left side that a text does not mention, and says so. Where it mentions none of them, they stay:
/// what was asked for is not there.
pub(super) fn keep_mentioned(by: &mut Vec<Name>, text: &str) -> Vec<String> {
    let kept: Vec<Name> = by.iter().filter_map(|name| mentioned(text, name)).collect();
    if kept.is_empty() {
        return estimates(by, text);
    }
    let absent = std::mem::replace(by, kept).into_iter().filter(|name| mentioned(text, name).is_none());
    absent.map(|name| format!("the formula does not mention the argument `{name}`")).collect()
}

/// Derives by what has a hat, such as the `y_hat` of `f(w) = norm(y_hat - y)^2`, where a text mentions none of its arguments: these
/// are what depends on them.
fn estimates(by: &mut Vec<Name>, text: &str) -> Vec<String> {
    let is_estimate = |word: &&str| word.ends_with("_hat") || word.contains("_hat_");
    let words = text.split(|letter| !crate::token::continues_name(letter)).filter(is_estimate);
    let hats: BTreeSet<&str> = words.collect();
    if hats.is_empty() || by.is_empty() {
        return Vec::new();
    }
    let listed =
        |names: Vec<String>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let shown = listed(hats.iter().map(|name| (*name).to_owned()).collect());
    let asked = std::mem::replace(by, hats.into_iter().map(Name::from).collect());
    let asked = listed(asked.iter().map(Name::to_string).collect());
    vec![format!(
        "the formula does not mention {asked}, on which {shown} depends, and is derived by {shown}; write {shown} out for the derivative by {asked}"
    )]
}
