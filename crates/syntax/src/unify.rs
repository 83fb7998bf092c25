//! Sizes that are not known yet, made equal where an operation wants them equal.

use formula::{Name, Size};
use std::collections::{BTreeMap, BTreeSet};

/// A size, known or not, of a [`Sizes`].
pub(crate) type Place = usize;

/// Rows and columns of a value whose shape is being inferred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dims {
    pub rows: Place,
    pub cols: Place,
    /// Whether an undeclared name is in it, otherwise than under a reduction.
    pub guessed: bool,
    /// Whether it is a vector that was declared.
    pub declared: bool,
    /// Whether it is what a reduction gave, or that scaled, or a function of that: it may be repeated.
    pub computed: bool,
}

/// Of how many names the product of a size may be; Kronecker products of Kronecker products grow beyond any.
const MOST_FACTORS: usize = 32;

/// Of how many terms the sum of a size may be.
const MOST_TERMS: usize = 1000;

/// The sum of two sizes, where it is small enough to be written down.
pub(crate) fn sum_of(left: &Size, right: &Size) -> Option<Size> {
    (left.terms().len() + right.terms().len() <= MOST_TERMS).then(|| left.add(right))
}

/// The product of two sizes, where it is small enough to be written down.
pub(crate) fn product_of(left: &Size, right: &Size) -> Option<Size> {
    let degree = |size: &Size| size.terms().iter().map(|(names, _)| names.len()).max().unwrap_or(0);
    let fits = degree(left) + degree(right) <= MOST_FACTORS
        && left.terms().len().saturating_mul(right.terms().len()) <= MOST_TERMS;
    fits.then(|| left.multiply(right))
}

/// Sizes, each known, unknown, or equal to another.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    slots: Vec<Slot>,
    /// How many places each stands for, itself included.
    behind: Vec<usize>,
    /// Sums and products that have to be equal to other sizes, to be looked at again when more is known.
    waiting: Vec<(Place, Place)>,
}

#[derive(Clone, Debug)]
enum Slot {
    Free {
        not_one: bool,
    },
    Known(Size),
    Same(Place),
    /// The sum of sizes not known yet, or their product.
    Sum(Vec<Place>),
    Product(Vec<Place>),
}

/// Two sizes that cannot be equal.
pub(crate) struct Unequal;

impl Sizes {
    /// No sizes but 1, at the first place.
    pub fn new() -> Sizes {
        Sizes { slots: vec![Slot::Known(Size::number(1))], behind: vec![1], waiting: Vec::new() }
    }

    pub fn free(&mut self, not_one: bool) -> Place {
        self.push(Slot::Free { not_one })
    }

    pub fn known(&mut self, size: &Size) -> Place {
        if size.is_one() { 0 } else { self.push(Slot::Known(size.clone())) }
    }

    fn push(&mut self, slot: Slot) -> Place {
        self.slots.push(slot);
        self.behind.push(1);
        self.slots.len() - 1
    }

    /// The place that stands for all sizes equal to this one.
    pub fn root(&self, mut place: Place) -> Place {
        while let Slot::Same(next) = self.slots[place] {
            place = next;
        }
        place
    }

    /// The size, where it is known.
    pub fn size(&self, place: Place) -> Option<Size> {
        self.size_by(place, &mut |_| None)
    }

    /// The size, where it is known if the free ones are what is given for them; `None` also where it is too large to be
    /// written down.
    pub fn size_by(&self, place: Place, free: &mut impl FnMut(Place) -> Option<Size>) -> Option<Size> {
        let root = self.root(place);
        if let Slot::Known(size) = &self.slots[root] {
            return Some(size.clone());
        }
        let (mut stack, mut sizes): (Vec<Place>, BTreeMap<Place, Size>) = (vec![root], BTreeMap::new());
        while let Some(&place) = stack.last() {
            let size = match &self.slots[place] {
                _ if sizes.contains_key(&place) => None,
                Slot::Known(size) => Some(size.clone()),
                Slot::Free { .. } | Slot::Same(_) => Some(free(place)?),
                Slot::Sum(parts) | Slot::Product(parts) => {
                    let parts: Vec<Place> = parts.iter().map(|part| self.root(*part)).collect();
                    let waiting: Vec<Place> =
                        parts.iter().rev().copied().filter(|part| !sizes.contains_key(part)).collect();
                    if !waiting.is_empty() {
                        stack.extend(waiting);
                        continue;
                    }
                    let mut parts = parts.iter().map(|part| &sizes[part]);
                    Some(match &self.slots[place] {
                        Slot::Sum(_) => parts.try_fold(Size::number(0), |sum, part| sum_of(&sum, part))?,
                        _ => parts.try_fold(Size::number(1), |all, part| product_of(&all, part))?,
                    })
                }
            };
            if let Some(size) = size {
                sizes.insert(place, size);
            }
            stack.pop();
        }
        sizes.remove(&root)
    }

    /// The free sizes that a size is built from.
    pub fn free_in(&self, place: Place) -> BTreeSet<Place> {
        let (mut stack, mut seen, mut free) = (vec![self.root(place)], BTreeSet::new(), BTreeSet::new());
        while let Some(place) = stack.pop() {
            if !seen.insert(place) {
                continue;
            }
            match &self.slots[place] {
                Slot::Known(_) | Slot::Same(_) => {}
                Slot::Free { .. } => drop(free.insert(place)),
                Slot::Sum(parts) | Slot::Product(parts) => {
                    stack.extend(parts.iter().map(|part| self.root(*part)));
                }
            }
        }
        free
    }

    /// The sum of sizes.
    pub fn sum(&mut self, parts: Vec<Place>) -> Place {
        self.joined(Slot::Sum(parts))
    }

    /// The product of sizes; 1 is left out.
    pub fn product(&mut self, parts: Vec<Place>) -> Place {
        let parts: Vec<Place> = parts.into_iter().filter(|part| !self.is_one(*part)).collect();
        match parts.as_slice() {
            [only] => *only,
            _ => self.joined(Slot::Product(parts)),
        }
    }

    fn joined(&mut self, slot: Slot) -> Place {
        let place = self.push(slot);
        match self.size(place) {
            Some(size) => self.known(&size),
            None => place,
        }
    }

    /// The size that a polynomial is, where its names stand for these sizes.
    pub fn polynomial(&mut self, size: &Size, mut named: impl FnMut(&mut Sizes, &Name) -> Place) -> Place {
        let mut terms = Vec::new();
        for (names, count) in size.terms() {
            let Ok(count) = u32::try_from(*count) else { return self.free(false) };
            let mut factors = vec![self.known(&Size::number(count))];
            for name in names {
                factors.push(named(self, name));
            }
            terms.push(self.product(factors));
        }
        match terms.as_slice() {
            [only] => *only,
            _ => self.sum(terms),
        }
    }

    pub fn is_one(&self, place: Place) -> bool {
        let (mut stack, mut seen) = (vec![self.root(place)], BTreeSet::new());
        while let Some(place) = stack.pop() {
            match &self.slots[place] {
                _ if !seen.insert(place) => {}
                Slot::Known(size) if size.is_one() => {}
                // A sum has two parts at least, and each of them is 1 or more.
                Slot::Known(_) | Slot::Free { .. } | Slot::Same(_) | Slot::Sum(_) => return false,
                Slot::Product(parts) => stack.extend(parts.iter().map(|part| self.root(*part))),
            }
        }
        true
    }

    /// Whether a size is 1, or nothing says yet that it is not.
    pub fn may_be_one(&self, place: Place) -> bool {
        matches!(self.slots[self.root(place)], Slot::Free { not_one: false }) || self.is_one(place)
    }

    pub fn is_scalar(&self, dims: Dims) -> bool {
        self.is_one(dims.rows) && self.is_one(dims.cols)
    }

    pub fn same(&self, a: Place, b: Place) -> bool {
        self.root(a) == self.root(b) || self.size(a).is_some_and(|size| self.size(b) == Some(size))
    }

    /// Makes two sizes equal.
    pub fn unify(&mut self, a: Place, b: Place) -> Result<(), Unequal> {
        self.equal(a, b)?;
        // What is known now may settle what waited; each look settles one at least, or is the last.
        loop {
            let before = self.waiting.len();
            for (a, b) in std::mem::take(&mut self.waiting) {
                self.equal(a, b)?;
            }
            if self.waiting.len() >= before {
                return Ok(());
            }
        }
    }

    fn equal(&mut self, a: Place, b: Place) -> Result<(), Unequal> {
        // What is shared is made equal once.
        let (mut pairs, mut seen) = (vec![(a, b)], BTreeSet::new());
        while let Some((a, b)) = pairs.pop() {
            let (a, b) = (self.root(a), self.root(b));
            if a == b || !seen.insert((a, b)) {
                continue;
            }
            match (&self.slots[a], &self.slots[b]) {
                (Slot::Free { not_one }, _) => self.tie(a, b, *not_one)?,
                (_, Slot::Free { not_one }) => self.tie(b, a, *not_one)?,
                _ => match (self.size(a), self.size(b)) {
                    (Some(x), Some(y)) if x == y => {}
                    (Some(_), Some(_)) => return Err(Unequal),
                    _ => pairs.extend(self.parts_equal(a, b)?),
                },
            }
        }
        Ok(())
    }

    /// Makes a free size another one, unless that is built from it.
    fn tie(&mut self, free: Place, other: Place, not_one: bool) -> Result<(), Unequal> {
        if let Slot::Free { not_one: also } = self.slots[other] {
            // The one that more stand behind stays, so that no way to a root is long.
            let (less, more) =
                if self.behind[free] > self.behind[other] { (other, free) } else { (free, other) };
            self.slots[more] = Slot::Free { not_one: not_one || also };
            self.slots[less] = Slot::Same(more);
            self.behind[more] += self.behind[less];
            return Ok(());
        }
        if not_one && self.is_one(other) || self.contains(other, free) {
            return Err(Unequal);
        }
        self.slots[free] = Slot::Same(other);
        Ok(())
    }

    fn contains(&self, place: Place, wanted: Place) -> bool {
        self.free_in(place).contains(&wanted)
    }

    /// What has to be equal for a sum or a product to be equal to another size; it waits where that cannot be said yet.
    fn parts_equal(&mut self, a: Place, b: Place) -> Result<Vec<(Place, Place)>, Unequal> {
        let (mine, theirs) = (self.slots[a].clone(), self.slots[b].clone());
        match (mine, theirs) {
            (Slot::Sum(mine), Slot::Sum(theirs)) | (Slot::Product(mine), Slot::Product(theirs))
                if mine.len() == theirs.len() =>
            {
                Ok(mine.into_iter().zip(theirs).collect())
            }
            (Slot::Product(parts), Slot::Known(size)) | (Slot::Known(size), Slot::Product(parts)) => {
                let (known, open): (Vec<Place>, Vec<Place>) =
                    parts.into_iter().partition(|part| self.size(*part).is_some());
                let mut known = known.into_iter().filter_map(|part| self.size(part));
                let rest = known.try_fold(size, |rest, part| quotient(&rest, &part)).ok_or(Unequal)?;
                if let [only] = open.as_slice() {
                    return Ok(vec![(*only, self.known(&rest))]);
                }
                // `m*n`, where both factors are free: they are taken in the order of the names.
                if let [(names, 1)] = rest.terms()
                    && names.len() == open.len()
                {
                    let names: Vec<Size> = names.iter().map(|name| Size::named(name.clone())).collect();
                    return Ok(open.into_iter().zip(names.iter().map(|name| self.known(name))).collect());
                }
                self.waiting.push((a, b));
                Ok(Vec::new())
            }
            (Slot::Sum(parts), Slot::Known(size)) | (Slot::Known(size), Slot::Sum(parts)) => {
                let (known, open): (Vec<Place>, Vec<Place>) =
                    parts.into_iter().partition(|part| self.size(*part).is_some());
                let known = known.into_iter().filter_map(|part| self.size(part));
                let rest = known.fold(size, |rest, part| rest.add(&part.negate()));
                if rest.is_negative() || rest.as_number() == Some(0) {
                    return Err(Unequal);
                }
                match open.as_slice() {
                    [only] => Ok(vec![(*only, self.known(&rest))]),
                    _ => {
                        self.waiting.push((a, b));
                        Ok(Vec::new())
                    }
                }
            }
            _ => {
                self.waiting.push((a, b));
                Ok(Vec::new())
            }
        }
    }

    /// A scalar.
    pub fn scalar(&self) -> Dims {
        Dims { rows: 0, cols: 0, guessed: false, declared: false, computed: false }
    }
}

/// One size divided by another that is one term, where that leaves no rest.
fn quotient(size: &Size, by: &Size) -> Option<Size> {
    let [(names, count)] = by.terms() else { return (size == by).then(|| Size::number(1)) };
    let mut sum = Size::number(0);
    for (all, times) in size.terms() {
        let mut rest = all.clone();
        for name in names {
            rest.remove(rest.iter().position(|other| other == name)?);
        }
        if *count == 0 || times % count != 0 {
            return None;
        }
        let times = u32::try_from(times / count).ok()?;
        let named = rest.into_iter().fold(Size::number(times), |all, name| all.multiply(&Size::named(name)));
        sum = sum.add(&named);
    }
    Some(sum)
}
