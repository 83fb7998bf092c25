//! Rows in tiles: what runs before the rows, for each tile of them, and after them.

use crate::buffers::{buffers, per_walked};
use crate::reads::{asked, readers};
use crate::{Extent, Instruction, Phase, Plan, Source, Tiling};

/// Entries that a tile's values may take: half of a second-level cache of 1 MiB, in single precision. The other half is
/// left to the weights that pass by.
const TILE_ENTRIES: usize = (1 << 20) / 2 / 4;

/// Rows of a tile at least: fewer would read the weights too often.
const MIN_HEIGHT: usize = 32;

/// Rows of a tile at most: more would save nothing.
const MAX_HEIGHT: usize = 1024;

/// Heights are multiples of this, so that blocks of rows come out even.
const HEIGHT_STEP: usize = 16;

/// Orders the instructions by phase and sets the height of a tile.
///
/// What depends on no walked row runs before the rows; what touches walked rows runs for each tile, sums over them adding up
/// from tile to tile; what depends on such a sum runs after. Where walked rows depend on a sum over all of them, or a value
/// walks along its columns, the whole batch is one tile and everything runs in order.
pub fn tile(mut plan: Plan) -> Plan {
    let Some(phases) = phases(&plan) else {
        let phases = vec![Phase::Tile; plan.instructions.len()];
        plan.tiling = Some(Tiling { height: None, phases });
        return plan;
    };
    let mut order: Vec<usize> = (0..phases.len()).collect();
    order.sort_by_key(|index| phases[*index]);
    let mut instructions: Vec<Option<Instruction>> = plan.instructions.into_iter().map(Some).collect();
    plan.instructions = order.iter().filter_map(|index| instructions[*index].take()).collect();
    let phases: Vec<Phase> = order.into_iter().map(|index| phases[index]).collect();
    let height = phases.contains(&Phase::Tile).then(|| height(&plan));
    plan.tiling = Some(Tiling { height, phases });
    plan
}

/// The rows of which a tile's values fit the cache: those that are bound or asked for, and the places of the others.
fn height(plan: &Plan) -> usize {
    let asked = asked(plan);
    let passes = |index: usize| asked[index] || plan.values[index].source != Source::Computed;
    let passing = (0..plan.values.len()).filter(|index| passes(*index));
    let passing = passing.map(|index| per_walked(&plan.values[index]));
    let per_row = passing.fold(buffers(plan).per_row, usize::saturating_add);
    let height = (TILE_ENTRIES / per_row.max(1)).clamp(MIN_HEIGHT, MAX_HEIGHT);
    height - height % HEIGHT_STEP
}

/// When each instruction runs, as early as it can; `None` where the rows cannot be walked in tiles.
pub(crate) fn phases(plan: &Plan) -> Option<Vec<Phase>> {
    if plan.values.iter().any(|value| value.cols == Extent::Walked) {
        return None;
    }
    // From when on a value can be read.
    let mut ready: Vec<Phase> = plan
        .values
        .iter()
        .map(|value| match value.source {
            Source::Computed => Phase::After,
            _ if value.is_walked() => Phase::Tile,
            _ => Phase::Before,
        })
        .collect();
    let mut phases = Vec::with_capacity(plan.instructions.len());
    for instruction in &plan.instructions {
        let (reads, writes) = (instruction.reads(), instruction.writes());
        let walks = match instruction {
            Instruction::Lanes(lanes) => lanes.rows == Extent::Walked,
            _ => reads.iter().chain(&writes).any(|value| plan.value(*value).is_walked()),
        };
        let waits = reads.iter().any(|value| ready[value.index()] == Phase::After);
        let phase = match (walks, waits) {
            (true, true) => return None,
            (true, false) => Phase::Tile,
            (false, true) => Phase::After,
            (false, false) => Phase::Before,
        };
        for value in writes {
            let is_sum = phase == Phase::Tile && !plan.value(value).is_walked();
            ready[value.index()] = if is_sum { Phase::After } else { phase };
        }
        phases.push(phase);
    }
    Some(phases)
}

/// When each instruction runs where what is needed only after the rows waits until then; all in one where there are no
/// tiles. Programs of different phases are not to be merged.
pub(crate) fn late_phases(plan: &Plan) -> Vec<Phase> {
    let Some(mut phases) = phases(plan) else {
        return vec![Phase::Tile; plan.instructions.len()];
    };
    let (readers, asked) = (readers(plan), asked(plan));
    for index in (0..phases.len()).rev() {
        let writes = plan.instructions[index].writes();
        let waits = |value: &crate::ValueId| {
            readers[value.index()].iter().all(|reader| phases[*reader] == Phase::After)
        };
        let is_read = writes.iter().any(|value| !readers[value.index()].is_empty());
        let is_asked = writes.iter().any(|value| asked[value.index()]);
        if phases[index] == Phase::Before && is_read && !is_asked && writes.iter().all(waits) {
            phases[index] = Phase::After;
        }
    }
    phases
}
