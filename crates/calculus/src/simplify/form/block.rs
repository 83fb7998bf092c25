//! Blocks and parts in normal form: a part goes inward to where it finds its block.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId};
use crate::simplify::form::normal::Algebra;
use formula::{Direction, Size};

/// The direction of a transposed block.
pub(crate) fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Across => Direction::Down,
        Direction::Down => Direction::Across,
    }
}

impl Algebra {
    /// Matrices beside or below one another; a scalar that all share comes out, and parts that make a whole become it.
    pub(crate) fn block(&mut self, direction: Direction, parts: &[Id]) -> Id {
        let mut flat: Vec<Id> = Vec::with_capacity(parts.len());
        for part in parts {
            match self.kind(*part).clone() {
                Kind::Block(inner, more) if inner == direction => {
                    for part in more {
                        self.push_part(&mut flat, direction, part);
                    }
                }
                _ => self.push_part(&mut flat, direction, *part),
            }
        }
        let [first, rest @ ..] = flat.as_slice() else { return Id::ZERO };
        if rest.is_empty() {
            return *first;
        }
        // [c*A, c*B] = c*[A, B]
        let coefficient = self.split(*first).coefficient();
        let plain = coefficient.number.is_one() && coefficient.powers.is_empty();
        let shared = !plain
            && !coefficient.number.is_zero()
            && flat
                .iter()
                .all(|part| !self.is_scalar(*part) && self.split(*part).coefficient() == coefficient);
        if shared {
            let bodies: Vec<Id> = flat.iter().filter_map(|part| self.split(*part).body).collect();
            let block = self.block(direction, &bodies);
            let scalar = self.join(coefficient);
            return self.scale(scalar, block);
        }
        let all_of = |test: &dyn Fn(Id) -> bool| flat.iter().all(|part| test(*part));
        let zeros = all_of(&|part| self.split(part).number.is_zero());
        let ones = all_of(&|part| part == Id::ONE || self.is_ones(part));
        for part in flat.clone() {
            // Found now, one level at a time.
            self.transpose(part);
        }
        let block = self.intern(Kind::Block(direction, flat));
        let shape = self.shape(block);
        if zeros {
            return self.zeros(shape);
        }
        if ones { self.ones(shape) } else { block }
    }

    /// `[cols(X, 1, k), cols(X, k + 1, n)] = X`
    fn push_part(&mut self, into: &mut Vec<Id>, direction: Direction, part: Id) {
        if let Some(last) = into.last()
            && let Some(joined) = self.joined_parts(direction, *last, part)
        {
            into.pop();
            into.push(joined);
        } else {
            into.push(part);
        }
    }

    fn joined_parts(&mut self, direction: Direction, left: Id, right: Id) -> Option<Id> {
        let (first, second) = (self.split(left), self.split(right));
        if first.coefficient() != second.coefficient() {
            return None;
        }
        let (Kind::Part(a, along, start, length), Kind::Part(b, other, next, more)) =
            (self.kind(first.body?).clone(), self.kind(second.body?).clone())
        else {
            return None;
        };
        let end = self.size_sum(start, length);
        if a != b || along != direction || other != direction || end != next {
            return None;
        }
        let length = self.size_sum(length, more);
        let joined = self.part(a, direction, start, length);
        let scalar = self.coefficient(&first);
        Some(self.scale(scalar, joined))
    }

    /// Columns (`Across`) or rows (`Down`) of a value, after the first `before`.
    pub(crate) fn part(&mut self, of: Id, direction: Direction, before: SizeId, length: SizeId) -> Id {
        let shape = self.shape(of);
        if along(shape, direction) == length {
            return of;
        }
        let result = match direction {
            Direction::Across => Shape { rows: shape.rows, cols: length },
            Direction::Down => Shape { rows: length, cols: shape.cols },
        };
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.zeros(result);
        }
        let value = self.part_inward(body, direction, before, length, result).unwrap_or_else(|| {
            self.transpose(body);
            self.intern(Kind::Part(body, direction, before, length))
        });
        let scalar = self.coefficient(&term);
        self.scale(scalar, value)
    }

    /// The part where it resolves further inward.
    fn part_inward(
        &mut self,
        body: Id,
        direction: Direction,
        before: SizeId,
        length: SizeId,
        result: Shape,
    ) -> Option<Id> {
        if self.is_ones(body) {
            return Some(self.ones(result));
        }
        match self.kind(body).clone() {
            Kind::Block(inner, parts) if inner == direction => {
                self.part_of_block(&parts, direction, before, length)
            }
            Kind::Block(inner, parts) => {
                let opened: Vec<Id> =
                    parts.iter().map(|part| self.part(*part, direction, before, length)).collect();
                Some(self.block(inner, &opened))
            }
            Kind::Part(of, inner, start, _) if inner == direction => {
                let before = self.size_sum(start, before);
                Some(self.part(of, direction, before, length))
            }
            Kind::Part(of, _, start, count) => {
                // Some rows and columns of the identity: the same ones, or others that end where these begin.
                let Kind::Identity(_) = self.kind(of) else { return None };
                if start == before && count == length {
                    return Some(if self.is_unit(count) {
                        Id::ONE
                    } else {
                        self.intern(Kind::Identity(count))
                    });
                }
                let apart = self.size_sum(start, count) == before || self.size_sum(before, length) == start;
                apart.then(|| self.zeros(result))
            }
            Kind::Transpose(inner) => {
                let part = self.part(inner, turned(direction), before, length);
                Some(self.transpose(part))
            }
            Kind::Word(mut factors) => {
                let place = match direction {
                    Direction::Across => factors.len() - 1,
                    Direction::Down => 0,
                };
                let part = self.part(factors[place], direction, before, length);
                if self.is_part(part) {
                    return None;
                }
                factors[place] = part;
                Some(self.word(&factors))
            }
            Kind::Add(parts) => {
                let opened = self.parts_inward(&parts, direction, before, length)?;
                Some(self.add(&opened))
            }
            Kind::Elementwise(factors) if factors.iter().all(|(_, exponent)| self.is_scalar(*exponent)) => {
                let bases: Vec<Id> = factors.iter().map(|(base, _)| *base).collect();
                let opened = self.parts_inward(&bases, direction, before, length)?;
                let factors: Vec<(Id, Id)> =
                    opened.into_iter().zip(factors).map(|(base, (_, exponent))| (base, exponent)).collect();
                Some(self.elementwise(&factors))
            }
            Kind::Apply(function, marks, arguments) => {
                let opened = self.parts_inward(&arguments, direction, before, length)?;
                Some(self.apply(function, &marks, &opened))
            }
            _ => None,
        }
    }

    /// The same part of all, if it resolves in one of them.
    fn parts_inward(
        &mut self,
        parts: &[Id],
        direction: Direction,
        before: SizeId,
        length: SizeId,
    ) -> Option<Vec<Id>> {
        let opened: Vec<Id> = parts
            .iter()
            .map(
                |part| {
                    if self.is_scalar(*part) { *part } else { self.part(*part, direction, before, length) }
                },
            )
            .collect();
        opened.iter().any(|part| !self.is_scalar(*part) && !self.is_part(*part)).then_some(opened)
    }

    fn is_part(&self, id: Id) -> bool {
        let body = self.split(id).body.unwrap_or(id);
        let body = self.plain(body);
        matches!(self.kind(body), Kind::Part(..))
    }

    /// Whole blocks, or a part of one of them.
    fn part_of_block(
        &mut self,
        parts: &[Id],
        direction: Direction,
        before: SizeId,
        length: SizeId,
    ) -> Option<Id> {
        let end = self.size_sum(before, length);
        let mut places = vec![self.size_id(&Size::number(0))];
        for part in parts {
            let passed = places.last().copied()?;
            let size = along(self.shape(*part), direction);
            places.push(self.size_sum(passed, size));
        }
        let start = places.iter().position(|place| *place == before);
        let stop = places.iter().position(|place| *place == end);
        if let (Some(start), Some(stop)) = (start, stop)
            && start < stop
        {
            return Some(self.block(direction, &parts[start..stop]));
        }
        // Inside one block, as far as symbols tell.
        for (place, part) in parts.iter().enumerate() {
            let offset = self.size(before).add(&self.size(places[place]).negate());
            let rest = self.size(places[place + 1]).add(&self.size(end).negate());
            let inside = |size: &Size| size.as_number().is_some() || size.terms().iter().all(|(_, c)| *c > 0);
            if inside(&offset) && inside(&rest) {
                let offset = self.size_id(&offset);
                return Some(self.part(*part, direction, offset, length));
            }
        }
        None
    }

    /// `[A, B]*[C; D] = A*C + B*D`
    pub(crate) fn meet_blocks(&mut self, x: Id, y: Id) -> Option<Id> {
        let (Kind::Block(Direction::Across, left), Kind::Block(Direction::Down, right)) =
            (self.kind(x).clone(), self.kind(y).clone())
        else {
            return None;
        };
        let fits = left.len() == right.len()
            && left.iter().zip(&right).all(|(a, b)| self.shape(*a).cols == self.shape(*b).rows);
        if !fits {
            return None;
        }
        let products: Vec<Id> = left.iter().zip(&right).map(|(a, b)| self.product(*a, *b)).collect();
        Some(self.add(&products))
    }

    /// A product where a scalar may stand for a row or a column of one entry.
    fn product(&mut self, left: Id, right: Id) -> Id {
        self.word(&[left, right])
    }
}

fn along(shape: Shape, direction: Direction) -> SizeId {
    match direction {
        Direction::Across => shape.cols,
        Direction::Down => shape.rows,
    }
}
