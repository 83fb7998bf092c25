//! A plan turned into ready steps: every place resolved, lane programs translated, factors to pack found.

use crate::check::operand_shape;
use crate::element::Element;
use crate::error::EngineError;
use crate::lanes::{LaneMemory, Program};
use crate::layout::{Layout, Location};
use crate::simd::Simd;
use plan::{
    Extent, Fill, Instruction, LaneOutput, Lanes, Operand, Phase, Plan, Product, Reduction, Source,
    Transpose, ValueId,
};

/// The steps of a plan, by when they run.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    pub before: Vec<Step<T>>,
    /// Factors that every tile needs packed, packed once.
    pub packs: Vec<Pack>,
    pub tile: Vec<Step<T>>,
    /// Lane programs among the tile's steps whose sums are complete after the last tile.
    pub sums: Vec<usize>,
    pub after: Vec<Step<T>>,
    pub lanes: LaneMemory,
    /// Factors that are packed just before their product: rows and columns.
    pub packed_late: Vec<(Extent, Extent)>,
    /// Left factors: rows and columns.
    pub lefts: Vec<(Extent, Extent)>,
}

/// A ready step.
#[derive(Debug)]
pub(crate) enum Step<T> {
    Product(ProductStep),
    Lanes(LaneStep<T>),
    Transpose { from: Factor, to: Location },
    Fill { fill: Fill, cols: Extent, to: Location },
    Copy { from: Location, to: Location },
}

/// A matrix of a product, as it is multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factor {
    pub at: Location,
    /// Rows and columns as they lie.
    pub rows: Extent,
    pub cols: Extent,
    pub is_transposed: bool,
}

#[derive(Debug)]
pub(crate) struct ProductStep {
    pub left: Factor,
    pub right: Factor,
    pub to: Location,
    /// Whether the tiles' products add up.
    pub adds_up: bool,
    /// The place in `Schedule::packs`, if the right factor is packed once.
    pub packed: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct LaneStep<T> {
    pub program: Program<T>,
    /// Whether its sums go on over all tiles.
    pub adds_up: bool,
}

/// A factor that is packed once a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pack {
    pub factor: Factor,
    /// Where it lies packed.
    pub start: usize,
}

impl<T: Element> Schedule<T> {
    /// Schedules a checked plan.
    pub(crate) fn new(
        plan: &Plan,
        layout: &Layout,
        phases: &[Phase],
        simd: Simd,
    ) -> Result<Schedule<T>, EngineError> {
        let has_tiles = plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
        if has_tiles {
            check_tiles(plan, phases)?;
        }
        let mut schedule = Schedule {
            before: Vec::new(),
            packs: Vec::new(),
            tile: Vec::new(),
            sums: Vec::new(),
            after: Vec::new(),
            lanes: LaneMemory::default(),
            packed_late: Vec::new(),
            lefts: Vec::new(),
        };
        check_order(plan, phases)?;
        let copy = |(from, to): &(Location, Location)| Step::Copy { from: *from, to: *to };
        schedule.before.extend(layout.copies.first.iter().map(copy));
        schedule.tile.extend(layout.copies.tile_first.iter().map(copy));
        for (index, (instruction, phase)) in plan.instructions.iter().zip(phases).enumerate() {
            let wrong = |mistake: String| EngineError::Instruction { index, mistake };
            let adds_up = has_tiles && *phase == Phase::Tile;
            let step = match instruction {
                Instruction::Product(product) => {
                    schedule.product(plan, layout, phases, product, *phase, adds_up).map_err(wrong)?
                }
                Instruction::Lanes(lanes) => {
                    let program = Program::new(lanes, layout, simd, &mut schedule.lanes).map_err(wrong)?;
                    let adds_up = adds_up && lanes.rows == Extent::Walked;
                    if adds_up && !program.sums.is_empty() {
                        schedule.sums.push(schedule.tile.len());
                    }
                    Step::Lanes(LaneStep { program, adds_up })
                }
                Instruction::Transpose(Transpose { from, to }) => {
                    let from = factor(plan, layout, Operand { value: *from, transposed: true });
                    let to = layout.at(*to);
                    apart(&from.at, &to).map_err(wrong)?;
                    Step::Transpose { from, to }
                }
                Instruction::Fill(fill) => {
                    Step::Fill { fill: *fill, cols: plan.value(fill.to).cols, to: layout.at(fill.to) }
                }
            };
            match phase {
                Phase::Before => schedule.before.push(step),
                Phase::Tile => schedule.tile.push(step),
                Phase::After => schedule.after.push(step),
            }
        }
        schedule.tile.extend(layout.copies.tile_last.iter().map(copy));
        schedule.after.extend(layout.copies.last.iter().map(copy));
        Ok(schedule)
    }

    fn product(
        &mut self,
        plan: &Plan,
        layout: &Layout,
        phases: &[Phase],
        product: &Product,
        phase: Phase,
        is_tiled: bool,
    ) -> Result<Step<T>, String> {
        let (left, right) = (factor(plan, layout, product.left), factor(plan, layout, product.right));
        let to = layout.at(product.to);
        apart(&left.at, &to)?;
        apart(&right.at, &to)?;
        let (rows, cols) = operand_shape(plan, product.right);
        self.lefts.push(operand_shape(plan, product.left));
        // A factor that no tile changes is packed once, and shared by all products that read it alike.
        let packed = if phase == Phase::Tile && is_known_before_tiles(plan, phases, product.right.value) {
            let known = self.packs.iter().position(|pack| pack.factor == right);
            Some(known.unwrap_or_else(|| {
                self.packs.push(Pack { factor: right, start: 0 });
                self.packs.len() - 1
            }))
        } else {
            self.packed_late.push((rows, cols));
            None
        };
        Ok(Step::Product(ProductStep {
            left,
            right,
            to,
            adds_up: is_tiled && rows == Extent::Walked,
            packed,
        }))
    }
}

fn factor(plan: &Plan, layout: &Layout, operand: Operand) -> Factor {
    let value = plan.value(operand.value);
    Factor {
        at: layout.at(operand.value),
        rows: value.rows,
        cols: value.cols,
        is_transposed: operand.transposed,
    }
}

fn apart(from: &Location, to: &Location) -> Result<(), String> {
    if from.overlaps(to) {
        Err("writes a result over a matrix that it still reads".to_owned())
    } else {
        Ok(())
    }
}

/// Whether a value of fixed size is bound, or computed before the tiles.
fn is_known_before_tiles(plan: &Plan, phases: &[Phase], id: ValueId) -> bool {
    let value = plan.value(id);
    let computed =
        || plan.instructions.iter().zip(phases).find(|(instruction, _)| instruction.writes().contains(&id));
    value.fixed_entries().is_some()
        && (value.source != Source::Computed || computed().is_some_and(|(_, phase)| *phase == Phase::Before))
}

/// Nothing is read by a phase before the one that computes it.
fn check_order(plan: &Plan, phases: &[Phase]) -> Result<(), EngineError> {
    let mut when = vec![Phase::Before; plan.values.len()];
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

/// What a plan whose rows are cut into tiles must keep: no walked columns; walked rows only within tiles; and no sum over the
/// rows read before the last tile is done.
fn check_tiles(plan: &Plan, phases: &[Phase]) -> Result<(), EngineError> {
    if plan.values.iter().any(|value| value.cols == Extent::Walked) {
        return Err(EngineError::Plan {
            mistake: "its rows are cut into tiles, but a value has walked columns".to_owned(),
        });
    }
    let mut is_sum = vec![false; plan.values.len()];
    for (index, (instruction, phase)) in plan.instructions.iter().zip(phases).enumerate() {
        let wrong = |mistake: &str| Err(EngineError::Instruction { index, mistake: mistake.to_owned() });
        let (read, written) = (instruction.reads(), instruction.writes());
        match phase {
            Phase::Tile => {
                if read.iter().any(|id| is_sum[id.0 as usize]) {
                    return wrong("reads a sum over all rows within a tile");
                }
            }
            Phase::Before | Phase::After => {
                if read.iter().chain(&written).any(|id| plan.value(*id).is_walked()) {
                    return wrong("reads or writes walked rows outside the tiles");
                }
            }
        }
        match instruction {
            Instruction::Product(product) => {
                is_sum[product.to.0 as usize] = operand_shape(plan, product.right).0 == Extent::Walked;
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
