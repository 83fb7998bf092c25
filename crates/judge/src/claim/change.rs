//! Slips of a whole value or of one part of it: transposes, signs, conventions, sums, numbers.

use super::edit::everywhere;
use super::scale::sizes;
use super::search::Search;
use super::slips::{Candidate, Part};
use crate::properties::drawn;
use formula::{Constant, Formula, Node, NodeId, Number, Operator, Shape};
use std::collections::HashMap;

/// The claim mended in one way.
fn mended(search: &Search, claimed: NodeId, says: &'static str, parts: Vec<Part>) -> Candidate {
    Candidate { claimed, right: search.right, says, parts }
}

pub(super) fn transposed(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.formula.transpose(search.claimed);
    vec![mended(
        search,
        claimed,
        "it is the transpose of the right answer: right in the other layout",
        vec![],
    )]
}

pub(super) fn sign(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.formula.negate(search.claimed);
    let says = "its sign is wrong: it is minus the right answer";
    claimed.ok().map(|claimed| mended(search, claimed, says, vec![])).into_iter().collect()
}

/// The part of a symmetric derivative that is a square matrix's transpose.
pub(super) fn symmetric_part(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    let formula = &mut search.formula;
    if !formula.shape(claimed).is_square() || formula.is_scalar(claimed) {
        return Vec::new();
    }
    let transposed = formula.transpose(claimed);
    let built = (|| {
        let sum = formula.add(&[claimed, transposed]).ok()?;
        let half = Number::ratio(1, 2).map(|half| formula.number(half))?;
        let projection = formula.scale(half, sum).ok()?;
        let diagonal = diagonal_of(formula, claimed)?;
        let minus = formula.negate(diagonal).ok()?;
        let independent = formula.add(&[sum, minus]).ok()?;
        Some([
            (sum, "its symmetric part is missing: with G for the claim, G + G' is right"),
            (projection, "its symmetric part is meant: with G for the claim, (G + G')/2 is right"),
            (
                independent,
                "its symmetric part is missing: with G for the claim, G + G' - diag(diag(G)) is right",
            ),
        ])
    })();
    built.into_iter().flatten().map(|(claimed, says)| mended(search, claimed, says, vec![])).collect()
}

fn diagonal_of(formula: &mut Formula, id: NodeId) -> Option<NodeId> {
    let diagonal = formula.operator(Operator::Diagonal, id).ok()?;
    formula.operator(Operator::DiagonalMatrix, diagonal).ok()
}

/// The other convention for a symmetric variable.
pub(super) fn other_convention(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    if !search.formula.shape(claimed).is_square() || search.formula.is_scalar(claimed) {
        return Vec::new();
    }
    conventions(search, claimed).unwrap_or_default()
}

/// Rows before columns in vec.
pub(super) fn other_layout(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    let mut found = Vec::new();
    let (sizes, shape) = (sizes(search), search.formula.shape(claimed).clone());
    for rows in &sizes {
        for cols in &sizes {
            let size = rows.multiply(cols);
            let says = "its entries are counted row by row where vec goes column by column";
            let commutation = search.formula.commutation(rows.clone(), cols.clone());
            let mut both = claimed;
            if size == shape.rows {
                both = match search.formula.product(&[commutation, claimed]) {
                    Ok(value) => value,
                    Err(_) => continue,
                };
                found.push(mended(search, both, says, vec![]));
            }
            for more in sizes.iter().flat_map(|a| sizes.iter().map(move |b| (a.clone(), b.clone()))) {
                if more.0.multiply(&more.1) != shape.cols {
                    continue;
                }
                let right = search.formula.commutation(more.0, more.1);
                for left in [both, claimed] {
                    if let Ok(value) = search.formula.product(&[left, right]) {
                        found.push(mended(search, value, says, vec![]));
                    }
                }
            }
        }
    }
    found
}

fn conventions(search: &mut Search, claimed: NodeId) -> Option<Vec<Candidate>> {
    let formula = &mut search.formula;
    let diagonal = diagonal_of(formula, claimed)?;
    let minus = formula.negate(diagonal).ok()?;
    let two = formula.number(Number::integer(2));
    let double = formula.scale(two, claimed).ok()?;
    let independent = formula.add(&[double, minus]).ok()?;
    let sum = formula.add(&[claimed, diagonal]).ok()?;
    let half = formula.number(Number::ratio(1, 2)?);
    let projection = formula.scale(half, sum).ok()?;
    Some(vec![
        mended(
            search,
            independent,
            "it is right by the other convention for a symmetric variable: the projection (G + G')/2, not independent entries",
            vec![],
        ),
        mended(
            search,
            projection,
            "it is right by the other convention for a symmetric variable: independent entries, not the projection (G + G')/2",
            vec![],
        ),
    ])
}

/// A wrong number inside.
pub(super) fn number(search: &mut Search) -> Vec<Candidate> {
    let changes = |formula: &mut Formula, id: NodeId| {
        let Some(number) = formula.as_number(id) else { return Vec::new() };
        // Nobody counts by one from a large fraction: it was computed, as the sum of two terms is.
        let is_counted =
            number.as_ratio().is_some_and(|(above, below)| below == 1 || above.abs() <= 4 * below);
        let by_one = |step: Number| if is_counted { number.plus(step) } else { None };
        let near = [
            by_one(Number::ONE),
            by_one(Number::MINUS_ONE),
            number.times(Number::integer(2)),
            Some(-number),
            Number::ratio(1, 2).and_then(|half| number.times(half)),
        ];
        near.into_iter().flatten().map(|number| formula.number(number)).collect()
    };
    stands_for(search, &changes)
}

/// An inverse that is missing or too many.
pub(super) fn inverse(search: &mut Search) -> Vec<Candidate> {
    let changes = |formula: &mut Formula, id: NodeId| match formula.node(id) {
        Node::Operator(Operator::Inverse, inner) => vec![*inner],
        _ if formula.shape(id).is_square() && !formula.is_scalar(id) => {
            formula.inverse(id).into_iter().collect()
        }
        _ => Vec::new(),
    };
    stands_for(search, &changes)
}

/// Candidates with one part of the claim changed.
pub(super) fn stands_for(
    search: &mut Search,
    changes: &dyn Fn(&mut Formula, NodeId) -> Vec<NodeId>,
) -> Vec<Candidate> {
    let claimed = search.claimed;
    let found = everywhere(&mut search.formula, claimed, changes);
    let says = "{0} stands where {1} belongs";
    let candidate =
        |(whole, before, after)| mended(search, whole, says, vec![Part::Value(before), Part::Value(after)]);
    found.into_iter().map(candidate).collect()
}

/// A sum over rows or columns that is missing, or a diagonal.
pub(super) fn summed(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    let shape = search.formula.shape(search.right).clone();
    let formula = &mut search.formula;
    let transposed = formula.transpose(claimed);
    let mut found = Vec::new();
    for value in [claimed, transposed] {
        let rows = "the sum over the rows is missing";
        let cols = "the sum over the columns is missing";
        let (along_rows, along_cols) = if value == claimed {
            (formula.sum_rows(value), formula.sum_columns(value))
        } else {
            let (a, b) = (formula.sum_columns(value), formula.sum_rows(value));
            (a, b)
        };
        found.extend(along_rows.map(|sum| (sum, rows)));
        found.extend(along_cols.map(|sum| (sum, cols)));
    }
    found.extend(formula.sum(claimed).map(|sum| (sum, "the sum over all entries is missing")));
    if formula.shape(claimed).is_square() {
        let diagonal = formula.operator(Operator::Diagonal, claimed);
        found.extend(diagonal.map(|diagonal| (diagonal, "only its diagonal is right")));
        found.extend(diagonal_of(formula, claimed).map(|value| (value, "only its diagonal is right")));
    }
    if formula.is_scalar(claimed) {
        let every = spread(formula, claimed, &shape);
        found.extend(
            every.map(|every| (every, "it is a scalar, and every entry of the right answer is that scalar")),
        );
    }
    if formula.shape(claimed).is_column() {
        let matrix = formula.operator(Operator::DiagonalMatrix, claimed);
        found.extend(matrix.map(|matrix| (matrix, "it belongs on the diagonal of a matrix")));
    }
    found.into_iter().map(|(claimed, says)| mended(search, claimed, says, vec![])).collect()
}

/// A square variable taken as symmetric: equal where it is.
pub(super) fn taken_as_symmetric(search: &mut Search) -> Vec<Candidate> {
    taken(search, true)
}

/// A variable of which something else is taken as known, such as that its rows sum to one: equal where they do.
pub(super) fn taken_as_known(search: &mut Search) -> Vec<Candidate> {
    taken(search, false)
}

fn taken(search: &mut Search, is_symmetric: bool) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    // All square variables at once: the A and B of a quotient of forms.
    let (mut all, mut parts) = (HashMap::new(), Vec::new());
    for id in search.formula.variables(&[claimed, right]) {
        for row in syntax::properties().iter().filter(|row| !row.unsaid.is_empty()) {
            if row.with_implied.is_symmetric() != is_symmetric {
                continue;
            }
            let formula = &mut search.formula;
            let Some(known) = drawn(formula, id, row).filter(|known| *known != id) else { continue };
            if is_symmetric && !all.contains_key(&id) {
                all.insert(id, known);
                parts.push(Part::Value(id));
            }
            let mut replaced = HashMap::from([(id, known)]);
            if let (Ok(claimed), Ok(right)) =
                (formula.substitute(claimed, &mut replaced), formula.substitute(right, &mut replaced))
            {
                found.push(Candidate { claimed, right, says: row.unsaid, parts: vec![Part::Value(id)] });
            }
        }
    }
    if (2..=3).contains(&parts.len())
        && let (Ok(claimed), Ok(right)) =
            (search.formula.substitute(claimed, &mut all.clone()), search.formula.substitute(right, &mut all))
    {
        let says = match parts.len() {
            2 => "it is right only where {0} and {1} are symmetric",
            _ => "it is right only where {0}, {1} and {2} are symmetric",
        };
        found.push(Candidate { claimed, right, says, parts });
    }
    found
}

/// A matrix of ones times a scalar, to stand beside a matrix.
pub(super) fn spread(formula: &mut Formula, scalar: NodeId, shape: &Shape) -> Option<NodeId> {
    let ones = formula.constant(Constant::Ones, shape.clone());
    formula.scale(scalar, ones).ok()
}
