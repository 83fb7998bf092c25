//! What of an update slabs of the gradient can do, and what is left to do apart.

use crate::element::Element;
use crate::engine::Engine;
use crate::schedule::Step;
use plan::{Access, Instruction};
use std::ops::Range;

/// Whether an update changes each entry by that entry and numbers alone.
pub(super) fn is_by_entry<T: Element>(update: &Engine<T>) -> bool {
    let schedule = &update.schedule;
    let by_entry = |instruction: &Instruction| match instruction {
        Instruction::Lanes(lanes) => {
            let accesses = lanes.inputs.iter().map(|input| input.access);
            lanes.outputs.iter().all(|output| output.reduction == plan::Reduction::Keep)
                && accesses.into_iter().all(|access| matches!(access, Access::Entry | Access::Scalar))
        }
        Instruction::Product(_) | Instruction::Transpose(_) | Instruction::Fill(_) => false,
    };
    let has_tiles = update.plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
    has_tiles
        && update.plan.instructions.iter().all(by_entry)
        && schedule.passes.len() == 1
        && schedule.early.is_empty()
        && schedule.after.is_empty()
        && schedule.passes[0].rows.iter().all(|step| matches!(step, Step::Lanes(_) | Step::Copy { .. }))
}

/// The ranges of the arranged parameters that no slab updates.
pub(super) fn rest<T: Element>(step: &Engine<T>) -> Vec<Range<usize>> {
    let mut rest: Vec<Range<usize>> = Vec::new();
    for (place, at) in step.arrangement.parameters().enumerate() {
        let range = at.start..at.start + at.entries;
        if step.updates_by_slabs(place) {
            continue;
        }
        match rest.last_mut() {
            // The gap to the next cache line is nobody's.
            Some(last) if last.end.next_multiple_of(16) == range.start => last.end = range.end,
            _ => rest.push(range),
        }
    }
    rest
}
