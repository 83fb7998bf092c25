//! What is cheap is computed again where it is read, rather than kept in between: `Z + b` of a kept Z for a slope.

use crate::program::Program;
use crate::reads::{asked, readers};
use crate::{
    Access, Instruction, LaneInput, LaneOutput, Lanes, Operation, Plan, Primitive, Reduction, Register,
    Source, ValueId,
};
use std::collections::{BTreeMap, HashMap};

/// Operations that are computed again at most, instead of reading one value.
const OPERATIONS: usize = 4;

/// The plan with cheap values computed again by their readers. A value qualifies where lane programs alone read it, entry by
/// entry, and where it follows by a few cheap operations from one value that is kept anyway.
pub(super) fn recompute(mut plan: Plan) -> Plan {
    let cheap = cheap_values(&plan);
    if cheap.is_empty() {
        return plan;
    }
    let source = plan.instructions.clone();
    for (index, instruction) in plan.instructions.iter_mut().enumerate() {
        let Instruction::Lanes(lanes) = instruction else {
            continue;
        };
        let reads_cheap =
            |input: &LaneInput| cheap.get(&input.value).is_some_and(|cheap| cheap.writer != index);
        if !lanes.inputs.iter().any(reads_cheap) {
            continue;
        }
        let mut program = Program::default();
        let mut inputs = Vec::with_capacity(lanes.inputs.len());
        for input in &lanes.inputs {
            let again = cheap.get(&input.value).filter(|_| reads_cheap(input));
            inputs.push(match again.and_then(|cheap| Some((source[cheap.writer].as_lanes()?, cheap))) {
                Some((writer, cheap)) => graft(&mut program, writer, cheap),
                None => program.input(*input),
            });
        }
        program.append(lanes, inputs, Program::emit_hoisted);
        *lanes = program.finish(lanes.rows, lanes.cols);
    }
    // Their outputs are read by nobody now, and are pruned with all else that is not.
    plan
}

/// A value that is computed again.
struct Cheap {
    writer: usize,
    register: Register,
    /// Registers of the writer that are kept anyway, and the values that hold them.
    kept: BTreeMap<Register, ValueId>,
}

fn cheap_values(plan: &Plan) -> HashMap<ValueId, Cheap> {
    let asked = asked(plan);
    let readers = readers(plan);
    let mut only_entries: Vec<bool> = asked.iter().map(|asked| !asked).collect();
    for instruction in &plan.instructions {
        for (place, value) in instruction.reads().into_iter().enumerate() {
            let access = instruction.as_lanes().map(|lanes| lanes.inputs[place].access);
            only_entries[value.index()] &= access == Some(Access::Entry);
        }
    }
    let mut cheap = HashMap::new();
    for (writer, instruction) in plan.instructions.iter().enumerate() {
        let Some(lanes) = instruction.as_lanes() else {
            continue;
        };
        let outputs = lanes.outputs.iter().filter(|output| output.reduction == Reduction::Keep);
        let (loose, held): (Vec<&LaneOutput>, Vec<&LaneOutput>) =
            outputs.partition(|output| only_entries[output.to.index()]);
        let kept: BTreeMap<Register, ValueId> =
            held.into_iter().map(|output| (output.register, output.to)).collect();
        for output in loose {
            let Some(leaf) = cone(plan, lanes, output.register, &kept) else {
                continue;
            };
            // Reading the leaf takes the place of reading this value.
            if !readers[output.to.index()].is_empty() && leaf != Some(output.to) {
                cheap.insert(output.to, Cheap { writer, register: output.register, kept: kept.clone() });
            }
        }
    }
    cheap
}

/// The one value whose entries a register follows from cheaply, `Some(None)` where it needs none; `None` where it is not cheap.
fn cone(
    plan: &Plan,
    lanes: &Lanes,
    register: Register,
    kept: &BTreeMap<Register, ValueId>,
) -> Option<Option<ValueId>> {
    let mut leaf: Option<ValueId> = None;
    let mut operations = 0;
    let mut stack = vec![register];
    while let Some(register) = stack.pop() {
        let value = match (kept.get(&register), lanes.inputs.get(register.index())) {
            (Some(value), _) => *value,
            (None, Some(input)) if input.access != Access::Entry => continue,
            (None, Some(input)) => input.value,
            (None, None) => {
                let operation = lanes.operations.get(register.index() - lanes.inputs.len())?;
                if !is_cheap(operation) {
                    return None;
                }
                operations += usize::from(!matches!(operation, Operation::Number(_)));
                if operations > OPERATIONS {
                    return None;
                }
                stack.extend(operation.operands());
                continue;
            }
        };
        // Reading what is overwritten for longer would need a copy of it.
        let is_overwritten = matches!(plan.value(value).source, Source::Updated(_));
        if is_overwritten || leaf.replace(value).is_some_and(|other| other != value) {
            return None;
        }
    }
    Some(leaf)
}

/// Whether an operation costs no more than a few cycles.
fn is_cheap(operation: &Operation) -> bool {
    match operation {
        Operation::Number(_)
        | Operation::Add(..)
        | Operation::Subtract(..)
        | Operation::Multiply(..)
        | Operation::Negate(_)
        | Operation::MultiplyAdd(..) => true,
        Operation::Unary(primitive, _)
        | Operation::Binary(primitive, ..)
        | Operation::Ternary(primitive, ..) => {
            let cheap = [Primitive::MAX, Primitive::MIN, Primitive::ABS, Primitive::SIGN, Primitive::WHERE];
            primitive.row().truth || cheap.contains(primitive)
        }
        Operation::Divide(..) | Operation::SquareRoot(_) => false,
    }
}

/// Computes a register of another program again.
fn graft(program: &mut Program, writer: &Lanes, cheap: &Cheap) -> Register {
    let mut needed = vec![false; cheap.register.index() + 1];
    needed[cheap.register.index()] = true;
    let inputs = writer.inputs.len();
    for index in (0..needed.len()).rev() {
        let register = Register(index as u16);
        if needed[index] && index >= inputs && !cheap.kept.contains_key(&register) {
            for operand in writer.operations[index - inputs].operands() {
                needed[operand.index()] = true;
            }
        }
    }
    let mut new = vec![Register(0); needed.len()];
    for index in (0..needed.len()).filter(|index| needed[*index]) {
        new[index] = if let Some(value) = cheap.kept.get(&Register(index as u16)) {
            program.input(LaneInput { value: *value, access: Access::Entry })
        } else if index < inputs {
            program.input(writer.inputs[index])
        } else {
            program.emit_hoisted(writer.operations[index - inputs].map(|operand| new[operand.index()]))
        };
    }
    new[cheap.register.index()]
}
