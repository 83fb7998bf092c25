//! A typed text to the language of formulas: what its marks are, its lines, and these as one text.

use super::marks::marks;
use super::piece::Axes;
use super::reader::Reader;
use super::statements::Statement;
use super::ways::Ways;
use super::{
    Spelled, Spelling, alike, applied, arrays, behind, blocks, composed, conditions, declared, defined_last,
    detect, domains, indices, inner, joined, juxtaposed, labels, left_names, lifted, mentions, minimized,
    products, programs, prose, scales, symbols, totals, trailing,
};
use crate::diagnostic::{Diagnostic, Origin, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How often a text is read again for what it says of its names.
const MOST_READINGS: usize = 3;

/// Reads a text, given what is declared.
pub(crate) fn respell(
    typed: &Arc<Text>,
    declared: &BTreeMap<String, Option<Axes>>,
    spelling: Spelling,
) -> Result<Spelled, Diagnostic> {
    typed.check_length()?;
    // What the text itself declares as functions is known in all of it.
    let own = declared::functions(&typed.text);
    if own.is_empty() {
        return respell_as(typed, declared, spelling, false);
    }
    let known: BTreeMap<String, Option<Axes>> = declared.clone().into_iter().chain(own).collect();
    respell_as(typed, &known, spelling, false)
}

/// Reads a text, given what is declared and whether it is mathematics whatever its marks are.
pub(super) fn respell_as(
    typed: &Arc<Text>,
    declared: &BTreeMap<String, Option<Axes>>,
    spelling: Spelling,
    is_beside_mathematics: bool,
) -> Result<Spelled, Diagnostic> {
    typed.check_length()?;
    if typed.origin == Origin::Formula
        && let Some((formula, note)) = trailing::without_conditions(typed)?
    {
        // What stands behind it shows how it is written as well.
        let is_latex = spelling == Spelling::Auto && detect::detect(typed)? == Some(Spelling::Latex);
        let spelling = if is_latex { Spelling::Latex } else { spelling };
        let is_mathematics = is_beside_mathematics || !is_latex && detect::is_mathematics(&typed.text);
        return respell_part((typed, formula), declared, spelling, is_mathematics, note);
    }
    let asked = spelling;
    let found = match spelling {
        Spelling::Auto => match detect::detect(typed)? {
            None if typed.origin == Origin::Formula
                && (is_beside_mathematics
                    || symbols::has_symbols(typed)
                    || symbols::has_chain(&typed.text)
                    || conditions::has_indicator(&typed.text)
                    || programs::sets_again(&typed.text)
                    || alike::has_primed_points(typed, declared)
                    || blocks::has_columns(typed)
                    || lifted::has_indexed(&typed.text)
                    || applied::calls_letters(&typed.text, declared)) =>
            {
                Some(Spelling::Text)
            }
            found => found,
        },
        other => Some(other),
    };
    if typed.origin == Origin::Formula && found != Some(Spelling::Python) {
        if let Some((formula, note)) = prose::formulas_inside(typed) {
            return respell_part((typed, &formula), declared, Spelling::Latex, is_beside_mathematics, note);
        }
        prose::check(typed, declared)?;
    }
    let same = || Spelled {
        text: typed.text.clone(),
        spelling: found.unwrap_or(Spelling::Text),
        by: Vec::new(),
        notes: Vec::new(),
        sides: Vec::new(),
        typed: typed.clone(),
        places: None,
        others: Vec::new(),
    };
    let mut parted = None;
    if found.is_none() && typed.origin != Origin::Declarations {
        parted = marks(typed, Spelling::Text, declared.contains_key("Sigma")).ok().and_then(|mut tokens| {
            let is_plain = !(0..tokens.len()).any(|at| products::is_coefficient(&tokens, at));
            let notes = products::part_products(typed, &mut tokens, declared, Spelling::Text);
            (!notes.is_empty() || !is_plain).then_some((tokens, notes))
        });
    }
    if found.is_none() && parted.is_none() {
        let last = if typed.origin == Origin::Formula { defined_last::defined_last(typed) } else { None };
        return Ok(last.unwrap_or_else(same));
    }
    let spelling = found.unwrap_or(Spelling::Text);
    let (mut tokens, mut notes) = match parted {
        Some(parted) => parted,
        None => (marks(typed, spelling, declared.contains_key("Sigma"))?, Vec::new()),
    };
    let mut found = [const { BTreeSet::new() }; 4];
    if spelling != Spelling::Latex && typed.origin == Origin::Formula {
        let program = programs::straight(typed, tokens, spelling)?;
        (tokens, found[1], found[3]) = (program.tokens, program.numbers, program.matrices);
        found.iter_mut().for_each(|names| names.retain(|name| !declared.contains_key(name)));
        notes.extend(program.notes);
    }
    if spelling == Spelling::Latex {
        notes.extend(left_names::named(typed, &mut tokens));
    }
    notes.extend(alike::conclusion(typed, &mut tokens));
    notes.extend(alike::primed_arguments(&mut tokens));
    if matches!(spelling, Spelling::Latex | Spelling::Text) {
        notes.extend(alike::primed_points(&mut tokens, declared));
    }
    if matches!(spelling, Spelling::Latex | Spelling::Text) {
        notes.extend(labels::bracket_labels(typed, &mut tokens));
        notes.extend(domains::count_sets(typed, &mut tokens));
        inner::cosines(typed, &mut tokens);
        tokens = behind::moved_before(tokens);
        notes.extend(composed::composed(typed, &mut tokens, declared));
        notes.extend(lifted::lifted(typed, &mut tokens, declared));
    }
    let mut is_mathematics = false;
    if spelling == Spelling::Text {
        is_mathematics = is_beside_mathematics || detect::is_mathematics(&typed.text);
        match is_mathematics {
            true => juxtaposed::part_letters(typed, &mut tokens, declared),
            false => notes.extend(products::part_products(typed, &mut tokens, declared, Spelling::Text)),
        }
    }
    if matches!(spelling, Spelling::Python | Spelling::Matlab) {
        notes.extend(products::part_products(typed, &mut tokens, declared, spelling));
    }
    let standing = juxtaposed::standing(&tokens);
    let indexed = totals::indexed(&tokens);
    let divisors = arrays::divisors(&tokens);
    let factors = if spelling == Spelling::Python { scales::factors(&tokens) } else { BTreeSet::new() };
    let begin = |ways: Ways, [columns, scaling, squares, stacked]: &[BTreeSet<String>; 4]| Reader {
        source: typed,
        tokens: tokens.clone(),
        indexed: indexed.clone(),
        divisors: divisors.clone(),
        columns: columns.clone(),
        scaling: scaling.clone(),
        squares: squares.clone(),
        stacked: stacked.clone(),
        operands: BTreeSet::new(),
        factors: factors.clone(),
        at: 0,
        spelling,
        open: Vec::new(),
        depth: 0,
        notes: notes.clone(),
        functions: BTreeMap::new(),
        declared,
        lets: BTreeMap::new(),
        lines: BTreeMap::new(),
        inner: BTreeMap::new(),
        arguments: BTreeMap::new(),
        indices: Vec::new(),
        is_mathematics,
        standing: standing.clone(),
        below: Vec::new(),
        asked: None,
        inside: None,
        tells_theirs: spelling == Spelling::Text,
        entrywise: Default::default(),
        pair: None,
        pairs: Vec::new(),
        sets: Vec::new(),
        tried: 0,
        ways,
        met: Ways::default(),
    };
    let read = |ways: Ways| {
        let mut reader = begin(ways, &found);
        let mut statements = reader.statements()?;
        // That a name is a column, a number or a matrix may show behind where it stands first.
        for _ in 0..MOST_READINGS {
            let known = reader.found().map(std::mem::take);
            if known.iter().all(BTreeSet::is_empty) {
                break;
            }
            reader = begin(ways, &known);
            statements = reader.statements()?;
            if reader.found().map(|names| &*names) == known.each_ref() {
                break;
            }
        }
        if asked == Spelling::Auto && typed.origin == Origin::Formula {
            indices::tell_counting(&mut reader);
        }
        let met = reader.met;
        Ok((spelled(typed, reader, statements)?, met))
    };
    let (mut spelled, met) = read(Ways::default())?;
    let others = met.others().into_iter().filter_map(|ways| Some((ways, read(ways).ok()?.0)));
    spelled.others = others.collect();
    Ok(spelled)
}

/// Reads the formula of a text, with all that is at its place in it, and what is said of the rest, if anything is.
fn respell_part(
    (typed, formula): (&Arc<Text>, &str),
    declared: &BTreeMap<String, Option<Axes>>,
    spelling: Spelling,
    is_beside_mathematics: bool,
    note: String,
) -> Result<Spelled, Diagnostic> {
    let part = Text::new(Origin::Formula, formula);
    let mut spelled = respell_as(&part, declared, spelling, is_beside_mathematics)
        .map_err(|error| Diagnostic { text: typed.clone(), ..error })?;
    spelled.notes.extend(Some(note).filter(|note| !note.is_empty()));
    Ok(Spelled { typed: typed.clone(), ..spelled })
}

/// The lines that were read, as a text in the language of formulas.
fn spelled(typed: &Arc<Text>, reader: Reader, statements: Vec<Statement>) -> Result<Spelled, Diagnostic> {
    let Reader {
        functions,
        scaling: scales,
        squares,
        stacked,
        operands,
        notes,
        below,
        spelling,
        declared,
        ..
    } = reader;
    let said = joined::Said { functions, scales, squares, stacked, operands, notes };
    let mut joined = joined::joined(typed, spelling, statements, said, declared);
    for below in below.iter().filter(|below| !mentions(&joined.text, &below.name)) {
        if minimized::is_index(&joined.text, &below.name) {
            return Err(minimized::over_entries(typed, below));
        }
        let (asked, name) = (typed.slice(below.asked), &below.name);
        joined.notes.push(format!("the formula does not mention the `{name}` of `{asked}`"));
    }
    Ok(joined)
}
