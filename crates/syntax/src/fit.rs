//! One try at the shapes of a program, with every name's kind given: sizes are made equal where operations want them equal.

use crate::letters::Kind;
use crate::places::Places;
use crate::program::Program;
use crate::properties::is_square;
use crate::rules::Rule;
use crate::shapes::Declared;
use crate::tree::{Expr, ExprId, Operator};
use crate::unify::{Dims, Place, Sizes, Unequal};
use formula::{Direction, Name, Shape, Size};
use std::collections::{BTreeMap, BTreeSet};

/// A try.
pub(crate) struct Fit<'a> {
    pub program: &'a Program,
    pub rules: &'a BTreeMap<ExprId, Rule>,
    pub apart: &'a BTreeSet<ExprId>,
    pub places: &'a Places,
    pub sizes: Sizes,
    /// The sizes that names of sizes stand for, where they are to be found.
    pub named: BTreeMap<Name, Place>,
    /// The shapes of names: those declared, those undeclared by their kinds, and the lets so far.
    pub names: BTreeMap<Name, Dims>,
    /// Declared vectors beside matrices of unknown width, to be judged when all else is known; whether as biases.
    pub deferred: Vec<(Dims, Dims, bool)>,
    /// The shapes of `vector(1)`, `matrix(1)` and identities.
    pub free: BTreeMap<ExprId, Dims>,
    /// An `A*B .* C` to be read as `A*(B .* C)`.
    pub reread: Option<ExprId>,
    /// The shape of the last line, after [`Fit::run`].
    pub result: Option<Dims>,
    /// How many undeclared scalars stand beside something larger.
    pub beside: usize,
    /// How many of them are repeated, since what stands there can be no scalar.
    pub broadcasts: usize,
    /// How many results of reductions are.
    pub spreads: usize,
    /// The products to which biases are added, by the sum.
    pub biased: BTreeMap<ExprId, Dims>,
    /// The arguments of reductions that are one number each, by what was undeclared.
    pub lone: Vec<ExprId>,
}

impl<'a> Fit<'a> {
    pub fn new(
        program: &'a Program,
        rules: &'a BTreeMap<ExprId, Rule>,
        (size_names, apart, places): (&'a BTreeSet<Name>, &'a BTreeSet<ExprId>, &'a Places),
        kinds: &BTreeMap<Name, Kind>,
    ) -> Fit<'a> {
        let mut sizes = Sizes::new();
        let mut names = BTreeMap::new();
        for (name, kind) in kinds {
            let dims = match kind {
                Kind::Scalar => Dims { guessed: true, ..sizes.scalar() },
                Kind::Vector => Dims { rows: sizes.free(true), guessed: true, ..sizes.scalar() },
                Kind::Matrix => {
                    Dims { rows: sizes.free(false), cols: sizes.free(false), guessed: true, ..sizes.scalar() }
                }
            };
            names.insert(name.clone(), dims);
        }
        for declaration in &program.declarations {
            if let Declared::Value { rows, cols, properties } = &declaration.declared
                && !size_names.contains(&declaration.name)
            {
                let mut place = |size: &Option<Size>| match size {
                    Some(size) => sizes.known(size),
                    None => sizes.free(false),
                };
                let rows = place(rows);
                let square = is_square(*properties);
                let cols = if square { rows } else { place(cols) };
                let declared = sizes.is_one(cols) && !sizes.is_one(rows);
                names.insert(declaration.name.clone(), Dims { rows, cols, declared, ..sizes.scalar() });
            }
        }
        Fit {
            program,
            rules,
            apart,
            places,
            sizes,
            named: BTreeMap::new(),
            names,
            deferred: Vec::new(),
            free: BTreeMap::new(),
            reread: None,
            result: None,
            beside: 0,
            broadcasts: 0,
            spreads: 0,
            biased: BTreeMap::new(),
            lone: Vec::new(),
        }
    }

    /// Goes through all lines; the number of places where shapes do not fit.
    pub fn run(&mut self) -> usize {
        let program = self.program;
        let mut conflicts = usize::from(self.tie_rows().is_err());
        let mut known: BTreeMap<ExprId, Dims> = BTreeMap::new();
        for line in &program.lines {
            for id in program.tree.within(line.value) {
                if self.apart.contains(&id) {
                    continue;
                }
                let dims = self.expression(id, &known).unwrap_or_else(|Unequal| {
                    conflicts += 1;
                    self.left_as_is(id, &known)
                });
                known.insert(id, dims);
            }
            self.result = known.get(&line.value).copied();
            if let (Some(name), Some(dims)) = (&line.name, known.get(&line.value)) {
                self.names.insert(name.clone(), *dims);
            }
        }
        conflicts
    }

    /// Gives the result the first of these shapes that it can have.
    pub fn want(&mut self, wanted: &[Shape]) {
        let Some(result) = self.result else { return };
        for shape in wanted {
            let before = self.sizes.clone();
            let (rows, cols) = (self.sizes.known(&shape.rows), self.sizes.known(&shape.cols));
            let fits = self.sizes.unify(result.rows, rows).and_then(|()| self.sizes.unify(result.cols, cols));
            if fits.is_ok() {
                return;
            }
            self.sizes = before;
        }
    }

    /// How many sizes of names are still unknown and different.
    pub fn freedom(&self) -> usize {
        let places = self.names.values().flat_map(|dims| [dims.rows, dims.cols]);
        places.flat_map(|place| self.sizes.free_in(place)).collect::<BTreeSet<_>>().len()
    }

    /// What stands for the shape of an expression that does not fit.
    fn left_as_is(&mut self, id: ExprId, known: &BTreeMap<ExprId, Dims>) -> Dims {
        let first = self.program.tree.operands(id).first().and_then(|part| known.get(part).copied());
        first.unwrap_or(self.sizes.scalar())
    }

    fn expression(&mut self, id: ExprId, known: &BTreeMap<ExprId, Dims>) -> Result<Dims, Unequal> {
        let of = |part: &ExprId| known.get(part).copied().ok_or(Unequal);
        match self.program.tree.expr(id) {
            Expr::Number(..) => Ok(self.sizes.scalar()),
            Expr::Name(_) if self.places.identities.contains(&id) => {
                let size = self.sizes.free(true);
                let dims = Dims { rows: size, cols: size, ..self.sizes.scalar() };
                self.free.insert(id, dims);
                Ok(dims)
            }
            Expr::Name(name) => Ok(self.names.get(name).copied().unwrap_or(self.sizes.scalar())),
            Expr::Negate(part) => of(part),
            Expr::Transpose(part) => {
                let part = of(part)?;
                Ok(Dims { rows: part.cols, cols: part.rows, declared: false, ..part })
            }
            Expr::Binary(Operator::Times, left, right) if self.reread == Some(id) => {
                let Expr::Binary(_, head, tail) = self.program.tree.expr(*left) else { return Err(Unequal) };
                let tail = self.each(of(tail)?, of(right)?)?;
                self.product(of(head)?, tail)
            }
            Expr::Binary(Operator::Add, left, right) if self.places.biases.contains_key(&id) => {
                let bias = self.places.biases.get(&id);
                let (bias, product) = if bias == Some(left) { (left, right) } else { (right, left) };
                self.bias(id, of(bias)?, of(product)?)
            }
            Expr::Binary(operator, left, right) => self.join(*operator, of(left)?, of(right)?),
            Expr::Block(direction, parts) => {
                let parts = parts.iter().map(of).collect::<Result<Vec<_>, _>>()?;
                self.block(*direction, &parts)
            }
            Expr::Call(call) => {
                let arguments =
                    call.arguments.iter().map(|part| known.get(part).copied()).collect::<Vec<_>>();
                self.call(id, &arguments)
            }
        }
    }

    fn join(&mut self, operator: Operator, left: Dims, right: Dims) -> Result<Dims, Unequal> {
        match operator {
            Operator::Add | Operator::Subtract => self.sum(left, right),
            Operator::Times | Operator::Over | Operator::EachPower => self.each(left, right),
            Operator::Greater
            | Operator::Less
            | Operator::GreaterEqual
            | Operator::LessEqual
            | Operator::Equal
            | Operator::NotEqual => self.each(left, right),
            Operator::Solve => self.solve(left, right),
            Operator::Multiply => self.product(left, right),
            Operator::Divide if self.sizes.is_scalar(right) => {
                let computed = left.computed && self.both_computed(left, right);
                Ok(Dims { guessed: left.guessed || right.guessed, computed, ..left })
            }
            Operator::Divide => Err(Unequal),
            Operator::Power if !self.sizes.is_scalar(right) => Err(Unequal),
            // A power makes no number of a column.
            Operator::Power if self.sizes.is_one(left.rows) != self.sizes.is_one(left.cols) => Err(Unequal),
            Operator::Power => {
                self.sizes.unify(left.rows, left.cols)?;
                Ok(Dims { declared: false, ..left })
            }
        }
    }

    /// `A\B`: A is square.
    fn solve(&mut self, left: Dims, right: Dims) -> Result<Dims, Unequal> {
        if !self.sizes.is_scalar(left) {
            // Nobody writes a matrix to divide a number.
            if right.guessed && self.sizes.is_scalar(right) {
                return Err(Unequal);
            }
            self.sizes.unify(left.rows, left.cols)?;
            self.sizes.unify(left.rows, right.rows)?;
        }
        Ok(Dims { declared: false, ..right })
    }

    /// The sizes along the block add up, the others are one.
    fn block(&mut self, direction: Direction, parts: &[Dims]) -> Result<Dims, Unequal> {
        let turn = |dims: Dims| match direction {
            Direction::Across => (dims.cols, dims.rows),
            Direction::Down => (dims.rows, dims.cols),
        };
        let all_scalar = parts.iter().all(|part| self.sizes.is_scalar(*part));
        let (_, shared) = turn(*parts.first().ok_or(Unequal)?);
        for part in parts {
            // A name taken for a scalar makes no matrix beside it flat.
            let mut others = parts.iter().map(|other| turn(*other).1);
            if part.guessed
                && self.sizes.is_scalar(*part)
                && !all_scalar
                && others.any(|other| !self.sizes.is_one(other))
            {
                return Err(Unequal);
            }
            self.sizes.unify(shared, turn(*part).1)?;
        }
        let total = self.sizes.sum(parts.iter().map(|part| turn(*part).0).collect());
        let (rows, cols) = match direction {
            Direction::Across => (shared, total),
            Direction::Down => (total, shared),
        };
        Ok(Dims { rows, cols, ..self.sizes.scalar() })
    }

    fn call(&mut self, id: ExprId, arguments: &[Option<Dims>]) -> Result<Dims, Unequal> {
        let first = arguments.first().copied().flatten();
        let scalar = self.sizes.scalar();
        let sums = matches!(self.rules.get(&id), Some(Rule::Scalar | Rule::Columns | Rule::Rows | Rule::Dot));
        // Nobody sums one number.
        if sums && first.is_some_and(|first| first.guessed && self.sizes.is_scalar(first)) {
            let Expr::Call(call) = self.program.tree.expr(id) else { return Err(Unequal) };
            self.lone.extend(call.arguments.first());
        }
        match self.rules.get(&id) {
            // What is wrong with it is said where nodes are built.
            None => Ok(first.unwrap_or(scalar)),
            Some(Rule::Scalar) => Ok(Dims { computed: true, ..scalar }),
            Some(Rule::Columns) => Ok(Dims { cols: first.ok_or(Unequal)?.cols, computed: true, ..scalar }),
            Some(Rule::Rows) => Ok(Dims { rows: first.ok_or(Unequal)?.rows, computed: true, ..scalar }),
            Some(Rule::Constant(shape)) => Ok(self.constant(shape)),
            Some(rule @ (Rule::SquareToScalar | Rule::SquareToSquare)) => {
                let square = first.ok_or(Unequal)?;
                self.sizes.unify(square.rows, square.cols)?;
                Ok(match rule {
                    Rule::SquareToScalar => Dims { computed: true, ..scalar },
                    _ => Dims { declared: false, ..square },
                })
            }
            Some(Rule::Diagonal) => {
                let first = first.ok_or(Unequal)?;
                // Nobody asks for the diagonal of a number.
                if self.sizes.is_scalar(first) && first.guessed {
                    return Err(Unequal);
                }
                if self.sizes.is_one(first.cols) {
                    return Ok(Dims { rows: first.rows, cols: first.rows, ..scalar });
                }
                self.sizes.unify(first.rows, first.cols)?;
                Ok(Dims { rows: first.rows, ..scalar })
            }
            Some(Rule::Vec) => {
                let first = first.ok_or(Unequal)?;
                Ok(Dims { rows: self.sizes.product(vec![first.rows, first.cols]), ..scalar })
            }
            Some(Rule::Unvec(shape)) => {
                let (first, value) = (first.ok_or(Unequal)?, self.constant(shape));
                let length = self.sizes.product(vec![value.rows, value.cols]);
                self.sizes.unify(first.rows, length)?;
                self.sizes.unify(first.cols, scalar.cols)?;
                Ok(value)
            }
            Some(Rule::Kronecker) => match arguments {
                [Some(left), Some(right)] => {
                    // What runs first stands first, as in `vec`: `kron(A, B)*vec(X)` is `vec(B*X*A')`.
                    let rows = self.sizes.product(vec![right.rows, left.rows]);
                    Ok(Dims { rows, cols: self.sizes.product(vec![right.cols, left.cols]), ..scalar })
                }
                _ => Err(Unequal),
            },
            Some(Rule::Solve) => match arguments {
                [Some(left), Some(right)] => self.solve(*left, *right),
                _ => Err(Unequal),
            },
            Some(Rule::Part(direction, length)) => {
                let of = first.ok_or(Unequal)?;
                let whole = if *direction == Direction::Across { of.cols } else { of.rows };
                let length = self.size_of_part(length, whole);
                if of.guessed && self.sizes.is_scalar(of) {
                    return Err(Unequal);
                }
                Ok(match direction {
                    Direction::Across => Dims { rows: of.rows, cols: length, ..scalar },
                    Direction::Down => Dims { rows: length, cols: of.cols, ..scalar },
                })
            }
            Some(Rule::Entries(length)) => {
                let of = first.ok_or(Unequal)?;
                let is_flat = self.sizes.is_one(of.rows) && !self.sizes.is_one(of.cols);
                let length = self.size_of_part(length, if is_flat { of.cols } else { of.rows });
                if self.sizes.is_one(of.rows) && !self.sizes.is_one(of.cols) {
                    return Ok(Dims { cols: length, ..scalar });
                }
                // Nobody asks for an entry of a number.
                if of.guessed && self.sizes.is_scalar(of) {
                    return Err(Unequal);
                }
                self.sizes.unify(of.cols, scalar.cols)?;
                Ok(Dims { rows: length, ..scalar })
            }
            Some(Rule::Free(direction)) => {
                let rows = self.sizes.free(true);
                let cols = match direction {
                    Direction::Across => self.sizes.free(false),
                    Direction::Down => scalar.cols,
                };
                let dims = Dims { rows, cols, ..scalar };
                self.free.insert(id, dims);
                Ok(dims)
            }
            Some(Rule::Given(of, value)) => {
                let argument = first.ok_or(Unequal)?;
                let of = self.constant(of);
                self.sizes.unify(argument.rows, of.rows)?;
                self.sizes.unify(argument.cols, of.cols)?;
                let value = self.constant(value);
                Ok(Dims { computed: self.sizes.is_scalar(value), ..value })
            }
            Some(rule @ (Rule::Each | Rule::Dot)) => {
                let mut all = first.ok_or(Unequal)?;
                for argument in arguments.iter().skip(1) {
                    all = self.each(all, argument.ok_or(Unequal)?)?;
                }
                Ok(if matches!(rule, Rule::Dot) {
                    Dims { computed: true, ..scalar }
                } else {
                    Dims { declared: false, ..all }
                })
            }
            Some(Rule::Page(parameters, value)) => {
                let mut sizes: BTreeMap<Name, Place> = BTreeMap::new();
                for (shape, argument) in parameters.iter().zip(arguments) {
                    let argument = argument.ok_or(Unequal)?;
                    // Nobody calls a function of matrices with one number.
                    if argument.guessed && self.sizes.is_scalar(argument) && !shape.is_scalar() {
                        return Err(Unequal);
                    }
                    for (size, actual) in [(&shape.rows, argument.rows), (&shape.cols, argument.cols)] {
                        let declared = self.instance(size, &mut sizes);
                        self.sizes.unify(declared, actual)?;
                    }
                }
                let (rows, cols) =
                    (self.instance(&value.rows, &mut sizes), self.instance(&value.cols, &mut sizes));
                // `logsumexp(X, 2)` is a reduction.
                let is_wide = |shape: &Shape| !shape.rows.is_one() && !shape.cols.is_one();
                let is_flat = value.rows.is_one() != value.cols.is_one();
                let computed = is_flat && matches!(parameters.as_slice(), [only] if is_wide(only));
                Ok(Dims { rows, cols, computed, ..scalar })
            }
        }
    }
}
