//! Entries of lines: behind `p = softmax(z)` the number `p_k` is the entry of p with the index k, and behind `u = A*x` the `u_2` is the
//! second entry of u.

use crate::diagnostic::Diagnostic;
use crate::index_sums::{IndexSum, capital, is_fixed, refused};
use crate::meanings::call;
use crate::program::{Assignment, Program};
use crate::tree::Expr;
use crate::usage::usages;
use formula::{Name, Number};
use std::collections::{BTreeMap, BTreeSet};

/// The names that may be entries of the lines before them, with the line and the index or the two indices.
pub(crate) type Entries = BTreeMap<Name, (Name, Vec<Name>)>;

/// The names that nothing declares and no line defines, with a number or a letter below them, where a line before defines what they
/// would be an entry of. A letter that is a value or the index of a sum is none.
pub(crate) fn entries(program: &Program, sums: &[IndexSum]) -> Entries {
    let defined: Vec<&Name> = program.lines.iter().filter_map(|line| line.name.as_ref()).collect();
    if defined.is_empty() {
        return Entries::new();
    }
    let usages = usages(program);
    let is_value = |index: &Name| {
        usages.names.iter().any(|usage| usage.name == *index)
            || usages.called.contains(index)
            || program.declared(index).is_some()
            || sums.iter().any(|sum| sum.index == *index)
    };
    let mut summed: BTreeSet<String> = BTreeSet::new();
    for sum in sums {
        let parts = program.tree.names(sum.body).into_iter();
        let stems = parts.filter_map(|name| {
            let (stem, index) = name.rsplit_once('_')?;
            (index == sum.index.as_str()).then(|| stem.to_owned())
        });
        summed.extend(stems);
    }
    // Beside `w_0` the `w_1` is no entry: entries are counted from 1.
    let is_counted_from_0 = |stem: &str| {
        let first = [format!("{stem}_0"), format!("{stem}0")].map(Name::from);
        usages.names.iter().any(|usage| first.contains(&usage.name))
            || defined.iter().any(|name| first.contains(name))
    };
    let is_none = |stem: &str| summed.contains(stem) || is_counted_from_0(stem);
    let mut found = Entries::new();
    for name in usages.names.iter().map(|usage| &usage.name) {
        if program.declared(name).is_some() || defined.contains(&name) {
            continue;
        }
        let Some((stem, label)) = name.rsplit_once('_').filter(|(stem, _)| !is_none(stem)) else { continue };
        let letters = label.chars().map(|letter| Name::from(letter.to_string()));
        let (wholes, indices): (Vec<Name>, Vec<Name>) = match label.chars().count() {
            2 if label.chars().all(char::is_alphabetic) || stem.starts_with(char::is_uppercase) => {
                (vec![Name::from(stem), Name::from(capital(stem))], letters.collect())
            }
            _ if is_fixed(label) => (vec![Name::from(stem)], vec![Name::from(label)]),
            _ => continue,
        };
        let is_index = indices.iter().all(|index| is_fixed(index) && !is_value(index));
        let whole = wholes.into_iter().find(|whole| defined.contains(&whole));
        // Of a matrix one index tells a row.
        let is_entry = |whole: &Name| indices.len() == 2 || !whole.starts_with(char::is_uppercase);
        if let Some(whole) = whole.filter(|whole| is_index && is_entry(whole)) {
            found.insert(name.clone(), (whole, indices));
        }
    }
    found
}

/// Holds that no line defines one of many with an index that no sum is over, where another of them is used: the `p_i = exp(z_i)/s` of
/// `-log(p_k)`.
///
/// # Errors
/// Where one does.
pub(crate) fn hold_lines(program: &Program, sums: &[IndexSum]) -> Result<(), Diagnostic> {
    let is_letter = |label: &str| label.len() == 1 && label.bytes().all(|letter| letter.is_ascii_lowercase());
    let parts = |name: &Name| name.rsplit_once('_').map(|(stem, label)| (stem.to_owned(), label.to_owned()));
    let is_defined = |name: &Name| program.lines.iter().any(|line| line.name.as_ref() == Some(name));
    for (line, name) in program.lines.iter().filter_map(|line| Some((line, line.name.as_ref()?))) {
        let Some((stem, label)) = parts(name).filter(|(_, label)| is_letter(label)) else { continue };
        let is_index = |other: &Name| parts(other).is_some_and(|(_, other)| other == label);
        let has_index = program.tree.names(line.value).iter().any(is_index);
        if !has_index || sums.iter().any(|sum| sum.index.as_str() == label) {
            continue;
        }
        let is_other = |other: &&Name| {
            let is_of =
                parts(other).is_some_and(|(own, index)| own == stem && index != label && is_fixed(&index));
            let used = |line: &Assignment| program.tree.names(line.value).contains(other);
            let is_used = program.lines.iter().any(|user| !std::ptr::eq(user, line) && used(user));
            is_of && is_used && !is_defined(other) && program.declared(other).is_none()
        };
        if let Some(other) = usages(program).names.iter().map(|usage| &usage.name).find(is_other) {
            let what = format!(
                "`{name}` is given for an index {label} that no sum is over, and `{other}` is another one"
            );
            let mend =
                format!("write that line for all of them at once, without the index, as in `{stem} = W*x`");
            return Err(refused(program, line.value, what, mend));
        }
    }
    Ok(())
}

/// Writes them as what they are, and says so.
pub(crate) fn written(program: &mut Program, entries: &Entries) {
    let (tree, now) = program.tree.with_names(&mut |name, first| {
        let (whole, indices) = entries.get(name)?;
        let mut bound = |index: &Name| match index.parse::<u32>() {
            Ok(number) => first(Expr::Number(Number::integer(number.into()), index.clone())),
            Err(_) => first(Expr::Name(index.clone())),
        };
        let bounds: Vec<_> = indices.iter().map(&mut bound).collect();
        let whole = first(Expr::Name(whole.clone()));
        Some(match bounds[..] {
            [row, column] => {
                let one = first(call("rows", vec![whole, row, row]));
                call("cols", vec![one, column, column])
            }
            _ => call("entries", vec![whole, bounds[0], bounds[0]]),
        })
    });
    program.tree = tree;
    program.lines.iter_mut().for_each(|line| line.value = now[line.value.index()]);
    for (name, (whole, indices)) in entries {
        let is = match &indices[..] {
            [row, column] => format!("row {row} and column {column}"),
            [index] if index.parse::<u32>().is_ok() => format!("number {index}"),
            _ => format!("the index {}", indices[0]),
        };
        program.spelled.notes.push(format!("`{name}` is read as the entry of `{whole}` with {is}"));
    }
}
