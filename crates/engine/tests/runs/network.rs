//! A network of two layers as a plan, forward and backward, written by hand as lowering would write it; and numbers for it.

use chainrule_engine::{Arguments, Element, Engine, EngineError, Workspace, run_reference};
use plan::{
    Access, Extent, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Output, Plan, Primitive,
    Product, Reduction, Register, Source, Update, Value, ValueId,
};

pub const WALKED: Extent = Extent::Walked;

pub const fn fixed(count: usize) -> Extent {
    Extent::Fixed(count)
}

/// A plan in the making.
#[derive(Default)]
pub struct Builder {
    pub plan: Plan,
    parameters: usize,
}

impl Builder {
    pub fn value(&mut self, rows: Extent, cols: Extent, source: Source) -> ValueId {
        self.plan.values.push(Value { name: None, rows, cols, source });
        ValueId(self.plan.values.len() as u32 - 1)
    }

    pub fn data(&mut self, rows: Extent, cols: Extent) -> ValueId {
        let id = self.value(rows, cols, Source::Data(self.plan.data.len()));
        self.plan.data.push(id);
        id
    }

    pub fn parameter(&mut self, rows: usize, cols: usize) -> ValueId {
        let id = self.value(fixed(rows), fixed(cols), Source::Parameter(self.parameters));
        self.parameters += rows * cols;
        self.plan.parameters.push(id);
        id
    }

    pub fn scalar(&mut self) -> ValueId {
        let id = self.value(fixed(1), fixed(1), Source::Scalar(self.plan.scalars.len()));
        self.plan.scalars.push(id);
        id
    }

    pub fn row_count(&mut self) -> ValueId {
        self.value(fixed(1), fixed(1), Source::RowCount)
    }

    /// An overwritten input; its new value is set later by [`Builder::update`].
    pub fn updated(&mut self, rows: Extent, cols: Extent) -> ValueId {
        let old = self.value(rows, cols, Source::Updated(self.plan.updated.len()));
        self.plan.updated.push(Update { old, new: old });
        old
    }

    pub fn update(&mut self, old: ValueId, new: ValueId) {
        let update = self.plan.updated.iter_mut().find(|update| update.old == old).unwrap();
        update.new = new;
    }

    /// `left * right`, each transposed if so said.
    pub fn product(&mut self, left: (ValueId, bool), right: (ValueId, bool)) -> ValueId {
        let shape = |(id, transposed): (ValueId, bool)| {
            let value = self.plan.value(id);
            if transposed { (value.cols, value.rows) } else { (value.rows, value.cols) }
        };
        let to = self.value(shape(left).0, shape(right).1, Source::Computed);
        let operand = |(value, transposed)| Operand { value, transposed };
        self.plan.instructions.push(Instruction::Product(Product {
            left: operand(left),
            right: operand(right),
            to,
        }));
        to
    }

    /// A lane program; one value for each output.
    pub fn lanes(
        &mut self,
        rows: Extent,
        cols: Extent,
        inputs: &[(ValueId, Access)],
        operations: &[Operation],
        outputs: &[(u16, Reduction)],
    ) -> Vec<ValueId> {
        let inputs = inputs.iter().map(|&(value, access)| LaneInput { value, access }).collect();
        let outputs: Vec<LaneOutput> = outputs
            .iter()
            .map(|&(register, reduction)| {
                let (rows, cols) = match reduction {
                    Reduction::Keep => (rows, cols),
                    Reduction::SumAll => (fixed(1), fixed(1)),
                    Reduction::SumDown => (fixed(1), cols),
                    Reduction::SumAlong => (rows, fixed(1)),
                };
                LaneOutput {
                    register: Register(register),
                    to: self.value(rows, cols, Source::Computed),
                    reduction,
                }
            })
            .collect();
        let values = outputs.iter().map(|output| output.to).collect();
        self.plan.instructions.push(Instruction::Lanes(Lanes {
            rows,
            cols,
            inputs,
            operations: operations.to_vec(),
            outputs,
        }));
        values
    }

    pub fn result(&mut self, name: &str, value: ValueId) {
        self.plan.results.push(Output { name: name.into(), value });
    }

    pub fn row_result(&mut self, name: &str, value: ValueId) {
        self.plan.row_results.push(Output { name: name.into(), value });
    }
}

pub fn r(register: u16) -> Register {
    Register(register)
}

/// `f = norm(tanh(X*W1 + b1)*W2 + b2 - Y)^2/m + decay*norm(W1)^2` with all its gradients, and the predictions row by row.
pub fn network(inputs: usize, hidden: usize, outputs: usize) -> Plan {
    use Access::{Column, Entry, Scalar};
    use Operation::{Add, Divide, Multiply, Number, Subtract, Unary};
    use Reduction::{Keep, SumAll, SumAlong, SumDown};
    let mut b = Builder::default();
    let x = b.data(WALKED, fixed(inputs));
    let y = b.data(WALKED, fixed(outputs));
    let (w1, b1) = (b.parameter(inputs, hidden), b.parameter(1, hidden));
    let (w2, b2) = (b.parameter(hidden, outputs), b.parameter(1, outputs));
    let (decay, m) = (b.scalar(), b.row_count());
    let (h, o) = (fixed(hidden), fixed(outputs));

    let z1 = b.product((x, false), (w1, false));
    let a1 = b.lanes(
        WALKED,
        h,
        &[(z1, Entry), (b1, Column)],
        &[Add(r(0), r(1)), Unary(Primitive::TANH, r(2))],
        &[(3, Keep)],
    )[0];
    let z2 = b.product((a1, false), (w2, false));
    let last = b.lanes(
        WALKED,
        o,
        &[(z2, Entry), (b2, Column), (y, Entry), (m, Scalar)],
        // 4: prediction, 5: error, 7: 2*error, 8: dZ2, 9: squared error
        &[
            Add(r(0), r(1)),
            Subtract(r(4), r(2)),
            Number(2.0),
            Multiply(r(5), r(6)),
            Divide(r(7), r(3)),
            Multiply(r(5), r(5)),
        ],
        &[(4, Keep), (8, Keep), (8, SumDown), (9, SumAll), (9, SumAlong)],
    );
    let [prediction, dz2, db2, squares, row_errors] = last[..] else { unreachable!() };
    let dw2 = b.product((a1, true), (dz2, false));
    let da1 = b.product((dz2, false), (w2, true));
    let back = b.lanes(
        WALKED,
        h,
        &[(da1, Entry), (a1, Entry)],
        &[Multiply(r(1), r(1)), Number(1.0), Subtract(r(3), r(2)), Multiply(r(0), r(4))],
        &[(5, Keep), (5, SumDown)],
    );
    let [dz1, db1] = back[..] else { unreachable!() };
    let dw1 = b.product((x, true), (dz1, false));
    let weight = b.lanes(
        fixed(inputs),
        h,
        &[(w1, Entry), (dw1, Entry), (decay, Scalar)],
        // 5: 2*decay, hoisted; 7: the gradient with decay
        &[Multiply(r(0), r(0)), Number(2.0), Multiply(r(4), r(2)), Multiply(r(5), r(0)), Add(r(1), r(6))],
        &[(3, SumAll), (7, Keep)],
    );
    let [norm, dw1] = weight[..] else { unreachable!() };
    let f = b.lanes(
        fixed(1),
        fixed(1),
        &[(squares, Entry), (m, Scalar), (norm, Scalar), (decay, Entry)],
        &[Divide(r(0), r(1)), Multiply(r(3), r(2)), Add(r(4), r(5))],
        &[(6, Keep)],
    )[0];
    for (name, value) in [("f", f), ("df/dW1", dw1), ("df/db1", db1), ("df/dW2", dw2), ("df/db2", db2)] {
        b.result(name, value);
    }
    b.row_result("A2", prediction);
    b.row_result("errors", row_errors);
    b.plan
}

/// The loss of a network with one hidden layer and one output, and its gradient by each parameter: what a trainer needs.
pub fn regression(inputs: usize, hidden: usize) -> Plan {
    use Access::{Column, Entry, Scalar};
    use Operation::*;
    use Reduction::{Keep, SumAll, SumDown};
    let mut b = Builder::default();
    let (x, y) = (b.data(WALKED, fixed(inputs)), b.data(WALKED, fixed(1)));
    let (w1, b1) = (b.parameter(inputs, hidden), b.parameter(hidden, 1));
    let (w2, b2) = (b.parameter(hidden, 1), b.parameter(1, 1));
    let m = b.row_count();
    let z1 = b.product((x, false), (w1, false));
    let biased = [Add(r(0), r(1)), Unary(Primitive::TANH, r(2))];
    let a1 = b.lanes(WALKED, fixed(hidden), &[(z1, Entry), (b1, Column)], &biased, &[(3, Keep)])[0];
    let z2 = b.product((a1, false), (w2, false));
    let inputs = [(z2, Entry), (b2, Column), (y, Entry), (m, Scalar)];
    let operations = [
        Add(r(0), r(1)),
        Subtract(r(4), r(2)),
        Multiply(r(5), r(5)),
        Divide(r(6), r(3)),
        Add(r(5), r(5)),
        Divide(r(8), r(3)),
    ];
    let outputs = [(9, Keep), (7, SumAll), (9, SumDown)];
    let [d2, f, db2] = b.lanes(WALKED, fixed(1), &inputs, &operations, &outputs)[..] else { unreachable!() };
    let dw2 = b.product((a1, true), (d2, false));
    let da1 = b.product((d2, false), (w2, true));
    let slope = [Number(1.0), Multiply(r(1), r(1)), Subtract(r(2), r(3)), Multiply(r(0), r(4))];
    let outputs = [(5, Keep), (5, SumDown)];
    let [d1, db1] = b.lanes(WALKED, fixed(hidden), &[(da1, Entry), (a1, Entry)], &slope, &outputs)[..] else {
        unreachable!()
    };
    let dw1 = b.product((x, true), (d1, false));
    for (name, value) in [("f", f), ("df/dW1", dw1), ("df/db1", db1), ("df/dW2", dw2), ("df/db2", db2)] {
        b.result(name, value);
    }
    b.plan
}

/// Gradients of two passes: by W1 and W2 in the first, which W2' is read in, and by W3 in the second, which needs the loss.
pub fn two_passes() -> Plan {
    use Access::{Entry, Scalar};
    use Operation::*;
    use Reduction::{Keep, SumAll};
    let mut b = Builder::default();
    let (x, y) = (b.data(WALKED, fixed(140)), b.data(WALKED, fixed(20)));
    let [w1, w2, w3] = [(140, 130), (130, 20), (140, 4)].map(|(rows, cols)| b.parameter(rows, cols));
    let z1 = b.product((x, false), (w1, false));
    let z2 = b.product((z1, false), (w2, false));
    let operations = [Subtract(r(0), r(1)), Multiply(r(2), r(2))];
    let outputs = [(2, Keep), (3, SumAll)];
    let [d2, f] = b.lanes(WALKED, fixed(20), &[(z2, Entry), (y, Entry)], &operations, &outputs)[..] else {
        unreachable!()
    };
    let dw2 = b.product((z1, true), (d2, false));
    let d1 = b.product((d2, false), (w2, true));
    let dw1 = b.product((x, true), (d1, false));
    let z3 = b.product((x, false), (w3, false));
    let inputs = [(z3, Entry), (f, Scalar)];
    let d3 = b.lanes(WALKED, fixed(4), &inputs, &[Divide(r(0), r(1))], &[(2, Keep)])[0];
    let dw3 = b.product((x, true), (d3, false));
    for (name, value) in [("f", f), ("df/dW1", dw1), ("df/dW2", dw2), ("df/dW3", dw3)] {
        b.result(name, value);
    }
    b.plan
}

/// Gradient descent with momentum over a flat array: W, M and the gradient.
pub fn descent() -> Plan {
    use Operation::*;
    let mut b = Builder::default();
    let g = b.data(WALKED, fixed(1));
    let [w, m] = [(); 2].map(|()| b.updated(WALKED, fixed(1)));
    let rate = b.scalar();
    let inputs = [(w, Access::Entry), (m, Access::Entry), (g, Access::Entry), (rate, Access::Scalar)];
    let operations = [Number(0.9), MultiplyAdd(r(1), r(4), r(2)), Multiply(r(5), r(3)), Subtract(r(0), r(6))];
    let new = b.lanes(WALKED, fixed(1), &inputs, &operations, &[(7, Reduction::Keep), (5, Reduction::Keep)]);
    b.update(w, new[0]);
    b.update(m, new[1]);
    b.plan
}

/// The plan through the passes, as `compile` would have it.
pub fn planned(plan: Plan, height: Option<usize>) -> Plan {
    let mut plan = plan::tile(plan::fuse(plan));
    if let Some(tiling) = &mut plan.tiling
        && tiling.height.is_some()
    {
        tiling.height = height;
    }
    plan::verify(plan::assign_buffers(plan)).expect("the passes keep the rules")
}

/// Numbers in [-1, 1), the same in each run.
pub fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Numbers for every list of a plan.
#[derive(Clone, Debug)]
pub struct Numbers<T> {
    pub rows: usize,
    pub data: Vec<Vec<T>>,
    pub updated: Vec<Vec<T>>,
    pub parameters: Vec<T>,
    pub scalars: Vec<T>,
    pub results: Vec<T>,
    pub row_results: Vec<Vec<T>>,
}

impl<T: Element> Numbers<T> {
    pub fn new(plan: &Plan, rows: usize, seed: u64) -> Numbers<T> {
        let mut seed = seed * 1000;
        let mut take = |count: usize| {
            seed += 1;
            numbers(count, seed).into_iter().map(T::from_f64).collect::<Vec<T>>()
        };
        let size = |id: ValueId| plan.value(id).rows.count(rows) * plan.value(id).cols.count(rows);
        Numbers {
            rows,
            data: plan.data.iter().map(|id| take(size(*id))).collect(),
            updated: plan.updated.iter().map(|update| take(size(update.old))).collect(),
            parameters: take(plan.parameter_entries()),
            scalars: take(plan.scalars.len()),
            results: vec![T::NAN; plan.result_entries()],
            row_results: plan.row_results.iter().map(|output| vec![T::NAN; size(output.value)]).collect(),
        }
    }

    pub fn bind(
        &mut self,
        run: impl FnOnce(Arguments<'_, T>) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let data: Vec<&[T]> = self.data.iter().map(Vec::as_slice).collect();
        let mut updated: Vec<&mut [T]> = self.updated.iter_mut().map(Vec::as_mut_slice).collect();
        let mut row_results: Vec<&mut [T]> = self.row_results.iter_mut().map(Vec::as_mut_slice).collect();
        run(Arguments {
            rows: self.rows,
            data: &data,
            order: None,
            updated: &mut updated,
            parameters: &self.parameters,
            scalars: &self.scalars,
            results: &mut self.results,
            row_results: &mut row_results,
        })
    }

    /// Runs an engine on a copy.
    pub fn run(&self, engine: &Engine<T>, workspace: &mut Workspace<T>) -> Numbers<T> {
        let mut numbers = self.clone();
        numbers.bind(|arguments| engine.run(workspace, arguments)).expect("the arguments fit");
        numbers
    }

    /// Everything that a run writes.
    pub fn written(&self) -> impl Iterator<Item = T> {
        let matrices = self.updated.iter().chain(&self.row_results).flatten();
        matrices.chain(&self.results).copied()
    }

    pub fn bits(&self) -> Vec<u64> {
        self.written().map(|x| x.to_f64().to_bits()).collect()
    }
}

impl Numbers<f64> {
    /// Runs the reference on a copy.
    pub fn reference(&self, plan: &Plan) -> Numbers<f64> {
        let mut numbers = self.clone();
        numbers.bind(|arguments| run_reference(plan, arguments)).expect("the arguments fit");
        numbers
    }
}

/// The largest difference of two runs' results, relative to the largest result.
pub fn difference<T: Element, U: Element>(found: &Numbers<T>, want: &Numbers<U>) -> f64 {
    let pairs = || found.written().map(T::to_f64).zip(want.written().map(U::to_f64));
    let scale = pairs().fold(1.0_f64, |scale, (_, want)| scale.max(want.abs()));
    // Without rows, a mean is NaN in both.
    let both = |(found, want): (f64, f64)| found == want || found.is_nan() && want.is_nan();
    let relative = pairs().map(|pair| if both(pair) { 0.0 } else { (pair.0 - pair.1).abs() / scale });
    // A NaN stays one: only a number that is no larger keeps the worst so far.
    relative.fold(0.0, |worst: f64, next| if worst.is_nan() || next <= worst { worst } else { next })
}
