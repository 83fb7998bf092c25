//! Blocks and parts of matrices, as products with some columns of an identity: no entry of a program stands beside another one's.

use super::Lowering;
use super::form::{Form, Kind};
use crate::{Extent, Fill, Instruction, PlanError};
use formula::{Direction, NodeId, Part, Shape, Size};

impl Lowering<'_> {
    /// Some columns of X, `X*E` with the same columns E of an identity; some rows are the transpose of some columns of X'. Where X
    /// has an infinite entry, those chosen of its row are no numbers, like all that comes of them.
    pub(super) fn part(&mut self, shape: &Shape, part: &Part) -> Result<Form, PlanError> {
        let of = across(&self.form(part.of), part.direction);
        if matches!(of.kind, Kind::Uniform(_) | Kind::Row(_)) {
            let shape = across(&Form::new(shape, of.kind), part.direction).shape;
            return Ok(across(&Form::new(&shape, of.kind), part.direction));
        }
        let part_name = match part.direction {
            Direction::Across => "cols",
            Direction::Down => "rows",
        };
        let before = self.fixed(&part.before, part_name)?;
        let (last, has) =
            (before + self.fixed(&part.length, part_name)?, self.fixed(&of.shape.cols, part_name)?);
        if last > has {
            return Err(PlanError::TooFew { part: part_name, last, has });
        }
        let columns = self.columns(&of.shape.cols, before, &part.length, part_name)?;
        Ok(across(&self.multiply(&of, &columns)?, part.direction))
    }

    /// Matrices beside one another, `A*E1' + B*E2' + ...` with the columns of an identity where each stands; below one another, the
    /// transpose of their transposes beside one another.
    pub(super) fn block(
        &mut self,
        shape: &Shape,
        direction: Direction,
        parts: &[NodeId],
    ) -> Result<Form, PlanError> {
        let whole = across(&Form::number(shape, 0.0), direction).shape;
        let (mut before, mut terms) = (0, Vec::new());
        for part in parts {
            let part = across(&self.form(*part), direction);
            let length = self.fixed(&part.shape.cols, "a block")?;
            if !part.is_zero() && length > 0 {
                let columns = self.columns(&whole.cols, before, &part.shape.cols, "a block")?;
                terms.push(self.multiply(&part, &columns.transpose())?);
            }
            before += length;
        }
        let sum = if terms.is_empty() { Form::number(&whole, 0.0) } else { self.add(&whole, terms)? };
        Ok(across(&sum, direction))
    }

    /// The columns of an identity of this size that follow so many others.
    fn columns(
        &mut self,
        whole: &Size,
        before: usize,
        length: &Size,
        part: &'static str,
    ) -> Result<Form, PlanError> {
        let shape = Shape::new(whole.clone(), length.clone());
        if shape.is_scalar() {
            return Ok(Form::number(&shape, 1.0));
        }
        let key = [self.fixed(whole, part)?, before, self.fixed(length, part)?];
        let to = match self.stripes.get(&key) {
            Some(known) => *known,
            None => {
                let to = self.computed(&shape)?;
                let fill = Fill { diagonal: 1.0, elsewhere: 0.0, above: before, to };
                self.plan.instructions.push(Instruction::Fill(fill));
                self.stripes.insert(key, to);
                to
            }
        };
        Ok(Form::new(&shape, Kind::Matrix { value: to, transposed: false }))
    }

    /// A number of rows or columns that is no number of walked rows.
    fn fixed(&self, size: &Size, part: &'static str) -> Result<usize, PlanError> {
        match self.extent(size)? {
            Extent::Fixed(count) => Ok(count),
            Extent::Walked => Err(PlanError::NoInstruction { part }),
        }
    }
}

/// A form, turned so that what stands below one another stands beside one another; and back.
fn across(form: &Form, direction: Direction) -> Form {
    match direction {
        Direction::Across => form.clone(),
        Direction::Down => form.transpose(),
    }
}
