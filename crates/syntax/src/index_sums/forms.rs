//! From the parts of one sum to its matrix form: products are reduced pair by pair by the rows of the table, everything else is
//! joined entry by entry.

use super::batch::{Batch, Flat, Form, Found, Kind, Total, with};
use super::rows::{Of, Rows};
use crate::diagnostic::{Diagnostic, Mistake};
use crate::rules::Rule;
use crate::tree::{Call, Expr, ExprId, Operator};
use formula::{Name, Number};
use std::collections::{BTreeMap, BTreeSet};

/// Of so many expressions a sum may be at most.
const LONGEST: usize = 1000;

/// Why a part has no form for all i: the part, what is wrong with it, and the mend.
pub(super) type Refused = (ExprId, String);

impl Batch<'_> {
    /// The sum of this expression over all i, of which there are so many.
    ///
    /// # Errors
    /// When a part has no form for all i, with its place.
    pub fn sum(&mut self, root: ExprId, count: ExprId) -> Result<Total, Diagnostic> {
        let Found { form, by } = self.found(root, count)?;
        let (value, more) = self.total(form, count);
        Ok(Total { value, by: with(&by, &more) })
    }

    /// What an expression is for all i at once.
    ///
    /// # Errors
    /// When a part has no form for all i, with its place.
    pub fn all(&mut self, root: ExprId, count: ExprId) -> Result<ExprId, Diagnostic> {
        match self.found(root, count)?.form {
            Form::Each(id, _) => Ok(id),
            Form::Fixed(..) | Form::Outer(..) => {
                let (id, what) = self.without_form(root);
                Err(self.refused(id, what))
            }
        }
    }

    /// What an expression is, from its parts upwards.
    fn found(&mut self, root: ExprId, count: ExprId) -> Result<Found, Diagnostic> {
        let tree = self.tree;
        let ids = tree.within(root);
        if ids.len() > LONGEST {
            return Err(tree.error(Mistake::TooLong, root));
        }
        let mut changing: BTreeSet<ExprId> = BTreeSet::new();
        let mut links: BTreeSet<ExprId> = BTreeSet::new();
        let mut forms: BTreeMap<ExprId, Result<Found, Refused>> = BTreeMap::new();
        for id in &ids {
            let is_inner = *id != root && self.totals.contains_key(id);
            let is_changing = !is_inner
                && match tree.expr(*id) {
                    Expr::Name(name) => self.names.contains_key(name),
                    _ => tree.operands(*id).iter().any(|part| changing.contains(part)),
                };
            if is_changing {
                changing.insert(*id);
            }
            if let Expr::Binary(Operator::Multiply, left, _) = tree.expr(*id)
                && matches!(tree.expr(*left), Expr::Binary(Operator::Multiply, ..))
                && (*left == root || !self.totals.contains_key(left))
            {
                links.insert(*left);
            }
        }
        for id in ids.iter().filter(|id| !links.contains(id)) {
            let found = match changing.contains(id) {
                false => Ok(self.fixed(*id)),
                true => self.form(*id, &forms, count),
            };
            if let Ok(Found { form: Form::Each(value, Kind::Number), .. }) = found {
                self.numbers.insert(value);
            }
            forms.insert(*id, found);
        }
        match forms.remove(&root) {
            Some(Ok(found)) => Ok(found),
            Some(Err((id, what))) => Err(self.refused(id, what)),
            None => Err(self.refused(root, "the sum has no matrix form".to_owned())),
        }
    }

    /// A part that is the same for each i.
    fn fixed(&mut self, id: ExprId) -> Found {
        let flat = self.shapes.get(&id).map_or(Flat::Matrix, Flat::of);
        Found { form: Form::Fixed(self.copy(id), flat), by: Vec::new() }
    }

    fn refused(&self, id: ExprId, what: String) -> Diagnostic {
        let mend = "write the sum in matrix form, such as `norm(X*w - y)^2`, or sum what has one".to_owned();
        self.tree.error(Mistake::Foreign { what, mend }, id)
    }

    /// What one expression is, given what its operands are.
    fn form(
        &mut self,
        id: ExprId,
        forms: &BTreeMap<ExprId, Result<Found, Refused>>,
        count: ExprId,
    ) -> Result<Found, Refused> {
        let tree = self.tree;
        let of = |part: &ExprId| match forms.get(part) {
            Some(found) => found.clone(),
            None => Err((*part, format!("`{}` has no form for all terms of the sum", tree.source(*part)))),
        };
        if let Some(found) = self.by_row(id, forms, count) {
            return Ok(found);
        }
        match tree.expr(id) {
            Expr::Name(name) => {
                let all = self.names.get(name).cloned().unwrap_or_else(|| name.clone());
                let Some(kind) = self.kind(id) else {
                    return Err((
                        id,
                        format!("`{name}` is a matrix for each term of the sum, and has no matrix form"),
                    ));
                };
                Ok(Found { form: Form::Each(self.push(Expr::Name(all)), kind), by: Vec::new() })
            }
            Expr::Negate(part) => {
                let Found { form, by } = of(part)?;
                Ok(Found { form: self.each(form, &mut |batch, id| batch.push(Expr::Negate(id))), by })
            }
            Expr::Transpose(part) => {
                let Found { form, by } = of(part)?;
                let form = match form {
                    Form::Each(id, kind) => Form::Each(id, kind.turned()),
                    Form::Outer(left, right) => Form::Outer(right, left),
                    Form::Fixed(id, flat) => Form::Fixed(self.transposed(id), flat.turned()),
                };
                Ok(Found { form, by })
            }
            Expr::Binary(Operator::Multiply, ..) => {
                let mut factors = Vec::new();
                let mut first = id;
                while let Expr::Binary(Operator::Multiply, left, right) = tree.expr(first)
                    && (first == id || !self.totals.contains_key(&first))
                {
                    factors.push((*right, of(right)?));
                    first = *left;
                }
                factors.push((first, of(&first)?));
                factors.reverse();
                self.chain(id, factors, count)
            }
            Expr::Binary(Operator::Divide, left, right) => {
                let (above, below) = (of(left)?, of(right)?);
                match (above.form, below.form) {
                    (form, Form::Fixed(below, _)) => {
                        let form =
                            self.each(form, &mut |batch, id| batch.binary(Operator::Divide, id, below));
                        Ok(Found { form, by: above.by })
                    }
                    (Form::Each(_, Kind::Number) | Form::Fixed(..), _)
                        if self.kind(id) == Some(Kind::Number) =>
                    {
                        self.entries(id, Operator::Over, [above, below], count)
                    }
                    (_, Form::Each(below_id, _)) => {
                        let one = self.push(Expr::Number(Number::integer(1), Name::from("1")));
                        let inverse = self.binary(Operator::Over, one, below_id);
                        let inverse = Found { form: Form::Each(inverse, Kind::Number), by: below.by };
                        self.chain(id, vec![(*right, inverse), (*left, above)], count)
                    }
                    (_, Form::Outer(..)) => Err(self.without_form(id)),
                }
            }
            Expr::Binary(Operator::Power, left, right) => match self.kind(*left) {
                Some(Kind::Number) => {
                    let parts = [of(left)?, of(right)?];
                    self.entries(id, Operator::EachPower, parts, count)
                }
                _ => Err(self.without_form(id)),
            },
            Expr::Binary(Operator::Solve, ..) | Expr::Block(..) => Err(self.without_form(id)),
            Expr::Binary(operator, left, right) => {
                let parts = [of(left)?, of(right)?];
                self.entries(id, *operator, parts, count)
            }
            Expr::Call(call) => {
                let (true, Some(kind)) = (matches!(self.rules.get(&id), Some(Rule::Each)), self.kind(id))
                else {
                    return Err(self.without_form(id));
                };
                let (mut arguments, mut by) = (Vec::new(), Vec::new());
                for part in &call.arguments {
                    let found = of(part)?;
                    by = with(&by, &found.by);
                    arguments
                        .push(self.lifted(found.form, kind, id, count).ok_or_else(|| self.without_form(id))?);
                }
                let settings =
                    call.settings.iter().map(|(name, value)| (name.clone(), self.copy(*value))).collect();
                let value = self.push(Expr::Call(Call { arguments, settings, ..call.clone() }));
                Ok(Found { form: Form::Each(value, kind), by })
            }
            Expr::Number(..) => Err(self.without_form(id)),
        }
    }

    pub(super) fn without_form(&self, id: ExprId) -> Refused {
        let id = self.bodies.get(&id).copied().unwrap_or(id);
        (id, format!("`{}` has no form for all terms of the sum at once", self.tree.source(id)))
    }

    /// Two operands joined entry by entry.
    fn entries(
        &mut self,
        id: ExprId,
        operator: Operator,
        [left, right]: [Found; 2],
        count: ExprId,
    ) -> Result<Found, Refused> {
        let kind = self.kind(id).ok_or_else(|| self.without_form(id))?;
        let by = with(&left.by, &right.by);
        let left = self.lifted(left.form, kind, id, count).ok_or_else(|| self.without_form(id))?;
        let right = self.lifted(right.form, kind, id, count).ok_or_else(|| self.without_form(id))?;
        Ok(Found { form: Form::Each(self.binary(operator, left, right), kind), by })
    }

    /// A part as it stands beside others of this kind, entry by entry: numbers as they are, columns and numbers of each i repeated.
    fn lifted(&mut self, form: Form, kind: Kind, whole: ExprId, count: ExprId) -> Option<ExprId> {
        match form {
            Form::Each(id, own) if own == kind => Some(id),
            Form::Each(id, Kind::Number) => {
                let shape = self.shapes.get(&whole)?;
                let length = if kind == Kind::Row { shape.cols.clone() } else { shape.rows.clone() };
                let length = self.size(&length);
                let ones = self.ones(length);
                let row = self.transposed(ones);
                Some(self.binary(Operator::Multiply, id, row))
            }
            Form::Fixed(id, Flat::Scalar) => Some(id),
            Form::Fixed(id, flat) => {
                let row = match (kind, flat) {
                    (Kind::Column, Flat::Column) => self.transposed(id),
                    (Kind::Row, Flat::Row) => id,
                    _ => return None,
                };
                let ones = self.ones(count);
                Some(self.binary(Operator::Multiply, ones, row))
            }
            Form::Each(..) | Form::Outer(..) => None,
        }
    }

    /// The sum over all i, and the names of its rules.
    fn total(&mut self, form: Form, count: ExprId) -> (ExprId, Vec<&'static str>) {
        match form {
            Form::Fixed(id, _) => (self.scaled(count, id), vec!["the same term in each place"]),
            Form::Outer(left, right) => {
                let left = self.transposed(left);
                (self.product(left, right), vec!["a sum of products of columns and rows"])
            }
            Form::Each(id, Kind::Row) => {
                let (value, by) = self.total(Form::Each(id, Kind::Column), count);
                (self.transposed(value), by)
            }
            Form::Each(id, kind) => {
                // What all terms have as a factor stands before the sum.
                match *self.out.expr(id) {
                    Expr::Negate(part) => {
                        let (value, by) = self.total(Form::Each(part, kind), count);
                        return (self.push(Expr::Negate(value)), by);
                    }
                    Expr::Binary(Operator::Multiply, scale, part) if self.scalars.contains(&scale) => {
                        let (value, by) = self.total(Form::Each(part, kind), count);
                        return (self.scaled(scale, value), by);
                    }
                    Expr::Binary(Operator::Divide, part, scale) if self.scalars.contains(&scale) => {
                        let (value, by) = self.total(Form::Each(part, kind), count);
                        return (self.binary(Operator::Divide, value, scale), by);
                    }
                    _ => {}
                }
                let rows = Rows::standard();
                let of = if kind == Kind::Number { Of::Number } else { Of::Column };
                let found = rows
                    .rows
                    .iter()
                    .filter(|row| row.of == of)
                    .find_map(|row| Some((row, rows.fits(row.left, (&self.out, &self.numbers), id)?)));
                match found {
                    Some((row, bound)) => (self.filled(row.right, &bound, count), vec![row.name]),
                    None => (id, Vec::new()),
                }
            }
        }
    }
}
