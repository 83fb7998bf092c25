//! Whether a plan means something: identifiers in range, shapes that agree, values computed once and before they are read.

use crate::error::EngineError;
use plan::{
    Access, Extent, Fill, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Plan, Product,
    Reduction, Register, Source, Transpose, Value, ValueId,
};

/// Checks everything of a plan except its tiling and its buffers.
pub(crate) fn check(plan: &Plan) -> Result<(), EngineError> {
    check_lists(plan)?;
    for coded in &plan.coded {
        let id = plan.data.get(coded.data);
        let fits = id.is_some_and(|id| {
            plan.value(*id).cols == Extent::Fixed(coded.cols()) && plan.is_only_left_factor(*id)
        });
        if !fits {
            let mistake = format!("data matrix {} cannot be bound as codes", coded.data);
            return Err(EngineError::Plan { mistake });
        }
    }
    let mut known: Vec<bool> = plan.values.iter().map(|value| value.source != Source::Computed).collect();
    for (index, instruction) in plan.instructions.iter().enumerate() {
        let wrong = |mistake: String| EngineError::Instruction { index, mistake };
        for id in instruction.reads().into_iter().chain(instruction.writes()) {
            if id.0 as usize >= plan.values.len() {
                return Err(wrong(format!("names value {}, which does not exist", id.0)));
            }
        }
        for id in instruction.reads() {
            if !known[id.0 as usize] {
                return Err(wrong(format!("reads value {} before it is computed", id.0)));
            }
        }
        for id in instruction.writes() {
            if known[id.0 as usize] {
                return Err(wrong(format!("computes value {}, which has a value already", id.0)));
            }
            known[id.0 as usize] = true;
        }
        check_shapes(plan, instruction).map_err(wrong)?;
    }
    let wanted = plan.updated.iter().map(|update| update.new);
    for id in wanted.chain(plan.results.iter().chain(&plan.row_results).map(|output| output.value)) {
        if !known[id.0 as usize] {
            return Err(EngineError::Plan {
                mistake: format!("value {} is a result, but nothing computes it", id.0),
            });
        }
    }
    Ok(())
}

/// The registers that an operation reads.
pub(crate) fn operands(operation: Operation) -> impl Iterator<Item = Register> {
    let [a, b, c] = match operation {
        Operation::Number(_) => [None; 3],
        Operation::Add(a, b)
        | Operation::Subtract(a, b)
        | Operation::Multiply(a, b)
        | Operation::Divide(a, b)
        | Operation::Binary(_, a, b) => [Some(a), Some(b), None],
        Operation::Negate(a) | Operation::SquareRoot(a) | Operation::Unary(_, a) => [Some(a), None, None],
        Operation::MultiplyAdd(a, b, c) | Operation::Ternary(_, a, b, c) => [Some(a), Some(b), Some(c)],
    };
    [a, b, c].into_iter().flatten()
}

/// Rows and columns of a factor as it is multiplied.
pub(crate) fn operand_shape(plan: &Plan, operand: Operand) -> (Extent, Extent) {
    let value = plan.value(operand.value);
    if operand.transposed { (value.cols, value.rows) } else { (value.rows, value.cols) }
}

/// The lists of inputs and results, and every value's source, tell the same story.
fn check_lists(plan: &Plan) -> Result<(), EngineError> {
    let wrong = |mistake: String| Err(EngineError::Plan { mistake });
    let outputs = plan.results.iter().chain(&plan.row_results).map(|output| output.value);
    let updates = plan.updated.iter().flat_map(|update| [update.old, update.new]);
    for id in
        plan.data.iter().chain(&plan.parameters).chain(&plan.scalars).copied().chain(outputs).chain(updates)
    {
        if id.0 as usize >= plan.values.len() {
            return wrong(format!("its lists name value {}, which does not exist", id.0));
        }
    }
    let mut starts = vec![None; plan.values.len()];
    let mut entries = 0usize;
    for id in &plan.parameters {
        let Some(own) = plan.value(*id).fixed_entries() else {
            return wrong(format!("parameter {} has no fixed size", id.0));
        };
        starts[id.0 as usize] = Some(entries);
        entries = entries.checked_add(own).ok_or(EngineError::TooLarge)?;
    }
    for (index, value) in plan.values.iter().enumerate() {
        let id = ValueId(index as u32);
        let is_number = value.rows == Extent::Fixed(1) && value.cols == Extent::Fixed(1);
        let agrees = match value.source {
            Source::Data(place) => plan.data.get(place) == Some(&id),
            Source::Updated(place) => plan.updated.get(place).is_some_and(|update| update.old == id),
            Source::Parameter(start) => starts[index] == Some(start),
            Source::Scalar(place) => plan.scalars.get(place) == Some(&id) && is_number,
            Source::RowCount => is_number,
            Source::Computed => true,
        };
        if !agrees {
            return wrong(format!("value {index} is not where its source says"));
        }
    }
    let listed = |id: &ValueId, source: fn(&Source) -> bool| source(&plan.value(*id).source);
    let lists_agree = plan.data.iter().all(|id| listed(id, |source| matches!(source, Source::Data(_))))
        && plan.parameters.iter().all(|id| listed(id, |source| matches!(source, Source::Parameter(_))))
        && plan.scalars.iter().all(|id| listed(id, |source| matches!(source, Source::Scalar(_))))
        && plan
            .updated
            .iter()
            .all(|update| listed(&update.old, |source| matches!(source, Source::Updated(_))));
    if !lists_agree {
        return wrong("a list of inputs names a value with another source".to_owned());
    }
    for update in &plan.updated {
        let (old, new) = (plan.value(update.old), plan.value(update.new));
        if (old.rows, old.cols) != (new.rows, new.cols) {
            return wrong(format!("value {} would be overwritten by one of another shape", update.old.0));
        }
    }
    let mut entries = 0usize;
    for output in &plan.results {
        let Some(own) = plan.value(output.value).fixed_entries() else {
            return wrong(format!("the result {} has no fixed size", output.name));
        };
        entries = entries.checked_add(own).ok_or(EngineError::TooLarge)?;
    }
    for output in &plan.row_results {
        if !plan.value(output.value).is_walked() {
            return wrong(format!("the row result {} is not of the walked size", output.name));
        }
    }
    Ok(())
}

fn check_shapes(plan: &Plan, instruction: &Instruction) -> Result<(), String> {
    match instruction {
        Instruction::Product(Product { left, right, to }) => {
            let ((m, k), (k_right, n)) = (operand_shape(plan, *left), operand_shape(plan, *right));
            let to = plan.value(*to);
            if k != k_right || (to.rows, to.cols) != (m, n) {
                return Err("multiplies factors whose shapes do not fit".to_owned());
            }
        }
        Instruction::Transpose(Transpose { from, to }) => {
            let (from, to) = (plan.value(*from), plan.value(*to));
            if (from.rows, from.cols) != (to.cols, to.rows) {
                return Err("transposes into a value of another shape".to_owned());
            }
        }
        Instruction::Fill(Fill { .. }) => {}
        Instruction::Lanes(lanes) => check_lanes(plan, lanes)?,
    }
    Ok(())
}

fn check_lanes(plan: &Plan, lanes: &Lanes) -> Result<(), String> {
    let registers = lanes.inputs.len() + lanes.operations.len();
    if registers > usize::from(u16::MAX) {
        return Err("has more registers than can be named".to_owned());
    }
    for (place, LaneInput { value, access }) in lanes.inputs.iter().enumerate() {
        let value = plan.value(*value);
        let fits = match access {
            Access::Entry => (value.rows, value.cols) == (lanes.rows, lanes.cols),
            Access::Column => is_vector(value, lanes.cols),
            Access::Row => is_vector(value, lanes.rows),
            Access::Scalar => is_vector(value, Extent::Fixed(1)),
        };
        if !fits {
            return Err(format!("cannot read its input {place} that way: the shapes differ"));
        }
    }
    for (place, operation) in lanes.operations.iter().enumerate() {
        let written = lanes.inputs.len() + place;
        if operands(*operation).any(|register| usize::from(register.0) >= written) {
            return Err(format!("reads a register in its operation {place} before it is written"));
        }
        let parameters = match operation {
            Operation::Unary(primitive, _) if primitive.row().parameters.len() != 1 => Some(primitive),
            Operation::Binary(primitive, ..) if primitive.row().parameters.len() != 2 => Some(primitive),
            Operation::Ternary(primitive, ..) if primitive.row().parameters.len() != 3 => Some(primitive),
            _ => None,
        };
        if let Some(primitive) = parameters {
            return Err(format!("gives {} the wrong number of arguments", primitive.row().name));
        }
    }
    for LaneOutput { register, to, reduction } in &lanes.outputs {
        if usize::from(register.0) >= registers {
            return Err(format!("keeps register {}, which is never written", register.0));
        }
        let to = plan.value(*to);
        let fits = match reduction {
            Reduction::Keep => (to.rows, to.cols) == (lanes.rows, lanes.cols),
            Reduction::SumAll => is_vector(to, Extent::Fixed(1)),
            Reduction::SumDown => is_vector(to, lanes.cols),
            Reduction::SumAlong => is_vector(to, lanes.rows),
        };
        if !fits {
            return Err(format!("keeps register {} in a value of another shape", register.0));
        }
    }
    Ok(())
}

/// Whether a value is a row or a column of so many entries.
fn is_vector(value: &Value, entries: Extent) -> bool {
    let one = Extent::Fixed(1);
    (value.rows, value.cols) == (one, entries) || (value.rows, value.cols) == (entries, one)
}
