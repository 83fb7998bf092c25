//! The value of a formula in double precision, plainly: every node once, no order of sums promised, no speed meant. It judges
//! what is derived, simplified, printed and compiled.

use crate::{
    Apply, Body, Call, Constant, Direction, Formula, FunctionId, Matrix, Name, Node, NodeId, Operator, Part,
    Primitive, Real, Size, Sizes, Values, Variable,
};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Index;

/// Where a formula is evaluated: its sizes and its variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Point<T = f64> {
    /// The values of the named sizes.
    pub sizes: Sizes,
    /// The values of the variables.
    pub variables: BTreeMap<Name, Matrix<T>>,
}

/// Why a formula has no value at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoValue {
    /// A named size has no value there.
    Size(Name),
    /// A variable has no value there, or one of another shape than its own.
    Variable(Name),
    /// A function, or a slope of it, of which nothing is known.
    Function(Name),
    /// There are not as many rows or columns there as are taken.
    Part,
}

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoValue::Size(name) => write!(f, "the size `{name}` has no value"),
            NoValue::Variable(name) => write!(f, "the variable `{name}` has no value of its shape"),
            NoValue::Part => f.write_str("there are not as many rows or columns as are taken"),
            NoValue::Function(name) => {
                write!(f, "nothing is known of the function `{name}` that could be computed")
            }
        }
    }
}

impl std::error::Error for NoValue {}

/// No sizes and no variables.
impl<T> Default for Point<T> {
    fn default() -> Self {
        Point { sizes: Sizes::new(), variables: BTreeMap::new() }
    }
}

impl Point {
    /// The same point in numbers of another kind.
    pub fn to<T: Real>(&self) -> Point<T> {
        let variables = self.variables.iter();
        let variables = variables.map(|(name, value)| (name.clone(), value.map(T::from))).collect();
        Point { sizes: self.sizes.clone(), variables }
    }
}

impl Formula {
    /// The values of these nodes at a point.
    ///
    /// # Errors
    /// When a size or a variable has no value there, or a function has no body.
    pub fn evaluate<T: Real>(&self, roots: &[NodeId], point: &Point<T>) -> Result<Vec<Matrix<T>>, NoValue> {
        let mut values = Values::default();
        self.evaluate_more(roots, point, &mut values)?;
        Ok(roots.iter().map(|root| values[*root].clone()).collect())
    }

    /// Adds the values of these nodes, and of all they are built from but variables, to those that are known of the same point
    /// already.
    ///
    /// # Errors
    /// When a size or a variable has no value there, or a function has no body.
    pub fn evaluate_more<T: Real>(
        &self,
        roots: &[NodeId],
        point: &Point<T>,
        values: &mut Values<T>,
    ) -> Result<(), NoValue> {
        let mut unknown: Vec<NodeId> = Vec::new();
        let mut is_met = vec![false; self.len()];
        let mut waiting: Vec<NodeId> = roots.to_vec();
        while let Some(id) = waiting.pop() {
            if values.get(id).is_none() && !std::mem::replace(&mut is_met[id.index()], true) {
                unknown.push(id);
                waiting.extend_from_slice(self.node(id).children());
            }
        }
        unknown.sort_unstable();
        for id in unknown {
            // A variable's value is read where the point has it: it may be large, and is seldom asked for.
            if let Node::Variable(variable) = self.node(id)
                && !roots.contains(&id)
            {
                self.value_of(id, variable, point)?;
                continue;
            }
            let value = self.evaluate_node(id, point, &Known { formula: self, point, values })?;
            values.insert(id, value);
        }
        Ok(())
    }

    fn value_of<'p, T: Real>(
        &self,
        id: NodeId,
        variable: &Variable,
        point: &'p Point<T>,
    ) -> Result<&'p Matrix<T>, NoValue> {
        let size = |size: &Size| size.evaluate(&point.sizes).map_err(NoValue::Size);
        let shape = self.shape(id);
        let shape = (size(&shape.rows)?, size(&shape.cols)?);
        let value = point.variables.get(&variable.name).filter(|value| (value.rows, value.cols) == shape);
        value.ok_or_else(|| NoValue::Variable(variable.name.clone()))
    }

    fn evaluate_node<T: Real>(
        &self,
        id: NodeId,
        point: &Point<T>,
        values: &Known<'_, T>,
    ) -> Result<Matrix<T>, NoValue> {
        let size = |size: &Size| size.evaluate(&point.sizes).map_err(NoValue::Size);
        let shape = self.shape(id);
        let (rows, cols) = (size(&shape.rows)?, size(&shape.cols)?);
        let filled = |entry: &dyn Fn(usize, usize) -> T| Matrix::from_fn(rows, cols, entry);
        let truth = |holds: bool| T::from(f64::from(u8::from(holds)));
        Ok(match self.node(id) {
            Node::Number(number) => Matrix::scalar(T::of(*number)),
            Node::Size(inner) => Matrix::scalar(T::from(size(inner)? as f64)),
            Node::Variable(variable) => self.value_of(id, variable, point)?.clone(),
            Node::Constant(constant, _) => filled(&|row, col| match constant {
                Constant::Ones => T::from(1.0),
                Constant::Zeros => T::from(0.0),
                Constant::Identity => truth(row == col),
                Constant::Pi => T::PI,
            }),
            Node::Add(parts) => {
                filled(&|row, col| joined(parts, |part| values[part].at(row, col), |a, b| a + b))
            }
            Node::Times(parts) => {
                filled(&|row, col| joined(parts, |part| values[part].at(row, col), |a, b| a * b))
            }
            Node::Scale([scalar, part]) => {
                filled(&|row, col| values[scalar].entries[0] * values[part].at(row, col))
            }
            Node::Product(factors) => {
                let mut factors = factors.iter().map(|factor| &values[factor]);
                match (factors.next(), factors.next()) {
                    (Some(first), Some(second)) => {
                        factors.fold(first.multiply(second), |product, factor| product.multiply(factor))
                    }
                    (first, _) => first.cloned().unwrap_or_default(),
                }
            }
            Node::Apply(apply) => {
                let arguments: Vec<&[T]> =
                    apply.arguments.iter().map(|argument| values[argument].entries.as_slice()).collect();
                let entries = self.entries(apply, &arguments, rows * cols, &point.sizes)?;
                Matrix { rows, cols, entries }
            }
            Node::Transpose(part) => values[part].transpose(),
            Node::Norm(part) => Matrix::scalar(norm(&values[part].entries)),
            Node::Operator(operator, part) => operate(*operator, &values[part]),
            Node::Unvec(part, _) => filled(&|row, col| values[part].entries[col * rows + row]),
            Node::Kronecker([left, right]) => {
                let (left, right) = (&values[left], &values[right]);
                filled(&|row, col| {
                    left.at(row / right.rows, col / right.cols) * right.at(row % right.rows, col % right.cols)
                })
            }
            Node::Commutation([m, n]) => {
                let (m, n) = (size(m)?, size(n)?);
                // Row j + i*n of K takes X[i, j], which is at i + j*m in vec(X).
                filled(&|row, col| truth((row / n, row % n) == (col % m, col / m)))
            }
            Node::Call(call) => self.evaluate_call(call, values)?,
            Node::Block(Direction::Down, parts) => {
                let entries = parts.iter().flat_map(|part| values[part].entries.clone()).collect();
                Matrix { rows, cols, entries }
            }
            Node::Block(Direction::Across, parts) => {
                let row = |row: usize| {
                    parts.iter().flat_map(move |part| {
                        let value = &values[part];
                        &value.entries[row * value.cols..(row + 1) * value.cols]
                    })
                };
                Matrix { rows, cols, entries: (0..rows).flat_map(row).copied().collect() }
            }
            Node::Part(Part { of, direction, before, .. }) => {
                let (value, before) = (&values[of], size(before)?);
                let (end, whole) = match direction {
                    Direction::Across => (before + cols, value.cols),
                    Direction::Down => (before + rows, value.rows),
                };
                if end > whole {
                    return Err(NoValue::Part);
                }
                match direction {
                    Direction::Across => filled(&|row, col| value.at(row, before + col)),
                    Direction::Down => filled(&|row, col| value.at(before + row, col)),
                }
            }
        })
    }

    /// The entries of a function, or a slope of it, of arguments that have `count` entries each, or one for all.
    fn entries<T: Real>(
        &self,
        apply: &Apply,
        arguments: &[&[T]],
        count: usize,
        sizes: &Sizes,
    ) -> Result<Vec<T>, NoValue> {
        let function = self.function(apply.function);
        let unknown = || NoValue::Function(function.name.clone());
        let body = match (apply.marks.is_empty(), function.body) {
            (true, Body::Primitive(primitive)) => {
                let mut row = vec![T::from(0.0); arguments.len()];
                let entry = |at: usize| {
                    for (slot, argument) in row.iter_mut().zip(arguments) {
                        *slot = argument[if argument.len() == 1 { 0 } else { at }];
                    }
                    T::primitive(primitive, &row)
                };
                return Ok((0..count).map(entry).collect());
            }
            (true, Body::Defined(body)) => function.stable.unwrap_or(body),
            (true, Body::Abstract) => return Err(unknown()),
            (false, _) => *function.slopes.get(&apply.marks).ok_or_else(unknown)?,
        };
        let mut known: HashMap<NodeId, Vec<T>> = HashMap::new();
        for id in self.reachable(&[body]) {
            let value = self.entry_node(id, apply.function, arguments, count, sizes, &known)?;
            known.insert(id, value);
        }
        let value = known.remove(&body).unwrap_or_default();
        Ok(if value.len() == count { value } else { vec![value[0]; count] })
    }

    /// A node of a function's body, for every entry at once; one number stands for all entries.
    fn entry_node<T: Real>(
        &self,
        id: NodeId,
        function: FunctionId,
        arguments: &[&[T]],
        count: usize,
        sizes: &Sizes,
        known: &HashMap<NodeId, Vec<T>>,
    ) -> Result<Vec<T>, NoValue> {
        let joined = |parts: &[NodeId], join: fn(T, T) -> T| {
            let mut parts = parts.iter().map(|part| &known[part]);
            let first = parts.next().cloned().unwrap_or_default();
            parts.fold(first, |left, right| {
                let at = |side: &Vec<T>, at: usize| side[if side.len() == 1 { 0 } else { at }];
                (0..left.len().max(right.len())).map(|k| join(at(&left, k), at(right, k))).collect()
            })
        };
        Ok(match self.node(id) {
            Node::Number(number) => vec![T::of(*number)],
            Node::Size(size) => vec![T::from(size.evaluate(sizes).map_err(NoValue::Size)? as f64)],
            Node::Variable(variable) => {
                let place = self.function(function).parameters.iter().position(|name| *name == variable.name);
                match place.and_then(|place| arguments.get(place)) {
                    Some(argument) => argument.to_vec(),
                    None => return Err(NoValue::Variable(variable.name.clone())),
                }
            }
            Node::Constant(Constant::Pi, _) => vec![T::PI],
            Node::Add(parts) => joined(parts, |a, b| a + b),
            Node::Product(parts) | Node::Times(parts) => joined(parts, |a, b| a * b),
            Node::Scale(parts) => joined(parts, |a, b| a * b),
            Node::Apply(apply) => {
                let arguments: Vec<&[T]> =
                    apply.arguments.iter().map(|argument| known[argument].as_slice()).collect();
                let many = arguments.iter().any(|argument| argument.len() > 1);
                self.entries(apply, &arguments, if many { count } else { 1 }, sizes)?
            }
            Node::Norm(part) => known[part].iter().map(|entry| entry.abs()).collect(),
            // A body is over one number for each parameter, so there is nothing else in it.
            Node::Constant(..)
            | Node::Transpose(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => return Err(NoValue::Function(self.function(function).name.clone())),
        })
    }

    /// A function of whole matrices, by its page's body at the arguments.
    fn evaluate_call<T: Real>(&self, call: &Call, values: &Known<'_, T>) -> Result<Matrix<T>, NoValue> {
        let function = self.function(call.function);
        let unknown = || NoValue::Function(function.name.clone());
        let (Body::Defined(body), Some(signature)) = (function.body, &function.signature) else {
            return Err(unknown());
        };
        let mut point = Point::default();
        for ((name, shape), argument) in
            function.parameters.iter().zip(&signature.parameters).zip(&call.arguments)
        {
            let value = &values[argument];
            for (size, count) in [(&shape.rows, value.rows), (&shape.cols, value.cols)] {
                if let Some(name) = size.as_name() {
                    point.sizes.insert(name.clone(), count);
                }
            }
            point.variables.insert(name.clone(), value.clone());
        }
        let root = function.stable.unwrap_or(body);
        self.evaluate(&[root], &point)?.pop().ok_or_else(unknown)
    }
}

/// What is known at a point: the values of variables where the point has them, and those of other nodes.
struct Known<'k, T> {
    formula: &'k Formula,
    point: &'k Point<T>,
    values: &'k Values<T>,
}

impl<T> Index<&NodeId> for Known<'_, T> {
    type Output = Matrix<T>;

    fn index(&self, id: &NodeId) -> &Matrix<T> {
        match self.formula.node(*id) {
            Node::Variable(variable) => &self.point.variables[&variable.name],
            _ => &self.values[*id],
        }
    }
}

/// The parts joined from the left.
fn joined<T: Real>(parts: &[NodeId], value: impl Fn(&NodeId) -> T, join: fn(T, T) -> T) -> T {
    let joined = parts.iter().map(value).reduce(join);
    joined.unwrap_or(T::from(0.0))
}

fn operate<T: Real>(operator: Operator, value: &Matrix<T>) -> Matrix<T> {
    let size = value.rows;
    let zero = T::from(0.0);
    let nothing = || Matrix { rows: size, cols: 0, entries: Vec::new() };
    match operator {
        Operator::Trace => Matrix::scalar((0..size).fold(zero, |sum, at| sum + value.at(at, at))),
        Operator::Determinant => Matrix::scalar(value.solve(&nothing()).1),
        Operator::LogDeterminant => {
            let (_, determinant) = value.solve(&nothing());
            Matrix::scalar(T::primitive(Primitive::LOG, &[determinant.abs()]))
        }
        Operator::Inverse => {
            let one = T::from(1.0);
            value.solve(&Matrix::from_fn(size, size, |row, col| if row == col { one } else { zero })).0
        }
        Operator::Diagonal => Matrix::from_fn(size, 1, |row, _| value.at(row, row)),
        Operator::DiagonalMatrix => {
            Matrix::from_fn(size, size, |row, col| if row == col { value.entries[row] } else { zero })
        }
        Operator::Vec => {
            Matrix::from_fn(size * value.cols, 1, |at, _| value.at(at % size.max(1), at / size.max(1)))
        }
    }
}

fn norm<T: Real>(entries: &[T]) -> T {
    entries.iter().fold(T::from(0.0), |sum, entry| sum + *entry * *entry).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shape, Variable};

    fn named(name: &str) -> Size {
        Size::named(Name::from(name))
    }

    fn point() -> Point {
        let entries = [2.0, -1.0, 0.5, 3.0, 1.0, -2.0, 0.25, 4.0, 1.5];
        let square = Matrix { rows: 3, cols: 3, entries: entries.to_vec() };
        let wide = Matrix { rows: 2, cols: 3, entries: entries[..6].to_vec() };
        Point {
            sizes: Sizes::from([(Name::from("n"), 3), (Name::from("m"), 2)]),
            variables: BTreeMap::from([(Name::from("A"), square), (Name::from("X"), wide)]),
        }
    }

    fn value(formula: &Formula, id: NodeId) -> Matrix {
        formula.evaluate(&[id], &point()).unwrap().remove(0)
    }

    fn close(a: &Matrix, b: &Matrix) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        let error = a.entries.iter().zip(&b.entries).fold(0.0_f64, |worst, (x, y)| worst.max((x - y).abs()));
        assert!(error < 1e-12, "{a:?} {b:?}");
    }

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let mut f = Formula::new();
        let a = f.variable(Variable::new("A", Shape::new(named("n"), named("n"))));
        let inverse = f.inverse(a).unwrap();
        let product = f.product(&[inverse, a]).unwrap();
        let identity = f.constant(Constant::Identity, Shape::new(named("n"), named("n")));
        close(&value(&f, product), &value(&f, identity));
        let determinant = f.operator(Operator::Determinant, a).unwrap();
        // 2*(1.5 + 8) + 1*(4.5 + 0.5) + 0.5*(12 - 0.25)
        close(&value(&f, determinant), &Matrix::scalar(29.875));
    }

    #[test]
    fn vec_kron_and_commutation_agree() {
        let mut f = Formula::new();
        let x = f.variable(Variable::new("X", Shape::new(named("m"), named("n"))));
        let a = f.variable(Variable::new("A", Shape::new(named("n"), named("n"))));
        // vec(X*A') = kron(A, eye(m))*vec(X)
        let transposed = f.transpose(a);
        let product = f.product(&[x, transposed]).unwrap();
        let left = f.operator(Operator::Vec, product).unwrap();
        let identity = f.constant(Constant::Identity, Shape::new(named("m"), named("m")));
        let kronecker = f.kronecker(a, identity);
        let column = f.operator(Operator::Vec, x).unwrap();
        let right = f.product(&[kronecker, column]).unwrap();
        close(&value(&f, left), &value(&f, right));
        // commutation(m, n)*vec(X) = vec(X')
        let commutation = f.commutation(named("m"), named("n"));
        let swapped = f.product(&[commutation, column]).unwrap();
        let transpose = f.transpose(x);
        let wanted = f.operator(Operator::Vec, transpose).unwrap();
        close(&value(&f, swapped), &value(&f, wanted));
        let back = f.unvec(swapped, Shape::new(named("n"), named("m"))).unwrap();
        close(&value(&f, back), &value(&f, transpose));
    }

    #[test]
    fn parts_undo_blocks() {
        let mut f = Formula::new();
        let x = f.variable(Variable::new("X", Shape::new(named("m"), named("n"))));
        let ones = f.ones(Shape::new(named("m"), Size::number(1)));
        let block = f.block(Direction::Across, &[ones, x]).unwrap();
        assert_eq!(f.shape(block).to_string(), "m x n + 1");
        assert_eq!(f.part(block, Direction::Across, Size::number(1), named("n")), Ok(x));
        let middle = f.part(block, Direction::Across, Size::number(1), Size::number(2)).unwrap();
        close(&value(&f, middle), &Matrix { rows: 2, cols: 2, entries: vec![2.0, -1.0, 3.0, 1.0] });
        assert!(f.part(x, Direction::Down, named("m"), Size::number(1)).is_err());
        let below = f.block(Direction::Down, &[x, x]).unwrap();
        assert_eq!(value(&f, below).rows, 4);
        assert!(f.block(Direction::Down, &[x, ones]).is_err());
    }
}
