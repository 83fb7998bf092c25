//! Several passes over the rows: what a later pass reads of an earlier one is computed again, so that memory stays flat.

use crate::program::Program;
use crate::reads::{asked, readers, writers};
use crate::{Instruction, Lanes, Phase, Plan, Product, Reduction, Source, Transpose, Value, ValueId};
use std::collections::BTreeMap;

/// The plan and its phases, with no walked value read by another pass than the one that computes it. The order of the
/// instructions is to be restored by their phases.
pub(crate) fn recompute_passes(mut plan: Plan, mut phases: Vec<Phase>) -> (Plan, Vec<Phase>) {
    let last = phases.iter().map(|phase| phase.pass()).max().unwrap_or(0);
    for pass in 1..=last {
        let needed = needed(&plan, &phases, pass);
        if needed.is_empty() {
            continue;
        }
        let mut again: BTreeMap<ValueId, ValueId> = BTreeMap::new();
        for value in needed.keys() {
            again.insert(*value, ValueId(plan.values.len() as u32));
            let value = Value { name: None, source: Source::Computed, ..plan.value(*value).clone() };
            plan.values.push(value);
        }
        for (instruction, phase) in plan.instructions.iter_mut().zip(&phases) {
            if *phase == Phase::Rows(pass) {
                instruction.rename_reads(|value| again.get(&value).copied().unwrap_or(value));
            }
        }
        let mut sources: Vec<usize> = needed.into_values().collect();
        sources.sort_unstable();
        sources.dedup();
        let copies: Vec<Instruction> =
            sources.into_iter().map(|source| copy(&plan.instructions[source], &again)).collect();
        phases.splice(0..0, vec![Phase::Rows(pass); copies.len()]);
        plan.instructions.splice(0..0, copies);
        drop_unread(&mut plan, &mut phases);
    }
    (plan, phases)
}

/// The walked values of earlier passes that a pass needs, and the instructions that compute them.
fn needed(plan: &Plan, phases: &[Phase], pass: u16) -> BTreeMap<ValueId, usize> {
    let writers = writers(plan);
    let mut needed = BTreeMap::new();
    let runs = phases.iter().zip(&plan.instructions).filter(|(phase, _)| **phase == Phase::Rows(pass));
    let mut open: Vec<ValueId> = runs.flat_map(|(_, instruction)| instruction.reads()).collect();
    while let Some(value) = open.pop() {
        let is_earlier = |writer: &usize| phases[*writer].walks() && phases[*writer].pass() < pass;
        if plan.value(value).is_walked()
            && let Some(writer) = writers[value.index()].filter(is_earlier)
            && needed.insert(value, writer).is_none()
        {
            open.extend(plan.instructions[writer].reads());
        }
    }
    needed
}

/// The same instruction, writing the new values alone and reading what is new.
fn copy(instruction: &Instruction, again: &BTreeMap<ValueId, ValueId>) -> Instruction {
    let new = |value: ValueId| again.get(&value).copied().unwrap_or(value);
    let mut copied = match instruction {
        Instruction::Product(product) => Instruction::Product(Product { to: new(product.to), ..*product }),
        Instruction::Transpose(transpose) => {
            Instruction::Transpose(Transpose { to: new(transpose.to), ..*transpose })
        }
        Instruction::Fill(fill) => {
            let mut fill = *fill;
            fill.to = new(fill.to);
            Instruction::Fill(fill)
        }
        Instruction::Lanes(lanes) => {
            let mut program = Program::of(lanes);
            program.retain_outputs(|output| {
                matches!(output.reduction, Reduction::Keep | Reduction::SumAlong)
                    && again.contains_key(&output.to)
            });
            let mut lanes: Lanes = program.finish(lanes.rows, lanes.cols);
            for output in &mut lanes.outputs {
                output.to = new(output.to);
            }
            Instruction::Lanes(lanes)
        }
    };
    copied.rename_reads(new);
    copied
}

/// Leaves out instructions whose values nobody reads any more. Their values stay in the list, without a writer.
fn drop_unread(plan: &mut Plan, phases: &mut Vec<Phase>) {
    loop {
        let (readers, asked) = (readers(plan), asked(plan));
        let is_unread = |value: &ValueId| readers[value.index()].is_empty() && !asked[value.index()];
        let unread =
            plan.instructions.iter().position(|instruction| instruction.writes().iter().all(is_unread));
        let Some(unread) = unread else {
            return;
        };
        plan.instructions.remove(unread);
        phases.remove(unread);
    }
}
