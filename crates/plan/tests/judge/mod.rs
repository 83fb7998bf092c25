//! Two plain judges in double precision: one computes formulas node by node, one runs plans in the memory they were given.

#![allow(dead_code, reason = "each test file uses its part")]

use chainrule_plan::{
    Access, Extent, Instruction, Lanes, Operand, Operation, Phase, Place, Plan, Reduction, Source, ValueId,
};
use formula::{Body, Constant, Direction, Formula, Name, Node, NodeId, Shape, Size, Sizes, Variable};
use std::collections::BTreeMap;

/// Rows, columns, entries row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub rows: usize,
    pub cols: usize,
    pub entries: Vec<f64>,
}

impl Matrix {
    pub fn from(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> f64) -> Matrix {
        let entries = (0..rows * cols).map(|at| entry(at / cols, at % cols)).collect();
        Matrix { rows, cols, entries }
    }

    fn at(&self, row: usize, col: usize) -> f64 {
        self.entries[row * self.cols + col]
    }
}

/// A counter-based source of numbers between -1 and 1.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 33) as usize % count
    }

    pub fn number(&mut self) -> f64 {
        self.below(1 << 20) as f64 / (1 << 19) as f64 - 1.0
    }

    pub fn matrix(&mut self, rows: usize, cols: usize) -> Matrix {
        let entries = (0..rows * cols).map(|_| self.number()).collect();
        Matrix { rows, cols, entries }
    }
}

pub fn named(text: &str) -> Size {
    match text.parse::<u32>() {
        Ok(number) => Size::number(number),
        Err(_) => Size::named(Name::from(text)),
    }
}

pub fn variable(formula: &mut Formula, name: &str, rows: &str, cols: &str) -> NodeId {
    formula.variable(Variable::new(name, Shape::new(named(rows), named(cols))))
}

/// The value of each root, by the definition of each node.
pub fn evaluate(
    formula: &Formula,
    roots: &[NodeId],
    inputs: &BTreeMap<Name, Matrix>,
    sizes: &Sizes,
) -> Vec<Matrix> {
    let mut formula = formula.clone();
    let mut values: BTreeMap<NodeId, Matrix> = BTreeMap::new();
    let mut stack: Vec<NodeId> = roots.to_vec();
    while let Some(id) = stack.last().copied() {
        if values.contains_key(&id) {
            stack.pop();
            continue;
        }
        let node = formula.node(id).clone();
        let mut needs = node.children().to_vec();
        let unfolded = match &node {
            Node::Apply(apply) => formula.unfold(apply).unwrap(),
            _ => None,
        };
        if let Some(value) = unfolded {
            needs = vec![value];
        }
        let missing: Vec<NodeId> = needs.into_iter().filter(|need| !values.contains_key(need)).collect();
        if !missing.is_empty() {
            stack.extend(missing);
            continue;
        }
        let value = match unfolded {
            Some(unfolded) => values[&unfolded].clone(),
            None => node_value(&formula, id, &values, inputs, sizes),
        };
        values.insert(id, value);
        stack.pop();
    }
    roots.iter().map(|root| values[root].clone()).collect()
}

fn node_value(
    formula: &Formula,
    id: NodeId,
    values: &BTreeMap<NodeId, Matrix>,
    inputs: &BTreeMap<Name, Matrix>,
    sizes: &Sizes,
) -> Matrix {
    let shape = formula.shape(id);
    let (rows, cols) = (shape.rows.evaluate(sizes).unwrap(), shape.cols.evaluate(sizes).unwrap());
    let matrix = |entry: &dyn Fn(usize, usize) -> f64| Matrix::from(rows, cols, entry);
    match formula.node(id) {
        Node::Number(number) => matrix(&|_, _| number.value()),
        Node::Size(size) => matrix(&|_, _| size.evaluate(sizes).unwrap() as f64),
        Node::Variable(variable) => inputs[&variable.name].clone(),
        Node::Constant(constant, _) => matrix(&|i, j| match constant {
            Constant::Ones => 1.0,
            Constant::Zeros => 0.0,
            Constant::Identity => f64::from(u8::from(i == j)),
            Constant::Pi => std::f64::consts::PI,
        }),
        Node::Add(parts) => matrix(&|i, j| parts.iter().map(|part| values[part].at(i, j)).sum()),
        Node::Times(parts) => matrix(&|i, j| parts.iter().map(|part| values[part].at(i, j)).product()),
        Node::Scale([scalar, part]) => matrix(&|i, j| values[scalar].at(0, 0) * values[part].at(i, j)),
        Node::Product(factors) => {
            let mut product = values[&factors[0]].clone();
            for factor in &factors[1..] {
                let right = &values[factor];
                product = Matrix::from(product.rows, right.cols, |i, j| {
                    (0..right.rows).map(|k| product.at(i, k) * right.at(k, j)).sum()
                });
            }
            product
        }
        Node::Apply(apply) => {
            let Body::Primitive(primitive) = formula.function(apply.function).body else {
                panic!("unfolded before")
            };
            let argument = |id: &NodeId, i: usize, j: usize| {
                let value = &values[id];
                if value.entries.len() == 1 { value.at(0, 0) } else { value.at(i, j) }
            };
            matrix(&|i, j| {
                let arguments: Vec<f64> = apply.arguments.iter().map(|id| argument(id, i, j)).collect();
                (primitive.row().value)(&arguments)
            })
        }
        Node::Transpose(part) => matrix(&|i, j| values[part].at(j, i)),
        Node::Norm(part) => {
            let squares: f64 = values[part].entries.iter().map(|entry| entry * entry).sum();
            matrix(&|_, _| squares.sqrt())
        }
        Node::Block(direction, parts) => {
            let across = *direction == Direction::Across;
            matrix(&|i, j| {
                let (mut at, mut part) = (if across { j } else { i }, 0);
                let length = |part: usize| {
                    let value = &values[&parts[part]];
                    if across { value.cols } else { value.rows }
                };
                while at >= length(part) {
                    at -= length(part);
                    part += 1;
                }
                let value = &values[&parts[part]];
                if across { value.at(i, at) } else { value.at(at, j) }
            })
        }
        Node::Part(part) => {
            let before = part.before.evaluate(sizes).unwrap();
            let value = &values[&part.of];
            matrix(&|i, j| match part.direction {
                Direction::Across => value.at(i, before + j),
                Direction::Down => value.at(before + i, j),
            })
        }
        Node::Operator(..) | Node::Unvec(..) | Node::Kronecker(_) | Node::Commutation(_) | Node::Call(_) => {
            panic!("not among the formulas of these tests")
        }
    }
}

/// What a plan is given and what it gives.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pub rows: usize,
    pub data: Vec<Vec<f64>>,
    pub updated: Vec<Vec<f64>>,
    pub parameters: Vec<f64>,
    pub scalars: Vec<f64>,
    pub results: Vec<f64>,
    pub row_results: Vec<Vec<f64>>,
}

impl Call {
    /// The inputs of a plan, by their names.
    pub fn of(plan: &Plan, rows: usize, inputs: &BTreeMap<Name, Matrix>) -> Call {
        let entries = |value: &ValueId| inputs[plan.value(*value).name.as_ref().unwrap()].entries.clone();
        Call {
            rows,
            data: plan.data.iter().map(entries).collect(),
            updated: plan.updated.iter().map(|update| entries(&update.old)).collect(),
            parameters: plan.parameters.iter().flat_map(entries).collect(),
            scalars: plan.scalars.iter().flat_map(entries).collect(),
            results: Vec::new(),
            row_results: Vec::new(),
        }
    }
}

/// Where a value lies: one of the arrays, and from where on.
struct Machine<'a> {
    plan: &'a Plan,
    rows: usize,
    /// The first row of the tile and how many it has.
    start: usize,
    tile: usize,
    data: usize,
    updated: usize,
    parameters: usize,
    scalars: usize,
    results: usize,
    row_results: usize,
    own: usize,
    arrays: Vec<Vec<f64>>,
}

/// Runs a plan: by its buffers where it has them, else each value in an array of its own.
pub fn run(plan: &Plan, call: &Call, height: Option<usize>) -> Call {
    let is_tiled = plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
    let height = if is_tiled { height.unwrap_or(call.rows) } else { call.rows };
    let mut arrays: Vec<Vec<f64>> = Vec::new();
    let mut section = |new: Vec<Vec<f64>>| {
        let first = arrays.len();
        arrays.extend(new);
        first
    };
    let entries = |value: ValueId| {
        let value = plan.value(value);
        value.rows.count(call.rows) * value.cols.count(call.rows)
    };
    let data = section(call.data.clone());
    let updated = section(call.updated.clone());
    let parameters = section(vec![call.parameters.clone()]);
    let scalars = section(vec![call.scalars.clone(), vec![call.rows as f64]]);
    let results = section(vec![vec![f64::NAN; plan.result_entries()]]);
    let row_results =
        section(plan.row_results.iter().map(|output| vec![f64::NAN; entries(output.value)]).collect());
    let own = match &plan.buffers {
        Some(buffers) => {
            let tile = height * buffers.per_row;
            let kept = height * buffers.kept_per_row;
            section(vec![vec![f64::NAN; buffers.fixed], vec![f64::NAN; tile], vec![f64::NAN; kept]])
        }
        None => {
            section((0..plan.values.len()).map(|at| vec![f64::NAN; entries(ValueId(at as u32))]).collect())
        }
    };
    let mut machine = Machine {
        plan,
        rows: call.rows,
        start: 0,
        tile: call.rows,
        data,
        updated,
        parameters,
        scalars,
        results,
        row_results,
        own,
        arrays,
    };
    let phases =
        plan.tiling.as_ref().map_or(vec![Phase::Rows(0); plan.instructions.len()], |t| t.phases.clone());
    let passes = phases.iter().map(|phase| phase.pass()).max().unwrap_or(0);
    for pass in 0..=passes {
        (machine.start, machine.tile) = (0, call.rows);
        machine.phase(&phases, Phase::Once(pass));
        for start in (0..call.rows).step_by(height.max(1)) {
            (machine.start, machine.tile) = (start, height.min(call.rows - start));
            if plan.buffers.is_some() {
                machine.arrays[own + 1].fill(f64::NAN);
                machine.arrays[own + 2].fill(f64::NAN);
            }
            machine.phase(&phases, Phase::Rows(pass));
        }
    }
    let mut answer = call.clone();
    answer.updated = machine.arrays[updated..parameters].to_vec();
    answer.results = machine.arrays[results].clone();
    answer.row_results = machine.arrays[row_results..own].to_vec();
    if plan.buffers.is_none() {
        // Without places, results lie where the values do.
        answer.results = Vec::new();
        for output in &plan.results {
            answer.results.extend_from_slice(&machine.arrays[own + output.value.index()]);
        }
        let array = |value: ValueId| machine.arrays[own + value.index()].clone();
        answer.row_results = plan.row_results.iter().map(|output| array(output.value)).collect();
        answer.updated = plan.updated.iter().map(|update| array(update.new)).collect();
    }
    answer
}

impl Machine<'_> {
    fn phase(&mut self, phases: &[Phase], phase: Phase) {
        let plan = self.plan;
        for (instruction, _) in plan.instructions.iter().zip(phases).filter(|(_, its)| **its == phase) {
            match instruction {
                Instruction::Product(product) => self.product(product.left, product.right, product.to),
                Instruction::Lanes(lanes) => self.lanes(lanes),
                Instruction::Transpose(transpose) => {
                    let (rows, cols) = self.shape(transpose.to);
                    for (i, j) in pairs(rows, cols) {
                        let entry = self.get(transpose.from, j, i);
                        self.set(transpose.to, i, j, entry);
                    }
                }
                Instruction::Fill(fill) => {
                    let (rows, cols) = self.shape(fill.to);
                    for (i, j) in pairs(rows, cols) {
                        self.set(
                            fill.to,
                            i,
                            j,
                            if i == j + fill.above { fill.diagonal } else { fill.elsewhere },
                        );
                    }
                }
            }
        }
    }

    fn product(&mut self, left: Operand, right: Operand, to: ValueId) {
        let inner = if left.transposed { self.shape(left.value).0 } else { self.shape(left.value).1 };
        let left_value = self.plan.value(left.value);
        let sums_rows = [left_value.cols, left_value.rows][usize::from(left.transposed)] == Extent::Walked;
        let (rows, cols) = self.shape(to);
        let turned = |machine: &Machine, operand: Operand, i: usize, j: usize| match operand.transposed {
            true => machine.get(operand.value, j, i),
            false => machine.get(operand.value, i, j),
        };
        for (i, j) in pairs(rows, cols) {
            let mut sum = if sums_rows && self.start > 0 { self.get(to, i, j) } else { 0.0 };
            for k in 0..inner {
                sum += turned(self, left, i, k) * turned(self, right, k, j);
            }
            self.set(to, i, j, sum);
        }
    }

    fn lanes(&mut self, lanes: &Lanes) {
        let (rows, cols) = (self.count(lanes.rows), self.count(lanes.cols));
        for output in &lanes.outputs {
            let continues = !self.plan.value(output.to).is_walked() && lanes.rows == Extent::Walked;
            if output.reduction != Reduction::Keep && !(continues && self.start > 0) {
                let (rows, cols) = self.shape(output.to);
                pairs(rows, cols).for_each(|(i, j)| self.set(output.to, i, j, 0.0));
            }
        }
        for (i, j) in pairs(rows, cols) {
            let mut registers: Vec<f64> = Vec::new();
            for input in &lanes.inputs {
                let flat = |at: usize| if self.shape(input.value).0 == 1 { (0, at) } else { (at, 0) };
                let (i, j) = match input.access {
                    Access::Entry => (i, j),
                    Access::Column => flat(j),
                    Access::Row => flat(i),
                    Access::Scalar => (0, 0),
                };
                registers.push(self.get(input.value, i, j));
            }
            for operation in &lanes.operations {
                registers.push(operate(*operation, &registers));
            }
            for output in &lanes.outputs {
                let value = registers[output.register.index()];
                let flat = |at: usize| if self.shape(output.to).0 == 1 { (0, at) } else { (at, 0) };
                let (to_i, to_j) = match output.reduction {
                    Reduction::Keep => (i, j),
                    Reduction::SumAll => (0, 0),
                    Reduction::SumDown => flat(j),
                    Reduction::SumAlong => flat(i),
                };
                let before =
                    if output.reduction == Reduction::Keep { 0.0 } else { self.get(output.to, to_i, to_j) };
                self.set(output.to, to_i, to_j, before + value);
            }
        }
    }

    fn count(&self, extent: Extent) -> usize {
        extent.count(self.tile)
    }

    fn shape(&self, value: ValueId) -> (usize, usize) {
        let value = self.plan.value(value);
        (self.count(value.rows), self.count(value.cols))
    }

    /// The array of a value, where it starts there, and how long its rows are.
    fn locate(&self, id: ValueId) -> (usize, usize, usize) {
        let value = self.plan.value(id);
        let cols = self.count(value.cols);
        // Whole arrays hold every row of the batch, of which the tile's start here.
        let here = if value.rows == Extent::Walked { self.start * cols } else { 0 };
        let (array, start) = match value.source {
            Source::Data(at) => (self.data + at, here),
            Source::Updated(at) => (self.updated + at, here),
            Source::Parameter(entry) => (self.parameters, entry),
            Source::Scalar(at) => (self.scalars, at),
            Source::RowCount => (self.scalars + 1, 0),
            Source::Computed => match &self.plan.buffers {
                None => (self.own + id.index(), here),
                Some(buffers) => match buffers.places[id.index()].expect("a place") {
                    Place::Fixed(start) => (self.own, start),
                    Place::Tile(offset) => (self.own + 1, offset * self.tile),
                    Place::Kept(offset) => (self.own + 2, offset * self.tile),
                    Place::Result(start) => (self.results, start),
                    Place::RowResult(at) => (self.row_results + at, here),
                    Place::Updated(at) => (self.updated + at, here),
                },
            },
        };
        (array, start, cols)
    }

    fn get(&self, value: ValueId, i: usize, j: usize) -> f64 {
        let (array, start, cols) = self.locate(value);
        self.arrays[array][start + i * cols + j]
    }

    fn set(&mut self, value: ValueId, i: usize, j: usize, entry: f64) {
        let (array, start, cols) = self.locate(value);
        self.arrays[array][start + i * cols + j] = entry;
    }
}

fn pairs(rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..cols).map(move |j| (i, j)))
}

fn operate(operation: Operation, r: &[f64]) -> f64 {
    match operation {
        Operation::Number(value) => value,
        Operation::Add(a, b) => r[a.index()] + r[b.index()],
        Operation::Subtract(a, b) => r[a.index()] - r[b.index()],
        Operation::Multiply(a, b) => r[a.index()] * r[b.index()],
        Operation::Divide(a, b) => r[a.index()] / r[b.index()],
        Operation::Negate(a) => -r[a.index()],
        Operation::SquareRoot(a) => r[a.index()].sqrt(),
        Operation::MultiplyAdd(a, b, c) => r[a.index()].mul_add(r[b.index()], r[c.index()]),
        Operation::Unary(primitive, a) => (primitive.row().value)(&[r[a.index()]]),
        Operation::Binary(primitive, a, b) => (primitive.row().value)(&[r[a.index()], r[b.index()]]),
        Operation::Ternary(primitive, a, b, c) => {
            (primitive.row().value)(&[r[a.index()], r[b.index()], r[c.index()]])
        }
    }
}
