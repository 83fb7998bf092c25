//! Slips of a factor that scales the whole: a number, a size, a scalar of the formula.

use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Node, NodeId, Number, Size};

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
pub(super) fn sizes(search: &Search) -> Vec<Size> {
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

/// The small ratio of whole numbers that a number is.
fn rational(value: f64) -> Option<Number> {
    (1..=60_i64).find_map(|denominator| {
        let numerator = value * denominator as f64;
        let whole = numerator.round();
        let is_near = (numerator - whole).abs() < 1e-8 * numerator.abs().max(1.0) && whole.abs() < 1e4;
        if is_near && whole != 0.0 { Number::ratio(whole as i64, denominator) } else { None }
    })
}
