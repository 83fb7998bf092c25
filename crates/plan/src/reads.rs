//! What an instruction reads and writes.

use crate::{Instruction, Lanes, Plan, ValueId};

impl Instruction {
    /// The values it reads; a value read in two ways stands twice.
    pub fn reads(&self) -> Vec<ValueId> {
        match self {
            Instruction::Product(product) => vec![product.left.value, product.right.value],
            Instruction::Lanes(lanes) => lanes.inputs.iter().map(|input| input.value).collect(),
            Instruction::Transpose(transpose) => vec![transpose.from],
            Instruction::Fill(_) => Vec::new(),
        }
    }

    /// The values it computes.
    pub fn writes(&self) -> Vec<ValueId> {
        match self {
            Instruction::Product(product) => vec![product.to],
            Instruction::Lanes(lanes) => lanes.outputs.iter().map(|output| output.to).collect(),
            Instruction::Transpose(transpose) => vec![transpose.to],
            Instruction::Fill(fill) => vec![fill.to],
        }
    }

    /// Its lane program, if it is one.
    pub fn as_lanes(&self) -> Option<&Lanes> {
        match self {
            Instruction::Lanes(lanes) => Some(lanes),
            Instruction::Product(_) | Instruction::Transpose(_) | Instruction::Fill(_) => None,
        }
    }

    /// Reads other values instead.
    pub(crate) fn rename_reads(&mut self, new: impl Fn(ValueId) -> ValueId) {
        match self {
            Instruction::Product(product) => {
                product.left.value = new(product.left.value);
                product.right.value = new(product.right.value);
            }
            Instruction::Lanes(lanes) => {
                for input in &mut lanes.inputs {
                    input.value = new(input.value);
                }
            }
            Instruction::Transpose(transpose) => transpose.from = new(transpose.from),
            Instruction::Fill(_) => {}
        }
    }

    fn renumber(&mut self, new: impl Fn(ValueId) -> ValueId) {
        self.rename_reads(&new);
        match self {
            Instruction::Product(product) => product.to = new(product.to),
            Instruction::Lanes(lanes) => {
                for output in &mut lanes.outputs {
                    output.to = new(output.to);
                }
            }
            Instruction::Transpose(transpose) => transpose.to = new(transpose.to),
            Instruction::Fill(fill) => fill.to = new(fill.to),
        }
    }
}

/// For each value of a plan, the instructions that read it, in order.
pub(crate) fn readers(plan: &Plan) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); plan.values.len()];
    for (index, instruction) in plan.instructions.iter().enumerate() {
        for value in instruction.reads() {
            let list: &mut Vec<usize> = &mut readers[value.index()];
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    readers
}

/// For each value of a plan, the instruction that computes it.
pub(crate) fn writers(plan: &Plan) -> Vec<Option<usize>> {
    let mut writers = vec![None; plan.values.len()];
    for (index, instruction) in plan.instructions.iter().enumerate() {
        for value in instruction.writes() {
            writers[value.index()] = Some(index);
        }
    }
    writers
}

/// For each value of a plan, whether the caller gets it.
pub(crate) fn asked(plan: &Plan) -> Vec<bool> {
    let mut asked = vec![false; plan.values.len()];
    for output in plan.results.iter().chain(&plan.row_results) {
        asked[output.value.index()] = true;
    }
    for update in &plan.updated {
        asked[update.new.index()] = true;
    }
    asked
}

/// The plan without what nobody reads, its values numbered in the order in which they are bound or computed.
pub(crate) fn prune(mut plan: Plan) -> Plan {
    let mut live = asked(&plan);
    let mut kept = Vec::with_capacity(plan.instructions.len());
    for mut instruction in std::mem::take(&mut plan.instructions).into_iter().rev() {
        if !instruction.writes().iter().any(|value| live[value.index()]) {
            continue;
        }
        if let Instruction::Lanes(lanes) = &mut instruction
            && lanes.outputs.iter().any(|output| !live[output.to.index()])
        {
            lanes.outputs.retain(|output| live[output.to.index()]);
            *lanes = crate::program::Program::of(lanes).finish(lanes.rows, lanes.cols);
        }
        for value in instruction.reads() {
            live[value.index()] = true;
        }
        kept.push(instruction);
    }
    kept.reverse();
    plan.instructions = kept;

    let bound = plan.data.iter().chain(plan.updated.iter().map(|update| &update.old));
    let bound = bound.chain(&plan.parameters).chain(&plan.scalars);
    for value in bound {
        live[value.index()] = true;
    }
    let mut order: Vec<usize> = (0..plan.values.len()).filter(|index| live[*index]).collect();
    let mut rank = vec![0; plan.values.len()];
    for (index, instruction) in plan.instructions.iter().enumerate() {
        for value in instruction.writes() {
            rank[value.index()] = index + 1;
        }
    }
    order.sort_by_key(|index| (rank[*index], *index));
    let mut new = vec![ValueId(0); plan.values.len()];
    for (place, index) in order.iter().enumerate() {
        new[*index] = ValueId(place as u32);
    }
    let mut values: Vec<_> = plan.values.into_iter().map(Some).collect();
    plan.values = order.iter().filter_map(|index| values[*index].take()).collect();
    for instruction in &mut plan.instructions {
        instruction.renumber(|value| new[value.index()]);
    }
    for value in plan.data.iter_mut().chain(&mut plan.parameters).chain(&mut plan.scalars) {
        *value = new[value.index()];
    }
    for update in &mut plan.updated {
        update.old = new[update.old.index()];
        update.new = new[update.new.index()];
    }
    for output in plan.results.iter_mut().chain(&mut plan.row_results) {
        output.value = new[output.value.index()];
    }
    plan
}
