//! Products under a sum: numbers apart, the rest reduced pair by pair by the rows of the table.

use super::batch::{Batch, Flat, Form, Found, Kind, with};
use super::forms::Refused;
use super::rows::{Of, Row, Rows, same_head};
use crate::tree::{Expr, ExprId, Operator};
use formula::{Name, Shape};
use std::collections::BTreeMap;

impl Batch<'_> {
    /// A product: numbers apart, the rest pair by pair.
    pub(super) fn chain(
        &mut self,
        id: ExprId,
        factors: Vec<(ExprId, Found)>,
        count: ExprId,
    ) -> Result<Found, Refused> {
        let (mut scale, mut numbers, mut by): (Vec<ExprId>, Vec<ExprId>, Vec<&'static str>) =
            Default::default();
        let mut rest: Vec<(Form, Shape)> = Vec::new();
        let mut is_negative = false;
        for (part, Found { form, by: own }) in factors {
            by = with(&by, &own);
            match form {
                Form::Each(id, Kind::Number) => match *self.out.expr(id) {
                    Expr::Negate(part) => {
                        is_negative = !is_negative;
                        numbers.push(part);
                    }
                    _ => numbers.push(id),
                },
                Form::Fixed(id, Flat::Scalar) => scale.push(id),
                form => {
                    let shape = self.shapes.get(&part).cloned().ok_or_else(|| self.without_form(id))?;
                    rest.push((form, shape));
                }
            }
        }
        while rest.len() > 1 {
            let ends = |pair: &[(Form, Shape)]| pair[0].1.rows.is_one() && pair[1].1.cols.is_one();
            let at = rest.windows(2).position(ends);
            let at = at
                .or_else(|| (0..rest.len() - 1).find(|at| self.pair(rest[*at].0, rest[at + 1].0).is_some()));
            let Some((at, (row, bound))) =
                at.and_then(|at| Some((at, self.pair(rest[at].0, rest[at + 1].0)?)))
            else {
                break;
            };
            let shape = Shape::new(rest[at].1.rows.clone(), rest[at + 1].1.cols.clone());
            let value = match row {
                Some(row) => {
                    by = with(&by, &[row.name]);
                    self.filled(row.right, &bound, count)
                }
                None => match (rest[at].0, rest[at + 1].0) {
                    (Form::Fixed(left, _), Form::Fixed(right, _)) => self.product(left, right),
                    _ => return Err(self.without_form(id)),
                },
            };
            rest.remove(at + 1);
            let is_fixed = row.is_none();
            match (is_fixed, shape.is_scalar()) {
                (true, true) => {
                    self.scalars.insert(value);
                    scale.push(value);
                    rest.remove(at);
                }
                (true, false) => rest[at] = (Form::Fixed(value, Flat::of(&shape)), shape),
                (false, true) => {
                    self.numbers.insert(value);
                    numbers.push(value);
                    rest.remove(at);
                }
                (false, false) => {
                    let kind = if shape.rows.is_one() { Kind::Row } else { Kind::Column };
                    rest[at] = (Form::Each(value, kind), shape);
                }
            }
        }
        self.numbers.extend(&numbers);
        let weight = numbers.into_iter().reduce(|left, right| self.binary(Operator::Times, left, right));
        self.numbers.extend(weight);
        let form = match (rest.as_slice(), weight) {
            ([], Some(weight)) => Form::Each(weight, Kind::Number),
            ([(form, _)], None) => *form,
            ([(form, shape)], Some(weight)) => {
                let is_row = shape.rows.is_one();
                let upright = match *form {
                    Form::Each(value, _) => Form::Each(value, Kind::Column),
                    Form::Fixed(value, Flat::Row) => Form::Fixed(self.transposed(value), Flat::Column),
                    Form::Fixed(value, flat) => Form::Fixed(value, flat),
                    Form::Outer(..) => return Err(self.without_form(id)),
                };
                match self.pair(Form::Each(weight, Kind::Number), upright) {
                    Some((Some(row), bound)) => {
                        by = with(&by, &[row.name]);
                        let value = self.filled(row.right, &bound, count);
                        Form::Each(value, if is_row { Kind::Row } else { Kind::Column })
                    }
                    _ => return Err(self.without_form(id)),
                }
            }
            ([(left, left_shape), (right, right_shape)], weight) => {
                let matrix = |batch: &mut Self, form: Form, is_row: bool| match form {
                    Form::Each(value, _) => Some(value),
                    Form::Fixed(value, _) => {
                        let row = if is_row { value } else { batch.transposed(value) };
                        let ones = batch.ones(count);
                        Some(batch.binary(Operator::Multiply, ones, row))
                    }
                    Form::Outer(..) => None,
                };
                if !left_shape.cols.is_one() || !right_shape.rows.is_one() {
                    return Err(self.without_form(id));
                }
                let left = matrix(self, *left, false).ok_or_else(|| self.without_form(id))?;
                let mut right = matrix(self, *right, true).ok_or_else(|| self.without_form(id))?;
                if let Some(weight) = weight {
                    let bound = self.pair(Form::Each(weight, Kind::Number), Form::Each(right, Kind::Column));
                    let Some((Some(row), bound)) = bound else { return Err(self.without_form(id)) };
                    by = with(&by, &[row.name]);
                    right = self.filled(row.right, &bound, count);
                }
                Form::Outer(left, right)
            }
            _ => return Err(self.without_form(id)),
        };
        let scale = scale.into_iter().reduce(|left, right| {
            let both = self.binary(Operator::Multiply, left, right);
            self.scalars.insert(both);
            both
        });
        let form = match is_negative {
            true => self.each(form, &mut |batch, id| batch.push(Expr::Negate(id))),
            false => form,
        };
        let form = match scale {
            None => form,
            Some(scale) => self.each(form, &mut |batch, id| match batch.out.expr(id) {
                Expr::Negate(part) => {
                    let part = *part;
                    let inner = batch.scaled(scale, part);
                    batch.push(Expr::Negate(inner))
                }
                _ => batch.scaled(scale, id),
            }),
        };
        Ok(Found { form, by })
    }

    pub(super) fn scaled(&mut self, scale: ExprId, id: ExprId) -> ExprId {
        self.binary(Operator::Multiply, scale, id)
    }

    /// The row for a product of two parts, with what its letters stand for; no row where both are the same for each i.
    #[allow(clippy::type_complexity)]
    fn pair(&mut self, left: Form, right: Form) -> Option<(Option<&'static Row>, BTreeMap<Name, ExprId>)> {
        if let (Form::Fixed(..), Form::Fixed(..)) = (left, right) {
            return Some((None, BTreeMap::new()));
        }
        let rows = Rows::standard();
        rows.rows.iter().filter(|row| row.of == Of::Each).find_map(|row| {
            let Expr::Binary(Operator::Multiply, one, other) = rows.tree.expr(row.left) else { return None };
            let mut bound = BTreeMap::new();
            let fits = self.letter(*one, left, &mut bound) && self.letter(*other, right, &mut bound);
            fits.then_some((Some(row), bound))
        })
    }

    /// Whether a form is what a letter of a pattern, or its transpose, stands for.
    fn letter(&mut self, pattern: ExprId, form: Form, bound: &mut BTreeMap<Name, ExprId>) -> bool {
        let rows = Rows::standard();
        let (name, is_turned) = match rows.tree.expr(pattern) {
            Expr::Name(name) => (name, false),
            Expr::Transpose(part) => match rows.tree.expr(*part) {
                Expr::Name(name) => (name, true),
                _ => return false,
            },
            _ => return false,
        };
        let (letter, is_indexed) = match name.strip_suffix("_i") {
            Some(letter) => (letter, true),
            None => (&**name, false),
        };
        let is_number = letter.starts_with(['a', 'b', 'k']);
        let value = match form {
            Form::Each(id, kind) => {
                let wanted = match (is_number, is_turned) {
                    (true, _) => Kind::Number,
                    (false, true) => Kind::Row,
                    (false, false) => Kind::Column,
                };
                (is_indexed && kind == wanted).then_some(id)
            }
            Form::Fixed(id, flat) if !is_indexed => match (letter, flat) {
                ("k", Flat::Scalar) | ("C", Flat::Matrix) => Some(id),
                ("c" | "d", Flat::Column) if !is_turned => Some(id),
                ("c" | "d", Flat::Row) if is_turned => Some(self.transposed(id)),
                _ => None,
            },
            Form::Fixed(..) | Form::Outer(..) => None,
        };
        let Some(value) = value else { return false };
        // A column a_i stands for all i as a, a column x_i as X.
        let all = if is_indexed && !is_number { letter.to_uppercase() } else { letter.to_owned() };
        *bound.entry(Name::from(all)).or_insert(value) == value
    }

    /// A row that is no product and fits this expression.
    pub(super) fn by_row(
        &mut self,
        id: ExprId,
        forms: &BTreeMap<ExprId, Result<Found, Refused>>,
        count: ExprId,
    ) -> Option<Found> {
        let rows = Rows::standard();
        for row in rows.rows.iter().filter(|row| row.of == Of::Each) {
            if matches!(rows.tree.expr(row.left), Expr::Binary(Operator::Multiply, ..)) {
                continue;
            }
            let (mut bound, mut by) = (BTreeMap::new(), Vec::new());
            let mut stack = vec![(row.left, id)];
            let mut fits = true;
            while let Some((pattern, value)) = stack.pop() {
                let theirs = rows.tree.expr(pattern);
                if matches!(theirs, Expr::Name(_) | Expr::Transpose(_)) {
                    let Some(Ok(found)) = forms.get(&value) else {
                        fits = false;
                        break;
                    };
                    by = with(&by, &found.by);
                    fits = self.letter(pattern, found.form, &mut bound);
                } else {
                    let (left, right) = (rows.tree.operands(pattern), self.tree.operands(value));
                    fits = same_head(theirs, self.tree.expr(value)) && left.len() == right.len();
                    stack.extend(left.into_iter().zip(right));
                }
                if !fits {
                    break;
                }
            }
            if fits && let Some(kind) = self.kind(id) {
                let value = self.filled(row.right, &bound, count);
                return Some(Found { form: Form::Each(value, kind), by: with(&by, &[row.name]) });
            }
        }
        None
    }
}
