//! One derivative in the form that was asked for, read off the pullback.

use crate::derivation::Derivation;
use crate::error::CalculusError;
use crate::law::Laws;
use crate::linear_map::jacobian;
use crate::request::{Form, Request, Symmetric};
use crate::scalars;
use crate::simplify::{AlgebraStep, algebra, simplify, tidy};
use crate::sweep::sweep;
use formula::{
    Constant, Formula, Line, Name, NodeId, Number, Operator, Properties, Shape, ShapeError, Variable,
};
use std::collections::HashMap;

/// The derivatives of a formula and the way to them.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The lines of the sweep: lets, result, derivatives with their laws. Where the result is no scalar they begin from a symbol,
    /// `df/dF`, and hold for any scalar f of it. Its arena holds the nodes of the readings too.
    pub derivation: Derivation,
    /// One for each variable or let, in the order asked.
    pub readings: Vec<Reading>,
}

/// One derivative in one form. The nodes are of the arena of [`Derived`](crate::Derived).
#[derive(Clone, Debug)]
pub struct Reading {
    /// The variable or let it is by.
    pub by: Name,
    /// The second one, of a second derivative.
    pub by2: Option<Name>,
    /// The form.
    pub form: Form,
    /// What it is, such as `df/dX`, `dF/dx`, `dvec(F)/dvec(X)'` or `dF`.
    pub title: Name,
    /// The derivative as it is read off the lines, in the inputs and the symbols, with no algebra done.
    pub raw: NodeId,
    /// Its closed form.
    pub value: NodeId,
    /// What was simplified to it: the derivative as it is read off the lines, or, where that is smaller in the end, the derivative
    /// of the formula as it is when it is simplified first.
    pub simplified: NodeId,
    /// The symbols that stand in it for any matrix of their shape: `df/dF`, `dX` or V.
    pub symbols: Vec<Symbol>,
    /// The lets that the lines of a second derivative hold as variables, with their values in the inputs.
    pub held: Vec<Line>,
    /// The layout, and the convention for a symmetric variable, as sentences.
    pub notes: Vec<String>,
    /// Of a second derivative, what leads from the first one to it.
    pub second: Option<Box<Second>>,
}

/// How a first derivative is differentiated again.
#[derive(Clone, Debug)]
pub struct Second {
    /// The first derivative as it is read off its lines.
    pub raw: NodeId,
    /// Its closed form, which is what is differentiated.
    pub value: NodeId,
    /// The lines from there, where it is called G.
    pub derivation: Derivation,
}

/// The steps of algebra of one reading, each beginning where the one before ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlgebraSteps {
    /// Of a second derivative, those from [`Second::raw`] to [`Second::value`].
    pub first: Vec<AlgebraStep>,
    /// Those from [`Reading::raw`] to [`Reading::value`].
    pub value: Vec<AlgebraStep>,
}

impl AlgebraSteps {
    /// Each way that a reading goes: where it begins, its steps, and where it ends.
    pub fn ways<'a>(&'a self, reading: &Reading) -> Vec<(NodeId, &'a [AlgebraStep], NodeId)> {
        let first = reading.second.iter().map(|second| (second.raw, self.first.as_slice(), second.value));
        first.chain([(reading.raw, self.value.as_slice(), reading.value)]).collect()
    }
}

impl Reading {
    /// The steps of algebra to its closed form.
    pub fn algebra(&self, formula: &mut Formula) -> AlgebraSteps {
        let mut steps = |[raw, simplified, value]: [NodeId; 3]| {
            if value == raw { Vec::new() } else { algebra(formula, [raw, simplified, value]) }
        };
        let first = self
            .second
            .as_ref()
            .map_or_else(Vec::new, |second| steps([second.raw, second.raw, second.value]));
        AlgebraSteps { first, value: steps([self.raw, self.simplified, self.value]) }
    }
}

/// A symbol of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The variable.
    pub node: NodeId,
    /// Its name.
    pub name: Name,
    /// What it stands for, as a sentence.
    pub meaning: String,
}

/// An expression, a variable, and the derivative of a scalar by the variable from its derivative by the expression.
pub(crate) struct Pullback<'a> {
    /// The expression's name and shape.
    pub of: (Name, Shape),
    /// The variable.
    pub by: &'a Variable,
    /// df/dX.
    pub value: NodeId,
    /// The symbol df/dF; none where the expression is the scalar itself.
    pub seed: Option<NodeId>,
    /// The symbol dX, for a pushforward.
    pub direction: Name,
}

impl Pullback<'_> {
    /// The derivative in a form, in the layout and convention of a request, without algebra.
    ///
    /// # Errors
    /// When no law fits a part of the pullback, which happens where laws are missing.
    pub fn read(
        &self,
        formula: &mut Formula,
        form: Form,
        request: &Request,
        laws: &Laws,
    ) -> Result<Read, CalculusError> {
        let one = formula.number(Number::ONE);
        let mut read = Read { value: self.value, direction: None, notes: Vec::new() };
        match (form, self.seed) {
            (Form::Gradient | Form::Pullback, _) | (Form::Tangent, None) => {}
            (Form::Jacobian | Form::Vec, None) => {
                let column = formula.operator(Operator::Vec, self.value)?;
                read.value = scalars::transpose(formula, column)?;
            }
            (Form::Jacobian | Form::Vec, Some(seed)) => read.value = jacobian(formula, self.value, seed)?,
            (Form::Tangent, Some(seed)) => read.value = self.adjoint(formula, laws, seed, one)?,
            (Form::Pushforward, seed) => {
                let mut change = Variable::new(self.direction.clone(), self.by.shape.clone());
                if is_symmetric(self.by) {
                    change.properties = Properties::SYMMETRIC;
                }
                let change = formula.variable(change);
                read.direction = Some(change);
                read.value = match seed {
                    Some(seed) => self.adjoint(formula, laws, seed, change)?,
                    None => {
                        let entries = scalars::times(formula, &[self.value, change])?;
                        formula.sum(entries)?
                    }
                };
            }
        }
        if is_symmetric(self.by) && form != Form::Pushforward {
            let symmetric = match form {
                Form::Vec => symmetric_columns(formula, read.value, &self.by.shape, request.symmetric),
                _ => symmetric_part(formula, read.value, request.symmetric),
            };
            read.value = symmetric?;
            read.notes.push(request.symmetric.sentence(&self.by.name));
        }
        read.notes.extend(free_sentence(self.by));
        if request.layout.transposes(form) {
            read.value = scalars::transpose(formula, read.value)?;
        }
        read.notes.insert(0, request.layout.sentence(form, &self.of.0, &self.by.name));
        Ok(read)
    }

    /// The linear map from dX to dF, at a direction: the derivative of the pullback by its symbol, by the same laws.
    fn adjoint(
        &self,
        formula: &mut Formula,
        laws: &Laws,
        seed: NodeId,
        direction: NodeId,
    ) -> Result<NodeId, CalculusError> {
        let found = sweep(formula, laws, (self.value, direction), &HashMap::new(), &[seed])?;
        Ok(match found.derivatives.get(&seed) {
            Some(value) => tidy(formula, *value),
            None => scalars::zeros(formula, self.of.1.clone()),
        })
    }
}

/// A derivative that was read.
pub(crate) struct Read {
    pub value: NodeId,
    /// The symbol dX of a pushforward.
    pub direction: Option<NodeId>,
    pub notes: Vec<String>,
}

/// What is to be said of a derivative by a variable with other properties than symmetry, as a sentence.
fn free_sentence(by: &Variable) -> Option<String> {
    let words: Vec<&str> = syntax::words(by.properties);
    let freely =
        by.properties.rows().filter_map(|place| syntax::properties().get(place)).any(|row| row.binds);
    let among = if is_symmetric(by) { "a symmetric one" } else { "any other of its shape" };
    freely.then(|| {
        format!(
            "the derivative by {0} is that by {among}, though {0} is declared `{1}`: a step along it need not keep that",
            by.name,
            words.join(" ")
        )
    })
}

/// Whether a variable is declared to equal its transpose.
pub(crate) fn is_symmetric(variable: &Variable) -> bool {
    !variable.shape.is_scalar() && variable.properties.is_symmetric()
}

/// The derivative by a symmetric variable from the one without regard to symmetry, left alone where it is symmetric.
pub(crate) fn symmetric_part(
    formula: &mut Formula,
    value: NodeId,
    convention: Symmetric,
) -> Result<NodeId, ShapeError> {
    let transposed = scalars::transpose(formula, value)?;
    let sum = scalars::sum(formula, &[value, transposed])?;
    match convention {
        Symmetric::Projection if same(formula, value, transposed) => Ok(value),
        Symmetric::Projection => half(formula, sum),
        Symmetric::Independent => {
            let diagonal = formula.operator(Operator::Diagonal, value)?;
            let diagonal = formula.operator(Operator::DiagonalMatrix, diagonal)?;
            minus(formula, sum, diagonal)
        }
    }
}

/// The same for a derivative with a column for each entry of the variable.
fn symmetric_columns(
    formula: &mut Formula,
    value: NodeId,
    shape: &Shape,
    convention: Symmetric,
) -> Result<NodeId, ShapeError> {
    let swap = formula.commutation(shape.rows.clone(), shape.cols.clone());
    let swapped = scalars::product(formula, &[value, swap])?;
    let sum = scalars::sum(formula, &[value, swapped])?;
    match convention {
        Symmetric::Projection if same(formula, value, swapped) => Ok(value),
        Symmetric::Projection => half(formula, sum),
        Symmetric::Independent => {
            let identity = formula.constant(Constant::Identity, shape.clone());
            let column = formula.operator(Operator::Vec, identity)?;
            let diagonal = formula.operator(Operator::DiagonalMatrix, column)?;
            let diagonal = scalars::product(formula, &[value, diagonal])?;
            minus(formula, sum, diagonal)
        }
    }
}

/// Whether two values have one closed form.
fn same(formula: &mut Formula, a: NodeId, b: NodeId) -> bool {
    simplify(formula, a) == simplify(formula, b)
}

fn half(formula: &mut Formula, value: NodeId) -> Result<NodeId, ShapeError> {
    let half = formula.number(Number::ratio(1, 2).unwrap_or(Number::ONE));
    scalars::product(formula, &[half, value])
}

fn minus(formula: &mut Formula, value: NodeId, other: NodeId) -> Result<NodeId, ShapeError> {
    let minus = formula.number(Number::MINUS_ONE);
    let other = scalars::product(formula, &[minus, other])?;
    scalars::sum(formula, &[value, other])
}
