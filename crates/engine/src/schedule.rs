//! A plan turned into ready steps: every place resolved, lane programs translated, factors to pack found.

use crate::arrangement::Arrangement;
use crate::check::operand_shape;
use crate::element::Element;
use crate::error::EngineError;
use crate::lanes::{LaneMemory, Program};
use crate::layout::{Layout, Location, PARAMETERS, RESULTS};
use crate::phases::{check_order, check_tiles};
use crate::product::Products;
use crate::simd::Simd;
use plan::{Extent, Fill, Instruction, Operand, Phase, Plan, Product, Source, Sums, Transpose, ValueId};

/// The steps of a plan, by when they run.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    pub passes: Vec<Pass<T>>,
    /// After the last pass, what needs no product that sums over its rows: the loss, as a rule.
    pub early: Vec<Step<T>>,
    /// After the last pass, the rest.
    pub after: Vec<Step<T>>,
    /// Factors that are packed once, before the rows of a pass.
    pub packs: Vec<Pack>,
    pub lanes: LaneMemory,
    /// Factors that are packed just before their product, in a tile or outside: rows and columns.
    pub packed_late: Vec<(Extent, Extent)>,
    /// Left factors: rows and columns as they are multiplied.
    pub lefts: Vec<(Extent, Extent)>,
    /// Columns of the right factors that are packed for the slabs of a macro-batch.
    pub packed_sums: Vec<usize>,
    /// Entries of a leaf's partial sums.
    pub partials: usize,
}

/// A pass over the rows.
#[derive(Debug)]
pub(crate) struct Pass<T> {
    pub before: Vec<Step<T>>,
    /// For each tile.
    pub rows: Vec<Step<T>>,
    /// Products that sum over the rows.
    pub sums: Vec<SumStep>,
}

/// A ready step.
#[derive(Debug)]
pub(crate) enum Step<T> {
    Product(ProductStep),
    /// A product that sums over the rows, for the rows of the tile: its place in [`Pass::sums`].
    Sum(usize),
    Lanes(LaneStep<T>),
    Transpose {
        from: Factor,
        to: Location,
    },
    Fill {
        fill: Fill,
        cols: Extent,
        to: Location,
    },
    Copy {
        from: Location,
        to: Location,
    },
}

/// A matrix of a product, as it is multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factor {
    pub at: Location,
    /// Rows and columns as they lie.
    pub rows: Extent,
    pub cols: Extent,
    pub is_transposed: bool,
    /// The place in [`Plan::coded`], where its rows end with codes.
    pub coded: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct ProductStep {
    pub left: Factor,
    pub right: Factor,
    pub to: Location,
    pub read: Read,
}

/// How a right factor is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// As it lies, row by row.
    Rows,
    /// As it lies, in panels.
    Panels,
    /// As it was packed: the place in [`Schedule::packs`].
    Packed(usize),
    /// It is packed just before.
    Late,
}

/// A product `A'*B` that sums over the walked rows, into a matrix of fixed size.
#[derive(Debug)]
pub(crate) struct SumStep {
    pub left: Factor,
    pub right: Factor,
    pub to: Location,
    /// Its rows and columns.
    pub m: usize,
    pub n: usize,
    /// Whether it lies in panels, and the parameter that then lies like it: it is the gradient by that one.
    pub parameter: Option<usize>,
    /// Where it lies among a leaf's partial sums, and its entries.
    pub partial: usize,
    pub entries: usize,
    /// The place in [`Schedule::packed_sums`], if slabs read its right factor packed.
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
    pub pass: usize,
    /// Where it lies packed.
    pub start: usize,
    /// The parameter that it is the transpose of, if that lies in panels: then it stays packed from run to run.
    pub parameter: Option<usize>,
}

impl<T: Element> Schedule<T> {
    /// Schedules a checked plan.
    pub(crate) fn new(
        plan: &Plan,
        layout: &Layout,
        phases: &[Phase],
        arrangement: &Arrangement,
        simd: Simd,
    ) -> Result<Schedule<T>, EngineError> {
        let products = Products::new(simd);
        let tiling = plan.tiling.as_ref().filter(|tiling| tiling.height.is_some());
        if tiling.is_some() {
            check_tiles(plan, phases)?;
        }
        check_order(plan, phases)?;
        let last = phases.iter().filter(|phase| phase.walks()).map(|phase| phase.pass()).max().unwrap_or(0);
        let mut schedule = Schedule {
            passes: (0..=last).map(|_| Pass::default()).collect(),
            early: Vec::new(),
            after: Vec::new(),
            packs: Vec::new(),
            lanes: LaneMemory::default(),
            packed_late: Vec::new(),
            lefts: Vec::new(),
            packed_sums: Vec::new(),
            partials: 0,
        };
        let context = Context { plan, layout, phases, arrangement, products };
        let is_late = depend_on_products(plan);
        let copy = |(from, to): &(Location, Location)| Step::Copy { from: *from, to: *to };
        schedule.passes[0].before.extend(layout.copies.first.iter().map(copy));
        schedule.passes[0].rows.extend(layout.copies.tile_first.iter().map(copy));
        for (index, (instruction, phase)) in plan.instructions.iter().zip(phases).enumerate() {
            let wrong = |mistake: String| EngineError::Instruction { index, mistake };
            let pass = usize::from(phase.pass());
            let step = match instruction {
                Instruction::Product(product) if tiling.is_some() && plan.is_sum(product) => {
                    let sum = schedule.sum(&context, product).map_err(wrong)?;
                    schedule.passes[pass].sums.push(sum);
                    if plan.tiling.as_ref().is_some_and(|tiling| tiling.sums != Sums::Leaves) {
                        continue;
                    }
                    Step::Sum(schedule.passes[pass].sums.len() - 1)
                }
                Instruction::Product(product) => {
                    schedule.product(&context, product, *phase).map_err(wrong)?
                }
                Instruction::Lanes(lanes) => {
                    let program = Program::new(lanes, layout, simd, &mut schedule.lanes).map_err(wrong)?;
                    let adds_up = tiling.is_some() && phase.walks() && lanes.rows == Extent::Walked;
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
                Phase::Rows(_) => schedule.passes[pass].rows.push(step),
                Phase::Once(_) if pass < schedule.passes.len() => schedule.passes[pass].before.push(step),
                Phase::Once(_) if is_late[index] => schedule.after.push(step),
                Phase::Once(_) => schedule.early.push(step),
            }
        }
        if let Some(pass) = schedule.passes.last_mut() {
            pass.rows.extend(layout.copies.tile_last.iter().map(copy));
        }
        schedule.after.extend(layout.copies.last.iter().map(copy));
        Ok(schedule)
    }

    fn product(&mut self, context: &Context, product: &Product, phase: Phase) -> Result<Step<T>, String> {
        let Context { plan, layout, arrangement, products, .. } = context;
        let (left, right) = (factor(plan, layout, product.left), factor(plan, layout, product.right));
        let to = layout.at(product.to);
        apart(&left.at, &to)?;
        apart(&right.at, &to)?;
        let (rows, cols) = operand_shape(plan, product.right);
        self.lefts.push(operand_shape(plan, product.left));
        let is_vector = rows == Extent::Fixed(1) || cols == Extent::Fixed(1);
        let lies_by_rows = !right.is_transposed || is_vector;
        let parameter = arrangement.panels_at(&right.at, PARAMETERS);
        let is_known = phase.walks() && context.is_known_before(product.right.value, phase.pass());
        let pays = |k: usize, n: usize| {
            let height = plan.tiling.as_ref().and_then(|tiling| tiling.height).unwrap_or(Sums::LEAF);
            products.pays_to_pack::<T>(height, k, n)
        };
        let read = match (parameter, rows, cols) {
            (Some(_), ..) if !right.is_transposed => Read::Panels,
            (None, Extent::Fixed(k), Extent::Fixed(n)) if lies_by_rows && (is_vector || !pays(k, n)) => {
                Read::Rows
            }
            (None, ..) if lies_by_rows && is_vector => Read::Rows,
            // A factor that no tile changes is packed once, and shared by all products that read it alike.
            _ if is_known => {
                let pass = usize::from(phase.pass());
                let known = self.packs.iter().position(|pack| pack.factor == right && pack.pass <= pass);
                Read::Packed(known.unwrap_or_else(|| {
                    self.packs.push(Pack { factor: right, pass, start: 0, parameter });
                    self.packs.len() - 1
                }))
            }
            _ => {
                self.packed_late.push((rows, cols));
                Read::Late
            }
        };
        Ok(Step::Product(ProductStep { left, right, to, read }))
    }

    /// A product over the walked rows of a plan with tiles.
    fn sum(&mut self, context: &Context, product: &Product) -> Result<SumStep, String> {
        let Context { plan, layout, arrangement, products, .. } = context;
        let (left, right) = (factor(plan, layout, product.left), factor(plan, layout, product.right));
        let to = layout.at(product.to);
        apart(&left.at, &to)?;
        apart(&right.at, &to)?;
        let value = plan.value(product.to);
        let (Extent::Fixed(m), Extent::Fixed(n)) = (value.rows, value.cols) else {
            return Err("sums over the rows into a matrix that has them".to_owned());
        };
        let parameter = arrangement.panels_at(&to, RESULTS);
        let entries = match parameter {
            Some(_) => products.packed::<T>(m, n).entries(),
            None => m.checked_mul(n),
        };
        let entries = entries.ok_or("is too large for memory")?;
        self.lefts.push((Extent::Fixed(m), Extent::Walked));
        let mut packed = None;
        match plan.tiling.as_ref().map(|tiling| tiling.sums) {
            Some(Sums::Slabs { rows }) if products.pays_to_pack::<T>(m, rows, n) => {
                packed = Some(self.packed_sums.len());
                self.packed_sums.push(n);
            }
            Some(Sums::Slabs { .. }) => {}
            _ => self.packed_late.push((Extent::Walked, Extent::Fixed(n))),
        }
        let partial = self.partials;
        self.partials = partial.saturating_add(entries.next_multiple_of(16));
        Ok(SumStep { left, right, to, m, n, parameter, partial, entries, packed })
    }
}

impl<T> Default for Pass<T> {
    fn default() -> Pass<T> {
        Pass { before: Vec::new(), rows: Vec::new(), sums: Vec::new() }
    }
}

/// What is known of the plan while it is scheduled.
struct Context<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    phases: &'a [Phase],
    arrangement: &'a Arrangement,
    products: Products,
}

impl Context<'_> {
    /// Whether a value of fixed size is bound, or computed before the rows of a pass.
    fn is_known_before(&self, id: ValueId, pass: u16) -> bool {
        let value = self.plan.value(id);
        let steps = || self.plan.instructions.iter().zip(self.phases);
        let computed = || steps().find(|(instruction, _)| instruction.writes().contains(&id));
        value.fixed_entries().is_some()
            && (value.source != Source::Computed
                || computed().is_some_and(|(_, phase)| *phase <= Phase::Once(pass)))
    }
}

/// For each instruction, whether it depends on a product that sums over the rows of the last pass.
fn depend_on_products(plan: &Plan) -> Vec<bool> {
    let mut late = vec![false; plan.values.len()];
    let mut depends = Vec::with_capacity(plan.instructions.len());
    for instruction in &plan.instructions {
        let is_late = matches!(instruction, Instruction::Product(product) if plan.is_sum(product))
            || instruction.reads().iter().any(|id| late[id.0 as usize]);
        for id in instruction.writes() {
            late[id.0 as usize] = is_late;
        }
        depends.push(is_late);
    }
    depends
}

fn factor(plan: &Plan, layout: &Layout, operand: Operand) -> Factor {
    let value = plan.value(operand.value);
    Factor {
        at: layout.at(operand.value),
        rows: value.rows,
        cols: value.cols,
        is_transposed: operand.transposed,
        coded: plan.coded.iter().position(|coded| plan.data.get(coded.data) == Some(&operand.value)),
    }
}

fn apart(from: &Location, to: &Location) -> Result<(), String> {
    if from.overlaps(to) {
        Err("writes a result over a matrix that it still reads".to_owned())
    } else {
        Ok(())
    }
}
