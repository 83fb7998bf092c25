//! Places for computed values: those never alive together share one.

use crate::reads::{readers, writers};
use crate::{
    Access, Buffers, Extent, Instruction, LaneInput, LaneOutput, Lanes, Phase, Place, Plan, Reduction,
    Register, Source, Sums, Tiling, Value, ValueId,
};

/// Places in the fixed arena start at multiples of this many entries, so that vectors of a processor load them whole.
const ALIGNMENT: usize = 16;

/// Gives every computed value its place. Results are written where the caller wants them; a value that overwrites its old
/// value does so in place, or is copied there at the end where the old one is still read after it is known.
pub fn assign_buffers(plan: Plan) -> Plan {
    let plan = if plan.tiling.is_some() { plan } else { crate::tile(plan) };
    let mut plan = copy_late_updates(plan);
    plan.buffers = Some(buffers(&plan));
    plan
}

/// Places for the computed values of a plan whose instructions are in the order in which they run.
pub(crate) fn buffers(plan: &Plan) -> Buffers {
    let mut places = result_places(plan);
    let mut order: Vec<(Lifetime, usize)> = lifetimes(plan)
        .into_iter()
        .enumerate()
        .filter(|(index, _)| places[*index].is_none())
        .filter_map(|(index, lifetime)| Some((lifetime?, index)))
        .collect();
    order.sort();
    let is_kept = kept(plan);
    let (mut fixed, mut tile, mut kept_per_row) = (Arena::default(), Arena::default(), 0_usize);
    for (lifetime, index) in order {
        let value = &plan.values[index];
        places[index] = Some(match value.fixed_entries() {
            Some(entries) => Place::Fixed(fixed.place(lifetime, entries.next_multiple_of(ALIGNMENT))),
            None if is_kept[index] => {
                let place = Place::Kept(kept_per_row);
                kept_per_row = kept_per_row.saturating_add(per_walked(value));
                place
            }
            None => Place::Tile(tile.place(lifetime, per_walked(value))),
        });
    }
    Buffers { places, fixed: fixed.entries, per_row: tile.entries, kept_per_row }
}

/// Which walked values wait for the sums of their macro-batch.
pub(crate) fn kept(plan: &Plan) -> Vec<bool> {
    let mut kept = vec![false; plan.values.len()];
    let waits = |tiling: &Tiling| tiling.height.is_some() && matches!(tiling.sums, Sums::Slabs { .. });
    if !plan.tiling.as_ref().is_some_and(waits) {
        return kept;
    }
    for instruction in &plan.instructions {
        if let Instruction::Product(product) = instruction
            && plan.is_sum(product)
        {
            for factor in [product.left, product.right] {
                kept[factor.value.index()] = plan.value(factor.value).is_walked();
            }
        }
    }
    kept
}

/// From when to when a value is alive, by the instructions that write it first and read it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lifetime {
    pub first: usize,
    pub last: usize,
}

/// The lifetimes of computed values. All instructions for tiles run again for each tile, so a sum over the rows is alive from
/// the first of them on: what was there before the rows and is read by a tile then never shares its place.
pub(crate) fn lifetimes(plan: &Plan) -> Vec<Option<Lifetime>> {
    let (readers, writers) = (readers(plan), writers(plan));
    let tiling = plan.tiling.as_ref().filter(|tiling| tiling.height.is_some());
    let phases = tiling.map_or(&[][..], |tiling| &tiling.phases);
    let start = |pass: Phase| phases.iter().position(|phase| *phase == pass);
    let lifetime = |(index, value): (usize, &Value)| {
        let writer = writers[index]?;
        let last = readers[index].last().copied().unwrap_or(writer).max(writer);
        let pass = phases.get(writer).filter(|phase| phase.walks() && !value.is_walked());
        let first = pass.and_then(|pass| start(*pass)).unwrap_or(writer);
        Some(Lifetime { first, last })
    };
    plan.values.iter().enumerate().map(lifetime).collect()
}

/// Entries of a value for each walked row or column.
pub(crate) fn per_walked(value: &Value) -> usize {
    match (value.rows, value.cols) {
        (Extent::Fixed(count), Extent::Walked) | (Extent::Walked, Extent::Fixed(count)) => count,
        (Extent::Fixed(_), Extent::Fixed(_)) | (Extent::Walked, Extent::Walked) => 0,
    }
}

/// Places side by side, reused once their values are no longer read.
#[derive(Default)]
struct Arena {
    /// What is alive: first entry, entries, last use. Sorted.
    alive: Vec<(usize, usize, usize)>,
    entries: usize,
}

impl Arena {
    /// The lowest place that is free for that long; lifetimes come in the order of their beginnings.
    fn place(&mut self, lifetime: Lifetime, entries: usize) -> usize {
        // What is read last by an instruction is still alive while that writes.
        self.alive.retain(|(_, _, last)| *last >= lifetime.first);
        let mut start = 0_usize;
        for (first, length, _) in &self.alive {
            if start.saturating_add(entries) <= *first {
                break;
            }
            start = start.max(first.saturating_add(*length));
        }
        self.alive.push((start, entries, lifetime.last));
        self.alive.sort_unstable();
        self.entries = self.entries.max(start.saturating_add(entries));
        start
    }
}

/// The places of results and of what overwrites.
fn result_places(plan: &Plan) -> Vec<Option<Place>> {
    let mut places = vec![None; plan.values.len()];
    let mut start = 0;
    for output in &plan.results {
        places[output.value.index()] = Some(Place::Result(start));
        start += plan.value(output.value).fixed_entries().unwrap_or(0);
    }
    for (index, output) in plan.row_results.iter().enumerate() {
        places[output.value.index()] = Some(Place::RowResult(index));
    }
    for (index, update) in plan.updated.iter().enumerate() {
        places[update.new.index()] = Some(Place::Updated(index));
    }
    places
}

/// Where an old value is still read once its new one is computed, the new one is copied over it at the end.
fn copy_late_updates(mut plan: Plan) -> Plan {
    for index in 0..plan.updated.len() {
        if can_overwrite(&plan, index) {
            continue;
        }
        let from = plan.updated[index].new;
        let to = ValueId(plan.values.len() as u32);
        let value = Value { source: Source::Computed, ..plan.value(from).clone() };
        plan.values[from.index()].name = None;
        let access = Access::Entry;
        let copy = Lanes {
            rows: value.rows,
            cols: value.cols,
            inputs: vec![LaneInput { value: from, access }],
            operations: Vec::new(),
            outputs: vec![LaneOutput { register: Register(0), to, reduction: Reduction::Keep }],
        };
        let walks = value.is_walked();
        plan.values.push(value);
        plan.updated[index].new = to;
        let Some(tiling) = &mut plan.tiling else {
            continue;
        };
        // Rows are copied at the end of their tile, all else at the end of all.
        let last_tile = tiling.phases.iter().rposition(|phase| phase.walks());
        let (at, phase) = match (last_tile, walks || tiling.height.is_none()) {
            (Some(last), true) => (last + 1, tiling.phases[last]),
            (Some(last), false) => (tiling.phases.len(), Phase::Once(tiling.phases[last].pass() + 1)),
            (None, _) => (tiling.phases.len(), tiling.phases.last().copied().unwrap_or(Phase::BEFORE)),
        };
        tiling.phases.insert(at, phase);
        plan.instructions.insert(at, Instruction::Lanes(copy));
    }
    plan
}

/// Whether a new value may be written over the old one by the instruction that computes it.
fn can_overwrite(plan: &Plan, index: usize) -> bool {
    let update = &plan.updated[index];
    let Some(writer) = plan.instructions.iter().position(|it| it.writes().contains(&update.new)) else {
        return false;
    };
    let tiling = plan.tiling.as_ref();
    let phase = |at: usize| tiling.and_then(|tiling| tiling.phases.get(at).copied());
    let is_tiled = tiling.is_some_and(|tiling| tiling.height.is_some());
    let is_walked = plan.value(update.old).is_walked();
    if is_tiled && !is_walked && phase(writer).is_some_and(Phase::walks) {
        // A sum adds up over the tiles, each of which may read the old value.
        return false;
    }
    plan.instructions.iter().enumerate().all(|(at, instruction)| {
        if at < writer || !instruction.reads().contains(&update.old) {
            return true;
        }
        let Instruction::Lanes(lanes) = instruction else {
            return false;
        };
        let entries = |input: &LaneInput| input.value != update.old || input.access == Access::Entry;
        let keeps = |output: &LaneOutput| output.to != update.new || output.reduction == Reduction::Keep;
        at == writer && lanes.inputs.iter().all(entries) && lanes.outputs.iter().all(keeps)
    })
}
