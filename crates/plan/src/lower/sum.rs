//! Sums, that is products with `ones`, as sums of lane programs; and sizes as numbers.

use super::Lowering;
use super::form::{Form, Kind, Scalar};
use crate::program::Program;
use crate::{Access, Extent, Instruction, LaneInput, Operation, PlanError, Reduction, Source, ValueId};
use formula::{NodeId, Shape, Size};

impl Lowering<'_> {
    /// `ones(m)'*X`, `1 x n`.
    pub(super) fn sum_down(&mut self, form: &Form) -> Result<Form, PlanError> {
        let shape = Shape::new(Size::number(1), form.shape.cols.clone());
        if form.shape.rows.is_one() {
            return Ok(form.clone());
        }
        match form.kind {
            Kind::Uniform(_) => {
                let count = self.count(&form.shape.rows)?;
                let sum = self.scaled(&count, &form.as_scalar())?;
                Ok(Form::new(&shape, sum.kind))
            }
            Kind::Column(vector) => {
                let count = self.count(&form.shape.rows)?;
                let row = self.vector(vector, &shape)?;
                self.scaled(&count, &row)
            }
            Kind::Row(vector) => {
                let sum = self.reduced(vector, Reduction::SumAll, &Shape::scalar())?;
                Ok(Form::new(&shape, Kind::Uniform(Scalar::Value(sum))))
            }
            Kind::Identity => Ok(Form::number(&shape, 1.0)),
            Kind::Matrix { value, .. } if shape.is_scalar() => {
                let sum = self.reduced(value, Reduction::SumAll, &shape)?;
                Ok(Form::new(&shape, Kind::Uniform(Scalar::Value(sum))))
            }
            Kind::Matrix { value, transposed } => {
                let reduction = if transposed { Reduction::SumAlong } else { Reduction::SumDown };
                let sum = self.reduced(value, reduction, &shape)?;
                self.vector(sum, &shape)
            }
        }
    }

    /// `X*ones(n)`, `m x 1`.
    pub(super) fn sum_along(&mut self, form: &Form) -> Result<Form, PlanError> {
        // The sum is stored as a column, since that is what is asked for; all else is the transpose of a sum down.
        if let Kind::Matrix { value, transposed } = form.kind
            && !form.shape.cols.is_one()
            && !form.shape.rows.is_one()
        {
            let shape = Shape::column(form.shape.rows.clone());
            let reduction = if transposed { Reduction::SumDown } else { Reduction::SumAlong };
            let sum = self.reduced(value, reduction, &shape)?;
            return self.vector(sum, &shape);
        }
        Ok(self.sum_down(&form.transpose())?.transpose())
    }

    /// The sum of all squared entries of a node, `1 x 1`.
    pub(super) fn squares(&mut self, node: NodeId) -> Result<Form, PlanError> {
        if let Some(known) = self.squares.get(&node) {
            return Ok(known.clone());
        }
        let form = self.form(node);
        let mut frame = self.frame(&form.shape, std::slice::from_ref(&form))?;
        let entry = frame.registers[0];
        let square = frame.program.emit(Operation::Multiply(entry, entry));
        let sum = self.computed(&Shape::scalar())?;
        frame.program.output(square, sum, Reduction::SumAll);
        self.push_program(&frame);
        let squares = Form::new(&Shape::scalar(), Kind::Uniform(Scalar::Value(sum)));
        self.squares.insert(node, squares.clone());
        Ok(squares)
    }

    /// `x'*y` of a row and a column, `1 x 1`.
    pub(super) fn dot(&mut self, row: &Form, column: &Form) -> Result<Form, PlanError> {
        let operands = [row.transpose(), column.clone()];
        let mut frame = self.frame(&column.shape, &operands)?;
        let product = Operation::Multiply(frame.registers[0], frame.registers[1]);
        let product = frame.program.emit(product);
        let sum = self.computed(&Shape::scalar())?;
        frame.program.output(product, sum, Reduction::SumAll);
        self.push_program(&frame);
        Ok(Form::new(&Shape::scalar(), Kind::Uniform(Scalar::Value(sum))))
    }

    /// A size as a number; the walked size is the number of rows of the whole batch.
    pub(super) fn count(&mut self, size: &Size) -> Result<Form, PlanError> {
        let scalar = Shape::scalar();
        let walked = self.request.walked.clone();
        let is_walked = walked.as_ref().is_some_and(|walked| size.names().contains(walked));
        if !is_walked {
            let count = size.evaluate(&self.request.sizes);
            let count = count.map_err(|name| PlanError::UnknownSize { name })?;
            return Ok(Form::number(&scalar, count as f64));
        }
        if size.as_name() == walked.as_ref() {
            let value = match self.row_count {
                Some(value) => value,
                None => self.value(&scalar, Source::RowCount)?,
            };
            self.row_count = Some(value);
            return Ok(Form::new(&scalar, Kind::Uniform(Scalar::Value(value))));
        }
        let mut terms = Vec::new();
        for (names, count) in size.terms() {
            let mut term = Form::number(&scalar, *count as f64);
            for name in names {
                let factor = self.count(&Size::named(name.clone()))?;
                term = self.scaled(&factor, &term)?;
            }
            terms.push(term);
        }
        self.add(&scalar, terms)
    }

    /// A stored value, summed into one of this shape.
    fn reduced(&mut self, value: ValueId, reduction: Reduction, shape: &Shape) -> Result<ValueId, PlanError> {
        if let Some(known) = self.sums.get(&(value, reduction)) {
            return Ok(*known);
        }
        let to = self.computed(shape)?;
        let (rows, cols): (Extent, Extent) = self.extents(value);
        let mut program = Program::default();
        let entry = program.input(LaneInput { value, access: Access::Entry });
        program.output(entry, to, reduction);
        self.plan.instructions.push(Instruction::Lanes(program.finish(rows, cols)));
        self.sums.insert((value, reduction), to);
        Ok(to)
    }
}
