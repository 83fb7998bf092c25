//! The order of normal forms: by first appearance in the source, which is the lines of the formula and then the value itself; then by
//! class, then by structure; never by names or by places in an arena, so that reading back and renaming change nothing.

use crate::simplify::form::kind::{Id, Kind};
use crate::simplify::form::normal::Algebra;
use crate::simplify::form::ranks::{Key, LEAVES, hash_of};
use formula::StableHasher;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl Algebra {
    /// Which of two nodes comes first.
    pub(crate) fn compare(&self, a: Id, b: Id) -> Ordering {
        if a == b { Ordering::Equal } else { self.key(a).cmp(self.key(b)) }
    }

    /// Which of two factors comes first: a letter, or a function of a whole matrix, which often has a letter of its own, before what is
    /// made of letters.
    pub(crate) fn compare_factors(&self, a: Id, b: Id) -> Ordering {
        let is_made =
            |id: Id| !matches!(self.kind(id), Kind::Variable(_) | Kind::Size(_) | Kind::Pi | Kind::Call(..));
        // The transpose of a product has its factors in the same order.
        let [plain_a, plain_b] = [a, b].map(|id| self.plain(id));
        is_made(plain_a)
            .cmp(&is_made(plain_b))
            .then_with(|| self.compare(plain_a, plain_b))
            .then_with(|| self.compare(a, b))
    }

    /// Which of two lists comes first.
    pub(crate) fn compare_lists(&self, a: &[Id], b: &[Id]) -> Ordering {
        a.iter()
            .zip(b)
            .map(|(x, y)| self.compare(*x, *y))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len()))
    }

    /// The key of a node whose children are known.
    pub(crate) fn key_of(&self, kind: &Kind) -> Key {
        match kind {
            Kind::Variable(rank) => {
                let rank = *rank as u32;
                let mut leaves = [0; LEAVES];
                leaves[0] = rank + 1;
                Key { first: rank, class: 0, count: 1, leaves, transposes: 0, hash: hash_of(&(0, rank)) }
            }
            Kind::Size(name) => leaf(1, &self.ranks.size(name)),
            Kind::Pi => leaf(2, &()),
            Kind::Ones(rows) => leaf(3, &self.ranks.size_hash(self.size(*rows))),
            Kind::Identity(size) => leaf(4, &self.ranks.size_hash(self.size(*size))),
            Kind::Zeros(rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                leaf(5, &(hash(*rows), hash(*cols)))
            }
            Kind::Transpose(inner) => {
                let key = self.join_keys(6, &(), [*inner].into_iter());
                Key { transposes: key.transposes.saturating_add(1), ..key }
            }
            Kind::Apply(function, marks, arguments) => {
                let rank = self.ranks.functions.get(function).map_or(u32::MAX, |(rank, _)| *rank);
                let key = self.join_keys(7, &(rank, marks), arguments.iter().copied());
                // The function that appears first comes first, also after its text is read back.
                Key { hash: u64::from(rank.min(0xffff)) << 48 | key.hash >> 16, ..key }
            }
            Kind::Closed(factors) => self.join_keys(8, &(), factors.iter().copied()),
            Kind::Elementwise(factors) => {
                self.join_keys(9, &(), factors.iter().flat_map(|(base, exponent)| [*base, *exponent]))
            }
            Kind::Word(factors) => self.join_keys(10, &(), factors.iter().copied()),
            Kind::Add(parts) => self.join_keys(11, &(), parts.iter().copied()),
            Kind::Term(term) => {
                let scalars = term.powers.iter().flat_map(|(base, exponent)| [*base, *exponent]);
                self.join_keys(12, &(term.number, term.body.is_some()), scalars.chain(term.body))
            }
            Kind::Trace(factors) => self.join_keys(13, &(), factors.iter().copied()),
            Kind::Operator(operator, inner) => self.join_keys(14, operator, [*inner].into_iter()),
            Kind::Kronecker(left, right) => self.join_keys(15, &(), [*left, *right].into_iter()),
            Kind::Commutation(rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                leaf(16, &(hash(*rows), hash(*cols)))
            }
            Kind::Unvec(inner, rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                self.join_keys(17, &(hash(*rows), hash(*cols)), [*inner].into_iter())
            }
            Kind::Call(function, arguments) => {
                let rank = self.ranks.functions.get(function).map_or(u32::MAX, |(rank, _)| *rank);
                self.join_keys(18, &rank, arguments.iter().copied())
            }
            Kind::Block(direction, parts) => self.join_keys(19, direction, parts.iter().copied()),
            Kind::Part(of, direction, before, length) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                self.join_keys(20, &(direction, hash(*before), hash(*length)), [*of].into_iter())
            }
        }
    }

    fn join_keys(&self, class: u8, own: &impl Hash, children: impl Iterator<Item = Id>) -> Key {
        let (mut first, mut transposes, mut leaves, mut found) = (u32::MAX, 0_u32, [0; LEAVES], 0);
        let mut count = 0_u32;
        let mut hasher = StableHasher::default();
        (class, own).hash(&mut hasher);
        for child in children {
            let key = self.key(child);
            first = first.min(key.first);
            count = count.saturating_add(key.count);
            transposes = transposes.saturating_add(key.transposes);
            key.hash.hash(&mut hasher);
            for leaf in key.leaves {
                if leaf != 0 && found < LEAVES {
                    leaves[found] = leaf;
                    found += 1;
                }
            }
        }
        Key { first, class, count, leaves, transposes, hash: hasher.finish() }
    }
}

fn leaf(class: u8, own: &impl Hash) -> Key {
    Key { first: u32::MAX, class, count: 0, leaves: [0; LEAVES], transposes: 0, hash: hash_of(&(class, own)) }
}
