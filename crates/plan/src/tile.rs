//! Rows in tiles: what runs before a pass over the rows, for each tile of them, and after it, and how sums over them are arranged.

use crate::buffers::{buffers, per_walked};
use crate::passes::recompute_passes;
use crate::reads::{asked, readers};
use crate::{Extent, Instruction, Phase, Plan, Source, Sums, Tiling};

/// Entries that a tile's values may take: half of a second-level cache of 1 MiB, in single precision. The other half is
/// left to the weights that pass by.
const TILE_ENTRIES: usize = (1 << 20) / 2 / 4;

/// Rows of a tile at least: fewer would read the weights too often.
const MIN_HEIGHT: usize = 32;

/// Rows of a tile at most: more would save nothing.
const MAX_HEIGHT: usize = 1024;

/// Heights are multiples of this, so that blocks of rows come out even.
const HEIGHT_STEP: usize = 16;

/// Entries of all results that sum over rows up to which each leaf has partial sums of them: with eight leaves, half a
/// second-level cache.
const SMALL_SUMS: usize = 16 << 10;

/// Entries that a macro-batch keeps for its sums: 32 MiB in single precision.
const KEPT_ENTRIES: usize = 8 << 20;

/// Rows of a macro-batch at least and at most. Fewer would read and write the sums too often.
const MACRO_ROWS: (usize, usize) = (256, 4096);

/// Orders the instructions by phase, sets the height of a tile and the arrangement of sums.
///
/// What depends on no walked row runs before the rows; what touches walked rows runs for each tile, sums over them adding up
/// from tile to tile; what depends on such a sum runs after. Where walked rows depend on a sum over all of them, a second pass
/// over the rows computes again what it reads of the first. Where a value walks along its columns, the whole batch is one
/// tile and everything runs in order.
pub fn tile(plan: Plan) -> Plan {
    let Some(phases) = phases(&plan) else {
        let phases = vec![Phase::Rows(0); plan.instructions.len()];
        return Plan { tiling: Some(Tiling { height: None, sums: Sums::Leaves, phases }), ..plan };
    };
    let (mut plan, phases) = recompute_passes(plan, phases);
    let mut order: Vec<usize> = (0..phases.len()).collect();
    order.sort_by_key(|index| phases[*index]);
    let mut instructions: Vec<Option<Instruction>> = plan.instructions.into_iter().map(Some).collect();
    plan.instructions = order.iter().filter_map(|index| instructions[*index].take()).collect();
    let phases: Vec<Phase> = order.into_iter().map(|index| phases[index]).collect();
    let walks = phases.iter().any(|phase| phase.walks());
    let sums = sums(&plan);
    plan.tiling = Some(Tiling { height: walks.then_some(MIN_HEIGHT), sums, phases });
    if walks {
        let height = height(&plan, sums);
        plan.tiling = plan.tiling.map(|tiling| Tiling { height: Some(height), ..tiling });
    }
    plan
}

/// The rows of which a tile's values fit the cache (those that are bound or asked for, and the places of the others), or more
/// where the weights are the larger part of what passes by: each tile reads all of them.
fn height(plan: &Plan, sums: Sums) -> usize {
    let asked = asked(plan);
    let passes = |index: usize| asked[index] || plan.values[index].source != Source::Computed;
    let passing = (0..plan.values.len()).filter(|index| passes(*index));
    let passing = passing.map(|index| per_walked(&plan.values[index]));
    let places = buffers(plan);
    let per_row = passing.fold(places.per_row.saturating_add(places.kept_per_row), usize::saturating_add);
    let fitting = (TILE_ENTRIES / per_row.max(1)).clamp(MIN_HEIGHT, MAX_HEIGHT);
    let height = match sums {
        Sums::Leaves => fitting,
        Sums::Slabs { rows } => {
            let (weights, _) = plan.multiply_adds();
            fitting.max(weights / per_row.max(1)).clamp(MIN_HEIGHT, rows)
        }
    };
    height - height % HEIGHT_STEP
}

/// The arrangement of the sums over rows, by how many entries they have.
fn sums(plan: &Plan) -> Sums {
    let mut entries = 0_usize;
    let mut kept = 0_usize;
    for instruction in &plan.instructions {
        if let Instruction::Product(product) = instruction
            && plan.is_sum(product)
        {
            entries = entries.saturating_add(plan.value(product.to).fixed_entries().unwrap_or(0));
            for factor in [product.left, product.right] {
                kept = kept.saturating_add(per_walked(plan.value(factor.value)));
            }
        }
    }
    if entries <= SMALL_SUMS {
        return Sums::Leaves;
    }
    let rows = (KEPT_ENTRIES / kept.max(1)).clamp(MACRO_ROWS.0, MACRO_ROWS.1);
    Sums::Slabs { rows: rows - rows % Sums::LEAF }
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
        .map(|value| if value.is_walked() { Phase::Rows(0) } else { Phase::BEFORE })
        .collect();
    let mut phases = Vec::with_capacity(plan.instructions.len());
    for instruction in &plan.instructions {
        let (reads, writes) = (instruction.reads(), instruction.writes());
        let walks = match instruction {
            Instruction::Lanes(lanes) => lanes.rows == Extent::Walked,
            _ => reads.iter().chain(&writes).any(|value| plan.value(*value).is_walked()),
        };
        let pass = reads.iter().map(|value| ready[value.index()].pass()).max().unwrap_or(0);
        let phase = if walks { Phase::Rows(pass) } else { Phase::Once(pass) };
        for value in writes {
            let is_sum = walks && !plan.value(value).is_walked();
            ready[value.index()] = if is_sum { Phase::Once(pass + 1) } else { phase };
        }
        phases.push(phase);
    }
    Some(phases)
}

/// When each instruction runs where what is needed only after the rows waits until then; all in one where there are no
/// tiles. Programs of different phases are not to be merged.
pub(crate) fn late_phases(plan: &Plan) -> Vec<Phase> {
    let Some(mut phases) = phases(plan) else {
        return vec![Phase::Rows(0); plan.instructions.len()];
    };
    let (readers, asked) = (readers(plan), asked(plan));
    for index in (0..phases.len()).rev() {
        let writes = plan.instructions[index].writes();
        let is_asked = writes.iter().any(|value| asked[value.index()]);
        let readers = writes.iter().flat_map(|value| &readers[value.index()]);
        let first = readers.map(|reader| phases[*reader]).min();
        if let (Phase::Once(pass), Some(Phase::Once(first)), false) = (phases[index], first, is_asked)
            && first > pass
        {
            phases[index] = Phase::Once(first);
        }
    }
    phases
}
