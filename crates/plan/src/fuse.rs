//! Neighbours merged: lane programs over the same rows and columns become one, and what is cheap is computed again.

mod groups;
mod recompute;

use crate::program::Program;
use crate::reads::{asked, readers};
use crate::{Access, Instruction, Lanes, Plan, Reduction, Register, ValueId};
use groups::Groups;
use std::collections::HashMap;

/// The plan with lane programs over the same rows and columns merged wherever no other instruction stands between them.
///
/// Sums ride along with the program that computes what they sum; equal operations are computed once; a division by what is
/// the same at every entry becomes a product with its reciprocal; a product that feeds one sum is rounded once with it. A
/// value that costs less to compute than to keep is computed again where it is read.
pub fn fuse(mut plan: Plan) -> Plan {
    let groups = Groups::of(&plan).in_order();
    let readers = readers(&plan);
    let asked = asked(&plan);
    let mut fused = Vec::with_capacity(groups.len());
    for members in groups {
        let lanes: Vec<&Lanes> =
            members.iter().filter_map(|member| plan.instructions[*member].as_lanes()).collect();
        let (Some(first), Some(last)) = (members.first(), members.last()) else {
            continue;
        };
        let Some(shape) = lanes.first() else {
            fused.push(plan.instructions[*first].clone());
            continue;
        };
        let is_kept = |value: ValueId| {
            let inside = |reader: &usize| *first <= *reader && *reader <= *last && members.contains(reader);
            asked[value.index()] || !readers[value.index()].iter().all(inside)
        };
        let program = merge(&lanes, is_kept);
        fused.push(Instruction::Lanes(program.finish(shape.rows, shape.cols)));
    }
    plan.instructions = fused;
    let mut plan = recompute::recompute(plan);
    for instruction in &mut plan.instructions {
        if let Instruction::Lanes(lanes) = instruction {
            *lanes = Program::of(lanes).contract().finish(lanes.rows, lanes.cols);
        }
    }
    crate::reads::prune(plan)
}

/// One program that does what these do in order.
fn merge(programs: &[&Lanes], is_kept: impl Fn(ValueId) -> bool) -> Program {
    let mut merged = Program::default();
    let mut computed: HashMap<ValueId, Register> = HashMap::new();
    for lanes in programs {
        let mut inputs = Vec::with_capacity(lanes.inputs.len());
        for input in &lanes.inputs {
            inputs.push(match computed.get(&input.value) {
                Some(register) if input.access == Access::Entry => *register,
                _ => merged.input(*input),
            });
        }
        let registers = merged.append(lanes, inputs, Program::emit_hoisted);
        for output in &lanes.outputs {
            if output.reduction == Reduction::Keep {
                computed.insert(output.to, registers[output.register.index()]);
            }
        }
    }
    merged.retain_outputs(|output| output.reduction != Reduction::Keep || is_kept(output.to));
    merged
}
