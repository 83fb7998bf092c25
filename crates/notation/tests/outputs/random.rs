//! Random formulas over every kind of node, for what must hold of every notation.

use formula::{
    Constant, Direction, Formula, FunctionId, Name, NodeId, Number, Operator, Primitive, Shape, Size,
    Variable,
};
use syntax::{Library, Source, parse};

/// The variables of the random formulas.
pub const DECLARATIONS: &str = "X: m x n, A: n x n, B: n x n, S: n x n symmetric, y: m, a: n, b: n, v: m*n, W1: n x p, \
                                s: scalar, c: scalar, lambda: scalar";

/// A small generator of numbers, so that a failure repeats.
pub struct Draw(pub u64);

impl Draw {
    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// A size by its name, or a number.
pub fn size(name: &str) -> Size {
    match name.parse() {
        Ok(number) => Size::number(number),
        Err(_) => Size::named(Name::from(name)),
    }
}

/// A formula of about this many steps; the values near the end of the list are the deep ones.
pub fn random_formula(seed: u64, steps: usize) -> (Formula, Vec<NodeId>) {
    let mut draw = Draw(seed);
    // Read first, so that the pages' functions are in the table.
    let text = "sum(softmax(X, 2)) + logsumexp(X) + sum(softmax(X)) + sum(logsumexp(X, 2)) + sum(sigmoid(X)) + sum(softplus(A*B))\
                + sum(W1) + sum(S) + y'*y + a'*b + s*c*lambda + sum(v)";
    let parsed = parse(Source { text, declarations: DECLARATIONS }, &Library::standard());
    let mut formula = parsed.unwrap_or_else(|error| panic!("{error}")).formula;
    formula.lines.clear();
    let functions: Vec<FunctionId> = formula.functions().map(|(id, _)| id).collect();
    let lifted: Vec<FunctionId> = (functions.iter().copied())
        .filter(|id| {
            let function = formula.function(*id);
            function.signature.is_none() && function.parameters.len() == 1 && function.portable
        })
        .collect();
    let whole: Vec<FunctionId> =
        functions.iter().copied().filter(|id| formula.function(*id).signature.is_some()).collect();
    let mut pool: Vec<NodeId> =
        formula.ids().filter(|id| matches!(formula.node(*id), formula::Node::Variable(Variable { name, .. }) if name.len() > 1 || &**name != "x")).collect();
    // The variables inside the pages' functions are none of the formula's own.
    pool.retain(|id| {
        let shape = formula.shape(*id);
        let declared = |name: &str| DECLARATIONS.contains(&format!("{name}: "));
        match formula.node(*id) {
            formula::Node::Variable(variable) => {
                declared(&variable.name) && (!shape.is_scalar() || "s c lambda".contains(&*variable.name))
            }
            _ => false,
        }
    });
    for (rows, cols) in [("m", "1"), ("n", "1"), ("m", "n")] {
        pool.push(formula.ones(Shape::new(size(rows), size(cols))));
    }
    pool.push(formula.constant(Constant::Identity, Shape::new(size("n"), size("n"))));
    pool.push(formula.constant(Constant::Zeros, Shape::new(size("n"), size("n"))));
    pool.push(formula.constant(Constant::Pi, Shape::scalar()));
    pool.push(formula.commutation(size("m"), size("n")));
    pool.push(formula.size(&size("m")));
    pool.push(formula.size(&size("m").multiply(&size("n")).add(&size("1"))));
    for (above, below) in [(2, 1), (-1, 1), (1, 2), (-2, 3), (7, 1_000_000_000)] {
        pool.push(formula.number(Number::ratio(above, below).unwrap()));
    }
    let operators = Operator::ALL;
    let primitives = [Primitive::TANH, Primitive::EXP, Primitive::ABS, Primitive::ERF, Primitive::STEP];
    let pairs = [Primitive::MAX, Primitive::MIN, Primitive::GREATER, Primitive::LESS_EQUAL];
    for _ in 0..steps {
        let [one, mut two, three] = [(); 3].map(|()| draw.of(&pool));
        if draw.below(2) == 0 {
            let alike: Vec<NodeId> =
                pool.iter().copied().filter(|id| formula.shape(*id) == formula.shape(one)).collect();
            two = draw.of(&alike);
        }
        let direction = draw.of(&[Direction::Across, Direction::Down]);
        let built = match draw.below(24) {
            0 | 1 => formula.product(&[one, two]).ok(),
            2 => formula.product(&[one, two, three]).ok(),
            3 => formula.add(&[one, two]).ok(),
            4 => formula.negate(two).and_then(|minus| formula.add(&[one, minus])).ok(),
            5 => formula.times(&[one, two]).ok(),
            6 => formula.scale(one, two).ok(),
            7 => Some(formula.transpose(one)),
            8 if formula.is_scalar(one) => {
                let shape = formula.shape(two).clone();
                formula.broadcast(one, &shape).and_then(|wide| formula.add(&[two, wide])).ok()
            }
            8 => formula.sum(one).ok(),
            9 => formula.sum_rows(one).ok(),
            10 => formula.sum_columns(one).ok(),
            11 => {
                let (above, below) = draw.of(&[(-1, 1), (2, 1), (1, 2), (-1, 2), (-2, 1), (3, 1)]);
                let exponent = formula.number(Number::ratio(above, below).unwrap());
                positive(&mut formula, one).and_then(|base| formula.power(base, exponent)).ok()
            }
            12 => positive(&mut formula, one).and_then(|base| formula.power(base, two)).ok(),
            13 => {
                let function = formula.primitive(draw.of(&primitives));
                formula.apply(function, &[], &[one]).ok()
            }
            14 => Some(formula.norm(one)),
            15 | 16 => formula.operator(draw.of(&operators), one).ok(),
            17 => Some(formula.kronecker(one, two)),
            18 => formula.block(direction, &[one, two]).ok(),
            19 => {
                let along = match direction {
                    Direction::Across => formula.shape(one).cols.clone(),
                    Direction::Down => formula.shape(one).rows.clone(),
                };
                let (before, length) = match draw.below(3) {
                    0 => (size("0"), size("1")),
                    1 => (size("1"), size("1")),
                    _ => (size("1"), along.add(&size("2").negate())),
                };
                formula.part(one, direction, before, length).ok()
            }
            20 => {
                let function = draw.of(&lifted);
                formula.apply(function, &[], &[one]).ok()
            }
            21 => formula.call(draw.of(&whole), &[one]).ok(),
            22 => {
                let function = formula.primitive(draw.of(&pairs));
                formula.apply(function, &[], &[one, two]).ok()
            }
            _ => {
                let of: Vec<NodeId> = (pool.iter().copied())
                    .filter(|id| formula.shape(*id).rows == size("m").multiply(&size("n")))
                    .collect();
                formula.unvec(draw.of(&of), Shape::new(size("m"), size("n"))).ok()
            }
        };
        // A size such as m*n*n*m would make the judge slow.
        let fits = |id: &NodeId| {
            let shape = formula.shape(*id);
            let small = |size: &Size| size.terms().iter().all(|(names, _)| names.len() < 3);
            small(&shape.rows) && small(&shape.cols)
        };
        pool.extend(built.filter(fits));
    }
    (formula, pool)
}

/// A value above 0, so that every power of it has one.
fn positive(formula: &mut Formula, id: NodeId) -> Result<NodeId, formula::ShapeError> {
    let (tanh, exp) = (formula.primitive(Primitive::TANH), formula.primitive(Primitive::EXP));
    let bounded = formula.apply(tanh, &[], &[id])?;
    formula.apply(exp, &[], &[bounded])
}
