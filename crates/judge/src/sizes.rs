//! The sizes of points at which formulas are judged: small, all different, such that every part lies within its whole, and so
//! that 31 digits are affordable.

use crate::work::{CHEAP, work};
use formula::{Direction, Formula, Name, Node, NodeId, Size, Sizes, Variable};
use std::collections::HashSet;

/// The sizes by order of appearance.
const SIZES: [[usize; 6]; 3] = [[4, 3, 2, 5, 6, 7], [3, 5, 4, 2, 7, 6], [2, 4, 5, 3, 6, 8]];
/// The largest size of a formula whose work grows fast with its sizes, in the order in which they are tried.
const SMALLER: [usize; 4] = [5, 4, 3, 2];
/// How much larger one size is made where the formula needs it, and how many sizes are tried as that one.
const LONG: usize = 9;
const MOST_CHANGED: usize = 12;
/// The largest size that is made because as many rows or columns are taken.
const MOST_TAKEN: usize = 1 << 16;
/// How many of them are kept.
const ORDERS: usize = 6;

/// Choices in which each size is once the largest and once the least, for values that exist in few orders of the sizes, as an inverse
/// of `A'*A` does, which needs A to be no wider than high: at most so many.
pub(crate) fn orders(formula: &Formula, roots: &[NodeId], inputs: &[Variable], most: usize) -> Vec<Sizes> {
    let names = size_names(formula, roots, inputs);
    let limits = limits(formula, roots, inputs);
    let lower: Vec<usize> = names.iter().map(|name| least(name, &limits)).collect();
    let is_usable = |sizes: &Sizes| {
        limits.iter().all(|limit| limit.is_below_zero(sizes) == Ok(false))
            && work(formula, roots, sizes).is_ok_and(|work| work <= CHEAP)
    };
    let all: Vec<Sizes> = changed(&names, &lower).filter(is_usable).collect();
    all.iter().step_by(all.len().div_ceil(most).max(1)).cloned().collect()
}

/// Some choices of sizes for variables, and for the sizes that are named by them and by these values.
pub(crate) fn choices(formula: &Formula, roots: &[NodeId], inputs: &[Variable]) -> Vec<Sizes> {
    let names = size_names(formula, roots, inputs);
    let limits = limits(formula, roots, inputs);
    let fits = |sizes: &Sizes| limits.iter().all(|limit| limit.is_below_zero(sizes) == Ok(false));
    let takes = |sizes: &Sizes| work(formula, roots, sizes).unwrap_or(f64::INFINITY);
    let lower: Vec<usize> = names.iter().map(|name| least(name, &limits)).collect();
    let mut all: Vec<Sizes> = (0..SIZES.len()).map(|choice| usual(&names, &lower, choice)).collect();
    // Which parts of a whole are taken depends on the order of its sizes, so of such formulas more orders are asked.
    let takes_part = |id: NodeId| matches!(formula.node(id), Node::Part(_));
    if !limits.is_empty() || formula.reachable(roots).into_iter().any(takes_part) {
        let changed: Vec<Sizes> = changed(&names, &lower).filter(fits).collect();
        let apart = changed.iter().step_by(changed.len().div_ceil(ORDERS).max(1)).cloned();
        let fitting: Vec<Sizes> = all.iter().filter(|sizes| fits(sizes)).cloned().chain(apart).collect();
        if !fitting.is_empty() {
            all = fitting;
        }
    }
    if names.is_empty() {
        return all;
    }
    if all.first().is_none_or(|sizes| takes(sizes) <= CHEAP) {
        all.retain(|sizes| takes(sizes) <= CHEAP);
        return all;
    }
    let smaller = |sizes: &Sizes| {
        let smaller: Vec<Sizes> = SMALLER.iter().map(|most| at_most(sizes, *most)).filter(fits).collect();
        let affordable = smaller.iter().find(|sizes| takes(sizes) <= CHEAP);
        affordable.or(smaller.last()).unwrap_or(sizes).clone()
    };
    all.iter().map(smaller).collect()
}

/// What must not be below 0: the sizes of all values, and what is left of a whole behind a part of it.
fn limits(formula: &Formula, roots: &[NodeId], inputs: &[Variable]) -> HashSet<Size> {
    let mut limits: HashSet<Size> = HashSet::new();
    let mut limit = |size: Size| {
        if size.may_be_negative() {
            limits.insert(size);
        }
    };
    for shape in inputs.iter().map(|variable| &variable.shape) {
        limit(shape.rows.clone());
        limit(shape.cols.clone());
    }
    for id in formula.reachable(roots) {
        let shape = formula.shape(id);
        limit(shape.rows.clone());
        limit(shape.cols.clone());
        if let Node::Part(part) = formula.node(id) {
            let whole = formula.shape(part.of);
            let (whole, own) = match part.direction {
                Direction::Across => (&whole.cols, &shape.cols),
                Direction::Down => (&whole.rows, &shape.rows),
            };
            limit(part.before.clone());
            limit(whole.add(&part.before.add(own).negate()));
        }
    }
    limits
}

/// The usual sizes with one much larger, one as small as can be, and both.
fn changed(names: &[Name], least: &[usize]) -> impl Iterator<Item = Sizes> {
    // A place behind the last changes nothing.
    let count = names.len().min(MOST_CHANGED);
    let place = move |at: usize| if at == count { usize::MAX } else { at };
    let pairs = (0..=count).flat_map(move |large| (0..=count).map(move |small| (place(large), place(small))));
    let all = pairs.flat_map(|pair| (0..SIZES.len()).map(move |choice| (choice, pair)));
    all.map(|(choice, (large, small))| {
        let mut sizes = usual(names, least, choice);
        for (at, name) in names.iter().enumerate() {
            let size = sizes.entry(name.clone()).or_default();
            *size = if at == small { least[at] } else { *size + if at == large { LONG } else { 0 } };
        }
        sizes
    })
}

/// The sizes with each folded into 2 to `most`.
fn at_most(sizes: &Sizes, most: usize) -> Sizes {
    let fold = |size: usize| if size > most { 2 + (size - 2) % (most - 1) } else { size };
    sizes.iter().map(|(name, size)| (name.clone(), fold(*size))).collect()
}

/// The least size of this name with which all limits of it alone are kept: 55 where 55 of its columns are taken.
fn least(name: &Name, limits: &HashSet<Size>) -> usize {
    let own: Vec<&Size> = limits.iter().filter(|limit| limit.names().iter().eq([name])).collect();
    let fits = |size: &usize| {
        let sizes = Sizes::from([(name.clone(), *size)]);
        own.iter().all(|limit| limit.is_below_zero(&sizes) == Ok(false))
    };
    (1..=MOST_TAKEN).find(fits).unwrap_or(1)
}

/// Small sizes, all different, so that a transposed or swapped factor cannot fit by chance, each above the least of its name.
fn usual(names: &[Name], least: &[usize], choice: usize) -> Sizes {
    let small = SIZES[choice % SIZES.len()];
    let size = |at: usize| small.get(at).copied().unwrap_or(at + 2) + least[at] - 1;
    names.iter().enumerate().map(|(at, name)| (name.clone(), size(at))).collect()
}

/// The names of the sizes of variables and values, in order of appearance.
fn size_names(formula: &Formula, roots: &[NodeId], inputs: &[Variable]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut add = |size: &Size| {
        for name in size.names() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    };
    for variable in inputs {
        add(&variable.shape.rows);
        add(&variable.shape.cols);
    }
    for id in formula.reachable(roots) {
        add(&formula.shape(id).rows);
        add(&formula.shape(id).cols);
        formula.node(id).sizes().iter().for_each(&mut add);
    }
    names
}
