//! The reference: any plan, run plainly in double precision over all rows at once. It is the judge of everything that is fast.

use crate::arguments::Arguments;
use crate::check::check;
use crate::error::EngineError;
use plan::{
    Access, Coded, Extent, Fill, Instruction, Lanes, Operation, Plan, Product, Reduction, Register, Source,
    Transpose, ValueId,
};

/// Runs a plan as its instructions read, one after another. Tiling and buffers are ignored, so a plan runs right after it was lowered.
///
/// # Errors
/// If the plan contradicts itself, or an argument has another length than the plan asks for; nothing is written then.
pub fn run_reference(plan: &Plan, arguments: Arguments<'_, f64>) -> Result<(), EngineError> {
    check(plan)?;
    arguments.check(plan)?;
    let mut values = bind(plan, &arguments);
    for instruction in &plan.instructions {
        let shape = |id: ValueId| {
            let value = plan.value(id);
            (value.rows.count(arguments.rows), value.cols.count(arguments.rows))
        };
        match instruction {
            Instruction::Product(product) => {
                values[product.to.0 as usize] = multiply(product, shape, &values);
            }
            Instruction::Lanes(lanes) => run_lanes(lanes, arguments.rows, &mut values),
            Instruction::Transpose(Transpose { from, to }) => {
                let (rows, cols) = shape(*to);
                let from = &values[from.0 as usize];
                values[to.0 as usize] = matrix(rows, cols, |i, j| from[j * rows + i]);
            }
            Instruction::Fill(Fill { diagonal, elsewhere, above, to }) => {
                let (rows, cols) = shape(*to);
                values[to.0 as usize] =
                    matrix(rows, cols, |i, j| if i == j + above { *diagonal } else { *elsewhere });
            }
        }
    }
    let value = |id: ValueId| values[id.0 as usize].as_slice();
    for (array, update) in arguments.updated.iter_mut().zip(&plan.updated) {
        array.copy_from_slice(value(update.new));
    }
    for (array, output) in arguments.row_results.iter_mut().zip(&plan.row_results) {
        array.copy_from_slice(value(output.value));
    }
    let results = plan.results.iter().flat_map(|output| value(output.value));
    for (entry, result) in arguments.results.iter_mut().zip(results) {
        *entry = *result;
    }
    Ok(())
}

/// Every value that is bound; the others empty.
fn bind(plan: &Plan, arguments: &Arguments<'_, f64>) -> Vec<Vec<f64>> {
    let bound = |value: &plan::Value| match value.source {
        Source::Data(place) => match plan.coded(plan.data[place]) {
            Some(coded) => written_out(coded, arguments.data[place]),
            None => arguments.data[place].to_vec(),
        },
        Source::Updated(place) => arguments.updated[place].to_vec(),
        Source::Parameter(start) => {
            arguments.parameters[start..start + value.fixed_entries().unwrap_or(0)].to_vec()
        }
        Source::Scalar(place) => vec![arguments.scalars[place]],
        Source::RowCount => vec![arguments.rows as f64],
        Source::Computed => Vec::new(),
    };
    plan.values.iter().map(bound).collect()
}

/// Rows with a 1 for each code.
fn written_out(coded: &Coded, bound: &[f64]) -> Vec<f64> {
    let row = |bound: &[f64]| {
        let (numbers, codes) = bound.split_at(coded.numbers);
        let mut row = numbers.to_vec();
        row.resize(coded.cols(), 0.0);
        coded.ones(codes.iter().copied()).for_each(|one| row[one] = 1.0);
        row
    };
    bound.chunks_exact(coded.entries().max(1)).flat_map(row).collect()
}

fn matrix(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..rows).flat_map(|i| (0..cols).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect()
}

fn multiply(product: &Product, shape: impl Fn(ValueId) -> (usize, usize), values: &[Vec<f64>]) -> Vec<f64> {
    let entry = |operand: plan::Operand| {
        let cols = shape(operand.value).1;
        let data = &values[operand.value.0 as usize];
        move |i: usize, j: usize| if operand.transposed { data[j * cols + i] } else { data[i * cols + j] }
    };
    let (a, b) = (entry(product.left), entry(product.right));
    let (rows, cols) = shape(product.left.value);
    let k = if product.left.transposed { rows } else { cols };
    let (m, n) = shape(product.to);
    matrix(m, n, |i, j| (0..k).map(|p| a(i, p) * b(p, j)).sum())
}

fn run_lanes(lanes: &Lanes, walked: usize, values: &mut [Vec<f64>]) {
    let count = |extent: Extent| extent.count(walked);
    let (rows, cols) = (count(lanes.rows), count(lanes.cols));
    let entries = |reduction: Reduction| match reduction {
        Reduction::Keep => rows * cols,
        Reduction::SumAll => 1,
        Reduction::SumDown => cols,
        Reduction::SumAlong => rows,
    };
    let mut outputs: Vec<Vec<f64>> =
        lanes.outputs.iter().map(|output| vec![0.0; entries(output.reduction)]).collect();
    let mut registers = Vec::with_capacity(lanes.inputs.len() + lanes.operations.len());
    for i in 0..rows {
        for j in 0..cols {
            registers.clear();
            for input in &lanes.inputs {
                let place = match input.access {
                    Access::Entry => i * cols + j,
                    Access::Column => j,
                    Access::Row => i,
                    Access::Scalar => 0,
                };
                registers.push(values[input.value.0 as usize][place]);
            }
            for operation in &lanes.operations {
                registers.push(evaluate(*operation, &registers));
            }
            for (output, lane) in outputs.iter_mut().zip(&lanes.outputs) {
                let place = match lane.reduction {
                    Reduction::Keep => i * cols + j,
                    Reduction::SumAll => 0,
                    Reduction::SumDown => j,
                    Reduction::SumAlong => i,
                };
                output[place] += registers[usize::from(lane.register.0)];
            }
        }
    }
    for (output, lane) in outputs.into_iter().zip(&lanes.outputs) {
        values[lane.to.0 as usize] = output;
    }
}

/// The value of one operation, as its description reads.
fn evaluate(operation: Operation, registers: &[f64]) -> f64 {
    let at = |register: Register| registers[usize::from(register.0)];
    match operation {
        Operation::Number(number) => number,
        Operation::Add(a, b) => at(a) + at(b),
        Operation::Subtract(a, b) => at(a) - at(b),
        Operation::Multiply(a, b) => at(a) * at(b),
        Operation::Divide(a, b) => at(a) / at(b),
        Operation::Negate(a) => -at(a),
        Operation::SquareRoot(a) => at(a).sqrt(),
        Operation::MultiplyAdd(a, b, c) => at(a).mul_add(at(b), at(c)),
        Operation::Unary(primitive, a) => (primitive.row().value)(&[at(a)]),
        Operation::Binary(primitive, a, b) => (primitive.row().value)(&[at(a), at(b)]),
        Operation::Ternary(primitive, a, b, c) => (primitive.row().value)(&[at(a), at(b), at(c)]),
    }
}
