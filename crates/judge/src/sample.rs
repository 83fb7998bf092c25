//! Random points: small sizes, matrices with the properties declared of them, and stand-ins for unknown functions.

use crate::DeriveError;
use crate::properties::with_properties;
use formula::{
    Body, Formula, FunctionId, Matrix, Name, Node, NodeId, Number, Point, Primitive, Shape, Sizes, Variable,
};

/// The numbers that variables take, before they are given their declared properties. A formula has values on some of these only: a logarithm wants
/// positive numbers, an arcsine numbers in (-1, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    Any,
    Positive,
    /// In (-0.8, 0.8).
    Unit,
    /// In (0.1, 0.8).
    PositiveUnit,
}

/// How often each choice of domains is tried before the next.
const TRIES: usize = 8;
/// In these rounds points lie around the numbers of the formula; later ones are as near as the first again.
const FAR: std::ops::Range<usize> = 5..7;
/// Around so many numbers at most.
const SHIFTS: usize = 8;
/// In this round points are scaled by the numbers of the formula.
const SCALED: usize = 7;

/// Draws points until one will do, changing the sizes and the domains of the variables when it does not.
pub(crate) struct Sampler {
    inputs: Vec<Variable>,
    /// Sizes that fit the formula.
    choices: Vec<Sizes>,
    /// Which sizes were kept last, or are to be tried first.
    choice: usize,
    /// Which domains were kept last.
    round: usize,
    /// Points drawn since one was kept.
    failed: usize,
    /// Points of which the values were lost in rounding.
    lost: usize,
    /// The numbers above 1 in the formula: where it has values only far from 0, those are near one of them.
    numbers: Vec<f64>,
}

impl Sampler {
    /// For variables, and the sizes that are named by them and by these values; with another choice of sizes for each number.
    pub fn new(formula: &Formula, roots: &[NodeId], inputs: Vec<Variable>, choice: usize) -> Sampler {
        let choices = crate::sizes::choices(formula, roots, &inputs);
        let number = |id: NodeId| formula.as_number(id).map(|number| number.value().abs());
        let numbers = formula.reachable(roots).into_iter().filter_map(number);
        let numbers = numbers.filter(|number| *number > 1.0 && number.is_finite()).take(SHIFTS).collect();
        Sampler { inputs, choices, choice, round: 0, failed: 0, lost: 0, numbers }
    }

    /// With these choices of sizes, where there are any.
    pub fn among(mut self, choices: Vec<Sizes>) -> Sampler {
        if !choices.is_empty() {
            self.choices = choices;
        }
        self
    }

    /// The sizes that are tried first.
    pub fn first_sizes(&self) -> Sizes {
        self.sizes(self.choice)
    }

    /// How many choices of sizes there are.
    pub fn choices(&self) -> usize {
        self.choices.len()
    }

    fn sizes(&self, choice: usize) -> Sizes {
        self.choices[choice % self.choices.len()].clone()
    }

    pub fn inputs(&self) -> &[Variable] {
        &self.inputs
    }

    /// A random point, of other sizes and in other domains the more often the points before would not do.
    pub fn draw(&mut self, draw: &mut dyn FnMut() -> f64) -> Result<Point, DeriveError> {
        let sizes = self.sizes(self.choice + self.failed / 2);
        let round = self.round + self.failed / TRIES;
        let number = self.numbers.get(self.failed / 2 % self.numbers.len().max(1));
        let shift = match number {
            Some(number) if FAR.contains(&round) && self.failed.is_multiple_of(2) => *number,
            Some(number) if FAR.contains(&round) => -number,
            _ => 0.0,
        };
        let by = self.numbers.get((self.lost + self.failed) / 3 % self.numbers.len().max(1));
        let scale =
            by.filter(|_| !self.lost.is_multiple_of(3) || round == SCALED).map_or(1.0, |number| 1.0 / number);
        self.failed += 1;
        let mut point = Point { sizes, ..Point::default() };
        for variable in &self.inputs {
            // After a round in each domain for all variables, each variable has one of its own.
            let domain = match round {
                0 => Domain::Any,
                1 => Domain::Positive,
                2 => Domain::Unit,
                3 => Domain::PositiveUnit,
                _ if draw() > 0.0 => Domain::Positive,
                _ if draw() > 0.0 => Domain::PositiveUnit,
                _ if draw() > 0.0 => Domain::Unit,
                _ => Domain::Any,
            };
            let mut value = random_matrix(&variable.shape, domain, &point.sizes, draw)?;
            // Powers are neither lost nor infinite where their base is as near 1 as their exponent is large.
            let shift = if scale < 1.0 && self.lost % 3 == 2 { 1.0 } else { shift };
            value.entries.iter_mut().for_each(|entry| *entry = *entry * scale + shift);
            let value = with_properties(value, variable.properties);
            point.variables.insert(variable.name.clone(), value);
        }
        Ok(point)
    }

    /// The last point had values, but they are lost in rounding, as a sine of `1e40*x` is where x is near 1: two of
    /// three points after it are scaled by a number of the formula, to 0 and to 1.
    pub fn lose(&mut self) {
        self.lost += 1;
    }

    /// The last point was good, so the next is drawn in its sizes and domains.
    pub fn keep(&mut self) {
        let last = self.failed.saturating_sub(1);
        self.choice = (self.choice + last / 2) % self.choices.len();
        self.round += last / TRIES;
        self.failed = 0;
    }
}

/// The variables of these values, in order.
pub(crate) fn variables(formula: &Formula, roots: &[NodeId]) -> Vec<Variable> {
    let variable = |id: NodeId| match formula.node(id) {
        Node::Variable(variable) => Some(variable.clone()),
        _ => None,
    };
    formula.variables(roots).into_iter().filter_map(variable).collect()
}

fn random_matrix(
    shape: &Shape,
    domain: Domain,
    sizes: &Sizes,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Matrix, DeriveError> {
    let rows = shape.rows.evaluate(sizes).map_err(DeriveError::UnknownSize)?;
    let cols = shape.cols.evaluate(sizes).map_err(DeriveError::UnknownSize)?;
    let mut entries: Vec<f64> = (0..rows * cols).map(|_| draw()).collect();
    for entry in &mut entries {
        let unit = *entry / (1.0 + entry.abs());
        *entry = match domain {
            Domain::PositiveUnit => 0.1 + 0.7 * unit.abs(),
            Domain::Unit => 0.8 * unit,
            Domain::Any => *entry,
            Domain::Positive => entry.abs() + 0.1,
        };
    }
    Ok(Matrix { rows, cols, entries })
}

/// Puts `tanh(x + c)` in the place of every abstract function, so that numbers exist; c follows from the function's name, so that
/// it is the same in every formula. A function of several arguments takes a weighted sum of them; for one of a whole matrix see
/// [`stand_in`].
pub(crate) fn replace_abstract_functions(formula: &mut Formula) -> Result<(), DeriveError> {
    let unknown: Vec<FunctionId> = formula
        .functions()
        .filter(|(_, function)| function.body == Body::Abstract)
        .map(|(id, _)| id)
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let tanh = tanh(formula)?;
    for id in unknown {
        // The gradient of a function of a whole matrix gets its body with the function.
        if formula.function(id).signature.is_some() {
            stand_in(formula, id, tanh)?;
            continue;
        }
        let shift = shift(&formula.function(id).name);
        let mut parts = vec![formula.number(shift)];
        for (place, parameter) in formula.function(id).parameters.clone().into_iter().enumerate() {
            let x = formula.variable(Variable::new(parameter, Shape::scalar()));
            let weight = Number::ratio(1, place as i64 + 1).unwrap_or(Number::ONE);
            let weight = formula.number(weight);
            parts.push(formula.scale(weight, x)?);
        }
        let moved = formula.add(&parts)?;
        let value = formula.apply(tanh, &[], &[moved])?;
        formula.function_mut(id).body = Body::Defined(value);
    }
    Ok(())
}

/// A number between 0 and 1 that follows from a name.
fn shift(name: &Name) -> Number {
    let key = name.bytes().fold(7, |key, letter| (31 * key + i64::from(letter)) % 101);
    Number::ratio(key, 101).unwrap_or(Number::ONE)
}

/// Puts a smooth function in the place of an abstract one of a whole matrix X, `sum(tanh(X + c)) + tanh(norm(X)^2/5 + c)`, and its
/// gradient in the place of the function that stands for that, which may be there alone; c follows from the name of the gradient.
fn stand_in(formula: &mut Formula, id: FunctionId, tanh: FunctionId) -> Result<(), DeriveError> {
    let function = formula.function(id).clone();
    let Some(signature) = &function.signature else { return Ok(()) };
    let gradient = function.slopes.get(&vec![0]).map(|slope| formula.node(*slope));
    let gradient = match gradient {
        Some(Node::Call(call)) => call.function,
        _ => id,
    };
    let (Some(shape), Some(parameter)) = (signature.parameters.first(), function.parameters.first()) else {
        return Ok(());
    };
    let x = formula.variable(Variable::new(parameter.clone(), shape.clone()));
    let (shift, one, two) = (
        formula.number(shift(&formula.function(gradient).name.clone())),
        formula.number(Number::ONE),
        formula.number(Number::integer(2)),
    );
    let fifth = formula.number(Number::ratio(1, 5).unwrap_or(Number::ONE));
    let spread = formula.broadcast(shift, shape)?;
    let moved = formula.add(&[x, spread])?;
    let each = formula.apply(tanh, &[], &[moved])?;
    let ones = [&shape.rows, &shape.cols].map(|size| formula.ones(Shape::column(size.clone())));
    let row = formula.transpose(ones[0]);
    let sum = formula.product(&[row, each, ones[1]])?;
    let norm = formula.norm(x);
    let square = formula.power(norm, two)?;
    let scaled = formula.scale(fifth, square)?;
    let moved = formula.add(&[scaled, shift])?;
    let whole = formula.apply(tanh, &[], &[moved])?;
    let body = formula.add(&[sum, whole])?;
    // 1 - tanh(X + c).^2 + 2/5*(1 - tanh(...)^2)*X
    let slope = |formula: &mut Formula, value: NodeId| {
        let square = formula.power(value, two)?;
        let minus = formula.negate(square)?;
        let shape = formula.shape(value).clone();
        let one = formula.broadcast(one, &shape)?;
        formula.add(&[one, minus])
    };
    let (each, outer) = (slope(formula, each)?, slope(formula, whole)?);
    let twice = formula.scale(two, fifth)?;
    let factor = formula.scale(twice, outer)?;
    let inner = formula.scale(factor, x)?;
    let by_x = formula.add(&[each, inner])?;
    formula.function_mut(id).body = Body::Defined(body);
    formula.function_mut(gradient).body = Body::Defined(by_x);
    Ok(())
}

/// The hyperbolic tangent with its slope.
fn tanh(formula: &mut Formula) -> Result<FunctionId, DeriveError> {
    let tanh = formula.primitive(Primitive::TANH);
    let x = formula.function(tanh).parameters.first().cloned().unwrap_or_else(|| Name::from("x"));
    let x = formula.variable(Variable::new(x, Shape::scalar()));
    let (one, two) = (formula.number(Number::ONE), formula.number(Number::integer(2)));
    let value = formula.apply(tanh, &[], &[x])?;
    let square = formula.power(value, two)?;
    let minus = formula.negate(square)?;
    let slope = formula.add(&[one, minus])?;
    formula.function_mut(tanh).slopes.entry(vec![0]).or_insert(slope);
    Ok(tanh)
}
