//! Slips of a whole value or of one part of it: transposes, signs, factors, conventions, slopes, numbers.

use super::edit::everywhere;
use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Apply, Constant, Formula, Node, NodeId, Number, Operator, Shape, Size};
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

/// A number by which the claim is off.
pub(super) fn constant_factor(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let Some(ratio) = search.ratio(claimed, right, 0).and_then(rational) else { return Vec::new() };
    let Some((numerator, denominator)) = ratio.as_ratio() else { return Vec::new() };
    let (says, named) = match (numerator, denominator) {
        (1, _) => ("a factor {0} is missing", Number::integer(denominator)),
        (_, 1) if numerator > 0 => ("a factor {0} is too many", ratio),
        _ => ("it is {0} times the right answer", ratio),
    };
    let factor = search.formula.number(ratio);
    let right = search.formula.scale(factor, right);
    right
        .ok()
        .map(|right| Candidate { claimed, right, says, parts: vec![Part::Number(named)] })
        .into_iter()
        .collect()
}

/// The transpose of the right answer, and a number too.
pub(super) fn transposed_and_scaled(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.formula.transpose(search.claimed);
    let right = search.right;
    let Some(ratio) = search.ratio(claimed, right, 0).and_then(rational) else { return Vec::new() };
    let factor = search.formula.number(ratio);
    let Ok(right) = search.formula.scale(factor, right) else { return Vec::new() };
    let says = "it is {0} times the transpose of the right answer";
    vec![Candidate { claimed, right, says, parts: vec![Part::Number(ratio)] }]
}

/// A size, or a product of two, that is missing or too many.
pub(super) fn size_factor(search: &mut Search) -> Vec<Candidate> {
    let sizes = sizes(search);
    let mut products: Vec<Size> = sizes.clone();
    for (at, size) in sizes.iter().enumerate() {
        products.extend(sizes[at..].iter().map(|other| size.multiply(other)));
    }
    let scalars = products.iter().map(|size| search.formula.size(size)).collect();
    scaled(search, scalars)
}

/// A scalar of the formula that is missing or too many.
pub(super) fn scalar_factor(search: &mut Search) -> Vec<Candidate> {
    let roots = [search.claimed, search.right];
    let mut scalars = search.formula.reachable(&roots);
    scalars.extend(search.pool.iter().copied());
    scalars.retain(|id| search.formula.is_scalar(*id) && search.formula.as_number(*id).is_none());
    scaled(search, scalars)
}

/// The claim times or by each of these scalars, where a number is left that is the same everywhere.
fn scaled(search: &mut Search, scalars: Vec<NodeId>) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    for scalar in scalars {
        let Ok(reciprocal) = search.formula.reciprocal(scalar) else { continue };
        for factor in [scalar, reciprocal] {
            let Ok(value) = search.formula.scale(factor, claimed) else { continue };
            let Some(ratio) = search.ratio(right, value, 0).and_then(rational) else { continue };
            let number = search.formula.number(ratio);
            let missing = search.formula.scale(number, factor);
            let value = search.formula.scale(number, value);
            if let (Ok(missing), Ok(value)) = (missing, value) {
                let says = "a factor {0} is missing";
                found.push(Candidate { claimed: value, right, says, parts: vec![Part::Value(missing)] });
            }
        }
    }
    found
}

/// The named sizes of everything that both values are built from.
fn sizes(search: &Search) -> Vec<Size> {
    let formula = &search.formula;
    let mut sizes: Vec<Size> = Vec::new();
    for id in formula.reachable(&[search.right, search.claimed]) {
        let shape = formula.shape(id);
        for size in [&shape.rows, &shape.cols] {
            if !size.is_one() && !sizes.contains(size) {
                sizes.push(size.clone());
            }
        }
        if let Node::Size(size) = formula.node(id)
            && !sizes.contains(size)
        {
            sizes.push(size.clone());
        }
    }
    for id in &search.pool {
        if let Node::Size(size) = formula.node(*id)
            && !sizes.contains(size)
        {
            sizes.push(size.clone());
        }
    }
    sizes.truncate(8);
    sizes
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

/// A function where its slope belongs, or the slope of the wrong value.
pub(super) fn slope(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    let marked = |formula: &mut Formula, id: NodeId| {
        let Node::Apply(Apply { function, marks, arguments }) = formula.node(id).clone() else {
            return Vec::new();
        };
        let mut changed = Vec::new();
        for place in 0..arguments.len() {
            let mut more = marks.clone();
            more.push(place as u8);
            changed.extend(formula.apply(function, &more, &arguments));
        }
        if let ([_, ..], [argument]) = (marks.as_slice(), arguments.as_slice()) {
            let plain = formula.apply(function, &[], &[*argument]);
            changed.extend(plain.and_then(|plain| formula.apply(function, &marks, &[plain])));
        }
        changed
    };
    for (whole, before, after) in everywhere(&mut search.formula, claimed, &marked) {
        let says = "{0} stands where {1} belongs";
        let parts = vec![Part::Value(before), Part::Value(after)];
        found.push(Candidate { claimed: whole, right, says, parts });
    }
    // Where the right answer keeps its slopes, each is spoilt, and all of them at once.
    for form in search.forms.clone() {
        for all in [false, true] {
            let spoilt = spoilt_slopes(&mut search.formula, form, all);
            found.extend(spoilt.into_iter().map(|(whole, before, after)| Candidate {
                claimed,
                right: whole,
                says: "{0} stands where {1} belongs",
                parts: vec![Part::Value(after), Part::Value(before)],
            }));
        }
    }
    found
}

/// A value with slopes replaced by the functions, or taken at the functions' values: one of them, or all of a kind.
fn spoilt_slopes(formula: &mut Formula, form: NodeId, all: bool) -> Vec<(NodeId, NodeId, NodeId)> {
    let plain = |formula: &mut Formula, id: NodeId| match formula.node(id).clone() {
        Node::Apply(Apply { function, marks, arguments }) if !marks.is_empty() => {
            formula.apply(function, &marks[..marks.len() - 1], &arguments).ok()
        }
        _ => None,
    };
    let at_value = |formula: &mut Formula, id: NodeId| match formula.node(id).clone() {
        Node::Apply(Apply { function, marks, arguments }) if !marks.is_empty() && arguments.len() == 1 => {
            let value = formula.apply(function, &[], &arguments).ok()?;
            formula.apply(function, &marks, &[value]).ok()
        }
        _ => None,
    };
    type Change<'a> = &'a dyn Fn(&mut Formula, NodeId) -> Option<NodeId>;
    let changes: [Change; 2] = [&plain, &at_value];
    let mut found = Vec::new();
    for change in changes {
        if !all {
            let one = |formula: &mut Formula, id: NodeId| change(formula, id).into_iter().collect::<Vec<_>>();
            found.extend(everywhere(formula, form, &one));
            continue;
        }
        let (mut replaced, mut first) = (HashMap::new(), None);
        for id in formula.reachable(&[form]) {
            if let Some(new) = change(formula, id) {
                replaced.insert(id, new);
                first = first.or(Some((id, new)));
            }
        }
        if let (Some((before, after)), Ok(whole)) = (first, formula.substitute(form, &mut replaced)) {
            found.push((whole, before, after));
        }
    }
    found
}

/// A wrong number inside.
pub(super) fn number(search: &mut Search) -> Vec<Candidate> {
    let changes = |formula: &mut Formula, id: NodeId| {
        let Some(number) = formula.as_number(id) else { return Vec::new() };
        let near = [
            number.plus(Number::ONE),
            number.plus(Number::MINUS_ONE),
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
    if formula.shape(claimed).is_column() {
        let matrix = formula.operator(Operator::DiagonalMatrix, claimed);
        found.extend(matrix.map(|matrix| (matrix, "it belongs on the diagonal of a matrix")));
    }
    found.into_iter().map(|(claimed, says)| mended(search, claimed, says, vec![])).collect()
}

/// A square variable taken as symmetric: equal where it is.
pub(super) fn taken_as_symmetric(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    for id in search.formula.variables(&[claimed, right]) {
        let formula = &mut search.formula;
        if !formula.shape(id).is_square() || formula.is_scalar(id) {
            continue;
        }
        let transposed = formula.transpose(id);
        if transposed == id {
            continue;
        }
        let Ok(symmetric) = formula.add(&[id, transposed]) else { continue };
        let mut replaced = HashMap::from([(id, symmetric)]);
        if let (Ok(claimed), Ok(right)) =
            (formula.substitute(claimed, &mut replaced), formula.substitute(right, &mut replaced))
        {
            let says = "it is right only where {0} is symmetric";
            found.push(Candidate { claimed, right, says, parts: vec![Part::Value(id)] });
        }
    }
    found
}

/// The small ratio of whole numbers that a number is.
pub(super) fn rational(value: f64) -> Option<Number> {
    (1..=60_i64).find_map(|denominator| {
        let numerator = value * denominator as f64;
        let whole = numerator.round();
        let is_near = (numerator - whole).abs() < 1e-8 * numerator.abs().max(1.0) && whole.abs() < 1e4;
        if is_near && whole != 0.0 { Number::ratio(whole as i64, denominator) } else { None }
    })
}

/// A matrix of ones times a scalar, to stand beside a matrix.
pub(super) fn spread(formula: &mut Formula, scalar: NodeId, shape: &Shape) -> Option<NodeId> {
    let ones = formula.constant(Constant::Ones, shape.clone());
    formula.scale(scalar, ones).ok()
}
