//! One step opened entry by entry: why a law gives what it gives, by the multivariable chain rule, in letters and on numbers.

use crate::derivation::Step;
use crate::entries::{Entries, Factor, Index, Term, rename, settle};
use crate::law::{Law, Laws};
use crate::matching::{Bindings, Part, fit};
use formula::{
    Apply, Body, Formula, Matrix, Name, Node, NodeId, Number, Point, Primitive, Shape, Size, Sizes, Variable,
};
use std::collections::BTreeMap;
use syntax::Library;

/// Why a law holds:
///
/// ```text
/// df/dX[i,j] = sum over k, l of df/dG[k,l]*dG[k,l]/dX[i,j]
/// ```
///
/// with what `dG[k,l]/dX[i,j]` is for this law, and what is left of the sum. All of it is in the law's own letters.
#[derive(Clone, Debug)]
pub struct Why {
    /// The law's name.
    pub law: Name,
    /// The law as the library states it.
    pub statement: Name,
    /// The arena of every node below but those of `letters`.
    pub formula: Formula,
    /// The letter of the whole, G, or f where it is a scalar.
    pub whole: NodeId,
    /// The symbol df/dG, or the number 1 for a law of a matrix to a scalar f, since df/df = 1.
    pub incoming: NodeId,
    /// The letter of the operand, X.
    pub operand: NodeId,
    /// What G is.
    pub pattern: NodeId,
    /// What df/dX is.
    pub derivative: NodeId,
    /// What each letter stands for in the step, the whole and the operand first.
    pub letters: Vec<(Name, NodeId)>,
    /// A function of the step of which nothing is known, and the known one that stands in for it below.
    pub stand_in: Option<(Name, Name)>,
    /// G[k,l], where sums of products of entries say it.
    pub whole_entry: Option<Vec<Term>>,
    /// dG[k,l]/dX[i,j], likewise.
    pub slope: Option<Vec<Term>>,
    /// df/dX[i,j] as what is left of the sum over k and l.
    pub collapsed: Option<Vec<Term>>,
    /// The same on numbers.
    pub example: Option<Entrywise>,
}

/// The sum over k and l for one entry of X, on the numbers of a small example.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrywise {
    /// The sizes.
    pub sizes: Sizes,
    /// Every letter with its value, G and df/dG among them.
    pub values: Vec<(Name, Matrix)>,
    /// The entry, i and j, counted from 0.
    pub entry: (usize, usize),
    /// dG[k,l]/dX[i,j] for every k and l, by difference quotients.
    pub slopes: Matrix,
    /// df/dG[k,l]*dG[k,l]/dX[i,j].
    pub products: Matrix,
    /// Their sum.
    pub sum: f64,
    /// The entry of df/dX that the law gives; but for the quotients' error it is the sum.
    pub given: f64,
}

/// Opens a step of a derivation, given by its arena and its number's [`Step`], entry by entry. `None` where the step's law is not
/// among the laws.
pub fn why(arena: &Formula, step: &Step, laws: &Laws) -> Option<Why> {
    let law = laws.rows().iter().find(|law| law.statement == step.statement && law.name == step.law)?;
    let depends = arena.depends_on(&[step.by]);
    let varies = |id: NodeId| depends.get(id.index()).copied().unwrap_or(false);
    let bound = (0..arena.node(step.of).children().len())
        .filter_map(|place| fit(law, arena, step.of, place, &varies))
        .find(|bindings| bindings.operand == step.by)?;
    let mut formula = arena.clone();
    let mut letters = letters(&mut formula, &bound)?;
    letters.sort_by_key(|(name, _)| *name != law.operand);
    letters.insert(0, (law.whole.clone(), step.of));
    let in_letters = in_letters(&mut formula, law, &bound)?;
    let stand_in = match (&bound.function, &in_letters.function) {
        (Some((_, own)), Some((_, shown))) if own.function != shown.function => {
            let name = |apply: &Apply| formula.function(apply.function).name.clone();
            Some((name(own), name(shown)))
        }
        _ => None,
    };
    let Some(Part::Value(operand)) = in_letters.letter(&law.operand).cloned() else { return None };
    let pattern = Law { derivative: law.pattern.clone(), ..law.clone() };
    let pattern = pattern.apply(&mut formula, &in_letters, operand, operand).ok()?;
    let shape = formula.shape(pattern).clone();
    let whole = formula.variable(Variable::new(law.whole.clone(), shape.clone()));
    // A law of a matrix to a scalar f is about df/dG itself; what comes in is a number in front.
    let incoming = if is_scalar_law(law) {
        formula.number(Number::ONE)
    } else {
        formula.variable(Variable::new(format!("df/d{}", law.whole), shape))
    };
    let derivative = law.apply(&mut formula, &in_letters, whole, incoming).ok()?;
    let mut entries = Entries { formula: &formula, next: 0 };
    let whole_entry = entries.entry(pattern, [Index::WholeRow, Index::WholeColumn]);
    let collapsed = entries.entry(derivative, [Index::Row, Index::Column]);
    let slope = if is_scalar_law(law) {
        collapsed.clone()
    } else {
        collapsed.as_ref().and_then(|terms| slopes(&formula, terms, incoming))
    };
    let collapsed = collapsed.filter(|_| slope.is_some());
    let mut why = Why {
        law: law.name.clone(),
        statement: law.statement.clone(),
        formula,
        whole,
        incoming,
        operand,
        pattern,
        derivative,
        letters,
        stand_in,
        whole_entry,
        slope,
        collapsed,
        example: None,
    };
    why.example = example(&why, law);
    Some(why)
}

/// What the letters stand for in the step.
fn letters(formula: &mut Formula, bound: &Bindings) -> Option<Vec<(Name, NodeId)>> {
    let mut letters = Vec::new();
    for (name, part) in &bound.letters {
        let value = match part {
            Part::Value(id) => *id,
            Part::Sum(parts) => formula.add(parts).ok()?,
            Part::Product(factors) => formula.product(factors).ok()?,
            Part::Times(factors) => formula.times(factors).ok()?,
            Part::Block(_, parts, _) if parts.is_empty() => continue,
            Part::Block(direction, parts, _) => formula.block(*direction, parts).ok()?,
        };
        letters.push((name.clone(), value));
    }
    Some(letters)
}

/// The law's letters as variables, but for numbers, which stay; a function of which nothing is known is shown by one that is.
fn in_letters(formula: &mut Formula, law: &Law, bound: &Bindings) -> Option<Bindings> {
    let mut letters = Vec::new();
    for (letter, shape) in &law.shapes {
        let number = match bound.letter(letter) {
            Some(Part::Value(id)) if shape.is_scalar() && formula.as_number(*id).is_some() => Some(*id),
            _ => None,
        };
        let id = number
            .filter(|_| *letter != law.operand)
            .unwrap_or_else(|| formula.variable(Variable::new(letter.clone(), shape.clone())));
        letters.push((letter.clone(), Part::Value(id)));
    }
    let function = bound.function.clone().map(|(letter, apply)| {
        let one = apply.arguments.len() == 1;
        let known = formula.function(apply.function).body != Body::Abstract || !one;
        if known {
            return (letter, apply);
        }
        let stand_in = Library::standard().primitive(formula, Primitive::TANH);
        let function = stand_in.unwrap_or(apply.function);
        (letter, Apply { function, marks: Vec::new(), ..apply })
    });
    let sizes = names(law).into_iter().chain(bound.sizes.keys().cloned());
    let sizes = sizes.map(|name| (name.clone(), Size::named(name))).collect();
    let Some(Part::Value(operand)) =
        letters.iter().find(|(letter, _)| *letter == law.operand).map(|(_, part)| part.clone())
    else {
        return None;
    };
    Some(Bindings { operand, letters, function, sizes })
}

/// Whether a law is about a matrix to a scalar.
fn is_scalar_law(law: &Law) -> bool {
    law.whole.as_str() == "f"
}

/// The names of sizes in the order of the declared shapes.
fn names(law: &Law) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for (_, Shape { rows, cols }) in &law.shapes {
        for size in [rows, cols] {
            names.extend(size.names().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
    }
    names
}

/// The coefficients of df/dG[k,l] in df/dX[i,j]: `sum over l of df/dG[i,l]*W[j,l]` has `[k = i]*W[j,l]`.
fn slopes(formula: &Formula, terms: &[Term], incoming: NodeId) -> Option<Vec<Term>> {
    terms.iter().map(|term| coefficient(formula, term.clone(), incoming)).collect()
}

fn coefficient(formula: &Formula, mut term: Term, incoming: NodeId) -> Option<Term> {
    let is_incoming = |factor: &Factor| matches!(factor, Factor::Entry(id, _) if *id == incoming);
    let place = term.factors.iter().position(is_incoming)?;
    let Factor::Entry(_, indices) = term.factors.remove(place) else { return None };
    let mut equal = Vec::new();
    let mut indices = indices.to_vec();
    for (at, own) in [(0, Index::WholeRow), (1, Index::WholeColumn)] {
        let index = indices[at];
        if index == Index::Only {
            continue;
        }
        if term.sums.contains(&index) {
            term.sums.retain(|known| *known != index);
            rename(&mut term, index, own);
            indices.iter_mut().filter(|other| **other == index).for_each(|other| *other = own);
        } else if index != own {
            equal.push(Factor::Equal(own, index));
        }
    }
    term.factors.splice(0..0, equal);
    let term = settle(term);
    // What else holds df/dG is not linear in it entry by entry, or not written out.
    let linear = term.factors.iter().all(|factor| match factor {
        Factor::Entry(id, _) => !formula.depends_on(&[incoming])[id.index()],
        Factor::Equal(..) => true,
    });
    linear.then_some(term)
}

/// The step's law on small numbers: 3 and 2 for the sizes in turn, entries between 0.1 and 0.9.
fn example(why: &Why, law: &Law) -> Option<Entrywise> {
    let formula = &why.formula;
    let mut sizes: Sizes = names(law).into_iter().zip([3, 2].into_iter().cycle()).collect();
    for id in formula.reachable(&[why.pattern, why.derivative]) {
        let shape = formula.shape(id);
        for name in shape.rows.names().into_iter().chain(shape.cols.names()) {
            sizes.entry(name).or_insert(1);
        }
        if let Node::Part(part) = formula.node(id) {
            part.before.names().into_iter().for_each(|name| {
                sizes.entry(name).or_insert(1);
            });
        }
    }
    let mut point = Point { sizes: sizes.clone(), variables: BTreeMap::new() };
    let mut drawn = 0_usize;
    let mut draw = |shape: &Shape| -> Option<Matrix> {
        let (rows, cols) = (shape.rows.evaluate(&sizes).ok()?, shape.cols.evaluate(&sizes).ok()?);
        drawn += 1;
        Some(Matrix::from_fn(rows, cols, |row, col| {
            // A heavy diagonal, so that a square has an inverse.
            let diagonal = if rows > 1 && rows == cols && row == col { 0.5 } else { 0.0 };
            ((5 * drawn + 7 * row + 3 * col + row * col) % 9 + 1) as f64 / 10.0 + diagonal
        }))
    };
    let mut values = Vec::new();
    for id in formula.variables(&[why.pattern]) {
        let Node::Variable(variable) = formula.node(id) else { continue };
        let value = draw(&variable.shape)?;
        values.push((variable.name.clone(), value.clone()));
        point.variables.insert(variable.name.clone(), value);
    }
    let whole = formula.evaluate(&[why.pattern], &point).ok()?.pop()?;
    let incoming = match formula.as_number(why.incoming) {
        Some(number) => Matrix::scalar(number.value()),
        None => draw(formula.shape(why.incoming))?,
    };
    for (id, value) in [(why.whole, whole.clone()), (why.incoming, incoming.clone())] {
        let Node::Variable(variable) = formula.node(id) else { continue };
        values.push((variable.name.clone(), value.clone()));
        point.variables.insert(variable.name.clone(), value);
    }
    let Node::Variable(operand) = formula.node(why.operand) else { return None };
    let start = point.variables.get(&operand.name)?;
    let entry = (0, start.cols.saturating_sub(1));
    let moved = |by: f64| {
        let mut point = point.clone();
        let value = point.variables.get_mut(&operand.name)?;
        let at = entry.0 * value.cols + entry.1;
        *value.entries.get_mut(at)? += by;
        formula.evaluate(&[why.pattern], &point).ok()?.pop()
    };
    let step = 1e-3;
    let (near, far) = ((moved(step)?, moved(-step)?), (moved(2.0 * step)?, moved(-2.0 * step)?));
    let slopes = Matrix::from_fn(whole.rows, whole.cols, |k, l| {
        (8.0 * (near.0.at(k, l) - near.1.at(k, l)) - (far.0.at(k, l) - far.1.at(k, l))) / (12.0 * step)
    });
    let products = Matrix::from_fn(whole.rows, whole.cols, |k, l| incoming.at(k, l) * slopes.at(k, l));
    let sum: f64 = products.entries.iter().sum();
    let given = formula.evaluate(&[why.derivative], &point).ok()?.pop()?.at(entry.0, entry.1);
    (sum.is_finite() && given.is_finite()).then_some(Entrywise {
        sizes,
        values,
        entry,
        slopes,
        products,
        sum,
        given,
    })
}

#[cfg(test)]
mod tests;
