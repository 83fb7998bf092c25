//! Claims by their entries: `-1 - log(p_i)` is the column of these values for all i, as textbooks write a gradient.
//!
//! The entry becomes a line `entry_i = ...` of a formula with a sum over i, so that the rules for sums over an index make of it
//! what it is for all i at once. An entry of a product that is summed, `sum_i(r_i*x_ij)`, is read without its free index: the x_i
//! are the rows.

use super::beside::{Claimed, in_claim};
use super::places::{Place, Shapes, capital, places, with_names, words};
use crate::{DeriveError, Library, Source};
use formula::{Formula, Name, Node, NodeId, Shape, Variable};
use std::collections::{BTreeSet, HashMap};
use syntax::Span;

/// The stem of the name of the line that an entry is.
const ENTRY: &str = "entry";

/// What a matrix that is read by its columns is called until it is its transpose.
const TURNED: &str = "_turned";

/// Letters that an index is renamed to, where the claim sums over one of the same name.
const LETTERS: &str = "ijklrstuvpq";

/// A claim that is written by its entries, as a column or a matrix of them; `None` where it has no free index.
pub(super) fn read(
    text: &str,
    said: &[char],
    (known, declarations): (&Shapes, &str),
    (wanted, library): (&[Shape], &Library),
) -> Option<Result<Claimed, DeriveError>> {
    if text.contains('\n') {
        return None;
    }
    let places = places(text, known);
    let is_column = |place: &Place| known[&place.whole].cols.is_one();
    if let Some(place) = places.iter().find(|place| place.labels.len() > 1 && is_column(place)) {
        let what =
            format!("`{}` has two indices, and `{}` is a column", &text[place.at.clone()], place.whole);
        return Some(Err(mistaken(text, what, "give each entry of a column one index")));
    }
    let mut free: Vec<char> = places.iter().flat_map(Place::free).collect();
    free.sort_unstable();
    free.dedup();
    let is_whole = || {
        let known = words(text).into_iter().filter_map(|at| known.get(&text[at]));
        known.into_iter().any(|shape| !shape.is_scalar())
    };
    let mut indices = said.to_vec();
    indices.sort_unstable();
    indices.dedup();
    if !said.is_empty() && indices != free && (!places.is_empty() || is_whole()) {
        let shown = |all: &[char]| match all {
            [] => String::from("none"),
            all => all.iter().map(|index| format!("`{index}`")).collect::<Vec<_>>().join(" and "),
        };
        let what = format!(
            "what is derived by has the index {} and the claim {} free, so it is no claim about that entry",
            shown(&indices),
            shown(&free)
        );
        return Some(Err(mistaken(
            text,
            what,
            "use the same indices on both sides, such as `df/dx_i = 2*x_i`",
        )));
    }
    // `df/dx_i = 2` is so for each i.
    if let (false, [], Some(shape)) = (said.is_empty(), free.as_slice(), wanted.first()) {
        return Some(each(text, declarations, shape, library));
    }
    let refused = |error: DeriveError| refused(text, &free, error);
    let read = match *free.as_slice() {
        [] => return None,
        [index] => match places.iter().any(|place| place.labels.len() > 1) {
            true => {
                let free = [Some(index), None];
                without_indices(text, &places, (free, known), declarations, (wanted, library))
            }
            false => column(text, &places, index, declarations, (known, library)),
        },
        [first, second] => {
            // The left side says which index is that of the rows.
            let order = if said == [second, first] { [second, first] } else { [first, second] };
            by_two(text, &places, order, (known, declarations), (wanted, library))
        }
        _ => Err(DeriveError::NoResult),
    };
    Some(read.map_err(refused))
}

/// A claim that every entry is one number.
fn each(text: &str, declarations: &str, shape: &Shape, library: &Library) -> Result<Claimed, DeriveError> {
    let parsed = syntax::parse(Source { text, declarations }, library)?;
    let mut formula = parsed.formula.clone();
    let mut value = formula.result().ok_or(DeriveError::NoResult)?;
    if formula.shape(value).is_scalar() {
        value = formula.broadcast(value, shape).map_err(DeriveError::Shape)?;
    }
    let says = Some(String::from("the claim is read as what every entry is"));
    Ok(Claimed { formula, value, echo: parsed.echo.clone(), says, parsed })
}

/// A name as a claim has it: `y_i` where the column y is read of its entries.
pub(super) fn written(claim: &str, name: &Name) -> Name {
    let all = || words(claim).into_iter().map(|at| &claim[at]);
    let is_part = |word: &&str| {
        word.split_once('_').is_some_and(|(stem, _)| stem == name.as_str() || capital(stem) == name.as_str())
    };
    match all().any(|word| word == name.as_str()) {
        true => name.clone(),
        false => all().find(is_part).map_or_else(|| name.clone(), Name::from),
    }
}

/// What a name is declared as that stands for one entry of a column, or for one row of a matrix.
fn part(whole: &Shape) -> String {
    if whole.cols.is_one() { "scalar".to_owned() } else { format!("{} x 1", whole.cols) }
}

/// A claim by one index: a line of a formula with a sum over it.
fn column(
    text: &str,
    places: &[Place],
    index: char,
    declarations: &str,
    (known, library): (&Shapes, &Library),
) -> Result<Claimed, DeriveError> {
    // In `exp(z_i)/sum_i(exp(z_i))` the index outside the sum is another one.
    let is_taken = |letter: &char| {
        text.contains(&format!("sum_{letter}(")) || places.iter().any(|place| place.labels.contains(letter))
    };
    let is_summed = text.contains(&format!("sum_{index}("));
    let own = if is_summed { LETTERS.chars().find(|letter| !is_taken(letter)) } else { Some(index) };
    let own = own.ok_or(DeriveError::NoResult)?;
    let (mut names, mut declared) = (Vec::new(), BTreeSet::new());
    for place in places {
        let stem = text[place.at.clone()].split('_').next().unwrap_or_default();
        let label = if place.free().next().is_some() { own } else { place.labels[0] };
        let name = format!("{stem}_{label}");
        let line = format!("{name}: {}", part(&known[&place.whole]));
        if !declarations.contains(&line) {
            declared.insert(line);
        }
        names.push((place.at.clone(), name));
    }
    let entry = with_names(text, &names);
    let program = format!("{ENTRY}_{own} = {entry}\nsum_{own}({ENTRY}_{own})");
    let declared: Vec<String> = declared.into_iter().collect();
    let declarations = format!("{declarations}{}\n", declared.join("\n"));
    let parsed = syntax::parse(Source { text: &program, declarations: &declarations }, library)?;
    let value = parsed.formula.lines.first().ok_or(DeriveError::NoResult)?.value;
    let is_column = parsed.formula.shape(value).cols.is_one();
    let what = if is_column { "the column of its entries" } else { "the matrix of its rows" };
    let echo = parsed.echo.lines().next().unwrap_or_default().to_owned();
    let says = Some(format!("the claim is read as {what}, one for each {index}"));
    Ok(Claimed { formula: parsed.formula.clone(), value, echo, says, parsed })
}

/// A claim in which some free indices are left out: what changes with the index of the rows is a column, and with that of the
/// columns a row.
struct Dropped {
    text: String,
    /// Declarations of the names in it.
    declared: BTreeSet<String>,
    /// The matrices that are read by their columns.
    turned: BTreeSet<Name>,
}

/// Leaves free indices out; `kept` is one that stays.
fn dropped(
    text: &str,
    places: &[Place],
    [row, col]: [Option<char>; 2],
    kept: Option<char>,
    known: &Shapes,
) -> Result<Dropped, DeriveError> {
    let (mut names, mut declared, mut turned) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for place in places {
        let (word, whole) = (&text[place.at.clone()], &place.whole);
        let (stem, shape) = (word.split('_').next().unwrap_or_default(), &known[whole]);
        let is_kept = |label: char| place.bound.contains(&label) || kept == Some(label);
        let is_free = |label: char| !is_kept(label) && [row, col].contains(&Some(label));
        let (name, index) = match *place.labels.as_slice() {
            [own] if is_free(own) && shape.cols.is_one() => (whole.to_string(), own),
            [own] if is_kept(own) => {
                declared.insert(format!("{word}: {}", part(shape)));
                continue;
            }
            [first, second] if is_kept(first) && is_free(second) => {
                declared.insert(format!("{stem}_{first}: {} x 1", shape.cols));
                (format!("{stem}_{first}"), second)
            }
            [first, second] if is_free(first) && is_kept(second) => {
                declared.insert(format!("{whole}{TURNED}: {} x {}", shape.cols, shape.rows));
                declared.insert(format!("{stem}{TURNED}_{second}: {} x 1", shape.rows));
                turned.insert(whole.clone());
                (format!("{stem}{TURNED}_{second}"), first)
            }
            [first, second] if is_free(first) && is_free(second) && first != second => {
                (whole.to_string(), second)
            }
            _ => return Err(DeriveError::NoResult),
        };
        // A matrix of both lies as its indices do.
        let is_row = match place.labels.as_slice() {
            [first, second] if is_free(*first) && is_free(*second) => Some(*first) == col,
            _ => Some(index) == col,
        };
        names.push((place.at.clone(), if is_row { format!("{name}'") } else { name }));
    }
    Ok(Dropped { text: with_names(text, &names), declared, turned })
}

/// A claim by the entries of a product that is summed: its columns.
fn without_indices(
    text: &str,
    places: &[Place],
    (free, known): ([Option<char>; 2], &Shapes),
    declarations: &str,
    (wanted, library): (&[Shape], &Library),
) -> Result<Claimed, DeriveError> {
    let Dropped { text, declared, turned } = dropped(text, places, free, None, known)?;
    let declared: Vec<String> = declared.into_iter().collect();
    let declarations = format!("{declarations}{}\n", declared.join("\n"));
    let source = Source { text: &text, declarations: &declarations };
    let parsed = syntax::parse_as(source, wanted, library)?;
    let value = parsed.formula.result().ok_or(DeriveError::NoResult)?;
    let shape = parsed.formula.shape(value);
    if free[1].is_none() && !shape.cols.is_one() || free[1].is_some() && shape.cols.is_one() {
        return Err(DeriveError::NoResult);
    }
    let (mut formula, mut echo) = (parsed.formula.clone(), parsed.echo.clone());
    let mut wholes: Vec<(Name, NodeId)> = Vec::new();
    for whole in turned {
        let by = format!("{whole}{TURNED}");
        echo = echo.replace(&format!("{by}'"), whole.as_str()).replace(&by, &format!("{whole}'"));
        let variable = formula.variable(Variable::new(whole.clone(), known[&whole].clone()));
        wholes.push((Name::from(by.as_str()), formula.transpose(variable)));
    }
    let value = with_values(&mut formula, value, &wholes)?;
    let says = Some(match free {
        [Some(row), Some(col)] => of_entries(row, col),
        [row, col] => {
            let index = row.or(col).map(String::from).unwrap_or_default();
            format!("the claim is read as the column of its entries, one for each {index}")
        }
    });
    Ok(Claimed { formula, value, echo, says, parsed })
}

/// What a claim by two indices is taken for.
fn of_entries(row: char, col: char) -> String {
    format!("the claim is read as the matrix of its entries, one in each row {row} and column {col}")
}

/// A claim by two indices in any of the ways in which it may be read.
fn by_two(
    text: &str,
    places: &[Place],
    [row, col]: [char; 2],
    (known, declarations): (&Shapes, &str),
    (wanted, library): (&[Shape], &Library),
) -> Result<Claimed, DeriveError> {
    let by_entry = matrix(text, places, [row, col], (known, declarations), (wanted, library));
    let free = [Some(row), Some(col)];
    let by_products = || without_indices(text, places, (free, known), declarations, (wanted, library));
    let by_rows = || {
        let Dropped { text, declared, turned } = dropped(text, places, [None, Some(col)], Some(row), known)?;
        let own: String = declared.into_iter().map(|line| format!("{line}\n")).collect();
        if !turned.is_empty() {
            return Err(DeriveError::NoResult);
        }
        let again = super::places::places(&text, known);
        let claimed = column(&text, &again, row, &format!("{declarations}{own}"), (known, library))?;
        Ok(Claimed { says: Some(of_entries(row, col)), ..claimed })
    };
    // In `sum_k(r_kj*x_ki)` the factors stand in the order of the transpose.
    let transposed = || {
        let free = [Some(col), Some(row)];
        let wanted: Vec<Shape> =
            wanted.iter().map(|shape| Shape::new(shape.cols.clone(), shape.rows.clone())).collect();
        let mut claimed = without_indices(text, places, (free, known), declarations, (&wanted, library))?;
        claimed.value = claimed.formula.transpose(claimed.value);
        let value = claimed.echo.split_once(" = ").map_or(claimed.echo.as_str(), |(_, value)| value);
        Ok(Claimed { echo: format!("({value})'"), says: Some(of_entries(row, col)), ..claimed })
    };
    by_entry
        .or_else(|_: DeriveError| by_products())
        .or_else(|_: DeriveError| by_rows())
        .or_else(|_: DeriveError| transposed())
}

/// A claim by two indices and without a sum: the matrix of its entries.
fn matrix(
    text: &str,
    places: &[Place],
    [row, col]: [char; 2],
    (known, declarations): (&Shapes, &str),
    (wanted, library): (&[Shape], &Library),
) -> Result<Claimed, DeriveError> {
    if places.iter().any(|place| !place.bound.is_empty()) {
        return Err(DeriveError::NoResult);
    }
    let declared: BTreeSet<String> =
        places.iter().map(|place| format!("{}: scalar\n", &text[place.at.clone()])).collect();
    let declarations = format!("{declarations}{}", declared.into_iter().collect::<String>());
    let parsed = syntax::parse(Source { text, declarations: &declarations }, library)?;
    let mut formula = parsed.formula.clone();
    let value = formula.result().ok_or(DeriveError::NoResult)?;
    let shape = wanted.first().ok_or(DeriveError::NoResult)?;
    let (mut parameters, mut arguments) = (Vec::new(), Vec::new());
    for place in places {
        let own = known[&place.whole].clone();
        let whole = formula.variable(Variable::new(place.whole.clone(), own.clone()));
        let argument = match *place.labels.as_slice() {
            [first, second] if [first, second] == [row, col] => whole,
            [first, second] if [first, second] == [col, row] => formula.transpose(whole),
            [index] if own.cols.is_one() => {
                let (is_row, count) = (index == row, if index == row { &shape.cols } else { &shape.rows });
                let ones = formula.ones(Shape::new(formula::Size::number(1), count.clone()));
                let copies = formula.product(&[whole, ones]).map_err(DeriveError::Shape)?;
                if is_row { copies } else { formula.transpose(copies) }
            }
            _ => return Err(DeriveError::NoResult),
        };
        parameters.push(Name::from(&text[place.at.clone()]));
        arguments.push(argument);
    }
    let value = formula.lift(value, &parameters, &arguments).map_err(DeriveError::Shape)?;
    let says = Some(of_entries(row, col));
    Ok(Claimed { formula, value, echo: parsed.echo.clone(), says, parsed })
}

/// A value with others in the place of variables.
fn with_values(formula: &mut Formula, value: NodeId, by: &[(Name, NodeId)]) -> Result<NodeId, DeriveError> {
    let mut replaced: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&[value]) {
        if let Node::Variable(variable) = formula.node(id)
            && let Some((_, new)) = by.iter().find(|(name, _)| *name == variable.name)
        {
            replaced.insert(id, *new);
        }
    }
    formula.substitute(value, &mut replaced).map_err(DeriveError::Shape)
}

/// The error of a claim as a whole.
fn mistaken(claim: &str, what: String, mend: &str) -> DeriveError {
    super::places::mistaken(claim, Span { start: 0, end: claim.len() }, what, mend)
}

/// The error where a claim by entries has no form for all of them at once.
fn refused(claim: &str, free: &[char], error: DeriveError) -> DeriveError {
    let indices: Vec<String> = free.iter().map(char::to_string).collect();
    let indices = indices.join(" and ");
    let why = match error {
        DeriveError::Syntax(diagnostic) => format!(": {}", in_claim(*diagnostic).message()),
        _ => String::new(),
    };
    let what = format!("`{claim}` is written by its entries, and has no form for all {indices} at once{why}");
    mistaken(
        claim,
        what,
        "write the claim over whole columns and matrices, such as `-1 - log(p)` for `-1 - log(p_i)`",
    )
}
