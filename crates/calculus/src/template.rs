//! Building what a law states, with its letters standing for parts of a formula.

use crate::expression::{Call, Expression};
use crate::law::{
    COLUMNS, COMMUTATION, IDENTITY, KRONECKER, Law, NORM, ONES, ROWS, SUM, UNVEC, ZEROS, operator,
};
use crate::matching::{Bindings, Part};
use crate::scalars;
use formula::{
    Apply, Constant, Direction, Formula, FunctionId, Name, NodeId, Number, Shape, ShapeError, Size,
};
use syntax::Library;

/// Why a law that fits could not be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TemplateError {
    /// Its text joins shapes that do not fit.
    Shape(ShapeError),
    /// Its text is no value, such as a sum along axis 3.
    Meaning(String),
}

impl From<ShapeError> for TemplateError {
    fn from(error: ShapeError) -> TemplateError {
        TemplateError::Shape(error)
    }
}

type Built = Result<NodeId, TemplateError>;

impl Law {
    /// df/dX for a whole G, from df/dG.
    pub(crate) fn apply(
        &self,
        formula: &mut Formula,
        bindings: &Bindings,
        whole: NodeId,
        incoming: NodeId,
    ) -> Built {
        Template { law: self, formula, bindings, whole, incoming }.build(&self.derivative)
    }
}

struct Template<'a> {
    law: &'a Law,
    formula: &'a mut Formula,
    bindings: &'a Bindings,
    whole: NodeId,
    incoming: NodeId,
}

impl Template<'_> {
    fn build(&mut self, expression: &Expression) -> Built {
        Ok(match expression {
            Expression::Number(number) => self.formula.number(*number),
            Expression::Name(name) => self.letter(name)?,
            Expression::Derivative(_) => self.incoming,
            Expression::Sum(parts) => {
                let parts = self.build_all(parts)?;
                scalars::sum(self.formula, &parts)?
            }
            Expression::Negative(inner) => {
                let inner = self.build(inner)?;
                let minus = self.formula.number(Number::MINUS_ONE);
                scalars::product(self.formula, &[minus, inner])?
            }
            Expression::Product(factors) => {
                let factors = self.build_all(factors)?;
                scalars::product(self.formula, &factors)?
            }
            Expression::Times(factors) => {
                let factors = self.build_all(factors)?;
                scalars::times(self.formula, &factors)?
            }
            Expression::Power(pair) => {
                let [base, exponent] = &**pair;
                let (base, exponent) = (self.build(base)?, self.build(exponent)?);
                scalars::power(self.formula, base, exponent)?
            }
            Expression::Transpose(inner) => {
                let inner = self.build(inner)?;
                scalars::transpose(self.formula, inner)?
            }
            Expression::Call(call) => self.call(call)?,
            Expression::Block(direction, parts) => {
                let parts = self.build_all(parts)?;
                self.formula.block(*direction, &parts)?
            }
        })
    }

    fn build_all(&mut self, parts: &[Expression]) -> Result<Vec<NodeId>, TemplateError> {
        parts.iter().map(|part| self.build(part)).collect()
    }

    fn letter(&mut self, name: &Name) -> Built {
        if *name == self.law.whole {
            return Ok(self.whole);
        }
        match self.bindings.letter(name) {
            Some(Part::Value(id)) => Ok(*id),
            Some(Part::Sum(parts)) => Ok(scalars::sum(self.formula, parts)?),
            Some(Part::Product(factors)) => Ok(scalars::product(self.formula, factors)?),
            Some(Part::Times(factors)) => Ok(scalars::times(self.formula, factors)?),
            Some(Part::Block(_, parts, shape)) if parts.is_empty() => {
                Ok(scalars::zeros(self.formula, shape.clone()))
            }
            Some(Part::Block(direction, parts, _)) => Ok(self.formula.block(*direction, parts)?),
            // A size as a number, such as the m of `G/m`.
            None => {
                let size = self.size(&Expression::Name(name.clone()))?;
                Ok(self.formula.size(&size))
            }
        }
    }

    fn call(&mut self, call: &Call) -> Built {
        let Call { function, slope, arguments } = call;
        if let Some((letter, Apply { function: known, marks, .. })) = &self.bindings.function
            && letter == function
        {
            let (known, marks) = (*known, marks.iter().copied().chain(*slope).collect::<Vec<u8>>());
            let arguments = self.build_all(arguments)?;
            if self.formula.function(known).signature.is_some() {
                return self.of_whole(known, &marks, &arguments);
            }
            return Ok(self.formula.apply(known, &marks, &arguments)?);
        }
        match (function.as_str(), arguments.as_slice()) {
            (ONES, [rows]) => {
                let shape = Shape::column(self.size(rows)?);
                Ok(self.formula.ones(shape))
            }
            (ONES, [rows, cols]) => {
                let shape = Shape::new(self.size(rows)?, self.size(cols)?);
                Ok(self.formula.ones(shape))
            }
            (IDENTITY, [rows]) => {
                let size = self.size(rows)?;
                Ok(self.formula.constant(Constant::Identity, Shape::new(size.clone(), size)))
            }
            (ZEROS, [rows, cols]) => {
                let shape = Shape::new(self.size(rows)?, self.size(cols)?);
                Ok(scalars::zeros(self.formula, shape))
            }
            (COMMUTATION, [rows, cols]) => {
                let (rows, cols) = (self.size(rows)?, self.size(cols)?);
                Ok(self.formula.commutation(rows, cols))
            }
            (UNVEC, [column, rows, cols]) => {
                let shape = Shape::new(self.size(rows)?, self.size(cols)?);
                let column = self.build(column)?;
                Ok(self.formula.unvec(column, shape)?)
            }
            (KRONECKER, [left, right]) => {
                let (left, right) = (self.build(left)?, self.build(right)?);
                Ok(self.formula.kronecker(left, right))
            }
            (word @ (ROWS | COLUMNS), [inner, first, last]) => {
                let direction = if word == ROWS { Direction::Down } else { Direction::Across };
                let (first, last) = (self.size(first)?, self.size(last)?);
                let before = first.add(&Size::number(1).negate());
                let length = last.add(&before.negate());
                let inner = self.build(inner)?;
                Ok(self.formula.part(inner, direction, before, length)?)
            }
            (NORM, [inner]) => {
                let inner = self.build(inner)?;
                Ok(self.formula.norm(inner))
            }
            (SUM, [inner, axis @ ..]) => {
                let (down, along) = match axis {
                    [] => (true, true),
                    [Expression::Number(axis)] if axis.is_one() => (true, false),
                    [Expression::Number(axis)] if *axis == Number::integer(2) => (false, true),
                    _ => return Err(TemplateError::Meaning("a sum is of all, down (1) or along (2)".into())),
                };
                let inner = self.build(inner)?;
                self.sum(inner, down, along)
            }
            _ => self.function(function, arguments),
        }
    }

    /// A function of whole matrices, or its gradient where it is marked.
    fn of_whole(&mut self, known: FunctionId, marks: &[u8], arguments: &[NodeId]) -> Built {
        if marks.is_empty() {
            return Ok(self.formula.call(known, arguments)?);
        }
        let function = self.formula.function(known);
        let (name, parameters) = (function.name.clone(), function.parameters.clone());
        let Some(gradient) = function.slopes.get(marks).copied() else {
            return Err(TemplateError::Meaning(format!("nothing is known of the gradient of `{name}`")));
        };
        let sizes = self.formula.call_sizes(known, arguments)?;
        Ok(self.formula.instantiate(gradient, &parameters, arguments, &sizes)?)
    }

    /// An operator of one matrix, or a function of whole matrices by its name, with the numbers behind its arguments.
    fn function(&mut self, function: &Name, arguments: &[Expression]) -> Built {
        let is_number = |argument: &Expression| matches!(argument, Expression::Number(_));
        let count = arguments.iter().position(is_number).unwrap_or(arguments.len());
        let (matrices, axis) = arguments.split_at(count);
        let axis: Vec<Number> = axis
            .iter()
            .filter_map(|number| if let Expression::Number(number) = number { Some(*number) } else { None })
            .collect();
        let matrices = self.build_all(matrices)?;
        if let ([matrix], []) = (matrices.as_slice(), axis.as_slice())
            && let Some(operator) = operator(function, self.formula.shape(*matrix))
        {
            return Ok(self.formula.operator(operator, *matrix)?);
        }
        match self.find(function, &axis) {
            Some(known) => Ok(self.formula.call(known, &matrices)?),
            None => Err(TemplateError::Meaning(format!(
                "`{function}` of {} arguments is not known",
                arguments.len()
            ))),
        }
    }

    /// The function of whole matrices of this name and these numbers: the formula's, else the library's, since a law may
    /// mention a function that the formula does not.
    fn find(&mut self, name: &Name, axis: &[Number]) -> Option<FunctionId> {
        let axis: Option<Vec<u8>> = axis
            .iter()
            .map(|number| number.as_integer().and_then(|number| u8::try_from(number).ok()))
            .collect();
        let axis = axis?;
        let known = self.formula.functions().find(|(_, function)| {
            function.name == *name
                && function.signature.as_ref().is_some_and(|signature| signature.axis == axis)
        });
        match known.map(|(id, _)| id) {
            Some(known) => Some(known),
            None => Library::standard().matrix_function(self.formula, name, &axis).ok().flatten(),
        }
    }

    /// A sum of entries as a product with ones.
    fn sum(&mut self, inner: NodeId, down: bool, along: bool) -> Built {
        let shape = self.formula.shape(inner).clone();
        let mut factors = vec![inner];
        if down {
            let ones = self.formula.ones(Shape::column(shape.rows));
            factors.insert(0, self.formula.transpose(ones));
        }
        if along {
            factors.push(self.formula.ones(Shape::column(shape.cols)));
        }
        Ok(scalars::product(self.formula, &factors)?)
    }

    fn size(&self, expression: &Expression) -> Result<Size, TemplateError> {
        expression.size(&|name| self.bindings.sizes.get(name).cloned()).ok_or_else(|| {
            TemplateError::Meaning("a size should be a name, a number, or sums and products".into())
        })
    }
}
