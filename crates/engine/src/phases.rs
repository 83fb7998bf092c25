//! The order of a plan's phases, checked: what a schedule may rely on.

use crate::error::EngineError;
use plan::{Extent, Instruction, LaneOutput, Lanes, Phase, Plan, Reduction, Source, Sums, ValueId};

/// Nothing is read by a phase before the one that computes it.
pub(crate) fn check_order(plan: &Plan, phases: &[Phase]) -> Result<(), EngineError> {
    let mut when = vec![Phase::BEFORE; plan.values.len()];
    for (index, (instruction, phase)) in plan.instructions.iter().zip(phases).enumerate() {
        if instruction.reads().iter().any(|id| when[id.0 as usize] > *phase) {
            return Err(EngineError::Instruction {
                index,
                mistake: "runs in a phase before its inputs are known".to_owned(),
            });
        }
        for id in instruction.writes() {
            when[id.0 as usize] = *phase;
        }
    }
    Ok(())
}

/// What a plan whose rows are cut into tiles must keep: no walked columns; walked rows only within tiles, and only in the pass
/// that computes them; no sum over the rows read before the last tile is done; and what sums read, kept until then.
pub(crate) fn check_tiles(plan: &Plan, phases: &[Phase]) -> Result<(), EngineError> {
    if plan.values.iter().any(|value| value.cols == Extent::Walked) {
        return Err(EngineError::Plan {
            mistake: "its rows are cut into tiles, but a value has walked columns".to_owned(),
        });
    }
    let is_kept = |id: &ValueId| match &plan.buffers {
        Some(buffers) => !matches!(buffers.places[id.0 as usize], Some(plan::Place::Tile(_))),
        None => plan.value(*id).source != Source::Computed,
    };
    let slabs = plan.tiling.as_ref().is_some_and(|tiling| tiling.sums != Sums::Leaves);
    let mut written: Vec<Option<Phase>> = vec![None; plan.values.len()];
    let mut is_sum = vec![false; plan.values.len()];
    for (index, (instruction, phase)) in plan.instructions.iter().zip(phases).enumerate() {
        let wrong = |mistake: &str| Err(EngineError::Instruction { index, mistake: mistake.to_owned() });
        let (reads, writes) = (instruction.reads(), instruction.writes());
        if !phase.walks() && reads.iter().chain(&writes).any(|id| plan.value(*id).is_walked()) {
            return wrong("reads or writes walked rows outside the tiles");
        }
        for id in &reads {
            let at = id.0 as usize;
            match written[at] {
                Some(written) if is_sum[at] && written >= *phase => {
                    return wrong("reads a sum over all rows within a tile");
                }
                Some(written) if plan.value(*id).is_walked() && written != *phase => {
                    return wrong("reads rows of another pass");
                }
                _ => {}
            }
        }
        for id in writes {
            written[id.0 as usize] = Some(*phase);
        }
        match instruction {
            Instruction::Product(product) => {
                is_sum[product.to.0 as usize] = plan.is_sum(product);
                if slabs && plan.is_sum(product) && !reads.iter().all(is_kept) {
                    return wrong("sums over rows that are not kept for it");
                }
            }
            Instruction::Lanes(Lanes { rows: Extent::Walked, outputs, .. }) => {
                for LaneOutput { to, reduction, .. } in outputs {
                    is_sum[to.0 as usize] = matches!(reduction, Reduction::SumAll | Reduction::SumDown);
                }
            }
            Instruction::Lanes(_) | Instruction::Transpose(_) | Instruction::Fill(_) => {}
        }
    }
    Ok(())
}
